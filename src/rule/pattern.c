/* A walk over a regular expression for the texts that stand in every match. Wrongly claiming one would lose matches, so everything
 * that is not understood ends a run of sure characters, or the walk. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "needs.h"

#include <pcre2.h>
#include <string.h>

enum { DEPTH_MAX = 20 };

struct walk {
	const char *start, *at, *end;
	unsigned depth;
	bool understood, multiline;
	size_t anchor; /* offset of the anchor that cannot hold */
};
/* One alternative. */
struct sequence {
	struct needs needs;
	char run[LITERAL_MAX];
	size_t size;
	bool consumed, ended, impossible; /* a character was taken; the end of the text was asked for */
	size_t ended_at;
};
enum times { MAY_BE_ABSENT, ONCE, REPEATED };

static bool walk_alternatives(struct walk *walk, struct needs *out);

static bool digits_only(const char *from, const char *to)
{
	for (; from < to; from++)
		if ((*from < '0' || *from > '9') && *from != ',' && *from != ' ')
			return false;
	return true;
}

/* Behind an atom. `{,3}` is a text in PCRE2 10.42 and a quantifier later: taken as one that lets the atom be absent. */
static enum times quantifier(struct walk *walk)
{
	enum times result = ONCE;
	if (walk->at >= walk->end)
		return ONCE;
	if (*walk->at == '?' || *walk->at == '*') {
		result = MAY_BE_ABSENT;
	} else if (*walk->at == '+') {
		result = REPEATED;
	} else if (*walk->at == '{') {
		const char *from = walk->at + 1, *close = memchr(from, '}', (size_t)(walk->end - from));
		if (!close || !digits_only(from, close) || close == from)
			return ONCE; /* a literal brace: the caller's next atom */
		result = *from >= '1' && *from <= '9' ? REPEATED : MAY_BE_ABSENT;
		walk->at = close;
	} else {
		return ONCE;
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
			walk->understood = walk->understood && walk->at + 1 < walk->end && walk->at[1] != 'Q' && walk->at[1] != 'E';
			walk->at++;
		}
		walk->at++;
	}
	walk->at++;
}

static void end_run(struct sequence *sequence)
{
	needs_add_text(&sequence->needs, sequence->run, sequence->size);
	sequence->size = 0;
}

/* ---- groups ---- */

enum group_kind { GROUP_CONTENT, GROUP_ASIDE, GROUP_OPTION, GROUP_UNKNOWN };

/* (?i) (?i:...): options for what follows, or for the group. `x` would make blanks meaningless. */
static enum group_kind options(struct walk *walk, const char *rest)
{
	const char *at = rest;
	while (at < walk->end && memchr("imsU-", *at, 5))
		at++;
	if (at == rest || at >= walk->end || (*at != ')' && *at != ':'))
		return GROUP_UNKNOWN;
	walk->multiline = walk->multiline || memchr(rest, 'm', (size_t)(at - rest)) != NULL;
	walk->at = at + 1;
	return *at == ')' ? GROUP_OPTION : GROUP_CONTENT;
}

/* At "(": moves behind the opening. A lookaround's text takes part in no match, or is no text of its own. */
static enum group_kind open_group(struct walk *walk)
{
	const char *rest = walk->at + 2;
	size_t left = walk->end > rest ? (size_t)(walk->end - rest) : 0;
	if (walk->at + 1 >= walk->end || walk->at[1] == '*')
		return GROUP_UNKNOWN; /* (*VERB) */
	if (walk->at[1] != '?') {
		walk->at++;
		return GROUP_CONTENT;
	}
	if (left && (*rest == ':' || *rest == '|' || *rest == '>')) {
		walk->at = rest + 1;
		return GROUP_CONTENT;
	}
	bool behind = left > 1 && rest[0] == '<' && (rest[1] == '=' || rest[1] == '!');
	if (left && (*rest == '=' || *rest == '!' || behind)) {
		walk->at = rest + (behind ? 2 : 1);
		return GROUP_ASIDE;
	}
	if (left > 2 && ((rest[0] == 'P' && rest[1] == '<') || rest[0] == '<')) {
		const char *close = memchr(rest, '>', left);
		walk->at = close ? close + 1 : walk->at;
		return close ? GROUP_CONTENT : GROUP_UNKNOWN;
	}
	return options(walk, rest);
}

static void walk_group(struct walk *walk, struct sequence *sequence)
{
	struct needs inner = {0};
	enum group_kind kind = open_group(walk);
	if (kind == GROUP_OPTION)
		return;
	end_run(sequence);
	if (kind == GROUP_UNKNOWN || ++walk->depth > DEPTH_MAX) {
		walk->understood = false;
		return;
	}
	bool impossible = walk_alternatives(walk, &inner);
	walk->depth--;
	if (!walk->understood || walk->at >= walk->end || *walk->at != ')') {
		walk->understood = false;
		return;
	}
	walk->at++;
	if (quantifier(walk) == MAY_BE_ABSENT || kind == GROUP_ASIDE)
		return;
	sequence->impossible = sequence->impossible || impossible;
	for (size_t i = 0; i < inner.count; i++)
		needs_add(&sequence->needs, &inner.clauses[i]);
}

