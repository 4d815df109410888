#include "instant.h"

#include <string.h>

#include "skewline/decode.h"

static bool digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* An unsigned number at the text's beginning, moved behind it. */
static bool take_number(struct str *text, int *out)
{
	size_t size = 0;
	int value = 0;
	for (; size < text->size && digit(text->data[size]) && size < 4; size++)
		value = value * 10 + (text->data[size] - '0');
	*text = str_from(*text, size);
	*out = value;
	return size > 0;
}

static bool take(struct str *text, char byte)
{
	bool there = text->size && text->data[0] == byte;
	*text = str_from(*text, there);
	return there;
}

/* h:mm:ss[.fraction] [AM|PM], seconds of the day. */
static bool take_time(struct str text, double *out)
{
	int hour, minute, second = 0;
	double fraction = 0;
	if (!take_number(&text, &hour) || !take(&text, ':') || !take_number(&text, &minute))
		return false;
	if (take(&text, ':') && !take_number(&text, &second))
		return false;
	if (text.size && (text.data[0] == '.' || text.data[0] == ',')) {
		size_t size = 1;
		while (size < text.size && digit(text.data[size]))
			size++;
		double place = 0.1;
		for (size_t i = 1; i < size; i++, place /= 10)
			fraction += (text.data[i] - '0') * place;
		text = str_from(text, size);
	}
	text = str_trim(text);
	bool afternoon = str_equal_folded(text, STR("pm")), morning = str_equal_folded(text, STR("am"));
	if ((text.size && !afternoon && !morning) || ((afternoon || morning) && (hour < 1 || hour > 12)) || hour > 23 || minute > 59 || second > 60)
		return false;
	if (afternoon || morning)
		hour = hour % 12 + (afternoon ? 12 : 0);
	*out = hour * 3600 + minute * 60 + second + fraction;
	return true;
}

/* 3/14/2026 8:00:00 AM; which number is the month is not to be seen. */
static bool slashes(struct str text, enum instant_format format, struct instant *out)
{
	int first, second, year;
	double time = 0;
	if (!take_number(&text, &first) || !take(&text, '/') || !take_number(&text, &second) || !take(&text, '/') || !take_number(&text, &year))
		return false;
	take(&text, ',');
	text = str_trim(text);
	if (str_ends(text, STR(" UTC")) || str_ends(text, STR(" GMT")))
		text.size -= 4;
	if (text.size && !take_time(text, &time))
		return false;
	bool american = text.size > 2 && (text.data[text.size - 1] | 0x20) == 'm'; /* AM and PM */
	if (format == INSTANT_AUTO && !american && (first > 12) == (second > 12))
		return false;
	bool day_first = format == INSTANT_DAY_FIRST || (format == INSTANT_AUTO && first > 12);
	int month = day_first ? second : first, day = day_first ? first : second;
	year += year < 50 ? 2000 : year < 100 ? 1900 : 0;
	if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1900 || year > 2200)
		return false;
	*out = instant_plus(instant_of_seconds(days_from_civil(year, (unsigned)month, (unsigned)day) * 86400), span_of_seconds(time));
	return true;
}

/* "Mar 14 08:00:00": the year nearest to `nearby`. */
static bool yearless(struct str text, struct instant nearby, struct instant *out)
{
	int64_t year;
	unsigned month, day;
	char whole[64];
	if (!instant_known(nearby) || text.size < 13 || text.size > 40 || ((text.data[0] | 0x20) < 'a') || ((text.data[0] | 0x20) > 'z'))
		return false;
	civil_from_days(instant_unix_s(nearby) / 86400, &year, &month, &day);
	*out = INSTANT_NONE;
	for (int64_t y = year - 1; y <= year + 1; y++) {
		struct instant at;
		memcpy(whole, text.data, text.size);
		size_t size = text.size;
		whole[size++] = ' ';
		for (int64_t scale = 1000; scale; scale /= 10)
			whole[size++] = (char)('0' + y / scale % 10);
		if (instant_in_message((struct str){whole, size}, &at) && (!instant_known(*out) || span_abs(instant_minus(at, nearby)).ns < span_abs(instant_minus(*out, nearby)).ns))
			*out = at;
	}
	return instant_known(*out);
}

