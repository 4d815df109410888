/* What must be there for a rule to match: a set of texts, one of which stands in the message, or fields, one of which the record
 * has, in every match. The matcher looks for them; a rule without any runs on every record. Wrongly claiming one would lose
 * matches, so everything that is not understood ends a run of sure characters. */
#include "build.h"

#include <string.h>

enum { SHORTEST = 5, SET_MAX = 32, LITERAL_MAX = 48, SET_FIELDS_MAX = 8 };

struct set {
	bool known;
	size_t count;
	struct { char text[LITERAL_MAX]; size_t size; } items[SET_MAX];
	size_t fields_count;
	size_t fields[SET_FIELDS_MAX];
};

static size_t shortest(const struct set *set)
{
	size_t size = LITERAL_MAX;
	for (size_t i = 0; i < set->count; i++)
		size = set->items[i].size < size ? set->items[i].size : size;
	return size;
}

/* Texts are rarer than fields, which a whole stream may have; longer is rarer; of equals the smaller set. */
static bool better(const struct set *a, const struct set *b)
{
	if (!a->known || !b->known)
		return a->known;
	if (a->fields_count != b->fields_count)
		return a->fields_count < b->fields_count;
	size_t x = shortest(a), y = shortest(b);
	return x != y ? x > y : a->count < b->count;
}

static void set_of_text(const char *text, size_t size, struct set *out)
{
	out->known = size >= SHORTEST;
	out->count = out->known;
	out->fields_count = 0;
	if (!out->known)
		return;
	size = size < LITERAL_MAX ? size : LITERAL_MAX;
	memcpy(out->items[0].text, text, size);
	out->items[0].size = size;
}

static void unite(struct set *into, const struct set *other)
{
	into->known = into->known && other->known && into->count + other->count <= SET_MAX
		&& into->fields_count + other->fields_count <= SET_FIELDS_MAX;
	for (size_t i = 0; into->known && i < other->count; i++)
		into->items[into->count++] = other->items[i];
	for (size_t i = 0; into->known && i < other->fields_count; i++)
		into->fields[into->fields_count++] = other->fields[i];
}

/* ---- a walk over a regular expression ---- */

struct walk {
	const char *at, *end;
	unsigned depth;
	bool understood;
};

static void walk_alternatives(struct walk *walk, struct set *out);

/* Behind an atom: 1 = exactly once, 0 = may be absent, 2 = at least once but a run ends here. */
static int quantifier(struct walk *walk)
{
	int result = 1;
	if (walk->at >= walk->end)
		return 1;
	if (*walk->at == '?' || *walk->at == '*')
		result = 0;
	else if (*walk->at == '+')
		result = 2;
	else if (*walk->at == '{') {
		const char *from = walk->at + 1, *close = memchr(from, '}', (size_t)(walk->end - from));
		if (!close || from >= walk->end || *from < '0' || *from > '9')
			return 1; /* a literal brace: the caller's next atom, which ends the run */
		result = *from == '0' ? 0 : 2;
		walk->at = close;
	} else {
		return 1;
	}
	walk->at++;
	if (walk->at < walk->end && (*walk->at == '?' || *walk->at == '+'))
		walk->at++;
	return result;
}

static void skip_class(struct walk *walk)
{
	walk->at++;
	if (walk->at < walk->end && *walk->at == '^')
		walk->at++;
	if (walk->at < walk->end && *walk->at == ']')
		walk->at++;
	while (walk->at < walk->end && *walk->at != ']') {
		if (*walk->at == '[' && walk->at + 1 < walk->end && walk->at[1] == ':') { /* [:alpha:] */
			const char *close = memchr(walk->at + 2, ':', (size_t)(walk->end - walk->at - 2));
			if (!close) {
				walk->understood = false;
				return;
			}
			walk->at = close + 1;
		} else if (*walk->at == '\\') {
			walk->at++;
		}
		walk->at++;
	}
	walk->at++;
}

/* At "(": moves behind the opening; false for groups whose content is no required text (lookarounds, conditions, options). */
static bool open_group(struct walk *walk)
{
	walk->at++;
	if (walk->at >= walk->end || *walk->at != '?')
		return !(walk->at < walk->end && *walk->at == '*'); /* (*VERB) */
	const char *rest = walk->at + 1;
	size_t left = (size_t)(walk->end - rest);
	if (left && *rest == ':') {
		walk->at = rest + 1;
		return true;
	}
	if (left > 2 && ((rest[0] == 'P' && rest[1] == '<') || (rest[0] == '<' && rest[1] != '=' && rest[1] != '!'))) {
		const char *close = memchr(rest, '>', left);
		if (close) {
			walk->at = close + 1;
			return true;
		}
	}
	if (left > 2 && rest[0] == 's' && rest[1] == ':') { /* (?s:.*) of wildcards */
		walk->at = rest + 2;
		return true;
	}
	return false;
}

static void end_run(char *run, size_t *size, struct set *best)
{
	struct set candidate;
	set_of_text(run, *size, &candidate);
	if (better(&candidate, best))
		*best = candidate;
	*size = 0;
}

