#include "prefilter.h"

#include <stdlib.h>
#include <string.h>

#include "allocate.h"
#include "scanner.h"
#include "sieve.h"
#include "text.h"

enum { FIELD_PRICE = 1 << 20, PROGRAM_PRICE = 1000, PRICE_MAX = 1 << 30 }; /* PRICE_MAX: too short to be searched for */

struct list {
	uint32_t *items;
	size_t count, capacity;
};

/* Chosen literals. */
struct index {
	struct scanner *scanner;
	struct list *rules_of; /* by literal of the scanner */
	size_t literals_max;
};

struct prefilter {
	struct index messages, programs;
	struct list by_program; /* rules of `programs` */
	struct sieve *sieve;    /* what must stand there besides */
	uint32_t *roots;        /* by rule: its tree in the sieve */
	uint32_t **leaves;      /* by rule and leaf: the same */
	struct str text;        /* of the last scan... */
	bool looked;            /* ...and whether the sieve has read it */
	size_t rules_count;
	struct prefilter_field *fields;
	size_t fields_count, fields_capacity;
	struct list marked;     /* rules of which a chosen literal stands in the text */
	bool *is_marked;
};

static void append(struct list *list, uint32_t item)
{
	list->items = grown(list->items, list->count, &list->capacity, sizeof *list->items);
	list->items[list->count++] = item;
}

/* ---- what is looked for first ---- */

static struct literal literal_of(const struct rule_need *need)
{
	return (struct literal){need->text, need->begins_word, need->ends_word};
}

static unsigned price(const struct sample *sample, const struct rule_need *need)
{
	if (need->kind == RULE_NEED_TEXT)
		return need->text.size < RULE_NEED_SEARCHED ? PRICE_MAX : need->of_program ? PROGRAM_PRICE : literal_price(sample, literal_of(need));
	if (need->kind == RULE_NEED_FIELD)
		return FIELD_PRICE;
	unsigned sum = 0, least = PRICE_MAX;
	for (const struct rule_need *child = need->first; child; child = child->next) {
		unsigned one = price(sample, child);
		sum = sum + one < PRICE_MAX ? sum + one : PRICE_MAX;
		least = one < least ? one : least;
	}
	return need->kind == RULE_NEED_ALL ? least : sum;
}

/* Of the children, one. */
static const struct rule_need *cheapest(const struct sample *sample, const struct rule_need *need)
{
	const struct rule_need *best = need->first;
	unsigned least = PRICE_MAX;
	for (const struct rule_need *child = need->first; child; child = child->next) {
		unsigned one = price(sample, child);
		best = one < least ? child : best;
		least = one < least ? one : least;
	}
	return best;
}

static void add_literal(struct index *index, struct literal added, uint32_t rule)
{
	uint32_t literal = scanner_add(index->scanner, added);
	while (literal >= index->literals_max) {
		size_t old = index->literals_max;
		index->rules_of = grown(index->rules_of, old, &index->literals_max, sizeof *index->rules_of);
		memset(index->rules_of + old, 0, (index->literals_max - old) * sizeof *index->rules_of);
	}
	append(&index->rules_of[literal], rule);
}

static void choose(struct prefilter *prefilter, const struct sample *sample, const struct rule_need *need, uint32_t rule)
{
	switch (need->kind) {
	case RULE_NEED_TEXT:
		add_literal(need->of_program ? &prefilter->programs : &prefilter->messages, literal_of(need), rule);
		if (need->of_program)
			append(&prefilter->by_program, rule);
		break;
	case RULE_NEED_FIELD:
		prefilter->fields = grown(prefilter->fields, prefilter->fields_count, &prefilter->fields_capacity, sizeof *prefilter->fields);
		prefilter->fields[prefilter->fields_count++] = (struct prefilter_field){need->field, rule};
		break;
	case RULE_NEED_ANY:
		for (const struct rule_need *child = need->first; child; child = child->next)
			choose(prefilter, sample, child, rule);
		break;
	case RULE_NEED_ALL:
		choose(prefilter, sample, cheapest(sample, need), rule);
		break;
	}
}

/* Any of some literals, all of them chosen: the scanner says it all. */
static bool says_all(const struct rule_need *need)
{
	for (const struct rule_need *child = need->first; child && need->kind == RULE_NEED_ANY; child = child->next)
		if (child->kind != RULE_NEED_TEXT)
			return false;
	return need->kind != RULE_NEED_ALL;
}

