#include "build.h"

#define NAME(text) {text, sizeof text - 1}

const struct str CLASS_NAMES[CLASS_COUNT] = {NAME("cert_not_yet_valid"), NAME("cert_expired"), NAME("token_not_yet_valid"), NAME("token_expired"),
	NAME("kerberos_skew"), NAME("future_timestamp"), NAME("distributed_clock"), NAME("ntp_daemon"), NAME("set_time")};
const struct str ISSUER_NAMES[ISSUER_COUNT] = {NAME("none"), NAME("ca"), NAME("idp"), NAME("kdc"), NAME("dns"), NAME("api"), NAME("fs"), NAME("repo"),
	NAME("cluster"), NAME("sender"), NAME("daemon")};
const struct str SUBJECT_NAMES[3] = {NAME("self"), NAME("peer"), NAME("either")};
const struct str DIRECTION_NAMES[3] = {NAME("unknown"), NAME("ahead"), NAME("behind")};
const struct str SHAPE_NAMES[4] = {NAME("weak"), NAME("causal"), NAME("symmetric"), NAME("value")};
