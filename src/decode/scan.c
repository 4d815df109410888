#include "scan.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "scan_shape.h"
#include "scan_tree.h"

enum { DEPTH_MAX = 64 };

struct scan_paths {
	struct node root;
	struct shape shape; /* learned from one text to the next */
};

struct scan {
	const char *end;
	struct shape *shape;
	struct scan_value *values;
	enum scan_result result;
	const char *wrong;
};

/* ---- the text. Each function takes where it stands and gives what lies behind; NULL: wrong, and scan->wrong says where ---- */
static const char *fail(struct scan *scan, enum scan_result result, const char *wrong)
{
	scan->result = result;
	scan->wrong = wrong;
	return NULL;
}

/* Wrong here, or cut off here. */
static const char *unexpected(struct scan *scan, const char *at)
{
	return fail(scan, at >= scan->end ? SCAN_TRUNCATED : SCAN_BAD, at);
}

__attribute__((noinline)) static const char *past_some_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

/* Most often there are none. */
static inline const char *past_blanks(const char *at, const char *end)
{
	return __builtin_expect(at < end && *at > ' ', 1) ? at : past_some_blanks(at, end);
}

/* The next byte that ends plain ASCII text in a string: a quote, a backslash, a control character, or a byte of a longer sequence. */
static inline const char *plain_end(const char *at, const char *end)
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

static const char *past_escape(struct scan *scan, const char *at)
{
	if (++at >= scan->end)
		return unexpected(scan, at);
	char kind = *at++;
	if (kind == 'u') {
		for (int i = 0; i < 4; i++, at++)
			if (at >= scan->end || ascii_hexadecimal(*at) < 0)
				return unexpected(scan, at);
		return at;
	}
	return memchr("\"\\/bfnrt", kind, 8) ? at : unexpected(scan, at - 1);
}

static bool check_utf8(struct scan *scan, struct str text)
{
	size_t bad;
	if (str_is_utf8(text, &bad))
		return true;
	fail(scan, SCAN_BAD_UTF8, text.data + bad);
	return false;
}

/* A string from `from` on that is more than plain text, which ends at `at`. */
static const char *rich_string(struct scan *scan, const char *from, const char *at, struct str *out, bool *out_escaped)
{
	bool wide = false;
	for (;; at = plain_end(at, scan->end)) {
		if (at >= scan->end) /* a sequence that the end of the input cuts off is the fault of the cut */
			return wide && !check_utf8(scan, (struct str){from, (size_t)(scan->end - from)}) ? fail(scan, SCAN_TRUNCATED, scan->end)
				: unexpected(scan, at);
		if (*at == '"')
			break;
		if (*at == '\\') {
			*out_escaped = true;
			at = past_escape(scan, at);
			if (!at)
				return NULL;
		} else if ((unsigned char)*at >= 0x80) {
			wide = true;
			at++;
		} else {
			return unexpected(scan, at);
		}
	}
	*out = (struct str){from, (size_t)(at - from)};
	return wide && !check_utf8(scan, *out) ? NULL : at + 1;
}

/* At the opening quote. */
static inline const char *string(struct scan *scan, const char *at, struct str *out, bool *out_escaped)
{
	const char *from = at + 1, *stop = plain_end(from, scan->end);
	*out_escaped = false;
	if (__builtin_expect(stop >= scan->end || *stop != '"', 0))
		return rich_string(scan, from, stop, out, out_escaped);
	*out = (struct str){from, (size_t)(stop - from)};
	return stop + 1;
}

static const char *digits(struct scan *scan, const char *at)
{
	const char *from = at;
	while (at < scan->end && *at >= '0' && *at <= '9')
		at++;
	return at > from ? at : unexpected(scan, at);
}

static const char *number(struct scan *scan, const char *at, struct str *out)
{
	const char *from = at;
	if (*at == '-')
		at++;
	at = at < scan->end && *at == '0' ? at + 1 : digits(scan, at);
	if (at && at < scan->end && *at == '.')
		at = digits(scan, at + 1);
	if (at && at < scan->end && (*at | 0x20) == 'e') {
		at++;
		if (at < scan->end && (*at == '+' || *at == '-'))
			at++;
		at = digits(scan, at);
	}
	if (at)
		*out = (struct str){from, (size_t)(at - from)};
	return at;
}

static const char *word(struct scan *scan, const char *at, struct str expected)
{
	for (size_t i = 0; i < expected.size; i++, at++)
		if (at >= scan->end || *at != expected.data[i])
			return unexpected(scan, at);
	return at;
}

static inline void keep(struct scan *scan, const struct node *node, enum scan_kind kind, struct str text, bool escaped, bool in_array)
{
	if (!node || node->path < 0)
		return;
	struct scan_value *slot = &scan->values[node->path];
	if (in_array && slot->kind != SCAN_ABSENT)
		return;
	slot->kind = kind; /* member by member: copying a struct that was just written in parts would wait for those writes */
	slot->escaped = escaped;
	slot->text.data = text.data;
	slot->text.size = text.size;
}

/* An object or an array. */
static const char *container(struct scan *scan, const char *at, const struct node *node, uint16_t *inside, unsigned depth, bool in_array);

static const char *simple_word(struct scan *scan, const char *at, enum scan_kind *out_kind, struct str *out)
{
	*out_kind = *at == 't' ? SCAN_TRUE : *at == 'f' ? SCAN_FALSE : SCAN_NULL;
	*out = *out_kind == SCAN_TRUE ? STR("true") : *out_kind == SCAN_FALSE ? STR("false") : STR("null");
	return word(scan, at, *out);
}

