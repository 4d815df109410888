#include "memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "axis.h"
#include "lines.h"
#include "meter.h"

struct waiting {
	uint32_t partition;
	size_t key, key_size, value_size; /* in `bytes`: the key, then the value */
};

struct memory {
	struct memory_options options;
	struct memory_outputs outputs;
	struct metrics *metrics;
	struct observe_stage *observe;
	struct correlate_stage *correlate;
	struct correlate_settings settings;
	struct input_partition *input;
	const struct merge_line *line; /* being read */
	/* feedback, first in first out */
	struct waiting *queue;
	size_t queue_count, queue_capacity, queue_next;
	struct buffer bytes, one;
	/* alerts of this round */
	struct memory_alert *alerts;
	size_t alerts_count, alerts_capacity;
	struct arena round;
	struct buffer text;
};

/* ---- feedback ---- */
static void on_feedback(void *context, uint32_t partition, struct str key, struct str value)
{
	struct memory *memory = context;
	if (memory->options.dump)
		return;
	if (memory->queue_count == memory->queue_capacity) {
		memory->queue_capacity = memory->queue_capacity ? memory->queue_capacity * 2 : 256;
		memory->queue = realloc(memory->queue, memory->queue_capacity * sizeof *memory->queue);
		if (!memory->queue)
			abort();
	}
	memory->queue[memory->queue_count++] = (struct waiting){partition, memory->bytes.size, key.size, value.size};
	buffer_add_str(&memory->bytes, key);
	buffer_add_str(&memory->bytes, value);
}

/* A record is copied out before it is read: reading it may make the queue grow and move. */
static void drain(struct memory *memory)
{
	while (memory->queue_next < memory->queue_count) {
		struct waiting waiting = memory->queue[memory->queue_next++];
		buffer_reset(&memory->one);
		buffer_add(&memory->one, memory->bytes.data + waiting.key, waiting.key_size + waiting.value_size);
		struct str key = str_first(buffer_str(&memory->one), waiting.key_size), value = str_from(buffer_str(&memory->one), waiting.key_size);
		if (memory->outputs.observation)
			memory->outputs.observation(memory->outputs.context, waiting.partition, key, value);
		correlate_stage_record(memory->correlate, waiting.partition, key, value);
	}
	memory->queue_next = memory->queue_count = 0;
	buffer_reset(&memory->bytes);
}

/* ---- alerts ---- */
static void on_alert(void *context, const struct incident_revision *revision)
{
	struct memory *memory = context;
	if (!memory->outputs.alert)
		return;
	if (memory->alerts_count == memory->alerts_capacity) {
		memory->alerts_capacity = memory->alerts_capacity ? memory->alerts_capacity * 2 : 64;
		memory->alerts = realloc(memory->alerts, memory->alerts_capacity * sizeof *memory->alerts);
		if (!memory->alerts)
			abort();
	}
	buffer_reset(&memory->text);
	alert_write(revision, memory->options.format, &memory->options.setup->alerts, &memory->text);
	struct memory_alert *alert = &memory->alerts[memory->alerts_count++];
	*alert = (struct memory_alert){*revision, arena_copy(&memory->round, buffer_str(&memory->text))};
	alert->head.id = arena_copy(&memory->round, revision->id);
	alert->head.suspect = arena_copy(&memory->round, revision->suspect);
	alert->head.inhibited_by = arena_copy(&memory->round, revision->inhibited_by);
	alert->head.source = STR_NONE;
	alert->head.evidence = NULL;
	alert->head.affected = NULL;
	alert->head.evidence_count = alert->head.affected_count = 0;
}

static int in_order(const void *a, const void *b)
{
	const struct incident_revision *left = &((const struct memory_alert *)a)->head, *right = &((const struct memory_alert *)b)->head;
	if (left->at.ns != right->at.ns)
		return left->at.ns < right->at.ns ? -1 : 1;
	int order = str_compare(left->id, right->id);
	return order ? order : (left->revision > right->revision) - (left->revision < right->revision);
}

void memory_round(struct memory *memory)
{
	if (!memory->alerts_count)
		return;
	qsort(memory->alerts, memory->alerts_count, sizeof *memory->alerts, in_order);
	for (size_t i = 0; i < memory->alerts_count; i++)
		memory->outputs.alert(memory->outputs.context, &memory->alerts[i]);
	memory->alerts_count = 0;
	arena_reset(&memory->round);
}

static void on_trust(void *context, const struct trust_record *trust)
{
	(void)context, (void)trust;
}

static void on_trace(void *context, struct instant at, struct str host, struct str text)
{
	struct memory *memory = context;
	memory->outputs.trace(memory->outputs.context, at, host, text);
}

static void on_refused(void *context, uint32_t partition, struct str reason)
{
	(void)context;
	fprintf(stderr, "skewline: an observation of partition %u cannot be read: %.*s\n", partition, STR_ARGS(reason));
}

/* ---- observations ---- */
/* A round ends where the next progress begins: then everything that the last one gave rise to has been said. */
void memory_observation(struct memory *memory, uint32_t partition, struct str key, struct str value)
{
	if (partition == 0 && str_equal(key, STR("*")))
		memory_round(memory);
	if (memory->outputs.observation)
		memory->outputs.observation(memory->outputs.context, partition, key, value);
	correlate_stage_record(memory->correlate, partition, key, value);
	drain(memory);
}

static void on_observation(void *context, uint32_t partition, struct str key, struct str value)
{
	memory_observation(context, partition, key, value);
}

