/* The detection block: searches of field items and keywords -> leaves and nodes. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "build.h"

#include <arpa/inet.h>
#include <pcre2.h>
#include <string.h>

enum { VALUES_MAX = 256, MODIFIERS_MAX = 8 };

struct item {
	enum rule_field field;
	size_t wanted;
	bool contains, starts, ends, regex, cased, all, exists, cidr;
	enum rule_operation compare; /* RULE_REGEX: none */
	uint32_t flags;              /* PCRE2_* of |re|i|m|s */
};

static uint32_t add_leaf(struct build *build, const struct yaml_node *at, struct rule_leaf leaf, struct str pattern, struct str literal)
{
	if (build->leaves_count == LEAVES_MAX) {
		fault(build, at, STR("split the rule"), "more than 512 values in one rule");
		return add_node(build, (struct rule_node){.kind = RULE_NODE_OR});
	}
	leaf.line = at->line;
	build->patterns[build->leaves_count] = pattern;
	build->literals[build->leaves_count] = literal;
	build->leaves[build->leaves_count++] = leaf;
	return add_node(build, (struct rule_node){.kind = RULE_NODE_LEAF, .leaf = (uint32_t)build->leaves_count - 1});
}

/* ---- regular expressions ---- */

/* Named groups: those that the rule reads get their number noted; the reading comes later, so all names are kept by index. */
static void note_groups(struct build *build, const struct yaml_node *at, const pcre2_code *code, struct rule_leaf *leaf)
{
	uint32_t count = 0, size = 0;
	PCRE2_SPTR table = NULL;
	pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
	for (uint32_t i = 0; i < count; i++) {
		const unsigned char *entry = table + (size_t)i * size;
		uint8_t group = group_index(build, str_of((const char *)entry + 2));
		if (group == RULE_NO_GROUP || leaf->groups_count == RULE_GROUPS_MAX) {
			fault(build, at, STR_NONE, "more than %d named groups in one rule", RULE_GROUPS_MAX);
			return;
		}
		leaf->groups[leaf->groups_count].group = group;
		leaf->groups[leaf->groups_count++].number = entry[1];
	}
}

static void compile(struct build *build, const struct yaml_node *at, struct str pattern, uint32_t flags, bool own, struct rule_leaf *leaf)
{
	int number;
	PCRE2_SIZE offset;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.size, flags | PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_DUPNAMES,
		&number, &offset, NULL);
	if (!code) {
		char text[160];
		pcre2_get_error_message(number, (PCRE2_UCHAR *)text, sizeof text);
		/* an escaped scalar shifts columns: only a plain or single-quoted one on one line can be pointed into */
		fault_at(build, at->line, at->column + (own ? (unsigned)offset + !at->plain : 0), STR_NONE, "the regular expression is wrong: %s", text);
		return;
	}
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	leaf->regex = code;
	if (own)
		note_groups(build, at, code, leaf);
}

static bool special(char byte)
{
	return memchr("\\^$.[]|()?*+{}/-#", byte, 17) != NULL;
}

/* Sigma's wildcards: * and ?, escaped by a backslash. *out_plain: the text without any, or empty. */
static struct str wildcard_pattern(struct build *build, struct str text, const struct item *item, struct str *out_plain)
{
	struct buffer pattern = {0}, plain = {0};
	bool wild = false;
	buffer_add_str(&pattern, item->contains || item->ends ? STR("") : STR("\\A"));
	for (size_t i = 0; i < text.size; i++) {
		char byte = text.data[i];
		bool escape = byte == '\\' && i + 1 < text.size && memchr("*?\\", text.data[i + 1], 3);
		if (!escape && (byte == '*' || byte == '?')) {
			buffer_add_str(&pattern, byte == '*' ? STR("(?s:.*)") : STR("(?s:.)"));
			wild = true;
			continue;
		}
		if (escape)
			byte = text.data[++i];
		if (special(byte))
			buffer_add_byte(&pattern, '\\');
		buffer_add_byte(&pattern, byte);
		buffer_add_byte(&plain, byte);
	}
	buffer_add_str(&pattern, item->contains || item->starts ? STR("") : STR("\\z"));
	struct str result = arena_copy(&build->set->arena, buffer_str(&pattern));
	*out_plain = wild ? STR_NONE : arena_copy(&build->set->arena, buffer_str(&plain));
	buffer_release(&pattern);
	buffer_release(&plain);
	return result;
}

/* ---- one value of one field ---- */

static void cidr_value(struct build *build, const struct yaml_node *value, struct rule_leaf *leaf)
{
	char text[64];
	int64_t bits;
	ptrdiff_t slash = str_find_byte(value->text, '/');
	if (slash > 0 && slash < 46 && str_to_int64(str_from(value->text, (size_t)slash + 1), &bits)) {
		memcpy(text, value->text.data, (size_t)slash);
		text[slash] = 0;
		bool four = inet_pton(AF_INET, text, leaf->cidr) == 1;
		if ((four || inet_pton(AF_INET6, text, leaf->cidr) == 1) && bits >= 0 && bits <= (four ? 32 : 128)) {
			leaf->cidr_size = four ? 4 : 16;
			leaf->cidr_bits = (uint8_t)bits;
			return;
		}
	}
	fault(build, value, STR("write a network such as 10.0.0.0/8 or 2001:db8::/32"), "'%.*s' is no network", STR_ARGS(value->text));
}

