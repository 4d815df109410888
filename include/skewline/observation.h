/* What the observe stage says to the correlate stage, and its wire form.
 *
 * An observation is one small statement about one subject, with its own reference time: the axis of every window. It is
 * a record of the observations topic: key = subject, value = protobuf (src/observation/observation.proto; version in
 * field 1, an unknown version is refused), at most OBSERVATION_BYTES_MAX. Offsets and x are spans, POSITIVE = host AHEAD.
 *   x = host_said - reference: how far the record's own stamp lies above the reference time of that very record.
 * Views point into the caller's memory; `observation_unpack` copies into the arena that it is given. */
#ifndef SKEWLINE_OBSERVATION_H
#define SKEWLINE_OBSERVATION_H

#include "skewline/arena.h"
#include "skewline/buffer.h"
#include "skewline/time.h"

#define OBSERVATION_VERSION 1
#define OBSERVATION_BYTES_MAX 4096
#define SAMPLE_BYTES_MAX 512
#define SUBJECT_BYTES_MAX 264 /* "ntp:" or "ip:" + a name of at most 255 bytes */

enum reference_kind { REFERENCE_UNKNOWN, REFERENCE_APPENDED, REFERENCE_COLLECTED, REFERENCE_ARRIVAL, REFERENCE_CONSENSUS, REFERENCE_OWN };
enum direction { DIRECTION_UNKNOWN, DIRECTION_AHEAD, DIRECTION_BEHIND };
enum leap { LEAP_UNKNOWN, LEAP_NORMAL, LEAP_INSERT, LEAP_DELETE, LEAP_UNSYNCHRONISED };
/* contract.md, `match` output */
enum symptom_class { CLASS_CERT_NOT_YET_VALID, CLASS_CERT_EXPIRED, CLASS_TOKEN_NOT_YET_VALID, CLASS_TOKEN_EXPIRED,
	CLASS_KERBEROS_SKEW, CLASS_FUTURE_TIMESTAMP, CLASS_DISTRIBUTED_CLOCK, CLASS_NTP_DAEMON, CLASS_SET_TIME, CLASS_COUNT };
enum issuer { ISSUER_NONE, ISSUER_CA, ISSUER_IDP, ISSUER_KDC, ISSUER_DNS, ISSUER_API, ISSUER_FS, ISSUER_REPO, ISSUER_CLUSTER,
	ISSUER_SENDER, ISSUER_DAEMON, ISSUER_COUNT };
enum symptom_subject { SYMPTOM_SELF, SYMPTOM_PEER, SYMPTOM_EITHER };
enum magnitude_kind { MAGNITUDE_NONE, MAGNITUDE_EXACT, MAGNITUDE_AT_LEAST };
/* What a symptom says of theta_self - theta_issuer (verdict.md 2). */
enum symptom_shape {
	SHAPE_WEAK,      /* no interval: expiry, generic failures, unsync lines: count, severity and cause only */
	SHAPE_CAUSAL,    /* one-sided: "not yet valid", "in the future": this clock is behind the issuer's (or the reverse) */
	SHAPE_SYMMETRIC, /* |difference| >= magnitude: Kerberos 300 s, TSIG 300 s, "more than N" */
	SHAPE_VALUE,     /* the difference is +-magnitude, sign unknown (etcd, HBase, Ceph) or, with a direction, known */
};

/* The words that files and people use, by enum value; NUL-terminated. The loader of rules reads them, everything else writes them. */
extern const struct str SYMPTOM_CLASS_NAMES[CLASS_COUNT], ISSUER_NAMES[ISSUER_COUNT], SYMPTOM_SUBJECT_NAMES[SYMPTOM_EITHER + 1],
	DIRECTION_NAMES[DIRECTION_BEHIND + 1], SYMPTOM_SHAPE_NAMES[SHAPE_VALUE + 1], MAGNITUDE_KIND_NAMES[MAGNITUDE_AT_LEAST + 1];

