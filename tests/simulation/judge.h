/* Holds what was told against what was so. */
#ifndef SIMULATION_JUDGE_H
#define SIMULATION_JUDGE_H

#include "engine.h"
#include "truth.h"

struct score {
	unsigned seeds, due, found, revisions, sides, intervals, causes, false_clock, false_health, false_source, false_reference, cures, resolved;
	double delays[4096]; /* from decidable to told */
	unsigned delays_count;
};
/* Complaints, a line each, onto `out`; adds to the score. */
void judge(const struct truth *truth, const struct telling *telling, struct score *score, struct buffer *out);

#endif
