/* What the files of this room share: the memory of one partition, and who may call whom.
 *
 * Inside the room times and offsets are plain int64 nanoseconds: instants count from 1970, offsets are positive = AHEAD, NONE is
 * "not known". Data walks one way: partition.c takes an observation in, evidence files (transit.c, sample.c, symptom.c) remember it, verdict.c
 * weighs what is remembered, cause.c names it, life.c decides what is said, revision.c writes it down. source.c, fleet.c and
 * peer.c are the subjects that belong to many hosts; feedback.c carries words between them. */
#ifndef CORRELATE_ROOM_H
#define CORRELATE_ROOM_H

#include "estimate.h"
#include "interval.h"
#include "skewline/correlate.h"
#include "skewline/feedback.h"
#include "skewline/table.h"

#define NONE INT64_MIN

enum {
	STREAMS_MAX = 8,
	CELLS_MAX = STREAMS_MAX * 60,
	SAMPLES_MAX = 12,
	SYMPTOMS_MAX = 9,
	HOST_SOURCES_MAX = 8,
	ACCUSATIONS_MAX = 8,
	DIGESTS_MAX = 64,
	TAGS_MAX = 32 - SAMPLES_MAX, /* with the samples that are kept, half an hour of one a minute */
	UNEXPLAINED_MAX = 256,
	SOURCES_MAX = 1 << 16,
	ITEMS_MAX = 5 + SYMPTOMS_MAX + ACCUSATIONS_MAX,
	FRESH_S_MAX = UINT16_MAX,
	NO_SOURCE = -1,
};

/* A text that its struct owns. A short one lies in it, where reading it costs no further way through memory; so a view of one
 * (owned_str) ends when its struct moves. All zero: empty. */
enum { OWNED_NEAR = 28 };
struct owned {
	char bytes[OWNED_NEAR]; /* or, of a longer one, the address of its copy */
	uint32_t size;
};
struct str owned_str(const struct owned *text);
void owned_set(struct owned *text, struct str value);
void owned_clear(struct owned *text);

/* ---- transit: how far a host's stamps lay above the reference ---- */
struct value {
	int64_t x, at; /* at: reference time */
};
struct stream {
	uint32_t name, input; /* names; both 0: free */
	int64_t grain;  /* of its finest stamp so far */
	int64_t last;   /* reference time of its newest bucket */
	bool clock_rows;
};
/* What a quiet host's cells were chosen by. */
struct slim {
	bool known;
	int64_t newest;    /* start of the newest; NONE: none has been chosen by this yet */
	int64_t all, logs; /* the third largest value of all, of application logs */
};
/* One bucket of 10 s of one stream. */
struct cell {
	int64_t start, low;
	uint32_t count;
	uint8_t stream, top_count;
	struct value top[TRANSIT_TOP];
};

/* ---- telemetry ---- */
enum sample_state { SAMPLE_CLAIM, SAMPLE_UNSYNCHRONISED, SAMPLE_LOCAL, SAMPLE_EMPTY };
struct sample {
	int64_t at;
	int64_t offset, bound;
	int64_t x, grain; /* of this very record; NONE: no transit evidence */
	int32_t usable, reached; /* -1 unknown */
	uint8_t state;           /* enum sample_state */
	uint8_t leap;
	bool contradicts, unshown;
};
struct host_source {
	int32_t source; /* index into partition.sources */
	int64_t seen;   /* newest row or selection */
	int64_t agreed, contradicted; /* newest stance, NONE: never */
	int64_t unshown_since, falseticker_since; /* NONE: not */
	int64_t orphan_since; /* this host follows it to a local clock since; NONE */
	int64_t phi;    /* what a falseticker's own clock is off by, as this host's daemon sees it; NONE */
	bool behind;    /* the contradiction is a proof of behind (3.1), not a later stamp */
	char state;
};

/* ---- words of other clocks ---- */
/* What one issuer's texts say, together: one vote. Values of `e` = magnitude + x of the same record. */
struct symptom {
	uint8_t class, issuer, subject, direction, shape;
	struct owned peer;          /* as the text named it, folded */
	int64_t first, last;
	uint32_t count;
	int64_t magnitude, magnitude_at; /* the largest of ten minutes (causal, symmetric) or the newest (value); NONE: none */
	int64_t highest, highest_at; /* the largest e; NONE */
	int64_t fitting, fitting_at; /* the largest e <= 1 s; NONE */
	int64_t host_said;          /* of the newest record; NONE */
	int64_t accused_at;         /* when its peer was told; NONE */
	struct owned rule, title, sample, coordinates; /* of the newest record */
};
struct accusation {
	struct owned accuser;
	bool two_branches, good;
	bool stamped; /* else it named nobody, and of all open incidents fits this one alone: evidence without a vote */
	uint8_t class, issuer;
	int64_t magnitude; /* of the difference; NONE */
	struct range theta;
	int64_t at, host_said;
	struct owned rule, title, sample, coordinates;
};

