/* The correlate room, judged from outside: what is said of a world whose truth the test has set. Expected values are the world's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "interval.h"
#include "world.h"

static struct world *world;

static int set_up(void **state)
{
	(void)state;
	world = world_new(3, 42);
	world_fleet(world, 12);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_free(world);
	return 0;
}

static const struct world_alert *the_incident(const char *suspect)
{
	const struct world_alert *alert = world_incident(world, suspect);
	if (!alert) {
		struct buffer text = {0};
		world_summary(world, &text);
		print_error("no incident of %s; there is:\n%.*s", suspect, STR_ARGS(buffer_str(&text)));
		buffer_release(&text);
	}
	assert_non_null(alert);
	return alert;
}

static void nothing_said(void)
{
	if (world->alerts_count)
		print_error("%.*s", STR_ARGS(buffer_str(&world->text)));
	assert_int_equal(world->alerts_count, 0);
}

/* Only `suspect` (and sources, the reference) may be spoken of. */
static void only(const char *suspect)
{
	for (size_t i = 0; i < world->alerts_count; i++)
		if (strcmp(world->alerts[i].suspect, suspect) != 0)
			fail_msg("%s is accused too", world->alerts[i].suspect);
}

static void holds(const struct world_alert *alert, double truth)
{
	if (alert->low > truth || alert->high < truth)
		fail_msg("%s: [%f, %f] does not hold %f", alert->suspect, alert->low, alert->high, truth);
}

static void not_yet_valid(struct world_host *host, enum issuer issuer, double magnitude, const char *peer)
{
	world_symptom(world, host, issuer, issuer == ISSUER_CA ? CLASS_CERT_NOT_YET_VALID : CLASS_TOKEN_NOT_YET_VALID, SHAPE_CAUSAL, DIRECTION_BEHIND, magnitude, peer);
}

/* ---- right hosts ---- */
static void right_hosts_are_silent(void **state)
{
	(void)state;
	world_run(world, 7200);
	nothing_said();
}

static void whole_second_stamps_accuse_nobody(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++)
		world->hosts[i].grain = 1;
	world_run(world, 3600);
	nothing_said();
}

static void stray_stamps_accuse_nobody(void **state)
{
	(void)state;
	world->hosts[3].stray_share = 0.03;
	world->hosts[3].stray_by = 86400;
	world->hosts[4].telemetry = false;
	world->hosts[4].stray_share = 0.03;
	world->hosts[4].stray_by = 86400;
	world_run(world, 3600);
	nothing_said();
}

static const char *finding_of(const char *name, const char *subject)
{
	for (size_t i = 0; i < world->findings_count; i++)
		if (strcmp(world->findings[i].name, name) == 0 && strcmp(world->findings[i].subject, subject) == 0)
			return world->findings[i].detail;
	return "";
}

static void one_program_in_local_time_accuses_nobody(void **state)
{
	(void)state;
	world->hosts[3].zone_by = 3600;
	world->hosts[5].zone_by = 3000; /* 50 min: no zone */
	struct world_host *alone = world_host(world, "quiet");
	alone->telemetry = false;
	alone->zone_by = 7200;
	world_run(world, 3600);
	nothing_said();
	assert_non_null(strstr(finding_of("stream_stamps", "good-03"), "as in another time zone"));
	assert_non_null(strstr(finding_of("stream_stamps", "good-05"), "apart, by up to"));
}

static void a_lag_alone_is_no_fault(void **state)
{
	(void)state;
	world->hosts[2].delay = 400;
	struct world_host *late = world_host(world, "late");
	late->telemetry = false;
	late->delay = 400;
	world_run(world, 600);
	for (int i = 0; i < 10; i++) { /* a post-dated certificate: one issuer, and its magnitude does not fit the lag */
		not_yet_valid(late, ISSUER_CA, 5000, "");
		not_yet_valid(&world->hosts[2], ISSUER_CA, 5000, "");
		world_run(world, 120);
	}
	nothing_said();
}

