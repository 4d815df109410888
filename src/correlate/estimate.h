/* Straight lines through intervals: how fast a clock drifts and when it reaches a limit. Pure; seconds and seconds per second.
 *
 * A point is an interval that holds the truth at its time. The rate of a straight truth lies between what every pair of points allows
 * (no distribution is assumed); the estimate is the least squares line through the middles, kept inside. */
#ifndef CORRELATE_ESTIMATE_H
#define CORRELATE_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>

struct point {
	double time, low, high;
};
struct rate {
	double estimate, low, high;
};

/* False: fewer than two different times, or no straight line passes through all of them (low > high). */
bool rate_fit(const struct point *points, size_t count, struct rate *out);
/* How long until |offset| reaches `limit`, for an offset in [low, high], all on one side of zero and below the limit, that moves at `rate`.
 * *out_latest is negative where the slowest rate never gets there. False: it is not under way to it at all. */
bool rate_reaches(const struct rate *rate, double low, double high, double limit, double *out_earliest, double *out_latest);

#endif
