/* A stage's consumer and transactional producer: opened, run, closed. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kafka.h"

int64_t monotonic_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *stream_library_version(void)
{
	return rd_kafka_version_str();
}

void stream_say(struct stream *stream, int level, const char *format, ...)
{
	struct buffer text = {0};
	va_list arguments;
	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	if (text.size >= sizeof stream->said)
		text.data[text.size = sizeof stream->said - 1] = 0;
	bool again = strcmp(stream->said, text.data) == 0;
	memcpy(stream->said, text.data, text.size + 1);
	if (!again && stream->handler && stream->handler->say)
		stream->handler->say(stream->handler->context, level, buffer_str(&text));
	buffer_release(&text);
}

void broker_down(struct stream *stream)
{
	if (!stream->down_said)
		stream_say(stream, 1, "no broker of %s answers: waiting, and trying again", stream->bootstrap);
	stream->down_said = true;
	if (stream->options.embedded)
		return;
	stream->aborted = true; /* without a transaction too: the last commit may be answered, and some of its markers never written */
	stream->renew = stream->renew || stream->in_transaction;
}

void broker_back(struct stream *stream)
{
	if (stream->down_said)
		stream_say(stream, 2, "the broker is back");
	stream->down_said = false;
}

bool conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, struct buffer *out_error)
{
	char error[512];
	if (rd_kafka_conf_set(conf, name, value, error, sizeof error) == RD_KAFKA_CONF_OK)
		return true;
	buffer_printf(out_error, "kafka: %s: %s", name, error);
	return false;
}

/* What the operator wrote, without what belongs to one kind of client only. */
rd_kafka_conf_t *conf_of(const struct stream_options *options, struct buffer *out_error)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	conf_set(conf, "reconnect.backoff.max.ms", "2000", out_error); /* a default of ours: the operator's comes after it */
	for (size_t i = 0; i < options->properties_count; i++) {
		char name[256], value[4096];
		struct str property = options->properties[i].name, text = options->properties[i].value;
		if (property.size >= sizeof name || text.size >= sizeof value) {
			buffer_printf(out_error, "kafka: %.*s: too long", STR_ARGS(property));
		} else {
			memcpy(name, property.data, property.size);
			name[property.size] = 0;
			if (text.size)
				memcpy(value, text.data, text.size);
			value[text.size] = 0;
			if (conf_set(conf, name, value, out_error))
				continue;
		}
		rd_kafka_conf_destroy(conf);
		return NULL;
	}
	return conf;
}

/* Kept quiet: errors come through callbacks and results, said once per change. */
static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
	(void)client, (void)level, (void)facility, (void)text;
}

static void on_error(rd_kafka_t *client, int code, const char *reason, void *context)
{
	struct stream *stream = context;
	char fatal[512];
	if (code == RD_KAFKA_RESP_ERR__FATAL) {
		rd_kafka_resp_err_t cause = rd_kafka_fatal_error(client, fatal, sizeof fatal);
		if (client == stream->producer && timed_out_there(stream, cause)) {
			stream->renew = stream->aborted = true;
			return;
		}
		stream->pending = STREAM_FATAL;
		buffer_reset(&stream->pending_text);
		if (cause == RD_KAFKA_RESP_ERR__FENCED || cause == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID || cause == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
			buffer_printf(&stream->pending_text, "another process runs as '%s': give each process of the group a name of its own with --member", stream->transactional_id);
		else
			buffer_printf(&stream->pending_text, "%s: %s", rd_kafka_err2name(cause), fatal);
		return;
	}
	if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL) {
		stream_say(stream, 0, "the broker refuses us: %s; see security.protocol, sasl.* and ssl.* under kafka:", reason);
		return;
	}
	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		broker_down(stream);
}

static bool lost(rd_kafka_t *consumer)
{
	return rd_kafka_assignment_lost(consumer);
}

static void keep_status(struct stream *stream, enum stream_status status, struct buffer *text)
{
	if (status != STREAM_OK && stream->pending != STREAM_FATAL) {
		stream->pending = status;
		buffer_reset(&stream->pending_text);
		buffer_add_str(&stream->pending_text, buffer_str(text));
	}
}

