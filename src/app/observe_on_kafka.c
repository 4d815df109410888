#include "observe_on_kafka.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "reject_topic.h"

struct observe_on_kafka {
	const struct kafka_stages_options *options;
	const struct config *config;
	struct arena arena;
	struct stream *stream;
	struct stream_handler handler;
	struct observe_stage *stage;
	struct str observations;
	struct { regex_t regex; bool compiled; } *patterns; /* one per input; plain names need none */
	struct reject_topic *rejects;       /* NULL: none are kept */
	const struct stream_record *record; /* being read */
};

/* ---- what the stage says ---- */
static void on_observation(void *context, uint32_t partition, struct str key, struct str value)
{
	struct observe_on_kafka *self = context;
	stream_send(self->stream, self->observations, (int32_t)partition, key, value, false, NULL, 0);
}

static void on_reject(void *context, const struct input_record *record, enum reject_reason reason, struct str detail)
{
	struct observe_on_kafka *self = context;
	(void)record;
	if (self->rejects)
		reject_topic_put(self->rejects, self->stream, self->record, reason, detail);
}

static void on_note(void *context, struct str input, struct str text)
{
	struct observe_on_kafka *self = context;
	if (!self->options->embedded)
		log_line(self->config, LEVEL_INFO, "observe", "%.*s: %.*s", STR_ARGS(input), STR_ARGS(text));
}

/* ---- what the stream brings ---- */
static const struct config_input *input_of(const struct observe_on_kafka *self, struct str topic)
{
	char name[256];
	size_t size = topic.size < sizeof name ? topic.size : sizeof name - 1;
	memcpy(name, topic.data, size);
	name[size] = 0;
	for (size_t i = 0; i < self->config->inputs_count; i++) {
		const struct config_input *input = &self->config->inputs[i];
		if (self->patterns[i].compiled ? regexec(&self->patterns[i].regex, name, 0, NULL, 0) == 0 : str_equal(input->topic, topic))
			return input;
	}
	return &self->config->inputs[0];
}

static void on_assign(void *context, struct str topic, int32_t partition, struct str resume)
{
	struct observe_on_kafka *self = context;
	const struct config_input *input = input_of(self, topic);
	observe_stage_partitions(self->stage, stream_partitions(self->stream, self->observations));
	observe_stage_assign(self->stage, topic, partition, input->format, input->reference, resume);
}

static void on_revoke(void *context, struct str topic, int32_t partition)
{
	struct observe_on_kafka *self = context;
	observe_stage_revoke(self->stage, topic, partition);
}

static struct input_record record_of(const struct stream_record *record)
{
	struct input_record out = {.key = record->key, .value = record->value, .coordinates = {record->topic, record->partition, record->offset},
		.appended = record->appended, .created = record->created, .arrival = record->arrival, .consensus = INSTANT_NONE};
	for (size_t i = 0; i < record->headers_count; i++)
		if (str_equal_folded(record->headers[i].name, STR("host")))
			out.host = record->headers[i].value;
	return out;
}

static struct instant on_order(void *context, const struct stream_record *record)
{
	struct observe_on_kafka *self = context;
	struct input_partition *input = observe_stage_input(self->stage, record->topic, record->partition);
	struct input_record in = record_of(record);
	return input ? observe_peek_reference(input, &in) : INSTANT_NONE;
}

static void on_record(void *context, const struct stream_record *record)
{
	struct observe_on_kafka *self = context;
	struct input_partition *input = observe_stage_input(self->stage, record->topic, record->partition);
	struct input_record in = record_of(record);
	self->record = record;
	if (input)
		observe_stage_record(self->stage, input, &in);
	self->record = NULL;
}

static void on_idle(void *context, struct str topic, int32_t partition)
{
	struct observe_on_kafka *self = context;
	struct input_partition *input = observe_stage_input(self->stage, topic, partition);
	if (input)
		observe_stage_idle(self->stage, input);
}

static void on_before_commit(void *context)
{
	struct observe_on_kafka *self = context;
	if (self->rejects)
		reject_topic_before_commit(self->rejects, self->stream);
}

static bool on_position(void *context, struct str topic, int32_t partition, int64_t *out_offset, struct buffer *out_resume)
{
	struct observe_on_kafka *self = context;
	struct input_partition *input = observe_stage_input(self->stage, topic, partition);
	int64_t offset = input ? input_partition_commit(input, out_resume) : -1;
	if (offset < 0)
		return false;
	*out_offset = offset;
	return true;
}