static void post_dated_credentials_accuse_no_right_host(void **state)
{
	(void)state;
	world_run(world, 300);
	for (int i = 0; i < 10; i++) {
		not_yet_valid(&world->hosts[1], ISSUER_CA, 700, "");
		not_yet_valid(&world->hosts[1], ISSUER_IDP, 0, "");
		world_symptom(world, &world->hosts[2], ISSUER_CA, CLASS_CERT_EXPIRED, SHAPE_WEAK, DIRECTION_AHEAD, 0, "");
		world_run(world, 60);
	}
	nothing_said();
	assert_true(world_finding(world, "credential", "good-01"));
}

static void an_announced_leap_second_is_no_fault(void **state)
{
	(void)state;
	world->settings.leap_announced = LEAP_IGNORE;
	for (size_t i = 0; i < world->hosts_count; i++)
		world->hosts[i].leap_insert = false;
	world_run(world, 600);
	nothing_said();
}

/* ---- wrong clocks ---- */
static void telemetry_and_stamps_agree_on_a_behind_host(void **state)
{
	(void)state;
	struct world_host *host = world_host(world, "slow");
	host->offset = -400;
	world_run(world, 600);
	const struct world_alert *alert = the_incident("slow");
	assert_int_equal(alert->direction, DIRECTION_BEHIND);
	assert_int_equal(alert->cause, CAUSE_UNCORRECTED);
	assert_int_equal(alert->severity, SEVERITY_CRITICAL);
	assert_int_equal(alert->kind, INCIDENT_CLOCK);
	assert_true(alert->at <= 180);
	holds(alert, -400);
	only("slow");
}

static void small_offsets_are_warnings_and_smaller_ones_nothing(void **state)
{
	(void)state;
	world_host(world, "a60ms")->offset = 0.060;
	world_host(world, "b40ms")->offset = 0.040;
	world_host(world, "c250ms")->offset = -0.250;
	world_run(world, 900);
	assert_int_equal(the_incident("a60ms")->severity, SEVERITY_WARNING);
	assert_int_equal(the_incident("c250ms")->severity, SEVERITY_CRITICAL);
	assert_null(world_incident(world, "b40ms"));
}

static void ahead_without_telemetry_is_proved_by_stamps(void **state)
{
	(void)state;
	world_run(world, 300);
	struct world_host *host = world_host(world, "fast");
	host->telemetry = false;
	world_run(world, 600);
	host->offset = 30;
	world_run(world, 900);
	const struct world_alert *alert = the_incident("fast");
	assert_int_equal(alert->direction, DIRECTION_AHEAD);
	assert_int_equal(alert->cause, CAUSE_NO_TELEMETRY);
	assert_int_equal(alert->confidence, CONFIDENCE_HIGH);
	holds(alert, 30);
	only("fast");
}

static void behind_without_telemetry_wants_two_issuers(void **state)
{
	(void)state;
	struct world_host *host = world_host(world, "slow");
	host->telemetry = false;
	host->offset = -400;
	world_run(world, 600);
	not_yet_valid(host, ISSUER_CA, 0, "");
	world_run(world, 60);
	nothing_said();
	not_yet_valid(host, ISSUER_IDP, 0, "");
	world_run(world, 60);
	nothing_said(); /* right hosts may say that the issuers are ahead */
	world_run(world, 120);
	const struct world_alert *alert = the_incident("slow");
	assert_int_equal(alert->direction, DIRECTION_BEHIND);
	assert_true(alert->correlated);
	holds(alert, -400);
}

static void behind_without_telemetry_by_one_issuer_that_fits(void **state)
{
	(void)state;
	struct world_host *host = world_host(world, "slow");
	host->telemetry = false;
	host->offset = -400;
	world_run(world, 600);
	not_yet_valid(host, ISSUER_IDP, 399.5, "");
	world_run(world, 180);
	holds(the_incident("slow"), -400);
}

