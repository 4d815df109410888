#include "time_text.h"

#include <endian.h>
#include <string.h>

bool time_digits(struct str text, size_t at, size_t size, int *out)
{
	int value = 0;
	if (text.size < at + size)
		return false;
	for (size_t i = at; i < at + size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = value * 10 + (text.data[i] - '0');
	}
	*out = value;
	return true;
}

static bool byte_is(struct str text, size_t at, char byte)
{
	return at < text.size && text.data[at] == byte;
}

static unsigned month_length(int year, int month)
{
	static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return lengths[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static const int64_t POWERS_OF_TEN[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

static struct span grain_of(size_t digits)
{
	return (struct span){POWERS_OF_TEN[digits < 9 ? 9 - digits : 0]};
}

/* Digits behind the mark; beyond nine they are read and dropped. */
static size_t fraction(struct str text, size_t *at, int64_t *out_ns)
{
	size_t from = *at, to = from;
	int64_t value = 0;
	for (; to < text.size && text.data[to] >= '0' && text.data[to] <= '9'; to++)
		value = to - from < 9 ? value * 10 + (text.data[to] - '0') : value;
	*out_ns = value * grain_of(to - from).ns;
	*at = to;
	return to - from;
}

/* Seconds east of UTC; false: not a zone. */
static bool zone(struct str text, int *out_seconds)
{
	int hours = 0, minutes = 0;
	*out_seconds = 0;
	if (!text.size || (text.size == 1 && (text.data[0] | 0x20) == 'z') || str_equal_folded(text, STR(" utc")) || str_equal_folded(text, STR(" gmt")))
		return true;
	if (text.data[0] == ' ')
		text = str_from(text, 1);
	if (text.size < 3 || (text.data[0] != '+' && text.data[0] != '-') || !time_digits(text, 1, 2, &hours))
		return false;
	struct str rest = str_from(text, byte_is(text, 3, ':') ? 4 : 3);
	if ((rest.size && (rest.size != 2 || !time_digits(rest, 0, 2, &minutes))) || hours > 23 || minutes > 59)
		return false;
	*out_seconds = (hours * 3600 + minutes * 60) * (text.data[0] == '-' ? -1 : 1);
	return true;
}

static inline bool two_digits(const char *at, int *out)
{
	unsigned tens = (unsigned)at[0] - '0', ones = (unsigned)at[1] - '0';
	*out = (int)(tens * 10 + ones);
	return (tens <= 9) & (ones <= 9);
}

/* Days since 1970-01-01, of years from 1 to 9999: the leap days of the years before are 1/4 - 1/100 + 1/400 of them. */
static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
	static const unsigned before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	unsigned last = month <= 2 ? year - 1 : year;
	return (int64_t)(365 * year + last / 4 - last / 100 + last / 400 + before[month - 1] + day - 1) - 719527;
}

/* Eight bytes that shall be `form`, with any digit where it has a zero: gives each digit's value in its byte, the first one lowest. Xor with the
 * form leaves 0..9 for a digit and 0 for another byte; `room` is what each may be added without reaching 0x80. */
static inline bool of_form(const char *at, uint64_t form, uint64_t room, uint64_t *out_digits)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
	*out_digits = word = le64toh(word) ^ form;
	return !((word | (word + room)) & 0x8080808080808080u);
}

/* The number that two digits make. */
static inline int pair_at(uint64_t digits, unsigned at)
{
	return (int)((digits * 10 + (digits >> 8)) >> 8 * at & 0xFF);
}

/* ".123Z" and nothing more, as most shippers write it. */
static inline bool milliseconds_and_z(struct str text, int64_t *out_ns)
{
	int hundreds = text.size == 24 ? text.data[20] - '0' : -1, rest;
	if (hundreds < 0 || hundreds > 9 || text.data[19] != '.' || text.data[23] != 'Z' || !two_digits(text.data + 21, &rest))
		return false;
	*out_ns = (hundreds * 100 + rest) * INT64_C(1000000);
	return true;
}

enum time_result time_rfc3339(struct str text, struct stamp_text *out)
{
	const uint64_t date_form = 0x2D30302D30303030u, date_room = 0x7F76767F76767676u;   /* "0000-00-" */
	const uint64_t clock_form = 0x30303A30303A3030u, clock_room = 0x76767F76767F7676u; /* "00:00:00" */
	uint64_t date, clock;
	int day, east;
	if (text.size < 19 || !of_form(text.data, date_form, date_room, &date) || !of_form(text.data + 11, clock_form, clock_room, &clock)
		|| !two_digits(text.data + 8, &day) || (text.data[10] != 'T' && text.data[10] != 't' && text.data[10] != ' '))
		return TIME_NOT;
	int year = pair_at(date, 0) * 100 + pair_at(date, 2), month = pair_at(date, 5);
	int hour = pair_at(clock, 0), minute = pair_at(clock, 3), second = pair_at(clock, 6);
	if (month < 1 || month > 12 || day < 1 || (unsigned)day > month_length(year, month) || hour > 23 || minute > 59 || second > 60)
		return TIME_NOT;
	size_t at = 19, digits = 0;
	int64_t ns = 0;
	if (milliseconds_and_z(text, &ns)) {
		digits = 3;
		east = 0;
	} else {
		if (byte_is(text, at, '.') || byte_is(text, at, ',')) {
			at++;
			digits = fraction(text, &at, &ns);
			if (!digits)
				return TIME_NOT;
		}
		if (!zone(str_from(text, at), &east))
			return TIME_NOT;
	}
	if (year < 1900 || year > 2200)
		return TIME_BEYOND;
	int64_t seconds = days_of((unsigned)year, (unsigned)month, (unsigned)day) * 86400 + hour * 3600 + minute * 60 + second - east;
	*out = (struct stamp_text){{seconds * SECOND_NS + ns}, grain_of(digits)};
	return TIME_OK;
}

/* 1900-01-01 and the last second of 2200. */
#define FIRST_SECOND (-2208988800)
#define LAST_SECOND 7289654399

static enum time_result of_integer(int64_t value, struct stamp_text *out)
{
	static const struct { int64_t per_second, ns; } units[] = {{1, SECOND_NS}, {1000, 1000000}, {1000000, 1000}, {1000000000, 1}};
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (value / units[i].per_second < FIRST_SECOND || value / units[i].per_second > LAST_SECOND)
			continue;
		*out = (struct stamp_text){{value * units[i].ns}, {units[i].ns}};
		return TIME_OK;
	}
	return TIME_BEYOND;
}

