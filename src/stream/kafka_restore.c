/* A partition's state from its compacted topic: read to the high watermark, the latest record of each key, then handed over.
 *
 * The transaction of this writer's own predecessor ended when transactions were initialised. Somebody else's open one holds the last stable
 * offset below the high watermark: that is waited for, at most its timeout and five seconds, and then we fail loudly. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "kafka.h"
#include "skewline/table.h"

struct live {
	struct str key, value;
	bool tombstone;
};
struct lives {
	struct arena arena;
	struct live *items;
	size_t count, capacity;
	struct table table;
};

static struct str key_of(const void *rows, uint32_t index)
{
	return ((const struct live *)rows)[index].key;
}

static void keep(struct lives *lives, const rd_kafka_message_t *message)
{
	struct str key = {message->key, message->key_len}, value = {message->payload, message->len};
	uint32_t at = table_find(&lives->table, key);
	if (at == TABLE_NONE) {
		if (lives->count == lives->capacity) {
			lives->capacity = lives->capacity ? lives->capacity * 2 : 256;
			lives->items = realloc(lives->items, lives->capacity * sizeof *lives->items);
			if (!lives->items)
				abort();
			lives->table.rows = lives->items;
		}
		at = (uint32_t)lives->count++;
		lives->items[at].key = arena_copy(&lives->arena, key);
		table_insert(&lives->table, lives->items[at].key, at);
	}
	lives->items[at].value = arena_copy(&lives->arena, value);
	lives->items[at].tombstone = !message->payload;
}

rd_kafka_t *reader_open(struct stream *stream, const char *isolation, struct buffer *out_text)
{
	const char *const settings[][2] = {{"group.id", stream->group}, {"enable.auto.commit", "false"}, {"enable.partition.eof", "true"}, {"isolation.level", isolation},
		{"fetch.wait.max.ms", "20"}, {"auto.offset.reset", "earliest"}};
	char error[512];
	rd_kafka_conf_t *conf = conf_of(&stream->options, out_text);
	for (size_t i = 0; conf && i < sizeof settings / sizeof settings[0]; i++)
		if (!conf_set(conf, settings[i][0], settings[i][1], out_text)) {
			rd_kafka_conf_destroy(conf);
			conf = NULL;
		}
	rd_kafka_t *reader = conf ? rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error) : NULL;
	if (conf && !reader) {
		rd_kafka_conf_destroy(conf);
		buffer_printf(out_text, "kafka: %s", error);
	}
	return reader;
}

static bool watermarks(struct stream *stream, const char *topic, int32_t partition, int64_t *out_low, int64_t *out_high, struct buffer *out_text)
{
	rd_kafka_t *reader = reader_open(stream, "read_uncommitted", out_text);
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__FAIL;
	for (int i = 0; reader && code && i < 5; i++)
		code = rd_kafka_query_watermark_offsets(reader, topic, partition, out_low, out_high, 3000);
	if (reader)
		rd_kafka_destroy(reader);
	if (code && reader)
		buffer_printf(out_text, "cannot ask for the end of %s/%d: %s", topic, partition, rd_kafka_err2str(code));
	return !code;
}

static enum stream_status read_all(struct stream *stream, const char *topic, int32_t partition, int64_t low, int64_t high, struct lives *lives, struct buffer *out_text)
{
	rd_kafka_t *reader = reader_open(stream, "read_committed", out_text);
	if (!reader)
		return STREAM_FATAL;
	rd_kafka_poll_set_consumer(reader);
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, topic, partition)->offset = low;
	rd_kafka_assign(reader, list);
	rd_kafka_topic_partition_list_destroy(list);
	int64_t deadline = monotonic_ms() + 15000;
	bool done = false;
	while (!done && monotonic_ms() < deadline) {
		rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, 100);
		if (!message)
			continue;
		if (!message->err) {
			keep(lives, message);
			deadline = monotonic_ms() + 15000;
		} else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
			done = message->offset >= high;
		}
		rd_kafka_message_destroy(message);
	}
	rd_kafka_consumer_close(reader);
	rd_kafka_destroy(reader);
	if (done)
		return STREAM_OK;
	buffer_printf(out_text, "cannot restore %s/%d: an open transaction holds its end back (kafka-transactions.sh list names it); start again when it has timed out", topic, partition);
	return STREAM_FATAL;
}

enum stream_status state_restore(struct stream *stream, int32_t partition, struct buffer *out_text)
{
	const struct stream_handler *handler = stream->handler;
	const char *topic = stream->options.state_topic.data;
	struct lives lives = {0};
	int64_t low = 0, high = 0;
	enum stream_status status = watermarks(stream, topic, partition, &low, &high, out_text) ? STREAM_OK : STREAM_FATAL;
	table_init(&lives.table, 1, key_of, NULL);
	if (status == STREAM_OK && high > low)
		status = read_all(stream, topic, partition, low, high, &lives, out_text);
	for (size_t i = 0; status == STREAM_OK && i < lives.count; i++)
		if (!lives.items[i].tombstone)
			handler->restore(handler->context, partition, lives.items[i].key, lives.items[i].value);
	if (status == STREAM_OK)
		handler->restored(handler->context, partition);
	table_release(&lives.table);
	arena_release(&lives.arena);
	free(lives.items);
	return status;
}