/* ---- incidents ---- */
struct incident {
	bool active;
	uint8_t kind, state, severity, cause, direction;
	bool correlated;     /* as last said */
	bool inhibited;      /* an incident of somebody else explains it and that was said */
	int64_t opened;      /* names it */
	uint32_t revision;
	int64_t resolved;    /* of the last one, while not active */
	struct range worst, latest; /* latest: as last agreed on while somebody spoke */
	bool worst_known;
	int64_t good_since;  /* NONE: not good */
	int64_t said_at, said_distance, back_off;
	uint8_t said_cause;
	bool turned;         /* it has changed its side once */
	bool hushed;         /* it was said once that it fell silent */
	uint32_t said_affected;
	uint32_t reopened;
	int64_t low, low_at; /* the delivery bound when it opened, or after the last step: drift without telemetry; low_at NONE */
	int64_t step;        /* what moved, for the sentence; 0 unknown */
	bool measured;       /* telemetry has been part of the agreement */
	bool by_label;       /* its id says the host's first label */
	bool before_telemetry; /* opened before the host's first clock sample */
	bool told_open;        /* to the fleet, with the interval `told`, at told_at */
	struct range told;
	int64_t told_at;
};

struct alias { /* a second spelling of a host's name */
	struct owned name;
	uint32_t host;     /* TABLE_NONE: it has come to stand for several, or for itself */
	bool shared;       /* a label of several full names; its host is then by address */
};

/* The newest records, to know a repeated one by: an hour of samples at one a minute. Kept of texts for an hour, and of clock samples while the
 * host is a suspect. */
struct digests {
	uint64_t all[DIGESTS_MAX];
	int64_t last;
	uint8_t count, next;
};

/* To know a repeated clock sample by: 16 bits of what each said that is not, or no longer, among those that are kept; or of the digest of one
 * without a stamp. They are asked only for a record that is stamped no later than one before it, which is rare; of those one in 3,000 is taken for
 * a repeated one that is none. */
struct tags {
	uint16_t all[TAGS_MAX];
	uint8_t count, next;
	int64_t said; /* the latest own stamp of a sample; NONE */
};

/* How its samples come: what they alone tell, whatever the settings are. */
struct rhythm {
	int64_t median; /* of the distances between those that are kept; NONE: fewer than two distances */
	int64_t held;   /* the latest came so much later after it was taken than the promptest */
};

enum host_finding { HOST_LATE, HOST_STREAM_STAMPS, HOST_CREDENTIAL, HOST_FINDINGS };
struct host {
	struct owned name, address;
	struct owned full;        /* the full name of a host that is kept under its first label; or empty */
	bool short_seen;          /* kept under its full name, also written by its first label */
	bool label_by_address;    /* of several full names with this label the one whose address the bare label's records carry */
	bool label_shared;        /* a bare label that several full names share */
	uint32_t index;           /* of its row */
	int64_t due, armed;       /* its timer, and the earliest that waits for it among the timers; NONE: none */
	uint32_t place;           /* among the quiet hosts that are awake, counted from 1; 0: not one of them */
	bool asked;               /* somebody has asked for it since the hand passed */
	bool dozing;              /* only its standing has been unpacked; the rest lies in its row, from `rest` on */
	uint32_t rest;
	bool suspect;             /* its whole window is kept */
	int64_t first, now, last; /* first and newest reference time, and the time up to which it was judged (now >= last) */
	uint8_t reference_kind;
	uint64_t ruleset;
	/* transit */
	struct stream streams[STREAMS_MAX];
	uint8_t streams_count;
	struct cell *cells;       /* by (start, stream) */
	uint16_t cells_count, cells_capacity;
	struct slim slim;         /* kept in memory only */
	int64_t transit_from;     /* older values are void: the clock was set; NONE */
	int64_t lag;              /* usual o - L while the clock was right; NONE */
	int64_t over_since;       /* L has been seen above the limit since; NONE */
	/* telemetry */
	struct sample samples[SAMPLES_MAX]; /* oldest first */
	uint8_t samples_count;
	struct rhythm rhythm;     /* of these; of one that dozes it is not known */
	uint32_t fresh_s;         /* of one that dozes, from its rhythm: so long after its newest sample it is fresh in any case (state.c); FRESH_S_MAX: or longer */
	int64_t heard;            /* its telemetry last, old words included; NONE */
	uint32_t telemetry_input, log_input; /* names */
	struct host_source sources[HOST_SOURCES_MAX];
	uint8_t sources_count;
	uint32_t selected;        /* the name of what its daemon follows */
	int64_t counted_at;       /* the sample that `bad` counted last; NONE */
	uint32_t unsynchronised, bad, contradictions, unshown, few, lost, leap_odd, unapproved; /* in a row */
	int32_t stratum;          /* of the newest sample; 0 unknown */
	int64_t reference_time;   /* when its daemon heard its source last, by the newest sample; NONE */
	int64_t reference_since, poll; /* its daemon heard its source last, as first told; how often it asks */
	uint32_t reference_same;  /* samples in a row that tell the same */
	bool synchronised_once, telemetry_seen;
	int64_t first_contradiction; /* NONE */
	int64_t unexplained_at;   /* the contradicting sample that was told the fleet; NONE */
	bool false_sync;          /* its own sources are void for this host */
	bool proved_behind;       /* by 3.1 against its telemetry */
	int64_t stepped_at, step; /* a step by telemetry or by a jump line; NONE, 0 */
	int64_t set_time_at;      /* a set-time event; NONE */
	int64_t daemon_set_at;    /* its time daemon says that it stepped the clock itself; NONE */
	int64_t jump_at;          /* of the newest jump line; NONE */
	int64_t jump_step, jump_before; /* a daemon's step back (0: none to be shown), and the bound before it */
	int64_t moved_behind_at;  /* a step back from a right time was shown; NONE */
	int64_t leap_at;          /* newest announcement; NONE */
	int8_t leap_sign;
	int64_t hold_since;       /* an opening is held down since; NONE */
	int64_t cleared_at;       /* last restart of the window; NONE */
	struct tags tags;
	struct digests *digests[2]; /* of texts, of clock samples; NULL: none yet */
	/* words */
	struct symptom *symptoms; /* oldest first, room for SYMPTOMS_MAX; NULL: none */
	uint8_t symptoms_count;
	struct accusation *accusations; /* room for ACCUSATIONS_MAX; NULL: none */
	uint8_t accusations_count;
	int64_t said_of_peer;     /* when its standing as an accused was last told; NONE */
	uint8_t said_good;
	/* incidents */
	struct incident incident;
	uint64_t traced;          /* the shape that `explain` was last told; kept in memory only */
	uint8_t trust;            /* last told: enum of trust_record, + 1; 0 nothing */
	int64_t trust_from, good_at; /* of what was last told; when last proved good, NONE */
	bool trust_known;
	struct range trust_range;
	int64_t finding_at[HOST_FINDINGS]; /* last told */
};