static void a_step_is_named_and_its_correction_resolves(void **state)
{
	(void)state;
	world_run(world, 600);
	struct world_host *host = &world->hosts[5];
	host->offset = 400;
	world_run(world, 900);
	const struct world_alert *alert = the_incident(host->name);
	assert_int_equal(alert->cause, CAUSE_STEP);
	assert_int_equal(alert->state, STATE_OPEN);
	holds(alert, 400);
	host->offset = 0;
	world_run(world, 1200);
	alert = the_incident(host->name);
	assert_int_equal(alert->state, STATE_RESOLVED);
	host->offset = 400; /* the same fault within half an hour is the same incident */
	world_run(world, 400);
	alert = the_incident(host->name);
	assert_int_equal(alert->state, STATE_OPEN);
	only(host->name);
}

static void a_drift_is_named(void **state)
{
	(void)state;
	struct world_host *host = world_host(world, "drifter");
	host->drift_ppm = 60;
	world_run(world, 2400);
	const struct world_alert *alert = the_incident("drifter");
	assert_int_equal(alert->cause, CAUSE_DRIFT);
	assert_int_equal(alert->direction, DIRECTION_AHEAD);
	assert_true(alert->at > 50e-3 / 60e-6 - 70);
}

static void tampering_is_a_step_with_a_set_time_event(void **state)
{
	(void)state;
	world_run(world, 600);
	struct world_host *host = &world->hosts[5];
	host->offset = -1800.7;
	world_jump(world, host, -1800.7, true);
	world_run(world, 400);
	assert_int_equal(the_incident(host->name)->cause, CAUSE_TAMPER);
}

static void a_dead_battery_is_named(void **state)
{
	(void)state;
	struct world_host *host = world_host(world, "old");
	host->offset = -(1795399200.0 - 946684800.0); /* shows 2000-01-01 */
	world_run(world, 400);
	assert_int_equal(the_incident("old")->cause, CAUSE_DEAD_RTC);
}

static void a_time_zone_is_named(void **state)
{
	(void)state;
	world_host(world, "zone")->offset = 7200;
	world_run(world, 400);
	assert_int_equal(the_incident("zone")->cause, CAUSE_TIME_ZONE);
}

static void a_symptom_makes_a_warning_critical_and_correlated(void **state)
{
	(void)state;
	struct world_host *host = world_host(world, "slow");
	host->offset = -0.150;
	world_run(world, 400);
	assert_int_equal(the_incident("slow")->severity, SEVERITY_WARNING);
	assert_false(the_incident("slow")->correlated);
	not_yet_valid(host, ISSUER_IDP, 0, "");
	not_yet_valid(host, ISSUER_IDP, 0, "");
	world_run(world, 60);
	assert_int_equal(the_incident("slow")->severity, SEVERITY_CRITICAL);
	assert_true(the_incident("slow")->correlated);
}

static void a_host_that_falls_silent_is_unknown_not_right(void **state)
{
	(void)state;
	struct world_host *host = world_host(world, "fast");
	host->offset = 30;
	world_run(world, 600);
	host->silent = true;
	world_run(world, 1200);
	assert_int_equal(the_incident("fast")->state, STATE_UNKNOWN);
	host->silent = false;
	host->offset = 0;
	world_run(world, 1500);
	assert_int_equal(the_incident("fast")->state, STATE_RESOLVED);
}

/* ---- sources and the reference ---- */
static void a_wrong_shared_source_is_one_incident_with_its_clients(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		char name[32];
		snprintf(name, sizeof name, "client-%d", i);
		struct world_host *host = world_host(world, name);
		host->phi = 400;
		strcpy(host->source, "bad1");
		host->offset = i < 2 ? 400 : 0; /* two follow it, one is right all the same */
	}
	world_run(world, 1200);
	const struct world_alert *source = the_incident("ntp:bad1");
	assert_int_equal(source->kind, INCIDENT_SOURCE);
	assert_int_equal(source->cause, CAUSE_SHARED_SOURCE);
	assert_int_equal(source->severity, SEVERITY_CRITICAL);
	assert_int_equal(source->direction, DIRECTION_AHEAD);
	assert_int_equal(source->affected, 3);
	for (int i = 0; i < 2; i++) {
		const struct world_alert *client = the_incident(i ? "client-1" : "client-0");
		assert_int_equal(client->direction, DIRECTION_AHEAD);
		assert_string_equal(client->inhibited_by, source->id);
		holds(client, 400);
	}
	assert_null(world_incident(world, "client-2"));
	assert_null(world_incident(world, "ntp:ntp1"));
}

