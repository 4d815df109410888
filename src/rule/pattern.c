/* A walk over a regular expression for the texts that stand in every match. Wrongly claiming one would lose matches, so everything
 * that is not understood ends a run of sure characters, or the walk. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "needs.h"

#include <pcre2.h>
#include <string.h>

enum { DEPTH_MAX = 20, VARIANTS_MAX = 8, CLASS_MAX = 4 };

struct walk {
	struct arena *arena;
	const char *start, *at, *end;
	unsigned depth;
	bool understood, multiline;
	size_t anchor; /* offset of the anchor that cannot hold */
};
/* A run of characters that stand side by side; a few spellings of it where one is a small class, or may be absent. */
struct run {
	char text[VARIANTS_MAX][LITERAL_MAX];
	size_t size[VARIANTS_MAX], count;
	bool begins, ends; /* \b stands before it, behind what it holds so far */
};
/* One alternative. */
struct sequence {
	struct rule_need *need;
	struct run run;
	bool consumed, ended, impossible; /* a character was taken; the end of the text was asked for */
	size_t ended_at;
};
/* What an atom can be: nothing sure, or one of some characters. */
struct atom {
	char bytes[CLASS_MAX];
	size_t count;
	bool width, boundary; /* boundary: \b */
};
enum times { MAY_BE_ABSENT, ONCE, REPEATED };

static bool walk_alternatives(struct walk *walk, bool begins, struct rule_need **out);

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

/* ---- runs ---- */

/* Of one spelling. Beside a character of words a boundary means that there is none on its other side. */
static struct rule_need *need_of_run(struct walk *walk, const struct run *run, size_t spelling)
{
	struct str text = {run->text[spelling], run->size[spelling]};
	struct rule_need *need = need_text(walk->arena, text);
	if (need) {
		need->begins_word = run->begins && ascii_is_word(text.data[0]);
		need->ends_word = run->ends && ascii_is_word(text.data[text.size - 1]);
	}
	return need;
}

static bool is_empty(const struct run *run)
{
	return run->count == 1 && !run->size[0];
}

static void end_run(struct walk *walk, struct sequence *sequence)
{
	struct run *run = &sequence->run;
	struct rule_need *need = need_of_run(walk, run, 0);
	for (size_t i = 1; i < run->count; i++)
		need = need_or(walk->arena, need, need_of_run(walk, run, i));
	sequence->need = need_and(walk->arena, sequence->need, need);
	run->count = 1;
	run->size[0] = 0;
	run->begins = run->ends = false;
}

static bool full(const struct run *run)
{
	for (size_t i = 0; i < run->count; i++)
		if (run->size[i] == LITERAL_MAX)
			return true;
	return false;
}

