#include "skewline/arena.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *older;
	size_t capacity;
	_Alignas(max_align_t) char bytes[];
};

enum { FIRST_BLOCK = 4096, LARGEST_STEP = 1 << 20 };

static void add_block(struct arena *arena, size_t size)
{
	size_t capacity = arena->block ? arena->block->capacity * 2 : FIRST_BLOCK;
	if (capacity > LARGEST_STEP)
		capacity = LARGEST_STEP;
	if (capacity < size)
		capacity = size;
	struct arena_block *block = malloc(sizeof *block + capacity);
	if (!block)
		abort();
	block->older = arena->block;
	block->capacity = capacity;
	arena->block = block;
	arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t unit = _Alignof(max_align_t);
	assert(size < SIZE_MAX / 2);
	size = (size + unit - 1) / unit * unit;
	if (!arena->block || arena->block->capacity - arena->used < size)
		add_block(arena, size);
	void *at = arena->block->bytes + arena->used;
	arena->used += size;
	arena->total += size;
	return at;
}

void *arena_zalloc(struct arena *arena, size_t size)
{
	return memset(arena_alloc(arena, size), 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		abort();
	return arena_zalloc(arena, bytes);
}

struct str arena_copy(struct arena *arena, struct str text)
{
	char *copy = arena_alloc(arena, text.size + 1);
	if (text.size)
		memcpy(copy, text.data, text.size);
	copy[text.size] = 0;
	return (struct str){copy, text.size};
}

struct str arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
	va_list again;
	va_copy(again, arguments);
	int size = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(size >= 0);
	char *text = arena_alloc(arena, (size_t)size + 1);
	vsnprintf(text, (size_t)size + 1, format, arguments);
	return (struct str){text, (size_t)size};
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct str text = arena_vprintf(arena, format, arguments);
	va_end(arguments);
	return text;
}

void arena_reset(struct arena *arena)
{
	struct arena_block *largest = arena->block;
	for (struct arena_block *block = arena->block; block; block = block->older)
		if (block->capacity > largest->capacity)
			largest = block;
	for (struct arena_block *block = arena->block, *older; block; block = older) {
		older = block->older;
		if (block != largest)
			free(block);
	}
	if (largest)
		largest->older = NULL;
	*arena = (struct arena){.block = largest};
}

void arena_release(struct arena *arena)
{
	arena_reset(arena);
	free(arena->block);
	*arena = (struct arena){0};
}