static void a_source_that_is_behind_accuses_no_right_host(void **state)
{
	(void)state;
	struct world_host *host = world_host(world, "listener");
	host->phi = -400; /* its telemetry says: 400 s ahead; nothing shows it */
	strcpy(host->source, "bad2");
	world_run(world, 1200);
	assert_null(world_incident(world, "listener"));
	const struct world_alert *source = the_incident("ntp:bad2");
	assert_int_equal(source->severity, SEVERITY_WARNING);
}

static void a_slow_reference_clock_accuses_no_host(void **state)
{
	(void)state;
	world_run(world, 600);
	for (size_t i = 0; i < world->hosts_count; i++)
		world->hosts[i].collector = -30;
	world_run(world, 900);
	assert_int_equal(the_incident("reference")->cause, CAUSE_REFERENCE_FAULT);
	only("reference");
	for (size_t i = 0; i < world->hosts_count; i++)
		world->hosts[i].collector = 0;
	world_run(world, 1500);
	assert_int_equal(the_incident("reference")->state, STATE_RESOLVED);
	only("reference");
}

static void a_slow_collector_of_some_accuses_no_host(void **state)
{
	(void)state;
	struct world_host *bare = world_host(world, "bare");
	bare->telemetry = false;
	world_run(world, 900);
	for (size_t i = 0; i < 4; i++)
		world->hosts[i].collector = -30;
	bare->collector = -30;
	world_run(world, 600);
	for (size_t i = 0; i < world->hosts_count; i++)
		world->hosts[i].collector = 0;
	world_run(world, 1500);
	only("reference");
	assert_int_equal(the_incident("reference")->state, STATE_RESOLVED);
}

/* ---- health ---- */
static void health_alarms(void **state)
{
	(void)state;
	world_host(world, "few")->usable = 1;
	world_host(world, "lost")->unsynchronised = true;
	world_run(world, 600);
	struct world_host *mute = &world->hosts[7];
	mute->telemetry = false;
	world_run(world, 600);
	const struct world_alert *few = the_incident("few"), *lost = the_incident("lost"), *silent = the_incident(mute->name);
	assert_int_equal(few->kind, INCIDENT_HEALTH);
	assert_int_equal(few->cause, CAUSE_FEW_SOURCES);
	assert_int_equal(few->severity, SEVERITY_WARNING);
	assert_int_equal(lost->cause, CAUSE_UNSYNCHRONISED);
	assert_int_equal(lost->severity, SEVERITY_CRITICAL);
	assert_int_equal(silent->cause, CAUSE_NTP_SILENT);
	mute->telemetry = true;
	world_host(world, "few")->usable = 3;
	world_run(world, 600);
	assert_int_equal(the_incident("few")->state, STATE_RESOLVED);
	assert_int_equal(the_incident(mute->name)->state, STATE_RESOLVED);
}

static void expected_offsets_and_silences(void **state)
{
	static const struct expected_offset EXPECTED[] = {{{"exam", 4}, {300000000000}, {INT64_MAX}}};
	static const struct silence SILENCES[] = {{{"dr-*", 4}, {INT64_MAX}, {"move", 4}}};
	(void)state;
	world->settings.expected = EXPECTED;
	world->settings.expected_count = 1;
	world->settings.silences = SILENCES;
	world->settings.silences_count = 1;
	world_host(world, "exam")->offset = 300;
	world_host(world, "dr-1")->offset = 300;
	world_run(world, 900);
	nothing_said();
}

