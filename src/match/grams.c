#include "grams.h"

#include <string.h>

void grams_of_text(struct grams *grams, struct str text)
{
	memset(grams, 0, sizeof *grams);
	size_t i = 0;
	for (; i + 4 <= text.size; i++)
		grams_add(grams, grams_hash_of(grams_load(text.data + i)));
	if (i + 3 <= text.size)
		grams_add(grams, grams_hash(text.data + i));
}

struct grams_probe grams_probe_of(struct str literal)
{
	struct grams_probe probe;
	size_t last = literal.size - 3;
	for (size_t i = 0; i < GRAMS_PROBES; i++)
		probe.bits[i] = grams_hash(literal.data + last * i / (GRAMS_PROBES - 1));
	return probe;
}
