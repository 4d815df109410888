/* Kafka: bytes, offsets and transactions. Knows no word of rules, hosts or incidents.
 *
 * One `struct stream` is one stage's consumer + transactional producer, run by one thread:
 *     status = stream_open(&options, &stream, err)
 *     for (;;) status = stream_run_once(stream, &handler)   -- polls, hands records over, commits when due
 * The handler is called back on this thread only. One recovery path serves abort, fence, rebalance and restart: the handler is
 * told to drop a partition (revoke) and to take it up again (assign), and the stream rewinds it to its committed offset.
 * Traps and measurements: docs/kafka.md. */
#ifndef SKEWLINE_STREAM_H
#define SKEWLINE_STREAM_H

#include "skewline/arena.h"
#include "skewline/buffer.h"
#include "skewline/time.h"

enum stream_status {
	STREAM_OK,
	STREAM_RETRY,   /* may pass later; the stream backs off and recovers by itself, said once per change */
	STREAM_ABORTED, /* the transaction was aborted and everything rewound; go on */
	STREAM_FATAL,   /* leave the process: fenced, not authorised, a setting that cannot work. The text says what to do */
};

struct stream_property {
	struct str name, value;
};

struct stream_header {
	struct str name, value;
};

struct stream_record {
	struct str topic;
	int32_t partition;
	int64_t offset;
	struct str key, value;
	bool tombstone;             /* null value */
	const struct stream_header *headers;
	size_t headers_count;
	struct instant appended;    /* INSTANT_NONE unless LogAppendTime */
	struct instant created;     /* INSTANT_NONE unless CreateTime */
	struct instant arrival;     /* our clock */
};

struct stream_topic {           /* an own topic, created if missing */
	struct str name;
	uint32_t partitions;        /* 0: the broker's default */
	bool compact;
	bool log_append_time;
	int64_t retention_ms;       /* -1: the broker's default */
};

/* What the stage does with what the stream brings. All calls on the stream's thread. */
struct stream_handler {
	void *context;
	/* A partition was assigned. `resume` is the text committed with its offset. For a stream with a state topic, restore calls follow
	 * (one per live changelog record of that partition), then `restored`. */
	void (*assign)(void *context, struct str topic, int32_t partition, struct str resume);
	void (*restore)(void *context, int32_t partition, struct str key, struct str value);
	void (*restored)(void *context, int32_t partition);
	void (*revoke)(void *context, struct str topic, int32_t partition);
	/* The instant by which partitions are merged: the record that is lowest among the heads of all partitions goes first. */
	struct instant (*order)(void *context, const struct stream_record *record);
	void (*record)(void *context, const struct stream_record *record);
	/* The partition has been at its end for 10 s (once per spell). */
	void (*idle)(void *context, struct str topic, int32_t partition);
	/* About to commit: hand out what is owed (stream_send). */
	void (*before_commit)(void *context);
	/* The offset and text to commit for a partition; false: the stream's own position and no text. */
	bool (*position)(void *context, struct str topic, int32_t partition, int64_t *out_offset, struct buffer *out_resume);
	/* Everything sent and positioned since the last commit is durable (true) or void (false; revoke and assign follow). */
	void (*committed)(void *context, bool durable);
	/* One line for the log: a state change, never per record. level: 0 error, 1 warning, 2 information. */
	void (*say)(void *context, int level, struct str text);
};

struct stream_options {
	const struct stream_property *properties; /* the config's `kafka:` block, as it is */
	size_t properties_count;
	struct str instance, stage, member;       /* group <instance>-<stage>, transactional.id <instance>-<stage>-<member> */
	const struct str *topics;                 /* names or ^regular expressions */
	size_t topics_count;
	struct str state_topic;                   /* empty: none; same partition numbers as the single input topic */
	const struct stream_topic *own_topics;
	size_t own_topics_count;
	struct str assignor;                      /* "roundrobin" or "range" */
	bool embedded;                            /* the mock broker: no topic administration, start at the beginning, no read_committed promises */
	struct span commit_interval;              /* at most this long between commits while there is something to commit */
	struct span idle_after;                   /* 10 s */
	size_t batch_records_max;                 /* commit at the latest after so many records */
	struct span pace;                         /* catching up: at most this much `order` time per pace_wall; 0 = no limit */
	struct span pace_wall;
};

struct stream;
/* NULL with a text that names the remedy. Nothing is contacted yet. */
struct stream *stream_open(const struct stream_options *options, struct buffer *out_error);
enum stream_status stream_run_once(struct stream *stream, const struct stream_handler *handler, struct buffer *out_text);
/* Finish: commit what is there, leave the group. Safe after any status. */
void stream_close(struct stream *stream, const struct stream_handler *handler);
/* Only inside handler calls. partition -1: by key hash of the client. The record is copied. */
void stream_send(struct stream *stream, struct str topic, int32_t partition, struct str key, struct str value, bool tombstone,
	const struct stream_header *headers, size_t headers_count);
/* Partitions of an own topic, known after the first stream_run_once; 0 before. */
uint32_t stream_partitions(const struct stream *stream, struct str topic);

/* The embedded broker of `demo`: librdkafka's mock cluster. For demonstration: no durable transactions, 5 MiB a partition. */
struct embedded_broker;
struct embedded_broker *embedded_broker_start(struct buffer *out_error);
bool embedded_broker_topic(struct embedded_broker *broker, struct str name, uint32_t partitions);
struct str embedded_broker_address(const struct embedded_broker *broker);
void embedded_broker_stop(struct embedded_broker *broker);
/* A plain producer and reader for `demo`: no groups, no transactions. */
struct stream_feeder;
struct stream_feeder *stream_feeder_open(struct str bootstrap, struct buffer *out_error);
bool stream_feeder_send(struct stream_feeder *feeder, struct str topic, int32_t partition, struct str key, struct str value, struct buffer *out_error);
bool stream_feeder_flush(struct stream_feeder *feeder, struct buffer *out_error);
void stream_feeder_close(struct stream_feeder *feeder);
const char *stream_library_version(void);

/* Files: the records of a path ("-" = stdin; .gz and .zst as they are), one a line, read in chunks. A line over `record_bytes_max`
 * is handed over cut at that length with `out_whole_size` telling its real size, and never held in memory whole. */
struct line_file;
struct line_file *line_file_open(struct str path, size_t record_bytes_max, struct buffer *out_error);
bool line_file_next(struct line_file *file, struct str *out_line, uint64_t *out_number, uint64_t *out_whole_size, struct buffer *out_error);
void line_file_close(struct line_file *file);

#endif
