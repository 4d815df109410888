#include "correlate_on_kafka.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

struct correlate_on_kafka {
	const struct kafka_stages_options *options;
	const struct config *config;
	struct alert_settings alerts;
	struct arena arena;
	struct stream *stream;
	struct stream_handler handler;
	struct correlate_stage *stage;
	uint32_t partitions; /* 0: not known yet */
	struct correlate_settings *settings;
	struct str observations, state;
	struct buffer document;
	struct buffer held;  /* alerts for stdout, until they are durable: texts ended by NUL */
	struct str broken;   /* why the state cannot be used */
};

/* ---- effects ---- */
static void on_alert(void *context, const struct incident_revision *revision)
{
	struct correlate_on_kafka *self = context;
	static const struct stream_header HEADERS[] = {{{"content-type", 12}, {"application/json", 16}}, {{"schema", 6}, {"skewline.alert/1", 16}}};
	buffer_reset(&self->document);
	alert_write(revision, ALERT_JSON, &self->alerts, &self->document);
	stream_send(self->stream, self->config->outputs.alerts, -1, revision->id, buffer_str(&self->document), false, HEADERS, 2);
	if (!self->options->alert)
		return;
	alert_write(revision, self->options->format, &self->alerts, &self->held);
	buffer_add_byte(&self->held, 0);
}

static void on_trust(void *context, const struct trust_record *trust)
{
	struct correlate_on_kafka *self = context;
	buffer_reset(&self->document);
	alert_trust_write(trust, &self->document);
	stream_send(self->stream, self->config->outputs.trust, -1, trust->host, buffer_str(&self->document), false, NULL, 0);
}

static void on_feedback(void *context, uint32_t partition, struct str key, struct str value)
{
	struct correlate_on_kafka *self = context;
	stream_send(self->stream, self->observations, (int32_t)partition, key, value, false, NULL, 0);
}

static void on_state(void *context, uint32_t partition, struct str key, struct str value, bool tombstone)
{
	struct correlate_on_kafka *self = context;
	stream_send(self->stream, self->state, (int32_t)partition, key, value, tombstone, NULL, 0);
}

static void on_refused(void *context, uint32_t partition, struct str reason)
{
	struct correlate_on_kafka *self = context;
	log_line(self->config, LEVEL_WARNING, "correlate", "an observation of partition %u cannot be read: %.*s", partition, STR_ARGS(reason));
}

static void on_limit(void *context, struct str text)
{
	struct correlate_on_kafka *self = context;
	log_line(self->config, LEVEL_WARNING, "correlate", "%.*s", STR_ARGS(text));
}

/* ---- what the stream brings ---- */
static void make_stage(struct correlate_on_kafka *self)
{
	struct correlate_outputs outputs = {.context = self, .alert = on_alert, .trust = on_trust, .feedback = on_feedback, .state = on_state,
		.refused = on_refused, .limit = on_limit};
	self->partitions = stream_partitions(self->stream, self->observations);
	self->stage = correlate_stage_new(self->settings, self->partitions, &outputs, self->options->metrics);
}

static void on_assign(void *context, struct str topic, int32_t partition, struct str resume)
{
	struct correlate_on_kafka *self = context;
	(void)topic, (void)resume;
	if (!self->stage)
		make_stage(self);
	correlate_stage_assign(self->stage, (uint32_t)partition);
}

static void on_restore(void *context, int32_t partition, struct str key, struct str value)
{
	struct correlate_on_kafka *self = context;
	struct str reason;
	if (!correlate_stage_restore(self->stage, (uint32_t)partition, key, value, &reason) && !self->broken.size) {
		self->broken = arena_printf(&self->arena, "cannot use the state of partition %d in topic %.*s (key %.*s): %.*s", partition, STR_ARGS(self->state), STR_ARGS(key),
			STR_ARGS(reason));
	}
}

static void on_restored(void *context, int32_t partition)
{
	struct correlate_on_kafka *self = context;
	correlate_stage_restored(self->stage, (uint32_t)partition);
}

static void on_revoke(void *context, struct str topic, int32_t partition)
{
	struct correlate_on_kafka *self = context;
	(void)topic;
	if (self->stage)
		correlate_stage_revoke(self->stage, (uint32_t)partition);
}

static struct instant on_order(void *context, const struct stream_record *record)
{
	(void)context;
	return instant_known(record->appended) ? record->appended : record->created;
}

static void on_record(void *context, const struct stream_record *record)
{
	struct correlate_on_kafka *self = context;
	if (!record->tombstone && !self->broken.size)
		correlate_stage_record(self->stage, (uint32_t)record->partition, record->key, record->value);
}

