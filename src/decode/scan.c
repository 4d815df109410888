#include "scan.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { DEPTH_MAX = 64 };

enum { SLOTS = 32 };

struct node {
	struct str name;
	struct node **children; /* SLOTS chains by slot_of(name); NULL: a leaf */
	struct node *sibling;   /* of the same chain */
	int32_t path; /* -1: only a way to others */
};

struct scan_paths {
	struct node root;
};

struct scan {
	const char *at, *end, *start;
	struct scan_value *values;
	enum scan_result result;
	const char *wrong;
};

static size_t slot_of(struct str name)
{
	return name.size ? ((unsigned char)name.data[0] + 5 * name.size + 3 * (unsigned char)name.data[name.size - 1]) % SLOTS : 0;
}

static struct node *child_named(const struct node *parent, struct str name)
{
	if (!parent->children)
		return NULL;
	for (struct node *node = parent->children[slot_of(name)]; node; node = node->sibling)
		if (node->name.size == name.size && memcmp(node->name.data, name.data, name.size) == 0)
			return node;
	return NULL;
}

struct scan_paths *scan_paths_new(const struct str *paths, size_t count, struct arena *arena)
{
	struct scan_paths *tree = arena_zalloc(arena, sizeof *tree);
	tree->root.path = -1;
	for (size_t i = 0; i < count; i++) {
		struct node *at = &tree->root;
		struct str rest = paths[i], part;
		while (str_split(&rest, '.', &part)) {
			struct node *next = child_named(at, part);
			if (!next) {
				if (!at->children)
					at->children = arena_zalloc(arena, SLOTS * sizeof(struct node *));
				struct node **chain = &at->children[slot_of(part)];
				next = arena_zalloc(arena, sizeof *next);
				*next = (struct node){.name = arena_copy(arena, part), .sibling = *chain, .path = -1};
				*chain = next;
			}
			at = next;
		}
		at->path = (int32_t)i;
	}
	return tree;
}

static bool fail(struct scan *scan, enum scan_result result, const char *wrong)
{
	scan->result = result;
	scan->wrong = wrong;
	return false;
}

/* Wrong here, or cut off here. */
static bool unexpected(struct scan *scan)
{
	return fail(scan, scan->at >= scan->end ? SCAN_TRUNCATED : SCAN_BAD, scan->at);
}

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t' || *scan->at == '\r'))
		scan->at++;
}

/* The next byte that ends plain ASCII text in a string: a quote, a backslash, a control character, or a byte of a longer sequence. */
static const char *plain_end(const char *at, const char *end)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), blank = _mm_set1_epi8(' ');
	for (; end - at >= 16; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		/* signed "less than blank": control characters and everything from 0x80 on */
		__m128i stop = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)), _mm_cmplt_epi8(bytes, blank));
		int mask = _mm_movemask_epi8(stop);
		if (mask)
			return at + __builtin_ctz((unsigned)mask);
	}
#endif
	while (at < end && *at != '"' && *at != '\\' && (signed char)*at >= ' ')
		at++;
	return at;
}

static bool skip_escape(struct scan *scan)
{
	scan->at++;
	if (scan->at >= scan->end)
		return unexpected(scan);
	char kind = *scan->at++;
	if (kind == 'u') {
		for (int i = 0; i < 4; i++, scan->at++)
			if (scan->at >= scan->end || ascii_hexadecimal(*scan->at) < 0)
				return unexpected(scan);
		return true;
	}
	if (!memchr("\"\\/bfnrt", kind, 8)) {
		scan->at--;
		return unexpected(scan);
	}
	return true;
}

/* Behind a string that started at `from` in the middle of a longer UTF-8 text. */
static bool check_utf8(struct scan *scan, struct str text)
{
	size_t bad;
	if (str_is_utf8(text, &bad))
		return true;
	/* a sequence that the end of the input cuts off is the fault of the cut */
	return fail(scan, SCAN_BAD_UTF8, text.data + bad);
}

static bool scan_string(struct scan *scan, struct str *out, bool *out_escaped)
{
	const char *from = ++scan->at;
	bool wide = false;
	*out_escaped = false;
	for (;;) {
		scan->at = plain_end(scan->at, scan->end);
		if (scan->at >= scan->end)
			return wide && !check_utf8(scan, (struct str){from, (size_t)(scan->end - from)}) ? fail(scan, SCAN_TRUNCATED, scan->end)
				: unexpected(scan);
		if (*scan->at == '"')
			break;
		if (*scan->at == '\\') {
			*out_escaped = true;
			if (!skip_escape(scan))
				return false;
		} else if ((unsigned char)*scan->at >= 0x80) {
			wide = true;
			scan->at++;
		} else {
			return unexpected(scan);
		}
	}
	*out = (struct str){from, (size_t)(scan->at - from)};
	scan->at++;
	return !wide || check_utf8(scan, *out);
}

static bool digits(struct scan *scan)
{
	const char *from = scan->at;
	while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
		scan->at++;
	return scan->at > from || unexpected(scan);
}