static void on_direct(void *context, uint32_t partition, const struct observation *observation)
{
	struct memory *memory = context;
	if (partition == 0 && observation->kind == OBSERVATION_PROGRESS)
		memory_round(memory);
	correlate_stage_observation(memory->correlate, partition, observation);
	drain(memory);
}

static void on_reject(void *context, const struct input_record *record, enum reject_reason reason, struct str detail)
{
	struct memory *memory = context;
	(void)record;
	if (memory->outputs.reject)
		memory->outputs.reject(memory->outputs.context, memory->line, reason, detail);
}

static void on_note(void *context, struct str input, struct str text)
{
	struct memory *memory = context;
	(void)input;
	if (memory->outputs.note)
		memory->outputs.note(memory->outputs.context, text);
}

static void on_limit(void *context, struct str text)
{
	on_note(context, STR_NONE, text);
}

struct memory *memory_new(const struct memory_options *options, const struct memory_outputs *outputs, struct metrics *metrics)
{
	struct memory *memory = calloc(1, sizeof *memory);
	if (!memory)
		abort();
	const struct config *config = &options->setup->config;
	memory->options = *options;
	memory->outputs = *outputs;
	memory->metrics = metrics;
	memory->settings = config->correlate;
	memory->settings.trace = outputs->trace != NULL;
	memory->settings.trace_host = options->trace_host;
	struct observe_outputs observe = {.context = memory, .observation = on_observation, .reject = on_reject, .note = on_note,
		.direct = outputs->observation ? NULL : on_direct}; /* unpacked where nobody asks for the wire form */
	struct correlate_outputs correlate = {.context = memory, .alert = on_alert, .trust = on_trust, .feedback = on_feedback,
		.trace = outputs->trace ? on_trace : NULL, .refused = on_refused, .limit = on_limit};
	memory->observe = observe_stage_new(config, options->setup->rules, config->partitions, &observe, metrics);
	memory->correlate = correlate_stage_new(&memory->settings, config->partitions, &correlate, metrics);
	for (uint32_t i = 0; i < config->partitions; i++)
		correlate_stage_assign(memory->correlate, i);
	return memory;
}

void memory_free(struct memory *memory)
{
	if (!memory)
		return;
	observe_stage_free(memory->observe);
	correlate_stage_free(memory->correlate);
	buffer_release(&memory->bytes);
	buffer_release(&memory->one);
	buffer_release(&memory->text);
	arena_release(&memory->round);
	free(memory->queue);
	free(memory->alerts);
	free(memory);
}

/* ---- records ---- */
static struct input_record record_of(struct str bytes, uint64_t ordinal)
{
	return (struct input_record){.value = bytes, .coordinates = {STR("replay"), 0, (int64_t)ordinal}, .appended = INSTANT_NONE, .created = INSTANT_NONE,
		.arrival = INSTANT_NONE, .consensus = INSTANT_NONE};
}

void memory_open(struct memory *memory, struct str format)
{
	memory->input = observe_stage_assign(memory->observe, STR("replay"), 0, format.size ? format : STR("auto"), CHOICE_FILE, STR_NONE);
}

void memory_record(struct memory *memory, const struct merge_line *line, struct instant consensus)
{
	memory->line = line;
	if (line->cut) {
		char detail[TOO_LONG_MAX];
		metric_add(memory->metrics, METRIC_RECORDS_READ, 1);
		metric_add(memory->metrics, METRIC_RECORDS_REJECTED, 1);
		on_reject(memory, NULL, REJECT_TOO_LONG, too_long(line->whole_size, line->bytes.size, detail));
		return;
	}
	struct input_record record = record_of(line->bytes, line->ordinal);
	record.consensus = consensus;
	observe_stage_record(memory->observe, memory->input, &record);
}

void memory_end(struct memory *memory)
{
	if (memory->input)
		observe_stage_end(memory->observe, memory->input);
	memory_round(memory);
}

/* ---- files ---- */
static struct instant collected_of(void *context, struct str bytes)
{
	struct memory *memory = context;
	struct input_record record = record_of(bytes, 0);
	return observe_collected(memory->input, &record);
}

static bool stamp_of(void *context, struct str bytes, uint64_t *out_host, struct instant *out_said)
{
	struct memory *memory = context;
	struct input_record record = record_of(bytes, 0);
	struct str host;
	bool both = observe_peek_stamp(memory->input, &record, &host, out_said);
	*out_host = both ? str_hash(host, 0) : 0;
	return both;
}

int memory_files(struct memory *memory, const struct str *files, size_t count, struct str format)
{
	struct buffer error = {0};
	struct merge_line line;
	struct instant consensus;
	struct meter meter;
	uint64_t bytes = 0, records = 0;
	meter_start(&meter, meter_bytes(files, count));
	memory_open(memory, format);
	struct merge *merge = merge_open(files, count, memory->options.setup->config.record_bytes_max, collected_of, memory, &error);
	struct axis *axis = merge ? axis_new(merge, stamp_of, memory) : NULL;
	while (axis && axis_next(axis, &line, &consensus, &error)) {
		bytes += line.whole_size + 1;
		memory_record(memory, &line, consensus);
		if (++records % 4096 == 0)
			meter_show(&meter, records, bytes);
	}
	meter_end(&meter, records, bytes);
	memory_end(memory);
	axis_free(axis);
	merge_close(merge);
	if (error.size)
		fprintf(stderr, "skewline: %s\n", error.data);
	int status = error.size ? EXIT_ENVIRONMENT : EXIT_FINE;
	buffer_release(&error);
	return status;
}
