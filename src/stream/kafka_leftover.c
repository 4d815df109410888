/* What a transaction left open although it is over.
 *
 * A broker ends a transaction by a marker in every partition that it touched. While a partition has no leader, which is so for a moment
 * whenever the only broker that holds it comes back from a crash, Kafka takes it for deleted and skips its marker ("these partitions are
 * likely deleted already", measured with 4.3.1). The coordinator calls the transaction aborted, but its records stay open in the log, and
 * the next commit of the same producer would publish them with its own: records that were read again, twice. Offsets that were sent with
 * it stay pending, and nobody can be told the group's position any more.
 *
 * A commit is answered before its markers are written; so the records of a transaction that is committed for certain may be open as well.
 *
 * The remedy: a marker counts for the producer, not for the transaction. So whatever is still open in our topics when no transaction of
 * ours is running gets one of its own: committed where the open records are known to be (kafka_landed.c), else aborted. It needs a record:
 * one without key and value, which readers pass over and which those of committed records only see in the first case. */
#include "kafka.h"

enum { WAIT_MS = 5000 };

/* The ends of all partitions of our own topics, as this client's isolation level sees them. */
static rd_kafka_topic_partition_list_t *ends(struct stream *stream, rd_kafka_t *client, struct buffer *out_text)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
	for (size_t i = 0; i < stream->topics_count; i++)
		for (uint32_t partition = 0; partition < stream->topics[i].partitions; partition++)
			rd_kafka_topic_partition_list_add(list, stream->topics[i].name, (int32_t)partition)->offset = RD_KAFKA_OFFSET_END;
	rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(client, list, WAIT_MS);
	for (int i = 0; i < list->cnt && !code; i++)
		code = list->elems[i].err;
	if (!code)
		return list;
	buffer_printf(out_text, "cannot ask for the ends of our topics: %s", rd_kafka_err2str(code));
	rd_kafka_topic_partition_list_destroy(list);
	return NULL;
}

/* The partitions whose last stable offset lies below their end: somebody's transaction is open there. NULL: not known now. */
static rd_kafka_topic_partition_list_t *open_partitions(struct stream *stream, struct buffer *out_text)
{
	rd_kafka_t *reader = reader_open(stream, "read_uncommitted", out_text);
	if (!reader)
		return NULL;
	rd_kafka_topic_partition_list_t *stable = ends(stream, stream->consumer, out_text), *open = NULL;
	rd_kafka_topic_partition_list_t *whole = stable ? ends(stream, reader, out_text) : NULL;
	if (whole)
		open = rd_kafka_topic_partition_list_new(4);
	for (int i = 0; open && i < whole->cnt; i++) /* same order: both were made by `ends` */
		if (stable->elems[i].offset < whole->elems[i].offset)
			rd_kafka_topic_partition_list_add(open, whole->elems[i].topic, whole->elems[i].partition)->offset = stable->elems[i].offset;
	if (stable)
		rd_kafka_topic_partition_list_destroy(stable);
	if (whole)
		rd_kafka_topic_partition_list_destroy(whole);
	rd_kafka_destroy(reader);
	return open;
}

static rd_kafka_resp_err_t put(struct stream *stream, const rd_kafka_topic_partition_t *place)
{
	return rd_kafka_producev(stream->producer, RD_KAFKA_V_TOPIC(place->topic), RD_KAFKA_V_PARTITION(place->partition),
		RD_KAFKA_V_KEY("", (size_t)0), RD_KAFKA_V_VALUE(NULL, (size_t)0), RD_KAFKA_V_END);
}

/* One record into each, and all of them delivered: a transaction that something failed in takes no more records. */
static rd_kafka_resp_err_t touch(struct stream *stream, const rd_kafka_topic_partition_list_t *places)
{
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	for (int i = 0; i < places->cnt && !code; i++)
		code = put(stream, &places->elems[i]);
	if (!code)
		code = rd_kafka_flush(stream->producer, WAIT_MS);
	return code;
}

static enum stream_status commit_those(struct stream *stream, struct buffer *out_text)
{
	enum stream_status status = commit_until_answered(stream, out_text);
	if (status == STREAM_OK)
		stream->in_transaction = stream->dirty = false;
	return status;
}

/* Ends what is open in these partitions. */
static enum stream_status end_those(struct stream *stream, const rd_kafka_topic_partition_list_t *places, bool committed, struct buffer *out_text)
{
	enum stream_status status = places->cnt ? transaction_begin(stream, out_text) : STREAM_OK;
	if (status != STREAM_OK || !places->cnt)
		return status;
	rd_kafka_resp_err_t code = touch(stream, places);
	if (!code && !committed)
		code = put(stream, &places->elems[0]);
	if (!code)
		return committed ? commit_those(stream, out_text) : transaction_abort(stream, out_text);
	buffer_printf(out_text, "cannot end what a lost transaction left open: %s", rd_kafka_err2str(code));
	return STREAM_RETRY;
}

/* Whatever the group thinks of the offsets: with the request they belong to the transaction, and its end frees them. */
static enum stream_status touch_offsets(struct stream *stream, const rd_kafka_topic_partition_list_t *offsets, struct buffer *out_text)
{
	rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(stream->consumer);
	rd_kafka_error_t *error = rd_kafka_send_offsets_to_transaction(stream->producer, offsets, group, WAIT_MS);
	rd_kafka_consumer_group_metadata_destroy(group);
	if (!error)
		return STREAM_OK;
	enum stream_status status = error_status(stream, error, "free the offsets of a lost transaction", out_text);
	return status == STREAM_ABORTED && !stream->renew ? STREAM_OK : status;
}

enum stream_status leftovers_end(struct stream *stream, struct buffer *out_text)
{
	if (stream->options.embedded) /* the mock broker knows no markers */
		return STREAM_OK;
	rd_kafka_topic_partition_list_t *open = open_partitions(stream, out_text);
	enum stream_status status = open ? STREAM_OK : STREAM_RETRY;
	for (int committed = 1; committed >= 0 && status == STREAM_OK; committed--) {
		rd_kafka_topic_partition_list_t *places = rd_kafka_topic_partition_list_new(open->cnt);
		for (int i = 0; i < open->cnt; i++)
			if (landed_here(stream, &open->elems[i]) == committed)
				rd_kafka_topic_partition_list_add(places, open->elems[i].topic, open->elems[i].partition);
		status = end_those(stream, places, committed, out_text);
		rd_kafka_topic_partition_list_destroy(places);
	}
	if (open)
		rd_kafka_topic_partition_list_destroy(open);
	return status;
}

enum stream_status leftover_offsets_end(struct stream *stream, const rd_kafka_topic_partition_list_t *places, struct buffer *out_text)
{
	if (stream->options.embedded || stream->in_transaction)
		return STREAM_RETRY;
	rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(places->cnt);
	for (int i = 0; i < places->cnt; i++)
		rd_kafka_topic_partition_list_add(offsets, places->elems[i].topic, places->elems[i].partition)->offset = 0; /* any: never committed */
	enum stream_status status = transaction_begin(stream, out_text);
	if (status == STREAM_OK)
		status = touch_offsets(stream, offsets, out_text);
	if (status == STREAM_OK)
		status = transaction_abort(stream, out_text);
	rd_kafka_topic_partition_list_destroy(offsets);
	return status;
}
