/* The three-byte pieces of one text (ASCII case folded), as a small set that may also claim pieces which are not there: it can say that a
 * literal does not stand in the text, never that it does. */
#ifndef MATCH_GRAMS_H
#define MATCH_GRAMS_H

#include <endian.h>
#include <string.h>

#include "skewline/str.h"

enum { GRAMS_BITS = 12, GRAMS_PROBES = 3 };

struct grams {
	uint64_t bits[(1 << GRAMS_BITS) / 64];
};
/* Three pieces of a literal: its beginning, its middle, its end. */
struct grams_probe {
	uint16_t bits[GRAMS_PROBES];
};

/* The place in the set of the lower three bytes of four, the first one lowest. */
static inline uint16_t grams_hash_of(uint32_t four)
{
	return (uint16_t)((((four | 0x20202020u) << 8) * 0x9E3779B1u) >> (32 - GRAMS_BITS));
}

static inline uint32_t grams_load(const char *at)
{
	uint32_t four;
	memcpy(&four, at, sizeof four);
	return le32toh(four);
}

static inline uint16_t grams_hash(const char *at)
{
	return grams_hash_of((uint32_t)(unsigned char)at[0] | (uint32_t)(unsigned char)at[1] << 8 | (uint32_t)(unsigned char)at[2] << 16);
}

static inline void grams_add(struct grams *grams, uint16_t place)
{
	grams->bits[place / 64] |= 1ull << (place % 64);
}

void grams_of_text(struct grams *grams, struct str text);
struct grams_probe grams_probe_of(struct str literal); /* of three bytes at least */

static inline bool grams_may_hold(const struct grams *grams, struct grams_probe probe)
{
	for (int i = 0; i < GRAMS_PROBES; i++) /* most fail at the first */
		if (!(grams->bits[probe.bits[i] / 64] >> (probe.bits[i] % 64) & 1))
			return false;
	return true;
}

#endif
