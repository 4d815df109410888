/* Memory of this room: what cannot be had ends the program. */
#ifndef MATCH_ALLOCATE_H
#define MATCH_ALLOCATE_H

#include <stdlib.h>

/* At least one item, all bytes zero. */
static inline void *zeroed(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);
	if (!memory)
		abort();
	return memory;
}

/* `items` of which `count` are in use, with room for one more: the same, or moved and twice as large. */
static inline void *grown(void *items, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return items;
	*capacity = *capacity ? *capacity * 2 : 16;
	items = realloc(items, *capacity * size);
	if (!items)
		abort();
	return items;
}

#endif