static uint32_t value_leaf(struct build *build, const struct yaml_node *value, const struct item *item)
{
	struct rule_leaf leaf = {.field = item->field, .wanted = item->wanted, .operation = RULE_REGEX};
	struct str pattern = STR_NONE, literal = STR_NONE;
	if (value->kind != YAML_SCALAR) {
		fault(build, value, STR_NONE, "a value must be a text or a number");
	} else if (item->exists) {
		leaf.operation = RULE_EXISTS;
		if (!yaml_bool(value, &leaf.exists))
			fault(build, value, STR_NONE, "`exists` takes true or false");
	} else if (item->compare != RULE_REGEX) {
		leaf.operation = item->compare;
		if (!str_to_double(value->text, &leaf.number))
			fault(build, value, STR_NONE, "'%.*s' is no number", STR_ARGS(value->text));
	} else if (item->cidr) {
		leaf.operation = RULE_CIDR;
		cidr_value(build, value, &leaf);
	} else if (yaml_is_null(value)) {
		leaf.operation = RULE_EXISTS; /* Sigma: null = the field is not there */
		leaf.exists = false;
	} else if (item->regex) {
		pattern = value->text;
		compile(build, value, pattern, item->flags, true, &leaf);
	} else {
		struct str plain;
		struct str text = wildcard_pattern(build, value->text, item, &plain);
		if (item->field == RULE_FIELD_MESSAGE)
			literal = plain;
		if (!plain.size)
			pattern = text;
		compile(build, value, text, item->cased ? 0 : PCRE2_CASELESS, false, &leaf);
	}
	return add_leaf(build, value, leaf, item->field == RULE_FIELD_MESSAGE ? pattern : STR_NONE, literal);
}

static uint32_t values_node(struct build *build, const struct yaml_node *value, const struct item *item)
{
	if (value->kind != YAML_LIST)
		return value_leaf(build, value, item);
	uint32_t children[VALUES_MAX];
	size_t count = 0;
	for (const struct yaml_node *one = value->first; one; one = one->next) {
		if (count == VALUES_MAX) {
			fault(build, one, STR("split the list"), "more than 256 values in one list");
			break;
		}
		children[count++] = value_leaf(build, one, item);
	}
	if (!count)
		fault_key(build, value, STR_NONE, "the list is empty: it can never match");
	return add_parent(build, item->all ? RULE_NODE_AND : RULE_NODE_OR, children, count);
}

/* ---- field names and modifiers ---- */

static void choose_field(struct build *build, struct str name, struct item *item)
{
	static const struct { struct str name; enum rule_field field; } built_in[] = {
		{{"message", 7}, RULE_FIELD_MESSAGE}, {{"MESSAGE", 7}, RULE_FIELD_MESSAGE}, {{"Message", 7}, RULE_FIELD_MESSAGE}, {{"msg", 3}, RULE_FIELD_MESSAGE},
		{{"host.name", 9}, RULE_FIELD_HOST}, {{"process.name", 12}, RULE_FIELD_PROGRAM}, {{"program", 7}, RULE_FIELD_PROGRAM},
		{{"SYSLOG_IDENTIFIER", 17}, RULE_FIELD_PROGRAM}, {{"log.level", 9}, RULE_FIELD_SEVERITY},
	};
	for (size_t i = 0; i < sizeof built_in / sizeof built_in[0]; i++) {
		if (!str_equal(name, built_in[i].name))
			continue;
		item->field = built_in[i].field;
		return;
	}
	item->field = RULE_FIELD_WANTED;
	item->wanted = wanted_field(build, name);
}

static const struct str MODIFIERS[] = {{"contains", 8}, {"startswith", 10}, {"endswith", 8}, {"all", 3}, {"re", 2}, {"cased", 5}, {"exists", 6}, {"lt", 2},
	{"lte", 3}, {"gt", 2}, {"gte", 3}, {"cidr", 4}, {"i", 1}, {"m", 1}, {"s", 1}};
static const struct str UNSUPPORTED[] = {{"windash", 7}, {"base64", 6}, {"base64offset", 12}, {"utf16", 5}, {"utf16le", 7}, {"utf16be", 7}, {"wide", 4},
	{"expand", 6}, {"fieldref", 8}, {"neq", 3}, {"minute", 6}, {"hour", 4}, {"day", 3}, {"week", 4}, {"month", 5}, {"year", 4}};

