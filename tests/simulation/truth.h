/* What can be known of a clock, computed from the truth alone: which records had reached anybody by then, and what they prove of the true clock.
 * Nothing of the product's state enters. Numbers of the judge (the limit that it was told to hold, the time that it may take) stand here. */
#ifndef SIMULATION_TRUTH_H
#define SIMULATION_TRUTH_H

#include "simulation.h"
#include "skewline/incident.h"

#define LIMIT 0.05       /* what the operator calls wrong, seconds */
#define SLACK 0.002      /* how well the truth itself is known */
#define WINDOW 600.0     /* evidence this old still joins */
#define STEP_OF_TRUTH 10 /* seconds between two looks */
enum { LOOKS_MAX = SIM_SECONDS_MAX / STEP_OF_TRUTH + 1 };

enum { KNOWN_BY_TELEMETRY = 1, KNOWN_BY_DELIVERY = 2, KNOWN_BY_CAUSALITY = 4 };
struct look {
	uint8_t known;        /* by which of the three the fault can be told now */
	int8_t side;          /* of the clock: +1 ahead and wrong, -1 behind and wrong, 0 right */
};
struct truth {
	const struct simulation *s;
	const struct sim_record **of_host[SIM_HOSTS_MAX]; /* first deliveries, by arrival */
	size_t count[SIM_HOSTS_MAX];
	struct look looks[SIM_HOSTS_MAX][LOOKS_MAX];
	int looks_count;
};

struct truth *truth_new(const struct simulation *s);
void truth_free(struct truth *truth);
/* The newest telemetry rows that had arrived by then, newest first; how many (at most `most`). */
int truth_samples(const struct truth *truth, int host, double at, const struct sim_record **out, int most);
/* A row that says what is so: synchronised, of a right source, and its claim holds. */
bool truth_sound(const struct truth *truth, const struct sim_record *sample);
/* Some collector's clock was wrong within `before` seconds before that time. */
bool truth_axis_wrong(const struct truth *truth, double at, double before);
/* Some collector's clock was ahead by then, or in the ten minutes before. */
bool truth_axis_fast(const struct truth *truth, double at);
/* Least and largest theta from..to. */
void truth_range(const struct truth *truth, int host, double from, double to, double *low, double *high);
/* The longest delay by which a host's records differ (its shipper's spread), of the last ten minutes; 0: below what matters. */
double truth_spread(const struct truth *truth, int host, double at);
/* What its telemetry says of a wrong source is not so, but its stamps leave room for it: they are rounded, and records take time. */
bool truth_undecidable(const struct truth *truth, int host, double at);
/* Causes that would be right for a clock incident of that host that opened in from..at, as bits 1 << enum cause. */
unsigned truth_causes(const struct truth *truth, int host, double from, double at);
/* Health alarms that would be right then, as bits. */
unsigned truth_health(const struct truth *truth, int host, double at);

#endif
