/* The three-byte pieces of one text (ASCII case folded), as a small set that may also claim pieces which are not there: it can say that a
 * literal does not stand in the text, never that it does. Where a word begins or ends, a mark and two bytes are a piece too. */
#ifndef MATCH_GRAMS_H
#define MATCH_GRAMS_H

#include <endian.h>
#include <string.h>

#include "skewline/str.h"

enum { GRAMS_BITS = 12, GRAMS_PROBES = 4 };

struct grams {
	uint64_t bits[(1 << GRAMS_BITS) / 64];
};
/* Pieces of a literal: the first to be asked for, then its beginning, its middle and its end; of a word marked as such. */
struct grams_probe {
	uint16_t bits[GRAMS_PROBES];
};

/* The place in the set of the lower three bytes of four, the first one lowest; the mark is a zero, which no folded byte is. */
static inline uint16_t grams_hash_of(uint32_t four, uint32_t fold)
{
	return (uint16_t)((((four | fold) << 8) * 0x9E3779B1u) >> (32 - GRAMS_BITS));
}

static inline uint32_t grams_load(const char *at)
{
	uint32_t four;
	memcpy(&four, at, sizeof four);
	return le32toh(four);
}

static inline uint16_t grams_hash(const char *at)
{
	return grams_hash_of((uint32_t)(unsigned char)at[0] | (uint32_t)(unsigned char)at[1] << 8 | (uint32_t)(unsigned char)at[2] << 16, 0x202020);
}

/* A word's first two bytes, or its last two. */
static inline uint16_t grams_hash_begin(const char *at)
{
	return grams_hash_of((uint32_t)(unsigned char)at[0] << 8 | (uint32_t)(unsigned char)at[1] << 16, 0x202000);
}
static inline uint16_t grams_hash_end(const char *at)
{
	return grams_hash_of((uint32_t)(unsigned char)at[0] | (uint32_t)(unsigned char)at[1] << 8, 0x002020);
}

static inline void grams_add(struct grams *grams, uint16_t place)
{
	grams->bits[place / 64] |= 1ull << (place % 64);
}

void grams_of_text(struct grams *grams, struct str text);
struct grams_probe grams_probe_of(struct str literal, bool begins_word, bool ends_word); /* of three bytes at least; begins with its beginning */
static inline bool grams_has(const struct grams *grams, uint16_t place)
{
	return grams->bits[place / 64] >> (place % 64) & 1;
}

static inline bool grams_may_hold(const struct grams *grams, struct grams_probe probe)
{
	for (int i = 0; i < GRAMS_PROBES; i++) /* most fail at the first */
		if (!grams_has(grams, probe.bits[i]))
			return false;
	return true;
}

#endif
