#include "load.h"
#include "needs.h"

#include <stdlib.h>
#include <string.h>

uint32_t add_node(struct build *build, struct rule_node node)
{
	if (build->nodes_count == NODES_MAX) {
		if (!build->nodes_full)
			fault_at(build, build->rule.detection_line, build->rule.detection_column, STR("split the rule"), "the detection is too large (more than %d parts)", NODES_MAX);
		build->nodes_full = true;
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
		if (!build->fields_full)
			fault_at(build, build->rule.detection_line, build->rule.detection_column, STR("ask for fewer fields"), "the rules look at more than %d different fields",
				FIELDS_MAX);
		build->fields_full = true;
		return 0;
	}
	set->fields[set->fields_count] = arena_copy(&set->arena, name);
	return set->fields_count++;
}

/* Structural rules give way to a product's own; then more sure text wins. */
static void specificity(struct build *build)
{
	struct rule_info *info = &build->rule.info;
	info->structural = str_find(build->path, STR("/structural/")) >= 0;
	if (!info->specificity)
		info->specificity = info->structural ? 10000 : 50000;
	info->specificity += (int)need_sure(build->rule.need);
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

static bool scalar(const struct yaml_node *node)
{
	return node && node->kind == YAML_SCALAR;
}

/* The condition holds, and the record is of the logsource. */
static void join_source(struct build *build, const struct yaml_node *logsource)
{
	uint32_t children[] = {build->rule.root, 0};
	if (!logsource || !build->rule.source.given || build->errors)
		return;
	children[1] = source_leaf(build, logsource);
	build->rule.root = add_parent(build, RULE_NODE_AND, children, 2);
}

static void build_all(struct build *build, const struct yaml_node *root)
{
	const struct yaml_node *detection = yaml_get(root, STR("detection")), *block = yaml_get(root, STR("skewline")), *source = yaml_get(root, STR("logsource"));
	const struct yaml_node *tests = yaml_get(block, STR("tests")), *title = yaml_get(root, STR("title")), *id = yaml_get(root, STR("id"));
	build_head(build, root);
	build->rule.info.title = scalar(title) ? title->text : STR_NONE;
	build->rule.info.id = scalar(id) ? id->text : STR_NONE;
	if (source)
		build_source(build, source);
	if (detection) {
		build->rule.detection_line = detection->key_line;
		build->rule.detection_column = detection->key_column;
		build_detection(build, detection);
	}
	join_source(build, source);
	if (block)
		build_block(build, block);
	if (tests)
		build_tests(build, tests);
	if (!build->errors) {
		warn_never(build, build->rule.root, yaml_get(detection, STR("condition")));
		build_literals(build, build->rule.root);
	}
	specificity(build);
}

static void refuse_twins(struct build *build, const struct yaml_node *root)
{
	for (size_t i = 0; i < build->set->count; i++)
		if (build->rule.info.id.size && str_equal_folded(build->set->rules[i].info.id, build->rule.info.id))
			fault(build, yaml_get(root, STR("id")), STR("make a new one with `uuidgen`"), "%.*s has the same id", STR_ARGS(build->set->rules[i].info.file));
}

void rule_load_text(struct rule_set *set, struct str path, struct str text, const struct rule_options *options, struct diag_list *diags)
{
	struct build *build = malloc(sizeof *build);
	if (!build)
		abort();
	memset(build, 0, offsetof(struct build, nodes));
	build->set = set;
	build->options = options;
	build->diags = diags;
	build->path = arena_copy(&set->arena, path);
	build->text = build->rule.text = text;
	build->rule.info.file = build->path;
	set->hash = str_hash(text, set->hash);
	const struct yaml_node *root = yaml_parse(build->path, text, &set->arena, diags);
	if (root && root->kind != YAML_MAP)
		fault(build, root, STR("docs/rules.md shows a whole rule"), "a rule must be a map");
	else if (root)
		build_all(build, root);
	refuse_twins(build, root);
	if (root && !build->errors)
		keep(build);
	else
		release_leaves(build);
	free(build);
}

void rule_load_file(struct rule_set *set, struct str path, const struct rule_options *options, struct diag_list *diags)
{
	struct str text;
	if (yaml_read(path, &set->arena, diags, &text))
		rule_load_text(set, path, text, options, diags);
}

static void release_leaves(struct build *build)
{
	for (size_t i = 0; i < build->leaves_count; i++)
		rule_leaf_release(&build->leaves[i]);
}
