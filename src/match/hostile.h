/* Texts that a regular expression likes least, made from the expression itself. */
#ifndef MATCH_HOSTILE_H
#define MATCH_HOSTILE_H

#include "skewline/buffer.h"

/* At each part that repeats without a near end: what leads there, then that part again and again, `bytes` long in all, and an end that does
 * not fit. `try` returns false to stop. */
void hostile_texts(struct str pattern, size_t bytes, bool (*try)(void *context, struct str text), void *context);

#endif
