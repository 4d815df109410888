/* Text and fields -> hits. A literal prefilter in front of PCRE2 (JIT, with match, depth and heap limits): the same hits as
 * PCRE2 alone, at a cost flat in the number of rules (limits.md 2; src/match/README.md says how).
 * A matcher is one thread's; many may share one rule set. */
#ifndef SKEWLINE_MATCH_H
#define SKEWLINE_MATCH_H

#include "skewline/decode.h"
#include "skewline/rule.h"

struct hit {
	const struct rule_info *rule;
	size_t rule_index;
	enum symptom_class class;
	enum direction direction;
	enum symptom_subject subject;
	enum symptom_shape shape;
	enum issuer issuer;
	enum magnitude_kind magnitude_kind;
	struct span magnitude;   /* >= 0 */
	bool step_known;         /* of a jump: what was added to the clock */
	struct span step;
	struct str peer;         /* as written; a view into the record or the matcher's scratch */
};

struct hit_list {
	struct hit *items;       /* best first: per class the most specific rule is first */
	size_t count;
	bool limited;            /* some rule exceeded its limits on this text */
};

struct matcher;
struct matcher *matcher_new(const struct rule_set *set);
void matcher_free(struct matcher *matcher);
/* One hit per class (the most specific rule), or every hit with `all`. Valid until the next call. */
void match_record(struct matcher *matcher, const struct record *record, bool all, struct hit_list *out);
/* The same without the prefilter: the oracle of the differential test. */
void match_record_slow(struct matcher *matcher, const struct record *record, bool all, struct hit_list *out);

/* Runs the tests that stand beside the rules, through the shipped matcher. `failed` gets each failure: rule, line, and a text that
 * says what was expected and what came. Returns the number of tests run. */
size_t rule_tests_run(const struct rule_set *set, void (*failed)(void *context, const struct rule *rule, const struct rule_test *test, struct str text),
	void *context);

#endif