/* ---- subjects of many hosts ---- */
struct stance_report { /* of one partition about one source */
	int64_t at;
	struct stance_counts counts;
	struct range phi;
	struct owned hosts;       /* names joined by line feeds */
};
struct source {
	struct owned name;        /* without "ntp:" */
	struct source *next_touched;
	bool touched, dirty;      /* dirty: a host of this partition changed its stance */
	bool news;                /* its conviction or incident changed with the feedback that is taking effect */
	/* what every partition knows */
	bool known, convicted;
	int64_t heard;
	struct stance_counts counts;
	struct owned incident_id;
	uint8_t incident_cause;
	bool told;                /* something but zeros, by this partition */
	/* on its own partition: what the partitions told, and what follows */
	struct stance_counts sum;
	struct range sum_phi;
	bool guilty;              /* convicted; the others know it two hops later */
	int64_t since;            /* when it was */
	struct owned own_id;
	struct stance_report *reports; /* one per partition, by number; NULL elsewhere */
	uint32_t reports_count;
	int64_t majority_since, lapsed_since;
	struct incident incident;
};

/* What an accused host has told of itself: under its name, its first label and its address. */
struct peer_knowledge {
	struct owned name;
	uint32_t good_accusers;
	bool good;       /* proved right */
	int64_t at;      /* when it said so; NONE */
	bool touched;
	struct peer_knowledge *next_touched;
};
struct address {
	struct owned name;        /* without "ip:" */
	struct owned hosts[2];    /* two: ambiguous */
	bool touched;
	struct address *next_touched;
};

struct input {
	struct owned name;
	int64_t reference;
	uint32_t stalled; /* entries in a row without movement */
	bool idle;
};
struct pending {
	int64_t due;
	uint64_t sequence;
	struct owned subject, value; /* packed feedback */
	bool stored;
};

