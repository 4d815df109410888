/* The input partitions of a stream: each has a queue of its own, so that records can be merged over them by the handler's order. A
 * partition that is not at its end is waited for, a bounded time; one at its end is not. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kafka.h"

enum { WAIT_MS = 300 };

void inlet_drop_batch(struct inlet *inlet)
{
	for (size_t i = inlet->batch_next; i < inlet->batch_count; i++)
		rd_kafka_message_destroy(inlet->batch[i]);
	inlet->batch_count = inlet->batch_next = 0;
	inlet->ordered = false;
}

static void add_inlet(struct stream *stream, const char *topic, int32_t partition)
{
	if (stream->inlets_count == stream->inlets_capacity) {
		stream->inlets_capacity = stream->inlets_capacity ? stream->inlets_capacity * 2 : 16;
		stream->inlets = realloc(stream->inlets, stream->inlets_capacity * sizeof *stream->inlets);
		if (!stream->inlets)
			abort();
	}
	struct inlet *inlet = &stream->inlets[stream->inlets_count++];
	*inlet = (struct inlet){.topic = strdup(topic), .partition = partition, .next = -1, .quiet_since = monotonic_ms(), .sent.offset = -1, .landed.offset = -1};
	if (!inlet->topic)
		abort();
}

/* Tells the handler, restores the partition's state; false: not now (the stream will start anew). */
bool inlet_restart(struct stream *stream, struct inlet *inlet, const char *resume, size_t resume_size)
{
	const struct stream_handler *handler = stream->handler;
	struct buffer text = {0};
	inlet->next = -1;
	inlet->at_end = inlet->idle_said = false;
	inlet->quiet_since = monotonic_ms();
	handler->assign(handler->context, str_of(inlet->topic), inlet->partition, (struct str){resume, resume_size});
	enum stream_status status = stream->options.state_topic.size ? state_restore(stream, inlet->partition, &text) : STREAM_OK;
	if (status != STREAM_OK && stream->pending != STREAM_FATAL) {
		stream->pending = STREAM_FATAL;
		buffer_reset(&stream->pending_text);
		buffer_add_str(&stream->pending_text, buffer_str(&text));
	}
	buffer_release(&text);
	return status == STREAM_OK;
}

static int by_place(const void *a, const void *b, void *context)
{
	const rd_kafka_topic_partition_t *left = a, *right = b;
	(void)context;
	int order = strcmp(left->topic, right->topic);
	return order ? order : (left->partition > right->partition) - (left->partition < right->partition);
}

/* Offsets with their texts, as committed. What an open transaction of a dead member holds back is waited for: an offset that cannot be told
 * yet comes as an error of its partition, while the call as a whole succeeds. What no end will come for is ended (kafka_leftover.c). */
bool committed_offsets(struct stream *stream, rd_kafka_topic_partition_list_t *list, struct buffer *out_text)
{
	int64_t start = monotonic_ms();
	for (;;) {
		rd_kafka_resp_err_t code = rd_kafka_committed(stream->consumer, list, 5000);
		for (int i = 0; i < list->cnt && !code; i++)
			code = list->elems[i].err;
		if (!code)
			return true;
		int64_t waited = monotonic_ms() - start;
		if (waited > 30000 || (waited > 4000 && leftover_offsets_end(stream, list, out_text) != STREAM_OK)) {
			buffer_reset(out_text);
			buffer_printf(out_text, "cannot read the committed offsets of group %s: %s", stream->group, rd_kafka_err2str(code));
			return false;
		}
		rd_kafka_poll(stream->producer, 50);
	}
}

/* Where to read from: false: the recovery will say, because it is due, or is now. */
static bool places_known(struct stream *stream, rd_kafka_topic_partition_list_t *list)
{
	struct buffer text = {0};
	if (!stream->aborted && list->cnt && !committed_offsets(stream, list, &text)) {
		stream_say(stream, 1, "%.*s; trying again", STR_ARGS(buffer_str(&text)));
		stream->aborted = true;
	}
	buffer_release(&text);
	return !stream->aborted;
}

