#include "reject_topic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 64 << 10, A_SECOND = 1000, HEADERS_MAX = 24, HEADERS_OWN = 6 };

struct limit {
	struct str topic;
	int32_t partition;
	int64_t second; /* our clock */
	unsigned count;
	struct { uint64_t count; int64_t first, last; } left_out[REJECT_REASON_COUNT];
	bool any_left_out;
};

struct reject_topic {
	struct arena arena;
	struct str name;
	struct limit *limits; /* one per input partition that had any */
	size_t count;
};

struct reject_topic *reject_topic_new(struct str name)
{
	struct reject_topic *topic = calloc(1, sizeof *topic);
	if (!topic)
		abort();
	topic->name = name;
	return topic;
}

void reject_topic_free(struct reject_topic *topic)
{
	if (!topic)
		return;
	arena_release(&topic->arena);
	free(topic->limits);
	free(topic);
}

static struct limit *limit_of(struct reject_topic *topic, struct str input, int32_t partition)
{
	for (size_t i = 0; i < topic->count; i++)
		if (topic->limits[i].partition == partition && str_equal(topic->limits[i].topic, input))
			return &topic->limits[i];
	topic->limits = realloc(topic->limits, (topic->count + 1) * sizeof *topic->limits);
	if (!topic->limits)
		abort();
	struct limit *limit = &topic->limits[topic->count++];
	*limit = (struct limit){.topic = arena_copy(&topic->arena, input), .partition = partition, .second = -1};
	return limit;
}

/* The original headers, then ours. */
static void send(const struct reject_topic *topic, struct stream *stream, const struct stream_record *record, struct str reason, struct str detail)
{
	struct stream_header headers[HEADERS_MAX];
	char partition[16], offset[24], size[24];
	size_t count = 0;
	for (; count < record->headers_count && count < HEADERS_MAX - HEADERS_OWN; count++)
		headers[count] = record->headers[count];
	headers[count++] = (struct stream_header){STR("skewline.reason"), reason};
	headers[count++] = (struct stream_header){STR("skewline.detail"), detail};
	headers[count++] = (struct stream_header){STR("skewline.topic"), record->topic};
	headers[count++] = (struct stream_header){STR("skewline.partition"), {partition, (size_t)snprintf(partition, sizeof partition, "%" PRId32, record->partition)}};
	headers[count++] = (struct stream_header){STR("skewline.offset"), {offset, (size_t)snprintf(offset, sizeof offset, "%" PRId64, record->offset)}};
	headers[count++] = (struct stream_header){STR("skewline.length"), {size, (size_t)snprintf(size, sizeof size, "%zu", record->value.size)}};
	stream_send(stream, topic->name, -1, record->key, str_first(record->value, BYTES_MAX), false, headers, count);
}

void reject_topic_put(struct reject_topic *topic, struct stream *stream, const struct stream_record *record, enum reject_reason reason, struct str detail)
{
	struct limit *limit = limit_of(topic, record->topic, record->partition);
	int64_t second = instant_unix_s(record->arrival);
	limit->count = second == limit->second ? limit->count : 0;
	limit->second = second;
	if (limit->count++ < A_SECOND) {
		send(topic, stream, record, str_of(reject_reason_name(reason)), detail);
		return;
	}
	limit->left_out[reason].first = limit->left_out[reason].count++ ? limit->left_out[reason].first : record->offset;
	limit->left_out[reason].last = record->offset;
	limit->any_left_out = true;
}

static void clear(struct limit *limit)
{
	memset(limit->left_out, 0, sizeof limit->left_out);
	limit->any_left_out = false;
}

static void tell(const struct reject_topic *topic, struct stream *stream, const struct limit *limit)
{
	struct buffer reasons = {0}, detail = {0};
	struct stream_record record = {.topic = limit->topic, .partition = limit->partition, .offset = INT64_MAX};
	for (int i = 0; i < REJECT_REASON_COUNT; i++) {
		const char *name = reject_reason_name((enum reject_reason)i);
		if (!limit->left_out[i].count)
			continue;
		buffer_printf(&reasons, "%s%s", reasons.size ? " " : "", name);
		buffer_printf(&detail, "%s%s: %" PRIu64 " more records, offsets %" PRId64 " to %" PRId64, detail.size ? "; " : "", name, limit->left_out[i].count,
			limit->left_out[i].first, limit->left_out[i].last);
		record.offset = limit->left_out[i].first < record.offset ? limit->left_out[i].first : record.offset;
	}
	send(topic, stream, &record, buffer_str(&reasons), buffer_str(&detail));
	buffer_release(&reasons);
	buffer_release(&detail);
}

void reject_topic_before_commit(struct reject_topic *topic, struct stream *stream)
{
	for (size_t i = 0; i < topic->count; i++) {
		if (topic->limits[i].any_left_out)
			tell(topic, stream, &topic->limits[i]);
		clear(&topic->limits[i]);
	}
}

void reject_topic_forget(struct reject_topic *topic)
{
	for (size_t i = 0; i < topic->count; i++) {
		clear(&topic->limits[i]);
		topic->limits[i].count = 0;
	}
}
