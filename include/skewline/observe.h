/* The first stage: input records -> observations and rejects. It does the heavy work (decode, match) and drops the 99.9 % that
 * say nothing about clocks. Its only memory are, per input partition, the reference clock and the transit buckets; so its
 * output is a pure function of each input partition's records, however partitions interleave.
 *
 * No I/O and no clock: `now` comes with each call. Results are handed to the sink before the call returns and are valid
 * only during the call. */
#ifndef SKEWLINE_OBSERVE_H
#define SKEWLINE_OBSERVE_H

#include "skewline/match.h"

/* CHOICE_FILE: `collected` where the records have it, else the record's `consensus`, until the first of these `own`. */
enum reference_choice { CHOICE_AUTO, CHOICE_APPENDED, CHOICE_COLLECTED, CHOICE_ARRIVAL, CHOICE_FILE };

struct observe_settings {
	size_t record_bytes_max;
	size_t buckets_max;         /* open transit buckets per input partition; at the cap the oldest closes early */
};

/* One record as it came. */
struct input_record {
	struct str key, value;
	struct coordinates coordinates;
	struct instant appended;    /* INSTANT_NONE unless the topic is LogAppendTime */
	struct instant created;     /* the producer's CreateTime: usually the skewed host's own, never a reference */
	struct instant arrival;     /* our clock on receipt; INSTANT_NONE on files */
	struct instant consensus;   /* on files: a time after it was written, by what other hosts stamped; INSTANT_NONE: none */
	struct str host;            /* from a header or a file's name, may be empty */
};

struct observe_sink {
	void *context;
	/* An observation about observation->subject. */
	void (*observation)(void *context, const struct observation *observation);
	/* The record cannot be read. `out` of the record's own memory. */
	void (*reject)(void *context, const struct input_record *record, enum reject_reason reason, struct str detail);
	/* One decoded record, before anything is made of it (metrics); may be NULL. */
	void (*decoded)(void *context, const struct record *record);
	/* Worth one log line: the reference was fixed, a jump was refused, a rule was suspended. */
	void (*note)(void *context, struct str input, struct str text);
	/* A rule was stopped by a match, depth or heap limit; may be NULL. */
	void (*limited)(void *context, const struct rule_trouble *trouble);
};

struct observer;        /* one thread's: decoder, matcher */
struct input_partition; /* one input partition's memory */

struct observer *observer_new(const struct observe_settings *settings, const struct rule_set *rules);
void observer_free(struct observer *observer);
/* Takes effect for the next record; the old set may be freed afterwards. */
void observer_set_rules(struct observer *observer, const struct rule_set *rules);

/* `resume` is what input_partition_resume gave when the position was last committed (empty: from nothing). Records whose offset
 * is below the position in it only rebuild buckets: nothing is emitted for them but what is still owed. */
struct input_partition *input_partition_new(struct observer *observer, struct str topic, int32_t partition, struct str format,
	enum reference_choice choice, struct str resume);
void input_partition_free(struct input_partition *input);
/* The record's own `collected` (INSTANT_NONE: none): what files are merged by. */
struct instant observe_collected(struct input_partition *input, const struct input_record *record);
/* Who wrote the record and when it says so; false: it does not say both, or cannot be read. `out_host` lives until the next call. */
bool observe_peek_stamp(struct input_partition *input, const struct input_record *record, struct str *out_host, struct instant *out_said);
/* The reference time that the record would have, without taking it in: what a merge of inputs orders by. */
struct instant observe_peek_reference(struct input_partition *input, const struct input_record *record);
void observe_record(struct input_partition *input, const struct input_record *record, const struct observe_sink *sink);
/* The input is at its end and has been for 10 s: closes its buckets, marks it idle in the next progress. */
void observe_idle(struct input_partition *input, const struct observe_sink *sink);
/* End of a file: closes buckets, emits what is owed. */
void observe_end(struct input_partition *input, const struct observe_sink *sink);
/* True, with its entry filled, when 5 s of its own progress have passed since the last time (or its idleness changed). */
bool observe_progress(struct input_partition *input, struct progress_entry *out);
/* What to commit (-1: nothing read yet): the offset of the first record of the oldest open bucket (or the next record), and the text to commit with it
 * (position already emitted, the partition's clock), <= 512 bytes. */
int64_t input_partition_commit(struct input_partition *input, struct buffer *out_resume);

#endif
