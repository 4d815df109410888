#include "observe_on_kafka.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

enum { REJECT_BYTES_MAX = 64 << 10, REJECTS_A_SECOND = 1000, REJECT_HEADERS_MAX = 24 };

/* Beyond 1,000 rejects a second of one input, one record a transaction names the reasons and their ranges of offsets: what is not told
 * before the commit would be lost by a crash after it. */
struct reject_limit {
	struct str topic;
	int32_t partition;
	int64_t second;
	unsigned count;
	struct { uint64_t count; int64_t first, last; } left_out[REJECT_REASON_COUNT];
	bool any_left_out;
};

struct observe_on_kafka {
	const struct kafka_stages_options *options;
	const struct config *config;
	struct arena arena;
	struct stream *stream;
	struct stream_handler handler;
	struct observe_stage *stage;
	struct str observations;
	regex_t *patterns;        /* one per input; those of plain names are not compiled */
	struct reject_limit *limits;
	size_t limits_count;
	const struct stream_record *record; /* being read */
};

/* ---- what the stage says ---- */
static void on_observation(void *context, uint32_t partition, struct str key, struct str value)
{
	struct observe_on_kafka *self = context;
	stream_send(self->stream, self->observations, (int32_t)partition, key, value, false, NULL, 0);
}

static struct reject_limit *limit_of(struct observe_on_kafka *self, const struct coordinates *at)
{
	for (size_t i = 0; i < self->limits_count; i++)
		if (self->limits[i].partition == at->partition && str_equal(self->limits[i].topic, at->topic))
			return &self->limits[i];
	self->limits = realloc(self->limits, (self->limits_count + 1) * sizeof *self->limits);
	if (!self->limits)
		abort();
	struct reject_limit *limit = &self->limits[self->limits_count++];
	*limit = (struct reject_limit){.topic = arena_copy(&self->arena, at->topic), .partition = at->partition, .second = -1};
	return limit;
}

/* The original headers, then ours. */
static void send_reject(struct observe_on_kafka *self, struct str key, struct str value, struct str reason, struct str detail, const struct coordinates *at, size_t length)
{
	struct stream_header headers[REJECT_HEADERS_MAX];
	char partition[16], offset[24], size[24];
	size_t count = 0;
	for (; self->record && count < self->record->headers_count && count < REJECT_HEADERS_MAX - 6; count++)
		headers[count] = self->record->headers[count];
	headers[count++] = (struct stream_header){STR("skewline.reason"), reason};
	headers[count++] = (struct stream_header){STR("skewline.detail"), detail};
	headers[count++] = (struct stream_header){STR("skewline.topic"), at->topic};
	headers[count++] = (struct stream_header){STR("skewline.partition"), {partition, (size_t)snprintf(partition, sizeof partition, "%" PRId32, at->partition)}};
	headers[count++] = (struct stream_header){STR("skewline.offset"), {offset, (size_t)snprintf(offset, sizeof offset, "%" PRId64, at->offset)}};
	headers[count++] = (struct stream_header){STR("skewline.length"), {size, (size_t)snprintf(size, sizeof size, "%zu", length)}};
	stream_send(self->stream, self->config->outputs.rejects, -1, key, value, false, headers, count);
}

static void tell_left_out(struct observe_on_kafka *self, struct reject_limit *limit)
{
	struct buffer reasons = {0}, detail = {0};
	struct coordinates at = {limit->topic, limit->partition, INT64_MAX};
	for (int i = 0; i < REJECT_REASON_COUNT && limit->any_left_out; i++) {
		if (!limit->left_out[i].count)
			continue;
		const char *name = reject_reason_name((enum reject_reason)i);
		buffer_printf(&reasons, "%s%s", reasons.size ? " " : "", name);
		buffer_printf(&detail, "%s%s: %" PRIu64 " more records, offsets %" PRId64 " to %" PRId64, detail.size ? "; " : "", name, limit->left_out[i].count,
			limit->left_out[i].first, limit->left_out[i].last);
		at.offset = limit->left_out[i].first < at.offset ? limit->left_out[i].first : at.offset;
		limit->left_out[i].count = 0;
	}
	if (reasons.size)
		send_reject(self, STR_NONE, STR_NONE, buffer_str(&reasons), buffer_str(&detail), &at, 0);
	limit->any_left_out = false;
	buffer_release(&reasons);
	buffer_release(&detail);
}

