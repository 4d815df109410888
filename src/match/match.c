#include "skewline/match.h"

#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "allocate.h"
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
	uint32_t *marked;        /* the turn in which a rule was marked */
	uint32_t turn;
	uint32_t *candidates;
	size_t candidates_count;
	struct hit *hits;
	size_t hits_count;
	struct fate *fates;
	uint32_t *ranks;         /* by rule: its place in the order in which rules speak, class by class */
	struct rule_trouble *troubles;
	size_t troubles_count;
	struct buffer valid;     /* a message that was no UTF-8, made valid */
};

struct ranked {
	const struct rule_info *info;
	uint32_t rule;
};

/* Within a class the most specific rule speaks; of equals the one with the smaller id. */
static int by_class(const struct rule_info *left, const struct rule_info *right)
{
	if (left->class != right->class)
		return left->class < right->class ? -1 : 1;
	if (left->specificity != right->specificity)
		return left->specificity > right->specificity ? -1 : 1;
	return str_compare(left->id, right->id);
}

/* The structural layer comes last. */
static int by_rank(const void *a, const void *b)
{
	const struct rule_info *left = ((const struct ranked *)a)->info, *right = ((const struct ranked *)b)->info;
	return left->structural != right->structural ? (left->structural ? 1 : -1) : by_class(left, right);
}

static int hits_by_class(const void *a, const void *b)
{
	return by_class(((const struct hit *)a)->rule, ((const struct hit *)b)->rule);
}

static void rank_rules(struct matcher *matcher, size_t count)
{
	struct ranked *order = zeroed(count, sizeof *order);
	matcher->ranks = zeroed(count, sizeof *matcher->ranks);
	for (uint32_t i = 0; i < count; i++)
		order[i] = (struct ranked){&rule_set_rule(matcher->set, i)->info, i};
	qsort(order, count, sizeof *order, by_rank);
	for (uint32_t i = 0; i < count; i++)
		matcher->ranks[order[i].rule] = i;
	free(order);
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
	rank_rules(matcher, count);
	matcher->fates = zeroed(count, sizeof *matcher->fates);
	matcher->troubles = zeroed(count, sizeof *matcher->troubles);
	for (size_t i = 0; i < count; i++)
		if (!rule_set_rule(set, i)->need)
			matcher->always[matcher->always_count++] = (uint32_t)i;
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
	free(matcher->ranks);
	free(matcher->troubles);
	buffer_release(&matcher->valid);
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
	size_t count, asked = SIZE_MAX;
	const struct prefilter_field *fields = prefilter_fields(matcher->prefilter, &count);
	bool there = false;
	for (size_t i = 0; i < count; i++) {
		if (fields[i].field != asked) {
			asked = fields[i].field;
			there = record_has_field(record, asked);
		}
		if (there)
			mark(matcher, fields[i].rule);
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

static void note_trouble(struct matcher *matcher, uint32_t index)
{
	struct fate *fate = &matcher->fates[index];
	fate->limited++;
	fate->suspended = fate->limited >= SUSPEND_LEAST && fate->limited * SUSPEND_SHARE > fate->tries;
	matcher->troubles[matcher->troubles_count++] = (struct rule_trouble){&rule_set_rule(matcher->set, index)->info, fate->tries, fate->limited, fate->suspended};
}

struct asked {
	struct prefilter *prefilter;
	uint32_t rule;
};

static bool leaf_is_possible(const void *context, size_t leaf)
{
	const struct asked *asked = context;
	return prefilter_leaf(asked->prefilter, asked->rule, leaf);
}

static void ask_candidate(struct matcher *matcher, uint32_t index, const struct record *record, bool filtered)
{
	const struct asked asked = {matcher->prefilter, index};
	const struct possible possible = {leaf_is_possible, &asked};
	const struct rule *rule = rule_set_rule(matcher->set, index);
	struct captures captures;
	bool limited = false;
	if (matcher->fates[index].suspended)
		return;
	matcher->fates[index].tries++;
	bool matches = evaluate(matcher->evaluator, rule, record, filtered ? &possible : NULL, &captures, &limited);
	if (limited)
		note_trouble(matcher, index);
	if (!matches || !read_in_order(rule, &captures, record))
		return;
	struct hit *hit = &matcher->hits[matcher->hits_count++];
	read_hit(rule, &captures, record, hit);
	hit->rule_index = index;
}

/* Few rules: by insertion. */
static void sort_candidates(struct matcher *matcher)
{
	uint32_t *items = matcher->candidates;
	for (size_t i = 1; i < matcher->candidates_count; i++) {
		uint32_t rule = items[i];
		size_t j = i;
		for (; j > 0 && matcher->ranks[items[j - 1]] > matcher->ranks[rule]; j--)
			items[j] = items[j - 1];
		items[j] = rule;
	}
}

/* A better rule has spoken: another one for the class, or a product's own, before which the structural layer is silent in every class. */
static bool outspoken(const struct matcher *matcher, const struct rule_info *info)
{
	const struct hit *last = matcher->hits_count ? &matcher->hits[matcher->hits_count - 1] : NULL;
	return last && (last->class == info->class || (info->structural && !last->rule->structural));
}

/* In the order of their ranks, so that rules that would not be heard need not be asked. */
static void ask_candidates(struct matcher *matcher, const struct record *record, bool filtered, bool all, struct hit_list *out)
{
	sort_candidates(matcher);
	for (size_t i = 0; i < matcher->candidates_count; i++)
		if (all || !outspoken(matcher, &rule_set_rule(matcher->set, matcher->candidates[i])->info))
			ask_candidate(matcher, matcher->candidates[i], record, filtered);
	if (matcher->hits_count > 1)
		qsort(matcher->hits, matcher->hits_count, sizeof *matcher->hits, hits_by_class);
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
	prefilter_scan(matcher->prefilter, record->message, record->program, mark, matcher);
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
	filtered = filtered && (ascii || !text_hides_literals(record->message));
	if (filtered)
		mark_candidates(matcher, record);
	else
		mark_all(matcher);
	ask_candidates(matcher, record, filtered, all, out);
}

void match_record(struct matcher *matcher, const struct record *record, bool all, struct hit_list *out)
{
	match(matcher, record, true, all, out);
}

void match_record_slow(struct matcher *matcher, const struct record *record, bool all, struct hit_list *out)
{
	match(matcher, record, false, all, out);
}
