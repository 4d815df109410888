/* The text of a scenario -> its steps. See scenario.h for the language. */
#ifndef APP_SCENARIO_READ_H
#define APP_SCENARIO_READ_H

#include "skewline/arena.h"
#include "skewline/time.h"

enum { SCENARIO_WORDS_MAX = 40 };
enum scenario_deed { DEED_CLOCK, DEED_NTP, DEED_LOG, DEED_QUIET, DEED_TALKS, DEED_EXPECT, DEED_EXPECT_NONE };

struct scenario_ntp {
	struct span offset, bound;
	struct str source, leap; /* leap as chronyc writes it */
	int64_t sources, stratum;
	bool unsynchronised;
};

struct scenario_step {
	unsigned line;
	struct span at, every, until; /* every 0: once */
	bool until_given;
	enum scenario_deed deed;
	struct str name;              /* the host, or whom the incident suspects */
	struct span clock;
	struct scenario_ntp ntp;
	struct str text;
	struct str words[SCENARIO_WORDS_MAX]; /* of expect: key, value, ... */
	size_t words_count;
};

/* False with a reason: the line cannot be read. *out_empty: it is blank or a comment. Texts live in the arena. */
bool scenario_read(struct str line, unsigned number, struct arena *arena, struct scenario_step *out, bool *out_empty, struct str *out_reason);

#endif