/* Most are strings, and most others numbers or objects. */
static inline const char *any(struct scan *scan, const char *at, const struct node *node, uint16_t *inside, unsigned depth, bool in_array)
{
	enum scan_kind kind = SCAN_STRING;
	struct str text;
	bool escaped = false;
	if (at >= scan->end)
		return unexpected(scan, at);
	if (*at == '"') {
		at = string(scan, at, &text, &escaped);
	} else if (*at == '{' || *at == '[') {
		return container(scan, at, node, inside, depth, in_array);
	} else if (*at == '-' || (*at >= '0' && *at <= '9')) {
		kind = SCAN_NUMBER;
		at = number(scan, at, &text);
	} else if (*at == 't' || *at == 'f' || *at == 'n') {
		at = simple_word(scan, at, &kind, &text);
	} else {
		return unexpected(scan, at);
	}
	if (at)
		keep(scan, node, kind, text, escaped, in_array);
	return at;
}

/* Behind a member or an item: at the next one (*out_more), or behind the end. */
static inline const char *next_element(struct scan *scan, const char *at, char close, bool *out_more)
{
	at = past_blanks(at, scan->end);
	*out_more = at < scan->end && *at == ',';
	if (*out_more)
		return past_blanks(at + 1, scan->end);
	return at < scan->end && *at == close ? at + 1 : unexpected(scan, at);
}

/* A repeated key starts anew. */
static inline void forget(struct scan *scan, const struct node *node)
{
	if (node && node->path >= 0)
		scan->values[node->path] = (struct scan_value){0};
}

/* A key and its colon, at its opening quote: gives what lies there and where our paths lead, and learns it. */
static const char *read_key(struct scan *scan, const char *at, const struct node *node, uint16_t *place, const struct node **out_child, struct step **out_step)
{
	const char *from = at;
	struct str key;
	bool escaped;
	if (at >= scan->end || *at != '"')
		return unexpected(scan, at);
	at = string(scan, at, &key, &escaped);
	if (!at)
		return NULL;
	at = past_blanks(at, scan->end);
	if (at >= scan->end || *at != ':')
		return unexpected(scan, at);
	at = past_blanks(at + 1, scan->end);
	*out_child = escaped ? NULL : tree_follow(node, key, scan->end); /* a key written with escapes is none of ours */
	*out_step = shape_learn(scan->shape, place, (struct str){from, (size_t)(at - from)}, *out_child);
	return at;
}

/* `place`: where the first key's step would stand; NULL: nothing is learned here. */
static const char *members(struct scan *scan, const char *at, const struct node *node, uint16_t *place, unsigned depth)
{
	forget(scan, node);
	at = past_blanks(at + 1, scan->end);
	if (at < scan->end && *at == '}')
		return at + 1;
	for (bool more = true; more;) {
		struct step *step = shape_find(scan->shape, place, at, scan->end);
		const struct node *child;
		if (step) {
			at = past_blanks(at + step->size, scan->end); /* more of them than when it was learned */
			child = step->node;
		} else {
			at = read_key(scan, at, node, place, &child, &step);
		}
		at = at ? any(scan, at, child, step ? &step->inside : NULL, depth, false) : NULL;
		at = at ? next_element(scan, at, '}', &more) : NULL;
		if (!at)
			return NULL;
		place = step ? &step->next : NULL;
	}
	return at;
}

static const char *items(struct scan *scan, const char *at, const struct node *node, unsigned depth)
{
	forget(scan, node);
	at = past_blanks(at + 1, scan->end);
	if (at < scan->end && *at == ']')
		return at + 1;
	for (bool more = true; at && more;) {
		at = any(scan, at, node, NULL, depth, true); /* what lies in an array is not learned */
		at = at ? next_element(scan, at, ']', &more) : NULL;
	}
	return at;
}

static const char *container(struct scan *scan, const char *at, const struct node *node, uint16_t *inside, unsigned depth, bool in_array)
{
	if (depth >= DEPTH_MAX)
		return fail(scan, SCAN_DEEP, at);
	if (in_array)
		node = NULL;
	return *at == '{' ? members(scan, at, node, inside, depth + 1) : items(scan, at, node, depth + 1);
}

struct scan_paths *scan_paths_new(const struct str *paths, size_t count, struct arena *arena)
{
	struct scan_paths *made = arena_zalloc(arena, sizeof *made);
	tree_build(&made->root, paths, count, arena);
	return made;
}

enum scan_result scan_object(struct scan_paths *paths, struct str text, struct scan_value *values, size_t count, size_t *out_offset)
{
	struct scan scan = {.end = text.data + text.size, .shape = &paths->shape, .values = values, .result = SCAN_OK};
	memset(values, 0, count * sizeof *values);
	shape_tidy(&paths->shape);
	const char *at = past_blanks(text.data, scan.end);
	at = at < scan.end && *at == '{' ? any(&scan, at, &paths->root, &paths->shape.steps[0].inside, 0, false) : unexpected(&scan, at);
	if (at && (at = past_blanks(at, scan.end)) < scan.end)
		fail(&scan, SCAN_BAD, at);
	if (scan.result != SCAN_OK)
		*out_offset = (size_t)(scan.wrong - text.data);
	return scan.result;
}
