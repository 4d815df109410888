#include "records.h"

#include <string.h>

#include "sign_table.h"
#include "time_text.h"
#include "unescape.h"

static const struct scan_value *value_of(const struct decoder *decoder, enum json_field field)
{
	return &decoder->values[field];
}

static bool present(const struct decoder *decoder, enum json_field field)
{
	enum scan_kind kind = value_of(decoder, field)->kind;
	return kind != SCAN_ABSENT && kind != SCAN_NULL;
}

static struct str text_of(struct decoder *decoder, enum json_field field)
{
	const struct scan_value *value = value_of(decoder, field);
	return value->kind == SCAN_STRING ? unescaped(*value, &decoder->scratch) : value->kind == SCAN_NUMBER ? value->text : STR_NONE;
}

static struct str first_text(struct decoder *decoder, const enum json_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct str text = text_of(decoder, fields[i]);
		if (text.size)
			return text;
	}
	return STR_NONE;
}

/* False, and a reject, when the field has a text that is no time. An absent one leaves *out alone. */
static bool read_time(struct decoder *decoder, enum json_field field, const char *name, struct stamp_text *out)
{
	if (!present(decoder, field))
		return true;
	struct str text = text_of(decoder, field);
	enum time_result result = time_any(text, out);
	if (result == TIME_OK)
		return true;
	reject(decoder, REJECT_BAD_TIME, result == TIME_BEYOND ? "%s '%.*s' lies outside 1900..2200" : "%s '%.*s' is no time", name,
		STR_ARGS(str_cut_utf8(text, 60)));
	return false;
}

static bool read_number(struct decoder *decoder, enum json_field field, const char *name, uint32_t mask, struct span *out, uint32_t *fields)
{
	double value;
	if (!present(decoder, field))
		return true;
	if (!read_seconds(decoder, text_of(decoder, field), name, &value))
		return false;
	*out = span_of_seconds(value);
	*fields |= mask;
	return true;
}

static void read_counts(struct decoder *decoder, struct clock_observation *clock)
{
	int64_t count;
	if (str_to_int64(text_of(decoder, FIELD_NTP_USABLE), &count) && count >= 0 && count < 10000) {
		clock->sources_usable = (int32_t)count;
		clock->fields |= CLOCK_SOURCES_USABLE;
	}
	if (str_to_int64(text_of(decoder, FIELD_NTP_REACHABLE), &count) && count >= 0 && count < 10000) {
		clock->sources_reached = (int32_t)count;
		clock->fields |= CLOCK_SOURCES_REACHED;
	}
}

/* The parsed columns, for a pipeline that dropped the raw row. */
static void tracking_fields(struct decoder *decoder)
{
	struct clock_observation clock = {0};
	struct span system_time = {0};
	int64_t stratum;
	if (!read_number(decoder, FIELD_NTP_SYSTEM_TIME, "ntp.system_time_s", CLOCK_OFFSET, &system_time, &clock.fields)
		|| !read_number(decoder, FIELD_NTP_ROOT_DELAY, "ntp.root_delay_s", CLOCK_ROOT_DELAY, &clock.root_delay, &clock.fields)
		|| !read_number(decoder, FIELD_NTP_ROOT_DISPERSION, "ntp.root_dispersion_s", CLOCK_ROOT_DISPERSION, &clock.root_dispersion, &clock.fields))
		return;
	clock.offset = sign_offset(SIGN_CHRONYC_SYSTEM_TIME, span_seconds(system_time));
	if (str_to_int64(text_of(decoder, FIELD_NTP_STRATUM), &stratum) && stratum >= 0 && stratum <= 255) {
		clock.stratum = (int32_t)stratum;
		clock.fields |= CLOCK_STRATUM;
	}
	clock.reference_id = text_of(decoder, FIELD_NTP_REF_ID);
	if (clock.reference_id.size)
		clock.fields |= CLOCK_REFERENCE_ID;
	clock.source = text_of(decoder, FIELD_NTP_REF_NAME);
	struct stamp_text heard = {.at = INSTANT_NONE};
	if (time_any(text_of(decoder, FIELD_NTP_REF_TIME), &heard) == TIME_OK && heard.at.ns > 0) {
		clock.reference_time = heard.at;
		clock.fields |= CLOCK_REFERENCE_TIME;
	}
	chronyc_leap(text_of(decoder, FIELD_NTP_LEAP), &clock);
	take_tracking(decoder, clock);
}

