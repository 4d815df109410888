/* The text of a scenario -> its steps. docs/scenarios.md has the language. */
#ifndef APP_SCENARIO_READ_H
#define APP_SCENARIO_READ_H

#include "skewline/arena.h"
#include "skewline/time.h"

enum { SCENARIO_WORDS_MAX = 60 };

/* In the order of the table of words in scenario_read.c. */
enum scenario_deed {
	/* of a host */
	DEED_CLOCK, DEED_DRIFT, DEED_NTP, DEED_SEES, DEED_LOG, DEED_QUIET, DEED_TALKS, DEED_DELAY, DEED_BATCH, DEED_GRAIN, DEED_STRAY, DEED_PROGRAM,
	DEED_TWICE, DEED_THROUGH, DEED_ADDRESS, DEED_NAMED, DEED_HOST_COUNT,
	/* of a time source, of a collector */
	DEED_SOURCE, DEED_COLLECTOR,
	/* of the judge */
	DEED_EXPECT, DEED_EXPECT_NONE, DEED_EXPECT_NO_OTHER,
	/* before the story begins */
	DEED_SET,
};

struct scenario_ntp {
	struct span offset, bound, delay;
	bool offset_given, delay_given, unsynchronised, local;
	struct str source, leap; /* leap as chronyc writes it */
	int64_t sources, stratum;
	bool sources_untold; /* the record does not say: rows may */
	struct span heard;       /* its source was heard so long ago... */
	bool heard_then;         /* ...or, at this instant of the story */
};

struct scenario_step {
	unsigned line;
	struct span at, every, until; /* every 0: once */
	bool until_given;
	enum scenario_deed deed;
	struct str name;              /* the host, source or collector; whom an incident suspects; the key of `set` */
	struct span first, second;    /* clock: offset, over; delay: from, to; batch: every; stray: offset; program: zone; twice: after */
	double number;                /* drift: ppm; stray, twice: share */
	struct str text, other;       /* log: text, program; sees: source, state; program, through, address, named: the word */
	bool flag;                    /* grain: rounded rather than cut; sees: an offset was given */
	struct scenario_ntp ntp;
	struct str words[SCENARIO_WORDS_MAX]; /* of expect: key, value...; of set: the values */
	size_t words_count;
};

/* False with a reason: the line cannot be read. *out_empty: it is blank or a comment. Texts live in the arena. */
bool scenario_read(struct str line, unsigned number, struct arena *arena, struct scenario_step *out, bool *out_empty, struct str *out_reason);
/* "90s", "-250ms", "2h" -> a span. */
bool scenario_span(struct str word, struct span *out);
/* "web-[1-12]" -> its members, one after the other; a name without brackets is its only member. False: no more. */
bool scenario_member(struct str pattern, size_t index, struct arena *arena, struct str *out);

#endif
