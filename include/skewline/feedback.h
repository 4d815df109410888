/* What the partitions of the correlate stage say to each other, in two hops.
 *
 * A subject that belongs to many hosts (a time source, a peer's name, an address, the fleet) lives on one partition. What hosts
 * prove about it travels there (hop 1); what it concludes returns (hop 2) and begets nothing more. Both are observations of
 * kind OBSERVATION_FEEDBACK whose `subject` is the receiver and whose `feedback` is this struct.
 *
 * `cause` is the reference time of what gave rise to it; for hop 2 the instant at which hop 1 took effect. It takes effect
 * when the receiving partition's clock passes cause + 15 s: also on the sender's own partition and in replay, so that the
 * number of partitions changes nothing. Offsets are spans, POSITIVE = AHEAD. phi = a source's clock - true time. */
#ifndef SKEWLINE_FEEDBACK_H
#define SKEWLINE_FEEDBACK_H

#include "skewline/incident.h"

#define FEEDBACK_VERSION 1
#define FEEDBACK_NAMES_MAX 24 /* host names in one message; the counts are always whole */
#define FEEDBACK_BINS_MAX 180 /* occupied bins of one histogram: two full ones fit into OBSERVATION_BYTES_MAX (10 bytes a bin at most) */
#define FEEDBACK_PARTITION_ALL UINT32_MAX

enum feedback_kind {
	/* hop 1 */
	FEEDBACK_STANCES = 1, /* to "ntp:<source>": how one partition's hosts stand to it */
	FEEDBACK_ACCUSATION,  /* to a host's name or "ip:<address>": a peer's interval for its clock */
	FEEDBACK_ADDRESS,     /* to "ip:<address>": this host has used it */
	FEEDBACK_UNEXPLAINED, /* to "fleet": an acquitted contradiction, which is a fault of the axis or the stamps */
	FEEDBACK_CALIBRATION, /* to "fleet": one partition's histograms of W and of x - o */
	FEEDBACK_OPEN,        /* to "fleet": this host's clock has an open incident, or no longer */
	FEEDBACK_ISSUER,      /* to "fleet": a host that is proved right has met what an unnamed issuer of this kind dated ahead of time */
	/* hop 2 */
	FEEDBACK_SOURCE,      /* the source's sums and whether it is convicted, to every partition */
	FEEDBACK_FLEET,       /* W, the number of standing claims, reference faults, whose incidents are open, which issuers are ahead, to every partition */
	FEEDBACK_PEER,        /* what an accused host knows of itself, to every partition */
	FEEDBACK_KIND_COUNT
};

/* Distinct hosts; "recent" = within 130 s, "hour" = within 3,600 s before `cause`. */
struct stance_counts {
	uint32_t agree_recent, contradict_recent, agree_hour, contradict_hour;
	uint32_t unshown;      /* hosts whose claim of ahead through this source has not shown for HOLD samples */
	uint32_t behind;       /* hosts that two other clocks prove behind although this source calls them right (3.1) */
	uint32_t falseticker;  /* hosts whose daemon outvotes it among at least two others */
	uint32_t orphans;      /* hosts that follow it although their chain ends at a local clock */
};

struct feedback_stances {
	struct stance_counts counts;
	struct interval phi;   /* what its contradicting clients allow for the source's own clock */
	size_t hosts_count;    /* the clients behind contradict_hour, unshown, falseticker and orphans, by name */
	const struct str *hosts;
};

struct feedback_accusation {
	struct str accuser;
	enum issuer issuer;
	enum symptom_class class;
	bool accuser_good;         /* at least corroborated and within 50 ms: its interval may be carried over */
	struct interval theta;     /* of the accused's clock */
	bool two_branches;         /* the mirror image of `theta` (both shifted to accuser = 0) is possible too */
	bool magnitude_known;
	struct span magnitude;     /* of the difference */
	bool stamped;              /* the accused stamps what it issues: it may be accused by name */
	bool forwarded;            /* an address has sent it on to its host already */
	struct instant reference, host_said;
	struct str rule, title, sample;
	struct coordinates coordinates;
};

struct feedback_unexplained {
	struct str host;
	struct span value;         /* x - o */
	bool unvouched;            /* of its sources none is vouched for by others, or a delay may hide it: the fault may be theirs */
	bool moved;                /* its claim has gone, and its stamps have not: no collector does that */
};