static void source_fields(struct decoder *decoder)
{
	struct source_observation source = {.source = text_of(decoder, FIELD_NTP_NAME)};
	struct str state = text_of(decoder, FIELD_NTP_STATE);
	int64_t reach = 0, stratum = 0;
	uint32_t seen = 0;
	if (!read_number(decoder, FIELD_NTP_ADJUSTED, "ntp.adjusted_offset_s", 1, &source.offset, &seen)
		|| !read_number(decoder, FIELD_NTP_ERROR, "ntp.error_s", 2, &source.error, &seen))
		return;
	str_to_int64(text_of(decoder, FIELD_NTP_REACH), &reach);
	str_to_int64(text_of(decoder, FIELD_NTP_STRATUM), &stratum);
	source.state = state.size == 1 ? state.data[0] : 0;
	source.reached = reach > 0;
	source.offset_known = seen & 1;
	source.stratum = stratum >= 0 && stratum <= 255 ? (int32_t)stratum : 0;
	take_source(decoder, source);
}

static bool is_tracking(struct decoder *decoder)
{
	return str_equal(text_of(decoder, FIELD_DATASET), STR("chrony.tracking")) || str_equal(text_of(decoder, FIELD_NTP_KIND), STR("tracking"));
}

static bool is_sources(struct decoder *decoder)
{
	return str_equal(text_of(decoder, FIELD_DATASET), STR("chrony.sources")) || str_equal(text_of(decoder, FIELD_NTP_KIND), STR("sources"));
}

/* A chronyc row inside an envelope: the raw row is read by its columns, the parsed fields stand in where it is missing. */
static void clock_sample(struct decoder *decoder)
{
	struct record *record = &decoder->record;
	if (is_tracking(decoder)) {
		if (!chronyc_tracking_row(decoder, record->message))
			tracking_fields(decoder);
		if (record->kind == RECORD_CLOCK_SAMPLE)
			read_counts(decoder, &record->clock);
	} else if (is_sources(decoder)) {
		if (!chronyc_sources_row(decoder, record->message))
			source_fields(decoder);
	}
}

/* The first of the places where a host stands; never the agent's. False, and a reject, when there is none or it is no name. */
static bool read_host(struct decoder *decoder)
{
	static const enum json_field hosts[] = {FIELD_HOST_NAME, FIELD_HOST_HOSTNAME, FIELD_J_HOST, FIELD_HOST, FIELD_HOSTNAME};
	struct str host = first_text(decoder, hosts, sizeof hosts / sizeof hosts[0]);
	if (host.size)
		return set_host(decoder, host);
	reject(decoder, REJECT_NO_HOST, "none of host.name, host.hostname, _HOSTNAME, host, hostname is there");
	return false;
}

static void ecs_record(struct decoder *decoder)
{
	static const enum json_field programs[] = {FIELD_PROCESS, FIELD_DATASET};
	struct record *record = &decoder->record;
	struct stamp_text said = {.at = INSTANT_NONE}, collected = {.at = INSTANT_NONE};
	record->format = "filebeat";
	if (!read_host(decoder) || !read_time(decoder, FIELD_J_TIME, "__REALTIME_TIMESTAMP", &said) || !read_time(decoder, FIELD_TIME, "@timestamp", &said)
		|| !read_time(decoder, FIELD_INGESTED, "event.ingested", &collected))
		return;
	record->host_said = said.at;
	record->grain = said.grain;
	record->collected = collected.at;
	record->address = text_of(decoder, FIELD_HOST_IP);
	record->program = first_text(decoder, programs, sizeof programs / sizeof programs[0]);
	record->message = text_of(decoder, FIELD_MESSAGE);
	record->severity = text_of(decoder, FIELD_LEVEL);
	record->kind = record->message.size ? RECORD_LOG : RECORD_OTHER;
	clock_sample(decoder);
}

/* U+FFFD for every byte that is no UTF-8. */
static struct str repaired(struct str bytes, struct arena *arena)
{
	char *out = arena_alloc(arena, bytes.size * 3 + 1);
	size_t size = 0;
	while (bytes.size) {
		size_t sound = bytes.size;
		str_is_utf8(bytes, &sound);
		memcpy(out + size, bytes.data, sound);
		size += sound;
		if (sound < bytes.size) {
			memcpy(out + size, "\xEF\xBF\xBD", 3);
			size += 3;
		}
		bytes = str_from(bytes, sound + 1);
	}
	return (struct str){out, size};
}

