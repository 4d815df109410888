/* A binary heap of things of one size, the earliest first: what waits in a partition. */
#include <stdlib.h>
#include <string.h>

#include "room.h"

static void *at(const struct heap *heap, uint32_t index)
{
	return heap->items + (size_t)index * heap->size;
}

static void swap(const struct heap *heap, uint32_t a, uint32_t b)
{
	char other[HEAP_ITEM_MAX];
	memcpy(other, at(heap, a), heap->size);
	memcpy(at(heap, a), at(heap, b), heap->size);
	memcpy(at(heap, b), other, heap->size);
}

void heap_init(struct heap *heap, size_t size, bool (*earlier)(const void *, const void *))
{
	*heap = (struct heap){.size = size, .earlier = earlier};
	if (size > HEAP_ITEM_MAX)
		abort();
}

void heap_push(struct heap *heap, const void *item)
{
	if (heap->count == heap->capacity) {
		heap->capacity = heap->capacity ? heap->capacity * 2 : 64;
		heap->items = realloc(heap->items, heap->capacity * heap->size);
		if (!heap->items)
			abort();
	}
	uint32_t index = heap->count++;
	memcpy(at(heap, index), item, heap->size);
	for (; index && heap->earlier(at(heap, index), at(heap, (index - 1) / 2)); index = (index - 1) / 2)
		swap(heap, index, (index - 1) / 2);
}

void heap_pop(struct heap *heap, void *out)
{
	memcpy(out, at(heap, 0), heap->size);
	memmove(at(heap, 0), at(heap, --heap->count), heap->size);
	for (uint32_t index = 0;;) {
		uint32_t least = index, left = 2 * index + 1, right = left + 1;
		if (left < heap->count && heap->earlier(at(heap, left), at(heap, least)))
			least = left;
		if (right < heap->count && heap->earlier(at(heap, right), at(heap, least)))
			least = right;
		if (least == index)
			return;
		swap(heap, index, least);
		index = least;
	}
}

void heap_release(struct heap *heap)
{
	free(heap->items);
	heap->items = NULL;
	heap->count = heap->capacity = 0;
}

/* ---- timers: one per host, with stale entries left to be skipped (host->due decides) ---- */
static bool earlier(const void *a, const void *b)
{
	const struct timer *left = a, *right = b;
	if (left->due != right->due)
		return left->due < right->due;
	return str_compare(owned_str(&left->host->name), owned_str(&right->host->name)) < 0;
}

void timers_init(struct heap *timers)
{
	heap_init(timers, sizeof(struct timer), earlier);
}

void timer_set(struct correlate_partition *p, struct host *host, int64_t due)
{
	if (host->due == due)
		return;
	host->due = due;
	if (due != NONE)
		heap_push(&p->timers, &(struct timer){due, host});
}

struct host *timer_due(struct correlate_partition *p, int64_t limit, int64_t *out_due)
{
	while (p->timers.count) {
		struct timer first = *(const struct timer *)(const void *)p->timers.items;
		if (first.host->due != first.due) {
			heap_pop(&p->timers, &first);
			continue;
		}
		if (first.due > limit)
			return NULL;
		*out_due = first.due;
		return first.host;
	}
	return NULL;
}
