/* Which rules can match a record at all: those of which enough literals stand in its message and its program's name (ASCII case folded).
 *
 * What a rule needs is a tree of literals, all of some and any of some (rule.h). Of each rule the cheapest choice of literals is looked for in
 * every record: of "all" one child, of "any" every child. Only when one of them stands there, the message's
 * three-byte pieces are gathered (sieve.h), and a rule whose tree cannot hold is dropped before PCRE2 sees it; of the others only those leaves
 * are asked of which the own tree can hold. */
#ifndef MATCH_PREFILTER_H
#define MATCH_PREFILTER_H

#include "skewline/rule.h"

struct prefilter;
struct prefilter *prefilter_new(const struct rule_set *set);
void prefilter_free(struct prefilter *prefilter);
/* Calls `candidate` for the rules that may match, each rule possibly more than once; rules that need nothing, or for which a field was chosen
 * (prefilter_fields) may match besides. */
void prefilter_scan(struct prefilter *prefilter, struct str text, struct str program, void (*candidate)(void *context, uint32_t rule), void *context);
/* Calls `found` for each chosen literal that stands in the text and each rule it was chosen for: these the text is looked through again for. */
void prefilter_look(struct prefilter *prefilter, struct str text, void (*found)(void *context, uint32_t rule, struct str literal), void *context);
/* Whether a leaf of a rule can match the text of the last scan. Looks the text through again when it is asked first. */
bool prefilter_leaf(struct prefilter *prefilter, uint32_t rule, size_t leaf);
/* Record fields one of which stands for a rule's choice: (field, rule), by field. */
struct prefilter_field {
	size_t field;
	uint32_t rule;
};
const struct prefilter_field *prefilter_fields(const struct prefilter *prefilter, size_t *out_count);

#endif
