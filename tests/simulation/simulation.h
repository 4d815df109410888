/* A fleet by seed: true clocks, daemons that steer them by time sources, clocks that check what others dated, shippers that carry the
 * records away. What a record says arises from the clocks; nothing in here knows the product that reads it: no header, no constant.
 *
 * True time is seconds since the simulation began (its first second is `begin_s` of Unix time). theta = host clock - true time, seconds,
 * positive = ahead; phi = a source's clock - true time. The judge gets the records as a broker would hand them over, and beside them the truth. */
#ifndef SIMULATION_H
#define SIMULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_HOSTS_MAX = 14, SIM_SOURCES_MAX = 8, SIM_HOST_SOURCES = 4, SIM_STREAMS = 4, SIM_INPUTS = 3, SIM_COLLECTORS = 3, SIM_SECONDS_MAX = 5400, SIM_FAULTS_MAX = 16,
	SIM_SERVICES = 8 };

enum sim_daemon { DAEMON_NONE, DAEMON_SLEWS, DAEMON_STEPS, DAEMON_POWERLESS };
enum sim_shipping { SHIP_PROMPT, SHIP_RELAY, SHIP_LATE, SHIP_BATCH };

enum sim_fault_kind { FAULT_WRONG_FROM_START, FAULT_STEP, FAULT_SET_BY_HAND, FAULT_ZONE, FAULT_DRIFT, FAULT_PAUSED, FAULT_DEAD_RTC, FAULT_NO_LEAP, FAULT_SOURCES_DIE,
	FAULT_UNSYNCHRONISED, FAULT_ORPHAN, FAULT_TELEMETRY_ENDS, FAULT_SOURCE_WRONG, FAULT_COLLECTOR, FAULT_KINDS };
struct sim_fault {
	enum sim_fault_kind kind;
	int subject;            /* a host, a source or a collector */
	double from, to;        /* true seconds; `to` beyond the end: never cured */
	double size;            /* seconds, or ppm */
};

struct sim_host {
	char name[24];
	enum sim_daemon daemon;
	bool telemetry;         /* its tracking rows are shipped */
	int sources[SIM_HOST_SOURCES], sources_count;
	int collector;
	int streams;
	/* what its shipper does */
	enum sim_shipping shipping;
	double lag, ntp_lag;    /* seconds of constant delay */
	int digits;             /* of its stamps: 0, 3, 6 */
	bool rounds;            /* to the nearest, instead of cutting */
	double duplicates, strays, stray_by;
	int zone_stream;        /* one program stamps local time; -1: none */
	double zone_by;
};

/* Whose clock is compared with. */
enum sim_issuer { ISSUE_CERTIFICATE, ISSUE_TOKEN, ISSUE_TICKET, ISSUE_FILE, ISSUE_CLUSTER, ISSUE_TSIG, ISSUE_STREAM, ISSUE_KINDS };

enum sim_record_kind { RECORD_OF_LOG, RECORD_OF_SAMPLE, RECORD_OF_SOURCE, RECORD_OF_SYMPTOM };
struct sim_record {
	double written, arrived;   /* true */
	double said, reference;    /* as the record says: the host's stamp, its collector's */
	uint32_t text, size;       /* in simulation.text */
	uint8_t kind, host, input, stream;
	bool copy;                 /* delivered again */
	bool honest;               /* its stamp is its host's clock, its reference the true time of its arrival */
	/* sample */
	bool synchronised, local;
	int8_t source;             /* selected; -1 */
	int8_t usable;
	bool announces;            /* a leap second */
	double offset, bound;
	/* symptom */
	uint8_t issuer;
	bool causal;               /* "not yet valid": the speaker lies behind what the issuer dated */
	bool symmetric;
	bool forged;               /* the artefact itself is at fault: post-dated */
	double issuer_theta;       /* of the issuer's clock when it dated */
};

struct simulation {
	uint64_t seed;
	int64_t begin_s;
	int seconds;
	struct sim_host hosts[SIM_HOSTS_MAX];
	int hosts_count, sources_count, collectors_count;
	struct sim_fault faults[SIM_FAULTS_MAX];
	int faults_count;
	bool leap_season;
	double (*theta)[SIM_SECONDS_MAX + 1];  /* [host][second] */
	float (*rate)[SIM_SECONDS_MAX + 1];    /* s/s during that second */
	double (*phi)[SIM_SECONDS_MAX + 1];    /* [source][second] */
	double (*collector)[SIM_SECONDS_MAX + 1]; /* a collector's clock - true time */
	bool (*down)[SIM_SECONDS_MAX + 1];     /* the host is off or paused */
	struct sim_record *records;            /* by arrival */
	size_t records_count, records_capacity;
	char *text;
	size_t text_size, text_capacity;
	/* of the generator */
	uint64_t random[2];
	struct sim_state *state;
};

struct simulation *simulation_new(uint64_t seed);
void simulation_free(struct simulation *s);
double sim_theta(const struct simulation *s, int host, double at);
int sim_member(const char *id); /* the host of a cluster member's id; -1 */
void sim_source_name(int source, char out[20]);
const char *sim_fault_name(enum sim_fault_kind kind);

#endif
