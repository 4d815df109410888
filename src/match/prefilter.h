/* Which rules can match a message at all: those of which a required literal stands in it (ASCII case folded).
 *
 * Of each literal the rarest five bytes are taken; their two adjacent 4-grams go into a bitmap. The text is tested at every
 * second byte, so exactly one of the two is met wherever the literal stands. A set bit leads to the literals of that gram, which are
 * compared whole. The cost is one multiplication and one bit test per two bytes, whatever the number of rules. */
#ifndef MATCH_PREFILTER_H
#define MATCH_PREFILTER_H

#include "skewline/rule.h"

struct prefilter;
struct prefilter *prefilter_new(const struct rule_set *set);
void prefilter_free(struct prefilter *prefilter);
/* Calls `candidate` for the rules that may match, each rule possibly more than once. Rules without literals are not among them. */
void prefilter_scan(const struct prefilter *prefilter, struct str text, void (*candidate)(void *context, uint32_t rule), void *context);
/* Characters outside ASCII that fold to ASCII letters (U+017F, U+212A) may hide a literal: such a text is not to be filtered. */
bool prefilter_blind(struct str text);

#endif
