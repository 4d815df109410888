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

/* `field_text` answers for the fields beyond the built-in ones. `out_limited` is set when a limit stopped a leaf. */
bool evaluate(struct evaluator *evaluator, const struct rule *rule, const struct record *record,
	bool (*field_text)(const struct record *record, size_t wanted, struct str *out), struct captures *out, bool *out_limited);

#endif
