/* What a match says of a clock: direction, magnitude, peer, step, read from the captured texts. */
#ifndef MATCH_READ_H
#define MATCH_READ_H

#include "evaluate.h"
#include "skewline/match.h"

/* Whether the instants lie in the order that the rule asks for; where one of them cannot be read they do not. */
bool read_in_order(const struct rule *rule, const struct captures *captures, const struct record *record);
void read_hit(const struct rule *rule, const struct captures *captures, const struct record *record, struct hit *out);
/* "2h13m5.2s", "1 day 3:04:05", "3 days, 04:05:06", "15y", "P1DT2H", "5 minutes and 3 seconds": seconds; false when it is none of these. */
bool duration_in_message(struct str text, double *out_seconds);

#endif
