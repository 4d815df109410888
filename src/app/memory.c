#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "merge.h"
#include "skewline/stream.h"

struct waiting {
	uint32_t partition;
	size_t key, key_size, value, value_size; /* in `bytes` */
};

struct memory {
	const struct setup *setup;
	enum alert_format format;
	enum app_stages stage;
	struct memory_outputs outputs;
	struct metrics *metrics;
	struct observe_stage *observe;
	struct correlate_stage *correlate;
	struct correlate_settings settings;
	uint32_t partitions;
	struct input_partition *input;
	/* feedback, first in first out */
	struct waiting *queue;
	size_t queue_count, queue_capacity, queue_next;
	struct buffer bytes;
	bool draining;
	/* alerts of this round */
	struct memory_alert *alerts;
	size_t alerts_count, alerts_capacity;
	struct arena round;
	struct buffer text;
	const struct merge_line *line; /* being read */
	uint64_t ordinal;
};

/* ---- feedback ---- */
static void enqueue(void *context, uint32_t partition, struct str key, struct str value)
{
	struct memory *memory = context;
	if (memory->queue_count == memory->queue_capacity) {
		memory->queue_capacity = memory->queue_capacity ? memory->queue_capacity * 2 : 256;
		memory->queue = realloc(memory->queue, memory->queue_capacity * sizeof *memory->queue);
		if (!memory->queue)
			abort();
	}
	struct waiting waiting = {partition, memory->bytes.size, key.size, memory->bytes.size + key.size, value.size};
	buffer_add_str(&memory->bytes, key);
	buffer_add_str(&memory->bytes, value);
	memory->queue[memory->queue_count++] = waiting;
}

static void drain(struct memory *memory)
{
	struct buffer one = {0};
	while (memory->queue_next < memory->queue_count) {
		struct waiting waiting = memory->queue[memory->queue_next++];
		buffer_reset(&one);
		buffer_add(&one, memory->bytes.data + waiting.key, waiting.key_size + waiting.value_size);
		struct str whole = buffer_str(&one);
		if (memory->outputs.observation)
			memory->outputs.observation(memory->outputs.context, waiting.partition, str_first(whole, waiting.key_size), str_from(whole, waiting.key_size));
		if (memory->stage == STAGE_ALL)
			correlate_stage_record(memory->correlate, waiting.partition, str_first(whole, waiting.key_size), str_from(whole, waiting.key_size));
	}
	memory->queue_next = memory->queue_count = 0;
	buffer_reset(&memory->bytes);
	buffer_release(&one);
}

/* ---- alerts ---- */
static void on_alert(void *context, const struct incident_revision *revision)
{
	struct memory *memory = context;
	if (memory->alerts_count == memory->alerts_capacity) {
		memory->alerts_capacity = memory->alerts_capacity ? memory->alerts_capacity * 2 : 64;
		memory->alerts = realloc(memory->alerts, memory->alerts_capacity * sizeof *memory->alerts);
		if (!memory->alerts)
			abort();
	}
	buffer_reset(&memory->text);
	alert_write(revision, memory->format, &memory->setup->alerts, &memory->text);
	memory->alerts[memory->alerts_count++] = (struct memory_alert){revision->at, arena_copy(&memory->round, revision->id),
		arena_copy(&memory->round, buffer_str(&memory->text)), revision->revision, NULL};
}

static int in_order(const void *a, const void *b)
{
	const struct memory_alert *left = a, *right = b;
	if (left->at.ns != right->at.ns)
		return left->at.ns < right->at.ns ? -1 : 1;
	int order = str_compare(left->incident, right->incident);
	return order ? order : (left->revision > right->revision) - (left->revision < right->revision);
}

static void end_round(struct memory *memory)
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
void memory_observation(struct memory *memory, uint32_t partition, struct str key, struct str value)
{
	correlate_stage_record(memory->correlate, partition, key, value);
	if (memory->stage == STAGE_ALL)
		drain(memory);
	else
		memory->queue_count = memory->queue_next = memory->bytes.size = 0; /* the dump holds its own feedback */
	if (str_equal(key, STR("*")) && partition == memory->partitions - 1)
		end_round(memory);
}

static void on_observation(void *context, uint32_t partition, struct str key, struct str value)
{
	struct memory *memory = context;
	if (memory->outputs.observation)
		memory->outputs.observation(memory->outputs.context, partition, key, value);
	if (memory->stage == STAGE_ALL)
		memory_observation(memory, partition, key, value);
}

static void on_reject(void *context, const struct input_record *record, enum reject_reason reason, struct str detail)
{
	struct memory *memory = context;
	memory->outputs.reject(memory->outputs.context, record, memory->line->file, memory->line->number, reason, detail);
}

static void on_note(void *context, struct str input, struct str text)
{
	struct memory *memory = context;
	(void)input;
	if (memory->outputs.note)
		memory->outputs.note(memory->outputs.context, text);
}

