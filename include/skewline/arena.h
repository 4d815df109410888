/* One lifetime: everything allocated from an arena is freed together.
 *
 * Taking `struct arena *` as a parameter is the ownership note: the result lives as long as that arena (a process, a rule
 * set, a batch). Memory is aligned for any type and not cleared unless said. Out of memory aborts. */
#ifndef SKEWLINE_ARENA_H
#define SKEWLINE_ARENA_H

#include <stdarg.h>

#include "skewline/str.h"

struct arena_block;
struct arena {
	struct arena_block *block; /* the newest block; older ones hang behind it */
	size_t used;               /* bytes of the newest block */
	size_t total;              /* bytes handed out since the last reset */
};

void *arena_alloc(struct arena *arena, size_t size);       /* not cleared */
void *arena_zalloc(struct arena *arena, size_t size);      /* cleared */
void *arena_array(struct arena *arena, size_t count, size_t size); /* cleared; count * size is checked */
struct str arena_copy(struct arena *arena, struct str text);       /* also NUL-terminated behind the view */
__attribute__((format(printf, 2, 3))) struct str arena_printf(struct arena *arena, const char *format, ...);
__attribute__((format(printf, 2, 0))) struct str arena_vprintf(struct arena *arena, const char *format, va_list arguments);
void arena_reset(struct arena *arena);   /* everything gone, the largest block kept for the next round */
void arena_release(struct arena *arena); /* everything freed; usable again */

#endif