static void on_committed(void *context, bool durable)
{
	struct observe_on_kafka *self = context;
	metric_add(self->options->metrics, durable ? METRIC_COMMITS : METRIC_ABORTS, 1);
	if (self->rejects && !durable)
		reject_topic_forget(self->rejects);
}

static void on_say(void *context, int level, struct str text)
{
	struct observe_on_kafka *self = context;
	static const enum log_level LEVELS[] = {LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO};
	if (level < 2 || !self->options->embedded) /* the demo speaks of incidents only */
		log_line(self->config, LEVELS[level], "observe", "%.*s", STR_ARGS(text));
}

/* ---- life ---- */
static bool compile_patterns(struct observe_on_kafka *self, struct buffer *out_error)
{
	self->patterns = arena_array(&self->arena, self->config->inputs_count, sizeof *self->patterns);
	for (size_t i = 0; i < self->config->inputs_count; i++) {
		struct str topic = arena_copy(&self->arena, self->config->inputs[i].topic);
		if (!str_starts(topic, STR("^")))
			continue;
		self->patterns[i].compiled = regcomp(&self->patterns[i].regex, topic.data, REG_EXTENDED | REG_NOSUB) == 0;
		if (self->patterns[i].compiled)
			continue;
		buffer_printf(out_error, "inputs: '%.*s' is no regular expression", STR_ARGS(topic));
		return false;
	}
	return true;
}

static bool open_stream(struct observe_on_kafka *self, struct buffer *out_error)
{
	const struct config *config = self->config;
	bool embedded = self->options->embedded;
	struct str *topics = arena_array(&self->arena, config->inputs_count, sizeof *topics);
	for (size_t i = 0; i < config->inputs_count; i++)
		topics[i] = config->inputs[i].topic;
	struct stream_topic own[] = {
		{.name = self->observations, .partitions = config->partitions, .log_append_time = true, .retention_ms = 86400000},
		{.name = config->outputs.rejects, .retention_ms = -1},
	};
	struct stream_options options = {.properties = config->kafka, .properties_count = config->kafka_count, .instance = config->instance, .stage = STR("observe"),
		.member = self->options->member, .topics = topics, .topics_count = config->inputs_count, .own_topics = own, .own_topics_count = self->rejects ? 2 : 1,
		.assignor = STR("roundrobin"), .embedded = embedded, .commit_interval = SPAN_MS(embedded ? 500 : 100),
		.idle_after = embedded ? SPAN_MS(300) : SPAN_S(10), .batch_records_max = 20000, .pace = self->options->pace, .pace_wall = self->options->pace_wall};
	self->stream = stream_open(&options, out_error);
	return self->stream != NULL;
}

struct observe_on_kafka *observe_on_kafka_open(const struct kafka_stages_options *options, struct buffer *out_error)
{
	struct observe_on_kafka *self = calloc(1, sizeof *self);
	if (!self)
		abort();
	const struct config *config = &options->setup->config;
	struct observe_outputs outputs = {.context = self, .observation = on_observation, .reject = on_reject, .note = on_note};
	self->options = options;
	self->config = config;
	self->observations = own_topic(&self->arena, config, "observations");
	self->rejects = config->outputs.rejects.size ? reject_topic_new(config->outputs.rejects) : NULL;
	self->stage = observe_stage_new(config, options->setup->rules, config->partitions, &outputs, options->metrics);
	self->handler = (struct stream_handler){.context = self, .assign = on_assign, .revoke = on_revoke, .order = on_order, .record = on_record, .idle = on_idle,
		.before_commit = on_before_commit, .position = on_position, .committed = on_committed, .say = on_say};
	if (!config->inputs_count)
		buffer_printf(out_error, "nothing to read: name at least one topic under `inputs`");
	else if (compile_patterns(self, out_error) && open_stream(self, out_error))
		return self;
	observe_on_kafka_close(self);
	return NULL;
}

void observe_on_kafka_close(struct observe_on_kafka *self)
{
	if (!self)
		return;
	observe_stage_free(self->stage);
	for (size_t i = 0; self->patterns && i < self->config->inputs_count; i++)
		if (self->patterns[i].compiled)
			regfree(&self->patterns[i].regex);
	arena_release(&self->arena);
	reject_topic_free(self->rejects);
	free(self);
}

struct stream *observe_on_kafka_stream(struct observe_on_kafka *self)
{
	return self->stream;
}

const struct stream_handler *observe_on_kafka_handler(struct observe_on_kafka *self)
{
	return &self->handler;
}

void observe_on_kafka_renew(void *context, struct setup *setup)
{
	struct observe_on_kafka *self = context;
	observe_stage_rules(self->stage, setup->rules);
}