static void on_idle(void *context, struct str topic, int32_t partition)
{
	(void)context, (void)topic, (void)partition;
}

static void on_before_commit(void *context)
{
	struct correlate_on_kafka *self = context;
	if (self->stage)
		correlate_stage_flush(self->stage); /* nothing was touched when the state is broken */
}

static bool on_position(void *context, struct str topic, int32_t partition, int64_t *out_offset, struct buffer *out_resume)
{
	struct correlate_on_kafka *self = context;
	(void)topic, (void)partition, (void)out_resume;
	*out_offset = -1; /* without its state nothing may be called done */
	return self->broken.size != 0;
}

static void on_committed(void *context, bool durable)
{
	struct correlate_on_kafka *self = context;
	struct str rest = buffer_str(&self->held), text;
	metric_add(self->options->metrics, durable ? METRIC_COMMITS : METRIC_ABORTS, 1);
	while (durable && self->options->alert && str_split(&rest, 0, &text))
		if (text.size)
			self->options->alert(self->options->context, text, self->options->format);
	buffer_reset(&self->held);
}

static void on_say(void *context, int level, struct str text)
{
	struct correlate_on_kafka *self = context;
	static const enum log_level LEVELS[] = {LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO};
	if (level < 2 || !self->options->embedded)
		log_line(self->config, LEVELS[level], "correlate", "%.*s", STR_ARGS(text));
}

/* ---- life ---- */
struct correlate_on_kafka *correlate_on_kafka_open(const struct kafka_stages_options *options, struct buffer *out_error)
{
	struct correlate_on_kafka *self = calloc(1, sizeof *self);
	if (!self)
		abort();
	self->options = options;
	self->config = &options->setup->config;
	self->alerts = options->setup->alerts;
	self->settings = &options->setup->config.correlate;
	const struct config *config = self->config;
	self->observations = own_topic(&self->arena, config, "observations");
	self->state = own_topic(&self->arena, config, "state");
	struct stream_topic own[] = {
		{.name = self->observations, .partitions = config->partitions, .log_append_time = true, .retention_ms = 86400000},
		{.name = self->state, .partitions = config->partitions, .compact = true, .log_append_time = true, .retention_ms = -1},
		{.name = config->outputs.alerts, .retention_ms = -1},
		{.name = config->outputs.trust, .compact = true, .retention_ms = -1},
	};
	struct stream_options open = {.properties = config->kafka, .properties_count = config->kafka_count, .instance = config->instance, .stage = STR("correlate"),
		.member = options->member, .topics = &self->observations, .topics_count = 1, .state_topic = self->state, .own_topics = own, .own_topics_count = 4,
		.assignor = STR("range"), .embedded = options->embedded, .commit_interval = SPAN_MS(50), .idle_after = SPAN_S(10),
		.batch_records_max = 20000};
	self->handler = (struct stream_handler){.context = self, .assign = on_assign, .restore = on_restore, .restored = on_restored, .revoke = on_revoke,
		.order = on_order, .record = on_record, .idle = on_idle, .before_commit = on_before_commit, .position = on_position, .committed = on_committed, .say = on_say};
	self->stream = stream_open(&open, out_error);
	if (self->stream)
		return self;
	correlate_on_kafka_close(self);
	return NULL;
}

void correlate_on_kafka_close(struct correlate_on_kafka *self)
{
	if (!self)
		return;
	correlate_stage_free(self->stage);
	buffer_release(&self->document);
	buffer_release(&self->held);
	arena_release(&self->arena);
	free(self);
}

struct stream *correlate_on_kafka_stream(struct correlate_on_kafka *self)
{
	return self->stream;
}

const struct stream_handler *correlate_on_kafka_handler(struct correlate_on_kafka *self)
{
	return &self->handler;
}

void correlate_on_kafka_renew(void *context, struct setup *setup)
{
	struct correlate_on_kafka *self = context;
	self->settings = &setup->config.correlate;
	if (self->stage)
		correlate_stage_settings(self->stage, self->settings);
}

struct str correlate_on_kafka_broken(struct correlate_on_kafka *self)
{
	return self->broken;
}

void correlate_on_kafka_figures(struct correlate_on_kafka *self, struct correlate_figures *out)
{
	*out = (struct correlate_figures){0};
	if (self->stage)
		correlate_stage_figures(self->stage, out);
}

struct instant correlate_on_kafka_clock(struct correlate_on_kafka *self)
{
	return self->stage ? correlate_stage_clock(self->stage) : INSTANT_NONE;
}
