/* The causal sentence: every cause, both sides, one and many, open and over and silent. Written by hand from the grammar in sentence.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "skewline/alert.h"

#define NS(seconds) {(int64_t)((seconds) * 1e9)}
#define SPAN(low, high) {NS(low), NS(high)}
#define OPEN_UP(low) {NS(low), {INT64_MAX}}
#define OPEN_DOWN(high) {{INT64_MIN}, NS(high)}
#define TEXT(literal) {(literal), sizeof(literal) - 1}

struct row {
	struct incident_revision r;
	const char *want;
};

/* A host 30 s off, as telemetry measures it. */
#define BEHIND .kind = INCIDENT_CLOCK, .suspect = TEXT("web-01"), .direction = DIRECTION_BEHIND, .offset_known = true, .now = SPAN(-30.2, -29.8), \
	.worst = SPAN(-30.2, -29.8), .estimate_known = true, .estimate = NS(-30.0), .sources_usable = 3
#define AHEAD .kind = INCIDENT_CLOCK, .suspect = TEXT("web-01"), .direction = DIRECTION_AHEAD, .offset_known = true, .now = SPAN(29.8, 30.2), \
	.worst = SPAN(29.8, 30.2), .estimate_known = true, .estimate = NS(30.0), .sources_usable = 3
#define NTP_BEHIND .ntp_agrees = true, .ntp_stands = true, .ntp_offset = NS(-29.98), .ntp_bound = NS(0.001)
#define NTP_AHEAD .ntp_agrees = true, .ntp_stands = true, .ntp_offset = NS(29.98), .ntp_bound = NS(0.001)
#define HEALTH .kind = INCIDENT_HEALTH, .suspect = TEXT("web-01")
#define ROW(k, c, i, s, n) {.kind = TEXT(k), .symptom = true, .agrees = true, .class = c, .issuer = i, .shape = s, .count = n}

static const struct evidence CERTIFICATES_AND_TOKEN[] = {ROW("peer:ca", CLASS_CERT_NOT_YET_VALID, ISSUER_CA, SHAPE_CAUSAL, 3),
	ROW("peer:idp", CLASS_TOKEN_NOT_YET_VALID, ISSUER_IDP, SHAPE_CAUSAL, 1)};
static const struct evidence ONE_TOKEN[] = {ROW("peer:idp", CLASS_TOKEN_NOT_YET_VALID, ISSUER_IDP, SHAPE_CAUSAL, 1)};
static const struct evidence OF_ALL_SORTS[] = {ROW("peer:ca", CLASS_CERT_NOT_YET_VALID, ISSUER_CA, SHAPE_CAUSAL, 1),
	ROW("peer:idp", CLASS_TOKEN_NOT_YET_VALID, ISSUER_IDP, SHAPE_CAUSAL, 14), ROW("peer:kdc", CLASS_KERBEROS_SKEW, ISSUER_KDC, SHAPE_CAUSAL, 2),
	ROW("peer:fs", CLASS_FUTURE_TIMESTAMP, ISSUER_FS, SHAPE_CAUSAL, 2), ROW("peer:kdc2", CLASS_KERBEROS_SKEW, ISSUER_KDC, SHAPE_SYMMETRIC, 1),
	ROW("peer:db-2", CLASS_DISTRIBUTED_CLOCK, ISSUER_CLUSTER, SHAPE_VALUE, 5)};
static const struct evidence REMOVED[] = {{.kind = TEXT("peer:ca"), .symptom = true, .agrees = false, .class = CLASS_CERT_NOT_YET_VALID, .issuer = ISSUER_CA,
	.shape = SHAPE_CAUSAL, .count = 9}};
static const struct evidence ASKED[] = {ROW("ntp:ntp9.example.net", CLASS_NTP_DAEMON, ISSUER_DAEMON, SHAPE_VALUE, 7), ROW("ntp:192.0.2.9", CLASS_NTP_DAEMON, ISSUER_DAEMON, SHAPE_VALUE, 1),
	ROW("peer:daemon", CLASS_NTP_DAEMON, ISSUER_DAEMON, SHAPE_VALUE, 3)};
