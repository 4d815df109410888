#include "prefilter.h"

#include <stdlib.h>
#include <string.h>

#include "scanner.h"

struct list {
	uint32_t *items;
	size_t count, capacity;
};

struct rule_clauses {
	struct list clauses[RULE_CLAUSES_MAX]; /* literals of the second scanner */
	size_t count;
};

struct prefilter {
	struct scanner *first, *second;
	struct list *rules_of; /* by literal of the first */
	struct rule_clauses *further; /* by rule */
	size_t *clause;               /* by rule: the one that is looked for */
	size_t rules_count;
	struct list marked;    /* rules of which the first clause holds */
	bool *is_marked;
	uint64_t *present;     /* literals of the second, by bit */
};

static void append(struct list *list, uint32_t item)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 4;
		list->items = realloc(list->items, list->capacity * sizeof *list->items);
		if (!list->items)
			abort();
	}
	list->items[list->count++] = item;
}

static void *zeroed(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);
	if (!memory)
		abort();
	return memory;
}

static unsigned clause_price(const struct sample *sample, const struct rule_clause *clause)
{
	unsigned price = 0;
	for (size_t i = 0; i < clause->count; i++)
		price += literal_price(sample, clause->texts[i]);
	return price;
}

/* Texts alone are better than texts or fields, which a whole stream may have. */
static size_t cheapest_clause(const struct sample *sample, const struct rule *rule)
{
	size_t best = rule->clauses_count;
	unsigned least = 0;
	for (size_t i = 0; i < rule->clauses_count; i++) {
		unsigned price = clause_price(sample, &rule->clauses[i]) + (rule->clauses[i].fields_count ? 1u << 30 : 0);
		if (best == rule->clauses_count || price < least) {
			best = i;
			least = price;
		}
	}
	return best;
}

static void add_further(struct prefilter *prefilter, const struct rule *rule, size_t index, size_t first)
{
	struct rule_clauses *further = &prefilter->further[index];
	for (size_t i = 0; i < rule->clauses_count; i++) {
		if (i == first || rule->clauses[i].fields_count)
			continue;
		for (size_t j = 0; j < rule->clauses[i].count; j++)
			append(&further->clauses[further->count], scanner_add(prefilter->second, rule->clauses[i].texts[j]));
		further->count++;
	}
}

struct prefilter *prefilter_new(const struct rule_set *set)
{
	struct prefilter *prefilter = zeroed(1, sizeof *prefilter);
	size_t rules = rule_set_count(set), texts = 0;
	struct sample *sample = sample_new();
	prefilter->first = scanner_new();
	prefilter->second = scanner_new();
	prefilter->rules_count = rules;
	prefilter->further = zeroed(rules, sizeof *prefilter->further);
	prefilter->is_marked = zeroed(rules, sizeof *prefilter->is_marked);
	prefilter->clause = zeroed(rules, sizeof *prefilter->clause);
	for (size_t i = 0; i < rules; i++)
		for (size_t j = 0; j < rule_set_rule(set, i)->clauses_count; j++)
			texts += rule_set_rule(set, i)->clauses[j].count;
	prefilter->rules_of = zeroed(texts, sizeof *prefilter->rules_of);
	for (size_t i = 0; i < rules; i++) {
		const struct rule *rule = rule_set_rule(set, i);
		size_t first = prefilter->clause[i] = cheapest_clause(sample, rule);
		if (first == rule->clauses_count)
			continue;
		for (size_t j = 0; j < rule->clauses[first].count; j++)
			append(&prefilter->rules_of[scanner_add(prefilter->first, rule->clauses[first].texts[j])], (uint32_t)i);
		add_further(prefilter, rule, i, first);
	}
	scanner_build(prefilter->first, sample);
	scanner_build(prefilter->second, sample);
	sample_free(sample);
	prefilter->present = zeroed(scanner_count(prefilter->second) / 64 + 1, sizeof *prefilter->present);
	return prefilter;
}

void prefilter_free(struct prefilter *prefilter)
{
	if (!prefilter)
		return;
	for (size_t i = 0; i < scanner_count(prefilter->first); i++)
		free(prefilter->rules_of[i].items);
	for (size_t i = 0; i < prefilter->rules_count; i++)
		for (size_t j = 0; j < prefilter->further[i].count; j++)
			free(prefilter->further[i].clauses[j].items);
	scanner_free(prefilter->first);
	scanner_free(prefilter->second);
	free(prefilter->rules_of);
	free(prefilter->further);
	free(prefilter->marked.items);
	free(prefilter->is_marked);
	free(prefilter->clause);
	free(prefilter->present);
	free(prefilter);
}

size_t prefilter_clause(const struct prefilter *prefilter, size_t rule)
{
	return prefilter->clause[rule];
}

static void on_first(void *context, uint32_t literal)
{
	struct prefilter *prefilter = context;
	const struct list *rules = &prefilter->rules_of[literal];
	for (size_t i = 0; i < rules->count; i++) {
		uint32_t rule = rules->items[i];
		if (!prefilter->is_marked[rule])
			append(&prefilter->marked, rule);
		prefilter->is_marked[rule] = true;
	}
}

static void on_second(void *context, uint32_t literal)
{
	struct prefilter *prefilter = context;
	prefilter->present[literal / 64] |= 1ull << (literal % 64);
}

static bool clauses_hold(const struct prefilter *prefilter, const struct rule_clauses *further)
{
	for (size_t i = 0; i < further->count; i++) {
		bool holds = false;
		for (size_t j = 0; j < further->clauses[i].count && !holds; j++)
			holds = prefilter->present[further->clauses[i].items[j] / 64] >> (further->clauses[i].items[j] % 64) & 1;
		if (!holds)
			return false;
	}
	return true;
}

void prefilter_scan(struct prefilter *prefilter, struct str text, void (*candidate)(void *context, uint32_t rule), void *context)
{
	bool looked = false;
	scanner_search(prefilter->first, text, on_first, prefilter);
	for (size_t i = 0; i < prefilter->marked.count; i++) {
		uint32_t rule = prefilter->marked.items[i];
		const struct rule_clauses *further = &prefilter->further[rule];
		prefilter->is_marked[rule] = false;
		if (further->count && !looked) {
			memset(prefilter->present, 0, (scanner_count(prefilter->second) / 64 + 1) * sizeof *prefilter->present);
			scanner_search(prefilter->second, text, on_second, prefilter);
			looked = true;
		}
		if (clauses_hold(prefilter, further))
			candidate(context, rule);
	}
	prefilter->marked.count = 0;
}
