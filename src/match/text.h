/* Texts as the regular expressions need them: valid UTF-8, whatever a host wrote. */
#ifndef MATCH_TEXT_H
#define MATCH_TEXT_H

#include "skewline/buffer.h"

bool text_is_valid(struct str text);
/* A copy in which each byte that is no UTF-8 is '?': same length, so that one bad byte hides nothing around it. */
struct str text_made_valid(struct str text, struct buffer *scratch);
/* The first byte outside ASCII, or the text's size. */
size_t text_ascii(struct str text);
/* Characters outside ASCII that fold to ASCII letters (U+017F, U+212A) may hide a literal: such a text is not to be filtered. */
bool text_hides_literals(struct str text);

#endif