struct unexplained {
	struct owned host;
	int64_t at, value;
	bool unvouched, moved;
};
struct fleet_part {
	int64_t from, to, value; /* the void interval, z */
};
struct histogram {
	struct calibration_bin_count *bins; /* by bin */
	uint32_t count;
};
/* Met by right hosts (issuer.c). */
struct ahead_issuer {
	enum issuer issuer;
	int64_t ahead, seen; /* by at least (0: unknown), and when last */
};
struct ahead_issuers {
	struct ahead_issuer all[FEEDBACK_ISSUERS_MAX];
	uint8_t count;
};
/* Clocks with an open incident (open.c). */
struct open_clock {
	struct owned host;
	struct range theta;
	int64_t since; /* proved right last; NONE */
};
struct open_clocks {
	struct open_clock all[FEEDBACK_OPEN_MAX];
	uint8_t kept;
	uint32_t count; /* of all, the rest is not kept */
};
/* On its own partition only. */
struct fleet {
	struct open_clocks open;
	struct ahead_issuers issuers;
	struct histogram *lag, *excess; /* one per partition */
	struct census *census;
	int64_t fault_from, fault_to, fault_value; /* of the whole; NONE */
	struct unexplained unexplained[UNEXPLAINED_MAX];
	uint16_t unexplained_count;
	struct fleet_part parts[FEEDBACK_FAULT_PARTS_MAX];
	uint8_t parts_count;
	struct incident incident;
	bool touched;
};
/* What every partition knows of the fleet. */
struct fleet_knowledge {
	bool wide_known;
	int64_t wide;
	struct census census;
	int64_t counted_at; /* not later than this the census was taken; NONE */
	bool fault;
	int64_t fault_from, fault_to;
	struct fleet_part parts[FEEDBACK_FAULT_PARTS_MAX];
	uint8_t parts_count;
	struct open_clocks open;
	struct ahead_issuers issuers;
};

struct rows {
	void **items;
	uint32_t count, capacity;
	struct table table;
};

/* names.c: texts that many hosts share, by number. 0 is the empty text. */
struct names {
	struct rows rows;    /* struct name */
	uint32_t first_free; /* number of one that nobody holds; 0: none */
};
void names_init(struct names *names);
void names_release(struct names *names);
struct str name_str(const struct correlate_partition *p, uint32_t number); /* until the last host that holds it lets it go */
void name_set(struct correlate_partition *p, uint32_t *number, struct str text); /* lets the old one go */

/* heap.c */
enum { HEAP_ITEM_MAX = 128 };
struct heap {
	char *items; /* the earliest first */
	size_t size; /* of one */
	uint32_t count, capacity;
	bool (*earlier)(const void *context, const void *a, const void *b);
	const void *context;
};
void heap_init(struct heap *heap, size_t size, bool (*earlier)(const void *, const void *, const void *), const void *context);
void heap_push(struct heap *heap, const void *item); /* copied */
void heap_pop(struct heap *heap, void *out);         /* the heap must not be empty */
void heap_release(struct heap *heap);

struct timer {
	int64_t due;
	uint32_t host; /* its row */
};

/* A host as its partition keeps it. Awake it is a struct host. A quiet host to which nothing is done sleeps as the bytes of its state: a few
 * hundred instead of some thousands. Which are awake depends on memory alone and changes nothing: what wakes is what fell asleep. */
struct host_row {
	union {
		struct host *host; /* awake */
		int64_t due;       /* asleep: its timer; NONE: none */
	};
	uint32_t packed_size : 17;
	uint32_t name_size : 9;
	bool awake : 1;
	bool touched : 1;   /* to be written by the next flush */
	bool open : 1, doubted : 1; /* of one that sleeps or dozes: its incident is open; what others tell may change what is said of it */
	bool outspoken : 1, has_full : 1; /* of a sleeping one: it says more of a source than that it agrees; it has a full name too */
	char bytes[];       /* its name, then the packed host */
};

struct correlate_partition {
	const struct correlate_settings *settings;
	int64_t constants[CONSTANT_COUNT];
	uint32_t number, count;
	int64_t clock;   /* NONE before the first progress */
	int64_t tick;    /* next */
	struct rows hosts, aliases, sources, peers, addresses;
	struct names names;
	uint32_t suspects;
	bool suspects_full; /* and that was said */
	struct buffer packed; /* of the host that is falling asleep, or of a word */
	struct arena heard;   /* of the word that takes effect */
	struct host **awake; /* the quiet hosts that are, in a circle */
	struct host **spare; /* memory of some that sleep */
	uint32_t spare_count;
	uint32_t awake_count, awake_capacity, hand; /* hand: who is looked at next when one is to sleep */
	struct input *inputs; /* by name */
	uint32_t inputs_count, inputs_capacity;
	struct heap timers;  /* struct timer by (due, name): those that are due until */
	int64_t timers_until; /* then; NONE: none */
	struct heap pending; /* struct pending by (due, sequence) */
	uint64_t sequence;
	struct fleet_knowledge knowledge;
	struct fleet *fleet; /* NULL elsewhere */
	/* to be written by the next flush */
	bool touched, dirty_sources, news_of_sources;
	uint32_t *touched_hosts; /* rows */
	uint32_t touched_count, touched_capacity;
	struct source *touched_sources;
	struct peer_knowledge *touched_peers;
	struct address *touched_addresses;
	struct owned *gone; /* keys of state records to bury */
	uint32_t gone_count, gone_capacity;
	struct effects *out; /* of the running call */
};

