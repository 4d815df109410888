/* The two stages connected in memory, for recorded input: all files together are one input with one partition, merged by `collected`;
 * observations go through their wire form; feedback is delivered, in order, right after the step that gave rise to it. The same input gives
 * the same alerts in the same order, however it was cut into files. */
#ifndef APP_MEMORY_H
#define APP_MEMORY_H

#include "correlate_stage.h"
#include "observe_stage.h"

/* One revision as it is to be written, sorted within a round of progress by (at, incident, revision). */
struct memory_alert {
	struct instant at;
	struct str incident, text; /* text: in the chosen format */
	uint32_t revision;
	const struct incident_revision *revision_data; /* only while the callback runs in `each`; NULL later */
};

struct memory_outputs {
	void *context;
	void (*alert)(void *context, const struct memory_alert *alert);
	/* A record of an observations partition, before it is read; NULL: nobody asks. */
	void (*observation)(void *context, uint32_t partition, struct str key, struct str value);
	void (*reject)(void *context, const struct input_record *record, struct str file, uint64_t line, enum reject_reason reason, struct str detail);
	void (*trace)(void *context, struct instant at, struct str host, struct str text); /* NULL: nobody asks */
	void (*note)(void *context, struct str text);
};

struct memory;
struct memory *memory_new(const struct setup *setup, enum alert_format format, enum app_stages stage, const struct memory_outputs *outputs, struct metrics *metrics);
void memory_free(struct memory *memory);
/* Reads files to their end. EXIT_FINE, or EXIT_ENVIRONMENT after a message on stderr. */
int memory_files(struct memory *memory, const struct str *files, size_t count, struct str format);
/* One record of an observations partition (correlate alone). */
void memory_observation(struct memory *memory, uint32_t partition, struct str key, struct str value);
void memory_end(struct memory *memory);

#endif
