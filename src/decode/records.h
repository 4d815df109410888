/* Between the decoder's files: the decoder's working memory, and how a family says that a record is wrong. */
#ifndef DECODE_RECORDS_H
#define DECODE_RECORDS_H

#include "scan.h"
#include "skewline/decode.h"

/* Paths that the JSON families read; behind them in the same table come the fields that rules ask for. */
#define JSON_FIELDS(X) \
	X(TIME, "@timestamp") X(INGESTED, "event.ingested") X(DATASET, "event.dataset") X(HOST_NAME, "host.name") \
	X(HOST_HOSTNAME, "host.hostname") X(HOST, "host") X(HOSTNAME, "hostname") X(HOST_IP, "host.ip") X(MESSAGE, "message") \
	X(LEVEL, "log.level") X(PROCESS, "process.name") \
	X(J_HOST, "_HOSTNAME") X(J_MESSAGE, "MESSAGE") X(J_SOURCE_TIME, "_SOURCE_REALTIME_TIMESTAMP") X(J_TIME, "__REALTIME_TIMESTAMP") \
	X(J_PRIORITY, "PRIORITY") X(J_IDENTIFIER, "SYSLOG_IDENTIFIER") X(J_COMM, "_COMM") \
	X(NTP_KIND, "ntp.kind") X(NTP_USABLE, "ntp.sources_usable") X(NTP_REACHABLE, "ntp.sources_reachable") \
	X(NTP_REF_ID, "ntp.ref_id") X(NTP_REF_NAME, "ntp.ref_name") X(NTP_STRATUM, "ntp.stratum") X(NTP_REF_TIME, "ntp.ref_time") \
	X(NTP_SYSTEM_TIME, "ntp.system_time_s") X(NTP_ROOT_DELAY, "ntp.root_delay_s") X(NTP_ROOT_DISPERSION, "ntp.root_dispersion_s") \
	X(NTP_LEAP, "ntp.leap_status") X(NTP_NAME, "ntp.name") X(NTP_STATE, "ntp.state") X(NTP_REACH, "ntp.reach") \
	X(NTP_ADJUSTED, "ntp.adjusted_offset_s") X(NTP_ERROR, "ntp.error_s")

enum json_field {
#define X(id, path) FIELD_##id,
	JSON_FIELDS(X)
#undef X
	FIELD_COUNT
};

struct field_values {
	struct decoder *decoder;
};

enum { WANTED_MAX = 256 };

struct decoder {
	struct arena arena;      /* of the decoder */
	struct arena scratch;    /* of one record */
	struct str format;       /* empty: auto */
	size_t record_bytes_max;
	struct scan_paths *paths;
	size_t wanted_count;
	size_t wanted_slots[WANTED_MAX]; /* a field that a family reads anyway shares its slot */
	size_t slots;
	struct scan_value values[FIELD_COUNT + WANTED_MAX];
	char host[256];
	struct field_values fields;
	struct record record;    /* one at a time: the families of this set hold one record each */
};

/* Of a syslog priority (facility * 8 + severity). */
struct str severity_of(int64_t priority);

/* rfc3164, rfc5424, rsyslog-fileformat: lines, never JSON. */
bool is_text_format(struct str format);

/* Each fills decoder->record; what is wrong becomes a reject there. */
void decode_json(struct decoder *decoder, struct str text, const struct envelope *envelope);
void decode_text(struct decoder *decoder, struct str text, const struct envelope *envelope);

/* One row of `chronyc -c`; false: the row is not of that shape. A number that is none rejects the record. */
bool chronyc_tracking_row(struct decoder *decoder, struct str row);
bool chronyc_sources_row(struct decoder *decoder, struct str row);
/* "Normal", "Insert second", "Not synchronised", ...: what it means for `clock`; false: no such word. */
bool chronyc_leap(struct str text, struct clock_observation *clock);
/* An offset, delay or dispersion in seconds; false, and a reject, when it is no number or beyond 95 years. */
bool read_seconds(struct decoder *decoder, struct str text, const char *what, double *out);
/* A sample whose fields are all in becomes the record, unless nothing says whether its daemon is in step. An unsynchronised one has no offset. */
void take_tracking(struct decoder *decoder, struct clock_observation clock);
void take_source(struct decoder *decoder, struct source_observation source);

__attribute__((format(printf, 3, 4))) void reject(struct decoder *decoder, enum reject_reason reason, const char *format, ...);
/* False, and a reject, when the text is no host name. */
bool set_host(struct decoder *decoder, struct str name);

#endif
