/* Texts that many hosts share: programs, topics, time servers. A host holds the number of one (0: none), the partition the text, for as long as
 * somebody holds it. The numbers say nothing outside this memory. */
#include <stdlib.h>

#include "room.h"

struct name {
	struct owned text;
	uint32_t holders;
	uint32_t next_free; /* number of the next that nobody holds; 0: the last */
};

static struct str key_of(const void *rows, uint32_t index)
{
	return owned_str(&((struct name *const *)rows)[index]->text);
}

static struct name *name_at(const struct names *names, uint32_t number)
{
	return names->rows.items[number - 1];
}

void names_init(struct names *names)
{
	names->first_free = 0;
	rows_init(&names->rows, key_of);
}

void names_release(struct names *names)
{
	for (uint32_t number = 1; number <= names->rows.count; number++) {
		owned_clear(&name_at(names, number)->text);
		free(name_at(names, number));
	}
	rows_release(&names->rows);
}

struct str name_str(const struct correlate_partition *p, uint32_t number)
{
	return number ? owned_str(&name_at(&p->names, number)->text) : STR_NONE;
}

static uint32_t begin(struct names *names, struct str text)
{
	uint32_t number = names->first_free;
	struct name *name = number ? name_at(names, number) : cleared(sizeof *name);
	owned_set(&name->text, text);
	if (!number)
		return rows_add(&names->rows, owned_str(&name->text), name) + 1;
	names->first_free = name->next_free;
	table_insert(&names->rows.table, owned_str(&name->text), number - 1);
	return number;
}

static uint32_t hold(struct names *names, struct str text)
{
	if (!text.size)
		return 0;
	uint32_t index = table_find(&names->rows.table, text), number = index == TABLE_NONE ? begin(names, text) : index + 1;
	name_at(names, number)->holders++;
	return number;
}

static void drop(struct names *names, uint32_t number)
{
	struct name *name = number ? name_at(names, number) : NULL;
	if (!name || --name->holders)
		return;
	table_remove(&names->rows.table, owned_str(&name->text));
	owned_clear(&name->text);
	name->next_free = names->first_free;
	names->first_free = number;
}

void name_set(struct correlate_partition *p, uint32_t *number, struct str text)
{
	if (str_equal(name_str(p, *number), text))
		return;
	uint32_t held = hold(&p->names, text); /* before the old one goes: the text may be a part of it */
	drop(&p->names, *number);
	*number = held;
}