static void apply_modifier(struct item *item, size_t index)
{
	switch (index) {
	case 0: item->contains = true; break;
	case 1: item->starts = true; break;
	case 2: item->ends = true; break;
	case 3: item->all = true; break;
	case 4: item->regex = true; break;
	case 5: item->cased = true; break;
	case 6: item->exists = true; break;
	case 7: item->compare = RULE_LESS; break;
	case 8: item->compare = RULE_LESS_EQUAL; break;
	case 9: item->compare = RULE_GREATER; break;
	case 10: item->compare = RULE_GREATER_EQUAL; break;
	case 11: item->cidr = true; break;
	case 12: item->flags |= PCRE2_CASELESS; break;
	case 13: item->flags |= PCRE2_MULTILINE; break;
	default: item->flags |= PCRE2_DOTALL; break;
	}
}

static void modifier(struct build *build, const struct yaml_node *node, struct str word, unsigned column, struct item *item)
{
	size_t known = sizeof MODIFIERS / sizeof MODIFIERS[0];
	for (size_t i = 0; i < known; i++) {
		if (!str_equal(word, MODIFIERS[i]))
			continue;
		if (i >= 12 && !item->regex)
			fault_at(build, node->key_line, column, STR("write |re|i"), "the modifier '%.*s' belongs behind 're'", STR_ARGS(word));
		apply_modifier(item, i);
		return;
	}
	for (size_t i = 0; i < sizeof UNSUPPORTED / sizeof UNSUPPORTED[0]; i++) {
		if (!str_equal(word, UNSUPPORTED[i]))
			continue;
		fault_at(build, node->key_line, column, STR("say it with contains, startswith, endswith or re"), "Sigma's modifier '%.*s' is not supported", STR_ARGS(word));
		return;
	}
	fault_at(build, node->key_line, column, hint_nearest(build, word, MODIFIERS, known), "unknown modifier '%.*s'", STR_ARGS(word));
}

static uint32_t field_node(struct build *build, const struct yaml_node *node)
{
	struct item item = {.compare = RULE_REGEX};
	struct str rest = node->key, part;
	unsigned column = node->key_column;
	str_split(&rest, '|', &part);
	choose_field(build, part, &item);
	column += (unsigned)part.size + 1;
	while (str_split(&rest, '|', &part)) {
		modifier(build, node, part, column, &item);
		column += (unsigned)part.size + 1;
	}
	if (item.contains + item.starts + item.ends + item.regex + item.exists + item.cidr + (item.compare != RULE_REGEX) > 1)
		fault_key(build, node, STR("keep one of them"), "two ways of comparing on one field");
	return values_node(build, node, &item);
}

static uint32_t map_node(struct build *build, const struct yaml_node *map)
{
	uint32_t children[VALUES_MAX];
	size_t count = 0;
	for (const struct yaml_node *node = map->first; node && count < VALUES_MAX; node = node->next)
		children[count++] = field_node(build, node);
	if (!count)
		fault_key(build, map, STR_NONE, "the search is empty: it can never match");
	return count == 1 ? children[0] : add_parent(build, RULE_NODE_AND, children, count);
}

static uint32_t search_node(struct build *build, const struct yaml_node *search)
{
	const struct item keyword = {.field = RULE_FIELD_MESSAGE, .contains = true, .compare = RULE_REGEX};
	if (search->kind == YAML_MAP)
		return map_node(build, search);
	if (search->kind == YAML_SCALAR)
		return value_leaf(build, search, &keyword);
	uint32_t children[VALUES_MAX];
	size_t count = 0;
	for (const struct yaml_node *one = search->first; one && count < VALUES_MAX; one = one->next)
		children[count++] = one->kind == YAML_MAP ? map_node(build, one) : value_leaf(build, one, &keyword);
	if (!count)
		fault_key(build, search, STR_NONE, "the search is empty: it can never match");
	return add_parent(build, RULE_NODE_OR, children, count);
}

void build_detection(struct build *build, const struct yaml_node *detection)
{
	const struct yaml_node *condition = NULL;
	uint32_t root = 0;
	if (detection->kind != YAML_MAP) {
		fault(build, detection, STR("write searches and a condition below it"), "`detection` must be a map");
		return;
	}
	for (const struct yaml_node *node = detection->first; node; node = node->next) {
		if (str_equal(node->key, STR("condition"))) {
			condition = node;
		} else if (str_equal(node->key, STR("timeframe"))) {
			fault_key(build, node, STR("leave it out: `window_s` of the config joins"), "`timeframe` is not supported");
		} else if (build->selections_count == SELECTIONS_MAX) {
			fault_key(build, node, STR("split the rule"), "more than 64 searches");
		} else {
			uint32_t search = search_node(build, node);
			build->selections[build->selections_count++] = (struct selection){node->key, search, false};
		}
	}
	if (!condition) {
		fault_key(build, detection, STR("add `condition: NAME`"), "`detection` has no condition");
		return;
	}
	if (!build_condition(build, condition, &root))
		return;
	for (size_t i = 0; i < build->selections_count; i++)
		if (!build->selections[i].used)
			warn(build, yaml_get(detection, build->selections[i].name), STR_NONE, "the condition never uses '%.*s'", STR_ARGS(build->selections[i].name));
	build->rule.root = root;
	build_literals(build, root);
}
