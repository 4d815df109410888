#include "glance.h"

static bool number(const char *at, size_t digits, unsigned *out)
{
	unsigned value = 0;
	for (size_t i = 0; i < digits; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		value = value * 10 + (unsigned)(at[i] - '0');
	}
	*out = value;
	return true;
}

/* Nanoseconds of ".ddd"; moves *at behind it. */
static int64_t fraction(struct str text, size_t *at)
{
	int64_t ns = 0, unit = SECOND_NS;
	if (*at >= text.size || text.data[*at] != '.')
		return 0;
	for (++*at; *at < text.size && text.data[*at] >= '0' && text.data[*at] <= '9'; ++*at) {
		unit /= 10;
		ns += (text.data[*at] - '0') * unit;
	}
	return ns;
}

struct instant glance_instant(struct str text)
{
	unsigned year, month, day, hour, minute, second;
	if (text.size < 22 || text.data[0] != '"')
		return INSTANT_NONE;
	const char *t = text.data + 1;
	if (t[4] != '-' || t[7] != '-' || t[10] != 'T' || t[13] != ':' || t[16] != ':' || !number(t, 4, &year) || !number(t + 5, 2, &month)
		|| !number(t + 8, 2, &day) || !number(t + 11, 2, &hour) || !number(t + 14, 2, &minute) || !number(t + 17, 2, &second))
		return INSTANT_NONE;
	if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return INSTANT_NONE;
	size_t at = 20;
	int64_t ns = fraction(text, &at);
	if (at + 1 >= text.size || text.data[at] != 'Z' || text.data[at + 1] != '"')
		return INSTANT_NONE;
	int64_t seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return (struct instant){seconds * SECOND_NS + ns};
}
