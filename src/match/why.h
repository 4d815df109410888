/* Why a rule matched a record, or did not: each part of its detection, and where a regular expression stopped. */
#ifndef MATCH_WHY_H
#define MATCH_WHY_H

#include "evaluate.h"

/* Lines for people. */
void explain_rule(struct evaluator *evaluator, const struct rule *rule, const struct record *record, struct buffer *out);

/* The longest beginning of the pattern (of one of its alternatives) that still matches the text. */
struct stop {
	size_t pattern_offset, text_offset;
	bool any; /* false: not even its first part matches */
};
struct stop where_it_stops(struct str pattern, uint32_t flags, struct str text);

#endif
