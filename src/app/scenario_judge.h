/* What a scenario expects, asked of the alerts as the public sees them (docs/alerts.md). */
#ifndef APP_SCENARIO_JUDGE_H
#define APP_SCENARIO_JUDGE_H

#include "memory.h"
#include "scenario_read.h"

struct scenario_judge;
struct scenario_judge *scenario_judge_new(struct instant begin);
void scenario_judge_free(struct scenario_judge *judge);
/* One revision, as JSON. */
void scenario_judge_take(struct scenario_judge *judge, const struct memory_alert *alert);
/* Calls `fail` for everything in the expectation that does not hold by now. */
void scenario_judge_ask(struct scenario_judge *judge, const struct scenario_step *step, void (*fail)(void *context, unsigned line, struct str text), void *context);

#endif
