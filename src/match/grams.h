/* The three-byte pieces of one text (ASCII case folded), as a small set that may also claim pieces which are not there: it can say that a
 * literal does not stand in the text, never that it does. */
#ifndef MATCH_GRAMS_H
#define MATCH_GRAMS_H

#include "skewline/str.h"

enum { GRAMS_BITS = 12, GRAMS_PROBES = 3 };

struct grams {
	uint64_t bits[(1 << GRAMS_BITS) / 64];
};
/* Three pieces of a literal: its beginning, its middle, its end. */
struct grams_probe {
	uint16_t bits[GRAMS_PROBES];
};

void grams_of_text(struct grams *grams, struct str text);
struct grams_probe grams_probe_of(struct str literal); /* of three bytes at least */

static inline bool grams_may_hold(const struct grams *grams, struct grams_probe probe)
{
	uint64_t all = 1;
	for (int i = 0; i < GRAMS_PROBES; i++)
		all &= grams->bits[probe.bits[i] / 64] >> (probe.bits[i] % 64);
	return all & 1;
}

#endif
