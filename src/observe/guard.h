/* One input partition's clock: which reference its records have, and what a lying one may not do.
 *
 * The partition's time never goes back and goes forward by more than JUMP only when three hosts, or ten successive
 * records, agree on the new time; until then such a record takes the partition's current time and is no transit evidence.
 * Until the first three hosts or ten records agree the time is provisional: an earlier record starts it anew.
 * Plain data without pointers: it is committed with the offset of the first record of the oldest open bucket (resume.c). */
#ifndef OBSERVE_GUARD_H
#define OBSERVE_GUARD_H

#include "skewline/observe.h"

#define GUARD_JUMP SPAN_S(60)
enum { GUARD_HOSTS = 3, GUARD_RECORDS = 10, GUARD_TRIAL = 100 };

/* A time that some records agree on: its host hashes (0 = free) and how many records in a row said so. */
struct agreement {
	struct instant at;
	uint64_t hosts[GUARD_HOSTS];
	uint32_t records;
};

struct guard {
	enum reference_kind kind;  /* REFERENCE_UNKNOWN before the first record */
	bool fixed;                /* `kind` is final */
	uint32_t trial, trial_collected; /* records seen before `fixed`, and how many of them had `collected` */
	struct instant time;       /* INSTANT_NONE before the first reference */
	bool settled;              /* false: provisional */
	struct agreement start, jump;
	struct instant progress;   /* `time` at the last progress entry */
	bool idle;                 /* at its end, and said so */
	bool telemetry;            /* has carried clock samples */
	uint64_t records, other, timeless; /* since the last progress entry */
};

enum guard_verdict { GUARD_TAKEN, GUARD_LATE, GUARD_REFUSED, GUARD_ABSENT };

void guard_init(struct guard *guard);
/* True when this record decided the kind. `hosts` of a record that has none is empty. */
bool guard_choose(struct guard *guard, enum reference_choice choice, bool appended, bool collected);
/* Takes in the record's own reference (INSTANT_NONE: it has none): gives the reference that it shall carry. REFUSED and ABSENT
 * carry the partition's time, which may still be INSTANT_NONE, and are no transit evidence. */
enum guard_verdict guard_take(struct guard *guard, struct instant reference, struct str host, struct instant *out);
/* What guard_take would carry, without taking it in. */
struct instant guard_peek(const struct guard *guard, struct instant reference);

#endif
