/* The time of files whose records carry no `collected`: what other hosts stamped next (`consensus`).
 *
 * A record was read after all that stands before it and before all that stands behind it. So lines are held back until most of
 * the hosts that speak have spoken again; the median of all last stamps is then a time that lies after the record was written,
 * whoever wrote it, and one host's wrong clock cannot move it: the difference to the record's own stamp is a delay, as it is
 * with `collected`, and no more. A median of the stamps before it would come too early, by the time that the hosts take for
 * their turns, and call every right host ahead.
 *
 * Holds at most AXIS_LINES lines and AXIS_BYTES. A line that must go earlier, the last ones of the input and those of fewer than
 * AXIS_HOSTS_LEAST hosts have no such time: INSTANT_NONE. */
#ifndef APP_AXIS_H
#define APP_AXIS_H

#include "merge.h"

enum { AXIS_LINES = 4096, AXIS_BYTES = 16 << 20, AXIS_HOSTS = 64, AXIS_HOSTS_LEAST = 5 };

/* Who wrote a record and when it says so; false: it does not say both. */
typedef bool (*axis_stamp_of)(void *context, struct str record, uint64_t *out_host, struct instant *out_said);

struct axis;
/* The merge stays its owner's. */
struct axis *axis_new(struct merge *merge, axis_stamp_of stamp_of, void *context);
void axis_free(struct axis *axis);
/* As merge_next, with the line's time. Where the merge is in order of `collected` nothing is held back and no line has one. */
bool axis_next(struct axis *axis, struct merge_line *out, struct instant *out_time, struct buffer *out_error);

#endif