enum time_result time_epoch(struct str text, struct stamp_text *out)
{
	int64_t whole, ns;
	double seconds;
	if (str_to_int64(text, &whole))
		return of_integer(whole, out);
	ptrdiff_t dot = str_find_byte(text, '.');
	if (dot > 0 && str_to_int64(str_first(text, (size_t)dot), &whole)) {
		size_t at = (size_t)dot + 1, digits = fraction(text, &at, &ns);
		if (at == text.size && (whole < FIRST_SECOND || whole > LAST_SECOND))
			return of_integer(whole, out); /* milliseconds with a fraction */
		if (at == text.size) {
			*out = (struct stamp_text){{whole * SECOND_NS + (text.data[0] == '-' ? -ns : ns)}, grain_of(digits)};
			return TIME_OK;
		}
	}
	if (!str_to_double(text, &seconds)) /* an exponent, or no number at all */
		return TIME_NOT;
	if (seconds < FIRST_SECOND || seconds > LAST_SECOND)
		return TIME_BEYOND;
	*out = (struct stamp_text){{span_of_seconds(seconds).ns}, {1000}};
	return TIME_OK;
}

enum time_result time_any(struct str text, struct stamp_text *out)
{
	enum time_result result = time_rfc3339(text, out);
	return result == TIME_NOT ? time_epoch(text, out) : result;
}

static int month_of(struct str text)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	for (int i = 0; i < 12; i++)
		if (text.size >= 3 && str_equal(str_first(text, 3), (struct str){names + i * 3, 3}))
			return i + 1;
	return 0;
}

/* The year in which the date lies nearest to `nearby`. */
static struct instant with_year(int month, int day, int64_t seconds, struct instant nearby)
{
	int64_t year;
	unsigned m, d;
	civil_from_days(instant_unix_s(nearby) / 86400, &year, &m, &d);
	struct instant best = INSTANT_NONE;
	for (int64_t y = year - 1; y <= year + 1; y++) {
		if ((unsigned)day > month_length((int)y, month))
			continue;
		struct instant at = instant_of_seconds(days_from_civil(y, (unsigned)month, (unsigned)day) * 86400 + seconds);
		if (!instant_known(best) || span_abs(instant_minus(at, nearby)).ns < span_abs(instant_minus(best, nearby)).ns)
			best = at;
	}
	return best;
}

enum time_result time_rfc3164(struct str text, struct instant nearby, struct stamp_text *out, size_t *out_size)
{
	int day, hour, minute, second, month = month_of(text);
	if (!month || !byte_is(text, 3, ' '))
		return TIME_NOT;
	bool padded = byte_is(text, 4, ' ');
	if (!time_digits(text, padded ? 5 : 4, padded ? 1 : 2, &day) || !byte_is(text, 6, ' ') || !time_digits(text, 7, 2, &hour) || !byte_is(text, 9, ':')
		|| !time_digits(text, 10, 2, &minute) || !byte_is(text, 12, ':') || !time_digits(text, 13, 2, &second))
		return TIME_NOT;
	if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return TIME_NOT;
	*out_size = 15;
	*out = (struct stamp_text){INSTANT_NONE, SPAN_S(1)};
	if (instant_known(nearby))
		out->at = with_year(month, day, hour * 3600 + minute * 60 + second, nearby);
	return TIME_OK;
}
