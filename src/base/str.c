#define _GNU_SOURCE /* memmem */
#include "skewline/str.h"

#include <assert.h>
#include <endian.h>
#include <math.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct str str_of(const char *text)
{
	return text ? (struct str){text, strlen(text)} : STR_NONE;
}

static inline uint64_t eight(const char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
	return le64toh(word);
}

bool str_equal_folded(struct str a, struct str b)
{
	if (a.size != b.size)
		return false;
	for (size_t i = 0; i < a.size; i++)
		if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
			return false;
	return true;
}

int str_compare(struct str a, struct str b)
{
	size_t common = a.size < b.size ? a.size : b.size;
	int order = common ? memcmp(a.data, b.data, common) : 0;
	return order ? order : (a.size > b.size) - (a.size < b.size);
}

bool str_starts(struct str text, struct str prefix)
{
	return text.size >= prefix.size && str_equal(str_first(text, prefix.size), prefix);
}

bool str_ends(struct str text, struct str suffix)
{
	return text.size >= suffix.size && str_equal(str_from(text, text.size - suffix.size), suffix);
}

static bool blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct str str_trim(struct str text)
{
	while (text.size && blank(text.data[text.size - 1]))
		text.size--;
	while (text.size && blank(text.data[0])) {
		text.data++;
		text.size--;
	}
	return text;
}

ptrdiff_t str_find_byte(struct str text, char byte)
{
	const char *at = text.size ? memchr(text.data, byte, text.size) : NULL;
	return at ? at - text.data : -1;
}

ptrdiff_t str_find(struct str text, struct str part)
{
	if (part.size == 0)
		return 0;
	size_t last = part.size - 1, at = 0;
	if (text.size < part.size)
		return -1;
#ifdef __SSE2__
	/* sixteen places at a time: where the first and the last byte fit, the rest is compared */
	const __m128i first_byte = _mm_set1_epi8(part.data[0]), last_byte = _mm_set1_epi8(part.data[last]);
	for (; text.size - at >= last + 16; at += 16) {
		__m128i first = _mm_loadu_si128((const __m128i *)(const void *)(text.data + at));
		__m128i other = _mm_loadu_si128((const __m128i *)(const void *)(text.data + at + last));
		unsigned mask = (unsigned)_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(first, first_byte), _mm_cmpeq_epi8(other, last_byte)));
		for (; mask; mask &= mask - 1) {
			size_t place = at + (size_t)__builtin_ctz(mask);
			if (memcmp(text.data + place, part.data, part.size) == 0)
				return (ptrdiff_t)place;
		}
	}
#endif
	const char *found = memmem(text.data + at, text.size - at, part.data, part.size);
	return found ? found - text.data : -1;
}

bool str_split(struct str *rest, char separator, struct str *out_part)
{
	if (!rest->data)
		return false;
	ptrdiff_t at = str_find_byte(*rest, separator);
	if (at < 0) {
		*out_part = *rest;
		*rest = STR_NONE;
		return true;
	}
	*out_part = str_first(*rest, (size_t)at);
	rest->data += at + 1;
	rest->size -= (size_t)at + 1;
	return true;
}

bool str_to_int64(struct str text, int64_t *out)
{
	bool negative = text.size && text.data[0] == '-';
	if (text.size && (negative || text.data[0] == '+'))
		text = str_from(text, 1);
	if (!text.size)
		return false;
	int64_t value = 0;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		int64_t digit = text.data[i] - '0';
		if (__builtin_mul_overflow(value, 10, &value))
			return false;
		if (negative ? __builtin_sub_overflow(value, digit, &value) : __builtin_add_overflow(value, digit, &value))
			return false;
	}
	*out = value;
	return true;
}

/* Powers of ten that a double holds exactly; larger exponents go through them in steps. */
static double scale_by_ten(double value, int exponent)
{
	static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
		1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	for (; exponent > 0; exponent -= exponent > 22 ? 22 : exponent)
		value *= power[exponent > 22 ? 22 : exponent];
	for (; exponent < 0; exponent += exponent < -22 ? 22 : -exponent)
		value /= power[exponent < -22 ? 22 : -exponent];
	return value;
}

