/* The guard as text: committed beside the offset of the first record of the oldest open bucket, so that a restart rebuilds the
 * open buckets with the same reference times and owes exactly what was not yet emitted. */
#ifndef OBSERVE_RESUME_H
#define OBSERVE_RESUME_H

#include "guard.h"

/* `emitted`: the first offset whose observations have not been emitted. */
void resume_write(const struct guard *guard, int64_t emitted, struct buffer *out);
/* False when the text is none of ours (or of another version): the caller starts with a fresh guard. */
bool resume_read(struct str text, struct guard *out, int64_t *out_emitted);

#endif
