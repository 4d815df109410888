#include "interval.h"

#include <assert.h>
#include <stdlib.h>

int64_t ns_add(int64_t a, int64_t b)
{
	if (a == OPEN_LOW || a == OPEN_HIGH)
		return a;
	int64_t sum;
	if (__builtin_add_overflow(a, b, &sum))
		return b > 0 ? OPEN_HIGH - 1 : OPEN_LOW + 1;
	return sum == OPEN_HIGH ? sum - 1 : sum == OPEN_LOW ? sum + 1 : sum;
}

int64_t ns_abs(int64_t a)
{
	return a >= 0 ? a : a == INT64_MIN ? INT64_MAX : -a;
}

static int by_ns(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return (left > right) - (left < right);
}

int64_t ns_nth(const int64_t *all, size_t count, size_t nth)
{
	for (size_t i = 0; i < count; i++) {
		size_t before = 0;
		for (size_t k = 0; k < count; k++)
			before += (all[k] < all[i]) | ((all[k] == all[i]) & (k < i));
		if (before == nth)
			return all[i];
	}
	assert(!"there are not as many");
	return 0;
}

/* A host's dozen of values, mostly in order, is put in order where it lies. */
void ns_sort(int64_t *all, size_t count)
{
	if (count > 16) {
		qsort(all, count, sizeof *all, by_ns);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		int64_t one = all[i];
		size_t at = i;
		for (; at > 0 && all[at - 1] > one; at--)
			all[at] = all[at - 1];
		all[at] = one;
	}
}

struct allowed allowed_range(int64_t low, int64_t high)
{
	return low > high ? (struct allowed){0} : (struct allowed){1, {{low, high}}};
}

struct allowed allowed_outside(int64_t magnitude)
{
	if (magnitude <= 0)
		return allowed_range(OPEN_LOW, OPEN_HIGH);
	return (struct allowed){2, {{OPEN_LOW, -magnitude}, {magnitude, OPEN_HIGH}}};
}

struct allowed allowed_either(int64_t magnitude, int64_t slack)
{
	int64_t near = magnitude - slack, far = ns_add(magnitude, slack);
	if (near <= 0)
		return allowed_range(-far, far);
	return (struct allowed){2, {{-far, -near}, {near, far}}};
}

struct allowed allowed_shift(struct allowed allowed, int64_t by)
{
	for (int i = 0; i < allowed.count; i++) {
		allowed.part[i].low = ns_add(allowed.part[i].low, by);
		allowed.part[i].high = ns_add(allowed.part[i].high, by);
	}
	return allowed;
}

struct range range_cut(struct range a, struct range b)
{
	return (struct range){a.low > b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
}

bool range_empty(struct range range)
{
	return range.low > range.high;
}

bool range_holds(struct range range, int64_t point)
{
	return range.low <= point && point <= range.high;
}

struct allowed allowed_cut(struct allowed allowed, struct range to)
{
	struct allowed out = {0};
	for (int i = 0; i < allowed.count; i++) {
		struct range part = range_cut(allowed.part[i], to);
		if (!range_empty(part))
			out.part[out.count++] = part;
	}
	return out;
}

bool allowed_holds(const struct allowed *allowed, int64_t point)
{
	for (int i = 0; i < allowed->count; i++)
		if (range_holds(allowed->part[i], point))
			return true;
	return false;
}

struct range allowed_part(const struct allowed *allowed, int64_t point)
{
	for (int i = 0; i < allowed->count; i++)
		if (range_holds(allowed->part[i], point))
			return allowed->part[i];
	assert(!"the point lies in no part");
	return (struct range){0, 0};
}

int64_t range_distance(struct range range, int64_t from)
{
	if (range_holds(range, from))
		return 0;
	return from < range.low ? ns_add(range.low, -from) : ns_add(from, -range.high);
}

struct best {
	bool found, preferred, tie;
	int depth;
	int64_t point;
};

/* A point is better by depth, then by the preferred item, then by nearness to zero. */
static void consider(struct best *best, const struct allowed *items, size_t count, int preferred, int64_t point)
{
	int depth = 0;
	for (size_t i = 0; i < count; i++)
		depth += allowed_holds(&items[i], point);
	if (depth == 0)
		return;
	bool liked = preferred >= 0 && allowed_holds(&items[preferred], point);
	struct best candidate = {true, liked, false, depth, point};
	if (!best->found || depth > best->depth || (depth == best->depth && liked && !best->preferred)) {
		*best = candidate;
		return;
	}
	if (depth < best->depth || liked != best->preferred || point == best->point)
		return;
	int64_t far = ns_abs(best->point), near = ns_abs(point);
	if (near < far)
		*best = candidate;
	else if (near == far) { /* the mirror image */
		best->tie = true;
		best->point = near;
	}
}

bool agree_point(const struct allowed *items, size_t count, int preferred, int64_t floor, int64_t *out_point, bool *out_tie)
{
	/* The nearest best point is zero itself or an end of some interval, or the floor. */
	struct best best = {0};
	if (floor <= 0)
		consider(&best, items, count, preferred, 0);
	if (floor != OPEN_LOW)
		consider(&best, items, count, preferred, floor);
	for (size_t i = 0; i < count; i++)
		for (int k = 0; k < items[i].count; k++) {
			int64_t low = items[i].part[k].low, high = items[i].part[k].high;
			if (low != OPEN_LOW && low >= floor)
				consider(&best, items, count, preferred, low);
			if (high != OPEN_HIGH && high >= floor)
				consider(&best, items, count, preferred, high);
		}
	if (!best.found)
		return false;
	*out_point = best.point;
	*out_tie = best.tie;
	return true;
}
