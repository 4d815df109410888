/* One transaction carries what was sent and the offsets that were read. Errors are one of three: may pass (retry), abort this transaction
 * and read again, or leave the process. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "kafka.h"

enum { STEP_MS = 5000 }; /* one try of one step of a commit */

bool timed_out_there(const struct stream *stream, rd_kafka_resp_err_t code)
{
	bool fenced = code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
	return code == RD_KAFKA_RESP_ERR_INVALID_TXN_STATE || (fenced && stream->in_transaction && monotonic_ms() - stream->begun_at > 9000);
}

enum stream_status error_status(struct stream *stream, rd_kafka_error_t *error, const char *doing, struct buffer *out_text)
{
	rd_kafka_resp_err_t code = rd_kafka_error_code(error);
	enum stream_status status = STREAM_RETRY;
	bool fenced = code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID || code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH
		|| code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED;
	if (timed_out_there(stream, code)) {
		buffer_printf(out_text, "cannot %s: the broker has ended the transaction for its age", doing);
		stream->renew = true;
		status = STREAM_ABORTED;
	} else if (fenced && (rd_kafka_error_is_fatal(error) || code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)) {
		buffer_printf(out_text, "another process runs as '%s': give each process of the group a name of its own with --member", stream->transactional_id);
		status = STREAM_FATAL;
	} else if (code == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED) {
		buffer_printf(out_text, "not authorised to write transactions as '%s': grant Write on that transactional id", stream->transactional_id);
		status = STREAM_FATAL;
	} else {
		buffer_printf(out_text, "cannot %s: %s", doing, rd_kafka_error_string(error));
		if (rd_kafka_error_is_fatal(error))
			status = STREAM_FATAL;
		else if (rd_kafka_error_is_retriable(error))
			status = STREAM_RETRY;
		else if (rd_kafka_error_txn_requires_abort(error))
			status = STREAM_ABORTED;
	}
	rd_kafka_error_destroy(error);
	return status;
}

enum stream_status transaction_begin(struct stream *stream, struct buffer *out_text)
{
	if (stream->in_transaction)
		return STREAM_OK;
	rd_kafka_error_t *error = rd_kafka_begin_transaction(stream->producer);
	if (error)
		return error_status(stream, error, "begin a transaction", out_text);
	stream->in_transaction = true;
	stream->begun_at = monotonic_ms();
	return STREAM_OK;
}

void stream_send(struct stream *stream, struct str topic, int32_t partition, struct str key, struct str value, bool tombstone,
	const struct stream_header *headers, size_t headers_count)
{
	struct buffer text = {0};
	char name[256];
	if (transaction_begin(stream, &text) != STREAM_OK || topic.size >= sizeof name) {
		stream->aborted = true;
		buffer_release(&text);
		return;
	}
	memcpy(name, topic.data, topic.size);
	name[topic.size] = 0;
	rd_kafka_headers_t *list = headers_count ? rd_kafka_headers_new(headers_count) : NULL;
	for (size_t i = 0; i < headers_count; i++)
		rd_kafka_header_add(list, headers[i].name.data, (ssize_t)headers[i].name.size, headers[i].value.data ? headers[i].value.data : "", (ssize_t)headers[i].value.size);
	stream->dirty = true;
	for (;;) {
		void *payload = tombstone ? NULL : (void *)(uintptr_t)(value.data ? value.data : "");
		rd_kafka_resp_err_t code = rd_kafka_producev(stream->producer, RD_KAFKA_V_TOPIC(name), RD_KAFKA_V_PARTITION(partition < 0 ? RD_KAFKA_PARTITION_UA : partition),
			RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data, key.size), RD_KAFKA_V_VALUE(payload, tombstone ? 0 : value.size),
			RD_KAFKA_V_HEADERS(list), RD_KAFKA_V_END);
		if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
			rd_kafka_poll(stream->producer, 50);
			continue;
		}
		if (code) {
			if (list)
				rd_kafka_headers_destroy(list);
			stream->aborted = true;
			stream_say(stream, 1, "cannot write to %s: %s", name, rd_kafka_err2str(code));
		}
		break;
	}
	buffer_release(&text);
}

static rd_kafka_topic_partition_list_t *positions(struct stream *stream)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)stream->inlets_count);
	struct buffer resume = {0};
	for (size_t i = 0; i < stream->inlets_count; i++) {
		struct inlet *inlet = &stream->inlets[i];
		int64_t offset = -1;
		buffer_reset(&resume);
		bool own = stream->handler->position(stream->handler->context, str_of(inlet->topic), inlet->partition, &offset, &resume);
		if (!own)
			offset = inlet->next;
		if (offset < 0)
			continue;
		place_set(&inlet->sent, offset, own ? buffer_str(&resume) : (struct str){0});
		rd_kafka_topic_partition_t *place = rd_kafka_topic_partition_list_add(list, inlet->topic, inlet->partition);
		place->offset = offset;
		if (own && resume.size) { /* the list frees it */
			place->metadata = malloc(resume.size);
			if (!place->metadata)
				abort();
			memcpy(place->metadata, resume.data, resume.size);
			place->metadata_size = resume.size;
		}
	}
	buffer_release(&resume);
	return list;
}

