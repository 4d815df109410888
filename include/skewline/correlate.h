/* The second stage: observations of one partition, in offset order -> effects. The heart of the product.
 *
 * Pure: no clock, no I/O, no randomness, no log, no global; time comes only with observations. It performs nothing: alerts,
 * feedback to other partitions, state records, trust records, metrics and the trace that `explain` prints are returned as
 * effects for the caller to carry out in one transaction. What equals what (E1): the effects of a partition are a function of its
 * observations in offset order, the settings and nothing else; a partition restored from its state records goes on as if it had
 * never stopped. Therefore nothing may depend on the order of insertion or of hash slots: ties are broken by key.
 *
 *     struct correlate_partition *p = correlate_partition_new(&settings, 3, 12);
 *     correlate_restore(p, key, value) ...; correlate_restored(p);          (once, from the changelog)
 *     correlate_step(p, &observation, &effects) ...;                        (any number)
 *     correlate_flush(p, &effects);                                         (before each commit: state of touched subjects)
 *     carry out the effects; commit; effects_reset(&effects);
 */
#ifndef SKEWLINE_CORRELATE_H
#define SKEWLINE_CORRELATE_H

#include "skewline/constants.h"
#include "skewline/incident.h"

/* Thresholds of a host, after overrides. */
struct thresholds {
	struct span warning, critical;
	int32_t sources_min;
};
struct host_override {
	struct str match; /* glob: * and ? */
	struct thresholds thresholds;
};
struct expected_offset {
	struct str host;  /* glob */
	struct span offset;
	struct instant until;
};
struct silence {
	struct str host;  /* glob */
	struct instant until;
	struct str why;
};
enum leap_policy { LEAP_IGNORE, LEAP_WARNING, LEAP_CRITICAL };

struct correlate_settings {
	struct thresholds thresholds;
	const struct host_override *overrides;
	size_t overrides_count;
	const struct expected_offset *expected;
	size_t expected_count;
	const struct silence *silences;
	size_t silences_count;
	const struct str *approved_sources; /* globs or CIDR; empty list: every source is approved */
	size_t approved_sources_count;
	enum leap_policy leap_announced;
	struct span window;     /* 600 s */
	uint32_t suspects_max, hosts_max;
	uint32_t awake_max;     /* quiet hosts that are kept unpacked: memory for speed, never a difference in what is said */
	bool trace;             /* produce EFFECT_TRACE (explain) */
	struct str trace_host;  /* only of this host; empty: of all */
	struct span constants[CONSTANT_COUNT]; /* constants.h; SYMPTOM_AGE follows `window` */
};
void correlate_settings_default(struct correlate_settings *out);
bool is_network(struct str text); /* "10.0.0.0/8", "2001:db8::/32" */

enum effect_kind { EFFECT_ALERT, EFFECT_FEEDBACK, EFFECT_TRUST, EFFECT_STATE, EFFECT_FINDING, EFFECT_TRACE };
struct effect {
	enum effect_kind kind;
	union {
		const struct incident_revision *alert;
		struct { uint32_t partition; const struct observation *observation; } feedback;
		const struct trust_record *trust;
		struct { struct str key, value; bool tombstone; } state;
		struct { const char *name; struct str subject, detail; } finding; /* late_delivery, stream_stamps, credential, duplicate, ... */
		struct { struct instant at; struct str host, text; } trace;
	};
};
struct effects {
	struct arena arena; /* owns everything that the items point to */
	struct effect *items;
	size_t count, capacity;
};
void effects_reset(struct effects *effects);
void effects_release(struct effects *effects);

struct correlate_partition;
/* The settings must outlive the partition or be replaced by correlate_partition_settings. */
struct correlate_partition *correlate_partition_new(const struct correlate_settings *settings, uint32_t partition, uint32_t partitions);
void correlate_partition_free(struct correlate_partition *partition);
void correlate_partition_settings(struct correlate_partition *partition, const struct correlate_settings *settings);

/* False with a reason: not a state record of a version and partition count that we know. A record replaces an earlier one of its key. */
bool correlate_restore(struct correlate_partition *partition, struct str key, struct str value, struct str *out_reason);
void correlate_restored(struct correlate_partition *partition);

void correlate_step(struct correlate_partition *partition, const struct observation *observation, struct effects *out);
void correlate_flush(struct correlate_partition *partition, struct effects *out);
/* The partition's clock: INSTANT_NONE before the first progress. */
struct instant correlate_clock(const struct correlate_partition *partition);

struct correlate_figures {
	uint32_t hosts, suspects, incidents_open;
	uint64_t bytes;
};
void correlate_figures(const struct correlate_partition *partition, struct correlate_figures *out);
/* JSON of one state record, for `decode --format state`. */
bool correlate_state_json(struct str key, struct str value, struct buffer *out);

#endif