/* ---- atoms ---- */

/* Behind a backslash and its letter: what belongs to the escape. */
static void rest_of_escape(struct walk *walk, char letter)
{
	if (letter >= '0' && letter <= '9') { /* a number: of a group, or octal */
		while (walk->at < walk->end && *walk->at >= '0' && *walk->at <= '9')
			walk->at++;
	} else if (walk->at < walk->end && *walk->at == '{' && memchr("pPx", letter, 3)) {
		const char *close = memchr(walk->at, '}', (size_t)(walk->end - walk->at));
		walk->understood = walk->understood && close;
		walk->at = close ? close + 1 : walk->end;
	} else if (letter == 'p' || letter == 'P') {
		walk->at += walk->at < walk->end;
	} else if (letter == 'x') {
		for (int i = 0; i < 2 && walk->at < walk->end && ascii_hexadecimal(*walk->at) >= 0; i++)
			walk->at++;
	} else if (memchr("QEgkKNoc", letter, 8)) {
		walk->understood = false;
	}
}

static void anchor(struct walk *walk, struct sequence *sequence, size_t offset, bool end)
{
	if (walk->at < walk->end && memchr("?*+{", *walk->at, 4))
		return; /* it may be absent */
	if (end && !sequence->ended) {
		sequence->ended = true;
		sequence->ended_at = offset;
	} else if (!end && sequence->consumed && !sequence->impossible) {
		sequence->impossible = true;
		walk->anchor = offset;
	}
}

/* The character that stands for itself, or -1. Moves behind the atom. *out_width: whether it takes a character at all. */
static int atom(struct walk *walk, struct sequence *sequence, bool *out_width)
{
	size_t offset = (size_t)(walk->at - walk->start);
	*out_width = true;
	if (*walk->at == '[') {
		skip_class(walk);
		return -1;
	}
	char byte = *walk->at++;
	if (byte == '^' || byte == '$') {
		*out_width = false;
		if (!walk->multiline)
			anchor(walk, sequence, offset, byte == '$');
		return -1;
	}
	if (byte == '\\') {
		if (walk->at >= walk->end)
			return -1;
		byte = *walk->at++;
		bool letter = ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (byte >= '0' && byte <= '9');
		if (!letter)
			return (unsigned char)byte < 0x80 ? ascii_lower(byte) : -1;
		*out_width = !memchr("AbBGzZ", byte, 6);
		if (byte == 'A' || byte == 'z' || byte == 'Z')
			anchor(walk, sequence, offset, byte != 'A');
		rest_of_escape(walk, byte);
		return -1;
	}
	return byte == '.' || (unsigned char)byte >= 0x80 ? -1 : ascii_lower(byte);
}

static void walk_sequence(struct walk *walk, struct sequence *sequence)
{
	*sequence = (struct sequence){0};
	while (walk->understood && walk->at < walk->end && *walk->at != '|' && *walk->at != ')') {
		bool width;
		if (*walk->at == '(') {
			walk_group(walk, sequence);
			continue;
		}
		int byte = atom(walk, sequence, &width);
		enum times times = quantifier(walk);
		bool sure = width && times != MAY_BE_ABSENT;
		if (sure && sequence->ended && !sequence->impossible && byte >= 0 && byte != '\n') {
			sequence->impossible = true;
			walk->anchor = sequence->ended_at;
		}
		sequence->consumed = sequence->consumed || sure;
		if (byte < 0 || times == MAY_BE_ABSENT) {
			end_run(sequence);
			continue;
		}
		if (sequence->size == LITERAL_MAX)
			end_run(sequence);
		sequence->run[sequence->size++] = (char)byte;
		if (times == REPEATED)
			end_run(sequence);
	}
	end_run(sequence);
}

/* Whether none of them can match. */
static bool walk_alternatives(struct walk *walk, struct needs *out)
{
	struct sequence sequence;
	walk_sequence(walk, &sequence);
	*out = sequence.needs;
	bool impossible = sequence.impossible;
	while (walk->understood && walk->at < walk->end && *walk->at == '|') {
		walk->at++;
		walk_sequence(walk, &sequence);
		needs_or(out, &sequence.needs);
		impossible = impossible && sequence.impossible;
	}
	return impossible;
}

static bool walk_pattern(struct walk *walk, struct str pattern, struct needs *out)
{
	walk->start = walk->at = pattern.data;
	walk->end = pattern.data + pattern.size;
	walk->understood = true;
	bool impossible = walk_alternatives(walk, out);
	if (walk->understood && walk->at == walk->end)
		return impossible;
	*out = (struct needs){0};
	return false;
}

void needs_of_pattern(struct str pattern, struct needs *out)
{
	struct walk walk = {.depth = 0};
	walk_pattern(&walk, pattern, out);
}

bool pattern_impossible(struct str pattern, uint32_t flags, size_t *out_offset)
{
	struct needs unused;
	struct walk walk = {.multiline = flags & PCRE2_MULTILINE};
	bool impossible = walk_pattern(&walk, pattern, &unused);
	*out_offset = walk.anchor;
	return impossible;
}
