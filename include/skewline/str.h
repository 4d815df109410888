/* Views of bytes: two words, never owning, never NUL-terminated by promise.
 *
 * A `struct str` points into memory that somebody else keeps alive (a Kafka payload, an arena, a literal).
 * The empty view may have a null pointer. Comparisons are bytewise; nothing here depends on a locale. */
#ifndef SKEWLINE_STR_H
#define SKEWLINE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *data;
	size_t size;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
/* For printf("%.*s", STR_ARGS(s)). */
#define STR_ARGS(s) (int)(s).size, ((s).data ? (s).data : "")

/* ASCII, whatever the locale: an upper-case letter in lower case; the value of a hexadecimal digit, or -1; a letter, a digit or an underscore. */
static inline char ascii_lower(char byte)
{
	return (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
}
static inline int ascii_hexadecimal(char byte)
{
	char lower = ascii_lower(byte);
	return byte >= '0' && byte <= '9' ? byte - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static inline bool ascii_is_word(char byte)
{
	static const uint64_t words[4] = {0x03FF000000000000u, 0x07FFFFFE87FFFFFEu}; /* a bit for each */
	unsigned char place = (unsigned char)byte;
	return words[place / 64] >> (place % 64) & 1;
}

struct str str_of(const char *text); /* of a NUL-terminated text; NULL gives the empty view */
static inline bool str_equal(struct str a, struct str b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}
bool str_equal_folded(struct str a, struct str b); /* ASCII case folded */
int str_compare(struct str a, struct str b);       /* memcmp order, the shorter prefix first */
bool str_starts(struct str text, struct str prefix);
bool str_ends(struct str text, struct str suffix);
struct str str_trim(struct str text); /* without ASCII blanks (space, \t, \r, \n) at both ends */
/* The rest from `start`, empty beyond the end; at most `size` leading bytes. */
static inline struct str str_from(struct str text, size_t start)
{
	return start >= text.size ? STR_NONE : (struct str){text.data + start, text.size - start};
}
static inline struct str str_first(struct str text, size_t size)
{
	return (struct str){text.data, text.size < size ? text.size : size};
}
/* Index of the byte or text, or -1. */
ptrdiff_t str_find_byte(struct str text, char byte);
ptrdiff_t str_find(struct str text, struct str part);
/* Splits off everything before `separator` and moves *rest behind it; false when *rest is spent. */
bool str_split(struct str *rest, char separator, struct str *out_part);
/* Whole text as a decimal integer (optional sign) or a finite decimal number (no hex, no inf); false, out untouched, otherwise. */
bool str_to_int64(struct str text, int64_t *out);
bool str_to_double(struct str text, double *out);
/* Valid UTF-8 (RFC 3629: no surrogates, no overlong forms). `out_bad` (may be NULL) gets the offset of the first bad byte. */
bool str_is_utf8(struct str text, size_t *out_bad);
/* Longest prefix of at most `size` bytes that does not cut a UTF-8 sequence. */
struct str str_cut_utf8(struct str text, size_t size);
/* FNV-1a style 64-bit mix with a final avalanche (ours, documented in docs/partitioning.md); the same on every machine. */
uint64_t str_hash(struct str text, uint64_t seed);
/* Levenshtein distance, capped at `most` + 1: for "did you mean". */
unsigned str_distance(struct str a, struct str b, unsigned most);

#endif
