#include "grams.h"

#include <string.h>

/* Of the lower three of four bytes. */
static uint32_t hash(uint32_t four)
{
	return (((four | 0x20202020u) << 8) * 0x9E3779B1u) >> (32 - GRAMS_BITS);
}

static uint32_t three(const char *at)
{
	return (uint32_t)(unsigned char)at[0] | (uint32_t)(unsigned char)at[1] << 8 | (uint32_t)(unsigned char)at[2] << 16;
}

void grams_of_text(struct grams *grams, struct str text)
{
	memset(grams, 0, sizeof *grams);
	for (size_t i = 0; i + 3 <= text.size; i++) {
		uint32_t bit = hash(three(text.data + i));
		grams->bits[bit / 64] |= 1ull << (bit % 64);
	}
}

struct grams_probe grams_probe_of(struct str literal)
{
	struct grams_probe probe;
	size_t last = literal.size - 3;
	for (size_t i = 0; i < GRAMS_PROBES; i++)
		probe.bits[i] = (uint16_t)hash(three(literal.data + last * i / (GRAMS_PROBES - 1)));
	return probe;
}
