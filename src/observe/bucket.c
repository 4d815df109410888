#include "bucket.h"

#include <stdlib.h>
#include <string.h>

static struct str key_of(const void *rows, uint32_t index)
{
	return ((const struct bucket *)rows)[index].key;
}

void buckets_init(struct buckets *buckets, size_t most)
{
	*buckets = (struct buckets){.most = most ? most : 1};
	table_init(&buckets->table, 0, key_of, NULL);
}

void buckets_release(struct buckets *buckets)
{
	table_release(&buckets->table);
	arena_release(&buckets->arena);
	free(buckets->rows);
	buckets->rows = NULL;
}

bool buckets_full(const struct buckets *buckets)
{
	return buckets->count >= buckets->most;
}

struct instant bucket_start(struct instant at)
{
	int64_t rest = at.ns % BUCKET_SPAN.ns;
	return (struct instant){at.ns - (rest < 0 ? rest + BUCKET_SPAN.ns : rest)};
}

static struct bucket *open_bucket(struct buckets *buckets, struct str key, struct str host, struct str stream)
{
	if (buckets->count == buckets->capacity) {
		buckets->capacity = buckets->capacity ? buckets->capacity * 2 : 64;
		buckets->rows = realloc(buckets->rows, buckets->capacity * sizeof *buckets->rows);
		if (!buckets->rows)
			abort();
		buckets->table.rows = buckets->rows;
	}
	struct bucket *bucket = &buckets->rows[buckets->count];
	*bucket = (struct bucket){.key = arena_copy(&buckets->arena, key), .last = INSTANT_NONE};
	bucket->host = str_first(bucket->key, host.size);
	bucket->stream = str_first(str_from(bucket->key, host.size + 1), stream.size);
	table_insert(&buckets->table, bucket->key, (uint32_t)buckets->count++);
	return bucket;
}

/* The largest three, descending; among equals the earlier record first. */
static void keep_largest(struct transit_observation *transit, struct span x, struct instant reference)
{
	uint32_t at = transit->top_count;
	while (at > 0 && transit->top[at - 1].x.ns < x.ns)
		at--;
	if (at >= TRANSIT_TOP)
		return;
	uint32_t last = transit->top_count < TRANSIT_TOP ? transit->top_count++ : TRANSIT_TOP - 1;
	for (uint32_t i = last; i > at; i--)
		transit->top[i] = transit->top[i - 1];
	transit->top[at].x = x;
	transit->top[at].reference = reference;
}

void buckets_add(struct buckets *buckets, struct str host, struct str stream, struct instant reference, struct span x, struct span grain,
	bool clock_rows)
{
	char bytes[256 + 256 + 2 + sizeof(int64_t)];
	stream = str_first(stream, 255);
	struct instant start = bucket_start(reference);
	memcpy(bytes, host.data, host.size);
	bytes[host.size] = 0;
	if (stream.size)
		memcpy(bytes + host.size + 1, stream.data, stream.size);
	bytes[host.size + 1 + stream.size] = 0;
	memcpy(bytes + host.size + stream.size + 2, &start.ns, sizeof start.ns);
	struct str key = {bytes, host.size + stream.size + 2 + sizeof start.ns};
	uint32_t index = table_find(&buckets->table, key);
	struct bucket *bucket = index == TABLE_NONE ? open_bucket(buckets, key, host, stream) : &buckets->rows[index];
	struct transit_observation *transit = &bucket->transit;
	if (index == TABLE_NONE) {
		transit->stream = bucket->stream;
		transit->start = start;
		transit->lowest = x;
		transit->grain = grain;
		transit->clock_rows = clock_rows;
	}
	transit->count++;
	transit->lowest = x.ns < transit->lowest.ns ? x : transit->lowest;
	transit->grain = grain.ns < transit->grain.ns ? grain : transit->grain;
	bucket->last = instant_max(bucket->last, reference);
	keep_largest(transit, x, reference);
}

void buckets_clear(struct buckets *buckets)
{
	uint64_t seed = buckets->table.seed;
	if (buckets->count * 8 < buckets->table.slots) { /* a few keys in a large table: cheaper one by one */
		for (size_t i = 0; i < buckets->count; i++)
			table_remove(&buckets->table, buckets->rows[i].key);
	} else {
		table_release(&buckets->table);
		table_init(&buckets->table, seed, key_of, buckets->rows);
	}
	buckets->count = 0;
	arena_reset(&buckets->arena);
}