/* Eager: all partitions are taken away, then all are given. What is finished is committed before they go. */
static void on_rebalance(rd_kafka_t *consumer, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *context)
{
	struct stream *stream = context;
	struct buffer text = {0};
	if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
		inlets_assign(stream, list);
	} else {
		if (stream->in_transaction || stream->dirty) {
			enum stream_status status = STREAM_ABORTED;
			if (!lost(consumer) && !stream->aborted)
				status = transaction_commit(stream, &text);
			stream->aborted = status != STREAM_OK; /* it ends in the recovery, of the partitions that come next */
			if (status == STREAM_FATAL)
				keep_status(stream, status, &text);
		}
		inlets_revoke(stream);
		rd_kafka_assign(consumer, NULL);
	}
	buffer_release(&text);
}

static char *text_of(struct arena *arena, struct str text)
{
	return (char *)(uintptr_t)arena_copy(arena, text).data;
}

static void copy_options(struct stream *stream, const struct stream_options *options)
{
	struct arena *arena = &stream->arena;
	stream->options = *options;
	struct str *topics = arena_array(arena, options->topics_count ? options->topics_count : 1, sizeof *topics);
	for (size_t i = 0; i < options->topics_count; i++)
		topics[i] = arena_copy(arena, options->topics[i]);
	struct stream_topic *own = arena_array(arena, options->own_topics_count ? options->own_topics_count : 1, sizeof *own);
	for (size_t i = 0; i < options->own_topics_count; i++) {
		own[i] = options->own_topics[i];
		own[i].name = arena_copy(arena, own[i].name);
	}
	struct stream_property *properties = arena_array(arena, options->properties_count ? options->properties_count : 1, sizeof *properties);
	for (size_t i = 0; i < options->properties_count; i++)
		properties[i] = (struct stream_property){arena_copy(arena, options->properties[i].name), arena_copy(arena, options->properties[i].value)};
	stream->options.topics = topics;
	stream->options.own_topics = own;
	stream->options.properties = properties;
	stream->options.state_topic = arena_copy(arena, options->state_topic);
	stream->options.assignor = arena_copy(arena, options->assignor);
	stream->group = text_of(arena, arena_printf(arena, "%.*s-%.*s", STR_ARGS(options->instance), STR_ARGS(options->stage)));
	stream->transactional_id = text_of(arena, arena_printf(arena, "%s-%.*s", stream->group, STR_ARGS(options->member)));
	stream->bootstrap = (char *)(uintptr_t)"";
	for (size_t i = 0; i < options->properties_count; i++)
		if (str_equal(properties[i].name, STR("bootstrap.servers")) || str_equal(properties[i].name, STR("metadata.broker.list")))
			stream->bootstrap = (char *)(uintptr_t)properties[i].value.data;
}

static rd_kafka_t *open_client(struct stream *stream, rd_kafka_type_t type, const char *const (*settings)[2], size_t count, struct buffer *out_error)
{
	char error[512];
	rd_kafka_conf_t *conf = conf_of(&stream->options, out_error);
	if (!conf)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!conf_set(conf, settings[i][0], settings[i][1], out_error)) {
			rd_kafka_conf_destroy(conf);
			return NULL;
		}
	rd_kafka_conf_set_opaque(conf, stream);
	rd_kafka_conf_set_log_cb(conf, on_log);
	rd_kafka_conf_set_error_cb(conf, on_error);
	if (type == RD_KAFKA_CONSUMER)
		rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
	else
		rd_kafka_conf_set_dr_msg_cb(conf, note_delivery);
	rd_kafka_t *client = rd_kafka_new(type, conf, error, sizeof error);
	if (!client) {
		rd_kafka_conf_destroy(conf);
		buffer_printf(out_error, "kafka: %s", error);
	}
	return client;
}

rd_kafka_t *producer_open(struct stream *stream, struct buffer *out_error)
{
	const char *const producer[][2] = {{"transactional.id", stream->transactional_id}, {"transaction.timeout.ms", "10000"}, {"retry.backoff.ms", "10"},
		{"linger.ms", "5"}, {"compression.type", "lz4"}};
	return open_client(stream, RD_KAFKA_PRODUCER, producer, sizeof producer / sizeof producer[0], out_error);
}

