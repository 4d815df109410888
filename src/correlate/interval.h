/* Interval algebra: what one piece of evidence allows for theta, and the point that most of it allows.
 *
 * Everything is closed and in nanoseconds; INT64_MIN and INT64_MAX are the open sides. A piece of evidence allows one interval
 * or a union of two disjoint ones, lower first ("|difference| >= 300 s"). */
#ifndef CORRELATE_INTERVAL_H
#define CORRELATE_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPEN_LOW INT64_MIN
#define OPEN_HIGH INT64_MAX

struct range {
	int64_t low, high; /* low <= high */
};
struct allowed {
	int count; /* 0: nothing, 1 or 2 */
	struct range part[2];
};

int64_t ns_add(int64_t a, int64_t b); /* saturating below the open sides; an open side stays open */
int64_t ns_abs(int64_t a);
void ns_sort(int64_t *all, size_t count); /* ascending */
int64_t ns_nth(const int64_t *all, size_t count, size_t nth); /* what would stand at `nth` of them in order: of a dozen in no order */

struct allowed allowed_range(int64_t low, int64_t high); /* empty when low > high */
struct allowed allowed_outside(int64_t magnitude);       /* |theta| >= magnitude; any when magnitude <= 0 */
struct allowed allowed_either(int64_t magnitude, int64_t slack); /* +-magnitude, each +-slack; one interval when they touch */
struct allowed allowed_shift(struct allowed allowed, int64_t by);
struct allowed allowed_cut(struct allowed allowed, struct range to); /* intersection */
struct range range_cut(struct range a, struct range b);  /* may come out reversed: nothing */
bool range_empty(struct range range);
bool range_holds(struct range range, int64_t point);
bool allowed_holds(const struct allowed *allowed, int64_t point);
/* The part that holds the point; the part must exist. */
struct range allowed_part(const struct allowed *allowed, int64_t point);
int64_t range_distance(struct range range, int64_t from); /* 0 inside */

/* Marzullo's algorithm (Maintaining the Time in a Distributed System, 1984), over unions: the point >= floor that the most of
 * `items` allow. Among equals one that `preferred` (an index, or -1) allows, then the nearest to zero. *out_tie: two points of
 * opposite sign are equal even so; the positive one is given. False: there is nothing to agree on. */
bool agree_point(const struct allowed *items, size_t count, int preferred, int64_t floor, int64_t *out_point, bool *out_tie);

#endif