/* Chooses what is looked for, and gives to the sieve what must stand there besides: of "all", everything but what is certain then. */
static uint32_t place(struct prefilter *prefilter, const struct sample *sample, const struct rule_need *need, uint32_t rule)
{
	const struct rule_need *chosen = need->kind == RULE_NEED_ALL ? cheapest(sample, need) : need;
	choose(prefilter, sample, chosen, rule);
	return says_all(need) ? SIEVE_YES : sieve_add(prefilter->sieve, need, says_all(chosen) ? chosen : NULL);
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
	prefilter->messages.scanner = scanner_new();
	prefilter->programs.scanner = scanner_new();
	prefilter->sieve = sieve_new();
	prefilter->rules_count = rules;
	prefilter->roots = zeroed(rules, sizeof *prefilter->roots);
	prefilter->leaves = zeroed(rules, sizeof *prefilter->leaves);
	prefilter->is_marked = zeroed(rules, sizeof *prefilter->is_marked);
	for (uint32_t i = 0; i < rules; i++) {
		const struct rule *rule = rule_set_rule(set, i);
		prefilter->roots[i] = rule->need ? place(prefilter, sample, rule->need, i) : SIEVE_YES;
		prefilter->leaves[i] = zeroed(rule->leaves_count, sizeof **prefilter->leaves);
		for (size_t j = 0; j < rule->leaves_count; j++)
			prefilter->leaves[i][j] = rule->leaves[j].need ? sieve_add(prefilter->sieve, rule->leaves[j].need, NULL) : SIEVE_YES;
	}
	scanner_build(prefilter->messages.scanner, sample);
	scanner_build(prefilter->programs.scanner, sample);
	sample_free(sample);
	if (prefilter->fields_count)
		qsort(prefilter->fields, prefilter->fields_count, sizeof *prefilter->fields, by_field);
	return prefilter;
}

static void index_release(struct index *index)
{
	for (size_t i = 0; i < index->literals_max; i++)
		free(index->rules_of[i].items);
	free(index->rules_of);
	scanner_free(index->scanner);
}

void prefilter_free(struct prefilter *prefilter)
{
	if (!prefilter)
		return;
	index_release(&prefilter->messages);
	index_release(&prefilter->programs);
	for (size_t i = 0; i < prefilter->rules_count; i++)
		free(prefilter->leaves[i]);
	free(prefilter->leaves);
	free(prefilter->by_program.items);
	sieve_free(prefilter->sieve);
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

static void mark(struct prefilter *prefilter, const struct list *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		uint32_t rule = rules->items[i];
		if (!prefilter->is_marked[rule])
			append(&prefilter->marked, rule);
		prefilter->is_marked[rule] = true;
	}
}

static void in_message(void *context, uint32_t literal)
{
	struct prefilter *prefilter = context;
	mark(prefilter, &prefilter->messages.rules_of[literal]);
}

static void in_program(void *context, uint32_t literal)
{
	struct prefilter *prefilter = context;
	mark(prefilter, &prefilter->programs.rules_of[literal]);
}

/* Letters outside ASCII may fold to ones of a literal. */
static void mark_by_program(struct prefilter *prefilter, struct str program)
{
	if (text_ascii(program) < program.size)
		mark(prefilter, &prefilter->by_program);
	else if (prefilter->by_program.count)
		scanner_search(prefilter->programs.scanner, program, in_program, prefilter);
}

static bool check_holds(struct prefilter *prefilter, uint32_t root)
{
	if (root == SIEVE_YES)
		return true;
	if (!prefilter->looked) {
		sieve_read(prefilter->sieve, prefilter->text);
		prefilter->looked = true;
	}
	return sieve_holds(prefilter->sieve, root);
}

bool prefilter_leaf(struct prefilter *prefilter, uint32_t rule, size_t leaf)
{
	return check_holds(prefilter, prefilter->leaves[rule][leaf]);
}

void prefilter_scan(struct prefilter *prefilter, struct str text, struct str program, void (*candidate)(void *context, uint32_t rule), void *context)
{
	prefilter->text = text;
	prefilter->looked = false;
	scanner_search(prefilter->messages.scanner, text, in_message, prefilter);
	mark_by_program(prefilter, program);
	for (size_t i = 0; i < prefilter->marked.count; i++) {
		uint32_t rule = prefilter->marked.items[i];
		prefilter->is_marked[rule] = false;
		if (check_holds(prefilter, prefilter->roots[rule]))
			candidate(context, rule);
	}
	prefilter->marked.count = 0;
}

struct look {
	const struct prefilter *prefilter;
	void (*found)(void *context, uint32_t rule, struct str literal);
	void *context;
};

static void tell(void *context, uint32_t literal)
{
	const struct look *look = context;
	const struct list *rules = &look->prefilter->messages.rules_of[literal];
	for (size_t i = 0; i < rules->count; i++)
		look->found(look->context, rules->items[i], scanner_literal(look->prefilter->messages.scanner, literal));
}

void prefilter_look(struct prefilter *prefilter, struct str text, void (*found)(void *context, uint32_t rule, struct str literal), void *context)
{
	struct look look = {prefilter, found, context};
	scanner_search(prefilter->messages.scanner, text, tell, &look);
}
