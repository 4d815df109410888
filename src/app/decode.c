/* `decode`: one line out per record in: what Skewline understood of it. */
#include <inttypes.h>
#include <stdio.h>

#include "dump.h"
#include "json.h"
#include "lines.h"
#include "log.h"
#include "output.h"
#include "setup.h"
#include "skewline/decode.h"

struct decoding {
	const struct app_request *request;
	enum app_output output;
	struct decoder *decoder;
	struct arena arena;
	struct buffer line;
	struct instant near, said; /* near, for stamps without a year: now, then what two records in a row said; said: by the last record */
	bool state; /* of a dump: state records rather than observations */
	int status;
};

/* NULL where a value is unknown; an offset that its daemon does not stand by is no offset. */
static void add_span_or_null(struct buffer *out, const char *name, bool known, struct span value)
{
	if (known)
		json_seconds(out, name, value);
	else
		json_none(out, name);
}

static bool bound_of(const struct clock_observation *clock, struct span *out)
{
	if (clock->fields & CLOCK_BOUND)
		*out = clock->bound;
	else if ((clock->fields & CLOCK_ROOT_DELAY) && (clock->fields & CLOCK_ROOT_DISPERSION))
		*out = span_plus(clock->root_dispersion, (struct span){clock->root_delay.ns / 2});
	else
		return false;
	return true;
}

static void add_system_clock(struct buffer *out, const struct record *record)
{
	const struct clock_observation *clock = &record->clock;
	uint32_t fields = clock->fields;
	struct span bound = {0};
	bool usable = (fields & CLOCK_OFFSET) && !((fields & CLOCK_SYNCHRONISED) && !clock->synchronised);
	bool bounded = usable && bound_of(clock, &bound);
	json_text(out, "measures", STR("system_clock"));
	add_span_or_null(out, "offset_s", usable, clock->offset);
	add_span_or_null(out, "bound_s", bounded, bound);
	if (fields & CLOCK_SYNCHRONISED)
		json_bool(out, "synchronised", clock->synchronised);
	else
		json_none(out, "synchronised");
	if (fields & CLOCK_STRATUM)
		json_number(out, "stratum", clock->stratum);
	else
		json_none(out, "stratum");
	json_text_or_null(out, "reference_id", clock->reference_id);
	json_text(out, "leap", str_of(leap_name(fields & CLOCK_LEAP ? clock->leap : LEAP_UNKNOWN)));
	json_text_or_null(out, "source", clock->source);
	if (fields & CLOCK_SOURCES_USABLE)
		json_number(out, "sources_usable", clock->sources_usable);
}

static void add_source(struct buffer *out, const struct record *record)
{
	const struct source_observation *source = &record->source;
	char state[2] = {source->state, 0};
	bool usable = source->offset_known && source->reached;
	json_text(out, "measures", STR("source"));
	add_span_or_null(out, "offset_s", usable, source->offset);
	add_span_or_null(out, "bound_s", usable, source->error);
	json_none(out, "synchronised");
	json_number(out, "stratum", source->stratum);
	json_none(out, "reference_id");
	json_text(out, "leap", str_of(leap_name(LEAP_UNKNOWN)));
	json_text_or_null(out, "source", source->source);
	json_bool(out, "reached", source->reached);
	json_text_or_null(out, "source_state", str_of(state));
}

static const char *kind_name(enum record_kind kind)
{
	static const char *const names[] = {"log", "clock_sample", "other", "rejected"};
	return names[kind];
}

static void add_record(struct buffer *out, const struct record *record, uint64_t number)
{
	buffer_printf(out, "{\"kind\":\"%s\"", kind_name(record->kind));
	json_text_or_null(out, "format", str_of(record->format));
	json_text_or_null(out, "host", record->host);
	json_time(out, "host_said", record->host_said);
	json_time(out, "collected", record->collected);
	json_number(out, "record", (int64_t)number);
	if (record->address.size)
		json_text(out, "address", record->address);
	if (record->program.size)
		json_text(out, "program", record->program);
	switch (record->kind) {
	case RECORD_CLOCK_SAMPLE: (record->measures == MEASURES_SOURCE ? add_source : add_system_clock)(out, record); break;
	case RECORD_LOG:
		json_text(out, "message", record->message);
		json_text_or_null(out, "severity", record->severity);
		break;
	case RECORD_REJECTED:
		json_text(out, "reason", str_of(reject_reason_name(record->reason)));
		json_text(out, "detail", record->detail);
		break;
	case RECORD_OTHER: break;
	}
	if (record->kind != RECORD_REJECTED && record->detail.size)
		json_text(out, "remark", record->detail);
	buffer_add_byte(out, '}');
}

