#include "skewline/match.h"

#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "prefilter.h"
#include "read.h"
#include "text.h"

enum { SUSPEND_LEAST = 16, SUSPEND_SHARE = 100 }; /* one try in so many */

/* How a rule has fared. */
struct fate {
	uint64_t tries, limited;
	bool suspended;
};

struct matcher {
	const struct rule_set *set;
	struct prefilter *prefilter;
	struct evaluator *evaluator;
	uint32_t *always;        /* rules of which nothing is known */
	size_t always_count;
	struct { size_t field; uint32_t rule; } *gated; /* rules to ask when the record has a field, by field */
	size_t gated_count;
	uint32_t *marked;        /* the turn in which a rule was marked */
	uint32_t turn;
	uint32_t *candidates;
	size_t candidates_count;
	struct hit *hits;
	size_t hits_count;
	struct fate *fates;
	struct rule_trouble *troubles;
	size_t troubles_count;
	struct buffer valid;     /* a message that was no UTF-8, made valid */
};

static void *zeroed(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);
	if (!memory)
		abort();
	return memory;
}

/* The fields of the clause that is looked for. */
static void list_gated(struct matcher *matcher)
{
	size_t rules = rule_set_count(matcher->set), fields;
	rule_set_fields(matcher->set, &fields);
	matcher->gated = zeroed(rules * RULE_FIELDS_MAX, sizeof *matcher->gated);
	for (size_t field = 0; field < fields; field++)
		for (size_t i = 0; i < rules; i++) {
			const struct rule *rule = rule_set_rule(matcher->set, i);
			size_t first = prefilter_clause(matcher->prefilter, i);
			for (size_t j = 0; first < rule->clauses_count && j < rule->clauses[first].fields_count; j++) {
				if (rule->clauses[first].fields[j] != field)
					continue;
				matcher->gated[matcher->gated_count].field = field;
				matcher->gated[matcher->gated_count++].rule = (uint32_t)i;
			}
		}
}

struct matcher *matcher_new(const struct rule_set *set)
{
	size_t count = rule_set_count(set);
	struct matcher *matcher = zeroed(1, sizeof *matcher);
	matcher->set = set;
	matcher->prefilter = prefilter_new(set);
	matcher->evaluator = evaluator_new();
	matcher->always = zeroed(count, sizeof *matcher->always);
	matcher->marked = zeroed(count, sizeof *matcher->marked);
	matcher->candidates = zeroed(count, sizeof *matcher->candidates);
	matcher->hits = zeroed(count, sizeof *matcher->hits);
	matcher->fates = zeroed(count, sizeof *matcher->fates);
	matcher->troubles = zeroed(count, sizeof *matcher->troubles);
	for (size_t i = 0; i < count; i++)
		if (prefilter_clause(matcher->prefilter, i) == rule_set_rule(set, i)->clauses_count)
			matcher->always[matcher->always_count++] = (uint32_t)i;
	list_gated(matcher);
	return matcher;
}

void matcher_free(struct matcher *matcher)
{
	if (!matcher)
		return;
	prefilter_free(matcher->prefilter);
	evaluator_free(matcher->evaluator);
	free(matcher->always);
	free(matcher->fates);
	free(matcher->troubles);
	buffer_release(&matcher->valid);
	free(matcher->gated);
	free(matcher->marked);
	free(matcher->candidates);
	free(matcher->hits);
	free(matcher);
}

static void mark(void *context, uint32_t rule)
{
	struct matcher *matcher = context;
	if (matcher->marked[rule] == matcher->turn)
		return;
	matcher->marked[rule] = matcher->turn;
	matcher->candidates[matcher->candidates_count++] = rule;
}

static void mark_by_fields(struct matcher *matcher, const struct record *record)
{
	size_t asked = SIZE_MAX;
	bool there = false;
	for (size_t i = 0; i < matcher->gated_count; i++) {
		if (matcher->gated[i].field != asked) {
			asked = matcher->gated[i].field;
			there = record_has_field(record, asked);
		}
		if (there)
			mark(matcher, matcher->gated[i].rule);
	}
}

static void next_turn(struct matcher *matcher)
{
	matcher->candidates_count = matcher->hits_count = matcher->troubles_count = 0;
	if (++matcher->turn == 0) { /* after 2^32 records: old marks would look new */
		memset(matcher->marked, 0, rule_set_count(matcher->set) * sizeof *matcher->marked);
		matcher->turn = 1;
	}
}