static const struct evidence EXPIRED[] = {ROW("count", CLASS_TOKEN_EXPIRED, ISSUER_IDP, SHAPE_WEAK, 4), ROW("count", CLASS_CERT_EXPIRED, ISSUER_CA, SHAPE_WEAK, 1)};
static const struct evidence ACCUSERS[] = {{.kind = TEXT("peer:a"), .agrees = true, .accuser = true, .count = 1}, {.kind = TEXT("peer:b"), .agrees = true, .accuser = true, .count = 1}};
static const struct evidence PEERS[] = {{.kind = TEXT("peers"), .agrees = true, .count = 4}};
#define EVIDENCE(rows) .evidence = (rows), .evidence_count = sizeof(rows) / sizeof((rows)[0])

static const struct row ROWS[] = {
	/* the words of other clocks */
	{{BEHIND, NTP_BEHIND, EVIDENCE(CERTIFICATES_AND_TOKEN), .cause = CAUSE_UNCORRECTED},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): three certificates and a token from two issuers were 'not yet valid' here, NTP agrees (-29.980 s +- 1.0 ms); nothing corrects it."},
	{{BEHIND, EVIDENCE(ONE_TOKEN), .lags = true, .cause = CAUSE_NO_TELEMETRY},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): a token was 'not yet valid' here, its records lag by as much; no time telemetry comes from it."},
	{{BEHIND, NTP_BEHIND, EVIDENCE(OF_ALL_SORTS), .cause = CAUSE_UNCORRECTED},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): a certificate, 14 tokens and two tickets from three issuers were 'not yet valid' here, two stamps were 'in the future' here, "
		"Kerberos refused one request for clock skew, five messages report such a difference, NTP agrees (-29.980 s +- 1.0 ms); nothing corrects it."},
	{{BEHIND, NTP_BEHIND, EVIDENCE(REMOVED), .cause = CAUSE_UNCORRECTED},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): NTP says so (-29.980 s +- 1.0 ms); nothing corrects it."},
	{{AHEAD, NTP_AHEAD, EVIDENCE(EXPIRED), .confidence = CONFIDENCE_HIGH, .cause = CAUSE_UNCORRECTED},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms), its records carry stamps later than their arrival, "
		"a certificate and four tokens were 'expired' here; nothing corrects it."},
	{{BEHIND, NTP_BEHIND, EVIDENCE(ASKED), .cause = CAUSE_UNCORRECTED},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): two time servers that it asked say so, NTP agrees (-29.980 s +- 1.0 ms); nothing corrects it."},
	/* every cause, both sides */
	{{AHEAD, EVIDENCE(ACCUSERS), .cause = CAUSE_PEER}, "web-01 is 30.0 s ahead (+29.8 ... +30.2 s): two hosts that are proved right say so; its own telemetry does not decide."},
	{{BEHIND, EVIDENCE(PEERS), .cause = CAUSE_PEER}, "web-01 is 30.0 s behind (-30.2 ... -29.8 s): four hosts that are proved right differ from it; its own telemetry does not decide."},
	{{AHEAD, .confidence = CONFIDENCE_HIGH, .source = TEXT("10.0.0.9"), .cause = CAUSE_SHARED_SOURCE, .inhibited_by = TEXT("ntp:10.0.0.9-1")},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): its records carry stamps later than their arrival; it follows 10.0.0.9, which is wrong for several hosts, and looks synchronised. "
		"Explained by incident ntp:10.0.0.9-1."},
	{{BEHIND, EVIDENCE(CERTIFICATES_AND_TOKEN), .lags = true, .source = TEXT("10.0.0.9"), .cause = CAUSE_FALSE_SYNC},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): three certificates and a token from two issuers were 'not yet valid' here, its records lag by as much; "
		"it follows 10.0.0.9, which is wrong, and looks synchronised."},
	{{AHEAD, .confidence = CONFIDENCE_HIGH, .cause = CAUSE_FALSE_SYNC},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): its records carry stamps later than their arrival; it follows a time source, which is wrong, and looks synchronised."},
	{{AHEAD, .confidence = CONFIDENCE_HIGH, .cause = CAUSE_NO_TELEMETRY},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): its records carry stamps later than their arrival; no time telemetry comes from it."},
	{{AHEAD, .confidence = CONFIDENCE_HIGH, .cause = CAUSE_UNSYNCHRONISED, .telemetry = TELEMETRY_NEVER_SYNC},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): its records carry stamps later than their arrival; its time daemon is not synchronised."},
	{{BEHIND, EVIDENCE(CERTIFICATES_AND_TOKEN), .cause = CAUSE_UNSYNCHRONISED, .telemetry = TELEMETRY_LOST_SYNC},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): three certificates and a token from two issuers were 'not yet valid' here; its time daemon has lost synchronisation."},
	{{BEHIND, NTP_BEHIND, .cause = CAUSE_SOURCE_LOSS},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): NTP says so (-29.980 s +- 1.0 ms); its time daemon reaches none of its sources."},
	{{AHEAD, NTP_AHEAD, .cause = CAUSE_SOURCE_LOSS},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms); its time daemon reaches none of its sources."},
	{{BEHIND, NTP_BEHIND, .cause = CAUSE_DEAD_RTC},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): NTP says so (-29.980 s +- 1.0 ms); its date is that of a dead clock battery or of a GPS week rollover."},
	{{AHEAD, NTP_AHEAD, .cause = CAUSE_TAMPER},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms); somebody set the clock (a set-time event stands beside the step), not its time daemon."},
	{{BEHIND, NTP_BEHIND, .cause = CAUSE_TIME_ZONE},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): NTP says so (-29.980 s +- 1.0 ms); that is a whole number of quarter hours: local time is taken for UTC, or the reverse."},
	{{AHEAD, NTP_AHEAD, .cause = CAUSE_STEP, .step = NS(30)},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms); the clock was stepped 30.0 s forward."},
	{{BEHIND, NTP_BEHIND, .cause = CAUSE_STEP, .step = NS(-30)},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): NTP says so (-29.980 s +- 1.0 ms); the clock was stepped 30.0 s back."},
	{{BEHIND, NTP_BEHIND, .cause = CAUSE_STEP}, "web-01 is 30.0 s behind (-30.2 ... -29.8 s): NTP says so (-29.980 s +- 1.0 ms); the clock was stepped."},
	{{AHEAD, NTP_AHEAD, .cause = CAUSE_DRIFT, .drift_ppm = 60, .forecast = {NS(60), NS(7200), NS(10800)}},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms); it gains 60 ppm and nothing corrects it; it reaches 60 s in 2.0 to 3.0 h."},
	{{BEHIND, NTP_BEHIND, .cause = CAUSE_DRIFT, .drift_ppm = -4.25, .forecast = {NS(0.2), NS(7200), {INT64_MAX}}},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): NTP says so (-29.980 s +- 1.0 ms); it loses 4.2 ppm and nothing corrects it; it reaches 200 ms in 2.0 h at the earliest."},
	{{BEHIND, NTP_BEHIND, .cause = CAUSE_DRIFT, .drift_ppm = -60},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): NTP says so (-29.980 s +- 1.0 ms); it loses 60 ppm and nothing corrects it."},
	{{AHEAD, NTP_AHEAD, .cause = CAUSE_DRIFT, .drift_ppm = 400, .forecast = {NS(0.2), NS(400), NS(407)}},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms); it gains 400 ppm and nothing corrects it; it reaches 200 ms in 6 to 7 min."},
	{{AHEAD, NTP_AHEAD, .cause = CAUSE_DRIFT, .drift_ppm = 400, .forecast = {NS(0.2), NS(360), NS(600)}},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms); it gains 400 ppm and nothing corrects it; it reaches 200 ms in 6 to 10 min."},
	{{AHEAD, NTP_AHEAD, .cause = CAUSE_DRIFT, .drift_ppm = 400, .forecast = {NS(0.2), NS(40), NS(41)}},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms); it gains 400 ppm and nothing corrects it; it reaches 200 ms in 40 to 41 s."},
	{{AHEAD, NTP_AHEAD, .cause = CAUSE_DRIFT, .drift_ppm = 1, .forecast = {NS(0.2), NS(172800), NS(345600)}},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms); it gains 1.0 ppm and nothing corrects it; it reaches 200 ms in 2.0 to 4.0 days."},
	{{BEHIND, .lags = true, EVIDENCE(CERTIFICATES_AND_TOKEN), .source = TEXT("10.0.0.9"), .cause = CAUSE_SHARED_SOURCE},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): three certificates and a token from two issuers were 'not yet valid' here, its records lag by as much; "
		"it follows 10.0.0.9, which is wrong for several hosts, and looks synchronised."},
	{{AHEAD, NTP_AHEAD, .confidence = CONFIDENCE_HIGH, .cause = CAUSE_DEAD_RTC},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms), its records carry stamps later than their arrival; "
		"its date is that of a dead clock battery or of a GPS week rollover."},
	{{BEHIND, NTP_BEHIND, .cause = CAUSE_TAMPER},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): NTP says so (-29.980 s +- 1.0 ms); somebody set the clock (a set-time event stands beside the step), not its time daemon."},
	{{AHEAD, NTP_AHEAD, .cause = CAUSE_TIME_ZONE},
		"web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms); that is a whole number of quarter hours: local time is taken for UTC, or the reverse."},
	{{BEHIND, EVIDENCE(ACCUSERS), .telemetry = TELEMETRY_NONE, .cause = CAUSE_PEER},
		"web-01 is 30.0 s behind (-30.2 ... -29.8 s): two hosts that are proved right say so; no time telemetry comes from it."},
	{{AHEAD, NTP_AHEAD, .cause = CAUSE_UNKNOWN}, "web-01 is 30.0 s ahead (+29.8 ... +30.2 s): NTP says so (+29.980 s +- 1.0 ms); the cause is not known."},
	/* one side open, no side, an expectation of the operator's */
	{{.kind = INCIDENT_CLOCK, .suspect = TEXT("kdc01"), .direction = DIRECTION_AHEAD, .offset_known = true, .now = OPEN_UP(598), EVIDENCE(ACCUSERS), .cause = CAUSE_PEER},
		"kdc01 is at least 9 min 58 s ahead: two hosts that are proved right say so; its own telemetry does not decide."},
	{{.kind = INCIDENT_CLOCK, .suspect = TEXT("kdc01"), .direction = DIRECTION_BEHIND, .offset_known = true, .now = OPEN_DOWN(-598), EVIDENCE(ACCUSERS), .cause = CAUSE_PEER},
		"kdc01 is at least 9 min 58 s behind: two hosts that are proved right say so; its own telemetry does not decide."},
	{{.kind = INCIDENT_CLOCK, .suspect = TEXT("db-2"), .now = {{INT64_MIN}, {INT64_MAX}}, EVIDENCE(PEERS), .cause = CAUSE_PEER},
		"db-2 is wrong, by how much and on which side is not known: four hosts that are proved right differ from it; its own telemetry does not decide."},
	{{.kind = INCIDENT_CLOCK, .suspect = TEXT("exam"), .offset_known = true, .now = SPAN(-0.002, 0.002), .estimate_known = true, .expected = NS(300), .cause = CAUSE_STEP, .step = NS(-300)},
		"exam is not where it is expected: +300 s is meant, but it stands at +0.000 s: the clock was stepped 5 min 0 s back."},
	{{.kind = INCIDENT_CLOCK, .suspect = TEXT("exam"), .direction = DIRECTION_AHEAD, .offset_known = true, .now = SPAN(399.9, 400.1), .estimate_known = true,
		.estimate = NS(400), .expected = NS(300), .cause = CAUSE_UNCORRECTED},
		"exam is not where it is expected: +300 s is meant, but it stands at +400.0 s: nothing corrects it."},
	/* over, silent */
	{{BEHIND, .state = STATE_RESOLVED, .cause = CAUSE_UNSYNCHRONISED, .telemetry = TELEMETRY_LOST_SYNC},
		"web-01 is right again: it was 30.0 s behind at worst; its time daemon had lost synchronisation."},
	{{AHEAD, .state = STATE_RESOLVED, .cause = CAUSE_TAMPER},
		"web-01 is right again: it was 30.0 s ahead at worst; somebody set the clock (a set-time event stood beside the step), not its time daemon."},
	{{AHEAD, .state = STATE_RESOLVED, .cause = CAUSE_PEER, .telemetry = TELEMETRY_NONE}, "web-01 is right again: it was 30.0 s ahead at worst; no time telemetry came from it."},
	{{BEHIND, .state = STATE_RESOLVED, .cause = CAUSE_UNCORRECTED}, "web-01 is right again: it was 30.0 s behind at worst; nothing corrected it."},
	{{AHEAD, .state = STATE_RESOLVED, .cause = CAUSE_DRIFT, .drift_ppm = 60, .forecast = {NS(60), NS(7200), NS(10800)}},
		"web-01 is right again: it was 30.0 s ahead at worst; it gained 60 ppm and nothing corrected it."},
	{{BEHIND, .state = STATE_RESOLVED, .cause = CAUSE_FALSE_SYNC, .source = TEXT("10.0.0.9")},
		"web-01 is right again: it was 30.0 s behind at worst; it followed 10.0.0.9, which was wrong, and looked synchronised."},
	{{AHEAD, .state = STATE_UNKNOWN, .cause = CAUSE_TIME_ZONE},
		"web-01 has fallen silent: it was 30.0 s ahead when it last spoke; that was a whole number of quarter hours: local time was taken for UTC, or the reverse."},
	{{BEHIND, .state = STATE_UNKNOWN, .cause = CAUSE_NO_TELEMETRY}, "web-01 has fallen silent: it was 30.0 s behind when it last spoke; no time telemetry came from it."},
	/* health */
	{{HEALTH, .cause = CAUSE_FEW_SOURCES, .sources_usable = 1, .source = TEXT("10.0.0.1")},
		"web-01: it has one usable time source (10.0.0.1): one that goes wrong would go unnoticed."},
	{{HEALTH, .cause = CAUSE_FEW_SOURCES, .sources_usable = 2}, "web-01: it has two usable time sources: one that goes wrong would go unnoticed."},
	{{HEALTH, .cause = CAUSE_FEW_SOURCES, .state = STATE_RESOLVED}, "web-01 is well again: it had too few usable time sources."},
	{{HEALTH, .cause = CAUSE_UNAPPROVED_SOURCE, .source = TEXT("203.0.113.7")}, "web-01: it follows 203.0.113.7, which is not an approved time source."},
	{{HEALTH, .cause = CAUSE_UNAPPROVED_SOURCE, .source = TEXT("203.0.113.7"), .state = STATE_RESOLVED},
		"web-01 is well again: it followed 203.0.113.7, which was not an approved time source."},
	{{HEALTH, .cause = CAUSE_SOURCE_LOSS}, "web-01: its time daemon reaches none of its sources."},
	{{HEALTH, .cause = CAUSE_SOURCE_LOSS, .state = STATE_UNKNOWN}, "web-01 has fallen silent: its time daemon reached none of its sources."},
	{{HEALTH, .cause = CAUSE_UNSYNCHRONISED, .telemetry = TELEMETRY_OWN_CLOCK}, "web-01: its time daemon serves its own clock for want of a source."},
	{{HEALTH, .cause = CAUSE_UNSYNCHRONISED, .telemetry = TELEMETRY_ORPHAN, .source = TEXT("10.0.0.50"), .stratum = 11},
		"web-01: its time daemon follows 10.0.0.50, whose chain ends at a local clock (stratum 11)."},
	{{HEALTH, .cause = CAUSE_UNSYNCHRONISED, .telemetry = TELEMETRY_ORDINARY, .state = STATE_RESOLVED}, "web-01 is well again: its time daemon was not synchronised."},
	{{HEALTH, .cause = CAUSE_LEAP}, "web-01: it announces a leap second out of season or nearly alone."},
	{{HEALTH, .cause = CAUSE_NTP_SILENT}, "web-01: its time telemetry has stopped while that of others goes on."},
	{{HEALTH, .cause = CAUSE_NTP_SILENT, .state = STATE_RESOLVED}, "web-01 is well again: its time telemetry had stopped while that of others went on."},
	/* sources and the reference */
	{{.kind = INCIDENT_SOURCE, .suspect = TEXT("ntp:10.0.0.9"), .direction = DIRECTION_AHEAD, .offset_known = true, .now = SPAN(399.9, 402.9), .estimate_known = true,
		.estimate = NS(401.4), .contradicted = true, .affected_total = 2, .cause = CAUSE_SHARED_SOURCE},
		"Time source 10.0.0.9 is 6 min 41 s ahead (+400 ... +403 s): what its clients claim of their clocks is contradicted by their own records; two hosts are affected."},
	{{.kind = INCIDENT_SOURCE, .suspect = TEXT("ntp:10.0.0.9"), .state = STATE_RESOLVED, .worst = SPAN(-400, -397), .contradicted = true, .affected_total = 1, .cause = CAUSE_FALSE_SYNC},
		"Time source 10.0.0.9 is right again: it was 6 min 39 s behind at worst; what its clients claim of their clocks was contradicted by their own records; one host was affected."},
	{{.kind = INCIDENT_SOURCE, .suspect = TEXT("ntp:10.0.0.9"), .now = {{INT64_MIN}, {INT64_MAX}}, .outvoted = true, .affected_total = 1, .cause = CAUSE_FALSE_SYNC},
		"Time source 10.0.0.9 is in doubt: the other sources of its clients outvote it; one host is affected."},
	/* the core of an orphan group, its offset not known and known */
	{{.kind = INCIDENT_SOURCE, .suspect = TEXT("ntp:10.0.0.50"), .now = {{INT64_MIN}, {INT64_MAX}}, .affected_total = 3, .cause = CAUSE_UNSYNCHRONISED},
		"Time source 10.0.0.50 serves its own clock: its clients agree with each other, but their chain ends at a local clock that nothing corrects; three hosts are affected."},
	{{.kind = INCIDENT_SOURCE, .suspect = TEXT("ntp:10.0.0.50"), .direction = DIRECTION_AHEAD, .offset_known = true, .now = SPAN(2, 5), .estimate_known = true,
		.estimate = NS(3.5), .affected_total = 1, .cause = CAUSE_UNSYNCHRONISED},
		"Time source 10.0.0.50 is 3.50 s ahead (+2 ... +5 s): its clients agree with each other, but their chain ends at a local clock that nothing corrects; one host is affected."},
	{{.kind = INCIDENT_SOURCE, .suspect = TEXT("ntp:10.0.0.50"), .state = STATE_RESOLVED, .worst = SPAN(-5, -2), .affected_total = 2, .cause = CAUSE_UNSYNCHRONISED},
		"Time source 10.0.0.50 no longer serves its own clock: it was 3.50 s behind at worst; its clients agreed with each other, but their chain ended at a local clock that nothing corrected; "
		"two hosts were affected."},
	{{.kind = INCIDENT_REFERENCE, .suspect = TEXT("reference"), .direction = DIRECTION_BEHIND, .offset_known = true, .now = SPAN(-33, -27), .estimate_known = true,
		.estimate = NS(-30), .affected_total = 12, .cause = CAUSE_REFERENCE_FAULT},
		"The reference clock (broker or collector) is 30.0 s behind (-33 ... -27 s): hosts that their own time sources prove right all show the same excess; twelve hosts are affected."},
	{{.kind = INCIDENT_REFERENCE, .suspect = TEXT("reference"), .state = STATE_RESOLVED, .worst = SPAN(-33, -27), .cause = CAUSE_REFERENCE_FAULT},
		"The reference clock (broker or collector) is right again: it was 30.0 s behind at worst; hosts that their own time sources proved right all showed the same excess."},
};