/* Every spelling so far, with each of the characters behind it; also without, when it may be absent. False: too many. */
static bool extend(struct run *run, const struct atom *atom, bool optional)
{
	size_t old = run->count;
	if (old * (atom->count + optional) > VARIANTS_MAX)
		return false;
	for (size_t spelling = optional ? 0 : 1; spelling < atom->count; spelling++)
		for (size_t i = 0; i < old; i++) {
			size_t at = run->count++;
			memcpy(run->text[at], run->text[i], run->size[i]);
			run->text[at][run->size[i]] = atom->bytes[spelling];
			run->size[at] = run->size[i] + 1;
		}
	for (size_t i = 0; i < old && !optional; i++)
		run->text[i][run->size[i]++] = atom->bytes[0];
	run->ends = false;
	return true;
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
	struct rule_need *inner = NULL;
	enum group_kind kind = open_group(walk);
	if (kind == GROUP_OPTION)
		return;
	bool begins = is_empty(&sequence->run) && sequence->run.begins;
	end_run(walk, sequence);
	if (kind == GROUP_UNKNOWN || ++walk->depth > DEPTH_MAX) {
		walk->understood = false;
		return;
	}
	bool impossible = walk_alternatives(walk, begins, &inner);
	walk->depth--;
	if (!walk->understood || walk->at >= walk->end || *walk->at != ')') {
		walk->understood = false;
		return;
	}
	walk->at++;
	if (quantifier(walk) == MAY_BE_ABSENT || kind == GROUP_ASIDE)
		return;
	sequence->impossible = sequence->impossible || impossible;
	sequence->need = need_and(walk->arena, sequence->need, inner);
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

/* The members of a small class without ranges, escapes or negation. */
static void small_class(struct str inside, struct atom *out)
{
	bool small = inside.size && inside.size <= CLASS_MAX && inside.data[0] != '^';
	for (size_t i = 0; i < inside.size && small; i++) {
		char byte = inside.data[i];
		small = !memchr("[]\\", byte, 3) && (unsigned char)byte < 0x80 && (byte != '-' || i == 0 || i + 1 == inside.size);
		out->bytes[out->count++] = ascii_lower(byte);
	}
	if (!small)
		out->count = 0;
}

static void escape(struct walk *walk, struct sequence *sequence, size_t offset, struct atom *out)
{
	char byte = walk->at < walk->end ? *walk->at++ : 'Q';
	bool letter = ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (byte >= '0' && byte <= '9');
	if (!letter) {
		out->bytes[0] = ascii_lower(byte);
		out->count = (unsigned char)byte < 0x80;
		return;
	}
	out->width = !memchr("AbBGzZ", byte, 6);
	out->boundary = byte == 'b';
	if (byte == 'A' || byte == 'z' || byte == 'Z')
		anchor(walk, sequence, offset, byte != 'A');
	rest_of_escape(walk, byte);
}

/* Moves behind the atom. */
static struct atom take_atom(struct walk *walk, struct sequence *sequence)
{
	size_t offset = (size_t)(walk->at - walk->start);
	struct atom atom = {.width = true};
	const char *from = walk->at;
	if (*walk->at == '[') {
		skip_class(walk);
		if (walk->at <= walk->end && walk->at - from > 2)
			small_class((struct str){from + 1, (size_t)(walk->at - from) - 2}, &atom);
		return atom;
	}
	char byte = *walk->at++;
	if (byte == '\\') {
		escape(walk, sequence, offset, &atom);
	} else if (byte == '^' || byte == '$') {
		atom.width = false;
		if (!walk->multiline)
			anchor(walk, sequence, offset, byte == '$');
	} else if (byte != '.' && (unsigned char)byte < 0x80) {
		atom.bytes[0] = ascii_lower(byte);
		atom.count = 1;
	}
	return atom;
}

static void add_atom(struct walk *walk, struct sequence *sequence, const struct atom *atom, enum times times, bool just_one)
{
	if (atom->boundary && times == ONCE) {
		*(is_empty(&sequence->run) ? &sequence->run.begins : &sequence->run.ends) = true;
		return;
	}
	if (full(&sequence->run))
		end_run(walk, sequence);
	bool optional = times == MAY_BE_ABSENT;
	if (!atom->count || (optional && !just_one) || !extend(&sequence->run, atom, optional)) {
		end_run(walk, sequence);
		if (atom->count && !optional)
			extend(&sequence->run, atom, false);
	}
	if (times == REPEATED)
		end_run(walk, sequence);
}

static void walk_sequence(struct walk *walk, bool begins, struct sequence *sequence)
{
	*sequence = (struct sequence){.run = {.count = 1, .begins = begins}};
	while (walk->understood && walk->at < walk->end && *walk->at != '|' && *walk->at != ')') {
		if (*walk->at == '(') {
			walk_group(walk, sequence);
			continue;
		}
		struct atom atom = take_atom(walk, sequence);
		bool just_one = walk->at < walk->end && *walk->at == '?';
		enum times times = quantifier(walk);
		bool sure = atom.width && times != MAY_BE_ABSENT;
		if (sure && sequence->ended && !sequence->impossible && atom.count && atom.bytes[0] != '\n') {
			sequence->impossible = true;
			walk->anchor = sequence->ended_at;
		}
		sequence->consumed = sequence->consumed || sure;
		add_atom(walk, sequence, &atom, times, just_one);
	}
	end_run(walk, sequence);
}

/* Whether none of them can match. `begins`: \b stands before them. */
static bool walk_alternatives(struct walk *walk, bool begins, struct rule_need **out)
{
	struct sequence sequence;
	walk_sequence(walk, begins, &sequence);
	*out = sequence.need;
	bool impossible = sequence.impossible;
	while (walk->understood && walk->at < walk->end && *walk->at == '|') {
		walk->at++;
		walk_sequence(walk, begins, &sequence);
		*out = need_or(walk->arena, *out, sequence.need);
		impossible = impossible && sequence.impossible;
	}
	return impossible;
}

static bool walk_pattern(struct walk *walk, struct str pattern, struct rule_need **out)
{
	walk->start = walk->at = pattern.data;
	walk->end = pattern.data + pattern.size;
	walk->understood = true;
	bool impossible = walk_alternatives(walk, false, out);
	if (walk->understood && walk->at == walk->end)
		return impossible;
	*out = NULL;
	return false;
}

struct rule_need *need_of_pattern(struct arena *arena, struct str pattern)
{
	struct rule_need *need;
	struct walk walk = {.arena = arena};
	walk_pattern(&walk, pattern, &need);
	return need;
}

bool pattern_impossible(struct str pattern, uint32_t flags, size_t *out_offset)
{
	struct arena arena = {0};
	struct rule_need *unused;
	struct walk walk = {.arena = &arena, .multiline = flags & PCRE2_MULTILINE};
	bool impossible = walk_pattern(&walk, pattern, &unused);
	*out_offset = walk.anchor;
	arena_release(&arena);
	return impossible;
}
