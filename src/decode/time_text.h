/* Stamps as the field writes them -> an instant and its grain. Nothing here guesses silently: what a form does not say (year,
 * zone) is taken from `nearby` or is UTC, as each function states. */
#ifndef DECODE_TIME_TEXT_H
#define DECODE_TIME_TEXT_H

#include "skewline/time.h"

enum time_result { TIME_OK, TIME_NOT, TIME_BEYOND }; /* TIME_NOT: not of this form; TIME_BEYOND: a time outside 1900..2200 */

struct stamp_text {
	struct instant at;
	struct span grain; /* 1 s, 1 ms, 1 us, 1 ns: by the digits that were written */
};

/* Exactly `size` decimal digits at `at`. */
bool time_digits(struct str text, size_t at, size_t size, int *out);

/* RFC 3339 and its loose kin: `T` or a blank, `.` or `,` before the fraction, zone Z, +hh:mm, +hhmm, +hh, or none (then UTC).
 * The whole text. */
enum time_result time_rfc3339(struct str text, struct stamp_text *out);
/* Seconds since 1970 with a fraction, or an integer of ms, us or ns (by its size). */
enum time_result time_epoch(struct str text, struct stamp_text *out);
/* "Nov 23 01:20:17" at the start of the text: UTC, the year that lies nearest to `nearby`; at = INSTANT_NONE when that is unknown. */
enum time_result time_rfc3164(struct str text, struct instant nearby, struct stamp_text *out, size_t *out_size);
/* Any of the first two. */
enum time_result time_any(struct str text, struct stamp_text *out);

#endif
