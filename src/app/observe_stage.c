#include "observe_stage.h"

#include <assert.h>
#include <stdlib.h>

struct assigned {
	struct str topic; /* owned */
	int32_t partition;
	struct input_partition *input;
};

struct observe_stage {
	const struct config *config;
	struct observer *observer;
	struct observe_outputs outputs;
	struct observe_sink sink;
	struct metrics *metrics;
	uint32_t partitions;
	struct assigned *inputs;
	size_t count, capacity, recent;
	struct buffer packed;
};

static void send(struct observe_stage *stage, uint32_t partition, const struct observation *observation)
{
	if (stage->outputs.direct) {
		metric_add(stage->metrics, METRIC_OBSERVATIONS_WRITTEN, 1);
		stage->outputs.direct(stage->outputs.context, partition, observation);
		return;
	}
	buffer_reset(&stage->packed);
	bool fits = observation_pack(observation, &stage->packed);
	assert(fits && "every field of an observation is capped");
	metric_add(stage->metrics, METRIC_OBSERVATIONS_WRITTEN, 1);
	stage->outputs.observation(stage->outputs.context, partition, observation->subject, buffer_str(&stage->packed));
}

static void on_observation(void *context, const struct observation *observation)
{
	struct observe_stage *stage = context;
	if (observation->kind == OBSERVATION_SYMPTOM || observation->kind == OBSERVATION_JUMP)
		metric_add(stage->metrics, METRIC_RULE_HITS, 1);
	send(stage, observation_partition(observation->subject, stage->partitions), observation);
}

static void on_reject(void *context, const struct input_record *record, enum reject_reason reason, struct str detail)
{
	struct observe_stage *stage = context;
	metric_add(stage->metrics, METRIC_RECORDS_REJECTED, 1);
	stage->outputs.reject(stage->outputs.context, record, reason, detail);
}

static void on_decoded(void *context, const struct record *record)
{
	struct observe_stage *stage = context;
	if (record->kind == RECORD_CLOCK_SAMPLE)
		metric_add(stage->metrics, METRIC_CLOCK_SAMPLES, 1);
	else if (record->kind == RECORD_OTHER)
		metric_add(stage->metrics, METRIC_RECORDS_OTHER, 1);
}

static void on_limited(void *context, const struct rule_trouble *trouble)
{
	struct observe_stage *stage = context;
	metric_add(stage->metrics, METRIC_RULE_LIMITED, 1);
	if (trouble->suspended)
		metric_add(stage->metrics, METRIC_RULES_SUSPENDED, 1);
}

static void on_note(void *context, struct str input, struct str text)
{
	struct observe_stage *stage = context;
	if (stage->outputs.note)
		stage->outputs.note(stage->outputs.context, input, text);
}

struct observe_stage *observe_stage_new(const struct config *config, const struct rule_set *rules, uint32_t partitions,
	const struct observe_outputs *outputs, struct metrics *metrics)
{
	struct observe_stage *stage = calloc(1, sizeof *stage);
	if (!stage)
		abort();
	struct observe_settings settings = {.record_bytes_max = config->record_bytes_max, .buckets_max = 1 << 16};
	*stage = (struct observe_stage){.config = config, .observer = observer_new(&settings, rules), .outputs = *outputs,
		.sink = {stage, on_observation, on_reject, on_decoded, on_note, on_limited}, .metrics = metrics, .partitions = partitions};
	return stage;
}

void observe_stage_free(struct observe_stage *stage)
{
	if (!stage)
		return;
	while (stage->count)
		observe_stage_revoke(stage, stage->inputs[0].topic, stage->inputs[0].partition);
	observer_free(stage->observer);
	buffer_release(&stage->packed);
	free(stage->inputs);
	free(stage);
}

void observe_stage_rules(struct observe_stage *stage, const struct rule_set *rules)
{
	observer_set_rules(stage->observer, rules);
}

void observe_stage_partitions(struct observe_stage *stage, uint32_t partitions)
{
	stage->partitions = partitions;
}

static size_t index_of(const struct observe_stage *stage, struct str topic, int32_t partition)
{
	for (size_t i = 0; i < stage->count; i++)
		if (stage->inputs[i].partition == partition && str_equal(stage->inputs[i].topic, topic))
			return i;
	return SIZE_MAX;
}

struct input_partition *observe_stage_input(struct observe_stage *stage, struct str topic, int32_t partition)
{
	if (stage->recent < stage->count && stage->inputs[stage->recent].partition == partition
		&& str_equal(stage->inputs[stage->recent].topic, topic))
		return stage->inputs[stage->recent].input;
	size_t at = index_of(stage, topic, partition);
	if (at == SIZE_MAX)
		return NULL;
	stage->recent = at;
	return stage->inputs[at].input;
}

void observe_stage_revoke(struct observe_stage *stage, struct str topic, int32_t partition)
{
	size_t at = index_of(stage, topic, partition);
	if (at == SIZE_MAX)
		return;
	input_partition_free(stage->inputs[at].input);
	free((char *)(uintptr_t)stage->inputs[at].topic.data);
	stage->inputs[at] = stage->inputs[--stage->count];
}

struct input_partition *observe_stage_assign(struct observe_stage *stage, struct str topic, int32_t partition, struct str format,
	enum reference_choice choice, struct str resume)
{
	observe_stage_revoke(stage, topic, partition);
	if (stage->count == stage->capacity) {
		stage->capacity = stage->capacity ? stage->capacity * 2 : 16;
		stage->inputs = realloc(stage->inputs, stage->capacity * sizeof *stage->inputs);
		if (!stage->inputs)
			abort();
	}
	struct buffer name = {0};
	buffer_add_str(&name, topic);
	struct assigned *assigned = &stage->inputs[stage->count++];
	*assigned = (struct assigned){buffer_str(&name), partition,
		input_partition_new(stage->observer, topic, partition, format, choice, resume)};
	return assigned->input;
}

static void send_progress(struct observe_stage *stage, struct input_partition *input)
{
	struct progress_entry entry;
	if (!observe_progress(input, &entry))
		return;
	struct observation observation = {.kind = OBSERVATION_PROGRESS, .subject = STR("*"), .reference = entry.reference,
		.reference_kind = entry.reference_kind, .host_said = INSTANT_NONE, .input = entry.input,
		.progress = {.count = 1, .entries = &entry}};
	for (uint32_t partition = 0; partition < stage->partitions; partition++)
		send(stage, partition, &observation);
}

void observe_stage_record(struct observe_stage *stage, struct input_partition *input, const struct input_record *record)
{
	metric_add(stage->metrics, METRIC_RECORDS_READ, 1);
	metric_add(stage->metrics, METRIC_BYTES_READ, record->value.size);
	observe_record(input, record, &stage->sink);
	send_progress(stage, input);
}

void observe_stage_idle(struct observe_stage *stage, struct input_partition *input)
{
	observe_idle(input, &stage->sink);
	send_progress(stage, input);
}

void observe_stage_end(struct observe_stage *stage, struct input_partition *input)
{
	observe_end(input, &stage->sink);
	send_progress(stage, input);
}
