#include "skewline/observation.h"

#define NAME(text) {text, sizeof text - 1}
#define NAME_OF(table, value) ((size_t)(value) < sizeof(table) / sizeof((table)[0]) ? (table)[value].data : "unknown")

const struct str SYMPTOM_CLASS_NAMES[] = {NAME("cert_not_yet_valid"), NAME("cert_expired"), NAME("token_not_yet_valid"), NAME("token_expired"),
	NAME("kerberos_skew"), NAME("future_timestamp"), NAME("distributed_clock"), NAME("ntp_daemon"), NAME("set_time")};
const struct str ISSUER_NAMES[] = {NAME("none"), NAME("ca"), NAME("idp"), NAME("kdc"), NAME("dns"), NAME("api"), NAME("fs"), NAME("repo"),
	NAME("cluster"), NAME("sender"), NAME("daemon")};
const struct str SYMPTOM_SUBJECT_NAMES[] = {NAME("self"), NAME("peer"), NAME("either")};
const struct str DIRECTION_NAMES[] = {NAME("unknown"), NAME("ahead"), NAME("behind")};
const struct str SYMPTOM_SHAPE_NAMES[] = {NAME("weak"), NAME("causal"), NAME("symmetric"), NAME("value")};
const struct str MAGNITUDE_KIND_NAMES[] = {NAME("none"), NAME("exact"), NAME("at_least")};
static const struct str REFERENCE_KIND_NAMES[] = {NAME("unknown"), NAME("appended"), NAME("collected"), NAME("arrival"), NAME("consensus"), NAME("own")};
static const struct str LEAP_NAMES[] = {NAME("unknown"), NAME("normal"), NAME("insert"), NAME("delete"), NAME("unsynchronised")};

const char *reference_kind_name(enum reference_kind kind)
{
	return NAME_OF(REFERENCE_KIND_NAMES, kind);
}

const char *direction_name(enum direction direction)
{
	return NAME_OF(DIRECTION_NAMES, direction);
}

const char *leap_name(enum leap leap)
{
	return NAME_OF(LEAP_NAMES, leap);
}

const char *symptom_class_name(enum symptom_class class)
{
	return NAME_OF(SYMPTOM_CLASS_NAMES, class);
}

const char *issuer_name(enum issuer issuer)
{
	return NAME_OF(ISSUER_NAMES, issuer);
}

const char *symptom_subject_name(enum symptom_subject subject)
{
	return NAME_OF(SYMPTOM_SUBJECT_NAMES, subject);
}

const char *symptom_shape_name(enum symptom_shape shape)
{
	return NAME_OF(SYMPTOM_SHAPE_NAMES, shape);
}

const char *magnitude_kind_name(enum magnitude_kind kind)
{
	return NAME_OF(MAGNITUDE_KIND_NAMES, kind);
}