/* "(?i)" and its like: an option for what follows, and no text. `x` would make blanks meaningless. */
static bool skip_option(struct walk *walk)
{
	const char *at = walk->at + 1;
	if (walk->end - walk->at < 4 || *at != '?')
		return false;
	for (at++; at < walk->end && memchr("imsU-", *at, 5); at++)
		;
	if (at >= walk->end || *at != ')' || at == walk->at + 2)
		return false;
	walk->at = at + 1;
	return true;
}

static void walk_group(struct walk *walk, char *run, size_t *size, struct set *best)
{
	if (skip_option(walk))
		return;
	struct set inner = {0};
	end_run(run, size, best);
	if (++walk->depth > 20 || !open_group(walk)) {
		walk->understood = false;
		return;
	}
	walk_alternatives(walk, &inner);
	walk->depth--;
	if (!walk->understood || walk->at >= walk->end || *walk->at != ')') {
		walk->understood = false;
		return;
	}
	walk->at++;
	if (quantifier(walk) != 0 && better(&inner, best))
		*best = inner;
}

/* A character that stands for itself, or -1. Moves behind it. */
static int plain_character(struct walk *walk)
{
	char byte = *walk->at++;
	if (byte == '\\') {
		if (walk->at >= walk->end)
			return -1;
		byte = *walk->at++;
		bool letter = ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (byte >= '0' && byte <= '9');
		if (letter && memchr("QEgkpPxNoc", byte, 10)) /* longer escapes and quoting */
			walk->understood = false;
		return letter ? -1 : byte;
	}
	if (byte == '.' || byte == '^' || byte == '$')
		return -1;
	return (unsigned char)byte < 0x80 ? ascii_lower(byte) : -1;
}

static void walk_sequence(struct walk *walk, struct set *out)
{
	char run[LITERAL_MAX];
	size_t size = 0;
	*out = (struct set){0};
	while (walk->understood && walk->at < walk->end && *walk->at != '|' && *walk->at != ')') {
		if (*walk->at == '(') {
			walk_group(walk, run, &size, out);
			continue;
		}
		int byte = -1;
		if (*walk->at == '[')
			skip_class(walk);
		else
			byte = plain_character(walk);
		int times = quantifier(walk);
		if (byte < 0 || times == 0) {
			end_run(run, &size, out);
			continue;
		}
		if (size == LITERAL_MAX)
			end_run(run, &size, out);
		run[size++] = (char)byte;
		if (times == 2)
			end_run(run, &size, out);
	}
	end_run(run, &size, out);
}

static void walk_alternatives(struct walk *walk, struct set *out)
{
	walk_sequence(walk, out);
	while (walk->understood && walk->at < walk->end && *walk->at == '|') {
		struct set other;
		walk->at++;
		walk_sequence(walk, &other);
		unite(out, &other);
	}
}

static void set_of_regex(struct str pattern, struct set *out)
{
	struct walk walk = {pattern.data, pattern.data + pattern.size, 0, true};
	walk_alternatives(&walk, out);
	if (!walk.understood || walk.at != walk.end || str_find(pattern, STR("(?x")) >= 0)
		*out = (struct set){0};
}

/* ---- over the tree ---- */

static void set_of_node(const struct build *build, uint32_t index, unsigned depth, struct set *out)
{
	const struct rule_node *node = &build->nodes[index];
	*out = (struct set){0};
	if (depth > 40)
		return;
	if (node->kind == RULE_NODE_LEAF && build->leaves[node->leaf].field == RULE_FIELD_WANTED) {
		const struct rule_leaf *leaf = &build->leaves[node->leaf];
		*out = (struct set){.known = leaf->operation != RULE_EXISTS || leaf->exists, .fields_count = 1, .fields = {leaf->wanted}};
		return;
	}
	if (node->kind == RULE_NODE_LEAF) {
		struct str literal = build->literals[node->leaf], pattern = build->patterns[node->leaf];
		char text[LITERAL_MAX];
		size_t size = literal.size < LITERAL_MAX ? literal.size : LITERAL_MAX;
		for (size_t i = 0; i < size; i++) {
			text[i] = ascii_lower(literal.data[i]);
			if ((unsigned char)literal.data[i] >= 0x80) /* case folding beyond ASCII: not sure any more */
				size = i;
		}
		if (literal.size)
			set_of_text(text, size, out);
		else if (pattern.size)
			set_of_regex(pattern, out);
		return;
	}
	for (uint32_t i = 0; i < node->count && node->kind != RULE_NODE_NOT; i++) {
		struct set child;
		set_of_node(build, node->first_child + i, depth + 1, &child);
		if (node->kind == RULE_NODE_OR && i > 0)
			unite(out, &child);
		else if (node->kind == RULE_NODE_OR || better(&child, out))
			*out = child;
	}
}

void build_literals(struct build *build, uint32_t root)
{
	struct set set;
	set_of_node(build, root, 0, &set);
	build->rule.literals = (struct rule_literals){0};
	if (!set.known)
		return;
	struct str *texts = arena_array(&build->set->arena, set.count, sizeof *texts);
	for (size_t i = 0; i < set.count; i++)
		texts[i] = arena_copy(&build->set->arena, (struct str){set.items[i].text, set.items[i].size});
	size_t *fields = arena_array(&build->set->arena, set.fields_count, sizeof *fields);
	for (size_t i = 0; i < set.fields_count; i++)
		fields[i] = set.fields[i];
	build->rule.literals = (struct rule_literals){set.count, texts, set.fields_count, fields};
}
