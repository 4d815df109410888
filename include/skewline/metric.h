/* One table of counters and gauges: name, help, type. Values are the app's; rooms return findings, never touch metrics. */
#ifndef SKEWLINE_METRIC_H
#define SKEWLINE_METRIC_H

#include "skewline/buffer.h"

#define METRICS(X) \
	X(RECORDS_READ, "records_read_total", "Records read from input topics") \
	X(BYTES_READ, "bytes_read_total", "Bytes of record values read from input topics") \
	X(RECORDS_REJECTED, "records_rejected_total", "Records that could not be read; each went to rejects") \
	X(RECORDS_OTHER, "records_other_total", "Sound records that are neither logs nor clock samples") \
	X(CLOCK_SAMPLES, "clock_samples_total", "Clock samples decoded") \
	X(RULE_HITS, "rule_hits_total", "Rule matches") \
	X(RULE_LIMITED, "rule_limited_total", "Rule evaluations stopped at a match, depth or heap limit") \
	X(RULES_SUSPENDED, "rules_suspended_total", "Rules suspended until the next reload because they exceeded their match limits too often") \
	X(OBSERVATIONS_WRITTEN, "observations_written_total", "Observations written") \
	X(OBSERVATIONS_READ, "observations_read_total", "Observations read") \
	X(OBSERVATIONS_REFUSED, "observations_refused_total", "Observations that could not be read") \
	X(ALERTS_WRITTEN, "alerts_written_total", "Incident revisions written") \
	X(FEEDBACK_WRITTEN, "feedback_written_total", "Feedback observations written") \
	X(TRUST_WRITTEN, "trust_written_total", "Trust records written") \
	X(STATE_WRITTEN, "state_written_total", "State records written") \
	X(COMMITS, "commits_total", "Transactions committed") \
	X(ABORTS, "aborts_total", "Transactions aborted and repeated") \
	X(RELOADS, "reloads_total", "Reloads of rules and config that took effect") \
	X(RELOADS_FAILED, "reloads_failed_total", "Reloads refused because of an error; the old rules and config stay") \
	X(FINDING_LATE_DELIVERY, "finding_late_delivery_total", "Lag without causality: late delivery, not a clock") \
	X(FINDING_STREAM_STAMPS, "finding_stream_stamps_total", "One program's wrong stamps beside right ones of the same host") \
	X(FINDING_CREDENTIAL, "finding_credential_total", "A credential that is at fault, nobody's clock") \
	X(FINDING_DUPLICATE, "finding_duplicate_total", "Repeated deliveries of a record, dropped") \
	X(FINDING_INPUT_JUMP, "finding_input_jump_total", "A record's reference time refused because nothing confirmed the jump") \
	X(FINDING_HOSTS_MAX, "finding_hosts_max_total", "Observations of hosts beyond limits.hosts_max, which are not watched") \
	X(FINDING_SUSPECTS_MAX, "finding_suspects_max_total", "Suspect hosts beyond limits.suspects_max, of which a summary is kept only") \
	X(FINDING_FEEDBACK_DROPPED, "finding_feedback_dropped_total", "Feedback dropped because more of it waits than a partition may hold") \
	X(FINDING_OTHER, "finding_other_total", "Other findings")

enum metric {
#define X(id, name, help) METRIC_##id,
	METRICS(X)
#undef X
	METRIC_COUNT
};

/* Atomic counters, shared by the threads of a process. */
struct metrics;
struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);
void metric_add(struct metrics *metrics, enum metric metric, uint64_t count);
uint64_t metric_value(const struct metrics *metrics, enum metric metric);
/* The counter of a finding's name ("late_delivery"); METRIC_FINDING_OTHER when it has none of its own. */
enum metric metric_of_finding(struct str name);
/* Prometheus text exposition 0.0.4, names prefixed "skewline_". */
void metrics_write(const struct metrics *metrics, struct buffer *out);

#endif
