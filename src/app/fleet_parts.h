/* Inside the fleet: fleet.c says who, what and when; fleet_records.c what programs say; fleet_telemetry.c what chronyc prints.
 *
 * Everything is written at fleet_new and sorted by delivery: some 7,000 records, 5 MB. The order of a fleet is then plain
 * to see, and fleet_next cannot fail. Random numbers are drawn host by host, in a fixed order. */
#ifndef APP_FLEET_PARTS_H
#define APP_FLEET_PARTS_H

#include "fleet.h"
#include "fleet_texts.h"
#include "skewline/arena.h"
#include "skewline/buffer.h"

#define FLEET_HOSTS_MAX 32
#define FLEET_POLL_SECONDS 16 /* minpoll 4 maxpoll 4, as in a data centre with own time servers */
#define COUNT(array) (sizeof(array) / sizeof *(array))

enum fault_kind { FAULT_NONE, FAULT_BEHIND, FAULT_STEPPED, FAULT_WRONG_SERVER, FAULT_LOST_SOURCES, LOOKALIKE_EXPIRED, LOOKALIKE_POSTDATED };

struct fleet_host {
	char name[40];
	char address[20];
	enum fleet_role role;
	enum fault_kind fault;
	struct span error;     /* of a disciplined clock: some microseconds */
	struct span offset;    /* while the fault lasts, positive = ahead */
	struct instant onset;  /* true time */
	unsigned first_source; /* index of its selected server */
};

struct fleet_entry {
	struct fleet_record record;
	uint32_t sequence; /* order of writing: breaks ties */
};

struct fleet {
	uint64_t random;
	struct instant start, end;
	struct arena arena;
	struct buffer text, message; /* scratch */
	unsigned network;            /* 10.<network>.x.y */
	struct fleet_host hosts[FLEET_HOSTS_MAX];
	size_t hosts_count;
	struct fleet_entry *entries;
	size_t count, capacity, next;
	struct fleet_fault faults[4];
	size_t faults_count;
	uint32_t event;
};

/* Between low and high, both included. */
int64_t fleet_between(struct fleet *fleet, int64_t low, int64_t high);
struct span fleet_milliseconds(struct fleet *fleet, int64_t low, int64_t high);
bool fleet_fault_stands(const struct fleet_host *host, struct instant at);
/* What the host's clock shows minus true time, and what it shows. */
struct span fleet_clock_offset(const struct fleet_host *host, struct instant at);
struct instant fleet_host_time(const struct fleet_host *host, struct instant at);
void fleet_source_address(const struct fleet *fleet, unsigned source, char out[20]);

/* One record: open, add further fields to fleet->text, close the object, deliver (what would arrive after the end is dropped). */
void fleet_open_record(struct fleet *fleet, const struct fleet_host *host, struct instant said, struct instant collected, const char *dataset,
	bool numbered);
void fleet_deliver(struct fleet *fleet, const char *topic, const struct fleet_host *host, struct instant collected);

/* Everything that one host says in twenty minutes. */
void fleet_write_logs(struct fleet *fleet, const struct fleet_host *host);
void fleet_write_telemetry(struct fleet *fleet, const struct fleet_host *host);

#endif
