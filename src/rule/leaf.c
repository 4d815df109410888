/* One value of one field -> a leaf: a regular expression, a comparison, a network, a question of presence. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "load.h"
#include "needs.h"

#include <arpa/inet.h>
#include <pcre2.h>
#include <string.h>

static uint32_t add_leaf(struct build *build, const struct yaml_node *at, const struct item *item, struct rule_leaf leaf, struct str literal)
{
	if (build->leaves_count == LEAVES_MAX) {
		if (!build->leaves_full)
			fault(build, at, STR("split the rule"), "more than 512 values in one rule");
		build->leaves_full = true;
		rule_leaf_release(&leaf);
		return add_node(build, (struct rule_node){.kind = RULE_NODE_OR});
	}
	struct arena *arena = &build->set->arena;
	leaf.key = arena_copy(arena, item->key);
	leaf.value = at->kind == YAML_SCALAR ? arena_copy(arena, at->text) : STR_NONE;
	leaf.line = at->line;
	leaf.column = at->column;
	build->literals[build->leaves_count] = literal;
	build->leaves[build->leaves_count++] = leaf;
	return add_node(build, (struct rule_node){.kind = RULE_NODE_LEAF, .leaf = (uint32_t)build->leaves_count - 1});
}

/* ---- regular expressions ---- */

/* Named groups: those that the rule reads get their number noted; the reading comes later, so all names are kept by index. */
static void note_groups(struct build *build, const struct yaml_node *at, struct rule_leaf *leaf)
{
	uint32_t count = 0, size = 0;
	PCRE2_SPTR table = NULL;
	pcre2_pattern_info(leaf->regex->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(leaf->regex->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(leaf->regex->code, PCRE2_INFO_NAMETABLE, &table);
	for (uint32_t i = 0; i < count; i++) {
		const unsigned char *entry = table + (size_t)i * size;
		struct str name = str_of((const char *)entry + 2);
		uint8_t group = group_index(build, name);
		if (group == RULE_NO_GROUP || leaf->groups_count == RULE_GROUPS_MAX) {
			fault(build, at, STR("write (?:...) where nothing is read"), "more than %d named groups in one rule", RULE_GROUPS_MAX);
			return;
		}
		if (!build->groups[group].pattern) {
			ptrdiff_t offset = str_find(leaf->pattern, arena_printf(&build->set->arena, "<%.*s>", STR_ARGS(name)));
			build->groups[group].pattern = at;
			build->groups[group].offset = offset > 0 ? (size_t)offset + 1 : 0;
		}
		leaf->groups[leaf->groups_count].group = group;
		leaf->groups[leaf->groups_count++].number = entry[1];
	}
}

/* \C would cut characters in two, and callouts call nobody. */
static void compile(struct build *build, const struct yaml_node *at, struct rule_leaf *leaf)
{
	int number;
	PCRE2_SIZE offset;
	leaf->flags |= PCRE2_UTF | PCRE2_UCP | PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C;
	void *code = pcre2_compile((PCRE2_SPTR)leaf->pattern.data, leaf->pattern.size, leaf->flags, &number, &offset, NULL);
	if (!code) {
		char text[160];
		pcre2_get_error_message(number, (PCRE2_UCHAR *)text, sizeof text);
		fault_inside(build, at, leaf->own ? offset : 0, STR("a character of the text that means something in PCRE2, such as ( or +, needs a backslash"), "the regular expression is wrong: %s", text);
		return;
	}
	leaf->regex = arena_zalloc(&build->set->arena, sizeof *leaf->regex);
	leaf->regex->code = code;
	size_t anchor;
	if (leaf->own && pattern_impossible(leaf->pattern, leaf->flags, &anchor))
		warn_inside(build, at, anchor, STR("take the anchor out"), "the pattern can never match: this anchor stands inside the text that it matches");
	if (leaf->own)
		note_groups(build, at, leaf);
}

static bool special(char byte)
{
	return memchr("\\^$.[]|()?*+{}/-#", byte, 17) != NULL;
}

/* Sigma's wildcards: * and ?; a backslash takes the meaning from a wildcard or a backslash behind it, and stands for itself elsewhere.
 * *out_plain: the text without any, or empty. */
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

/* ---- the other ways of asking ---- */

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
	fault(build, value, STR("write a network such as 10.0.0.0/8 or 2001:db8::/32"), "'%.*s' is no network", STR_ARGS(str_cut_utf8(value->text, 60)));
}

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.size; i++)
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	return true;
}

static struct str regex_value(struct build *build, const struct yaml_node *value, const struct item *item, struct rule_leaf *leaf)
{
	struct str plain = STR_NONE;
	leaf->own = item->regex;
	leaf->flags = item->regex ? item->flags : item->cased ? 0 : PCRE2_CASELESS;
	leaf->pattern = item->regex ? value->text : wildcard_pattern(build, value->text, item, &plain);
	compile(build, value, leaf);
	if (!item->regex && !item->contains && !item->starts && !item->ends && is_ascii(plain))
		leaf->exact = plain;
	return item->field == RULE_FIELD_MESSAGE ? plain : STR_NONE;
}

uint32_t value_leaf(struct build *build, const struct yaml_node *value, const struct item *item)
{
	struct rule_leaf leaf = {.field = item->field, .wanted = item->wanted, .operation = RULE_REGEX};
	struct str literal = STR_NONE;
	if (value->kind != YAML_SCALAR) {
		fault(build, value, STR("quote a text that holds : or {"), "a value must be a text or a number");
	} else if (item->exists) {
		leaf.operation = RULE_EXISTS;
		if (!yaml_bool(value, &leaf.exists))
			fault(build, value, STR("write `|exists: true`"), "`exists` takes true or false");
	} else if (item->compare != RULE_REGEX) {
		leaf.operation = item->compare;
		if (!str_to_double(value->text, &leaf.number))
			fault(build, value, STR("only numbers are more or less"), "'%.*s' is no number", STR_ARGS(str_cut_utf8(value->text, 60)));
	} else if (item->cidr) {
		leaf.operation = RULE_CIDR;
		cidr_value(build, value, &leaf);
	} else if (yaml_is_null(value) && !item->regex) {
		leaf.operation = RULE_NULL;
	} else {
		literal = regex_value(build, value, item, &leaf);
	}
	return add_leaf(build, value, item, leaf, literal);
}

uint32_t source_leaf(struct build *build, const struct yaml_node *logsource)
{
	const struct rule_source *source = &build->rule.source;
	const struct item item = {.key = STR("logsource"), .field = source->field, .wanted = source->wanted, .compare = RULE_REGEX};
	struct rule_leaf leaf = {.field = source->field, .wanted = source->wanted, .operation = RULE_EXISTS, .exists = true};
	struct yaml_node value = *logsource;
	value.kind = YAML_SCALAR;
	value.text = source->value;
	if (source->value.size) {
		leaf.operation = RULE_REGEX;
		regex_value(build, &value, &item, &leaf);
	}
	return add_leaf(build, &value, &item, leaf, STR_NONE);
}
