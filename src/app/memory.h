/* The two stages connected in memory, for recorded input: all files together are one input with one partition, merged by `collected`;
 * observations go through their wire form; feedback is delivered, in order, right after the step that gave rise to it. The same input gives
 * the same alerts in the same order, however it was cut into files. */
#ifndef APP_MEMORY_H
#define APP_MEMORY_H

#include "correlate_stage.h"
#include "merge.h"
#include "observe_stage.h"

/* One revision as it is to be written, sorted within a round of progress by (at, incident, revision). */
struct memory_alert {
	struct incident_revision head; /* its texts live during the call; without evidence and affected hosts, which stand in `text` */
	struct str text;               /* in the chosen format */
};

struct memory_outputs {
	void *context;
	void (*alert)(void *context, const struct memory_alert *alert); /* this one and all below may be NULL: nobody asks */
	/* A record of an observations partition, feedback included, before it is read. */
	void (*observation)(void *context, uint32_t partition, struct str key, struct str value);
	void (*reject)(void *context, const struct merge_line *line, enum reject_reason reason, struct str detail);
	void (*trace)(void *context, struct instant at, struct str host, struct str text);
	void (*note)(void *context, struct str text);
};

struct memory_options {
	const struct setup *setup;
	enum alert_format format;
	struct str trace_host; /* only of this host; empty: of all */
	bool dump;             /* the observations come from a dump of their topic, which holds its own feedback */
};

struct memory;
struct memory *memory_new(const struct memory_options *options, const struct memory_outputs *outputs, struct metrics *metrics);
void memory_free(struct memory *memory);
/* Reads files to their end, with a progress line. EXIT_FINE, or EXIT_ENVIRONMENT after a message on stderr. */
int memory_files(struct memory *memory, const struct str *files, size_t count, struct str format);
/* The same by hand: open the input, give it records in order, end. */
void memory_open(struct memory *memory, struct str format);
/* `consensus`: as input_record has it. */
void memory_record(struct memory *memory, const struct merge_line *line, struct instant consensus);
/* One record of an observations partition (a dump). */
void memory_observation(struct memory *memory, uint32_t partition, struct str key, struct str value);
/* Says the alerts of the running round now. */
void memory_round(struct memory *memory);
void memory_end(struct memory *memory);

#endif
