#include "skewline/table.h"

#include <assert.h>
#include <stdlib.h>

struct table_slot {
	uint32_t tag;   /* high half of the hash */
	uint32_t index; /* TABLE_NONE: free */
};

enum { SMALLEST = 16 };

static struct table_slot *slots_new(uint32_t count)
{
	struct table_slot *slots = malloc(count * sizeof *slots);
	if (!slots)
		abort();
	for (uint32_t i = 0; i < count; i++)
		slots[i] = (struct table_slot){0, TABLE_NONE};
	return slots;
}

void table_init(struct table *table, uint64_t seed, struct str (*key_of)(const void *, uint32_t), const void *rows)
{
	*table = (struct table){.slots = slots_new(SMALLEST), .mask = SMALLEST - 1, .seed = seed, .key_of = key_of, .rows = rows};
}

void table_release(struct table *table)
{
	free(table->slots);
	table->slots = NULL;
	table->mask = table->count = 0;
}

static uint32_t home_of(const struct table *table, uint64_t hash)
{
	return (uint32_t)hash & table->mask;
}

/* The slot of `key`, or the free slot where it would go. */
static uint32_t probe(const struct table *table, struct str key, uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32);
	for (uint32_t at = home_of(table, hash);; at = (at + 1) & table->mask) {
		const struct table_slot *slot = &table->slots[at];
		if (slot->index == TABLE_NONE)
			return at;
		if (slot->tag == tag && str_equal(table->key_of(table->rows, slot->index), key))
			return at;
	}
}

uint32_t table_find(const struct table *table, struct str key)
{
	return table->slots[probe(table, key, str_hash(key, table->seed))].index;
}

static void grow(struct table *table)
{
	struct table_slot *old = table->slots;
	uint32_t old_count = table->mask + 1;
	assert(old_count <= UINT32_MAX / 4);
	table->slots = slots_new(old_count * 2);
	table->mask = old_count * 2 - 1;
	for (uint32_t i = 0; i < old_count; i++) {
		if (old[i].index == TABLE_NONE)
			continue;
		uint64_t hash = str_hash(table->key_of(table->rows, old[i].index), table->seed);
		uint32_t at = home_of(table, hash);
		while (table->slots[at].index != TABLE_NONE)
			at = (at + 1) & table->mask;
		table->slots[at] = old[i];
	}
	free(old);
}

void table_insert(struct table *table, struct str key, uint32_t index)
{
	assert(index != TABLE_NONE);
	if ((table->count + 1) * 4ull > (table->mask + 1) * 3ull)
		grow(table);
	uint64_t hash = str_hash(key, table->seed);
	struct table_slot *slot = &table->slots[probe(table, key, hash)];
	assert(slot->index == TABLE_NONE);
	*slot = (struct table_slot){(uint32_t)(hash >> 32), index};
	table->count++;
}

void table_remove(struct table *table, struct str key)
{
	uint32_t hole = probe(table, key, str_hash(key, table->seed));
	if (table->slots[hole].index == TABLE_NONE)
		return;
	table->count--;
	for (uint32_t at = (hole + 1) & table->mask; table->slots[at].index != TABLE_NONE; at = (at + 1) & table->mask) {
		uint64_t hash = str_hash(table->key_of(table->rows, table->slots[at].index), table->seed);
		uint32_t home = home_of(table, hash);
		/* The entry may move back into the hole unless its home lies cyclically behind the hole. */
		if (((at - home) & table->mask) >= ((at - hole) & table->mask)) {
			table->slots[hole] = table->slots[at];
			hole = at;
		}
	}
	table->slots[hole] = (struct table_slot){0, TABLE_NONE};
}
