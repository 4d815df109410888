#include "load.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void add_fault(struct build *build, enum diag_level level, unsigned line, unsigned column, struct str hint, const char *format, va_list arguments)
{
	build->errors += level == DIAG_ERROR;
	diag_vadd(build->diags, level, build->path, build->text, line, column, hint, format, arguments);
}

void fault_at(struct build *build, unsigned line, unsigned column, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add_fault(build, DIAG_ERROR, line, column, hint, format, arguments);
	va_end(arguments);
}

void fault(struct build *build, const struct yaml_node *node, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add_fault(build, DIAG_ERROR, node->line, node->column, hint, format, arguments);
	va_end(arguments);
}

void fault_key(struct build *build, const struct yaml_node *node, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add_fault(build, DIAG_ERROR, node->key_line ? node->key_line : node->line, node->key_line ? node->key_column : node->column, hint, format, arguments);
	va_end(arguments);
}

void warn(struct build *build, const struct yaml_node *node, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add_fault(build, DIAG_WARNING, node->key_line ? node->key_line : node->line, node->key_line ? node->key_column : node->column, hint, format, arguments);
	va_end(arguments);
}

struct str hint_nearest(struct build *build, struct str word, const struct str *words, size_t count)
{
	struct str nearest = diag_nearest(word, words, count);
	if (nearest.size)
		return arena_printf(&build->set->arena, "did you mean '%.*s'?", STR_ARGS(nearest));
	struct buffer list = {0};
	for (size_t i = 0; i < count && i < 20; i++)
		buffer_printf(&list, "%s%.*s", i ? ", " : "one of: ", STR_ARGS(words[i]));
	struct str hint = arena_copy(&build->set->arena, buffer_str(&list));
	buffer_release(&list);
	return hint;
}

uint32_t add_node(struct build *build, struct rule_node node)
{
	if (build->nodes_count == NODES_MAX) {
		fault_at(build, 0, 0, STR("split the rule"), "the detection is too large (more than %d parts)", NODES_MAX);
		build->nodes_count = 0;
	}
	build->nodes[build->nodes_count] = node;
	return (uint32_t)build->nodes_count++;
}

uint32_t add_parent(struct build *build, enum rule_node_kind kind, const uint32_t *children, size_t count)
{
	struct rule_node parent = {.kind = kind, .first_child = (uint32_t)build->nodes_count, .count = (uint32_t)count};
	for (size_t i = 0; i < count; i++) {
		struct rule_node copy = build->nodes[children[i]];
		uint32_t at = add_node(build, copy);
		if (i == 0)
			parent.first_child = at;
	}
	return add_node(build, parent);
}

uint8_t group_index(struct build *build, struct str name)
{
	for (size_t i = 0; i < build->rule.groups_count; i++)
		if (str_equal(build->rule.groups[i], name))
			return (uint8_t)i;
	if (build->rule.groups_count == RULE_GROUPS_MAX)
		return RULE_NO_GROUP;
	build->rule.groups[build->rule.groups_count] = arena_copy(&build->set->arena, name);
	return (uint8_t)build->rule.groups_count++;
}

size_t wanted_field(struct build *build, struct str name)
{
	struct rule_set *set = build->set;
	for (size_t i = 0; i < set->fields_count; i++)
		if (str_equal(set->fields[i], name))
			return i;
	if (set->fields_count == FIELDS_MAX) {
		fault_at(build, 0, 0, STR_NONE, "the rules look at more than %d different fields", FIELDS_MAX);
		return 0;
	}
	set->fields[set->fields_count] = arena_copy(&set->arena, name);
	return set->fields_count++;
}

static bool is_uuid(struct str text)
{
	for (size_t i = 0; i < text.size; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? text.data[i] != '-' : ascii_hexadecimal(text.data[i]) < 0)
			return false;
	}
	return text.size == 36;
}

