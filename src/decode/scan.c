#include "scan.h"

#include <endian.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { DEPTH_MAX = 64 };

/* A key as numbers, so that comparing takes no call: its first and its last eight bytes (a key of eight or less: all of it and 0). */
struct key_print {
	uint64_t head, tail;
};

struct node {
	struct str name;
	struct key_print print;
	struct node *first, *sibling;   /* children, in order of arrival */
	struct node **slots;            /* the children by slot_of, no two in one; NULL: a leaf */
	uint64_t factor;                /* for which that is so */
	unsigned shift;
	bool deep;                      /* some child has children: a key with dots may lead there */
	int32_t path; /* -1: only a way to others */
};

struct scan_paths {
	struct node root;
};

struct scan {
	const char *end;
	struct scan_value *values;
	enum scan_result result;
	const char *wrong;
};

/* ---- the tree of paths ---- */
static inline uint64_t eight(const char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
	return le64toh(word);
}

/* `end`: up to where it may be read. */
static inline struct key_print print_of(struct str key, const char *end)
{
	if (key.size > 8)
		return (struct key_print){eight(key.data), eight(key.data + key.size - 8)};
	if (end - key.data >= 8)
		return (struct key_print){key.size ? eight(key.data) & UINT64_MAX >> (64 - 8 * key.size) : 0, 0};
	uint64_t head = 0;
	for (size_t i = key.size; i > 0; i--)
		head = head << 8 | (unsigned char)key.data[i - 1];
	return (struct key_print){head, 0};
}

static inline size_t slot_of(const struct node *parent, struct key_print print, size_t size)
{
	return (size_t)(((print.head ^ print.tail * 0x9E3779B97F4A7C15u) + size) * parent->factor >> parent->shift);
}

static inline bool is_named(const struct node *node, struct str name, struct key_print print)
{
	return node->name.size == name.size && node->print.head == print.head && node->print.tail == print.tail
		&& (name.size <= 16 || memcmp(node->name.data, name.data, name.size) == 0);
}

static inline const struct node *child_named(const struct node *parent, struct str name, struct key_print print)
{
	const struct node *node = parent->slots ? parent->slots[slot_of(parent, print, name.size)] : NULL;
	return node && is_named(node, name, print) ? node : NULL;
}

static struct node *child_made(struct node *parent, struct str name, struct arena *arena)
{
	struct key_print print = print_of(name, name.data + name.size);
	struct node **link = &parent->first;
	for (; *link; link = &(*link)->sibling)
		if (is_named(*link, name, print))
			return *link;
	*link = arena_zalloc(arena, sizeof **link);
	**link = (struct node){.name = arena_copy(arena, name), .print = print, .path = -1};
	return *link;
}

static bool fits(struct node *parent)
{
	memset(parent->slots, 0, sizeof(struct node *) << (64 - parent->shift));
	for (struct node *child = parent->first; child; child = child->sibling) {
		struct node **slot = &parent->slots[slot_of(parent, child->print, child->name.size)];
		if (*slot)
			return false;
		*slot = child;
	}
	return true;
}

/* Tries factors until every child has a slot of its own; more slots where that takes long. */
static void settle(struct node *parent, struct arena *arena)
{
	if (!parent->first)
		return;
	size_t count = 0;
	for (struct node *child = parent->first; child; child = child->sibling, count++) {
		settle(child, arena);
		parent->deep = parent->deep || child->first;
	}
	unsigned bits = 2;
	while ((size_t)1 << bits < count * 2)
		bits++;
	parent->factor = 0x9FB21C651E98DF25u;
	for (bool settled = false; !settled; bits++) {
		parent->shift = 64 - bits;
		parent->slots = arena_array(arena, (size_t)1 << bits, sizeof(struct node *));
		for (int i = 0; i < 200 && !settled; i++) {
			parent->factor = parent->factor * 0xD1342543DE82EF95u + 2;
			parent->factor |= 1;
			settled = fits(parent);
		}
	}
}

struct scan_paths *scan_paths_new(const struct str *paths, size_t count, struct arena *arena)
{
	struct scan_paths *tree = arena_zalloc(arena, sizeof *tree);
	tree->root.path = -1;
	for (size_t i = 0; i < count; i++) {
		struct node *at = &tree->root;
		struct str rest = paths[i], part;
		while (str_split(&rest, '.', &part))
			at = child_made(at, part, arena);
		at->path = (int32_t)i;
	}
	settle(&tree->root, arena);
	return tree;
}

