#include "records.h"
#include "sign_table.h"
#include "time_text.h"

enum { TRACKING_COLUMNS = 14, SOURCES_COLUMNS = 10 };

#define SECONDS_MOST 3e9 /* 95 years: beyond what any clock shows; three of them still fit into nanoseconds */

static size_t split_columns(struct str row, struct str *columns, size_t most)
{
	size_t count = 0;
	struct str part;
	while (str_split(&row, ',', &part)) {
		if (count == most)
			return most + 1;
		columns[count++] = part;
	}
	return count;
}

static bool hexadecimal(struct str text)
{
	for (size_t i = 0; i < text.size; i++)
		if (ascii_hexadecimal(text.data[i]) < 0)
			return false;
	return text.size == 8;
}

bool chronyc_leap(struct str text, struct clock_observation *clock)
{
	static const struct { struct str text; enum leap leap; bool synchronised; } rows[] = {
		{{"Normal", 6}, LEAP_NORMAL, true}, {{"Insert second", 13}, LEAP_INSERT, true}, {{"Delete second", 13}, LEAP_DELETE, true},
		{{"Not synchronised", 16}, LEAP_UNSYNCHRONISED, false}, {{"Not synchronized", 16}, LEAP_UNSYNCHRONISED, false},
		{{"Invalid", 7}, LEAP_UNSYNCHRONISED, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!str_equal_folded(text, rows[i].text))
			continue;
		clock->leap = rows[i].leap;
		clock->synchronised = rows[i].synchronised;
		clock->fields |= CLOCK_LEAP | CLOCK_SYNCHRONISED;
		return true;
	}
	return false;
}

/* chronyc prints zeros, and old values, when it has nothing to say: zero is never evidence of a right clock. */
static void settle(struct clock_observation *clock)
{
	bool no_source = str_equal(clock->reference_id, STR("00000000"));
	if ((clock->fields & CLOCK_STRATUM) && (clock->stratum < 1 || clock->stratum > 15))
		no_source = true;
	if (no_source) {
		clock->synchronised = false;
		clock->fields |= CLOCK_SYNCHRONISED;
	}
	bool local = str_starts(clock->reference_id, STR("7F7F")); /* its own reference: in step with nobody */
	if (!clock->synchronised || local)
		clock->fields &= ~(uint32_t)(CLOCK_OFFSET | CLOCK_ROOT_DELAY | CLOCK_ROOT_DISPERSION | CLOCK_BOUND | CLOCK_REFERENCE_TIME);
}

void take_tracking(struct decoder *decoder, struct clock_observation clock)
{
	settle(&clock);
	if (!(clock.fields & CLOCK_SYNCHRONISED)) /* whether its daemon is in step is not said: no sample */
		return;
	decoder->record.kind = RECORD_CLOCK_SAMPLE;
	decoder->record.measures = MEASURES_SYSTEM_CLOCK;
	decoder->record.format = "chronyc-tracking";
	decoder->record.clock = clock;
}

/* A source that has never answered prints zeros. */
void take_source(struct decoder *decoder, struct source_observation source)
{
	source.offset_known = source.offset_known && source.reached;
	if (!source.offset_known)
		source.offset = source.error = (struct span){0};
	decoder->record.kind = RECORD_CLOCK_SAMPLE;
	decoder->record.measures = MEASURES_SOURCE;
	decoder->record.format = "chronyc-sources";
	decoder->record.source = source;
}

static bool read_stratum(struct decoder *decoder, struct str text, int32_t *out)
{
	int64_t stratum;
	if (!str_to_int64(text, &stratum) || stratum < 0 || stratum > 255) {
		reject(decoder, REJECT_BAD_NUMBER, "stratum '%.*s' is no number from 0 to 255", STR_ARGS(str_cut_utf8(text, 40)));
		return false;
	}
	*out = (int32_t)stratum;
	return true;
}

bool read_seconds(struct decoder *decoder, struct str text, const char *what, double *out)
{
	if (!str_to_double(text, out))
		reject(decoder, REJECT_BAD_NUMBER, "%s '%.*s' is no number", what, STR_ARGS(str_cut_utf8(text, 40)));
	else if (*out > SECONDS_MOST || *out < -SECONDS_MOST)
		reject(decoder, REJECT_BAD_NUMBER, "%s '%.*s' lies beyond 95 years", what, STR_ARGS(str_cut_utf8(text, 40)));
	else
		return true;
	return false;
}

bool chronyc_tracking_row(struct decoder *decoder, struct str row)
{
	struct str columns[TRACKING_COLUMNS];
	if (split_columns(str_trim(row), columns, TRACKING_COLUMNS) != TRACKING_COLUMNS || !hexadecimal(columns[0]))
		return false;
	struct clock_observation clock = {.reference_id = columns[0], .source = columns[1],
		.fields = CLOCK_REFERENCE_ID | CLOCK_OFFSET | CLOCK_ROOT_DELAY | CLOCK_ROOT_DISPERSION | CLOCK_STRATUM};
	double offset, delay, dispersion;
	struct stamp_text heard;
	if (!chronyc_leap(columns[13], &clock))
		return false;
	if (!read_stratum(decoder, columns[2], &clock.stratum) || !read_seconds(decoder, columns[4], "system time", &offset) || !read_seconds(decoder, columns[10], "root delay", &delay)
		|| !read_seconds(decoder, columns[11], "root dispersion", &dispersion))
		return true;
	clock.offset = sign_offset(SIGN_CHRONYC_SYSTEM_TIME, offset);
	clock.root_delay = span_of_seconds(delay);
	clock.root_dispersion = span_of_seconds(dispersion);
	if (time_epoch(columns[3], &heard) == TIME_OK && heard.at.ns > 0) {
		clock.reference_time = heard.at;
		clock.fields |= CLOCK_REFERENCE_TIME;
	}
	take_tracking(decoder, clock);
	return true;
}

static bool is_one_of(struct str text, const char *letters)
{
	for (; *letters; letters++)
		if (text.size == 1 && text.data[0] == *letters)
			return true;
	return false;
}

/* Reach is printed in octal. */
static bool reached(struct str text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] != '0')
			return true;
	return false;
}

bool chronyc_sources_row(struct decoder *decoder, struct str row)
{
	struct str columns[SOURCES_COLUMNS];
	if (split_columns(str_trim(row), columns, SOURCES_COLUMNS) != SOURCES_COLUMNS || !is_one_of(columns[0], "^=#")
		|| !is_one_of(columns[1], "*+-?x~"))
		return false;
	double offset, error;
	struct source_observation source = {.source = columns[2], .state = columns[1].data[0], .reached = reached(columns[5]), .offset_known = true};
	if (!read_stratum(decoder, columns[3], &source.stratum) || !read_seconds(decoder, columns[7], "adjusted offset", &offset) || !read_seconds(decoder, columns[9], "error margin", &error))
		return true;
	source.offset = sign_offset(SIGN_CHRONYC_SOURCE_ADJUSTED, offset);
	source.error = span_of_seconds(error);
	take_source(decoder, source);
	return true;
}