void inlets_assign(struct stream *stream, const rd_kafka_topic_partition_list_t *given)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_copy(given);
	rd_kafka_topic_partition_list_sort(list, by_place, NULL);
	bool known = places_known(stream, list);
	for (int i = 0; i < list->cnt; i++) {
		rd_kafka_topic_partition_t *place = &list->elems[i];
		add_inlet(stream, place->topic, place->partition);
		struct inlet *inlet = &stream->inlets[stream->inlets_count - 1];
		inlet->queue = rd_kafka_queue_get_partition(stream->consumer, place->topic, place->partition);
		if (inlet->queue)
			rd_kafka_queue_forward(inlet->queue, NULL);
		if (known && !inlet_restart(stream, inlet, place->metadata, place->metadata_size))
			break;
		if (!known || place->offset < 0)
			place->offset = RD_KAFKA_OFFSET_BEGINNING;
	}
	rd_kafka_assign(stream->consumer, list);
	stream_say(stream, 2, "%d partition%s assigned", list->cnt, list->cnt == 1 ? "" : "s");
	rd_kafka_topic_partition_list_destroy(list);
	stream->paced_order = INSTANT_NONE;
}

void inlets_revoke(struct stream *stream)
{
	for (size_t i = 0; i < stream->inlets_count; i++) {
		struct inlet *inlet = &stream->inlets[i];
		if (stream->handler)
			stream->handler->revoke(stream->handler->context, str_of(inlet->topic), inlet->partition);
		inlet_drop_batch(inlet);
		place_release(&inlet->sent);
		place_release(&inlet->landed);
		if (inlet->queue)
			rd_kafka_queue_destroy(inlet->queue);
		free(inlet->topic);
	}
	stream->inlets_count = 0;
}

/* ---- records ---- */
struct shell { /* a record with room for its headers */
	struct stream_record record;
	struct stream_header headers[16];
};

static void open_record(struct inlet *inlet, const rd_kafka_message_t *message, struct shell *out)
{
	struct stream_record *record = &out->record;
	rd_kafka_timestamp_type_t type;
	int64_t stamp = rd_kafka_message_timestamp(message, &type);
	rd_kafka_headers_t *headers;
	struct timespec now;
	*record = (struct stream_record){.topic = str_of(inlet->topic), .partition = inlet->partition, .offset = message->offset,
		.key = {message->key, message->key_len}, .value = {message->payload, message->len}, .tombstone = !message->payload,
		.headers = out->headers, .appended = INSTANT_NONE, .created = INSTANT_NONE};
	if (type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME)
		record->appended = instant_of_unix_ms(stamp);
	else if (type == RD_KAFKA_TIMESTAMP_CREATE_TIME && stamp >= 0)
		record->created = instant_of_unix_ms(stamp);
	clock_gettime(CLOCK_REALTIME, &now);
	record->arrival.ns = now.tv_sec * SECOND_NS + now.tv_nsec;
	if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
		while (record->headers_count < sizeof out->headers / sizeof out->headers[0]) {
			const char *name;
			const void *value;
			size_t size;
			if (rd_kafka_header_get_all(headers, record->headers_count, &name, &value, &size))
				break;
			out->headers[record->headers_count++] = (struct stream_header){str_of(name), {value, size}};
		}
}

/* Makes sure that a record stands at the head, if one is there. */
static bool fill(struct stream *stream, struct inlet *inlet)
{
	while (inlet->batch_next < inlet->batch_count || !inlet->queue) {
		if (!inlet->queue)
			return false;
		rd_kafka_message_t *head = inlet->batch[inlet->batch_next];
		if (!head->err)
			return true;
		if (head->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
			inlet->at_end = true;
			if (!inlet->idle_said)
				inlet->quiet_since = monotonic_ms();
		} else {
			stream_say(stream, 1, "%s/%d: %s", inlet->topic, inlet->partition, rd_kafka_message_errstr(head));
		}
		rd_kafka_message_destroy(head);
		inlet->batch_next++;
	}
	ssize_t count = rd_kafka_consume_batch_queue(inlet->queue, 0, inlet->batch, BATCH);
	inlet->batch_next = 0;
	inlet->batch_count = count > 0 ? (size_t)count : 0;
	return count > 0 && fill(stream, inlet);
}

