/* Instants and spans: int64 nanoseconds, distinct types so that they cannot be mixed up.
 *
 * `struct instant` counts from 1970-01-01T00:00:00Z (POSIX, no leap seconds) and reaches from 1677 to 2262. Whose clock
 * an instant was read from is said by the name of the variable that holds it: host_said, collected, appended, reference.
 * An offset is a span with one sign everywhere: POSITIVE = the host's clock is AHEAD of true time.
 * Nothing here reads a clock. Arithmetic saturates instead of overflowing, downwards at INT64_MIN + 1: INSTANT_NONE is never a result. */
#ifndef SKEWLINE_TIME_H
#define SKEWLINE_TIME_H

#include "skewline/str.h"

struct instant {
	int64_t ns;
};
struct span {
	int64_t ns;
};

#define SPAN_MS(n) ((struct span){(int64_t)(n) * 1000000})
#define SPAN_S(n) ((struct span){(int64_t)(n) * 1000000000})
#define INSTANT_NONE ((struct instant){INT64_MIN}) /* unknown; never a value that was read */
#define INSTANT_TEXT_MAX 36
#define SECOND_NS 1000000000LL

bool instant_known(struct instant at);
/* INSTANT_NONE, or of a year that a record may show: 1900 to 2200, and a day more for zones. Every window and timer counts with it. */
bool instant_sound(struct instant at);
struct instant instant_plus(struct instant at, struct span by);
struct span instant_minus(struct instant a, struct instant b); /* a - b */
bool instant_before(struct instant a, struct instant b);
struct instant instant_min(struct instant a, struct instant b);
struct instant instant_max(struct instant a, struct instant b);
struct span span_plus(struct span a, struct span b);
struct span span_abs(struct span a);
struct span span_of_seconds(double seconds); /* nearest ns; saturates; NaN gives 0 and must be refused before */
double span_seconds(struct span span);
struct instant instant_of_seconds(int64_t seconds);
struct instant instant_of_unix_ms(int64_t ms);
int64_t instant_unix_ms(struct instant at); /* rounded down */
int64_t instant_unix_s(struct instant at);  /* rounded down */
/* Days from civil date (proleptic Gregorian), the algorithm of Howard Hinnant's "chrono-compatible low-level date algorithms". */
int64_t days_from_civil(int64_t year, unsigned month, unsigned day);
void civil_from_days(int64_t days, int64_t *out_year, unsigned *out_month, unsigned *out_day);
/* RFC 3339 UTC with milliseconds, or more digits where the instant needs them (3, 6 or 9). */
struct str instant_text(struct instant at, char out[INSTANT_TEXT_MAX]);

#endif
