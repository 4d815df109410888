/* The rows of a partition: hosts, sources, peers, addresses, inputs; and which of them the next flush writes. */
#include <stdlib.h>
#include <string.h>

#include "room.h"

static char *far_bytes(const struct owned *text)
{
	char *data;
	memcpy(&data, text->bytes, sizeof data);
	return data;
}

struct str owned_str(const struct owned *text)
{
	return (struct str){text->size > OWNED_NEAR ? far_bytes(text) : text->bytes, text->size};
}

void owned_clear(struct owned *text)
{
	if (text->size > OWNED_NEAR)
		free(far_bytes(text));
	text->size = 0;
}

void owned_set(struct owned *text, struct str value)
{
	if (str_equal(owned_str(text), value))
		return;
	struct owned made = {.size = (uint32_t)value.size};
	char *into = made.bytes;
	if (value.size > OWNED_NEAR) {
		into = malloc(value.size);
		if (!into)
			abort();
		memcpy(made.bytes, &into, sizeof into);
	}
	if (value.size)
		memcpy(into, value.data, value.size); /* before the old text goes: the value may be a part of it */
	owned_clear(text);
	*text = made;
}

void rows_init(struct rows *rows, struct str (*key_of)(const void *, uint32_t))
{
	table_init(&rows->table, 1, key_of, NULL);
}

void rows_release(struct rows *rows)
{
	table_release(&rows->table);
	free(rows->items);
	*rows = (struct rows){0};
}

uint32_t rows_add(struct rows *rows, struct str key, void *item)
{
	if (rows->count == rows->capacity) {
		rows->capacity += rows->capacity / 8 + 64;
		rows->items = realloc(rows->items, rows->capacity * sizeof *rows->items);
		if (!rows->items)
			abort();
		rows->table.rows = rows->items;
	}
	rows->items[rows->count] = item;
	table_insert(&rows->table, key, rows->count);
	return rows->count++;
}

void *rows_find(const struct rows *rows, struct str key)
{
	uint32_t index = table_find(&rows->table, key);
	return index == TABLE_NONE ? NULL : rows->items[index];
}

void *cleared(size_t size)
{
	void *item = calloc(1, size);
	if (!item)
		abort();
	return item;
}

void incident_reset(struct incident *incident)
{
	*incident = (struct incident){.opened = NONE, .resolved = NONE, .good_since = NONE, .said_at = NONE, .low_at = NONE, .told_at = NONE};
}

void source_free(struct source *source)
{
	for (uint32_t i = 0; i < source->reports_count; i++)
		owned_clear(&source->reports[i].hosts);
	free(source->reports);
	owned_clear(&source->name);
	owned_clear(&source->incident_id);
	owned_clear(&source->own_id);
	free(source);
}

#define TOUCH(function, type, list) \
	void function(struct correlate_partition *p, struct type *item) \
	{ \
		if (item->touched) \
			return; \
		item->touched = true; \
		item->next_touched = p->list; \
		p->list = item; \
	}
TOUCH(source_touch, source, touched_sources)
TOUCH(peer_touch, peer_knowledge, touched_peers)
TOUCH(address_touch, address, touched_addresses)
#undef TOUCH

int32_t source_find(const struct correlate_partition *p, struct str name)
{
	uint32_t index = table_find(&p->sources.table, name);
	return index == TABLE_NONE ? NO_SOURCE : (int32_t)index;
}

int32_t source_intern(struct correlate_partition *p, struct str name)
{
	int32_t known = source_find(p, name);
	if (known != NO_SOURCE)
		return known;
	if (p->sources.count >= SOURCES_MAX || !name.size || name.size > SUBJECT_BYTES_MAX - 8)
		return NO_SOURCE;
	struct source *source = cleared(sizeof *source);
	owned_set(&source->name, name);
	source->since = source->heard = source->majority_since = source->lapsed_since = NONE;
	source->sum_phi = (struct range){OPEN_LOW, OPEN_HIGH};
	incident_reset(&source->incident);
	return (int32_t)rows_add(&p->sources, owned_str(&source->name), source);
}

struct source *source_at(const struct correlate_partition *p, int32_t index)
{
	return p->sources.items[index];
}

struct peer_knowledge *peer_make(struct correlate_partition *p, struct str name)
{
	struct peer_knowledge *peer = rows_find(&p->peers, name);
	if (peer || p->peers.count >= SOURCES_MAX)
		return peer;
	peer = cleared(sizeof *peer);
	owned_set(&peer->name, name);
	peer->at = NONE;
	rows_add(&p->peers, owned_str(&peer->name), peer);
	return peer;
}

struct address *address_make(struct correlate_partition *p, struct str name)
{
	struct address *address = rows_find(&p->addresses, name);
	if (address || p->addresses.count >= p->settings->hosts_max)
		return address;
	address = cleared(sizeof *address);
	owned_set(&address->name, name);
	rows_add(&p->addresses, owned_str(&address->name), address);
	return address;
}

void key_bury(struct correlate_partition *p, struct str key)
{
	if (p->gone_count == p->gone_capacity) {
		p->gone_capacity = p->gone_capacity ? p->gone_capacity * 2 : 16;
		p->gone = realloc(p->gone, p->gone_capacity * sizeof *p->gone);
		if (!p->gone)
			abort();
	}
	p->gone[p->gone_count] = (struct owned){0};
	owned_set(&p->gone[p->gone_count++], key);
}

struct input *input_find(const struct correlate_partition *p, struct str name)
{
	for (uint32_t i = 0; i < p->inputs_count; i++)
		if (str_equal(owned_str(&p->inputs[i].name), name))
			return &p->inputs[i];
	return NULL;
}

struct input *input_make(struct correlate_partition *p, struct str name)
{
	struct input *input = input_find(p, name);
	if (input)
		return input;
	if (p->inputs_count == p->inputs_capacity) {
		p->inputs_capacity = p->inputs_capacity ? p->inputs_capacity * 2 : 8;
		p->inputs = realloc(p->inputs, p->inputs_capacity * sizeof *p->inputs);
		if (!p->inputs)
			abort();
	}
	uint32_t at = p->inputs_count++;
	while (at > 0 && str_compare(name, owned_str(&p->inputs[at - 1].name)) < 0) {
		p->inputs[at] = p->inputs[at - 1];
		at--;
	}
	p->inputs[at] = (struct input){.reference = NONE};
	owned_set(&p->inputs[at].name, name);
	return &p->inputs[at];
}