static inline int64_t constant_of(const struct correlate_partition *p, enum constant constant)
{
	return p->constants[constant];
}
#define K(constant) constant_of(p, C_##constant)

/* W: how far below the bound a clock may lie when the delay is the usual one (verdict.md 2.1). */
static inline int64_t wide_of(const struct correlate_partition *p)
{
	return p->knowledge.wide_known ? p->knowledge.wide : K(WIDE);
}

/* ---- evidence, weighed ---- */
/* The delivery bound (verdict.md 2.1). */
struct bound {
	bool known;
	int64_t low;        /* L */
	int64_t spread;
	int64_t reach;      /* the spread of all that the host sent: what lies further below is of long ago */
	bool moment;        /* of records of one moment only: how far they spread is not known */
	int64_t grain;      /* the coarsest of the streams that carry it */
	int64_t first;      /* t0: earliest value of the claim */
	int64_t newest;
	unsigned streams;   /* that are for it */
	bool log_stream;    /* one of them carries application logs */
	bool disputed;      /* by a program that has said little since `first`, and that otherwise; or too much of its own lies elsewhere */
	bool stray_stamps;  /* a program's stamps were outvoted */
	int64_t stray_value;
};
/* What an ahead clock may hide in: the spread that was shown, not one that was guessed for want of records. */
static inline int64_t spread_shown(const struct bound *bound)
{
	return bound->moment ? 0 : bound->spread;
}
struct claim {
	bool present;   /* a sample passes the tests of 2.2 and is not void */
	bool stands, votes, unconvicted;
	bool superseded;
	int64_t at, offset, bound; /* bound widened to `now` */
};
enum item_kind { ITEM_NTP, ITEM_TRANSIT, ITEM_SYMPTOM, ITEM_ACCUSATION, ITEM_DAEMON, ITEM_PEERS };
struct item {
	enum item_kind kind;
	int index;              /* of the symptom or accusation */
	struct allowed allowed;
	bool causal;
	bool unmeasured;        /* a text without a number */
	bool removed;           /* impossible below the delivery bound */
	bool agrees;
};
enum proof { PROOF_NONE, PROOF_CLAIMED, PROOF_CORROBORATED, PROOF_PROVED };
struct verdict {
	int64_t now;
	int64_t wide;           /* W */
	struct bound bound;
	struct claim claim;
	size_t items_count;
	bool agreed, tie;
	int64_t point;
	struct range range;     /* agreed interval */
	int64_t distance;       /* n0: of the interval from zero, or from the expected offset */
	int64_t expected;       /* 0, or what the operator expects of this host */
	enum direction direction;
	enum proof proof;
	bool ntp_agrees;
	bool ahead_proved;      /* by L */
	bool behind_proved;     /* 3.1 */
	int64_t hearsay_since;  /* by issuers alone, whom right hosts have been able to find ahead since then; NONE: not so */
	bool accused;           /* 4d */
	unsigned hub_peers;     /* different right peers that this host differs from, when they are enough to make it the suspect */
	bool hub_alike;         /* by the same magnitude */
	unsigned classes;       /* votes for the point */
	bool good;              /* proved right: corroborated and within the limit */
	bool causal_or_symmetric; /* such a symptom is in the window */
	int64_t last_blocking;  /* newest symptom that blocks a resolution; NONE */
	int64_t patience;       /* a sample older than this is missed by now */
	struct item items[ITEMS_MAX]; /* last: those beyond items_count are never set */
};