static void take_order(struct stream *stream, struct inlet *inlet)
{
	struct shell shell;
	if (inlet->ordered)
		return;
	inlet->ordered = true;
	if (stream->inlets_count == 1 && stream->options.pace.ns == 0) {
		inlet->order = INSTANT_NONE;
		return;
	}
	open_record(inlet, inlet->batch[inlet->batch_next], &shell);
	inlet->order = stream->handler->order(stream->handler->context, &shell.record);
}

/* The inlet whose head comes first; NULL: none, or one that is not at its end has to be waited for. */
static struct inlet *first_inlet(struct stream *stream)
{
	struct inlet *first = NULL;
	int64_t now = 0;
	for (size_t i = 0; i < stream->inlets_count; i++) {
		struct inlet *inlet = &stream->inlets[i];
		if (!inlet->ordered || inlet->batch_next == inlet->batch_count) {
			if (!fill(stream, inlet)) {
				if (inlet->at_end)
					continue;
				now = now ? now : monotonic_ms();
				if (now - inlet->quiet_since < WAIT_MS)
					return NULL;
				continue;
			}
			take_order(stream, inlet);
		}
		if (!first || inlet->order.ns < first->order.ns)
			first = inlet;
	}
	return first;
}

/* Catching up, order time may not run away from the feedback that travels through the broker. */
static bool too_fast(struct stream *stream, struct instant order)
{
	if (stream->options.pace.ns == 0 || !instant_known(order))
		return false;
	int64_t now = monotonic_ms();
	bool fresh = !instant_known(stream->paced_order) || now - stream->paced_at >= stream->options.pace_wall.ns / 1000000 || order.ns < stream->paced_order.ns;
	if (fresh) {
		stream->paced_order = instant_known(stream->paced_order) && order.ns > stream->paced_order.ns + stream->options.pace.ns
			&& order.ns < stream->paced_order.ns + 100 * stream->options.pace.ns ? instant_plus(stream->paced_order, stream->options.pace) : order;
		stream->paced_at = now;
	}
	return order.ns > stream->paced_order.ns + stream->options.pace.ns;
}

static void hand_over(struct stream *stream, struct inlet *inlet)
{
	struct shell shell;
	rd_kafka_message_t *message = inlet->batch[inlet->batch_next++];
	open_record(inlet, message, &shell);
	inlet->ordered = inlet->at_end = inlet->idle_said = false;
	inlet->next = message->offset + 1;
	stream->records++;
	stream->handler->record(stream->handler->context, &shell.record);
	rd_kafka_message_destroy(message);
	if (inlet->batch_next == inlet->batch_count)
		inlet->quiet_since = monotonic_ms();
}

static void look_for_idle(struct stream *stream)
{
	int64_t now = monotonic_ms();
	for (size_t i = 0; i < stream->inlets_count; i++) {
		struct inlet *inlet = &stream->inlets[i];
		if (!inlet->at_end || inlet->idle_said || now - inlet->quiet_since < stream->options.idle_after.ns / 1000000)
			continue;
		inlet->idle_said = true;
		stream->handler->idle(stream->handler->context, str_of(inlet->topic), inlet->partition);
	}
}

size_t inlets_run(struct stream *stream, size_t most)
{
	size_t count = 0;
	struct buffer text = {0};
	struct inlet *inlet;
	while (count < most && (inlet = first_inlet(stream)) && !too_fast(stream, inlet->order)) {
		if (!stream->in_transaction && transaction_begin(stream, &text) != STREAM_OK)
			break;
		hand_over(stream, inlet);
		count++;
	}
	look_for_idle(stream);
	buffer_release(&text);
	return count;
}
