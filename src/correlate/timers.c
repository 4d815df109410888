/* One timer per host: a heap by (due, name), with stale entries left to be skipped (host->due decides). */
#include <stdlib.h>

#include "room.h"

static bool earlier(const struct timer *a, const struct timer *b)
{
	if (a->due != b->due)
		return a->due < b->due;
	return str_compare(owned_str(&a->host->name), owned_str(&b->host->name)) < 0;
}

static void swap(struct timer *a, struct timer *b)
{
	struct timer other = *a;
	*a = *b;
	*b = other;
}

static void sift_down(struct correlate_partition *p)
{
	for (uint32_t at = 0;;) {
		uint32_t least = at, left = 2 * at + 1, right = left + 1;
		if (left < p->timers_count && earlier(&p->timers[left], &p->timers[least]))
			least = left;
		if (right < p->timers_count && earlier(&p->timers[right], &p->timers[least]))
			least = right;
		if (least == at)
			return;
		swap(&p->timers[at], &p->timers[least]);
		at = least;
	}
}

void timer_set(struct correlate_partition *p, struct host *host, int64_t due)
{
	if (host->due == due)
		return;
	host->due = due;
	if (due == NONE)
		return;
	if (p->timers_count == p->timers_capacity) {
		p->timers_capacity = p->timers_capacity ? p->timers_capacity * 2 : 256;
		p->timers = realloc(p->timers, p->timers_capacity * sizeof *p->timers);
		if (!p->timers)
			abort();
	}
	uint32_t at = p->timers_count++;
	p->timers[at] = (struct timer){due, host};
	for (; at && earlier(&p->timers[at], &p->timers[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&p->timers[at], &p->timers[(at - 1) / 2]);
}

struct host *timer_due(struct correlate_partition *p, int64_t limit, int64_t *out_due)
{
	while (p->timers_count) {
		struct timer first = p->timers[0];
		if (first.host->due == first.due && first.due > limit)
			return NULL;
		if (first.host->due == first.due) {
			*out_due = first.due;
			return first.host;
		}
		p->timers[0] = p->timers[--p->timers_count];
		sift_down(p);
	}
	return NULL;
}
