/* The condition line: names of searches, `and or not ( )`, `1 of x*`, `all of x*`, `1 of them`, `all of them`; of a list of lines any. */
#include "build.h"

#include <string.h>

struct words {
	struct build *build;
	const struct yaml_node *node;
	struct str rest;
	struct str word;    /* the current one; empty at the end */
	size_t offset;      /* of the current word within the scalar */
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
	words->offset = rest.size ? (size_t)(rest.data - start) : words->node->text.size;
	words->rest = str_from(rest, size);
}

static void refuse(struct words *words, struct str hint, const char *what)
{
	if (!words->failed)
		fault_inside(words->build, words->node, words->offset, hint, "%s%s%.*s%s", what, words->word.size ? " '" : "",
			STR_ARGS(str_cut_utf8(words->word, 60)), words->word.size ? "'" : "");
	words->failed = true;
}

static bool is(const struct words *words, const char *word)
{
	return str_equal_folded(words->word, str_of(word));
}

/* `*` stands for any number of characters, anywhere. */
static bool fits(struct str name, struct str pattern)
{
	for (; pattern.size && pattern.data[0] != '*'; pattern = str_from(pattern, 1), name = str_from(name, 1))
		if (!name.size || name.data[0] != pattern.data[0])
			return false;
	if (!pattern.size)
		return !name.size;
	for (size_t i = 0; i <= name.size; i++)
		if (fits(str_from(name, i), str_from(pattern, 1)))
			return true;
	return false;
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
		refuse(words, STR("name searches that stand above, such as `1 of words*`"), "no search of the detection fits");
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
		refuse(words, STR("name a part: give it a search of its own"), "nested deeper than 32 levels at");
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
			refuse(words, STR("close every ( with a )"), words->word.size ? "a closing parenthesis is missing before" : "a closing parenthesis is missing");
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
			refuse(words, STR("put them below one search"), "more than 64 parts at");
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

static uint32_t parse_line(struct build *build, const struct yaml_node *line, bool *failed)
{
	struct words words = {.build = build, .node = line, .rest = line->text};
	if (line->kind != YAML_SCALAR) {
		fault(build, line, STR("write one line, such as `words and not veto`"), "the condition must be a text");
		*failed = true;
		return 0;
	}
	advance(&words);
	uint32_t node = parse_or(&words);
	if (!words.failed && is(&words, "|"))
		refuse(&words, STR("count and compare in the SIEM; Skewline joins by host and window itself"), "aggregations are not supported:");
	else if (!words.failed && words.word.size)
		refuse(&words, STR("join searches with `and` or `or`"), "unexpected");
	*failed = *failed || words.failed;
	return node;
}

bool build_condition(struct build *build, const struct yaml_node *condition, uint32_t *out_root)
{
	uint32_t children[CHILDREN_MAX];
	size_t count = 0;
	bool failed = false;
	if (condition->kind != YAML_LIST) {
		*out_root = parse_line(build, condition, &failed);
		return !failed;
	}
	for (const struct yaml_node *line = condition->first; line && count < CHILDREN_MAX; line = line->next)
		children[count++] = parse_line(build, line, &failed);
	if (!count)
		fault(build, condition, STR("write one line, such as `words and not veto`"), "the list of conditions is empty");
	*out_root = add_parent(build, RULE_NODE_OR, children, count);
	return count && !failed;
}
