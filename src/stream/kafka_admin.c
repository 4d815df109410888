/* Own topics: created when they are missing, looked at when they are there. A wrong setting is said once, with the command that mends it. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "kafka.h"

static void note_topic(struct stream *stream, const char *name, uint32_t partitions)
{
	for (size_t i = 0; i < stream->topics_count; i++)
		if (strcmp(stream->topics[i].name, name) == 0) {
			stream->topics[i].partitions = partitions;
			return;
		}
	if (stream->topics_count == TOPICS_MAX)
		return;
	struct own_topic *topic = &stream->topics[stream->topics_count++];
	*topic = (struct own_topic){.name = strdup(name), .partitions = partitions};
	if (!topic->name)
		abort();
}

/* 0: the topic is not there; -1: not known now. */
static int partitions_of(struct stream *stream, const char *name, struct buffer *out_text)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_t *topic = rd_kafka_topic_new(stream->producer, name, NULL);
	if (!topic)
		return -1;
	rd_kafka_resp_err_t code = rd_kafka_metadata(stream->producer, 0, topic, &metadata, 5000);
	int count = -1;
	if (!code) {
		const rd_kafka_metadata_topic_t *found = metadata->topic_cnt ? &metadata->topics[0] : NULL;
		if (found && found->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
			count = 0;
		else if (found && !found->err)
			count = found->partition_cnt;
		else
			buffer_printf(out_text, "topic %s: %s", name, found ? rd_kafka_err2str(found->err) : "no metadata");
		rd_kafka_metadata_destroy(metadata);
	} else {
		buffer_printf(out_text, "cannot reach the broker at %s: %s", stream->bootstrap, rd_kafka_err2str(code));
	}
	rd_kafka_topic_destroy(topic);
	return count;
}

static rd_kafka_event_t *answer(struct stream *stream, rd_kafka_queue_t *queue)
{
	(void)stream;
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 15000);
	rd_kafka_queue_destroy(queue);
	return event;
}

static enum stream_status create(struct stream *stream, const struct stream_topic *wanted, struct buffer *out_text)
{
	char error[512];
	rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(wanted->name.data, wanted->partitions ? (int)wanted->partitions : -1, -1, error, sizeof error);
	if (!topic) {
		buffer_printf(out_text, "topic %s: %s", wanted->name.data, error);
		return STREAM_FATAL;
	}
	char retention[32];
	struct buffer number = {0};
	buffer_printf(&number, "%lld", (long long)wanted->retention_ms);
	memcpy(retention, number.data, number.size + 1);
	buffer_release(&number);
	rd_kafka_NewTopic_set_config(topic, "cleanup.policy", wanted->compact ? "compact" : "delete");
	if (wanted->log_append_time)
		rd_kafka_NewTopic_set_config(topic, "message.timestamp.type", "LogAppendTime");
	if (wanted->retention_ms >= 0)
		rd_kafka_NewTopic_set_config(topic, "retention.ms", retention);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(stream->producer);
	rd_kafka_CreateTopics(stream->producer, &topic, 1, NULL, queue);
	rd_kafka_NewTopic_destroy(topic);
	rd_kafka_event_t *event = answer(stream, queue);
	const rd_kafka_CreateTopics_result_t *result = event ? rd_kafka_event_CreateTopics_result(event) : NULL;
	size_t count = 0;
	const rd_kafka_topic_result_t **topics = result ? rd_kafka_CreateTopics_result_topics(result, &count) : NULL;
	rd_kafka_resp_err_t code = count ? rd_kafka_topic_result_error(topics[0]) : event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
	enum stream_status status = STREAM_OK;
	if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
		buffer_printf(out_text, "topic %s is missing and we may not create it: kafka-topics.sh --bootstrap-server %s --create --topic %s --partitions %u --config cleanup.policy=%s",
			wanted->name.data, stream->bootstrap, wanted->name.data, wanted->partitions ? wanted->partitions : 1, wanted->compact ? "compact" : "delete");
		status = STREAM_FATAL;
	} else if (code && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
		buffer_printf(out_text, "cannot create topic %s: %s", wanted->name.data, rd_kafka_err2str(code));
		status = STREAM_RETRY;
	} else {
		stream_say(stream, 2, "topic %s created", wanted->name.data);
	}
	if (event)
		rd_kafka_event_destroy(event);
	return status;
}

static void compare(struct stream *stream, const char *topic, const char *name, const char *is, const char *wanted)
{
	if (strcmp(is, wanted) == 0)
		return;
	stream_say(stream, 1, "topic %s has %s=%s, we need %s: kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config %s=%s",
		topic, name, is, wanted, stream->bootstrap, topic, name, wanted);
}

static void look_at(struct stream *stream, const struct stream_topic *wanted)
{
	rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, wanted->name.data);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(stream->producer);
	rd_kafka_DescribeConfigs(stream->producer, &resource, 1, NULL, queue);
	rd_kafka_ConfigResource_destroy(resource);
	rd_kafka_event_t *event = answer(stream, queue);
	const rd_kafka_DescribeConfigs_result_t *result = event ? rd_kafka_event_DescribeConfigs_result(event) : NULL;
	size_t count = 0, entries_count = 0;
	const rd_kafka_ConfigResource_t **found = result ? rd_kafka_DescribeConfigs_result_resources(result, &count) : NULL;
	const rd_kafka_ConfigEntry_t **entries = count ? rd_kafka_ConfigResource_configs(found[0], &entries_count) : NULL;
	for (size_t i = 0; i < entries_count; i++) {
		const char *name = rd_kafka_ConfigEntry_name(entries[i]), *value = rd_kafka_ConfigEntry_value(entries[i]);
		if (value && strcmp(name, "cleanup.policy") == 0)
			compare(stream, wanted->name.data, name, value, wanted->compact ? "compact" : "delete");
		if (value && wanted->log_append_time && strcmp(name, "message.timestamp.type") == 0)
			compare(stream, wanted->name.data, name, value, "LogAppendTime");
	}
	if (event)
		rd_kafka_event_destroy(event);
}

enum stream_status topics_prepare(struct stream *stream, struct buffer *out_text)
{
	for (size_t i = 0; i < stream->options.own_topics_count; i++) {
		const struct stream_topic *wanted = &stream->options.own_topics[i];
		bool known = stream_partitions(stream, wanted->name) > 0, created = false;
		int count = partitions_of(stream, wanted->name.data, out_text);
		if (count < 0)
			return STREAM_RETRY;
		if (count == 0 && stream->options.embedded) {
			buffer_printf(out_text, "topic %s is missing", wanted->name.data);
			return STREAM_RETRY;
		}
		if (count == 0) {
			enum stream_status status = create(stream, wanted, out_text);
			if (status != STREAM_OK)
				return status;
			created = true;
			for (int tries = 0; count <= 0 && tries < 50; tries++) {
				rd_kafka_poll(stream->producer, 20);
				buffer_reset(out_text);
				count = partitions_of(stream, wanted->name.data, out_text);
			}
			if (count <= 0)
				return STREAM_RETRY;
		}
		note_topic(stream, wanted->name.data, (uint32_t)count);
		if (!created && !known && !stream->options.embedded)
			look_at(stream, wanted);
	}
	return STREAM_OK;
}
