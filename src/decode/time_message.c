#include "skewline/decode.h"

#include <string.h>

#include "time_text.h"

static const char MONTHS[] = "janfebmaraprmayjunjulaugsepoctnovdec";

struct parts {
	int64_t year;
	unsigned month, day;
	int64_t seconds; /* of the day */
	bool have_day, have_time, have_year;
	int64_t east;
};

static int month_of(struct str word)
{
	for (int i = 0; i < 12; i++)
		if (word.size >= 3 && str_equal_folded(str_first(word, 3), (struct str){MONTHS + i * 3, 3}))
			return i + 1;
	return 0;
}

/* hh:mm[:ss[.fraction]] */
static bool clock_word(struct str word, struct parts *parts)
{
	int hour, minute, second = 0;
	if (!time_digits(word, 0, 2, &hour) || word.size < 5 || word.data[2] != ':' || !time_digits(word, 3, 2, &minute) || hour > 23 || minute > 59)
		return false;
	if (word.size >= 8 && (word.data[5] != ':' || !time_digits(word, 6, 2, &second) || second > 60))
		return false;
	parts->seconds = hour * 3600 + minute * 60 + second;
	parts->have_time = true;
	return true;
}

static bool zone_word(struct str word, struct parts *parts)
{
	int hours, minutes;
	if (str_equal_folded(word, STR("gmt")) || str_equal_folded(word, STR("utc")) || str_equal_folded(word, STR("z")))
		return true;
	if (word.size == 8 && (str_equal_folded(str_first(word, 3), STR("gmt")) || str_equal_folded(str_first(word, 3), STR("utc"))))
		word = str_from(word, 3); /* JavaScript's GMT+0200 */
	if (word.size != 5 || (word.data[0] != '+' && word.data[0] != '-') || !time_digits(word, 1, 2, &hours) || !time_digits(word, 3, 2, &minutes))
		return false;
	parts->east = (hours * 3600 + minutes * 60) * (word.data[0] == '-' ? -1 : 1);
	return true;
}

static bool number_word(struct str word, struct parts *parts)
{
	int64_t value;
	if (!str_to_int64(word, &value) || value < 1)
		return false;
	if (word.size == 4 && !parts->have_year) {
		parts->year = value;
		parts->have_year = true;
	} else if (word.size <= 2 && value <= 31 && !parts->have_day) {
		parts->day = (unsigned)value;
		parts->have_day = true;
	} else {
		return false;
	}
	return true;
}

/* Words in any of the usual orders: a weekday, a month's name, a day, a time, a zone, a year. */
static bool worded(struct str text, struct instant *out)
{
	struct parts parts = {0};
	struct str word;
	while (str_split(&text, ' ', &word)) {
		if (word.size && word.data[word.size - 1] == ',')
			word.size--;
		if (!word.size)
			continue;
		bool known = clock_word(word, &parts) || zone_word(word, &parts) || number_word(word, &parts);
		if (!known && !parts.month && month_of(word)) {
			parts.month = (unsigned)month_of(word);
			known = true;
		}
		bool weekday = !known && word.size >= 3 && word.size <= 9 && str_find(STR("mon tue wed thu fri sat sun"), (struct str){(char[]){(char)(word.data[0] | 0x20),
			(char)(word.data[1] | 0x20), (char)(word.data[2] | 0x20)}, 3}) >= 0;
		if (!known && !weekday)
			return false;
	}
	if (!parts.month || !parts.have_day || !parts.have_time || !parts.have_year || parts.year < 1900 || parts.year > 2200)
		return false;
	*out = instant_of_seconds(days_from_civil(parts.year, parts.month, parts.day) * 86400 + parts.seconds - parts.east);
	return true;
}

/* yyyymmdd[T]hhmmss[Z], yymmddhhmmss[Z] (ASN.1: years below 50 are 20xx) */
static bool packed(struct str text, struct instant *out)
{
	if (text.size && (text.data[text.size - 1] | 0x20) == 'z')
		text.size--;
	char plain[16];
	size_t size = 0;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == 'T' && i == 8)
			continue;
		if (text.data[i] < '0' || text.data[i] > '9' || size == 14)
			return false;
		plain[size++] = text.data[i];
	}
	if (size != 14 && size != 12)
		return false;
	struct str rest = {plain, size};
	size_t at = size == 14 ? 4 : 2;
	int year, month, day, hour, minute, second;
	time_digits(rest, 0, at, &year);
	time_digits(rest, at, 2, &month);
	time_digits(rest, at + 2, 2, &day);
	time_digits(rest, at + 4, 2, &hour);
	time_digits(rest, at + 6, 2, &minute);
	time_digits(rest, at + 8, 2, &second);
	year += size == 14 ? 0 : year < 50 ? 2000 : 1900;
	if (year < 1900 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	*out = instant_of_seconds(days_from_civil(year, (unsigned)month, (unsigned)day) * 86400 + hour * 3600 + minute * 60 + second);
	return true;
}

/* Go's "2006-01-02 15:04:05 +0000 UTC": the name behind the number says nothing more. */
static struct str without_zone_name(struct str text)
{
	static const struct str names[] = {{" UTC", 4}, {" GMT", 4}};
	for (size_t i = 0; i < 2; i++)
		if (text.size > 24 && str_ends(text, names[i]))
			return str_first(text, text.size - names[i].size);
	return text;
}

/* 2006/01/02 ...: with the year first the order of the rest is sure. */
static struct str with_dashes(struct str text, char *room, size_t size)
{
	if (text.size < 10 || text.size > size || text.data[4] != '/' || text.data[7] != '/')
		return text;
	memcpy(room, text.data, text.size);
	room[4] = room[7] = '-';
	return (struct str){room, text.size};
}

bool instant_in_message(struct str text, struct instant *out)
{
	struct stamp_text stamp;
	char room[40];
	text = with_dashes(str_trim(text), room, sizeof room);
	if (packed(text, out))
		return true;
	if (time_any(text, &stamp) == TIME_OK || time_rfc3339(without_zone_name(text), &stamp) == TIME_OK) {
		*out = stamp.at;
		return true;
	}
	return worded(text, out);
}