/* Go's monotonic part, the zone's name behind its number, a remark in parentheses. */
static struct str without_ornament(struct str text)
{
	ptrdiff_t monotonic = str_find(text, STR(" m=")), remark = str_find(text, STR(" ("));
	if (monotonic > 0)
		text = str_first(text, (size_t)monotonic);
	if (remark > 0 && text.size && text.data[text.size - 1] == ')')
		text = str_first(text, (size_t)remark);
	size_t size = text.size;
	while (size && ((text.data[size - 1] | 0x20) >= 'a') && ((text.data[size - 1] | 0x20) <= 'z'))
		size--;
	bool numbered = size > 7 && size < text.size && text.data[size - 1] == ' ' && digit(text.data[size - 2]) && (text.data[size - 6] == '+' || text.data[size - 6] == '-');
	return numbered ? str_first(text, size - 1) : text;
}

/* A number of units since 1970, `unit_ns` each; whole and fraction apart, because a double holds no nanoseconds of today. */
static bool epoch(struct str text, int64_t unit_ns, struct instant *out)
{
	int64_t whole;
	double fraction = 0;
	ptrdiff_t dot = str_find_byte(text, '.');
	if (!str_to_int64(dot >= 0 ? str_first(text, (size_t)dot) : text, &whole) || (dot >= 0 && !str_to_double(str_from(text, (size_t)dot), &fraction)))
		return false;
	if (whole < -2208988800 * (SECOND_NS / unit_ns) || whole > 7289654399 * (SECOND_NS / unit_ns))
		return false;
	int64_t part = (int64_t)(fraction * (double)unit_ns + 0.5);
	*out = (struct instant){whole * unit_ns + (text.data[0] == '-' ? -part : part)};
	return true;
}

static bool shaped(struct str text, const char *shape)
{
	for (size_t i = 0; shape[i]; i++)
		if (i >= text.size || (shape[i] == '0' ? !digit(text.data[i]) : shape[i] == 'a' ? ((text.data[i] | 0x20) < 'a' || (text.data[i] | 0x20) > 'z') : text.data[i] != shape[i]))
			return false;
	return true;
}

bool instant_read(struct str text, enum instant_format format, struct instant nearby, struct instant *out)
{
	text = str_trim(text);
	struct str plain = without_ornament(text);
	switch (format) {
	case INSTANT_EPOCH_S: return epoch(text, SECOND_NS, out);
	case INSTANT_EPOCH_MS: return epoch(text, SECOND_NS / 1000, out);
	case INSTANT_EPOCH_US: return epoch(text, 1000, out);
	case INSTANT_EPOCH_NS: return epoch(text, 1, out);
	case INSTANT_RFC3339: return shaped(text, "0000-00-00") && instant_in_message(text, out);
	case INSTANT_GO: return shaped(text, "0000-00-00 00:00:00") && instant_in_message(plain, out);
	case INSTANT_RFC2822: return str_find_byte(text, ':') > 0 && (shaped(text, "aaa, ") || digit(text.data[0])) && instant_in_message(plain, out);
	case INSTANT_X509: return shaped(text, "aaa ") && !shaped(text, "aaa aaa") && instant_in_message(plain, out);
	case INSTANT_ASCTIME: return shaped(text, "aaa aaa ") && instant_in_message(plain, out);
	case INSTANT_PACKED: return shaped(text, "000000") && str_find_byte(text, '-') < 0 && text.size >= 12 && instant_in_message(text, out);
	case INSTANT_SYSLOG: return yearless(text, nearby, out);
	default: return slashes(text, format, out) || instant_in_message(plain, out) || yearless(text, nearby, out);
	}
}
