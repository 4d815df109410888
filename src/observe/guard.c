#include "guard.h"

#include <string.h>

void guard_init(struct guard *guard)
{
	*guard = (struct guard){.time = INSTANT_NONE, .start = {.at = INSTANT_NONE}, .jump = {.at = INSTANT_NONE}, .progress = INSTANT_NONE};
}

static bool fix(struct guard *guard, enum reference_kind kind)
{
	guard->fixed = true;
	guard->kind = kind;
	return true;
}

/* The first record that can be read decides for now, the majority of the first GUARD_TRIAL for good. */
static bool choose_by_trial(struct guard *guard, bool collected, enum reference_kind otherwise)
{
	guard->trial++;
	guard->trial_collected += collected;
	if (guard->trial == 1) {
		guard->kind = collected ? REFERENCE_COLLECTED : otherwise;
		return true;
	}
	if (guard->trial < GUARD_TRIAL)
		return false;
	enum reference_kind before = guard->kind;
	fix(guard, guard->trial_collected * 2 >= guard->trial ? REFERENCE_COLLECTED : otherwise);
	return guard->kind != before;
}

bool guard_choose(struct guard *guard, enum reference_choice choice, bool appended, bool collected)
{
	if (guard->fixed)
		return false;
	switch (choice) {
	case CHOICE_APPENDED: return fix(guard, REFERENCE_APPENDED);
	case CHOICE_COLLECTED: return fix(guard, REFERENCE_COLLECTED);
	case CHOICE_ARRIVAL: return fix(guard, REFERENCE_ARRIVAL);
	case CHOICE_FILE: return choose_by_trial(guard, collected, REFERENCE_OWN);
	case CHOICE_AUTO: break;
	}
	return appended ? fix(guard, REFERENCE_APPENDED) : choose_by_trial(guard, collected, REFERENCE_ARRIVAL);
}

static bool near(struct instant a, struct instant b)
{
	return instant_known(a) && span_abs(instant_minus(a, b)).ns <= GUARD_JUMP.ns;
}

/* True when three hosts or ten records in a row now agree on (about) this time. */
static bool agree(struct agreement *agreement, struct instant at, struct str host)
{
	if (!near(agreement->at, at))
		*agreement = (struct agreement){.at = at};
	agreement->records++;
	uint64_t hash = host.size ? str_hash(host, 0) | 1 : 0;
	for (size_t i = 0; hash && i < GUARD_HOSTS; i++) {
		if (agreement->hosts[i] == hash)
			break;
		if (!agreement->hosts[i]) {
			agreement->hosts[i] = hash;
			break;
		}
	}
	return agreement->records >= GUARD_RECORDS || agreement->hosts[GUARD_HOSTS - 1];
}

static enum guard_verdict move(struct guard *guard, struct instant to, struct instant *out)
{
	enum guard_verdict verdict = instant_before(to, guard->time) ? GUARD_LATE : GUARD_TAKEN;
	guard->time = instant_max(guard->time, to);
	*out = to;
	return verdict;
}

enum guard_verdict guard_take(struct guard *guard, struct instant reference, struct str host, struct instant *out)
{
	if (!instant_known(reference)) {
		*out = guard->time;
		return GUARD_ABSENT;
	}
	if (!instant_known(guard->time) || (!guard->settled && instant_before(reference, guard->time) && !near(guard->time, reference))) {
		guard->time = reference;
		guard->start = (struct agreement){.at = INSTANT_NONE};
	}
	if (!guard->settled && near(guard->time, reference))
		guard->settled = agree(&guard->start, reference, host);
	if (!instant_before(instant_plus(guard->time, GUARD_JUMP), reference)) {
		guard->jump.at = INSTANT_NONE;
		return move(guard, reference, out);
	}
	if (agree(&guard->jump, reference, host)) {
		guard->jump.at = INSTANT_NONE;
		guard->settled = true;
		return move(guard, reference, out);
	}
	*out = guard->time;
	return GUARD_REFUSED;
}

struct instant guard_peek(const struct guard *guard, struct instant reference)
{
	if (!instant_known(guard->time))
		return reference;
	if (!instant_known(reference) || instant_before(reference, guard->time))
		return guard->time;
	return instant_before(instant_plus(guard->time, GUARD_JUMP), reference) ? guard->time : reference;
}
