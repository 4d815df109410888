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

void heap_init(struct heap *heap, size_t size, bool (*earlier)(const void *, const void *, const void *), const void *context)
{
	*heap = (struct heap){.size = size, .earlier = earlier, .context = context};
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
	for (; index && heap->earlier(heap->context, at(heap, index), at(heap, (index - 1) / 2)); index = (index - 1) / 2)
		swap(heap, index, (index - 1) / 2);
}

/* The first one may have become later than others. */
static void sink(struct heap *heap)
{
	for (uint32_t index = 0;;) {
		uint32_t least = index, left = 2 * index + 1, right = left + 1;
		if (left < heap->count && heap->earlier(heap->context, at(heap, left), at(heap, least)))
			least = left;
		if (right < heap->count && heap->earlier(heap->context, at(heap, right), at(heap, least)))
			least = right;
		if (least == index)
			return;
		swap(heap, index, least);
		index = least;
	}
}

void heap_pop(struct heap *heap, void *out)
{
	memcpy(out, at(heap, 0), heap->size);
	memmove(at(heap, 0), at(heap, --heap->count), heap->size);
	sink(heap);
}

void heap_replace(struct heap *heap, const void *item)
{
	memcpy(at(heap, 0), item, heap->size);
	sink(heap);
}

void heap_release(struct heap *heap)
{
	free(heap->items);
	heap->items = NULL;
	heap->count = heap->capacity = 0;
}

/* ---- timers: the due time of a row decides. A later one leaves the entry that waits, which then waits on; an earlier one comes beside it ---- */
static bool earlier(const void *context, const void *a, const void *b)
{
	const struct timer *left = a, *right = b;
	if (left->due != right->due)
		return left->due < right->due;
	return str_compare(host_row_name(host_row(context, left->host)), host_row_name(host_row(context, right->host))) < 0;
}

void timers_init(struct correlate_partition *p)
{
	heap_init(&p->timers, sizeof(struct timer), earlier, p);
}

static void arm(struct correlate_partition *p, uint32_t host)
{
	struct host_row *row = host_row(p, host);
	row->armed = row->due;
	heap_push(&p->timers, &(struct timer){row->due, host});
}

void timer_set(struct correlate_partition *p, uint32_t host, int64_t due)
{
	struct host_row *row = host_row(p, host);
	row->due = due;
	if (due != NONE && (row->armed == NONE || due < row->armed))
		arm(p, host);
}

struct host *timer_due(struct correlate_partition *p, int64_t limit, int64_t *out_due)
{
	while (p->timers.count) {
		struct timer first = *(const struct timer *)(const void *)p->timers.items;
		struct host_row *row = host_row(p, first.host);
		if (row->armed == first.due && row->due == first.due) {
			if (first.due > limit)
				return NULL;
			*out_due = first.due;
			return host_at(p, first.host);
		}
		bool beside = row->armed != first.due; /* an earlier one came beside it */
		if (!beside)
			row->armed = row->due;
		if (beside || row->due == NONE)
			heap_pop(&p->timers, &first);
		else
			heap_replace(&p->timers, &(struct timer){row->due, first.host});
	}
	return NULL;
}