/* ---- peers ---- */
static void right_hosts_accuse_a_peer_that_stamps(void **state)
{
	(void)state;
	struct world_host *kdc = world_host(world, "kdc01");
	kdc->telemetry = false;
	kdc->offset = 600;
	kdc->silent = true; /* only its clients are seen */
	world_run(world, 600);
	for (int i = 0; i < 6; i++) {
		for (int k = 0; k < 3; k++)
			world_symptom(world, &world->hosts[k], ISSUER_KDC, CLASS_KERBEROS_SKEW, SHAPE_CAUSAL, DIRECTION_BEHIND, 599, "KDC01@EXAMPLE.NET");
		world_run(world, 60);
	}
	const struct world_alert *alert = the_incident("kdc01");
	assert_int_equal(alert->cause, CAUSE_PEER);
	assert_int_equal(alert->direction, DIRECTION_AHEAD);
	only("kdc01");
}

static void one_accuser_is_not_enough(void **state)
{
	(void)state;
	world_run(world, 600);
	for (int i = 0; i < 6; i++) {
		world_symptom(world, &world->hosts[0], ISSUER_KDC, CLASS_KERBEROS_SKEW, SHAPE_CAUSAL, DIRECTION_BEHIND, 599, "kdc01");
		world_run(world, 60);
	}
	nothing_said();
}

/* ---- trust ---- */
/* Good, bad from the last proof of good, good again from where what acquits began; each record that ends is told closed, without a gap. */
static void trust_says_from_when_to_when(void **state)
{
	(void)state;
	struct world_host *host = &world->hosts[5];
	world_run(world, 900);
	host->offset = -400;
	world_run(world, 900);
	host->offset = 0;
	world_run(world, 1500);
	const struct world_trust *told[8];
	size_t count = 0;
	for (size_t i = 0; i < world->trust_count && count < 8; i++)
		if (strcmp(world->trust[i].host, host->name) == 0)
			told[count++] = &world->trust[i];
	assert_int_equal(count, 5);
	static const int STATES[] = {TRUST_GOOD, TRUST_GOOD, TRUST_BAD, TRUST_BAD, TRUST_GOOD};
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(told[i]->state, STATES[i]);
	const char *incident = the_incident(host->name)->id;
	assert_true(told[1]->to > 780 && told[1]->to <= 900 && told[1]->from == told[0]->from); /* the last proof of good was before the step */
	assert_true(told[2]->from == told[1]->to && told[2]->to == -1 && told[2]->low <= -400 && told[2]->high >= -400);
	assert_true(told[3]->from == told[2]->from && told[3]->to >= 1800 && told[3]->to < 2100);
	assert_string_equal(told[2]->incident, incident);
	assert_string_equal(told[3]->incident, incident);
	assert_true(told[3]->low <= -400 && told[3]->high >= -400);
	assert_true(told[4]->from == told[3]->to && told[4]->to == -1 && told[4]->low <= 0 && told[4]->high >= 0);
	assert_string_equal(told[4]->incident, "");
	for (size_t i = 0; i < world->trust_count; i++)
		assert_true(world->trust[i].state != TRUST_BAD || strcmp(world->trust[i].host, host->name) == 0);
}

static void trust_in_silence_is_unknown(void **state)
{
	(void)state;
	struct world_host *host = world_host(world, "fast");
	host->offset = 30;
	world_run(world, 600);
	host->silent = true;
	world_run(world, 1200);
	const struct world_trust *last = NULL;
	for (size_t i = 0; i < world->trust_count; i++)
		if (strcmp(world->trust[i].host, "fast") == 0)
			last = &world->trust[i];
	assert_non_null(last);
	assert_int_equal(last->state, TRUST_UNKNOWN);
	assert_string_equal(last->incident, the_incident("fast")->id);
}

/* ---- repeats, restarts, partitions ---- */
static void a_repeated_record_counts_once(void **state)
{
	(void)state;
	struct world_host *host = world_host(world, "slow");
	host->telemetry = false;
	host->offset = -400;
	world_run(world, 600);
	for (int i = 0; i < 5; i++) {
		world->next_digest = 777777; /* the very same record again and again */
		not_yet_valid(host, ISSUER_CA, 0, "");
	}
	world_run(world, 60);
	nothing_said();
	assert_true(world_finding(world, "duplicate", "slow"));
}

