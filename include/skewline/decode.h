/* Bytes -> records. No clock, no log, no allocation per record on the JSON path: views point into the input bytes or into
 * the decoder's scratch, both valid until the next call.
 *
 *     struct decoder *decoder = decoder_new(&options);
 *     struct record_list records;
 *     decode(decoder, value, &envelope, &records);
 *     for (size_t i = 0; i < records.count; i++) use(&records.items[i]);
 *
 * One input record gives at least one `struct record`; what cannot be read gives exactly one of kind RECORD_REJECTED with its
 * reason. Every sign and unit is converted here, at the door (formats.md 1): offsets are POSITIVE = AHEAD from here on. */
#ifndef SKEWLINE_DECODE_H
#define SKEWLINE_DECODE_H

#include "skewline/observation.h"

enum record_kind { RECORD_LOG, RECORD_CLOCK_SAMPLE, RECORD_OTHER, RECORD_REJECTED };
enum clock_measure { MEASURES_SYSTEM_CLOCK, MEASURES_SOURCE };
enum reject_reason { REJECT_NOT_TEXT, REJECT_BAD_UTF8, REJECT_BAD_JSON, REJECT_TRUNCATED, REJECT_TOO_LONG, REJECT_NO_HOST,
	REJECT_BAD_TIME, REJECT_BAD_NUMBER, REJECT_UNKNOWN_FORMAT, REJECT_NEEDS_SCHEMA, REJECT_REASON_COUNT };
const char *reject_reason_name(enum reject_reason reason);

/* What the transport knows beside the bytes. */
struct envelope {
	struct str key;              /* Kafka key; may name the host for bare formats (chronyc CSV) */
	struct str host;             /* from a header, or what the caller says the bytes come from; may be empty */
	struct instant transport;    /* for texts without a year or zone: a nearby instant of any clock (reference time so far, the
	                                append time, ...); INSTANT_NONE: unknown */
};

struct record {
	enum record_kind kind;
	const char *format;          /* "chronyc-tracking", "filebeat", "journald", "rfc5424", ...: as the sample files are named */
	struct str host;             /* lower-cased, no trailing dot, <= 255 bytes; empty only when rejected (or `other`) */
	struct str address;          /* host.ip, first entry, may be empty */
	struct instant host_said;    /* INSTANT_NONE: the record has no own time */
	struct span grain;           /* of host_said: 1 s, 1 ms, 1 us, 1 ns */
	struct instant collected;    /* INSTANT_NONE: none */
	struct str program;          /* process.name, SYSLOG_IDENTIFIER, APP-NAME, else event.dataset, else empty: the stream */
	struct str message, severity;
	enum clock_measure measures; /* clock samples */
	struct clock_observation clock;   /* MEASURES_SYSTEM_CLOCK */
	struct source_observation source; /* MEASURES_SOURCE */
	enum reject_reason reason;
	struct str detail;           /* of a reject, or a remark (`timeQuality isSynced=0`) */
	const struct field_values *fields; /* for rules on named fields; NULL: only `message` and what stands above */
	struct str raw;              /* the whole input record */
};

struct record_list {
	struct record *items;
	size_t count;
};

struct decoder_options {
	struct str format;        /* "auto" or a format's name */
	size_t record_bytes_max;  /* longer: REJECT_TOO_LONG */
	/* Further fields that rules ask for, dotted ECS-like paths into JSON records ("winlog.event_data.Status"). */
	const struct str *wanted_fields;
	size_t wanted_fields_count;
};

struct decoder;
/* NULL when options->format is no format that we know. The options' texts must outlive the decoder. */
struct decoder *decoder_new(const struct decoder_options *options);
void decoder_free(struct decoder *decoder);
void decode(struct decoder *decoder, struct str value, const struct envelope *envelope, struct record_list *out);

/* The record's `collected` alone, for the order of a merge: where it stands in most records it is read without decoding.
 * INSTANT_NONE: none, or the record is a reject. Ends the life of what decode gave before. */
struct instant decode_collected(struct decoder *decoder, struct str value, const struct envelope *envelope);

/* The value of a wanted field (index into wanted_fields) as text; false when the record has none. Numbers and booleans give
 * their JSON text, arrays their first... see decode/README in src; NULL fields give false. */
bool record_field(const struct record *record, size_t wanted, struct str *out);
/* Whether the record has the field at all, be it null. */
bool record_has_field(const struct record *record, size_t wanted);
/* Names of all formats, for `check` and --format. */
const char *const *decode_format_names(size_t *out_count);
/* Lower-cases, strips the trailing dot; false when empty, over 255 bytes, or not a name at all (blank, control characters). */
bool host_name_normalise(struct str name, char out[256], size_t *out_size);

/* An instant as messages write it: RFC 3339 and its kin, epoch numbers, "Jan  2 15:04:05 2006 GMT", "Mon, 02 Jan 2006 15:04:05 GMT",
 * "Mon Jan 02 15:04:05 UTC 2006", "20060102T150405Z", "20060102150405Z", "060102150405Z". Without a zone: UTC. False: none of these. */
bool instant_in_message(struct str text, struct instant *out);

#endif
