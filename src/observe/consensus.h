/* The time of a file without `collected`: the median of the last stamps of the hosts that spoke last.
 *
 * One host's wrong clock cannot move a median of five or more. At most CONSENSUS_HOSTS hosts count; a new one replaces the
 * one that has been silent longest. */
#ifndef OBSERVE_CONSENSUS_H
#define OBSERVE_CONSENSUS_H

#include "skewline/time.h"

enum { CONSENSUS_HOSTS = 64, CONSENSUS_LEAST = 5 };

struct consensus {
	struct { uint64_t host, turn; int64_t said_ns; } members[CONSENSUS_HOSTS];
	size_t count;
	uint64_t turn;
};

/* Takes in one stamp. INSTANT_NONE while fewer than CONSENSUS_LEAST hosts are known. */
struct instant consensus_take(struct consensus *consensus, struct str host, struct instant host_said);

#endif
