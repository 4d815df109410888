/* Hash table from byte strings to 32-bit indices: flat, open addressing, 5 bytes a slot, seven of eight slots taken at most.
 *
 * The table does not own keys: it asks for the key of an index through `key_of`. Indices are the caller's (a row of its
 * array). Removal keeps probe chains whole (backward shift). The seed is an argument, so that a process can choose one
 * and a replay can repeat it; nothing may depend on the order of slots, and there is no iteration. */
#ifndef SKEWLINE_TABLE_H
#define SKEWLINE_TABLE_H

#include "skewline/str.h"

#define TABLE_NONE UINT32_MAX

struct table {
	uint32_t *indices;
	uint8_t *tags;  /* a byte of each key's hash */
	uint32_t slots;
	uint32_t count; /* keys held */
	uint64_t seed;
	struct str (*key_of)(const void *rows, uint32_t index);
	const void *rows; /* passed to key_of; update it when the caller's array moves */
};

void table_init(struct table *table, uint64_t seed, struct str (*key_of)(const void *, uint32_t), const void *rows);
void table_release(struct table *table);
uint32_t table_find(const struct table *table, struct str key); /* index or TABLE_NONE */
void table_insert(struct table *table, struct str key, uint32_t index); /* the key must not be there yet */
void table_remove(struct table *table, struct str key);                 /* nothing happens when it is absent */

#endif
