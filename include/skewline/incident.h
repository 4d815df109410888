/* What correlate says to people and machines: one revision of one incident, with its evidence. contract.md, "Alert".
 *
 * A revision is plain data in the arena of the batch that produced it. Intervals are of theta = host clock - true time,
 * POSITIVE = AHEAD; an open side is INT64_MIN / INT64_MAX. */
#ifndef SKEWLINE_INCIDENT_H
#define SKEWLINE_INCIDENT_H

#include "skewline/observation.h"

#define SPAN_OPEN_LOW ((struct span){INT64_MIN})
#define SPAN_OPEN_HIGH ((struct span){INT64_MAX})
struct interval {
	struct span low, high; /* low <= high; open sides as above */
};
#define INTERVAL_ANY ((struct interval){SPAN_OPEN_LOW, SPAN_OPEN_HIGH})

enum incident_kind { INCIDENT_CLOCK, INCIDENT_HEALTH, INCIDENT_SOURCE, INCIDENT_REFERENCE };
enum incident_state { STATE_OPEN, STATE_RESOLVED, STATE_UNKNOWN };
enum incident_action { ACTION_OPEN, ACTION_UPDATE, ACTION_RESOLVE, ACTION_REOPEN };
enum severity { SEVERITY_NONE, SEVERITY_WARNING, SEVERITY_CRITICAL };
enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };
/* In the order of the ladder (verdict.md 5), then the health alarms. */
enum cause { CAUSE_REFERENCE_FAULT, CAUSE_PEER, CAUSE_SHARED_SOURCE, CAUSE_FALSE_SYNC, CAUSE_NO_TELEMETRY, CAUSE_UNSYNCHRONISED,
	CAUSE_SOURCE_LOSS, CAUSE_DEAD_RTC, CAUSE_TAMPER, CAUSE_TIME_ZONE, CAUSE_STEP, CAUSE_DRIFT, CAUSE_UNCORRECTED,
	CAUSE_FEW_SOURCES, CAUSE_UNAPPROVED_SOURCE, CAUSE_LEAP, CAUSE_NTP_SILENT, CAUSE_UNKNOWN, CAUSE_COUNT };

const char *incident_kind_name(enum incident_kind kind);
const char *incident_state_name(enum incident_state state);
const char *incident_action_name(enum incident_action action); /* open update resolve reopen */
const char *severity_name(enum severity severity);
const char *confidence_name(enum confidence confidence);
const char *cause_name(enum cause cause); /* as in the contract: "shared_source" */

/* One row of evidence, as the engine weighed it. */
struct evidence {
	struct str kind;            /* "ntp", "transit", "peer:ca", "peer:kdc01", "jump", "count" */
	struct instant reference, host_said; /* INSTANT_NONE where unknown */
	struct interval interval;   /* what it allows; a union shows its nearer branch here... */
	bool two_branches;          /* ...and the other branch is the mirror image */
	bool votes;                 /* it had an interval and was not void */
	bool agrees;                /* the agreed interval lies in what it allows */
	uint32_t count;             /* how many records stand behind the row */
	bool symptom;               /* a text; the three that follow are of it */
	enum symptom_class class;
	enum issuer issuer;
	enum symptom_shape shape;
	bool accuser;               /* another host's word on this clock */
	struct str rule, title;     /* of a symptom */
	struct str sample;
	struct coordinates coordinates;
	struct str note;            /* why it was removed or does not vote; empty: nothing to say */
};

/* What the daemon's reference is, where that is the matter. */
enum telemetry { TELEMETRY_ORDINARY, TELEMETRY_NEVER_SYNC, TELEMETRY_LOST_SYNC, TELEMETRY_OWN_CLOCK, TELEMETRY_ORPHAN, TELEMETRY_NONE };

/* When a drifting clock reaches the next limit: 50 ms, 200 ms, a token's leeway, Kerberos's 300 s. */
struct forecast {
	struct span limit;          /* 0: nothing to foretell */
	struct span earliest, latest; /* from the revision's time on; latest SPAN_OPEN_HIGH: perhaps never */
};

#define EVIDENCE_MAX 16
#define AFFECTED_MAX 200

struct incident_revision {
	struct str id;              /* <suspect>-<reference second of opening> */
	uint32_t revision;          /* from 1 */
	enum incident_kind kind;
	enum incident_state state;
	enum incident_action action;
	enum severity severity;
	enum cause cause;
	enum confidence confidence;
	bool correlated;            /* a text symptom and NTP or a proved delivery bound agree */
	struct str suspect;         /* host, "ntp:<source>" or "reference" */
	struct instant at;          /* reference time of this revision (= the alert's @timestamp) */
	struct instant opened, resolved; /* resolved: INSTANT_NONE while open */
	bool offset_known;          /* false in a health incident */
	struct interval now, worst;
	bool estimate_known;
	struct span estimate;
	enum direction direction;
	enum reference_kind reference_kind;
	const struct evidence *evidence;
	size_t evidence_count;      /* <= EVIDENCE_MAX */
	const struct str *affected;
	size_t affected_count;      /* <= AFFECTED_MAX */
	uint32_t affected_total;
	struct str inhibited_by;    /* id of the incident that explains this one, or empty */
	uint64_t ruleset;           /* newest rule-set hash that its symptoms carried; 0 = none matched */
	/* For the causal sentence; unknown values are zero or empty. */
	struct str source;          /* the convicted, followed or lost source */
	int32_t sources_usable;     /* -1 unknown */
	struct span step;           /* of a step; 0 unknown */
	double drift_ppm;           /* of a drift; positive = runs fast */
	struct forecast forecast;
	struct span limit;          /* the threshold that was crossed */
	struct span expected;       /* what the operator expects of this host; 0 */
	enum telemetry telemetry;
	int32_t stratum;            /* of the host; 0 unknown */
	bool lags;                  /* its records arrive late by more than the usual */
	bool contradicted, outvoted; /* a source: by its clients' records, by other sources */
	uint32_t causal_symptoms, weak_symptoms, symmetric_symptoms; /* records in the window */
	bool ntp_agrees;            /* a standing NTP claim is part of the agreement */
	bool ntp_stands;
	struct span ntp_offset, ntp_bound;
};

struct trust_record {
	struct str host;
	struct instant from, to;    /* to: INSTANT_NONE = still */
	bool interval_known;
	struct interval interval;
	enum { TRUST_GOOD, TRUST_BAD, TRUST_UNKNOWN } state;
	struct str incident;        /* may be empty */
};

#endif
