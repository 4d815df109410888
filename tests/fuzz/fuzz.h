/* What every fuzz target shares. A target asserts with HOLDS: a broken invariant is a crash, in a replay as under libFuzzer. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "skewline/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLDS(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

static inline struct str fuzz_text(const uint8_t *data, size_t size)
{
	return (struct str){(const char *)data, size};
}

/* The first byte of an input chooses among `count` ways to read the rest. */
static inline size_t fuzz_choice(const uint8_t **data, size_t *size, size_t count)
{
	if (!*size)
		return 0;
	size_t choice = **data % count;
	++*data;
	--*size;
	return choice;
}

#endif
