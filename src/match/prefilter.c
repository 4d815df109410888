#include "prefilter.h"

#include <stdlib.h>
#include <string.h>

#include "grams.h"
#include "scanner.h"

enum { FIELD_PRICE = 1 << 20 };

struct list {
	uint32_t *items;
	size_t count, capacity;
};

/* A node of a rule's or leaf's tree. Children stand side by side. */
struct check {
	enum rule_need_kind kind;
	struct grams_probe probe; /* of a text */
	uint32_t first, count;
};

struct prefilter {
	struct scanner *scanner;
	struct list *rules_of;  /* by literal of the scanner */
	size_t literals_max;
	struct check *checks;
	size_t checks_count, checks_capacity;
	uint32_t *roots;        /* by rule: index into checks + 1; 0: the chosen literals say it all */
	uint32_t **leaves;      /* by rule and leaf: the same; 0: nothing is known */
	struct str text;        /* of the last scan... */
	bool looked;            /* ...and whether `grams` are of it */
	size_t rules_count;
	struct prefilter_field *fields;
	size_t fields_count, fields_capacity;
	struct list marked;     /* rules of which a chosen literal stands in the text */
	bool *is_marked;
	struct grams grams;
};

static void *zeroed(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);
	if (!memory)
		abort();
	return memory;
}

static void *grown(void *items, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return items;
	*capacity = *capacity ? *capacity * 2 : 8;
	items = realloc(items, *capacity * size);
	if (!items)
		abort();
	return items;
}

static void append(struct list *list, uint32_t item)
{
	list->items = grown(list->items, list->count, &list->capacity, sizeof *list->items);
	list->items[list->count++] = item;
}

/* ---- what is looked for first ---- */

static unsigned price(const struct sample *sample, const struct rule_need *need)
{
	if (need->kind == RULE_NEED_TEXT)
		return literal_price(sample, need->text);
	if (need->kind == RULE_NEED_FIELD)
		return FIELD_PRICE;
	unsigned sum = 0, least = UINT32_MAX;
	for (const struct rule_need *child = need->first; child; child = child->next) {
		unsigned one = price(sample, child);
		sum += one;
		least = one < least ? one : least;
	}
	return need->kind == RULE_NEED_ALL ? least : sum;
}

static void choose(struct prefilter *prefilter, const struct sample *sample, const struct rule_need *need, uint32_t rule)
{
	const struct rule_need *cheapest = need->first;
	unsigned least = UINT32_MAX;
	switch (need->kind) {
	case RULE_NEED_TEXT: {
		uint32_t literal = scanner_add(prefilter->scanner, need->text);
		while (literal >= prefilter->literals_max) {
			size_t old = prefilter->literals_max;
			prefilter->rules_of = grown(prefilter->rules_of, old, &prefilter->literals_max, sizeof *prefilter->rules_of);
			memset(prefilter->rules_of + old, 0, (prefilter->literals_max - old) * sizeof *prefilter->rules_of);
		}
		append(&prefilter->rules_of[literal], rule);
		break;
	}
	case RULE_NEED_FIELD:
		prefilter->fields = grown(prefilter->fields, prefilter->fields_count, &prefilter->fields_capacity, sizeof *prefilter->fields);
		prefilter->fields[prefilter->fields_count++] = (struct prefilter_field){need->field, rule};
		break;
	case RULE_NEED_ANY:
		for (const struct rule_need *child = need->first; child; child = child->next)
			choose(prefilter, sample, child, rule);
		break;
	case RULE_NEED_ALL:
		for (const struct rule_need *child = need->first; child; child = child->next) {
			unsigned one = price(sample, child);
			cheapest = one < least ? child : cheapest;
			least = one < least ? one : least;
		}
		choose(prefilter, sample, cheapest, rule);
		break;
	}
}

/* ---- what must stand there besides ---- */

static void fill(struct prefilter *prefilter, uint32_t at, const struct rule_need *need)
{
	struct check check = {.kind = need->kind, .first = (uint32_t)prefilter->checks_count};
	if (need->kind == RULE_NEED_TEXT)
		check.probe = grams_probe_of(need->text);
	for (const struct rule_need *child = need->first; child; child = child->next, check.count++) {
		prefilter->checks = grown(prefilter->checks, prefilter->checks_count, &prefilter->checks_capacity, sizeof *prefilter->checks);
		prefilter->checks_count++;
	}
	prefilter->checks[at] = check;
	uint32_t index = check.first;
	for (const struct rule_need *child = need->first; child; child = child->next)
		fill(prefilter, index++, child);
}

