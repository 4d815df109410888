/* Shared by the files of the simulation: chance, and who calls whom. story.c draws what will happen, clocks.c lets it happen to the clocks second by second,
 * telemetry.c and services.c say what daemons and programs would, shipper.c carries it away. */
#ifndef SIMULATION_PARTS_H
#define SIMULATION_PARTS_H

#include "simulation.h"

/* ---- chance ---- */
static inline uint64_t sim_random(struct simulation *s)
{
	uint64_t a = s->random[0], b = s->random[1]; /* xorshift128+ */
	s->random[0] = b;
	a ^= a << 23;
	s->random[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
	return s->random[1] + b;
}
static inline double sim_chance(struct simulation *s) /* [0, 1) */
{
	return (double)(sim_random(s) >> 11) / 9007199254740992.0;
}
static inline double sim_between(struct simulation *s, double low, double high)
{
	return low + (high - low) * sim_chance(s);
}
static inline int sim_pick(struct simulation *s, int count) /* 0 .. count - 1 */
{
	return (int)(sim_random(s) >> 33) % count;
}
double sim_log_between(struct simulation *s, double low, double high); /* every order of magnitude alike */
double sim_exponential(struct simulation *s, double mean);
double sim_pareto(struct simulation *s, double least, double shape);  /* heavy-tailed */

/* ---- what a daemon knows ---- */
struct sim_daemon_state {
	bool believes;          /* has measured since it started or was reset */
	double believed;        /* offset that it knows of, positive = ahead */
	double measured_at;     /* last update */
	double frequency;       /* of the crystal as it knows it, s/s */
	double doubt;           /* how much that may be wrong, s/s */
	int selected;           /* -1: none */
	unsigned reach[SIM_HOST_SOURCES];
	double distance[SIM_HOST_SOURCES]; /* root delay to each */
	double next_poll, poll;
	int updates;            /* since it started */
	bool unsynchronised;    /* told so */
	bool agrees[SIM_HOST_SOURCES];
};
struct sim_state {
	struct sim_daemon_state daemon[SIM_HOSTS_MAX];
	double crystal[SIM_HOSTS_MAX], warmth[SIM_HOSTS_MAX], phase[SIM_HOSTS_MAX];
	int service_host[SIM_SERVICES]; /* who runs each service; -1: somebody outside, always right */
	int service_sort[SIM_SERVICES];
	int services_count;
	double post_dated;      /* a service elsewhere dates this far into the future; 0: none */
	double sampling[SIM_HOSTS_MAX], next_sample[SIM_HOSTS_MAX], next_log[SIM_HOSTS_MAX], next_check[SIM_HOSTS_MAX], next_peers[SIM_HOSTS_MAX];
};

/* story.c */
void story_draw(struct simulation *s);
const struct sim_fault *story_fault(const struct simulation *s, enum sim_fault_kind kind, int subject, double at); /* that stands then */
/* clocks.c: one second of one host */
void clock_tick(struct simulation *s, int host, int second);
void clock_start(struct simulation *s, int host);
/* telemetry.c */
void telemetry_say(struct simulation *s, int host, double at);
/* services.c */
void services_check(struct simulation *s, int host, double at);
void peers_compare(struct simulation *s, int host, double at);
void clock_event_say(struct simulation *s, int host, double at, const char *program, const char *text);
/* shipper.c */
void log_say(struct simulation *s, int host, double at);
struct sim_record *ship(struct simulation *s, int host, double at, enum sim_record_kind kind, const char *program, const char *dataset, const char *message);
void ship_end(struct simulation *s);
/* text: appended without printf, which would take most of the time */
char *put_text(char *out, const char *text);
char *put_integer(char *out, int64_t value);
char *put_fixed(char *out, double value, int digits);
char *put_stamp(char *out, int64_t unix_ns, int digits); /* RFC 3339 */

#endif
