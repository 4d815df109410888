/* Where a regular expression stops matching: its beginnings are tried, longest first. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "why.h"

/* A cursor over the parts of a pattern. */
struct cursor {
	struct str pattern;
	size_t at;
	unsigned depth; /* open groups */
};

static char byte_at(const struct cursor *cursor, size_t ahead)
{
	return cursor->at + ahead < cursor->pattern.size ? cursor->pattern.data[cursor->at + ahead] : 0;
}

static void skip_to(struct cursor *cursor, char byte)
{
	while (cursor->at < cursor->pattern.size && cursor->pattern.data[cursor->at] != byte)
		cursor->at++;
	cursor->at += cursor->at < cursor->pattern.size;
}

static void skip_class(struct cursor *cursor)
{
	cursor->at++;
	cursor->at += byte_at(cursor, 0) == '^';
	cursor->at += byte_at(cursor, 0) == ']';
	while (cursor->at < cursor->pattern.size && byte_at(cursor, 0) != ']') {
		if (byte_at(cursor, 0) == '[' && byte_at(cursor, 1) == ':')
			skip_to(cursor, ']');
		else
			cursor->at += byte_at(cursor, 0) == '\\' ? 2 : 1;
	}
	cursor->at++;
}

static void skip_opening(struct cursor *cursor)
{
	cursor->at++;
	cursor->depth++;
	if (byte_at(cursor, 0) != '?')
		return;
	bool named = byte_at(cursor, 1) == 'P' || (byte_at(cursor, 1) == '<' && byte_at(cursor, 2) != '=' && byte_at(cursor, 2) != '!');
	while (cursor->at < cursor->pattern.size && !memchr(named ? ">)" : ":=!>|)", byte_at(cursor, 0), named ? 2 : 6))
		cursor->at++;
	cursor->depth -= byte_at(cursor, 0) == ')';
	cursor->at += cursor->at < cursor->pattern.size;
}

static void skip_quantifier(struct cursor *cursor)
{
	if (byte_at(cursor, 0) == '{' && byte_at(cursor, 1) >= '0' && byte_at(cursor, 1) <= '9')
		skip_to(cursor, '}');
	else if (byte_at(cursor, 0) && memchr("?*+", byte_at(cursor, 0), 3))
		cursor->at++;
	else
		return;
	if (byte_at(cursor, 0) == '?' || byte_at(cursor, 0) == '+')
		cursor->at++;
}

/* Moves behind one part with its quantifier; false when no beginning may end there: behind an opening or a bar. */
static bool next_part(struct cursor *cursor)
{
	char byte = byte_at(cursor, 0);
	if (byte == '(') {
		skip_opening(cursor);
		return false;
	}
	if (byte == '|') {
		cursor->at++;
		return false;
	}
	if (byte == '\\') {
		bool braces = byte_at(cursor, 1) && memchr("pPxkgNo", byte_at(cursor, 1), 7) && byte_at(cursor, 2) == '{';
		if (braces)
			skip_to(cursor, '}');
		else
			cursor->at += 2;
	} else if (byte == '[') {
		skip_class(cursor);
	} else {
		cursor->depth -= byte == ')' && cursor->depth > 0;
		cursor->at++;
	}
	skip_quantifier(cursor);
	if (cursor->at > cursor->pattern.size)
		cursor->at = cursor->pattern.size;
	return true;
}

/* Whether pattern[start..end), its open groups closed, matches; where it ends in the text. */
static bool matches(struct str pattern, uint32_t flags, unsigned open, struct str text, size_t *out_end)
{
	struct buffer part = {0};
	int number;
	PCRE2_SIZE offset;
	buffer_add_str(&part, pattern);
	for (unsigned i = 0; i < open; i++)
		buffer_add_byte(&part, ')');
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)(part.data ? part.data : ""), part.size, flags, &number, &offset, NULL);
	buffer_release(&part);
	pcre2_match_data *data = code ? pcre2_match_data_create(1, NULL) : NULL;
	bool found = data && pcre2_match(code, (PCRE2_SPTR)(text.data ? text.data : ""), text.size, 0, 0, data, NULL) >= 0;
	if (found)
		*out_end = pcre2_get_ovector_pointer(data)[1];
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	return found;
}

/* The top-level alternative that begins at *at; moves behind its bar. */
static struct str alternative(struct str pattern, size_t *at)
{
	struct cursor cursor = {pattern, *at, 0};
	size_t start = *at;
	while (cursor.at < pattern.size && !(byte_at(&cursor, 0) == '|' && cursor.depth == 0))
		next_part(&cursor);
	*at = cursor.at + 1;
	return (struct str){pattern.data + start, (cursor.at < pattern.size ? cursor.at : pattern.size) - start};
}

struct stop where_it_stops(struct str pattern, uint32_t flags, struct str text)
{
	struct stop best = {0};
	size_t longest = 0;
	for (size_t at = 0; at <= pattern.size && pattern.size;) {
		size_t start = at, end;
		struct str one = alternative(pattern, &at);
		struct cursor cursor = {one, 0, 0};
		while (cursor.at < one.size) {
			if (!next_part(&cursor) || cursor.at <= longest || !matches(str_first(one, cursor.at), flags, cursor.depth, text, &end))
				continue;
			longest = cursor.at;
			best = (struct stop){start + cursor.at, end, true};
		}
	}
	return best;
}