/* transit.c */
void transit_take(struct correlate_partition *p, struct host *host, const struct observation *observation);
void cells_reserve(struct host *host, unsigned count);
void transit_restart(struct host *host, int64_t from);
void transit_drop_above(struct host *host, int64_t limit, int64_t before);
void transit_age(struct correlate_partition *p, struct host *host, int64_t now);
void transit_slim(struct host *host);
int64_t transit_log_low(const struct host *host, int64_t now, int64_t window);
/* The bound at `now`; `limit`: claims at or below it have no consequence. Values of (from, to] only (NONE: no limit). */
/* No value of the host is above it (INT64_MIN: it has none). */
int64_t transit_highest(const struct host *host);
struct bound transit_bound(struct correlate_partition *p, const struct host *host, int64_t now, int64_t consequence, int64_t from, int64_t to);
bool transit_threatens(struct correlate_partition *p, const struct host *host, const struct observation *observation);
/* sample.c */
void sample_take(struct correlate_partition *p, struct host *host, const struct observation *observation);
void source_row_take(struct correlate_partition *p, struct host *host, const struct observation *observation);
int64_t sample_interval(const struct correlate_partition *p, const struct host *host);
int64_t sample_taken(const struct sample *sample); /* when, on the reference's axis: its arrival less its lateness, where that can be told */
int64_t sample_patience(const struct correlate_partition *p, const struct host *host);
const struct sample *sample_last(const struct host *host);
void samples_changed(struct host *host); /* some came, went or were taken at another time */
bool sample_repeated(struct host *host, const struct observation *observation, uint64_t digest);
/* The newest claim, NULL when the newest sample is none. */
const struct sample *sample_claim(const struct host *host);
int64_t sample_slew_ppb(const struct host *host, bool *out_steady); /* |rate| of the last difference */
/* A sample newer than `at` has come up by more than a step: stamps until then show no lag of now. */
bool sample_risen_since(const struct correlate_partition *p, const struct host *host, int64_t at);
bool sources_convicted(const struct correlate_partition *p, const struct host *host);
bool host_source_used(const struct host_source *source);
int32_t source_find(const struct correlate_partition *p, struct str name); /* NO_SOURCE: nobody has spoken of it */
/* The newest claim is of ahead and nothing of it shows (2.2), by a bound that became known after it came. */
/* A claim of ahead that nothing shows yet, and not enough has been seen to say that nothing does. */
bool claim_undecided(struct correlate_partition *p, const struct host *host, const struct sample *sample, int64_t widened, const struct bound *bound);
bool sample_unshown_now(struct correlate_partition *p, struct host *host, int64_t widened, const struct bound *bound);
bool sources_vouched(const struct correlate_partition *p, const struct host *host, int64_t excess, int64_t now);
/* A fault of a collector is known that makes its stamps exceed its claim by as much. */
bool sample_of_part(const struct correlate_partition *p, const struct sample *sample, const struct fleet_part *part);
bool sample_explained(const struct correlate_partition *p, const struct sample *sample);
bool sample_settled(const struct correlate_partition *p, const struct sample *sample, int64_t now); /* and it was no source that moved */
/* Stamped no later than a lag that proves nothing: a clock that is behind what it claims would show so. */
bool sample_in_time(const struct correlate_partition *p, const struct sample *sample);
bool sample_of_before_step(const struct correlate_partition *p, const struct host *host, int64_t x, int64_t at);
void sample_excuse(struct correlate_partition *p, struct host *host);
void sample_withdraw(struct correlate_partition *p, struct host *host, int64_t now);
/* symptom.c */
void symptom_take(struct correlate_partition *p, struct host *host, const struct observation *observation);
void symptoms_age(struct correlate_partition *p, struct host *host, int64_t now);
void symptoms_clear(struct host *host);
void symptom_release(struct symptom *symptom);
struct allowed symptom_allows(const struct correlate_partition *p, const struct symptom *symptom);
bool symptom_is_causal_behind(const struct symptom *symptom);
/* jump.c */
void jump_take(struct correlate_partition *p, struct host *host, const struct observation *observation);
void jump_look(struct correlate_partition *p, struct host *host, int64_t now);
/* verdict.c */
/* The issuer is ahead itself: what it dated lies beyond what this host's own stamps allow (3.1). */
bool symptom_refuted(const struct correlate_partition *p, const struct symptom *symptom, int64_t now);
void verdict_weigh(struct correlate_partition *p, struct host *host, int64_t now, struct verdict *out);
bool refers_to_fault(const struct correlate_partition *p, int64_t at);
struct thresholds thresholds_of(const struct correlate_partition *p, const struct host *host);
const struct expected_offset *expected_of(const struct correlate_partition *p, const struct host *host, int64_t now);
bool silenced(const struct correlate_partition *p, struct str name, int64_t now);
bool host_silenced(const struct correlate_partition *p, const struct host *host, int64_t now);
bool glob_matches(struct str pattern, struct str text);
/* approved.c */
bool source_approved(const struct correlate_settings *settings, struct str source);
/* cause.c */
enum cause cause_of(struct correlate_partition *p, const struct host *host, const struct verdict *verdict);
enum cause health_of(const struct correlate_partition *p, const struct host *host, int64_t now, enum severity *out_severity);
bool drift_of(const struct host *host, struct rate *out);
int32_t explaining_source(const struct correlate_partition *p, const struct host *host); /* NO_SOURCE: none */
int32_t shared_source_of(const struct correlate_partition *p, const struct host *host);
int32_t orphan_core_of(const struct correlate_partition *p, const struct host *host); /* of its group, if that has an incident; NO_SOURCE: none */
int cause_rung(enum cause cause);
/* trace.c */
/* The gates on the way to a clock incident, in their order. */
enum gate { GATE_OPENS, GATE_NOTHING, GATE_WITHIN, GATE_NO_PROOF, GATE_LEAP, GATE_SILENCED, GATE_UNSEEN, GATE_CONVERGING, GATE_ONE_SAMPLE, GATE_TELEMETRY_STANDS,
	GATE_FIRST, GATE_COLLECTOR, GATE_REFERENCE, GATE_ISSUERS, GATE_COUNT };