/* A commit is asked for until it is answered; anything before it is rather done anew. */
static enum stream_status until_done(struct stream *stream, rd_kafka_error_t *(*step)(struct stream *, void *), void *context, int64_t most_ms, const char *doing,
	struct buffer *out_text)
{
	int64_t began = monotonic_ms();
	for (;;) {
		rd_kafka_error_t *error = step(stream, context);
		if (!error)
			return STREAM_OK;
		bool again = rd_kafka_error_is_retriable(error) && !rd_kafka_error_is_fatal(error) && monotonic_ms() - began < most_ms;
		if (!again) {
			enum stream_status status = error_status(stream, error, doing, out_text);
			return status == STREAM_RETRY ? STREAM_ABORTED : status;
		}
		rd_kafka_error_destroy(error);
		if (monotonic_ms() - began >= STEP_MS) /* librdkafka may not have noticed, and its word could not reach us meanwhile */
			broker_down(stream);
		rd_kafka_poll(stream->producer, 10);
	}
}

static rd_kafka_error_t *send_offsets(struct stream *stream, void *context)
{
	rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(stream->consumer);
	rd_kafka_error_t *error = rd_kafka_send_offsets_to_transaction(stream->producer, context, group, STEP_MS);
	rd_kafka_consumer_group_metadata_destroy(group);
	return error;
}

static rd_kafka_error_t *commit(struct stream *stream, void *context)
{
	(void)context;
	return rd_kafka_commit_transaction(stream->producer, STEP_MS);
}

enum stream_status commit_until_answered(struct stream *stream, struct buffer *out_text)
{
	return until_done(stream, commit, NULL, 30000, "commit", out_text);
}

/* A commit whose answer never came may have happened. A new producer settles it: the broker then finishes what was being committed, aborts
 * what was not, and the committed offsets tell which. */
static enum stream_status commit_for_certain(struct stream *stream, struct buffer *out_text)
{
	enum stream_status status = commit_until_answered(stream, out_text);
	stream->unanswered = status == STREAM_ABORTED;
	stream->renew = stream->renew || stream->unanswered;
	return status;
}

enum stream_status transaction_commit(struct stream *stream, struct buffer *out_text)
{
	const struct stream_handler *handler = stream->handler;
	if (stream->aborted)
		return STREAM_ABORTED;
	handler->before_commit(handler->context);
	enum stream_status status = stream->aborted ? STREAM_ABORTED : transaction_begin(stream, out_text);
	if (status != STREAM_OK)
		return status;
	rd_kafka_topic_partition_list_t *list = positions(stream);
	if (list->cnt)
		status = until_done(stream, send_offsets, list, STEP_MS, "commit offsets", out_text);
	rd_kafka_topic_partition_list_destroy(list);
	if (status == STREAM_OK)
		status = commit_for_certain(stream, out_text);
	if (status != STREAM_OK) {
		stream->aborted = status == STREAM_ABORTED;
		return status;
	}
	landed(stream);
	stream->in_transaction = stream->dirty = false;
	stream->records = 0;
	stream->committed_at = monotonic_ms();
	broker_back(stream);
	handler->committed(handler->context, true);
	return STREAM_OK;
}

static enum stream_status renew(struct stream *stream, struct buffer *out_text)
{
	if (stream->producer) {
		rd_kafka_purge(stream->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
		rd_kafka_flush(stream->producer, 1000); /* for its words on what may be there all the same: kafka_landed.c */
		rd_kafka_destroy(stream->producer);
	}
	buffer_reset(out_text);
	stream->producer = producer_open(stream, out_text);
	rd_kafka_error_t *error = stream->producer ? rd_kafka_init_transactions(stream->producer, 10000) : NULL;
	if (!stream->producer)
		return STREAM_FATAL;
	if (!error) {
		stream->renew = false;
		return STREAM_OK;
	}
	enum stream_status status = error_status(stream, error, "start transactions", out_text);
	return status == STREAM_FATAL ? STREAM_FATAL : STREAM_RETRY;
}

enum stream_status transaction_abort(struct stream *stream, struct buffer *out_text)
{
	rd_kafka_error_t *error = rd_kafka_abort_transaction(stream->producer, 10000);
	if (!error) {
		stream->in_transaction = stream->dirty = false;
		return STREAM_OK;
	}
	bool later = rd_kafka_error_is_retriable(error);
	buffer_reset(out_text);
	enum stream_status status = error_status(stream, error, "abort the transaction", out_text);
	stream->renew = stream->renew || !later;
	return status == STREAM_FATAL ? STREAM_FATAL : STREAM_RETRY;
}

/* Did the commit happen whose answer never came? Then its offsets are the group's. */
static bool answered_late(struct stream *stream, struct buffer *out_text, bool *out_known)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)stream->inlets_count);
	for (size_t i = 0; i < stream->inlets_count; i++)
		if (stream->inlets[i].sent.offset >= 0)
			rd_kafka_topic_partition_list_add(list, stream->inlets[i].topic, stream->inlets[i].partition)->offset = RD_KAFKA_OFFSET_INVALID;
	*out_known = !list->cnt || committed_offsets(stream, list, out_text);
	bool all = *out_known && list->cnt;
	for (size_t i = 0, k = 0; i < stream->inlets_count && all; i++)
		if (stream->inlets[i].sent.offset >= 0)
			all = list->elems[k++].offset == stream->inlets[i].sent.offset;
	rd_kafka_topic_partition_list_destroy(list);
	return all;
}

