/* What is durable for certain, kept in memory as long as a partition is ours.
 *
 * A broker answers a commit when it has written down that the transaction is to be committed; the markers that show its records and its
 * offsets to readers come after. If it crashes between the two, it comes back with the decision, and may skip markers (kafka_leftover.c):
 * then the group's offset is an old one, or records that were committed stay open. Neither may be believed against the answer.
 *
 * A coordinator takes nothing of the next transaction before all markers of the last one are written. So where a record of a lost transaction
 * is, or may be, nothing of a committed one is open. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "kafka.h"

void place_set(struct place *place, int64_t offset, struct str resume)
{
	place->offset = offset;
	buffer_reset(&place->resume);
	buffer_add_str(&place->resume, resume);
}

void place_release(struct place *place)
{
	buffer_release(&place->resume);
}

static struct own_topic *own_topic(struct stream *stream, const char *name)
{
	for (size_t i = 0; i < stream->topics_count; i++)
		if (strcmp(stream->topics[i].name, name) == 0)
			return &stream->topics[i];
	return NULL;
}

static struct end *end_of(struct own_topic *topic, int32_t partition)
{
	size_t wanted = (size_t)partition + 1;
	if (wanted > topic->ends_count) {
		topic->ends = realloc(topic->ends, wanted * sizeof *topic->ends);
		if (!topic->ends)
			abort();
		for (; topic->ends_count < wanted; topic->ends_count++)
			topic->ends[topic->ends_count] = (struct end){-1, -1};
	}
	return &topic->ends[partition];
}

void note_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *context)
{
	struct stream *stream = context;
	bool there = rd_kafka_message_status(message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED && message->partition >= 0;
	bool ours = producer == stream->producer && (message->key_len || message->payload); /* else one that only ends what is left over */
	struct own_topic *topic = there && ours ? own_topic(stream, rd_kafka_topic_name(message->rkt)) : NULL;
	struct end *end = topic ? end_of(topic, message->partition) : NULL;
	int64_t offset = message->err || message->offset < 0 ? 0 : message->offset; /* may be there, and nobody knows where: it will not be committed */
	if (end && offset > end->written)
		end->written = offset;
}

static void close_ends(struct stream *stream, bool committed)
{
	for (size_t i = 0; i < stream->topics_count; i++)
		for (size_t k = 0; k < stream->topics[i].ends_count; k++) {
			struct end *end = &stream->topics[i].ends[k];
			if (committed && end->written >= 0)
				end->committed = end->written;
			end->written = -1;
		}
}

void landed(struct stream *stream)
{
	close_ends(stream, true);
	for (size_t i = 0; i < stream->inlets_count; i++) {
		struct inlet *inlet = &stream->inlets[i];
		if (inlet->sent.offset >= 0)
			place_set(&inlet->landed, inlet->sent.offset, buffer_str(&inlet->sent.resume));
		inlet->sent.offset = -1;
	}
}

void not_landed(struct stream *stream)
{
	close_ends(stream, false);
	for (size_t i = 0; i < stream->inlets_count; i++)
		stream->inlets[i].sent.offset = -1;
}

bool landed_here(const struct stream *stream, const rd_kafka_topic_partition_t *place)
{
	for (size_t i = 0; i < stream->topics_count; i++) {
		const struct own_topic *topic = &stream->topics[i];
		if (strcmp(topic->name, place->topic) == 0)
			return (size_t)place->partition < topic->ends_count && topic->ends[place->partition].written < 0
				&& place->offset <= topic->ends[place->partition].committed;
	}
	return false;
}