const char *reference_kind_name(enum reference_kind kind);
const char *direction_name(enum direction direction);
const char *leap_name(enum leap leap);
const char *symptom_class_name(enum symptom_class class);
const char *issuer_name(enum issuer issuer);
const char *symptom_subject_name(enum symptom_subject subject);
const char *symptom_shape_name(enum symptom_shape shape);
const char *magnitude_kind_name(enum magnitude_kind kind);

/* Where a record stood: for evidence rows ("topic/partition/offset") and findings. Files: topic = file, partition 0, offset = record number. */
struct coordinates {
	struct str topic;
	int32_t partition;
	int64_t offset;
};

enum observation_kind { OBSERVATION_CLOCK = 1, OBSERVATION_SOURCE, OBSERVATION_SYMPTOM, OBSERVATION_JUMP, OBSERVATION_TRANSIT,
	OBSERVATION_PROGRESS, OBSERVATION_FEEDBACK, OBSERVATION_FINDING };

/* A stamp that bears evidence: x and how fine it was written. */
struct stamp {
	bool known;      /* false: the record had no own time, or its input gives no transit evidence */
	struct span x;   /* host_said - reference */
	struct span grain; /* 1 s for whole seconds, 1 ms for three digits, ...; x - grain is the safe bound */
};

/* One tracking sample of the host's system clock. The mask says which fields the record had. */
enum clock_field { CLOCK_OFFSET = 1, CLOCK_ROOT_DELAY = 2, CLOCK_ROOT_DISPERSION = 4, CLOCK_LEAP = 8, CLOCK_STRATUM = 16,
	CLOCK_REFERENCE_ID = 32, CLOCK_REFERENCE_TIME = 64, CLOCK_POLL = 128, CLOCK_SOURCES_USABLE = 256, CLOCK_SOURCES_REACHED = 512,
	CLOCK_SYNCHRONISED = 1024, CLOCK_BOUND = 2048 };
struct clock_observation {
	uint32_t fields;          /* enum clock_field, or-ed */
	struct span offset;       /* positive = ahead, already normalised (formats.md 1) */
	struct span root_delay, root_dispersion;
	struct span bound;        /* stated total bound, where the record gives one instead of delay and dispersion */
	enum leap leap;
	bool synchronised;
	int32_t stratum;          /* 0 or 16 = unsynchronised */
	struct str reference_id;  /* 8 hex digits, upper case, as chrony prints it */
	struct str source;        /* name or address of the selected source, as written */
	struct instant reference_time; /* when the source was last heard, on the host's own clock */
	struct span poll;
	int32_t sources_usable, sources_reached;
};

/* One row about one time source of a host (chronyc sources, ntpq -p). */
struct source_observation {
	struct str source;   /* as written */
	char state;          /* chrony's letters: * + - ? x ~ ; 0 unknown */
	bool reached;        /* has answered at least once of the last 8 polls */
	int32_t stratum;
	bool offset_known;
	struct span offset;  /* the host's clock, as corrected by its daemon, minus the source's */
	struct span error;   /* stated margin */
};

struct symptom_observation {
	enum symptom_class class;
	enum issuer issuer;
	enum symptom_subject subject;
	enum direction direction; /* of the subject, if a clock is to blame */
	enum symptom_shape shape;
	enum magnitude_kind magnitude_kind;
	struct span magnitude;    /* of the difference, >= 0, see magnitude_kind */
	struct span leeway;       /* what the checker tolerated before it complained */
	struct str peer;          /* as written; may be empty */
	struct str rule, title;   /* rule id and name */
	struct str runbook;       /* path or URL of the rule, may be empty */
	struct str technique;     /* ATT&CK, e.g. "T1070.006", may be empty */
	uint64_t ruleset;         /* hash of the rule set that matched */
};

struct jump_observation {
	bool step_known;
	struct span step;    /* what was ADDED to the clock: positive = set forward */
	bool set_time_event; /* an audit or security event of setting the clock, not a time daemon's own line */
	struct str rule, title;
};