/* Best first: the order in which rules speak for their class. */
static int by_rank(const void *a, const void *b)
{
	const struct hit *left = a, *right = b;
	if (left->class != right->class)
		return left->class < right->class ? -1 : 1;
	if (left->rule->specificity != right->rule->specificity)
		return left->rule->specificity > right->rule->specificity ? -1 : 1;
	return str_compare(left->rule->id, right->rule->id);
}

static void keep_best_of_each_class(struct matcher *matcher)
{
	size_t kept = 0;
	bool named = false; /* a product's own rule speaks: the structural layer is silent, in every class */
	for (size_t i = 0; i < matcher->hits_count; i++)
		named = named || !matcher->hits[i].rule->structural;
	for (size_t i = 0; i < matcher->hits_count; i++) {
		const struct hit *hit = &matcher->hits[i];
		bool best = kept == 0 || matcher->hits[kept - 1].class != hit->class;
		if (best && !(named && hit->rule->structural))
			matcher->hits[kept++] = *hit;
	}
	matcher->hits_count = kept;
}

static void note_trouble(struct matcher *matcher, uint32_t index)
{
	struct fate *fate = &matcher->fates[index];
	fate->limited++;
	fate->suspended = fate->limited >= SUSPEND_LEAST && fate->limited * SUSPEND_SHARE > fate->tries;
	matcher->troubles[matcher->troubles_count++] = (struct rule_trouble){&rule_set_rule(matcher->set, index)->info, fate->tries, fate->limited, fate->suspended};
}

static void ask_candidate(struct matcher *matcher, uint32_t index, const struct record *record)
{
	const struct rule *rule = rule_set_rule(matcher->set, index);
	struct captures captures;
	bool limited = false;
	if (matcher->fates[index].suspended)
		return;
	matcher->fates[index].tries++;
	bool matches = evaluate(matcher->evaluator, rule, record, &captures, &limited);
	if (limited)
		note_trouble(matcher, index);
	if (!matches || !read_in_order(rule, &captures, record))
		return;
	struct hit *hit = &matcher->hits[matcher->hits_count++];
	read_hit(rule, &captures, record, hit);
	hit->rule_index = index;
}

static void ask_candidates(struct matcher *matcher, const struct record *record, bool all, struct hit_list *out)
{
	for (size_t i = 0; i < matcher->candidates_count; i++)
		ask_candidate(matcher, matcher->candidates[i], record);
	if (matcher->hits_count > 1) {
		qsort(matcher->hits, matcher->hits_count, sizeof *matcher->hits, by_rank);
		if (!all)
			keep_best_of_each_class(matcher);
	}
	*out = (struct hit_list){matcher->hits, matcher->hits_count, matcher->troubles, matcher->troubles_count};
}

static void mark_all(struct matcher *matcher)
{
	for (uint32_t i = 0; i < rule_set_count(matcher->set); i++)
		mark(matcher, i);
}

static void mark_candidates(struct matcher *matcher, const struct record *record)
{
	for (size_t i = 0; i < matcher->always_count; i++)
		mark(matcher, matcher->always[i]);
	mark_by_fields(matcher, record);
	prefilter_scan(matcher->prefilter, record->message, mark, matcher);
}

static void match(struct matcher *matcher, const struct record *record, bool filtered, bool all, struct hit_list *out)
{
	bool ascii = text_ascii(record->message) == record->message.size;
	struct record valid;
	if (!ascii && !str_is_utf8(record->message, NULL)) {
		valid = *record;
		valid.message = text_made_valid(record->message, &matcher->valid);
		record = &valid;
	}
	next_turn(matcher);
	if (!filtered || (!ascii && text_hides_literals(record->message)))
		mark_all(matcher);
	else
		mark_candidates(matcher, record);
	ask_candidates(matcher, record, all, out);
}

void match_record(struct matcher *matcher, const struct record *record, bool all, struct hit_list *out)
{
	match(matcher, record, true, all, out);
}

void match_record_slow(struct matcher *matcher, const struct record *record, bool all, struct hit_list *out)
{
	match(matcher, record, false, all, out);
}
