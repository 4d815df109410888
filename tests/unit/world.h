/* A small world for the tests of the correlate room: hosts with clocks that the test sets, told through observations as the observe stage
 * would tell them, over any number of partitions with feedback between them. Time is the test's; everything is by seed. */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "skewline/alert.h"
#include "skewline/correlate.h"

enum { WORLD_HOSTS = 64, WORLD_ALERTS = 2000, WORLD_TEXT = 96 };

struct world_host {
	char name[WORLD_TEXT];
	double offset, drift_ppm;       /* of its clock now, positive = ahead */
	double delay;                   /* of its logs' delivery */
	double grain;                   /* of its stamps: 0.001 */
	bool telemetry;
	double phi;                     /* of its source: the daemon measures offset - phi */
	char source[WORLD_TEXT];
	int usable;
	bool unsynchronised, silent, leap_insert;
	double stray_share, stray_by;   /* of its stamps */
	double zone_by;                 /* a third program's stamps are off by this; 0: there is one alone */
	double collector;               /* its collector's clock - true time: shifts reference times */
	double ntp_delay;
};

struct world_alert {
	char id[WORLD_TEXT], suspect[WORLD_TEXT], inhibited_by[WORLD_TEXT];
	unsigned revision;
	enum incident_kind kind;
	enum incident_state state;
	enum incident_action action;
	enum severity severity;
	enum cause cause;
	enum confidence confidence;
	enum direction direction;
	bool correlated;
	double at, low, high; /* seconds since the world began */
	unsigned affected;
};

struct world_trust {
	char host[WORLD_TEXT], incident[WORLD_TEXT];
	double from, to, low, high; /* to: -1 still */
	int state;                  /* as in trust_record */
};

struct world {
	struct correlate_settings settings;
	struct correlate_partition *partitions[16];
	uint32_t count;
	struct effects effects;
	struct world_host hosts[WORLD_HOSTS];
	size_t hosts_count;
	double now;             /* true time, seconds since the world began */
	uint64_t random;
	int restart_every;      /* restore each partition from its state after so many steps; 0: never */
	int steps;
	struct { struct buffer key, value; } *state[16];
	size_t state_count[16], state_capacity[16];
	struct world_alert alerts[WORLD_ALERTS];
	size_t alerts_count;
	struct world_trust trust[WORLD_ALERTS];
	size_t trust_count;
	struct buffer text;     /* all alerts as JSON, one a line, by partition order of effects */
	struct { char name[32], subject[WORLD_TEXT], detail[160]; } findings[200];
	size_t findings_count;
	uint64_t next_digest;
	size_t state_bytes_max;
};

struct world *world_new(uint32_t partitions, uint64_t seed);
void world_free(struct world *world);
struct world_host *world_host(struct world *world, const char *name);
/* `count` right hosts with telemetry from ntp1, named good-00 and so on. */
void world_fleet(struct world *world, int count);
void world_run(struct world *world, double seconds);
/* A text of `host` about another clock: not yet valid by `magnitude` (0: none said), now. */
void world_symptom(struct world *world, struct world_host *host, enum issuer issuer, enum symptom_class class, enum symptom_shape shape, enum direction direction,
	double magnitude, const char *peer);
void world_jump(struct world *world, struct world_host *host, double step, bool set_time);
/* The last revision of the only incident of this suspect; NULL: none. Fails the test when there are several. */
const struct world_alert *world_incident(const struct world *world, const char *suspect);
size_t world_incidents(const struct world *world, const char *suspect); /* different ids */
bool world_finding(const struct world *world, const char *name, const char *subject);
/* A line per (suspect, kind, cause, direction, severity, final state), sorted. */
void world_summary(const struct world *world, struct buffer *out);

#endif
