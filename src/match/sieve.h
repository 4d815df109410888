/* Which of many trees of texts (rule.h: struct rule_need) can hold for a message, for messages of which more must be known than that some
 * literal stands in them.
 *
 * The message's three-byte pieces are gathered once (grams.h); a text whose pieces are not among them does not stand there. Most texts of most
 * trees fail at their rarest piece, which is asked first: one test of one bit. What the record says elsewhere, in a field or as its program,
 * counts as there: the rule itself asks. */
#ifndef MATCH_SIEVE_H
#define MATCH_SIEVE_H

#include "skewline/rule.h"

struct sieve;
struct sieve *sieve_new(void);
void sieve_free(struct sieve *sieve);
/* The numbers of trees that hold always, and never. */
#define SIEVE_YES UINT32_MAX
#define SIEVE_NO (UINT32_MAX - 1)
/* The tree's number. `certain`: a child of it that is known to hold whenever it is asked; or NULL. */
uint32_t sieve_add(struct sieve *sieve, const struct rule_need *need, const struct rule_need *certain);
void sieve_read(struct sieve *sieve, struct str text);
/* Of the text that was read last: false only when the tree cannot hold. */
bool sieve_holds(const struct sieve *sieve, uint32_t tree);

#endif
