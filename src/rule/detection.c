/* The detection block: searches of field items and keywords -> leaves and nodes. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "build.h"

#include <pcre2.h>

enum { VALUES_MAX = 256 };

static uint32_t values_node(struct build *build, const struct yaml_node *value, const struct item *item)
{
	if (value->kind != YAML_LIST && item->all)
		fault(build, value, STR("write a list below it, or leave `all` out"), "`all` needs a list of values");
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
		fault(build, value, STR("give it a value, or leave the field out"), "the list is empty: it can never match");
	return add_parent(build, item->all ? RULE_NODE_AND : RULE_NODE_OR, children, count);
}

/* ---- modifiers ---- */

static const struct str MODIFIERS[] = {{"contains", 8}, {"startswith", 10}, {"endswith", 8}, {"all", 3}, {"re", 2}, {"cased", 5}, {"exists", 6}, {"lt", 2},
	{"lte", 3}, {"gt", 2}, {"gte", 3}, {"cidr", 4}, {"i", 1}, {"m", 1}, {"s", 1}};
enum { MODIFIERS_COUNT = sizeof MODIFIERS / sizeof MODIFIERS[0], FIRST_OF_REGEX = 12 };
static const struct { struct str word; const char *instead; } UNSUPPORTED[] = {
	{{"windash", 7}, "list the spellings, or write a class of dashes with `re`"}, {{"base64", 6}, "write the encoded text"},
	{{"base64offset", 12}, "write the three encoded texts with `contains`"}, {{"utf16", 5}, "messages are UTF-8 here"}, {{"utf16le", 7}, "messages are UTF-8 here"},
	{{"utf16be", 7}, "messages are UTF-8 here"}, {{"wide", 4}, "messages are UTF-8 here"}, {{"expand", 6}, "write the values themselves"},
	{{"fieldref", 8}, "compare with a value"}, {{"neq", 3}, "write a search of its own and `not` in the condition"}, {{"minute", 6}, "compare the text with `re`"},
	{{"hour", 4}, "compare the text with `re`"}, {{"day", 3}, "compare the text with `re`"}, {{"week", 4}, "compare the text with `re`"},
	{{"month", 5}, "compare the text with `re`"}, {{"year", 4}, "compare the text with `re`"}};

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

/* Ways of comparing, of which an item has one. */
static unsigned ways(const struct item *item)
{
	return (unsigned)(item->contains + item->starts + item->ends + item->regex + item->exists + item->cidr + (item->compare != RULE_REGEX));
}

static void known_modifier(struct build *build, const struct yaml_node *node, struct str word, size_t index, unsigned column, struct item *item)
{
	if (index >= FIRST_OF_REGEX && !item->regex)
		fault_at(build, node->key_line, column, STR("write `re|i`"), "the modifier '%.*s' belongs behind 're'", STR_ARGS(word));
	apply_modifier(item, index);
	if (ways(item) > 1)
		fault_at(build, node->key_line, column, STR("keep one of them"), "'%.*s' is a second way of comparing", STR_ARGS(word));
	else if (item->cased && ways(item) && !item->contains && !item->starts && !item->ends)
		fault_at(build, node->key_line, column, STR("leave `cased` out: only texts are compared without case"), "`cased` does not go with this way of comparing");
}

static void modifier(struct build *build, const struct yaml_node *node, struct str word, unsigned column, struct item *item)
{
	for (size_t i = 0; i < MODIFIERS_COUNT; i++)
		if (str_equal(word, MODIFIERS[i])) {
			known_modifier(build, node, word, i, column, item);
			return;
		}
	for (size_t i = 0; i < sizeof UNSUPPORTED / sizeof UNSUPPORTED[0]; i++)
		if (str_equal(word, UNSUPPORTED[i].word)) {
			fault_at(build, node->key_line, column, str_of(UNSUPPORTED[i].instead), "Sigma's modifier '%.*s' is not supported", STR_ARGS(word));
			return;
		}
	fault_at(build, node->key_line, column, hint_nearest(build, word, MODIFIERS, MODIFIERS_COUNT), "unknown modifier '%.*s'", STR_ARGS(word));
}

