/* Shared by the files of a Kafka stream. */
#ifndef STREAM_KAFKA_H
#define STREAM_KAFKA_H

#include <librdkafka/rdkafka.h>

#include "skewline/stream.h"

enum { BATCH = 256, TOPICS_MAX = 16 };

/* The last record that was delivered to a partition of an own topic, by the running (or lost) transaction and by those whose commit was answered. */
struct end {
	int64_t written, committed; /* offsets; -1: none; written: 0 if perhaps */
};
struct own_topic {
	char *name;
	uint32_t partitions;
	struct end *ends;
	size_t ends_count;
};

/* Where a partition is to be read from, and the text that goes with it. */
struct place {
	int64_t offset; /* -1: none */
	struct buffer resume;
};

/* One assigned input partition: its own queue, a batch taken from it, and the record at its head. */
struct inlet {
	char *topic;
	int32_t partition;
	rd_kafka_queue_t *queue;
	rd_kafka_message_t *batch[BATCH];
	size_t batch_count, batch_next;
	int64_t next;          /* offset after the last record handed over; -1: none yet */
	struct instant order;  /* of the head */
	bool ordered;          /* `order` is that of batch[batch_next] */
	bool at_end, idle_said;
	int64_t quiet_since;   /* our monotonic clock, ms: at its end, or without a head, since */
	struct place sent, landed; /* with the running transaction; with the last one whose commit was answered */
};

struct stream {
	rd_kafka_t *consumer, *producer;
	const struct stream_handler *handler; /* of the running call */
	/* options, copied */
	struct arena arena;
	struct stream_options options;
	char *bootstrap, *group, *transactional_id;
	struct inlet *inlets;
	size_t inlets_count, inlets_capacity;
	struct own_topic topics[TOPICS_MAX];
	size_t topics_count;
	bool ready;            /* transactions initialised, own topics there, subscribed */
	bool in_transaction, dirty;
	size_t records;        /* since the last commit */
	int64_t committed_at, retry_at, retry_wait;
	struct instant paced_order; /* pacing: order time and our clock at the start of the running step */
	int64_t paced_at;
	/* what happened inside callbacks */
	enum stream_status pending;
	struct buffer pending_text;
	bool aborted;          /* nothing is handed over until all is as the broker has it: transaction_recover. So it begins */
	bool renew;            /* only a new producer can go on: the broker ended the transaction, or how it ended is not known */
	bool unanswered;       /* a commit was asked for, and its answer never came */
	int64_t begun_at;      /* of the transaction, our monotonic clock, ms */
	bool down_said, waiting_said;
	char said[512];        /* the last thing said, not to be said twice in a row */
};

int64_t monotonic_ms(void);
void stream_say(struct stream *stream, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The broker does not answer: said once, until it is back. What runs is given up, before any more of it reaches a broker that starts anew; and
 * nothing is handed over or begun until the recovery has seen what the broker made of the last commit. */
void broker_down(struct stream *stream);
void broker_back(struct stream *stream);
/* kafka_admin.c: own topics are there, with the right settings. */
enum stream_status topics_prepare(struct stream *stream, struct buffer *out_text);
/* kafka_restore.c: the live records of one state partition through handler->restore. */
enum stream_status state_restore(struct stream *stream, int32_t partition, struct buffer *out_text);
rd_kafka_t *reader_open(struct stream *stream, const char *isolation, struct buffer *out_text);
/* kafka_transaction.c */
enum stream_status transaction_begin(struct stream *stream, struct buffer *out_text);
enum stream_status transaction_commit(struct stream *stream, struct buffer *out_text);
/* The commit alone, asked for until it is answered. */
enum stream_status commit_until_answered(struct stream *stream, struct buffer *out_text);
/* Did the broker end our transaction for its age (an outage), rather than another process take our name? */
bool timed_out_there(const struct stream *stream, rd_kafka_resp_err_t code);
rd_kafka_t *producer_open(struct stream *stream, struct buffer *out_error);
/* Ends the open transaction. Where the producer cannot, it is marked to be renewed. */
enum stream_status transaction_abort(struct stream *stream, struct buffer *out_text);
enum stream_status transaction_recover(struct stream *stream, struct buffer *out_text);
enum stream_status error_status(struct stream *stream, rd_kafka_error_t *error, const char *doing, struct buffer *out_text);
/* kafka_landed.c: what is known to be durable, whatever the broker shows of it */
void note_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *context);
void landed(struct stream *stream);
void not_landed(struct stream *stream);
/* Is what is open from this offset on of a committed transaction of ours? What a lost one has written there since is not. */
bool landed_here(const struct stream *stream, const rd_kafka_topic_partition_t *place);
void place_set(struct place *place, int64_t offset, struct str resume);
void place_release(struct place *place);
/* kafka_leftover.c: in our own topics; and the offsets of our group in these input partitions. */
enum stream_status leftovers_end(struct stream *stream, struct buffer *out_text);
enum stream_status leftover_offsets_end(struct stream *stream, const rd_kafka_topic_partition_list_t *places, struct buffer *out_text);
/* kafka_inlets.c */
bool committed_offsets(struct stream *stream, rd_kafka_topic_partition_list_t *list, struct buffer *out_text);
void inlets_assign(struct stream *stream, const rd_kafka_topic_partition_list_t *list);
void inlets_revoke(struct stream *stream);
bool inlet_restart(struct stream *stream, struct inlet *inlet, const char *resume, size_t resume_size);
void inlet_drop_batch(struct inlet *inlet);
/* Hands over up to `most` records in order. */
size_t inlets_run(struct stream *stream, size_t most);
rd_kafka_conf_t *conf_of(const struct stream_options *options, struct buffer *out_error);
bool conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, struct buffer *out_error);

#endif