/* For a terminal. */
static void add_text(struct buffer *out, const struct record *record, uint64_t number)
{
	char time[INSTANT_TEXT_MAX];
	buffer_printf(out, "%6" PRIu64 " %-12s %-20s %-24.*s ", number, kind_name(record->kind), record->format ? record->format : "-",
		STR_ARGS(record->host.size ? record->host : STR("-")));
	if (instant_known(record->host_said))
		buffer_printf(out, "%.*s ", STR_ARGS(instant_text(record->host_said, time)));
	if (record->kind == RECORD_REJECTED)
		buffer_printf(out, "%s: %.*s", reject_reason_name(record->reason), STR_ARGS(record->detail));
	else if (record->kind == RECORD_LOG)
		buffer_add_shown(out, str_cut_utf8(record->message, 160));
	else if (record->kind == RECORD_CLOCK_SAMPLE && record->measures == MEASURES_SOURCE)
		buffer_printf(out, "source %.*s %+.9f s", STR_ARGS(record->source.source), span_seconds(record->source.offset));
	else if (record->kind == RECORD_CLOCK_SAMPLE && (record->clock.fields & CLOCK_OFFSET))
		buffer_printf(out, "offset %+.9f s", span_seconds(record->clock.offset));
}

static void put(struct decoding *decoding, const struct record *record, uint64_t number)
{
	buffer_reset(&decoding->line);
	if (decoding->output == OUTPUT_TEXT)
		add_text(&decoding->line, record, number);
	else
		add_record(&decoding->line, record, number);
	output_line(buffer_str(&decoding->line));
}

/* One host's absurd clock moves nothing. */
static void note_time(struct decoding *decoding, const struct record *record)
{
	struct instant at = instant_known(record->collected) ? record->collected : record->host_said;
	if (!instant_known(at))
		return;
	if (instant_known(decoding->said) && span_abs(instant_minus(at, decoding->said)).ns < SPAN_S(86400).ns)
		decoding->near = at;
	decoding->said = at;
}

static bool take_record(void *context, const struct file_line *line)
{
	struct decoding *decoding = context;
	struct envelope envelope = {.host = decoding->request->host, .transport = decoding->near};
	struct record_list records;
	if (line->cut) {
		char detail[TOO_LONG_MAX];
		struct record record = {.kind = RECORD_REJECTED, .format = "unknown", .reason = REJECT_TOO_LONG, .detail = too_long(line->whole_size, line->bytes.size, detail),
			.host_said = INSTANT_NONE, .collected = INSTANT_NONE};
		put(decoding, &record, line->number);
		return true;
	}
	decode(decoding->decoder, line->bytes, &envelope, &records);
	note_time(decoding, &records.items[0]);
	for (size_t i = 0; i < records.count; i++)
		put(decoding, &records.items[i], line->number);
	return true;
}

/* The record's JSON object with its place in front. */
static void put_packed(const struct dump_record *packed, struct str object)
{
	struct buffer whole = {0};
	struct str body = str_from(object, 1); /* without its brace */
	buffer_printf(&whole, "{\"partition\":%u", packed->partition);
	json_text(&whole, "key", packed->key);
	if (body.size > 1)
		buffer_add_byte(&whole, ',');
	buffer_add_str(&whole, body);
	output_line(buffer_str(&whole));
	buffer_release(&whole);
}

/* One packed record of an own topic. */
static bool take_packed(void *context, const struct file_line *line)
{
	struct decoding *decoding = context;
	struct buffer *out = &decoding->line;
	struct observation observation;
	struct dump_record packed;
	struct str reason = STR("no state record of a version that this program knows");
	arena_reset(&decoding->arena);
	buffer_reset(out);
	bool sound = dump_read(line->bytes, &decoding->arena, &packed, &reason);
	if (sound && decoding->state) {
		sound = packed.tombstone || correlate_state_json(packed.key, packed.value, out);
		if (packed.tombstone)
			buffer_add_str(out, STR("{\"tombstone\":true}"));
	} else if (sound) {
		sound = observation_unpack(packed.value, packed.key, &decoding->arena, &observation, &reason);
		if (sound)
			observation_print_json(&observation, out);
	}
	if (!sound) {
		fprintf(stderr, "skewline: %.*s:%" PRIu64 ": %.*s\n", STR_ARGS(line->file), line->number, STR_ARGS(reason));
		decoding->status = EXIT_FINDINGS;
		return true;
	}
	put_packed(&packed, buffer_str(out));
	return true;
}

int app_decode(const struct app_request *request)
{
	struct decoding decoding = {.request = request, .output = output_choice(request->output), .near = wall_clock(), .said = INSTANT_NONE, .state = str_equal(request->format, STR("state"))};
	struct setup setup;
	int status = setup_config(request, &setup);
	bool packed = decoding.state || str_equal(request->format, STR("observation"));
	size_t most = packed ? (size_t)1 << 20 : setup.config.record_bytes_max;
	struct decoder_options options = {.format = request->format.size ? request->format : STR("auto"), .record_bytes_max = most};
	if (status == EXIT_FINE && !packed)
		status = setup_format(request);
	if (status == EXIT_FINE && !packed)
		decoding.decoder = decoder_new(&options);
	if (status == EXIT_FINE)
		status = each_line(request->files[0], most, packed ? take_packed : take_record, &decoding);
	if (!output_flush())
		status = EXIT_ENVIRONMENT;
	decoder_free(decoding.decoder);
	arena_release(&decoding.arena);
	buffer_release(&decoding.line);
	setup_release(&setup);
	return status == EXIT_FINE ? decoding.status : status;
}