/* What is no plain text journald writes as an array of its bytes, [98,105,110], of which the scanner picked out the first. */
static struct str journal_text(struct decoder *decoder, const struct scan_value *value, struct str record)
{
	if (value->kind != SCAN_NUMBER)
		return value->kind == SCAN_STRING ? unescaped(*value, &decoder->scratch) : STR_NONE;
	struct str rest = {value->text.data, (size_t)(record.data + record.size - value->text.data)}, item;
	ptrdiff_t end = str_find_byte(rest, ']');
	rest = str_first(rest, end > 0 ? (size_t)end : 0);
	char *bytes = arena_alloc(&decoder->scratch, rest.size / 2 + 1);
	size_t size = 0;
	while (str_split(&rest, ',', &item)) {
		int64_t byte;
		if (!str_to_int64(str_trim(item), &byte) || byte < 0 || byte > 255)
			return value->text; /* a number that stands alone */
		bytes[size++] = (char)byte;
	}
	return size ? repaired((struct str){bytes, size}, &decoder->scratch) : value->text;
}

static void journald_record(struct decoder *decoder, struct str text)
{
	static const enum json_field programs[] = {FIELD_J_IDENTIFIER, FIELD_J_COMM};
	struct record *record = &decoder->record;
	struct stamp_text said = {.at = INSTANT_NONE}, written = {.at = INSTANT_NONE};
	int64_t priority;
	struct stamp_text collected = {.at = INSTANT_NONE};
	record->format = "journald";
	if (!read_host(decoder) || !read_time(decoder, FIELD_J_TIME, "__REALTIME_TIMESTAMP", &written)
		|| !read_time(decoder, FIELD_J_SOURCE_TIME, "_SOURCE_REALTIME_TIMESTAMP", &said)
		|| !read_time(decoder, FIELD_INGESTED, "event.ingested", &collected))
		return;
	if (!instant_known(said.at))
		said = written;
	record->host_said = said.at;
	record->grain = said.grain;
	record->collected = collected.at; /* __REALTIME_TIMESTAMP is the same host's clock: no witness */
	record->program = first_text(decoder, programs, sizeof programs / sizeof programs[0]);
	record->message = journal_text(decoder, value_of(decoder, FIELD_J_MESSAGE), text);
	if (str_to_int64(text_of(decoder, FIELD_J_PRIORITY), &priority) && priority >= 0 && priority < 8)
		record->severity = severity_of(priority);
	record->kind = record->message.size ? RECORD_LOG : RECORD_OTHER; /* null: over the journal's own field limit */
}

static bool looks_like_journald(const struct decoder *decoder)
{
	return (present(decoder, FIELD_J_HOST) || present(decoder, FIELD_J_TIME)) && !present(decoder, FIELD_MESSAGE); /* a shipper's own field is its shape */
}

void decode_json(struct decoder *decoder, struct str text, const struct envelope *envelope)
{
	size_t offset = 0;
	(void)envelope;
	switch (scan_object(decoder->paths, text, decoder->values, decoder->slots, &offset)) {
	case SCAN_BAD:
		reject(decoder, REJECT_BAD_JSON, "not JSON at byte %zu", offset);
		return;
	case SCAN_DEEP:
		reject(decoder, REJECT_BAD_JSON, "nested deeper than 64 levels at byte %zu", offset);
		return;
	case SCAN_TRUNCATED:
		reject(decoder, REJECT_TRUNCATED, "the record ends at byte %zu in the middle of its JSON", offset);
		return;
	case SCAN_BAD_UTF8:
		reject(decoder, REJECT_BAD_UTF8, "not UTF-8 at byte %zu", offset);
		return;
	case SCAN_OK: break;
	}
	decoder->record.fields = &decoder->fields;
	if (is_text_format(decoder->format)) {
		reject(decoder, REJECT_UNKNOWN_FORMAT, "JSON, where the format is said to be %.*s", STR_ARGS(decoder->format));
		return;
	}
	bool journald = decoder->format.size ? str_equal(decoder->format, STR("journald")) : looks_like_journald(decoder);
	if (journald)
		journald_record(decoder, text);
	else
		ecs_record(decoder);
}