/* A sparse histogram; bins as in calibration_bin(). */
struct calibration_bin_count {
	int32_t bin;
	uint32_t count;
};
/* Hosts, counted at one tick. */
struct census {
	uint32_t standing;         /* with a standing claim */
	uint32_t announcing;       /* of those, that announce a leap second */
	uint32_t fresh;            /* with a clock sample of the last one and a half intervals */
};
struct feedback_calibration {
	struct census census;
	size_t lag_count;          /* theta_NTP - L of log streams, in [0, 3 s], bins of 25 ms from 0 */
	const struct calibration_bin_count *lag;
	size_t excess_count;       /* x - o, signed logarithmic bins */
	const struct calibration_bin_count *excess;
};

struct feedback_source {
	struct stance_counts counts;
	bool convicted;
	struct instant since;      /* of the conviction */
	struct interval phi;
	struct str incident;       /* id of the source's open incident, or empty */
	enum cause cause;          /* shared_source, false_sync or unsynchronised, while an incident is open */
};

struct feedback_open {
	struct str host;
	bool open, first;          /* first: it was not before */
	struct interval theta;     /* both sides closed */
	struct instant since;      /* it was proved right last; INSTANT_NONE: never */
};

struct feedback_issuer {
	enum issuer issuer;
	struct span ahead;         /* at least; 0: by an unknown amount */
	struct instant seen;       /* reference time of the text */
};

#define FEEDBACK_ISSUERS_MAX 16
#define FEEDBACK_OPEN_MAX 24
#define FEEDBACK_FAULT_PARTS_MAX 8
struct reference_fault_part {
	struct instant from, to;   /* void interval of reference times */
	struct span value;         /* z */
};
struct feedback_fleet {
	bool wide_known;
	struct span wide;          /* W */
	struct census census;
	bool fault;                /* of the whole reference */
	struct instant fault_from, fault_to; /* its void interval so far; to = INSTANT_NONE while it lasts */
	struct span fault_value;   /* the median of x - o */
	size_t parts_count;        /* faults of a part of the collectors */
	struct reference_fault_part parts[FEEDBACK_FAULT_PARTS_MAX];
	struct str incident;       /* id of the open reference incident, or empty */
	uint32_t open_count;       /* clocks with an open incident; more than open_kept: the rest is not known */
	size_t open_kept;
	struct feedback_open open[FEEDBACK_OPEN_MAX];
	size_t issuers_count;
	struct feedback_issuer issuers[FEEDBACK_ISSUERS_MAX];
};

struct feedback_peer {
	struct str peer;
	bool known;                /* a host of that name exists */
	bool good;                 /* corroborated or better, and its interval allows 0 */
	struct interval theta;
	uint32_t good_accusers;    /* different good hosts whose accusation stands */
	struct str incident;       /* its open incident, or empty */
};

struct feedback {
	enum feedback_kind kind;
	uint32_t hop;              /* 1 or 2 */
	uint32_t partition;        /* of the sender */
	struct instant cause;
	struct str packed;         /* the bytes that it was unpacked from, for whoever keeps it; empty: it was not. Packing does not look at it */
	union {
		struct feedback_stances stances;
		struct feedback_accusation accusation;
		struct str address_host;      /* FEEDBACK_ADDRESS */
		struct feedback_unexplained unexplained;
		struct feedback_calibration calibration;
		struct feedback_open open;
		struct feedback_issuer issuer;
		struct feedback_source source;
		struct feedback_fleet fleet;
		struct feedback_peer peer;
	};
};

/* Appends the wire form (feedback.proto); false when it has no kind that we know. */
bool feedback_pack(const struct feedback *feedback, struct buffer *out);
/* False, out untouched: not a feedback of a version and kind that we know, or beyond the limits above. Copies into the arena. */
bool feedback_unpack(struct str bytes, struct arena *arena, struct feedback *out);

/* Signed bins that are fine near zero and 3 % wide far off: |value| < 8 s in steps of 50 ms, beyond 32 steps an octave. */
int32_t calibration_bin(struct span value);
struct span calibration_value(int32_t bin); /* the middle of the bin */

#endif