void trace_verdict(struct correlate_partition *p, struct host *host, const struct verdict *verdict, enum gate gate);
/* life.c */
void host_judge(struct correlate_partition *p, struct host *host, int64_t now);
void incident_id(struct effects *out, struct str suspect, const struct incident *incident, struct str *out_id);
/* revision.c */
void revision_emit(struct correlate_partition *p, struct host *host, const struct verdict *verdict, enum incident_action action, struct str inhibited_by);
bool is_correlated(const struct host *host, const struct verdict *verdict);
void trust_emit(struct correlate_partition *p, struct host *host, const struct verdict *verdict, int64_t now);
/* How this partition's hosts stand to the reference. */
struct calibration {
	struct census census;
	int32_t *lag, *excess; /* bins, one a host at most */
	size_t lag_count, excess_count;
};
/* source.c */
int32_t source_intern(struct correlate_partition *p, struct str name); /* NO_SOURCE at the cap */
struct source *source_at(const struct correlate_partition *p, int32_t index);
void stance_changed(struct correlate_partition *p, int32_t source);
/* At the tick of all sources, with what calibrates; NULL: of those alone whose hosts changed their stance. */
void stances_tell(struct correlate_partition *p, int64_t now, struct calibration *calibration);
void source_told(struct correlate_partition *p, struct str name, const struct feedback *feedback, int64_t now);
void source_known(struct correlate_partition *p, const struct feedback *feedback, struct str name);
void sources_judge(struct correlate_partition *p); /* the hosts that news of sources concern, when all of one instant has been heard */
void sources_tick(struct correlate_partition *p, int64_t now);
/* fleet.c */
struct calibration calibration_begin(const struct correlate_partition *p);
void calibrate(struct correlate_partition *p, struct host *host, int64_t now, struct calibration *out); /* one host */
void calibration_tell(struct correlate_partition *p, int64_t now, struct calibration *all); /* and ends it */
void fleet_calibrated(struct correlate_partition *p, const struct feedback *feedback, int64_t now);
void fleet_unexplained(struct correlate_partition *p, const struct feedback *feedback, int64_t now);
void fleet_known(struct correlate_partition *p, const struct feedback *feedback);
void fleet_tick(struct correlate_partition *p, int64_t now);
/* A source that jumped, which looks alike at first, has lost its other witnesses by then. */
bool part_settled(const struct correlate_partition *p, const struct fleet_part *part, int64_t now);
struct fleet *fleet_here(struct correlate_partition *p);
void fleet_forget(struct correlate_partition *p);
/* open.c */
void open_tell(struct correlate_partition *p, struct host *host, const struct verdict *verdict);
void open_told(struct correlate_partition *p, const struct feedback *feedback);
void open_say(const struct open_clocks *clocks, struct feedback_fleet *out);
void open_known(struct correlate_partition *p, const struct feedback_fleet *said);
void open_release(struct open_clocks *clocks);
/* The one host whose open incident fits what a text of that time says of an unnamed clock; empty: none, or several. */
struct str open_match(const struct correlate_partition *p, const struct allowed *theta, int64_t at);
/* issuer.c */
void issuer_tell(struct correlate_partition *p, struct symptom *symptom, int64_t now); /* a right host has met it */
void issuer_told(struct correlate_partition *p, const struct feedback *feedback);
void issuers_say(const struct ahead_issuers *list, struct feedback_fleet *out);
void issuers_known(struct correlate_partition *p, const struct feedback_fleet *said);
/* What a host whose records lag so was told may have been dated by an issuer that right hosts have found ahead. */
bool issuer_ahead(const struct correlate_partition *p, const struct symptom *symptom, int64_t lag);
/* peer.c */
struct allowed accusation_allows(const struct accusation *accusation);
struct str peer_key(struct str as_written, char out[SUBJECT_BYTES_MAX]); /* empty: unnamed */
void peers_accuse(struct correlate_partition *p, struct host *host, const struct verdict *verdict);
void accusation_take(struct correlate_partition *p, struct str subject, const struct feedback *feedback, int64_t now);
void accusations_age(struct correlate_partition *p, struct host *host, int64_t now);
void accusation_release(struct accusation *accusation);
void address_told(struct correlate_partition *p, struct str name, struct str host, int64_t now);
void peer_tell(struct correlate_partition *p, struct host *host, const struct verdict *verdict);
void peer_known(struct correlate_partition *p, const struct feedback *feedback);
const struct peer_knowledge *peer_find(const struct correlate_partition *p, struct str name);
bool peer_stamps(enum issuer issuer);
/* feedback.c */
void feedback_send(struct correlate_partition *p, uint32_t to, struct str subject, struct feedback *feedback);
void feedback_send_all(struct correlate_partition *p, struct str subject, struct feedback *feedback);
void feedback_take(struct correlate_partition *p, const struct observation *observation);
void feedback_effect(struct correlate_partition *p, struct pending *pending);
struct str pending_key(const struct pending *pending, struct arena *arena); /* of its state record */
void pending_init(struct heap *pending);
/* effects.c */
struct effect *effect_add(struct correlate_partition *p, enum effect_kind kind);
void finding_say(struct correlate_partition *p, const char *name, struct str subject, const char *format, ...) __attribute__((format(printf, 4, 5)));
void trace_say(struct correlate_partition *p, const struct host *host, int64_t at, const char *format, ...) __attribute__((format(printf, 4, 5)));
bool tracing(const struct correlate_partition *p, const struct host *host);
/* alias.c */
struct host *host_of(struct correlate_partition *p, struct str name, struct str address, bool make); /* any spelling; NULL: none, or hosts_max */
void alias_learn(struct correlate_partition *p, struct host *host);
bool is_full_name(struct str name);
struct str host_shown(const struct host *host);  /* the name that people are told */
bool host_called(const struct host *host, struct str pattern); /* under any of its names */
/* rows.c */
void *cleared(size_t size); /* zeroed memory; none left: aborts */
void rows_init(struct rows *rows, struct str (*key_of)(const void *, uint32_t));
void rows_release(struct rows *rows);
uint32_t rows_add(struct rows *rows, struct str key, void *item);
void *rows_find(const struct rows *rows, struct str key);
/* host.c. A struct host stays awake until the next hosts_rest. */
struct host_row *host_row(const struct correlate_partition *p, uint32_t index);
struct str host_row_name(const struct host_row *row);
int64_t host_row_due(const struct host_row *row);
struct host *host_at(struct correlate_partition *p, uint32_t index); /* wakes it */
/* Wakes it only as far as quiet stamps go, which change its standing alone (host_unpack_standing); what else is asked of it wants host_at. */
struct host *host_doze(struct correlate_partition *p, struct str name); /* NULL: no host of this name */
/* To read one in passing: the host itself or, of a sleeping one, a copy in *scratch, until host_unpeek(what it gave, scratch). `standing`:
 * only what the tick asks for may be there (host_unpack_standing). A scratch begins all zero and may serve for many; its cells are freed last. */
