/* Which rules can match a message at all: those of which every clause has a literal in it (ASCII case folded).
 *
 * Of each rule's clauses the cheapest is looked for in every message. Only when one of its literals stands there are the literals of all
 * further clauses looked for, once for the message, and the rules that lack one are dropped before PCRE2 sees them. */
#ifndef MATCH_PREFILTER_H
#define MATCH_PREFILTER_H

#include "skewline/rule.h"

struct prefilter;
struct prefilter *prefilter_new(const struct rule_set *set);
void prefilter_free(struct prefilter *prefilter);
/* Calls `candidate` for the rules that may match, each rule possibly more than once. Rules without a clause of texts are not among them. */
void prefilter_scan(struct prefilter *prefilter, struct str text, void (*candidate)(void *context, uint32_t rule), void *context);
/* The clause that is looked for: an index into the rule's clauses; rule->clauses_count when there is none. */
size_t prefilter_clause(const struct prefilter *prefilter, size_t rule);

#endif
