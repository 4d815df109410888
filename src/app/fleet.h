/* The demo's fleet: twenty minutes of a data centre, made from a seed. No clock, no I/O; the same seed and start give the same bytes.
 *
 * About two dozen hosts write application logs every few seconds (delivered 0.05 to 2.5 s later, most of them early in that
 * range) and every 60 s what `chronyc -c tracking` and `chronyc -c sources` print, as ECS JSON: `@timestamp` is the host's own
 * clock, `event.ingested` the pipeline's, which is right. Three things go wrong and one only looks wrong:
 *   - a host behind from the first record on, whose chronyd measures it but may not set the clock;
 *   - a host that is set forward between minutes 4 and 6;
 *   - two clients of two time servers that share one wrong receiver (NTP looks perfect), or a host that loses its time sources;
 *   - a right host that sees an expired certificate, or post-dated tokens and certificates. Nobody's clock: it must stay silent.
 * Which hosts, how far and in which words is the seed's choice.
 *
 *     struct fleet *fleet = fleet_new(seed, start);
 *     struct fleet_record record;
 *     while (fleet_next(fleet, &record)) send(record.topic, record.key, record.value);
 *     fleet_free(fleet); */
#ifndef APP_FLEET_H
#define APP_FLEET_H

#include "skewline/observation.h"
#include "skewline/time.h"

#define FLEET_MINUTES 20
#define FLEET_TOPIC_LOGS "app-logs"
#define FLEET_TOPIC_NTP "ntp-metrics"
#define FLEET_NAMES_MAX 2

struct fleet_record {
	struct str topic, key, value; /* key = host name; all live as long as the fleet */
	struct instant collected;     /* = event.ingested; never decreases from record to record */
};

/* One thing that goes wrong, or (lookalike) only seems to. */
struct fleet_fault {
	struct str words;                     /* one sentence for people */
	bool lookalike;                       /* true: nobody may be accused */
	enum direction direction;             /* of the affected hosts' clocks; unknown: no offset is claimed (health, lookalike) */
	double offset_s;                      /* positive = ahead; 0 where the direction is unknown */
	struct instant onset;                 /* true time */
	struct str suspects[FLEET_NAMES_MAX]; /* whom an incident may blame: a host, or time sources as `ntp:<address>` */
	size_t suspects_count;
	struct str affected[FLEET_NAMES_MAX]; /* hosts whose clock is wrong (or whose sources are gone) */
	size_t affected_count;
	const char *causes[4];                /* accepted causes, NULL-terminated */
};

struct fleet;
struct fleet *fleet_new(uint64_t seed, struct instant start);
void fleet_free(struct fleet *fleet);
bool fleet_next(struct fleet *fleet, struct fleet_record *out);
/* Records in all, for a progress line. */
size_t fleet_size(const struct fleet *fleet);
/* The truth, for tests and for the demo's closing words; in no way part of the records. */
const struct fleet_fault *fleet_truth(const struct fleet *fleet, size_t *out_count);

#endif
