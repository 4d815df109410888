/* The world of a scenario: hosts with clocks, time sources, collectors; what they write, as ECS documents in the order of their collection.
 *
 * A step changes the world or writes a record, at an instant of true time; steps come in the order of time. Chance (delays, stray stamps,
 * second copies) is by a fixed seed: the same story gives the same bytes. Positive = AHEAD everywhere. */
#ifndef APP_SCENARIO_WORLD_H
#define APP_SCENARIO_WORLD_H

#include "scenario_read.h"
#include "skewline/buffer.h"

struct scenario_record {
	struct instant arrived; /* true time of its collection */
	struct instant collected; /* the same, as the collector's clock says it: the order of the input */
	size_t order;
	struct str bytes;
};

struct scenario_world;
struct scenario_world *scenario_world_new(void);
/* The instant of 0s: before the first step. */
void scenario_world_begin(struct scenario_world *world, struct instant begin);
void scenario_world_free(struct scenario_world *world);
/* A host exists from the first step that names it. False: there are too many hosts. */
bool scenario_world_host(struct scenario_world *world, struct str name);
void scenario_world_step(struct scenario_world *world, const struct scenario_step *step, struct span at);
/* Every host that is not quiet writes one plain line. */
void scenario_world_chatter(struct scenario_world *world, struct span at);
/* What was written, in the order of `collected`. */
const struct scenario_record *scenario_world_records(struct scenario_world *world, size_t *out_count);

#endif