static void everything(struct world *w)
{
	world_fleet(w, 10);
	world_host(w, "slow")->offset = -400;
	world_host(w, "a60ms")->offset = 0.060;
	struct world_host *bare = world_host(w, "bare");
	bare->telemetry = false;
	for (int i = 0; i < 2; i++) {
		struct world_host *client = world_host(w, i ? "client-1" : "client-0");
		client->phi = client->offset = 90;
		strcpy(client->source, "bad1");
	}
	world_host(w, "few")->usable = 1;
	world_run(w, 900);
	world_host(w, "good-04")->offset = 25;
	bare->offset = 70;
	for (int i = 0; i < 8; i++) {
		world_symptom(w, world_host(w, "slow"), ISSUER_CA, CLASS_CERT_NOT_YET_VALID, SHAPE_CAUSAL, DIRECTION_BEHIND, 380, "");
		world_symptom(w, world_host(w, "good-01"), ISSUER_KDC, CLASS_KERBEROS_SKEW, SHAPE_SYMMETRIC, DIRECTION_UNKNOWN, 300, "kdc07");
		world_symptom(w, world_host(w, "good-02"), ISSUER_KDC, CLASS_KERBEROS_SKEW, SHAPE_SYMMETRIC, DIRECTION_UNKNOWN, 300, "kdc07");
		world_run(w, 90);
	}
	world_host(w, "good-04")->offset = 0;
	world_host(w, "slow")->offset = 0;
	world_run(w, 1500);
}

static void a_restored_partition_goes_on_as_if_it_had_never_stopped(void **state)
{
	static const int EVERY[] = {1, 7, 501};
	(void)state;
	struct world *calm = world_new(3, 5);
	everything(calm);
	assert_true(calm->alerts_count > 10);
	for (size_t i = 0; i < sizeof EVERY / sizeof EVERY[0]; i++) {
		if (EVERY[i] == 1)
			continue; /* the same as 7, and slow */
		struct world *restarted = world_new(3, 5);
		restarted->restart_every = EVERY[i];
		everything(restarted);
		assert_string_equal(calm->text.data, restarted->text.data);
		assert_true(restarted->state_bytes_max <= 16384);
		world_free(restarted);
	}
	world_free(calm);
}

static void who_sleeps_changes_nothing(void **state)
{
	static const uint32_t AWAKE[] = {0, 1, 5};
	(void)state;
	struct world *awake = world_new(3, 5);
	everything(awake);
	for (size_t i = 0; i < sizeof AWAKE / sizeof AWAKE[0]; i++)
		for (int restart_every = 0; restart_every < 20; restart_every += 13) {
			struct world *sleepy = world_new(3, 5);
			sleepy->settings.awake_max = AWAKE[i];
			sleepy->restart_every = restart_every;
			everything(sleepy);
			assert_string_equal(awake->text.data, sleepy->text.data);
			world_free(sleepy);
		}
	world_free(awake);
}

static void the_number_of_partitions_changes_nothing_that_is_said(void **state)
{
	(void)state;
	struct buffer one = {0}, many = {0};
	struct world *a = world_new(1, 5), *b = world_new(12, 5);
	everything(a);
	everything(b);
	world_summary(a, &one);
	world_summary(b, &many);
	assert_string_equal(one.data, many.data);
	buffer_release(&one);
	buffer_release(&many);
	world_free(a);
	world_free(b);
}

static void a_state_of_another_shape_is_refused_with_a_reason(void **state)
{
	(void)state;
	struct correlate_settings settings;
	struct str reason = STR_NONE;
	correlate_settings_default(&settings);
	struct world *w = world_new(3, 5);
	w->restart_every = 50;
	world_fleet(w, 2);
	world_run(w, 200);
	struct correlate_partition *four = correlate_partition_new(&settings, 0, 4);
	for (uint32_t p = 0; p < 3; p++)
		for (size_t i = 0; i < w->state_count[p]; i++) {
			assert_false(correlate_restore(four, buffer_str(&w->state[p][i].key), buffer_str(&w->state[p][i].value), &reason));
			assert_true(str_find(reason, STR("number of partitions")) >= 0);
		}
	assert_false(correlate_restore(four, STR("h/x"), STR("garbage"), &reason));
	assert_true(reason.size > 0);
	correlate_partition_free(four);
	world_free(w);
}

