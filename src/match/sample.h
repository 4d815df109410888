/* Ordinary log text, lower case: what a literal is rare or common against. Lines of many programs as they read on a quiet day; none of
 * them speaks of a wrong clock, many hold the words that such messages hold too. A rule that turns out to be asked often about ordinary
 * records is mended by a line here that holds the word. */
#ifndef MATCH_SAMPLE_H
#define MATCH_SAMPLE_H

#include "skewline/str.h"

struct sample; /* the 4-grams of the text, counted */
struct sample *sample_new(void);
void sample_free(struct sample *sample);
unsigned sample_grams(const struct sample *sample, const char *four);
unsigned sample_threes(const struct sample *sample, const char *three);
unsigned sample_times(const struct sample *sample, struct str text); /* lines that hold all its 4-grams */
size_t sample_lines(void);
struct str sample_line(size_t index);

#endif