/* No transaction of ours is open any more, for the broker as well. */
static enum stream_status settle(struct stream *stream, struct buffer *out_text)
{
	enum stream_status status = STREAM_OK;
	if (stream->renew)
		status = renew(stream, out_text);
	else if (stream->in_transaction)
		status = transaction_abort(stream, out_text);
	if (status != STREAM_OK)
		return status;
	bool known = true;
	stream->in_transaction = stream->dirty = false;
	buffer_reset(out_text);
	if (stream->unanswered && answered_late(stream, out_text, &known))
		landed(stream);
	if (!known)
		return STREAM_RETRY;
	stream->unanswered = false;
	status = leftovers_end(stream, out_text);
	if (status == STREAM_OK)
		not_landed(stream);
	return status == STREAM_ABORTED ? STREAM_RETRY : status;
}

/* Every partition anew from what its group has committed, and the reading with it. */
static bool rewind_inlets(struct stream *stream, struct buffer *out_text)
{
	const struct stream_handler *handler = stream->handler;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)stream->inlets_count);
	for (size_t i = 0; i < stream->inlets_count; i++)
		rd_kafka_topic_partition_list_add(list, stream->inlets[i].topic, stream->inlets[i].partition);
	bool done = !list->cnt || committed_offsets(stream, list, out_text);
	for (int i = 0; i < list->cnt && done; i++) {
		rd_kafka_topic_partition_t *place = &list->elems[i];
		struct inlet *inlet = &stream->inlets[i];
		struct str resume = {place->metadata, place->metadata_size};
		if (inlet->landed.offset >= 0) { /* the group's may be behind it: see kafka_landed.c */
			place->offset = inlet->landed.offset;
			resume = buffer_str(&inlet->landed.resume);
		}
		handler->revoke(handler->context, str_of(inlet->topic), inlet->partition);
		inlet_drop_batch(inlet);
		done = inlet_restart(stream, inlet, resume.data, resume.size);
		if (place->offset < 0)
			place->offset = RD_KAFKA_OFFSET_BEGINNING;
	}
	rd_kafka_error_t *error = list->cnt && done ? rd_kafka_seek_partitions(stream->consumer, list, 10000) : NULL;
	rd_kafka_resp_err_t code = rd_kafka_error_code(error);
	for (int i = 0; i < list->cnt && done && !code; i++) /* a partition that stayed where it was would leave a hole */
		code = list->elems[i].err;
	if (code)
		buffer_printf(out_text, "cannot go back to the committed offsets: %s", error ? rd_kafka_error_string(error) : rd_kafka_err2str(code));
	rd_kafka_error_destroy(error);
	rd_kafka_topic_partition_list_destroy(list);
	return done && !code;
}

/* The one recovery path: end what is open, drop what the partitions held, read again from where it was committed. Not done: once more. */
enum stream_status transaction_recover(struct stream *stream, struct buffer *out_text)
{
	const struct stream_handler *handler = stream->handler;
	if (out_text->size)
		stream_say(stream, 1, "%.*s: the transaction is aborted and its records are read again", STR_ARGS(buffer_str(out_text)));
	bool lost = stream->in_transaction || stream->renew || stream->inlets_count;
	stream->aborted = true;
	enum stream_status status = settle(stream, out_text);
	if (status == STREAM_OK) {
		stream->records = 0;
		stream->committed_at = monotonic_ms();
		if (lost)
			handler->committed(handler->context, false);
		buffer_reset(out_text);
		stream->aborted = !rewind_inlets(stream, out_text);
		status = stream->pending == STREAM_FATAL ? STREAM_FATAL : stream->aborted ? STREAM_RETRY : STREAM_ABORTED;
	}
	if (status == STREAM_RETRY && out_text->size)
		stream_say(stream, 1, "%.*s; trying again", STR_ARGS(buffer_str(out_text)));
	if (status == STREAM_ABORTED)
		broker_back(stream);
	return status;
}