static bool scan_number(struct scan *scan, struct str *out)
{
	const char *from = scan->at;
	if (*scan->at == '-')
		scan->at++;
	if (scan->at < scan->end && *scan->at == '0')
		scan->at++;
	else if (!digits(scan))
		return false;
	if (scan->at < scan->end && *scan->at == '.') {
		scan->at++;
		if (!digits(scan))
			return false;
	}
	if (scan->at < scan->end && (*scan->at | 0x20) == 'e') {
		scan->at++;
		if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-'))
			scan->at++;
		if (!digits(scan))
			return false;
	}
	*out = (struct str){from, (size_t)(scan->at - from)};
	return true;
}

static bool scan_word(struct scan *scan, const char *word, size_t size)
{
	for (size_t i = 0; i < size; i++, scan->at++)
		if (scan->at >= scan->end || *scan->at != word[i])
			return unexpected(scan);
	return true;
}

static bool scan_any(struct scan *scan, const struct node *node, unsigned depth, bool in_array);

static void keep(struct scan *scan, const struct node *node, struct scan_value value, bool in_array)
{
	if (!node || node->path < 0)
		return;
	struct scan_value *slot = &scan->values[node->path];
	if (!in_array || slot->kind == SCAN_ABSENT)
		*slot = value;
}

/* From `node` down a key that may hold dots itself. */
static const struct node *follow(const struct node *node, struct str key)
{
	if (!node || !node->children)
		return NULL;
	const struct node *whole = child_named(node, key);
	if (whole || !memchr(key.data, '.', key.size))
		return whole;
	struct str part;
	while (node && str_split(&key, '.', &part))
		node = child_named(node, part);
	return node;
}

/* Behind a member or an item: moves on to the next one, or behind the end (*out_more false). */
static bool next_element(struct scan *scan, char close, bool *out_more)
{
	skip_blanks(scan);
	if (scan->at >= scan->end || (*scan->at != ',' && *scan->at != close))
		return unexpected(scan);
	*out_more = *scan->at++ == ',';
	return true;
}

/* Behind the opening: true, and behind the end, when there is nothing in it. */
static bool is_empty(struct scan *scan, char close)
{
	scan->at++;
	skip_blanks(scan);
	bool empty = scan->at < scan->end && *scan->at == close;
	scan->at += empty;
	return empty;
}

static bool scan_members(struct scan *scan, const struct node *node, unsigned depth)
{
	for (bool more = !is_empty(scan, '}'); more;) {
		struct str key;
		bool escaped;
		skip_blanks(scan);
		if (scan->at >= scan->end || *scan->at != '"')
			return unexpected(scan);
		if (!scan_string(scan, &key, &escaped))
			return false;
		skip_blanks(scan);
		if (scan->at >= scan->end || *scan->at != ':')
			return unexpected(scan);
		scan->at++;
		/* a key written with escapes is none of ours */
		if (!scan_any(scan, escaped ? NULL : follow(node, key), depth, false) || !next_element(scan, '}', &more))
			return false;
	}
	return true;
}

static bool scan_items(struct scan *scan, const struct node *node, unsigned depth)
{
	if (node && node->path >= 0)
		scan->values[node->path] = (struct scan_value){0}; /* a repeated key starts anew */
	for (bool more = !is_empty(scan, ']'); more;)
		if (!scan_any(scan, node, depth, true) || !next_element(scan, ']', &more))
			return false;
	return true;
}

static bool scan_any(struct scan *scan, const struct node *node, unsigned depth, bool in_array)
{
	skip_blanks(scan);
	if (scan->at >= scan->end)
		return unexpected(scan);
	struct scan_value value = {0};
	switch (*scan->at) {
	case '{':
		return depth >= DEPTH_MAX ? fail(scan, SCAN_BAD, scan->at) : scan_members(scan, in_array ? NULL : node, depth + 1);
	case '[':
		return depth >= DEPTH_MAX ? fail(scan, SCAN_BAD, scan->at) : scan_items(scan, in_array ? NULL : node, depth + 1);
	case '"':
		value.kind = SCAN_STRING;
		if (!scan_string(scan, &value.text, &value.escaped))
			return false;
		break;
	case 't': case 'f': case 'n':
		value.kind = *scan->at == 't' ? SCAN_TRUE : *scan->at == 'f' ? SCAN_FALSE : SCAN_NULL;
		value.text = value.kind == SCAN_TRUE ? STR("true") : value.kind == SCAN_FALSE ? STR("false") : STR("null");
		if (!scan_word(scan, value.text.data, value.text.size))
			return false;
		break;
	case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
		value.kind = SCAN_NUMBER;
		if (!scan_number(scan, &value.text))
			return false;
		break;
	default: return unexpected(scan);
	}
	keep(scan, node, value, in_array);
	return true;
}

enum scan_result scan_object(const struct scan_paths *paths, struct str text, struct scan_value *values, size_t count, size_t *out_offset)
{
	struct scan scan = {.at = text.data, .start = text.data, .end = text.data + text.size, .values = values, .result = SCAN_OK};
	memset(values, 0, count * sizeof *values);
	skip_blanks(&scan);
	bool sound = scan.at < scan.end && *scan.at == '{' ? scan_any(&scan, &paths->root, 0, false) : unexpected(&scan);
	if (sound) {
		skip_blanks(&scan);
		if (scan.at < scan.end)
			fail(&scan, SCAN_BAD, scan.at);
	}
	if (scan.result != SCAN_OK)
		*out_offset = (size_t)(scan.wrong - scan.start);
	return scan.result;
}
