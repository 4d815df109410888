#include "skewline/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Of a slot's key; 0: the slot is free. Looking for a key walks these alone, and asks for one key in 255 in vain. */
static uint8_t tag_of(uint64_t hash)
{
	return (uint8_t)((hash >> 32) % 255 + 1);
}

enum { SMALLEST = 16 };

/* Indices first, then tags, in one piece. */
static void slots_new(struct table *table, uint32_t count)
{
	table->indices = malloc(count * (sizeof *table->indices + sizeof *table->tags));
	if (!table->indices)
		abort();
	table->tags = (uint8_t *)(table->indices + count);
	memset(table->tags, 0, count);
	table->slots = count;
}

void table_init(struct table *table, uint64_t seed, struct str (*key_of)(const void *, uint32_t), const void *rows)
{
	*table = (struct table){.seed = seed, .key_of = key_of, .rows = rows};
	slots_new(table, SMALLEST);
}

void table_release(struct table *table)
{
	free(table->indices);
	table->indices = NULL;
	table->tags = NULL;
	table->slots = table->count = 0;
}

static uint32_t home_of(const struct table *table, uint64_t hash)
{
	return (uint32_t)((hash & UINT32_MAX) * table->slots >> 32);
}

static uint32_t next(const struct table *table, uint32_t at)
{
	return at + 1 == table->slots ? 0 : at + 1;
}

/* From a slot on to another, round the end. */
static uint32_t distance(const struct table *table, uint32_t from, uint32_t to)
{
	return to >= from ? to - from : table->slots - from + to;
}

/* The slot of `key`, or the free slot where it would go. */
static uint32_t probe(const struct table *table, struct str key, uint64_t hash)
{
	uint8_t tag = tag_of(hash);
	for (uint32_t at = home_of(table, hash);; at = next(table, at)) {
		if (!table->tags[at] || (table->tags[at] == tag && str_equal(table->key_of(table->rows, table->indices[at]), key)))
			return at;
	}
}

uint32_t table_find(const struct table *table, struct str key)
{
	uint32_t at = probe(table, key, str_hash(key, table->seed));
	return table->tags[at] ? table->indices[at] : TABLE_NONE;
}

static void grow(struct table *table)
{
	struct table old = *table;
	assert(old.slots < UINT32_MAX / 2);
	slots_new(table, old.slots + old.slots / 2);
	for (uint32_t i = 0; i < old.slots; i++) {
		if (!old.tags[i])
			continue;
		uint32_t at = home_of(table, str_hash(table->key_of(table->rows, old.indices[i]), table->seed));
		while (table->tags[at])
			at = next(table, at);
		table->indices[at] = old.indices[i];
		table->tags[at] = old.tags[i];
	}
	free(old.indices);
}

void table_insert(struct table *table, struct str key, uint32_t index)
{
	assert(index != TABLE_NONE);
	if ((table->count + 1) * 8ull > table->slots * 7ull)
		grow(table);
	uint64_t hash = str_hash(key, table->seed);
	uint32_t at = probe(table, key, hash);
	assert(!table->tags[at]);
	table->indices[at] = index;
	table->tags[at] = tag_of(hash);
	table->count++;
}

void table_remove(struct table *table, struct str key)
{
	uint32_t hole = probe(table, key, str_hash(key, table->seed));
	if (!table->tags[hole])
		return;
	table->count--;
	for (uint32_t at = next(table, hole); table->tags[at]; at = next(table, at)) {
		uint64_t hash = str_hash(table->key_of(table->rows, table->indices[at]), table->seed);
		uint32_t home = home_of(table, hash);
		/* The entry may move back into the hole unless its home lies cyclically behind the hole. */
		if (distance(table, home, at) >= distance(table, hole, at)) {
			table->indices[hole] = table->indices[at];
			table->tags[hole] = table->tags[at];
			hole = at;
		}
	}
	table->tags[hole] = 0;
}