struct host *host_peek(struct correlate_partition *p, uint32_t index, bool standing, struct host *scratch);
void host_peek_whole(struct correlate_partition *p, struct host *host); /* what is not yet unpacked of it too */
void host_unpeek(const struct host *host, struct host *scratch);
void hosts_spare_free(struct correlate_partition *p);
bool host_doubted(const struct correlate_partition *p, uint32_t index);
void host_settle(struct correlate_partition *p, struct host *host); /* after `suspect` changed */
void hosts_rest(struct correlate_partition *p); /* lets those sleep that are too many */
void hosts_tire(struct correlate_partition *p); /* lets those sleep that nobody has asked for since this was called last */
void host_forget(struct correlate_partition *p, struct host *host); /* as if it had just been seen first */
void host_row_free(struct host_row *row);
void host_release(struct host *host); /* frees what it holds, but not its names */
bool host_open(const struct correlate_partition *p, uint32_t index); /* its incident is */
uint64_t host_bytes(const struct correlate_partition *p, uint32_t index);
struct host *host_find(struct correlate_partition *p, struct str name);
struct host *host_make(struct correlate_partition *p, struct str name); /* NULL at hosts_max */
void host_touch(struct correlate_partition *p, struct host *host);
void source_touch(struct correlate_partition *p, struct source *source);
void source_free(struct source *source);
struct peer_knowledge *peer_make(struct correlate_partition *p, struct str name);
void peer_touch(struct correlate_partition *p, struct peer_knowledge *peer);
struct address *address_make(struct correlate_partition *p, struct str name);
void address_touch(struct correlate_partition *p, struct address *address);
void key_bury(struct correlate_partition *p, struct str key);
struct input *input_find(const struct correlate_partition *p, struct str name);
struct input *input_make(struct correlate_partition *p, struct str name);
void timers_init(struct correlate_partition *p);
void timers_gather(struct correlate_partition *p, int64_t until); /* of all hosts that are due until then */
void timer_wakes(struct correlate_partition *p, struct host *host);
void timer_sleeps(struct correlate_partition *p, const struct host *host);
void timer_set(struct correlate_partition *p, struct host *host, int64_t due);
struct host *timer_due(struct correlate_partition *p, int64_t limit, int64_t *out_due); /* NULL: nothing due */
/* state.c */
void incident_reset(struct incident *incident);
void host_reset(struct host *host);
void host_pack(struct correlate_partition *p, struct host *host, struct str rest, struct buffer *out); /* rest: of one that dozes */
/* Into one that has been reset: its names, times, streams and cells, newest sample and sources. Returns the packed rest. */
struct str host_unpack_standing(struct correlate_partition *p, struct str packed, struct host *out);
void host_unpack_rest(struct correlate_partition *p, struct str packed, struct host *out);

#endif