static bool has_dot(struct str key, struct key_print print)
{
	if (key.size > 16)
		return memchr(key.data, '.', key.size) != NULL;
	uint64_t head = print.head ^ 0x2E2E2E2E2E2E2E2Eu, tail = print.tail ^ 0x2E2E2E2E2E2E2E2Eu;
	uint64_t zero = ((head - 0x0101010101010101u) & ~head) | ((tail - 0x0101010101010101u) & ~tail);
	return (zero & 0x8080808080808080u) != 0;
}

/* From `node` down a key that may hold dots itself. */
static inline const struct node *follow(const struct node *node, struct str key, const char *end)
{
	if (!node || !node->slots)
		return NULL;
	struct key_print print = print_of(key, end);
	const struct node *whole = child_named(node, key, print);
	if (whole || !node->deep || !has_dot(key, print))
		return whole;
	struct str part;
	while (node && str_split(&key, '.', &part))
		node = child_named(node, part, print_of(part, end));
	return node;
}

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

static inline const char *past_blanks(const char *at, const char *end)
{
	while (at < end && *at <= ' ' && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
		at++;
	return at;
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

static const char *any(struct scan *scan, const char *at, const struct node *node, unsigned depth, bool in_array);

/* Behind a member or an item: at the next one (*out_more), or behind the end. */
static inline const char *next_element(struct scan *scan, const char *at, char close, bool *out_more)
{
	at = past_blanks(at, scan->end);
	if (at >= scan->end || (*at != ',' && *at != close))
		return unexpected(scan, at);
	*out_more = *at == ',';
	return *out_more ? past_blanks(at + 1, scan->end) : at + 1;
}

/* A repeated key starts anew. */
static inline void forget(struct scan *scan, const struct node *node)
{
	if (node && node->path >= 0)
		scan->values[node->path] = (struct scan_value){0};
}

static const char *members(struct scan *scan, const char *at, const struct node *node, unsigned depth)
{
	forget(scan, node);
	at = past_blanks(at + 1, scan->end);
	if (at < scan->end && *at == '}')
		return at + 1;
	for (bool more = true; more;) {
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
		/* a key written with escapes is none of ours */
		at = any(scan, past_blanks(at + 1, scan->end), escaped ? NULL : follow(node, key, scan->end), depth, false);
		at = at ? next_element(scan, at, '}', &more) : NULL;
		if (!at)
			return NULL;
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
		at = any(scan, at, node, depth, true);
		at = at ? next_element(scan, at, ']', &more) : NULL;
	}
	return at;
}

static const char *any(struct scan *scan, const char *at, const struct node *node, unsigned depth, bool in_array)
{
	enum scan_kind kind;
	struct str text;
	bool escaped = false;
	if (at >= scan->end)
		return unexpected(scan, at);
	switch (*at) {
	case '"':
		kind = SCAN_STRING;
		at = string(scan, at, &text, &escaped);
		break;
	case '{':
		return depth >= DEPTH_MAX ? fail(scan, SCAN_DEEP, at) : members(scan, at, in_array ? NULL : node, depth + 1);
	case '[':
		return depth >= DEPTH_MAX ? fail(scan, SCAN_DEEP, at) : items(scan, at, in_array ? NULL : node, depth + 1);
	case 't': case 'f': case 'n':
		kind = *at == 't' ? SCAN_TRUE : *at == 'f' ? SCAN_FALSE : SCAN_NULL;
		text = kind == SCAN_TRUE ? STR("true") : kind == SCAN_FALSE ? STR("false") : STR("null");
		at = word(scan, at, text);
		break;
	case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
		kind = SCAN_NUMBER;
		at = number(scan, at, &text);
		break;
	default: return unexpected(scan, at);
	}
	if (at)
		keep(scan, node, kind, text, escaped, in_array);
	return at;
}

enum scan_result scan_object(const struct scan_paths *paths, struct str text, struct scan_value *values, size_t count, size_t *out_offset)
{
	struct scan scan = {.end = text.data + text.size, .values = values, .result = SCAN_OK};
	memset(values, 0, count * sizeof *values);
	const char *at = past_blanks(text.data, scan.end);
	at = at < scan.end && *at == '{' ? any(&scan, at, &paths->root, 0, false) : unexpected(&scan, at);
	if (at && (at = past_blanks(at, scan.end)) < scan.end)
		fail(&scan, SCAN_BAD, at);
	if (scan.result != SCAN_OK)
		*out_offset = (size_t)(scan.wrong - text.data);
	return scan.result;
}
