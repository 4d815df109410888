/* Text and fields -> hits. A literal prefilter in front of PCRE2 (JIT, with match, depth and heap limits): the same hits as
 * PCRE2 alone, at a cost that hardly grows with the number of rules (src/match/prefilter.h says how). Texts that are no UTF-8 are
 * matched with each bad byte as '?'. A matcher is one thread's; many may share one rule set.
 *
 * A rule that a limit stopped did not match, and stands in `troubles`. One that is stopped in more than 1 % of its tries, and 16 times
 * at least, is suspended: it is asked no more by this matcher. */
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

struct rule_trouble {
	const struct rule_info *rule;
	uint64_t tries, limited; /* so far */
	bool suspended;          /* by this very record */
};

struct hit_list {
	struct hit *items;       /* best first: per class the most specific rule is first */
	size_t count;
	const struct rule_trouble *troubles; /* rules that exceeded their limits on this text */
	size_t troubles_count;
};

struct matcher;
struct matcher *matcher_new(const struct rule_set *set);
void matcher_free(struct matcher *matcher);
/* One hit per class (the most specific rule), or every hit with `all`. Valid until the next call. */
void match_record(struct matcher *matcher, const struct record *record, bool all, struct hit_list *out);
/* The same without the prefilter: the oracle of the differential test. */
void match_record_slow(struct matcher *matcher, const struct record *record, bool all, struct hit_list *out);

/* A test of a rule that did not come out as it says. */
struct rule_failure {
	const struct rule *rule;
	const struct rule_test *test;
	struct str text;         /* what was expected and what came, in one line */
	struct str detail;       /* lines: each part of the detection, and where its regular expression stopped matching; may be empty */
	const struct rule_info *winner; /* the rule that speaks in its place: the test proves nothing about this one; NULL: none */
	bool direction;          /* the direction is another one */
};
/* Runs the tests that stand beside the rules, through the shipped decoder and matcher. `failed` gets each failure, `passed` (may be NULL)
 * each test that is sound. Returns the number of tests run. */
size_t rule_tests_run(const struct rule_set *set, void (*failed)(void *context, const struct rule_failure *failure),
	void (*passed)(void *context, const struct rule *rule, const struct rule_test *test), void *context);

/* What only matching can show, as warnings: tests that another rule wins, directions that their own tests contradict, costly regular
 * expressions (measured against the limits). */
void rule_set_review(const struct rule_set *set, struct diag_list *diags);
/* Asks one rule about each line of a sample of ordinary log text, and says how many there are: for a caller with a clock, who wants to
 * know what a rule costs that nothing can be looked for (rule->need == NULL). */
size_t rule_try_on_sample(const struct rule_set *set, size_t index);

#endif
