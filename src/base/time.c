#include "skewline/time.h"

#include <math.h>
#include <stdio.h>

static int64_t add_saturating(int64_t a, int64_t b)
{
	int64_t sum;
	if (!__builtin_add_overflow(a, b, &sum))
		return sum;
	return b > 0 ? INT64_MAX : INT64_MIN + 1;
}

static int64_t subtract_saturating(int64_t a, int64_t b)
{
	int64_t difference;
	if (!__builtin_sub_overflow(a, b, &difference))
		return difference;
	return b < 0 ? INT64_MAX : INT64_MIN + 1;
}

static int64_t multiply_saturating(int64_t a, int64_t b)
{
	int64_t product;
	if (!__builtin_mul_overflow(a, b, &product))
		return product;
	return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN + 1;
}

static int64_t divide_down(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

bool instant_known(struct instant at)
{
	return at.ns != INT64_MIN;
}

bool instant_sound(struct instant at)
{
	return !instant_known(at) || (at.ns >= -2209075200 * SECOND_NS && at.ns <= 7289740800 * SECOND_NS);
}

struct instant instant_plus(struct instant at, struct span by)
{
	return (struct instant){add_saturating(at.ns, by.ns)};
}

struct span instant_minus(struct instant a, struct instant b)
{
	return (struct span){subtract_saturating(a.ns, b.ns)};
}

bool instant_before(struct instant a, struct instant b)
{
	return a.ns < b.ns;
}

struct instant instant_min(struct instant a, struct instant b)
{
	return a.ns < b.ns ? a : b;
}

struct instant instant_max(struct instant a, struct instant b)
{
	return a.ns > b.ns ? a : b;
}

struct span span_plus(struct span a, struct span b)
{
	return (struct span){add_saturating(a.ns, b.ns)};
}

struct span span_abs(struct span a)
{
	return a.ns >= 0 ? a : (struct span){a.ns == INT64_MIN ? INT64_MAX : -a.ns};
}

struct span span_of_seconds(double seconds)
{
	double ns = seconds * 1e9;
	if (isnan(ns))
		return (struct span){0};
	if (ns >= 9.2e18)
		return (struct span){INT64_MAX};
	if (ns <= -9.2e18)
		return (struct span){INT64_MIN + 1};
	return (struct span){(int64_t)llround(ns)};
}

double span_seconds(struct span span)
{
	return (double)span.ns / 1e9;
}

struct instant instant_of_seconds(int64_t seconds)
{
	return (struct instant){multiply_saturating(seconds, SECOND_NS)};
}

struct instant instant_of_unix_ms(int64_t ms)
{
	return (struct instant){multiply_saturating(ms, 1000000)};
}

int64_t instant_unix_ms(struct instant at)
{
	return divide_down(at.ns, 1000000);
}

int64_t instant_unix_s(struct instant at)
{
	return divide_down(at.ns, SECOND_NS);
}

int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t era = divide_down(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

void civil_from_days(int64_t days, int64_t *out_year, unsigned *out_month, unsigned *out_day)
{
	days += 719468;
	int64_t era = divide_down(days, 146097);
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month_index = (5 * day_of_year + 2) / 153; /* 0 = March */
	*out_day = (unsigned)(day_of_year - (153 * month_index + 2) / 5 + 1);
	*out_month = (unsigned)(month_index < 10 ? month_index + 3 : month_index - 9);
	*out_year = year_of_era + era * 400 + (*out_month <= 2);
}

struct str instant_text(struct instant at, char out[INSTANT_TEXT_MAX])
{
	int64_t seconds = instant_unix_s(at), year;
	int64_t fraction = at.ns % SECOND_NS + (at.ns % SECOND_NS < 0 ? SECOND_NS : 0);
	int64_t days = divide_down(seconds, 86400), of_day = seconds - days * 86400;
	unsigned month, day;
	civil_from_days(days, &year, &month, &day);
	int digits = fraction % 1000 ? 9 : fraction % 1000000 ? 6 : 3;
	for (int i = digits; i < 9; i++)
		fraction /= 10;
	int size = snprintf(out, INSTANT_TEXT_MAX, "%04d-%02u-%02uT%02d:%02d:%02d.%0*dZ", (int)year, month, day, (int)(of_day / 3600),
		(int)(of_day / 60 % 60), (int)(of_day % 60), digits, (int)fraction);
	return (struct str){out, (size_t)size};
}