struct memory *memory_new(const struct setup *setup, enum alert_format format, enum app_stages stage, const struct memory_outputs *outputs, struct metrics *metrics)
{
	struct memory *memory = calloc(1, sizeof *memory);
	if (!memory)
		abort();
	memory->setup = setup;
	memory->format = format;
	memory->stage = stage;
	memory->outputs = *outputs;
	memory->metrics = metrics;
	memory->partitions = setup->config.partitions;
	memory->settings = setup->config.correlate;
	memory->settings.trace = outputs->trace != NULL;
	struct observe_outputs observe = {memory, on_observation, on_reject, on_note};
	struct correlate_outputs correlate = {.context = memory, .alert = on_alert, .trust = on_trust, .feedback = enqueue,
		.trace = outputs->trace ? on_trace : NULL, .refused = on_refused};
	memory->observe = observe_stage_new(&setup->config, setup->rules, memory->partitions, &observe, metrics);
	memory->correlate = correlate_stage_new(&memory->settings, memory->partitions, &correlate, metrics);
	for (uint32_t i = 0; i < memory->partitions; i++)
		correlate_stage_assign(memory->correlate, i);
	return memory;
}

void memory_free(struct memory *memory)
{
	if (!memory)
		return;
	observe_stage_free(memory->observe);
	correlate_stage_free(memory->correlate);
	arena_release(&memory->round);
	buffer_release(&memory->bytes);
	buffer_release(&memory->text);
	free(memory->queue);
	free(memory->alerts);
	free(memory);
}

/* ---- files ---- */
static struct input_record record_of(const struct memory *memory, struct str bytes)
{
	return (struct input_record){.value = bytes, .coordinates = {STR("replay"), 0, (int64_t)memory->ordinal}, .appended = INSTANT_NONE,
		.created = INSTANT_NONE, .arrival = INSTANT_NONE};
}

static struct instant collected_of(void *context, struct str bytes)
{
	struct memory *memory = context;
	struct input_record record = record_of(memory, bytes);
	return observe_collected(memory->input, &record);
}

struct meter {
	bool wanted;
	struct timespec start;
	double shown;
	uint64_t bytes;
};

static double elapsed(const struct meter *meter)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - meter->start.tv_sec) + (double)(now.tv_nsec - meter->start.tv_nsec) * 1e-9;
}

static void show(struct meter *meter, uint64_t records, bool last)
{
	double seconds = elapsed(meter);
	if (!meter->wanted || seconds < 1 || (!last && seconds < meter->shown + 0.5))
		return;
	meter->shown = seconds;
	fprintf(stderr, "\r%llu records, %.0f a second, %.0f MB%s", (unsigned long long)records, (double)records / seconds, (double)meter->bytes / 1e6, last ? "\n" : "");
}

static void read_line(struct memory *memory, const struct merge_line *line)
{
	struct input_record record = record_of(memory, line->bytes);
	memory->line = line;
	if (line->whole_size > line->bytes.size) {
		char detail[64];
		int size = snprintf(detail, sizeof detail, "%llu bytes", (unsigned long long)line->whole_size);
		metric_add(memory->metrics, METRIC_RECORDS_READ, 1);
		metric_add(memory->metrics, METRIC_RECORDS_REJECTED, 1);
		on_reject(memory, &record, REJECT_TOO_LONG, (struct str){detail, (size_t)size});
	} else {
		observe_stage_record(memory->observe, memory->input, &record);
	}
	memory->ordinal++;
}

int memory_files(struct memory *memory, const struct str *files, size_t count, struct str format)
{
	struct buffer error = {0};
	struct meter meter = {.wanted = isatty(STDERR_FILENO) != 0};
	clock_gettime(CLOCK_MONOTONIC, &meter.start);
	memory->input = observe_stage_assign(memory->observe, STR("replay"), 0, format.size ? format : STR("auto"), CHOICE_FILE, STR_NONE);
	struct merge *merge = merge_open(files, count, memory->setup->config.record_bytes_max, collected_of, memory, &error);
	struct merge_line line;
	while (merge && merge_next(merge, &line, &error)) {
		meter.bytes += line.whole_size;
		if (line.bytes.size)
			read_line(memory, &line);
		if (memory->ordinal % 4096 == 0)
			show(&meter, memory->ordinal, false);
	}
	show(&meter, memory->ordinal, true);
	observe_stage_end(memory->observe, memory->input);
	memory_end(memory);
	merge_close(merge);
	if (error.size)
		fprintf(stderr, "skewline: %s\n", error.data);
	int status = error.size ? EXIT_ENVIRONMENT : EXIT_FINE;
	buffer_release(&error);
	return status;
}

void memory_end(struct memory *memory)
{
	drain(memory);
	end_round(memory);
}
