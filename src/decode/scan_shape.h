/* What keys came after which, as a scanner has seen it: records of one producer have the same few shapes, so the next key is most often one
 * that came here before, and comparing its bytes is cheaper than reading it.
 *
 * A step is a key as it is written, from its quote up to its value. Steps form a tree: `inside` leads to the first keys of its object,
 * `next` to the keys that came after it, `other` to those that came in its place. What is learned changes the time a scan takes, never what it
 * gives; a key in an array, a long one and one too many are simply read. */
#ifndef DECODE_SCAN_SHAPE_H
#define DECODE_SCAN_SHAPE_H

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "scan_tree.h"

enum { STEP_BYTES = 32, STEPS_MAX = 2048, OTHERS_MAX = 6 };

struct step {
	char bytes[STEP_BYTES];
	const struct node *node;       /* what of our paths it leads to */
	uint16_t size;
	uint16_t inside, next, other;  /* 0: none */
};

struct shape {
	uint32_t count;                /* steps in use; number 0 is none, and holds the way into the text in `inside` */
	struct step steps[STEPS_MAX];
};


static inline bool step_is_at(const struct step *step, const char *at, const char *end)
{
#ifdef __SSE2__
	if (end - at < STEP_BYTES)
		return false;
	__m128i one = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), _mm_loadu_si128((const __m128i *)(const void *)step->bytes));
	uint32_t same = (uint32_t)_mm_movemask_epi8(one), all = (uint32_t)((1ull << step->size) - 1);
	if (step->size > 16) {
		__m128i two = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(at + 16)), _mm_loadu_si128((const __m128i *)(const void *)(step->bytes + 16)));
		same |= (uint32_t)_mm_movemask_epi8(two) << 16;
	}
	return (same & all) == all;
#else
	return end - at >= step->size && memcmp(at, step->bytes, step->size) == 0;
#endif
}

/* The step at a place that the text stands at; NULL: none of them. */
static inline struct step *shape_find(struct shape *shape, const uint16_t *place, const char *at, const char *end)
{
	for (uint16_t number = place ? *place : 0; number; number = shape->steps[number].other)
		if (step_is_at(&shape->steps[number], at, end))
			return &shape->steps[number];
	return NULL;
}

/* A key that was read at a place, with what lies up to its value. NULL: not learned. */
static inline struct step *shape_learn(struct shape *shape, uint16_t *place, struct str written, const struct node *node)
{
	unsigned others = 0;
	for (; place && *place; place = &shape->steps[*place].other, others++)
		continue;
	if (!place || others >= OTHERS_MAX || written.size > STEP_BYTES || shape->count >= STEPS_MAX)
		return NULL;
	struct step *step = &shape->steps[shape->count];
	*step = (struct step){.node = node, .size = (uint16_t)written.size};
	memcpy(step->bytes, written.data, written.size);
	*place = (uint16_t)shape->count++;
	return step;
}

/* Full: what comes now is learned anew. */
static inline void shape_tidy(struct shape *shape)
{
	if (shape->count < STEPS_MAX && shape->count > 0)
		return;
	shape->count = 1;
	shape->steps[0] = (struct step){0};
}

#endif