static void on_reject(void *context, const struct input_record *record, enum reject_reason reason, struct str detail)
{
	struct observe_on_kafka *self = context;
	if (!self->config->outputs.rejects.size)
		return;
	struct reject_limit *limit = limit_of(self, &record->coordinates);
	int64_t second = instant_unix_s(record->arrival), offset = record->coordinates.offset;
	limit->count = second == limit->second ? limit->count : 0;
	limit->second = second;
	if (limit->count++ < REJECTS_A_SECOND) {
		send_reject(self, record->key, str_first(record->value, REJECT_BYTES_MAX), str_of(reject_reason_name(reason)), detail, &record->coordinates, record->value.size);
		return;
	}
	limit->left_out[reason].first = limit->left_out[reason].count++ ? limit->left_out[reason].first : offset;
	limit->left_out[reason].last = offset;
	limit->any_left_out = true;
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
		bool pattern = str_starts(input->topic, STR("^"));
		if (pattern ? regexec(&self->patterns[i], name, 0, NULL, 0) == 0 : str_equal(input->topic, topic))
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
		.appended = record->appended, .created = record->created, .arrival = record->arrival};
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
	for (size_t i = 0; i < self->limits_count; i++)
		tell_left_out(self, &self->limits[i]);
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
	for (size_t i = 0; i < self->limits_count && !durable; i++) { /* its records come again */
		self->limits[i].count = 0;
		self->limits[i].any_left_out = false;
		memset(self->limits[i].left_out, 0, sizeof self->limits[i].left_out);
	}
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
		if (!str_starts(topic, STR("^")) || regcomp(&self->patterns[i], topic.data, REG_EXTENDED | REG_NOSUB) == 0)
			continue;
		buffer_printf(out_error, "inputs: '%.*s' is no regular expression", STR_ARGS(topic));
		return false;
	}
	return true;
}

struct observe_on_kafka *observe_on_kafka_open(const struct kafka_stages_options *options, struct buffer *out_error)
{
	struct observe_on_kafka *self = calloc(1, sizeof *self);
	if (!self)
		abort();
	self->options = options;
	self->config = &options->setup->config;
	const struct config *config = self->config;
	if (!config->inputs_count)
		buffer_printf(out_error, "nothing to read: name at least one topic under `inputs`");
	if (out_error->size || !compile_patterns(self, out_error)) {
		arena_release(&self->arena);
		free(self);
		return NULL;
	}
	self->observations = own_topic(&self->arena, config, "observations");
	struct str *topics = arena_array(&self->arena, config->inputs_count, sizeof *topics);
	for (size_t i = 0; i < config->inputs_count; i++)
		topics[i] = config->inputs[i].topic;
	struct stream_topic own[] = {
		{.name = self->observations, .partitions = config->partitions, .log_append_time = true, .retention_ms = 86400000},
		{.name = config->outputs.rejects, .retention_ms = -1},
	};
	struct stream_options open = {.properties = config->kafka, .properties_count = config->kafka_count, .instance = config->instance, .stage = STR("observe"),
		.member = options->member, .topics = topics, .topics_count = config->inputs_count, .own_topics = own,
		.own_topics_count = config->outputs.rejects.size ? 2 : 1, .assignor = STR("roundrobin"), .embedded = options->embedded,
		.commit_interval = SPAN_MS(50), .idle_after = options->embedded ? SPAN_MS(300) : SPAN_S(10), .batch_records_max = 20000, .pace = options->pace, .pace_wall = options->pace_wall};
	struct observe_outputs outputs = {self, on_observation, on_reject, on_note};
	self->stage = observe_stage_new(config, options->setup->rules, config->partitions, &outputs, options->metrics);
	self->handler = (struct stream_handler){.context = self, .assign = on_assign, .revoke = on_revoke, .order = on_order, .record = on_record, .idle = on_idle,
		.before_commit = on_before_commit, .position = on_position, .committed = on_committed, .say = on_say};
	self->stream = stream_open(&open, out_error);
	if (self->stream)
		return self;
	observe_on_kafka_close(self);
	return NULL;
}

void observe_on_kafka_close(struct observe_on_kafka *self)
{
	if (!self)
		return;
	observe_stage_free(self->stage);
	for (size_t i = 0; i < self->config->inputs_count; i++)
		if (str_starts(self->config->inputs[i].topic, STR("^")))
			regfree(&self->patterns[i]);
	arena_release(&self->arena);
	free(self->limits);
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