/* ---- the algebra, against an oracle that tries every point ---- */
static bool allows(const struct allowed *allowed, int64_t point)
{
	for (int i = 0; i < allowed->count; i++)
		if (allowed->part[i].low <= point && point <= allowed->part[i].high)
			return true;
	return false;
}

static void the_point_that_most_allow(void **state)
{
	(void)state;
	uint64_t random = 9;
	for (int round = 0; round < 20000; round++) {
		struct allowed items[6];
		size_t count = 0;
		for (int i = 0; i < 6; i++) {
			random = random * 6364136223846793005ULL + 1442695040888963407ULL;
			int64_t a = (int64_t)(random >> 40 & 31) - 16, b = (int64_t)(random >> 50 & 15);
			switch (random >> 60 & 3) {
			case 0: items[count++] = allowed_range(a, a + b); break;
			case 1: items[count++] = allowed_range(OPEN_LOW, a); break;
			case 2: items[count++] = allowed_outside(b); break;
			default: break;
			}
		}
		int preferred = count && (round & 1) ? 0 : -1;
		int64_t floor = round % 3 ? OPEN_LOW : -5, point = 0, best_point = 0;
		bool tie = false;
		int best = 0;
		bool best_liked = false, found = agree_point(items, count, preferred, floor, &point, &tie);
		for (int64_t p = -40; p <= 40; p++) {
			int depth = 0;
			if (floor != OPEN_LOW && p < floor)
				continue;
			for (size_t i = 0; i < count; i++)
				depth += allows(&items[i], p);
			bool liked = preferred >= 0 && allows(&items[preferred], p);
			if (depth > best || (depth == best && depth && ((liked && !best_liked) || (liked == best_liked && ns_abs(p) < ns_abs(best_point))))) {
				best = depth;
				best_liked = liked;
				best_point = p;
			}
		}
		assert_int_equal(found, best > 0);
		if (!found)
			continue;
		assert_int_equal(ns_abs(point), ns_abs(best_point));
	}
}

/* ---- numbers that no story can reach ---- */
static const double T0 = 1795399200;

static void progress_of(struct correlate_partition *p, const double *references, size_t count, struct effects *out)
{
	static const char *const names[] = {"a/0", "b/0", "c/0"};
	struct progress_entry entries[3];
	for (size_t i = 0; i < count; i++)
		entries[i] = (struct progress_entry){.input = str_of(names[i]), .reference = instant_of_seconds((int64_t)(T0 + references[i])), .transit = true,
			.reference_kind = REFERENCE_COLLECTED, .records = 1};
	struct observation o = {.kind = OBSERVATION_PROGRESS, .subject = STR("*"), .reference = instant_of_seconds((int64_t)T0), .host_said = INSTANT_NONE,
		.progress = {count, entries}};
	correlate_step(p, &o, out);
}

static double clock_of(const struct correlate_partition *p)
{
	return (double)(correlate_clock(p).ns / SECOND_NS) - T0;
}

/* STUCK: of three inputs one stands still. Until it is 300 s behind it holds the clock, then no longer. */
static void an_input_that_stands_still_holds_the_clock_for_five_minutes(void **state)
{
	(void)state;
	struct correlate_settings settings;
	struct effects effects = {0};
	correlate_settings_default(&settings);
	struct correlate_partition *p = correlate_partition_new(&settings, 0, 1);
	for (double t = 0; t <= 300; t += 50)
		progress_of(p, (double[]){t, t, 0}, 3, &effects);
	assert_int_equal((int)clock_of(p), 0);
	progress_of(p, (double[]){301, 301, 0}, 3, &effects);
	assert_int_equal((int)clock_of(p), 301);
	correlate_partition_free(p);
	effects_release(&effects);
}

