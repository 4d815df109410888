#include "skewline/observation.h"

#define NAME_OF(table, value) ((size_t)(value) < sizeof(table) / sizeof((table)[0]) ? (table)[value] : "unknown")

const char *reference_kind_name(enum reference_kind kind)
{
	static const char *const names[] = {"unknown", "appended", "collected", "arrival", "consensus", "own"};
	return NAME_OF(names, kind);
}

const char *direction_name(enum direction direction)
{
	static const char *const names[] = {"unknown", "ahead", "behind"};
	return NAME_OF(names, direction);
}

const char *leap_name(enum leap leap)
{
	static const char *const names[] = {"unknown", "normal", "insert", "delete", "unsynchronised"};
	return NAME_OF(names, leap);
}

const char *symptom_class_name(enum symptom_class class)
{
	static const char *const names[CLASS_COUNT] = {"cert_not_yet_valid", "cert_expired", "token_not_yet_valid", "token_expired",
		"kerberos_skew", "future_timestamp", "distributed_clock", "ntp_daemon", "set_time"};
	return NAME_OF(names, class);
}

const char *issuer_name(enum issuer issuer)
{
	static const char *const names[ISSUER_COUNT] = {"none", "ca", "idp", "kdc", "dns", "api", "fs", "repo", "cluster", "sender", "daemon"};
	return NAME_OF(names, issuer);
}

const char *symptom_subject_name(enum symptom_subject subject)
{
	static const char *const names[] = {"self", "peer", "either"};
	return NAME_OF(names, subject);
}

const char *magnitude_kind_name(enum magnitude_kind kind)
{
	static const char *const names[] = {"none", "exact", "at_least"};
	return NAME_OF(names, kind);
}
