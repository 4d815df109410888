#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

#define AT(field) offsetof(struct config, field)
const struct key KEYS[] = {
	{"kafka", KEY_KAFKA, AT(kafka), 0, 0, NULL, false, "any librdkafka property"},
	{"instance", KEY_NAME, AT(instance), 0, 0, NULL, false, "prefix of the consumer groups, transactional ids and own topics"},
	{"member", KEY_TEXT, AT(member), 0, 0, NULL, false, "name of this process in its group; SKEWLINE_MEMBER or the host name without it"},
	{"inputs", KEY_INPUTS, AT(inputs), 0, 0, NULL, false, "what to read: topic (a name or ^regular expression), format, reference"},
	{"outputs.alerts", KEY_NAME, AT(outputs.alerts), 0, 0, NULL, false, "topic of the alerts"},
	{"outputs.trust", KEY_NAME, AT(outputs.trust), 0, 0, NULL, false, "compacted topic: how far a host's stamps can be believed"},
	{"outputs.rejects", KEY_TOPIC_OR_NONE, AT(outputs.rejects), 0, 0, NULL, false, "topic of the records that could not be read, or none"},
	{"thresholds.warning_s", KEY_SECONDS, AT(correlate.thresholds.warning), 0.001, 86400, NULL, true, "offset that is a warning"},
	{"thresholds.critical_s", KEY_SECONDS, AT(correlate.thresholds.critical), 0.001, 86400, NULL, true, "offset that is critical"},
	{"thresholds.sources_min", KEY_COUNT, AT(correlate.thresholds.sources_min), 0, 16, NULL, true, "fewer usable time sources are a warning"},
	{"window_s", KEY_SECONDS, AT(correlate.window), 60, 3600, NULL, false, "symptoms and clock evidence this far apart still join"},
	{"rules", KEY_TEXTS, AT(rules), 0, 0, NULL, true, "rule files or folders, relative to this file"},
	{"hosts", KEY_HOSTS, AT(correlate.overrides), 0, 0, NULL, true, "thresholds by host name or pattern; the first that matches"},
	{"approved_sources", KEY_TEXTS, AT(correlate.approved_sources), 0, 0, NULL, true, "time sources that hosts may use: networks or patterns"},
	{"expected_offsets", KEY_EXPECTED, AT(correlate.expected), 0, 0, NULL, true, "hosts that are meant to be off"},
	{"silences", KEY_SILENCES, AT(correlate.silences), 0, 0, NULL, true, "hosts about which nothing is said"},
	{"verdict.gap_s", KEY_SECONDS, AT(correlate.constants[C_GAP]), 0.3, 60, NULL, true, "how far stamps may exceed what telemetry claims before they contradict it: coarser than rounding and leap smearing"},
	{"verdict.lag_min_s", KEY_SECONDS, AT(correlate.constants[C_LAG_MIN]), 0.5, 3600, NULL, true, "a smaller lag of records is ordinary delivery and proves nothing"},
	{"verdict.first_s", KEY_SECONDS, AT(correlate.constants[C_FIRST]), 0, 3600, NULL, true, "a host just seen may be about to correct itself"},
	{"verdict.wait_s", KEY_SECONDS, AT(correlate.constants[C_WAIT]), 60, 3600, NULL, true, "stamps alone wait this long for a fault of the reference to show; at least sampling and two hops"},
	{"verdict.converge_s", KEY_SECONDS, AT(correlate.constants[C_CONVERGE]), 0, 3600, NULL, true, "an opening is held down at most this long for a clock that is being corrected"},
	{"verdict.calm_s", KEY_SECONDS, AT(correlate.constants[C_CALM]), 60, 3600, NULL, true, "an incident resolves after this long below the closing threshold"},
	{"verdict.quiet_s", KEY_SECONDS, AT(correlate.constants[C_QUIET]), 60, 3600, NULL, true, "and this long without a symptom"},
	{"verdict.block_s", KEY_SECONDS, AT(correlate.constants[C_BLOCK]), 60, 86400, NULL, true, "symptoms block a resolution for at most this long once telemetry acquits"},
	{"verdict.reopen_s", KEY_SECONDS, AT(correlate.constants[C_REOPEN]), 0, 86400, NULL, true, "the same fault within this time is the same incident"},
	{"verdict.backoff_s", KEY_SECONDS, AT(correlate.constants[C_BACKOFF]), 10, 3600, NULL, true, "first distance of two updates of one incident; it doubles"},
	{"verdict.spoken_s", KEY_SECONDS, AT(correlate.constants[C_SPOKEN]), 60, 86400, NULL, true, "a host without telemetry that is quiet for this long is unknown"},
	{"verdict.memory_s", KEY_SECONDS, AT(correlate.constants[C_MEMORY]), 600, 86400, NULL, true, "how long a host's stance to its time source counts"},
	{"verdict.token_leeway_s", KEY_SECONDS, AT(correlate.constants[C_TOKEN_LEEWAY]), 1, 3600, NULL, true, "what your token libraries tolerate: a limit of the forecast"},
	{"verdict.leap_hold_s", KEY_SECONDS, AT(correlate.constants[C_LEAP_HOLD]), 0, 604800, NULL, true, "after an announced leap second its own size is no fault for this long"},
	{"leap_announced", KEY_WORD, AT(correlate.leap_announced), 0, 0, "ignore warning critical", true, "an announced leap second in June or December"},
	{"limits.hosts_max", KEY_COUNT, AT(correlate.hosts_max), 1, 10000000, NULL, false, "hosts per partition"},
	{"limits.suspects_max", KEY_COUNT, AT(correlate.suspects_max), 1, 1000000, NULL, false, "suspect hosts per partition whose whole window is kept"},
	{"limits.record_bytes_max", KEY_COUNT, AT(record_bytes_max), 1024, 67108864, NULL, false, "longer records are rejected"},
	{"partitions", KEY_COUNT, AT(partitions), 1, 1024, NULL, false, "of the observations and state topics, when they are created"},
	{"listen", KEY_ADDRESS, AT(listen), 0, 0, NULL, false, "HOST:PORT of /metrics and /healthz"},
	{"runbook_base", KEY_TEXT, AT(runbook_base), 0, 0, NULL, false, "put before <cause>.md in every alert"},
	{"aliases", KEY_ALIASES, AT(aliases), 0, 0, NULL, true, "field names that rules use -> fields of your records"},
	{"log", KEY_WORD, AT(log), 0, 0, "text json", false, "stderr, one line each"},
};
const size_t KEYS_COUNT = sizeof KEYS / sizeof KEYS[0];

void config_default(struct config *config)
{
	*config = (struct config){.instance = STR("skewline"), .outputs = {STR("skewline-alerts"), STR("skewline-trust"), STR("skewline-rejects")},
		.record_bytes_max = 1048576, .partitions = 12, .runbook_base = STR("docs/runbooks/"), .log = LOG_TEXT};
	correlate_settings_default(&config->correlate);
}

void config_release(struct config *config)
{
	arena_release(&config->arena);
	*config = (struct config){0};
}

/* The printed form is canonical: two configs are equal when it is. */
struct str config_needs_restart(const struct config *old, const struct config *new)
{
	struct str changed = STR_NONE;
	for (size_t i = 0; i < KEYS_COUNT && !changed.size; i++) {
		if (KEYS[i].reload)
			continue;
		struct buffer a = {0}, b = {0};
		config_print_key(old, i, false, &a);
		config_print_key(new, i, false, &b);
		if (!str_equal(buffer_str(&a), buffer_str(&b)))
			changed = str_of(KEYS[i].name);
		buffer_release(&a);
		buffer_release(&b);
	}
	return changed;
}