static void head(struct build *build, const struct yaml_node *root)
{
	static const struct str keys[] = {{"title", 5}, {"id", 2}, {"name", 4}, {"related", 7}, {"taxonomy", 8}, {"status", 6}, {"description", 11}, {"license", 7},
		{"references", 10}, {"author", 6}, {"date", 4}, {"modified", 8}, {"logsource", 9}, {"detection", 9}, {"fields", 6}, {"falsepositives", 14},
		{"level", 5}, {"tags", 4}, {"scope", 5}, {"skewline", 8}, {"custom", 6}};
	static const struct str needed[] = {{"title", 5}, {"id", 2}, {"logsource", 9}, {"detection", 9}, {"skewline", 8}};
	for (const struct yaml_node *node = root->first; node; node = node->next) {
		bool known = false;
		for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
			known = known || str_equal(node->key, keys[i]);
		if (str_equal(node->key, STR("correlation")))
			fault_key(build, node, STR("write the single rules; Skewline correlates by host and window itself"), "Sigma correlation rules are not supported");
		else if (!known)
			fault_key(build, node, hint_nearest(build, node->key, keys, sizeof keys / sizeof keys[0]), "unknown key '%.*s'", STR_ARGS(node->key));
	}
	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (!yaml_get(root, needed[i]))
			fault_at(build, root->line, root->column, STR("docs/rules.md shows a whole rule"), "the rule has no `%.*s`", STR_ARGS(needed[i]));
	const struct yaml_node *id = yaml_get(root, STR("id"));
	if (id && !is_uuid(id->text))
		fault(build, id, STR("make one with `uuidgen`"), "'%.*s' is no UUID", STR_ARGS(str_cut_utf8(id->text, 60)));
}

/* Structural rules give way to a product's own; then more sure text wins. */
static void specificity(struct build *build)
{
	struct rule_info *info = &build->rule.info;
	if (!info->specificity)
		info->specificity = str_find(build->path, STR("/structural/")) >= 0 ? 10000 : 50000;
	size_t sure = 0;
	for (size_t i = 0; i < build->rule.literals.count && !build->rule.literals.fields_count; i++)
		sure = sure && sure < build->rule.literals.texts[i].size ? sure : build->rule.literals.texts[i].size;
	info->specificity += (int)sure;
}

static void release_leaves(struct build *build);

static struct rule *keep(struct build *build)
{
	struct rule_set *set = build->set;
	struct rule_node *nodes = arena_array(&set->arena, build->nodes_count, sizeof *nodes);
	struct rule_leaf *leaves = arena_array(&set->arena, build->leaves_count + 1, sizeof *leaves);
	memcpy(nodes, build->nodes, build->nodes_count * sizeof *nodes);
	memcpy(leaves, build->leaves, build->leaves_count * sizeof *leaves);
	build->rule.nodes = nodes;
	build->rule.nodes_count = build->nodes_count;
	build->rule.leaves = leaves;
	build->rule.leaves_count = build->leaves_count;
	if (set->count == set->capacity) {
		set->capacity = set->capacity ? set->capacity * 2 : 64;
		set->rules = realloc(set->rules, set->capacity * sizeof *set->rules);
		if (!set->rules)
			abort();
	}
	set->rules[set->count] = build->rule;
	return &set->rules[set->count++];
}

static void build_all(struct build *build, const struct yaml_node *root)
{
	const struct yaml_node *detection = yaml_get(root, STR("detection")), *block = yaml_get(root, STR("skewline"));
	const struct yaml_node *tests = yaml_get(block, STR("tests")), *title = yaml_get(root, STR("title")), *id = yaml_get(root, STR("id"));
	head(build, root);
	build->rule.info.title = title ? title->text : STR_NONE;
	build->rule.info.id = id ? id->text : STR_NONE;
	if (detection)
		build_detection(build, detection);
	if (block)
		build_block(build, block);
	if (tests)
		build_tests(build, tests);
	specificity(build);
}

void rule_load_file(struct rule_set *set, struct str path, struct diag_list *diags)
{
	struct build *build = calloc(1, sizeof *build);
	if (!build)
		abort();
	build->set = set;
	build->diags = diags;
	build->path = arena_copy(&set->arena, path);
	build->rule.info.file = build->path;
	const struct yaml_node *root = yaml_load(build->path, &set->arena, diags, &build->text);
	build->rule.text = build->text;
	set->hash = str_hash(build->text, set->hash);
	if (root && root->kind != YAML_MAP)
		fault(build, root, STR("docs/rules.md shows a whole rule"), "a rule must be a map");
	else if (root)
		build_all(build, root);
	for (size_t i = 0; i < set->count; i++)
		if (build->rule.info.id.size && str_equal_folded(set->rules[i].info.id, build->rule.info.id))
			fault_at(build, yaml_get(root, STR("id"))->line, yaml_get(root, STR("id"))->column, STR("make a new one with `uuidgen`"),
				"%.*s has the same id", STR_ARGS(set->rules[i].info.file));
	if (root && !build->errors)
		keep(build);
	else
		release_leaves(build);
	free(build);
}

static void release_leaves(struct build *build)
{
	for (size_t i = 0; i < build->leaves_count; i++)
		rule_leaf_release(&build->leaves[i]);
}