#define TRANSIT_TOP 3
/* One bucket: input partition x host x stream x 10 s of reference time. */
struct transit_observation {
	struct str stream;       /* program, else dataset, else "" */
	struct instant start;    /* of the bucket, reference time, a multiple of 10 s */
	uint32_t count;          /* records with an own stamp in the bucket */
	uint32_t top_count;      /* 1..3 */
	struct { struct span x; struct instant reference; } top[TRANSIT_TOP]; /* the largest x, descending, each with its time */
	struct span lowest;      /* the smallest x */
	struct span grain;       /* of the finest stamp in the bucket */
	bool clock_rows;         /* the stream carries NTP telemetry rather than application logs */
};

/* Written to every observations partition by every observer, for each of its input partitions that moved. */
struct progress_entry {
	struct str input;      /* "topic/partition" */
	struct instant reference; /* the input partition's current reference time */
	bool idle;             /* at its end for 10 s: does not hold the partition clock */
	bool transit;          /* its reference gives transit evidence (not `own`) */
	enum reference_kind reference_kind;
	bool telemetry;        /* it has carried clock samples */
	uint64_t records;      /* logs and clock samples since the last entry: how much spoke, for "silent while others arrive" */
	uint64_t other;        /* records of kind `other` since the last entry */
	uint64_t timeless;     /* logs and clock samples without an own time, or without a reference to hold it against: in no transit bucket */
};
#define PROGRESS_ENTRIES_MAX 64 /* more go into further observations */
struct progress_observation {
	size_t count;
	const struct progress_entry *entries;
};

/* Something worth counting that is about a host but no evidence: one finding a state change, e.g. a refused jump of an input's time. */
struct finding_observation {
	struct str name; /* one of metric.h's names */
	struct str detail;
};

struct feedback; /* src/correlate's own words between partitions: see feedback.h */

struct observation {
	enum observation_kind kind;
	struct str subject;            /* the key: lower-cased host, "ntp:...", "ip:...", "*" for progress, "fleet" */
	struct instant reference;      /* chosen by observe; correlate never chooses */
	enum reference_kind reference_kind;
	struct instant host_said;      /* INSTANT_NONE where the record had no own time */
	struct stamp stamp;            /* of this very record (clock, source, symptom, jump) */
	uint64_t digest;               /* of what the record says: a second delivery has the same; 0 for transit, progress, feedback */
	struct str input;              /* "topic/partition" of the input */
	struct coordinates coordinates;
	struct str sample;             /* the raw line, secrets masked, <= SAMPLE_BYTES_MAX, whole UTF-8 characters */
	struct str program;            /* the stream the record belongs to */
	struct str address;            /* the host's address as the record told it (host.ip), may be empty */
	union {
		struct clock_observation clock;
		struct source_observation source;
		struct symptom_observation symptom;
		struct jump_observation jump;
		struct transit_observation transit;
		struct progress_observation progress;
		struct finding_observation finding;
		const struct feedback *feedback;
	};
};

/* Appends the wire form; false (nothing appended) when it would exceed OBSERVATION_BYTES_MAX even without its sample. */
bool observation_pack(const struct observation *observation, struct buffer *out);
/* False with a reason when the bytes are not an observation of a version that we know. */
bool observation_unpack(struct str bytes, struct str key, struct arena *arena, struct observation *out, struct str *out_reason);
/* One JSON object (jansson is not used here: hand-written, for `decode --format observation`). */
void observation_print_json(const struct observation *observation, struct buffer *out);

/* The partition of a subject: hash of the first label of the lower-cased name, so that every spelling of a host name
 * meets on one partition. "ntp:" and "ip:" subjects hash whole. The function is documented in docs/partitioning.md. */
uint32_t observation_partition(struct str subject, uint32_t partitions);
/* True when the text is an IPv4 or IPv6 address. */
bool subject_is_address(struct str name);

#endif
