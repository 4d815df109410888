#include "hostile.h"

#include <string.h>

enum { DEPTH_MAX = 20, ENDLESS = 100 };

struct maker {
	const char *at, *end;
	struct buffer text; /* a text that the pattern up to here matches, as far as can be told without looking around */
	struct buffer whole; /* a text for the whole pattern: PCRE2 gives up at once on a text that lacks a letter which every match ends with */
	size_t bytes;
	unsigned depth;
	bool stopped;
	bool (*try)(void *context, struct str text);
	void *context;
};

static void alternatives(struct maker *maker);

/* The most times that the quantifier at the cursor allows; moves behind it. */
static long take_quantifier(struct maker *maker)
{
	long most = 1;
	if (maker->at >= maker->end)
		return 1;
	if (*maker->at == '*' || *maker->at == '+')
		most = ENDLESS;
	else if (*maker->at == '{' && maker->at + 1 < maker->end && maker->at[1] >= '0' && maker->at[1] <= '9') {
		long value = 0;
		for (maker->at++; maker->at < maker->end && *maker->at != '}'; maker->at++) {
			value = *maker->at == ',' ? 0 : value * 10 + (*maker->at - '0');
			most = maker->at[0] == ',' && maker->at + 1 < maker->end && maker->at[1] == '}' ? ENDLESS : value;
			value = value > ENDLESS ? ENDLESS : value;
		}
	} else if (*maker->at != '?')
		return 1;
	maker->at += maker->at < maker->end;
	if (maker->at < maker->end && (*maker->at == '?' || *maker->at == '+'))
		maker->at++;
	return most;
}

/* One member of a class: its first plain character, or one that its escapes or its negation allow. */
static char take_class(struct maker *maker)
{
	const char *start = ++maker->at;
	bool negated = maker->at < maker->end && *maker->at == '^';
	maker->at += negated;
	maker->at += maker->at < maker->end && *maker->at == ']';
	while (maker->at < maker->end && *maker->at != ']') {
		if (*maker->at == '[' && maker->at + 1 < maker->end && maker->at[1] == ':')
			while (maker->at + 1 < maker->end && *maker->at != ']')
				maker->at++;
		maker->at += *maker->at == '\\' ? 2 : 1;
	}
	const char *close = maker->at < maker->end ? maker->at : maker->end;
	maker->at = close + (close < maker->end);
	if (negated) {
		for (const char *one = "x 1;~"; *one; one++)
			if (!memchr(start, *one, (size_t)(close - start)))
				return *one;
		return '#';
	}
	if (close > start && *start == '\\')
		return close > start + 1 && start[1] == 's' ? ' ' : close > start + 1 && start[1] == 'w' ? 'a' : close > start + 1 && start[1] == 'd' ? '1' : start[1];
	return close > start && *start != '[' ? *start : 'a';
}

static bool take_atom(struct maker *maker, char *out)
{
	char byte = *maker->at;
	if (byte == '[') {
		*out = take_class(maker);
		return true;
	}
	maker->at++;
	*out = byte == '.' ? 'x' : byte;
	if (byte == '^' || byte == '$')
		return false;
	if (byte != '\\' || maker->at >= maker->end)
		return true;
	byte = *maker->at++;
	if (maker->at < maker->end && *maker->at == '{' && memchr("pPx", byte, 3))
		while (maker->at < maker->end && *maker->at++ != '}')
			;
	*out = byte == 'd' ? '1' : byte == 's' || byte == 'W' ? ' ' : byte == 'w' || byte == 'p' ? 'a' : byte == 'S' || byte == 'D' || byte == 'P' ? 'x' : byte;
	return !memchr("bBAzZGK", byte, 7);
}

/* What stands in text[from..] again and again. */
static void attempt(struct maker *maker, size_t from)
{
	size_t part = maker->text.size - from, size = maker->text.size;
	if (!part || maker->stopped || !maker->try)
		return;
	while (maker->text.size + part < maker->bytes) {
		buffer_reserve(&maker->text, part);
		buffer_add(&maker->text, maker->text.data + from, part);
	}
	buffer_add_byte(&maker->text, '\x01');
	buffer_add_str(&maker->text, buffer_str(&maker->whole));
	maker->stopped = !maker->try(maker->context, buffer_str(&maker->text));
	maker->text.size = size;
}

/* "(?...": the cursor moves to what the group holds; false: nothing that a text could be made of. */
static bool open_group(struct maker *maker)
{
	maker->at++;
	if (maker->at >= maker->end || *maker->at != '?')
		return true;
	bool aside = maker->at + 1 < maker->end && (memchr("=!", maker->at[1], 2) || (maker->at[1] == '<' && maker->at + 2 < maker->end && memchr("=!", maker->at[2], 2)));
	while (maker->at < maker->end && !memchr(":=!>|)", *maker->at, 6))
		maker->at++;
	if (maker->at < maker->end && *maker->at != ')')
		maker->at++;
	return !aside;
}

static void group(struct maker *maker)
{
	size_t from = maker->text.size;
	bool content = open_group(maker);
	if (++maker->depth > DEPTH_MAX) {
		maker->stopped = true;
		return;
	}
	alternatives(maker);
	maker->depth--;
	maker->at += maker->at < maker->end; /* ")" */
	if (take_quantifier(maker) >= ENDLESS)
		attempt(maker, from);
	if (!content)
		maker->text.size = from;
}

static void sequence(struct maker *maker)
{
	while (!maker->stopped && maker->at < maker->end && *maker->at != '|' && *maker->at != ')') {
		size_t from = maker->text.size;
		char byte;
		if (*maker->at == '(') {
			group(maker);
			continue;
		}
		if (take_atom(maker, &byte))
			buffer_add_byte(&maker->text, byte);
		if (take_quantifier(maker) >= ENDLESS)
			attempt(maker, from);
	}
}

/* Each alternative is tried behind the same beginning; the first goes on. */
static void alternatives(struct maker *maker)
{
	size_t from = maker->text.size;
	struct buffer first = {0};
	sequence(maker);
	buffer_add(&first, maker->text.data ? maker->text.data + from : "", maker->text.size - from);
	while (!maker->stopped && maker->at < maker->end && *maker->at == '|') {
		maker->text.size = from;
		maker->at++;
		sequence(maker);
	}
	maker->text.size = from;
	buffer_add_str(&maker->text, buffer_str(&first));
	buffer_release(&first);
}

static void walk(struct maker *maker, struct str pattern)
{
	maker->at = pattern.data;
	maker->end = pattern.data + pattern.size;
	buffer_reset(&maker->text);
	while (!maker->stopped && maker->at < maker->end) {
		alternatives(maker);
		maker->at += maker->at < maker->end; /* a ")" too many: the pattern did not compile */
	}
}

void hostile_texts(struct str pattern, size_t bytes, bool (*try)(void *context, struct str text), void *context)
{
	struct maker maker = {.bytes = bytes, .context = context};
	walk(&maker, pattern);
	buffer_add_str(&maker.whole, buffer_str(&maker.text));
	maker.try = try;
	walk(&maker, pattern);
	buffer_release(&maker.text);
	buffer_release(&maker.whole);
}
