/* Finds which of many literals stand in a text (ASCII case folded), at a cost that does not grow with their number. A literal may be asked
 * for as the beginning or the end of a word: no letter, digit or underscore of ASCII stands beside it.
 *
 * Of each literal five bytes are taken, the rarest by a sample of ordinary log text; their two adjacent 4-grams go into a bitmap. The text
 * is tested at every second byte, so exactly one of the two is met wherever the literal stands. (Of a literal of four bytes the gram that
 * begins one byte earlier is entered for every byte that may stand there.) Where a bit is set, eight bytes of the few literals with such a
 * gram are compared at once, and where they agree the literal whole. One multiplication and one bit test per two bytes. */
#ifndef MATCH_SCANNER_H
#define MATCH_SCANNER_H

#include "sample.h"

struct literal {
	struct str text; /* lower case, at least 4 bytes; must outlive the scanner */
	bool begins_word, ends_word;
};

struct scanner;
struct scanner *scanner_new(void);
void scanner_free(struct scanner *scanner);
/* The literal's number, the same for the same text: one that is asked for in both ways is looked for wherever it stands. */
uint32_t scanner_add(struct scanner *scanner, struct literal literal);
/* After the last literal, before the first search. */
void scanner_build(struct scanner *scanner, const struct sample *sample);
/* Calls `found` with the number of each literal that stands in the text, possibly more than once. */
void scanner_search(const struct scanner *scanner, struct str text, void (*found)(void *context, uint32_t literal), void *context);
struct str scanner_literal(const struct scanner *scanner, uint32_t literal);
/* How often a literal and the grams that would find it stand in the sample: what looking for it costs. */
unsigned literal_price(const struct sample *sample, struct literal literal);

#endif
