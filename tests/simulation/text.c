/* Numbers and stamps as text, without printf. */
#include <math.h>
#include <string.h>

#include "parts.h"

char *put_text(char *out, const char *text)
{
	size_t size = strlen(text);
	memcpy(out, text, size);
	return out + size;
}

char *put_integer(char *out, int64_t value)
{
	char digits[24];
	int count = 0;
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
	do
		digits[count++] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (value < 0)
		*out++ = '-';
	while (count)
		*out++ = digits[--count];
	return out;
}

static char *put_padded(char *out, int64_t value, int width)
{
	for (int i = width; i-- > 0; value /= 10)
		out[i] = (char)('0' + value % 10);
	return out + width;
}

char *put_fixed(char *out, double value, int digits)
{
	static const double scales[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
	double scale = scales[digits];
	if (value < 0) {
		*out++ = '-';
		value = -value;
	}
	int64_t whole = (int64_t)value, part = llround((value - (double)whole) * scale);
	if (part == (int64_t)scale) {
		whole++;
		part = 0;
	}
	out = put_integer(out, whole);
	if (!digits)
		return out;
	*out++ = '.';
	return put_padded(out, part, digits);
}

/* Days from 1970 -> year, month, day (the usual era arithmetic on years that begin in March). */
static char *put_date(char *out, int64_t days)
{
	int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097, of_era = shifted - era * 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100), month = (5 * of_year + 2) / 153;
	int64_t day = of_year - (153 * month + 2) / 5 + 1, calendar = month < 10 ? month + 3 : month - 9;
	out = put_padded(out, year_of_era + era * 400 + (calendar <= 2), 4);
	*out++ = '-';
	out = put_padded(out, calendar, 2);
	*out++ = '-';
	return put_padded(out, day, 2);
}

char *put_stamp(char *out, int64_t unix_ns, int digits)
{
	int64_t seconds = unix_ns / 1000000000, rest = unix_ns % 1000000000;
	if (rest < 0) {
		rest += 1000000000;
		seconds--;
	}
	int64_t days = seconds / 86400, of_day = seconds % 86400;
	if (of_day < 0) {
		of_day += 86400;
		days--;
	}
	out = put_date(out, days);
	*out++ = 'T';
	out = put_padded(out, of_day / 3600, 2);
	*out++ = ':';
	out = put_padded(out, of_day / 60 % 60, 2);
	*out++ = ':';
	out = put_padded(out, of_day % 60, 2);
	if (digits) {
		*out++ = '.';
		for (int i = digits; i < 9; i++)
			rest /= 10;
		out = put_padded(out, rest, digits);
	}
	*out++ = 'Z';
	return out;
}