static uint32_t add_check(struct prefilter *prefilter, const struct rule_need *need)
{
	prefilter->checks = grown(prefilter->checks, prefilter->checks_count, &prefilter->checks_capacity, sizeof *prefilter->checks);
	uint32_t root = (uint32_t)++prefilter->checks_count;
	fill(prefilter, root - 1, need);
	return root;
}

static bool holds(const struct prefilter *prefilter, uint32_t at)
{
	const struct check *check = &prefilter->checks[at];
	if (check->kind == RULE_NEED_TEXT)
		return grams_may_hold(&prefilter->grams, check->probe);
	if (check->kind == RULE_NEED_FIELD)
		return true; /* the record is asked by the rule itself */
	for (uint32_t i = 0; i < check->count; i++)
		if (holds(prefilter, check->first + i) == (check->kind == RULE_NEED_ANY))
			return check->kind == RULE_NEED_ANY;
	return check->kind == RULE_NEED_ALL;
}

/* Any of some literals, all of them chosen: the scanner says it all. */
static bool says_all(const struct rule_need *need)
{
	for (const struct rule_need *child = need->first; child && need->kind == RULE_NEED_ANY; child = child->next)
		if (child->kind != RULE_NEED_TEXT)
			return false;
	return need->kind != RULE_NEED_ALL;
}

/* ---- the door ---- */

static int by_field(const void *a, const void *b)
{
	const struct prefilter_field *x = a, *y = b;
	return x->field != y->field ? (x->field < y->field ? -1 : 1) : x->rule < y->rule ? -1 : x->rule > y->rule;
}

struct prefilter *prefilter_new(const struct rule_set *set)
{
	struct prefilter *prefilter = zeroed(1, sizeof *prefilter);
	struct sample *sample = sample_new();
	size_t rules = rule_set_count(set);
	prefilter->scanner = scanner_new();
	prefilter->rules_count = rules;
	prefilter->roots = zeroed(rules, sizeof *prefilter->roots);
	prefilter->leaves = zeroed(rules, sizeof *prefilter->leaves);
	prefilter->is_marked = zeroed(rules, sizeof *prefilter->is_marked);
	for (uint32_t i = 0; i < rules; i++) {
		const struct rule *rule = rule_set_rule(set, i);
		if (rule->need)
			choose(prefilter, sample, rule->need, i);
		prefilter->roots[i] = rule->need && !says_all(rule->need) ? add_check(prefilter, rule->need) : 0;
		prefilter->leaves[i] = zeroed(rule->leaves_count, sizeof **prefilter->leaves);
		for (size_t j = 0; j < rule->leaves_count; j++)
			prefilter->leaves[i][j] = rule->leaves[j].need ? add_check(prefilter, rule->leaves[j].need) : 0;
	}
	scanner_build(prefilter->scanner, sample);
	sample_free(sample);
	if (prefilter->fields_count)
		qsort(prefilter->fields, prefilter->fields_count, sizeof *prefilter->fields, by_field);
	return prefilter;
}

void prefilter_free(struct prefilter *prefilter)
{
	if (!prefilter)
		return;
	for (size_t i = 0; i < prefilter->literals_max; i++)
		free(prefilter->rules_of[i].items);
	for (size_t i = 0; i < prefilter->rules_count; i++)
		free(prefilter->leaves[i]);
	free(prefilter->leaves);
	scanner_free(prefilter->scanner);
	free(prefilter->rules_of);
	free(prefilter->checks);
	free(prefilter->roots);
	free(prefilter->fields);
	free(prefilter->marked.items);
	free(prefilter->is_marked);
	free(prefilter);
}

const struct prefilter_field *prefilter_fields(const struct prefilter *prefilter, size_t *out_count)
{
	*out_count = prefilter->fields_count;
	return prefilter->fields;
}

static void on_literal(void *context, uint32_t literal)
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

static bool check_holds(struct prefilter *prefilter, uint32_t root)
{
	if (!root)
		return true;
	if (!prefilter->looked) {
		grams_of_text(&prefilter->grams, prefilter->text);
		prefilter->looked = true;
	}
	return holds(prefilter, root - 1);
}

bool prefilter_leaf(struct prefilter *prefilter, uint32_t rule, size_t leaf)
{
	return check_holds(prefilter, prefilter->leaves[rule][leaf]);
}

void prefilter_scan(struct prefilter *prefilter, struct str text, void (*candidate)(void *context, uint32_t rule), void *context)
{
	prefilter->text = text;
	prefilter->looked = false;
	scanner_search(prefilter->scanner, text, on_literal, prefilter);
	for (size_t i = 0; i < prefilter->marked.count; i++) {
		uint32_t rule = prefilter->marked.items[i];
		prefilter->is_marked[rule] = false;
		if (check_holds(prefilter, prefilter->roots[rule]))
			candidate(context, rule);
	}
	prefilter->marked.count = 0;
}
