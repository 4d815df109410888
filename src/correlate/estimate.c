#include "estimate.h"

static double middle(const struct point *point)
{
	return point->low + (point->high - point->low) / 2;
}

static bool least_squares(const struct point *points, size_t count, double *out)
{
	double times = 0, values = 0, squares = 0, products = 0;
	for (size_t i = 0; i < count; i++) {
		times += points[i].time;
		values += middle(&points[i]);
	}
	times /= (double)count;
	values /= (double)count;
	for (size_t i = 0; i < count; i++) {
		double time = points[i].time - times;
		squares += time * time;
		products += time * (middle(&points[i]) - values);
	}
	*out = squares > 0 ? products / squares : 0;
	return squares > 0;
}

bool rate_fit(const struct point *points, size_t count, struct rate *out)
{
	struct rate rate;
	bool first = true;
	if (count < 2 || !least_squares(points, count, &rate.estimate))
		return false;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++) {
			double elapsed = points[k].time - points[i].time;
			if (elapsed <= 0)
				continue;
			double low = (points[k].low - points[i].high) / elapsed, high = (points[k].high - points[i].low) / elapsed;
			rate.low = first || low > rate.low ? low : rate.low;
			rate.high = first || high < rate.high ? high : rate.high;
			first = false;
		}
	if (rate.low > rate.high)
		return false;
	rate.estimate = rate.estimate < rate.low ? rate.low : rate.estimate > rate.high ? rate.high : rate.estimate;
	*out = rate;
	return true;
}

bool rate_reaches(const struct rate *rate, double low, double high, double limit, double *out_earliest, double *out_latest)
{
	bool ahead = low > 0;
	double near = ahead ? low : -high, far = ahead ? high : -low; /* of |offset| */
	double slow = ahead ? rate->low : -rate->high, fast = ahead ? rate->high : -rate->low;
	if (near <= 0 || far >= limit || fast <= 0)
		return false;
	*out_earliest = (limit - far) / fast;
	*out_latest = slow > 0 ? (limit - near) / slow : -1;
	return true;
}
