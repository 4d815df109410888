#include "records.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unescape.h"

static const char *const FORMATS[] = {"auto", "chronyc-sources", "chronyc-tracking", "filebeat", "journald", "rfc3164", "rfc5424",
	"rsyslog-fileformat"};

const char *reject_reason_name(enum reject_reason reason)
{
	static const char *const names[REJECT_REASON_COUNT] = {"not_text", "bad_utf8", "bad_json", "truncated", "too_long", "no_host", "bad_time",
		"bad_number", "unknown_format", "needs_schema"};
	return (size_t)reason < REJECT_REASON_COUNT ? names[reason] : "unknown";
}

const char *const *decode_format_names(size_t *out_count)
{
	*out_count = sizeof FORMATS / sizeof FORMATS[0];
	return FORMATS;
}

static bool known_format(struct str format)
{
	for (size_t i = 0; i < sizeof FORMATS / sizeof FORMATS[0]; i++)
		if (str_equal(format, str_of(FORMATS[i])))
			return true;
	return false;
}

struct decoder *decoder_new(const struct decoder_options *options)
{
	static const struct str fields[] = {
#define X(id, path) {path, sizeof path - 1},
		JSON_FIELDS(X)
#undef X
	};
	struct str paths[FIELD_COUNT + WANTED_MAX];
	if (options->format.size && !known_format(options->format))
		return NULL;
	struct decoder *decoder = calloc(1, sizeof *decoder);
	if (!decoder)
		abort();
	decoder->format = str_equal(options->format, STR("auto")) ? STR_NONE : options->format;
	decoder->record_bytes_max = options->record_bytes_max;
	decoder->wanted_count = options->wanted_fields_count < WANTED_MAX ? options->wanted_fields_count : WANTED_MAX;
	memcpy(paths, fields, sizeof fields);
	decoder->slots = FIELD_COUNT;
	for (size_t i = 0; i < decoder->wanted_count; i++) {
		size_t slot = 0;
		while (slot < decoder->slots && !str_equal(paths[slot], options->wanted_fields[i]))
			slot++;
		if (slot == decoder->slots)
			paths[decoder->slots++] = options->wanted_fields[i];
		decoder->wanted_slots[i] = slot;
	}
	decoder->paths = scan_paths_new(paths, decoder->slots, &decoder->arena);
	decoder->fields.decoder = decoder;
	return decoder;
}

void decoder_free(struct decoder *decoder)
{
	if (!decoder)
		return;
	arena_release(&decoder->arena);
	arena_release(&decoder->scratch);
	free(decoder);
}

void reject(struct decoder *decoder, enum reject_reason reason, const char *format, ...)
{
	char text[256];
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	struct record *record = &decoder->record;
	record->kind = RECORD_REJECTED;
	record->reason = reason;
	record->detail = arena_copy(&decoder->scratch, (struct str){text, size < 0 ? 0 : (size_t)size < sizeof text ? (size_t)size : sizeof text - 1});
	record->fields = NULL;
}

bool set_host(struct decoder *decoder, struct str name)
{
	size_t size;
	if (host_name_normalise(name, decoder->host, &size)) {
		decoder->record.host = (struct str){decoder->host, size};
		return true;
	}
	reject(decoder, REJECT_NO_HOST, "'%.*s' is no host name (1 to 255 bytes, no blanks or control characters)", STR_ARGS(str_cut_utf8(name, 60)));
	return false;
}

/* Control characters that no text has. */
static bool is_binary(struct str value)
{
	for (size_t i = 0; i < value.size && i < 512; i++) {
		unsigned char byte = (unsigned char)value.data[i];
		if (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f' && byte != 0x1B)
			return true;
	}
	return false;
}

/* A schema registry's frame: a zero byte and a four-byte id before the value. JSON behind it can be read without the registry. */
static bool unframe(struct decoder *decoder, struct str *value)
{
	if (value->size < 6 || value->data[0] != 0)
		return true;
	struct str inner = str_from(*value, 5);
	if (inner.data[0] == '{') {
		*value = inner;
		return true;
	}
	reject(decoder, REJECT_NEEDS_SCHEMA, "framed by a schema registry (Avro or protobuf): let the producer write JSON, or convert before this topic");
	return false;
}

void decode(struct decoder *decoder, struct str value, const struct envelope *envelope, struct record_list *out)
{
	arena_reset(&decoder->scratch);
	decoder->record = (struct record){.kind = RECORD_REJECTED, .format = "unknown", .host_said = INSTANT_NONE, .collected = INSTANT_NONE, .raw = value};
	*out = (struct record_list){&decoder->record, 1};
	if (decoder->record_bytes_max && value.size > decoder->record_bytes_max) {
		reject(decoder, REJECT_TOO_LONG, "%zu bytes, the limit is %zu (limits.record_bytes_max)", value.size, decoder->record_bytes_max);
		return;
	}
	if (!unframe(decoder, &value))
		return;
	if (str_starts(value, STR("\xEF\xBB\xBF")))
		value = str_from(value, 3);
	struct str text = str_trim(value);
	if (!text.size)
		reject(decoder, REJECT_NOT_TEXT, "the record is empty");
	else if (text.data[0] == '{')
		decode_json(decoder, text, envelope);
	else if (is_binary(text))
		reject(decoder, REJECT_NOT_TEXT, "binary data");
	else
		decode_text(decoder, text, envelope);
}

static const struct scan_value *field_value(const struct record *record, size_t wanted)
{
	if (!record->fields || wanted >= record->fields->decoder->wanted_count)
		return NULL;
	const struct decoder *decoder = record->fields->decoder;
	return &decoder->values[decoder->wanted_slots[wanted]];
}

bool record_has_field(const struct record *record, size_t wanted)
{
	const struct scan_value *value = field_value(record, wanted);
	return value && value->kind != SCAN_ABSENT;
}

bool record_field(const struct record *record, size_t wanted, struct str *out)
{
	const struct scan_value *value = field_value(record, wanted);
	if (!value || value->kind == SCAN_ABSENT || value->kind == SCAN_NULL)
		return false;
	*out = value->kind == SCAN_STRING ? unescaped(*value, &record->fields->decoder->scratch) : value->text;
	return true;
}
