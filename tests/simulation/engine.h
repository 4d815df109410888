/* The records of a simulation through the real stages, in process: decode, match, observe, correlate, alert. */
#ifndef SIMULATION_ENGINE_H
#define SIMULATION_ENGINE_H

#include "simulation.h"
#include "skewline/correlate.h"
#include "skewline/rule.h"

/* One revision, with its times and offsets in the simulation's own units. Open sides are +-INFINITY. */
struct told {
	char id[48], suspect[24], source[24];
	unsigned revision;
	enum incident_kind kind;
	enum incident_state state;
	enum incident_action action;
	enum severity severity;
	enum cause cause;
	enum direction direction;
	bool offset_known, inhibited;
	double at, low, high;
};
struct telling {
	struct told *items;
	size_t count, capacity;
	struct buffer text; /* every revision as it would be published, one a line */
};
void telling_release(struct telling *telling);

struct engine;
struct engine *engine_new(const struct rule_set *rules);
void engine_free(struct engine *engine);
/* `trace_host`: its trace goes to stderr; NULL: none. */
void engine_run(struct engine *engine, const struct simulation *s, uint32_t partitions, const char *trace_host, struct telling *out);

#endif