struct stream *stream_open(const struct stream_options *options, struct buffer *out_error)
{
	struct stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		abort();
	copy_options(stream, options);
	if (!stream->bootstrap[0]) {
		buffer_printf(out_error, "no broker is named: set bootstrap.servers under kafka:");
		stream_close(stream, NULL);
		return NULL;
	}
	char *assignor = text_of(&stream->arena, stream->options.assignor.size ? stream->options.assignor : STR("range"));
	const char *const consumer[][2] = {{"group.id", stream->group}, {"group.instance.id", stream->transactional_id}, {"enable.auto.commit", "false"},
		{"enable.auto.offset.store", "false"}, {"auto.offset.reset", "earliest"}, {"enable.partition.eof", "true"}, {"isolation.level", "read_committed"},
		{"partition.assignment.strategy", assignor}, {"topic.metadata.refresh.interval.ms", "5000"}, {"allow.auto.create.topics", "false"},
		{"fetch.wait.max.ms", "50"}, {"queued.min.messages", "20000"}, {"queued.max.messages.kbytes", "8192"}};
	stream->consumer = open_client(stream, RD_KAFKA_CONSUMER, consumer, sizeof consumer / sizeof consumer[0], out_error);
	if (stream->consumer)
		stream->producer = producer_open(stream, out_error);
	if (!stream->producer) {
		stream_close(stream, NULL);
		return NULL;
	}
	rd_kafka_poll_set_consumer(stream->consumer);
	return stream;
}

static enum stream_status subscribe(struct stream *stream, struct buffer *out_text)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)stream->options.topics_count);
	for (size_t i = 0; i < stream->options.topics_count; i++)
		rd_kafka_topic_partition_list_add(list, stream->options.topics[i].data, RD_KAFKA_PARTITION_UA);
	rd_kafka_resp_err_t code = rd_kafka_subscribe(stream->consumer, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (!code)
		return STREAM_OK;
	buffer_printf(out_text, "cannot subscribe: %s; a regular expression starts with ^", rd_kafka_err2str(code));
	return STREAM_FATAL;
}

/* Back-off between attempts: doubles from 100 ms to 5 s. */
static enum stream_status later(struct stream *stream, enum stream_status status)
{
	if (status == STREAM_RETRY) {
		stream->retry_wait = stream->retry_wait ? stream->retry_wait * 2 : 100;
		if (stream->retry_wait > 5000)
			stream->retry_wait = 5000;
		stream->retry_at = monotonic_ms() + stream->retry_wait;
	}
	return status;
}

static enum stream_status prepare(struct stream *stream, struct buffer *out_text)
{
	rd_kafka_poll(stream->producer, 0);
	if (monotonic_ms() < stream->retry_at) {
		rd_kafka_poll(stream->producer, 50);
		return STREAM_RETRY;
	}
	enum stream_status status = topics_prepare(stream, out_text);
	if (status == STREAM_OK) {
		rd_kafka_error_t *error = rd_kafka_init_transactions(stream->producer, 5000);
		if (error)
			status = error_status(stream, error, "start transactions", out_text);
	}
	if (status == STREAM_OK)
		status = subscribe(stream, out_text);
	if (status == STREAM_RETRY && !stream->waiting_said) { /* once per change */
		stream_say(stream, 1, "%.*s; waiting, and trying again", STR_ARGS(buffer_str(out_text)));
		stream->waiting_said = stream->down_said = true;
	}
	if (status != STREAM_OK)
		return later(stream, status == STREAM_ABORTED ? STREAM_RETRY : status);
	stream->ready = true;
	stream->aborted = true; /* a predecessor may have been killed together with its broker */
	stream->retry_wait = stream->retry_at = 0;
	stream->committed_at = monotonic_ms();
	stream->said[0] = 0;
	stream_say(stream, 2, "connected to %s as group %s, member %s", stream->bootstrap, stream->group, stream->transactional_id);
	stream->down_said = false;
	return STREAM_OK;
}