/* BOUND_UNKNOWN: telemetry that states no bound is good to 10 ms. */
static bool accused_by_unbounded_telemetry(double offset)
{
	struct correlate_settings settings;
	struct effects effects = {0};
	bool accused = false;
	correlate_settings_default(&settings);
	struct correlate_partition *p = correlate_partition_new(&settings, 0, 1);
	for (int i = 0; i < 10; i++) {
		struct observation o = {.kind = OBSERVATION_CLOCK, .subject = STR("h"), .reference = instant_of_seconds((int64_t)T0 + 60 * i), .reference_kind = REFERENCE_COLLECTED,
			.host_said = instant_plus(instant_of_seconds((int64_t)T0 + 60 * i), span_of_seconds(offset)), .stamp = {true, span_of_seconds(offset), SPAN_MS(1)},
			.digest = (uint64_t)i + 1, .input = STR("a/0"), .clock = {.fields = CLOCK_OFFSET | CLOCK_SYNCHRONISED | CLOCK_STRATUM, .offset = span_of_seconds(offset),
			.synchronised = true, .stratum = 2, .reference_id = STR("0A4D0001"), .source = STR("ntp1")}};
		correlate_step(p, &o, &effects);
		progress_of(p, (double[]){60.0 * i}, 1, &effects);
	}
	for (size_t i = 0; i < effects.count; i++)
		accused = accused || (effects.items[i].kind == EFFECT_ALERT && effects.items[i].alert->kind == INCIDENT_CLOCK);
	correlate_partition_free(p);
	effects_release(&effects);
	return accused;
}

static void telemetry_without_a_bound_is_good_to_ten_milliseconds(void **state)
{
	(void)state;
	assert_false(accused_by_unbounded_telemetry(-0.0595));
	assert_true(accused_by_unbounded_telemetry(-0.0605));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(right_hosts_are_silent), TEST(whole_second_stamps_accuse_nobody), TEST(stray_stamps_accuse_nobody),
		TEST(one_program_in_local_time_accuses_nobody), TEST(a_lag_alone_is_no_fault), TEST(post_dated_credentials_accuse_no_right_host),
		TEST(an_announced_leap_second_is_no_fault), TEST(telemetry_and_stamps_agree_on_a_behind_host),
		TEST(small_offsets_are_warnings_and_smaller_ones_nothing), TEST(ahead_without_telemetry_is_proved_by_stamps),
		TEST(behind_without_telemetry_wants_two_issuers), TEST(behind_without_telemetry_by_one_issuer_that_fits),
		TEST(a_step_is_named_and_its_correction_resolves), TEST(a_drift_is_named), TEST(tampering_is_a_step_with_a_set_time_event),
		TEST(a_dead_battery_is_named), TEST(a_time_zone_is_named), TEST(a_symptom_makes_a_warning_critical_and_correlated),
		TEST(a_host_that_falls_silent_is_unknown_not_right), TEST(a_wrong_shared_source_is_one_incident_with_its_clients),
		TEST(a_source_that_is_behind_accuses_no_right_host), TEST(a_slow_reference_clock_accuses_no_host), TEST(a_slow_collector_of_some_accuses_no_host),
		TEST(health_alarms), TEST(expected_offsets_and_silences), TEST(right_hosts_accuse_a_peer_that_stamps), TEST(one_accuser_is_not_enough),
		TEST(trust_says_from_when_to_when), TEST(trust_in_silence_is_unknown), TEST(a_repeated_record_counts_once), TEST(a_restored_partition_goes_on_as_if_it_had_never_stopped),
		TEST(who_sleeps_changes_nothing),
		TEST(the_number_of_partitions_changes_nothing_that_is_said), TEST(a_state_of_another_shape_is_refused_with_a_reason), TEST(the_point_that_most_allow),
		TEST(an_input_that_stands_still_holds_the_clock_for_five_minutes), TEST(telemetry_without_a_bound_is_good_to_ten_milliseconds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
