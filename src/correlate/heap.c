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

/* The first one may be later than others. */
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

void heap_release(struct heap *heap)
{
	free(heap->items);
	heap->items = NULL;
	heap->count = heap->capacity = 0;
}

/* ---- timers: only what is due until a little later than now waits in the heap, or most of its memory would be of hosts that merely go on. A later
 * due time leaves the entry that waits, an earlier one comes beside it; which of them counts is told by the host. Of one that sleeps and is due
 * until then an entry with just its due time waits. ---- */
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
	p->timers_until = NONE;
}

static bool is_near(const struct correlate_partition *p, int64_t due)
{
	return due != NONE && due <= p->timers_until;
}

void timers_gather(struct correlate_partition *p, int64_t until)
{
	p->timers.count = 0;
	p->timers_until = until;
	for (uint32_t i = 0; i < p->hosts.count; i++) {
		struct host_row *row = host_row(p, i);
		int64_t due = host_row_due(row);
		bool near = is_near(p, due);
		if (near)
			heap_push(&p->timers, &(struct timer){due, i});
		if (row->awake)
			row->host->armed = near ? due : NONE;
	}
}

/* Entries of times that no longer count are few, or go. */
static void arm(struct correlate_partition *p, struct timer timer)
{
	heap_push(&p->timers, &timer);
	if (p->timers.count > 64 + 4 * p->hosts.count)
		timers_gather(p, p->timers_until);
}

void timer_set(struct correlate_partition *p, struct host *host, int64_t due)
{
	host->due = due;
	if (!is_near(p, due) || (host->armed != NONE && host->armed <= due))
		return;
	host->armed = due;
	arm(p, (struct timer){due, host->index});
}

void timer_wakes(struct correlate_partition *p, struct host *host)
{
	host->armed = is_near(p, host->due) ? host->due : NONE;
}

void timer_sleeps(struct correlate_partition *p, const struct host *host)
{
	if (is_near(p, host->due) && host->armed != host->due)
		arm(p, (struct timer){host->due, host->index});
}

struct host *timer_due(struct correlate_partition *p, int64_t limit, int64_t *out_due)
{
	while (p->timers.count) {
		struct timer first = *(const struct timer *)(const void *)p->timers.items;
		struct host_row *row = host_row(p, first.host);
		if (host_row_due(row) == first.due) {
			if (first.due > limit)
				return NULL;
			*out_due = first.due;
			return host_at(p, first.host);
		}
		heap_pop(&p->timers, &first);
		if (row->awake && row->host->armed == first.due) {
			row->host->armed = NONE;
			timer_set(p, row->host, row->host->due);
		}
	}
	return NULL;
}