/* Rebalances, errors, and what is not a record of an assigned partition come this way. */
static void serve(struct stream *stream, int wait_ms)
{
	rd_kafka_message_t *message = rd_kafka_consumer_poll(stream->consumer, wait_ms);
	rd_kafka_poll(stream->producer, 0);
	if (!message)
		return;
	if (message->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || message->err == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION)
		stream_say(stream, 1, "input topic %s is not there: create it, or correct `inputs`; reading goes on when it appears", rd_kafka_topic_name(message->rkt));
	else if (message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || message->err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
		stream_say(stream, 0, "not authorised: %s; grant Read on the inputs and on group %s", rd_kafka_message_errstr(message), stream->group);
	else if (message->err == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
		stream->pending = STREAM_FATAL;
		buffer_reset(&stream->pending_text);
		buffer_printf(&stream->pending_text, "another process runs as '%s': give each process of the group a name of its own with --member", stream->transactional_id);
	} else if (message->err && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF && message->err != RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
		stream_say(stream, 1, "%s", rd_kafka_message_errstr(message));
	rd_kafka_message_destroy(message);
}

static bool commit_due(const struct stream *stream)
{
	if (!stream->records && !stream->dirty)
		return false;
	return stream->records >= stream->options.batch_records_max || monotonic_ms() - stream->committed_at >= stream->options.commit_interval.ns / 1000000;
}

static enum stream_status run(struct stream *stream, struct buffer *out_text)
{
	if (!stream->ready)
		return prepare(stream, out_text);
	size_t most = stream->options.batch_records_max > stream->records ? stream->options.batch_records_max - stream->records : 1;
	size_t count = stream->aborted ? 0 : inlets_run(stream, most < 4096 ? most : 4096);
	serve(stream, count || commit_due(stream) ? 0 : 5);
	if (stream->pending == STREAM_FATAL)
		return STREAM_FATAL;
	if (stream->aborted)
		return transaction_recover(stream, out_text);
	if (commit_due(stream)) {
		enum stream_status status = transaction_commit(stream, out_text);
		if (status == STREAM_ABORTED)
			return transaction_recover(stream, out_text);
		return status;
	}
	return STREAM_OK;
}

enum stream_status stream_run_once(struct stream *stream, const struct stream_handler *handler, struct buffer *out_text)
{
	stream->handler = handler;
	buffer_reset(out_text);
	enum stream_status status = run(stream, out_text);
	if (stream->pending != STREAM_OK) {
		status = stream->pending == STREAM_FATAL ? STREAM_FATAL : status;
		if (!out_text->size)
			buffer_add_str(out_text, buffer_str(&stream->pending_text));
		if (stream->pending != STREAM_FATAL)
			stream->pending = STREAM_OK;
	}
	return status;
}

void stream_close(struct stream *stream, const struct stream_handler *handler)
{
	if (!stream)
		return;
	struct buffer text = {0};
	stream->handler = handler;
	if (stream->consumer) {
		if (handler && stream->ready && stream->pending != STREAM_FATAL && (stream->records || stream->dirty) && !stream->aborted)
			transaction_commit(stream, &text);
		rd_kafka_consumer_close(stream->consumer); /* commits and revokes through the rebalance callback */
	}
	inlets_revoke(stream);
	if (stream->producer && stream->in_transaction && stream->pending != STREAM_FATAL && !stream->renew)
		rd_kafka_error_destroy(rd_kafka_abort_transaction(stream->producer, 5000));
	if (stream->consumer)
		rd_kafka_destroy(stream->consumer);
	if (stream->producer)
		rd_kafka_destroy(stream->producer);
	for (size_t i = 0; i < stream->topics_count; i++) {
		free(stream->topics[i].name);
		free(stream->topics[i].ends);
	}
	free(stream->inlets);
	buffer_release(&text);
	buffer_release(&stream->pending_text);
	arena_release(&stream->arena);
	free(stream);
}

uint32_t stream_partitions(const struct stream *stream, struct str topic)
{
	for (size_t i = 0; i < stream->topics_count; i++)
		if (str_equal(topic, str_of(stream->topics[i].name)))
			return stream->topics[i].partitions;
	return 0;
}
