#include "needs.h"

#include <string.h>

static size_t shortest(const struct clause *clause)
{
	size_t size = LITERAL_MAX;
	for (size_t i = 0; i < clause->count; i++)
		size = clause->items[i].size < size ? clause->items[i].size : size;
	return size;
}

static bool better(const struct clause *a, const struct clause *b)
{
	if (a->fields_count != b->fields_count)
		return a->fields_count < b->fields_count;
	size_t x = shortest(a), y = shortest(b);
	return x != y ? x > y : a->count < b->count;
}

void needs_add(struct needs *needs, const struct clause *clause)
{
	size_t at = needs->count;
	while (at > 0 && better(clause, &needs->clauses[at - 1]))
		at--;
	if (at == RULE_CLAUSES_MAX)
		return;
	size_t last = needs->count < RULE_CLAUSES_MAX ? needs->count++ : RULE_CLAUSES_MAX - 1;
	memmove(&needs->clauses[at + 1], &needs->clauses[at], (last - at) * sizeof *needs->clauses);
	needs->clauses[at] = *clause;
}

void needs_add_text(struct needs *needs, const char *text, size_t size)
{
	struct clause clause = {.count = 1};
	if (size < SHORTEST)
		return;
	size = size < LITERAL_MAX ? size : LITERAL_MAX;
	memcpy(clause.items[0].text, text, size);
	clause.items[0].size = size;
	needs_add(needs, &clause);
}

static struct str text_of(const struct literal *literal)
{
	return (struct str){literal->text, literal->size};
}

/* Where a shorter text of the set stands in it, a longer one says nothing more. */
static bool unite(struct clause *into, const struct clause *other)
{
	for (size_t i = 0; i < other->count; i++) {
		bool implied = false;
		for (size_t j = 0; j < into->count; j++)
			implied = implied || str_find(text_of(&other->items[i]), text_of(&into->items[j])) >= 0;
		if (implied)
			continue;
		if (into->count == SET_MAX)
			return false;
		into->items[into->count++] = other->items[i];
	}
	for (size_t i = 0; i < other->fields_count; i++) {
		bool known = false;
		for (size_t j = 0; j < into->fields_count; j++)
			known = known || into->fields[j] == other->fields[i];
		if (!known && into->fields_count == RULE_FIELDS_MAX)
			return false;
		if (!known)
			into->fields[into->fields_count++] = other->fields[i];
	}
	return true;
}

/* (A1 and A2) or (B1 and B2) implies (A1 or B1) and (A2 or B2), in whatever pairs. */
void needs_or(struct needs *needs, const struct needs *other)
{
	struct needs result = {0};
	size_t pairs = needs->count > other->count ? needs->count : other->count;
	for (size_t i = 0; i < pairs && needs->count && other->count; i++) {
		struct clause joint = needs->clauses[i < needs->count ? i : needs->count - 1];
		if (unite(&joint, &other->clauses[i < other->count ? i : other->count - 1]))
			needs_add(&result, &joint);
	}
	*needs = result;
}