/* 19 digits are kept: within one unit in the last place of the nearest double, which is far below any grain of a clock. */
bool str_to_double(struct str text, double *out)
{
	size_t i = 0;
	bool negative = text.size && text.data[0] == '-';
	if (text.size && (negative || text.data[0] == '+'))
		i++;
	uint64_t digits = 0;
	int exponent = 0, seen = 0, kept = 0;
	bool point = false;
	for (; i < text.size; i++) {
		char byte = text.data[i];
		if (byte == '.' && !point) {
			point = true;
			continue;
		}
		if (byte < '0' || byte > '9')
			break;
		seen = 1;
		if (kept < 19) {
			digits = digits * 10 + (uint64_t)(byte - '0');
			kept += digits != 0;
			exponent -= point;
		} else {
			exponent += !point;
		}
	}
	if (!seen)
		return false;
	if (i < text.size) {
		int64_t written;
		if ((text.data[i] | 0x20) != 'e' || !str_to_int64(str_from(text, i + 1), &written) || written > 400 || written < -400)
			return false;
		exponent += (int)written;
	}
	double value = digits ? scale_by_ten((double)digits, exponent) : 0;
	if (!isfinite(value))
		return false;
	*out = negative ? -value : value;
	return true;
}

/* Length of the valid sequence at the start of `text`, 0 when there is none. RFC 3629, table 3-7 of the Unicode standard. */
static size_t utf8_sequence(const unsigned char *text, size_t size)
{
	unsigned char lead = text[0], low = 0x80, high = 0xBF;
	size_t length;
	if (lead < 0x80)
		return 1;
	if (lead >= 0xC2 && lead <= 0xDF)
		length = 2;
	else if (lead >= 0xE0 && lead <= 0xEF)
		length = 3;
	else if (lead >= 0xF0 && lead <= 0xF4)
		length = 4;
	else
		return 0;
	if (lead == 0xE0)
		low = 0xA0;
	if (lead == 0xED)
		high = 0x9F;
	if (lead == 0xF0)
		low = 0x90;
	if (lead == 0xF4)
		high = 0x8F;
	if (size < length || text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((text[i] & 0xC0) != 0x80)
			return 0;
	return length;
}

bool str_is_utf8(struct str text, size_t *out_bad)
{
	const unsigned char *bytes = (const unsigned char *)text.data;
	size_t i = 0;
	while (i < text.size) {
		uint64_t eight;
		if (i + 8 <= text.size && (memcpy(&eight, bytes + i, 8), (eight & 0x8080808080808080u) == 0)) {
			i += 8;
			continue;
		}
		size_t length = utf8_sequence(bytes + i, text.size - i);
		if (!length) {
			if (out_bad)
				*out_bad = i;
			return false;
		}
		i += length;
	}
	return true;
}

struct str str_cut_utf8(struct str text, size_t size)
{
	if (text.size <= size)
		return text;
	size_t end = size;
	while (end > 0 && size - end < 4 && ((unsigned char)text.data[end] & 0xC0) == 0x80)
		end--;
	return str_first(text, end);
}

uint64_t str_hash(struct str text, uint64_t seed)
{
	uint64_t hash = seed ^ (0x9E3779B97F4A7C15u + text.size * 0xFF51AFD7ED558CCDu), tail = 0;
	const char *at = text.data;
	size_t left = text.size;
	for (; left >= 8; at += 8, left -= 8) {
		hash = (hash ^ eight(at)) * 0x9FB21C651E98DF25u;
		hash ^= hash >> 32;
	}
	if (left && text.size >= 8)
		tail = eight(at + left - 8) >> 8 * (8 - left);
	else
		for (size_t i = left; i > 0; i--)
			tail = tail << 8 | (unsigned char)at[i - 1];
	hash = (hash ^ tail) * 0x9FB21C651E98DF25u;
	hash ^= hash >> 29;
	hash *= 0xC4CEB9FE1A85EC53u;
	return hash ^ hash >> 32;
}

unsigned str_distance(struct str a, struct str b, unsigned most)
{
	enum { WIDEST = 64 };
	if (a.size > WIDEST || b.size > WIDEST)
		return most + 1;
	unsigned row[WIDEST + 1];
	for (unsigned j = 0; j <= b.size; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.size; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= b.size; j++) {
			unsigned change = diagonal + (ascii_lower(a.data[i - 1]) != ascii_lower(b.data[j - 1]));
			diagonal = row[j];
			unsigned other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			row[j] = change < other ? change : other;
		}
	}
	return row[b.size] > most ? most + 1 : row[b.size];
}