/* ---- searches ---- */

/* `field|modifier|...`; without a field (`'|all'`) the values are keywords. */
static uint32_t field_node(struct build *build, const struct yaml_node *node)
{
	struct item item = {.key = node->key, .compare = RULE_REGEX};
	struct str rest = node->key, part = STR_NONE;
	unsigned column = node->key_column + (node->key_quoted ? 1 : 0);
	str_split(&rest, '|', &part);
	if (part.size)
		item.field = choose_field(build, part, &item.wanted);
	else
		item.field = RULE_FIELD_MESSAGE;
	column += (unsigned)part.size + 1;
	bool keyword = !part.size;
	while (str_split(&rest, '|', &part)) {
		modifier(build, node, part, column, &item);
		column += (unsigned)part.size + 1;
	}
	item.contains = item.contains || (keyword && !ways(&item));
	return values_node(build, node, &item);
}

static uint32_t map_node(struct build *build, const struct yaml_node *map)
{
	uint32_t children[VALUES_MAX];
	size_t count = 0;
	for (const struct yaml_node *node = map->first; node && count < VALUES_MAX; node = node->next)
		children[count++] = field_node(build, node);
	if (!count)
		fault(build, map, STR("write `message|contains: TEXT` below it"), "the search is empty: it can never match");
	return count == 1 ? children[0] : add_parent(build, RULE_NODE_AND, children, count);
}

static uint32_t search_node(struct build *build, const struct yaml_node *search)
{
	const struct item keyword = {.key = STR("keyword"), .field = RULE_FIELD_MESSAGE, .contains = true, .compare = RULE_REGEX};
	if (search->kind == YAML_MAP)
		return map_node(build, search);
	if (yaml_is_null(search))
		fault_key(build, search, STR("write `message|contains: TEXT` below it"), "the search is empty: it can never match");
	if (search->kind == YAML_SCALAR)
		return value_leaf(build, search, &keyword);
	uint32_t children[VALUES_MAX];
	size_t count = 0;
	for (const struct yaml_node *one = search->first; one && count < VALUES_MAX; one = one->next)
		children[count++] = one->kind == YAML_MAP ? map_node(build, one) : value_leaf(build, one, &keyword);
	if (!count)
		fault(build, search, STR("write `message|contains: TEXT` below it"), "the search is empty: it can never match");
	return add_parent(build, RULE_NODE_OR, children, count);
}

static void add_selection(struct build *build, const struct yaml_node *node)
{
	static const struct str words[] = {{"and", 3}, {"or", 2}, {"not", 3}, {"of", 2}, {"them", 4}, {"all", 3}, {"any", 3}, {"1", 1}};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_equal_folded(node->key, words[i]))
			fault_key(build, node, STR("give it another name"), "'%.*s' is a word of conditions: no search can have this name", STR_ARGS(node->key));
	if (build->selections_count == SELECTIONS_MAX) {
		fault_key(build, node, STR("split the rule"), "more than 64 searches");
		return;
	}
	uint32_t search = search_node(build, node);
	build->selections[build->selections_count++] = (struct selection){node->key, search, false};
}

static void warn_unused(struct build *build, const struct yaml_node *detection)
{
	for (size_t i = 0; i < build->selections_count; i++)
		if (!build->selections[i].used)
			warn_key(build, yaml_get(detection, build->selections[i].name), STR("name it in the condition, or take it out"), "the condition never uses '%.*s'",
				STR_ARGS(build->selections[i].name));
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
		if (str_equal(node->key, STR("condition")))
			condition = node;
		else if (str_equal(node->key, STR("timeframe")))
			fault_key(build, node, STR("leave it out: `window_s` of the config joins"), "`timeframe` is not supported");
		else
			add_selection(build, node);
	}
	if (!condition) {
		fault_key(build, detection, STR("add `condition: NAME`"), "`detection` has no condition");
		return;
	}
	if (!build_condition(build, condition, &root))
		return;
	warn_unused(build, detection);
	build->rule.root = root;
}