static void sentences(void **state)
{
	bool named[CAUSE_COUNT][DIRECTION_BEHIND + 1] = {{false}};
	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		struct buffer out = {0};
		alert_sentence(&ROWS[i].r, &out);
		assert_string_equal(out.data, ROWS[i].want);
		named[ROWS[i].r.cause][DIRECTION_UNKNOWN] = true;
		named[ROWS[i].r.cause][ROWS[i].r.direction] = true;
		buffer_release(&out);
	}
	for (int cause = 0; cause < CAUSE_COUNT; cause++)
		assert_true(named[cause][DIRECTION_UNKNOWN]);
	for (int cause = CAUSE_PEER; cause <= CAUSE_UNCORRECTED; cause++) /* of clocks: on both sides */
		assert_true(named[cause][DIRECTION_AHEAD] && named[cause][DIRECTION_BEHIND]);
}

/* Sizes on both sides of every change of unit: never "60 s" after minutes, never "1000 ms". */
static void sizes(void **state)
{
	static const struct { double seconds; const char *want; } SIZES[] = {{0.054, "54 ms"}, {0.0094, "9.4 ms"}, {0.9994, "999 ms"}, {0.9996, "1.00 s"}, {9.994, "9.99 s"}, {9.996, "10.0 s"},
		{119.94, "119.9 s"}, {119.96, "2 min 0 s"}, {179.6, "3 min 0 s"}, {7199.4, "119 min 59 s"}, {7199.6, "2 h 0 min"}, {172799, "47 h 59 min"}, {172800, "2.0 days"}};
	(void)state;
	for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
		struct incident_revision r = {.kind = INCIDENT_CLOCK, .suspect = TEXT("h"), .direction = DIRECTION_AHEAD, .offset_known = true, .now = OPEN_UP(0), .cause = CAUSE_UNCORRECTED};
		struct buffer out = {0};
		char want[100];
		r.now.low.ns = (int64_t)(SIZES[i].seconds * 1e9);
		alert_sentence(&r, &out);
		snprintf(want, sizeof want, "h is at least %s ahead: nothing corrects it.", SIZES[i].want);
		assert_string_equal(out.data, want);
		buffer_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(sentences), cmocka_unit_test(sizes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
