#include "skewline/incident.h"

#define NAME_OF(table, value) ((size_t)(value) < sizeof(table) / sizeof((table)[0]) ? (table)[value] : "unknown")

const char *incident_kind_name(enum incident_kind kind)
{
	static const char *const names[] = {"clock", "health", "source", "reference"};
	return NAME_OF(names, kind);
}

const char *incident_state_name(enum incident_state state)
{
	static const char *const names[] = {"open", "resolved", "unknown"};
	return NAME_OF(names, state);
}

const char *incident_action_name(enum incident_action action)
{
	static const char *const names[] = {"open", "update", "resolve", "reopen"};
	return NAME_OF(names, action);
}

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {"none", "warning", "critical"};
	return NAME_OF(names, severity);
}

const char *confidence_name(enum confidence confidence)
{
	static const char *const names[] = {"low", "medium", "high"};
	return NAME_OF(names, confidence);
}

const char *cause_name(enum cause cause)
{
	static const char *const names[CAUSE_COUNT] = {"reference_fault", "peer", "shared_source", "false_sync", "no_telemetry", "unsynchronised",
		"source_loss", "dead_rtc", "tamper", "time_zone", "step", "drift", "uncorrected", "few_sources", "unapproved_source", "leap", "ntp_silent", "unknown"};
	return NAME_OF(names, cause);
}
