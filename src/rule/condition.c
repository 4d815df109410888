/* The condition line: identifiers of searches, `and or not ( )`, `1 of x*`, `all of x*`, `1 of them`, `all of them`. */
#include "build.h"

#include <string.h>

struct words {
	struct build *build;
	const struct yaml_node *node;
	struct str rest;
	struct str word;    /* the current one; empty at the end */
	unsigned column;    /* of the current word within the scalar, from 0 */
	unsigned depth;
	bool failed;
};

enum { WORDS_DEPTH_MAX = 32, CHILDREN_MAX = 64 };

static void advance(struct words *words)
{
	const char *start = words->node->text.data;
	struct str rest = words->rest;
	while (rest.size && (rest.data[0] == ' ' || rest.data[0] == '\n' || rest.data[0] == '\t'))
		rest = str_from(rest, 1);
	size_t size = 0;
	if (rest.size && (rest.data[0] == '(' || rest.data[0] == ')' || rest.data[0] == '|'))
		size = 1;
	else
		while (size < rest.size && !memchr(" \t\n()|", rest.data[size], 6))
			size++;
	words->word = str_first(rest, size);
	words->column = rest.size ? (unsigned)(rest.data - start) : (unsigned)words->node->text.size;
	words->rest = str_from(rest, size);
}

static void refuse(struct words *words, struct str hint, const char *what)
{
	if (!words->failed)
		fault_at(words->build, words->node->line, words->node->column + words->column + !words->node->plain, hint, "%s%s%.*s%s", what,
			words->word.size ? " '" : "", STR_ARGS(words->word), words->word.size ? "'" : "");
	words->failed = true;
}

static bool is(const struct words *words, const char *word)
{
	return str_equal_folded(words->word, str_of(word));
}

static bool fits(struct str name, struct str pattern)
{
	if (pattern.size && pattern.data[pattern.size - 1] == '*')
		return str_starts(name, str_first(pattern, pattern.size - 1));
	return str_equal(name, pattern);
}

static uint32_t parse_or(struct words *words);

/* `1 of PATTERN`, `all of PATTERN`, `any of them`. */
static uint32_t parse_of(struct words *words, enum rule_node_kind kind)
{
	struct build *build = words->build;
	uint32_t children[SELECTIONS_MAX];
	size_t count = 0;
	advance(words);
	if (!is(words, "of")) {
		refuse(words, STR("write `1 of name*`, `all of name*` or `1 of them`"), "'of' is missing before");
		return 0;
	}
	advance(words);
	bool all = is(words, "them");
	for (size_t i = 0; i < build->selections_count; i++) {
		struct selection *selection = &build->selections[i];
		if (!(all ? selection->name.data[0] != '_' : fits(selection->name, words->word)))
			continue;
		selection->used = true;
		children[count++] = selection->node;
	}
	if (!count) {
		refuse(words, STR_NONE, "no search of the detection fits");
		return 0;
	}
	advance(words);
	return count == 1 ? children[0] : add_parent(build, kind, children, count);
}

static uint32_t parse_name(struct words *words)
{
	struct build *build = words->build;
	struct str names[SELECTIONS_MAX];
	for (size_t i = 0; i < build->selections_count; i++) {
		names[i] = build->selections[i].name;
		if (!str_equal(names[i], words->word))
			continue;
		build->selections[i].used = true;
		advance(words);
		return build->selections[i].node;
	}
	refuse(words, hint_nearest(build, words->word, names, build->selections_count), words->word.size ? "no search of the detection is named" : "the condition ends too early");
	return 0;
}

static uint32_t parse_not(struct words *words)
{
	if (words->failed)
		return 0;
	if (++words->depth > WORDS_DEPTH_MAX) {
		refuse(words, STR_NONE, "nested deeper than 32 levels at");
		return 0;
	}
	uint32_t node;
	if (is(words, "not")) {
		advance(words);
		uint32_t child = parse_not(words);
		node = add_parent(words->build, RULE_NODE_NOT, &child, 1);
	} else if (is(words, "(")) {
		advance(words);
		node = parse_or(words);
		if (!is(words, ")"))
			refuse(words, STR_NONE, words->word.size ? "a closing parenthesis is missing before" : "a closing parenthesis is missing");
		advance(words);
	} else if (is(words, "1") || is(words, "any")) {
		node = parse_of(words, RULE_NODE_OR);
	} else if (is(words, "all")) {
		node = parse_of(words, RULE_NODE_AND);
	} else {
		node = parse_name(words);
	}
	words->depth--;
	return node;
}

static uint32_t parse_chain(struct words *words, const char *joint, enum rule_node_kind kind, uint32_t (*part)(struct words *))
{
	uint32_t children[CHILDREN_MAX];
	size_t count = 0;
	children[count++] = part(words);
	while (!words->failed && is(words, joint)) {
		advance(words);
		if (count == CHILDREN_MAX) {
			refuse(words, STR_NONE, "more than 64 parts at");
			return 0;
		}
		children[count++] = part(words);
	}
	return count == 1 || words->failed ? children[0] : add_parent(words->build, kind, children, count);
}

static uint32_t parse_and(struct words *words)
{
	return parse_chain(words, "and", RULE_NODE_AND, parse_not);
}

static uint32_t parse_or(struct words *words)
{
	return parse_chain(words, "or", RULE_NODE_OR, parse_and);
}

bool build_condition(struct build *build, const struct yaml_node *condition, uint32_t *out_root)
{
	if (condition->kind != YAML_SCALAR) {
		fault(build, condition, STR("write one line, such as `words and not veto`"), "the condition must be one text");
		return false;
	}
	struct words words = {.build = build, .node = condition, .rest = condition->text};
	advance(&words);
	*out_root = parse_or(&words);
	if (!words.failed && is(&words, "|"))
		refuse(&words, STR("count and compare in the SIEM; Skewline joins by host and window itself"), "aggregations are not supported:");
	else if (!words.failed && words.word.size)
		refuse(&words, STR("join searches with `and` or `or`"), "unexpected");
	return !words.failed;
}
