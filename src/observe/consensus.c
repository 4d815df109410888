#include "consensus.h"

static size_t slot_of(struct consensus *consensus, uint64_t host)
{
	size_t oldest = 0;
	for (size_t i = 0; i < consensus->count; i++) {
		if (consensus->members[i].host == host)
			return i;
		if (consensus->members[i].turn < consensus->members[oldest].turn)
			oldest = i;
	}
	return consensus->count < CONSENSUS_HOSTS ? consensus->count++ : oldest;
}

static int64_t median(const struct consensus *consensus)
{
	int64_t sorted[CONSENSUS_HOSTS];
	for (size_t i = 0; i < consensus->count; i++) {
		size_t j = i;
		for (; j > 0 && sorted[j - 1] > consensus->members[i].said_ns; j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = consensus->members[i].said_ns;
	}
	return sorted[consensus->count / 2];
}

struct instant consensus_take(struct consensus *consensus, struct str host, struct instant host_said)
{
	uint64_t hash = str_hash(host, 0);
	size_t slot = slot_of(consensus, hash);
	consensus->members[slot].host = hash;
	consensus->members[slot].turn = ++consensus->turn;
	consensus->members[slot].said_ns = host_said.ns;
	return consensus->count < CONSENSUS_LEAST ? INSTANT_NONE : (struct instant){median(consensus)};
}
