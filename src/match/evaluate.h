/* One rule against one record: its condition tree, asked leaf by leaf. */
#ifndef MATCH_EVALUATE_H
#define MATCH_EVALUATE_H

#include "skewline/decode.h"
#include "skewline/rule.h"

struct evaluator;
struct evaluator *evaluator_new(void);
void evaluator_free(struct evaluator *evaluator);

/* What a match captured: the rule's named groups; an empty view with a null pointer where a group took no part. */
struct captures {
	struct str groups[RULE_GROUPS_MAX];
};

/* Which of a rule's leaves can match this message at all, by leaf; NULL: all. */
struct possible {
	bool (*leaf)(const void *context, size_t leaf);
	const void *context;
};
/* `out_limited` is set when a limit stopped a leaf. The record's message is valid UTF-8. */
bool evaluate(struct evaluator *evaluator, const struct rule *rule, const struct record *record, const struct possible *possible, struct captures *out,
	bool *out_limited);
/* One leaf alone. */
bool evaluate_leaf(struct evaluator *evaluator, const struct rule *rule, const struct rule_leaf *leaf, const struct record *record);
/* A compiled expression on one text: PCRE2's result, under the evaluator's limits. */
int evaluate_regex(struct evaluator *evaluator, struct rule_regex *regex, struct str text);
/* What a leaf looks at; false when the record has none. */
bool leaf_text(const struct rule_leaf *leaf, const struct record *record, struct str *out);

#endif
