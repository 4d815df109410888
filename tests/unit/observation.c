/* The codec gives back what went in, refuses what it does not know, and keeps its size; subjects meet on one partition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "skewline/feedback.h"

static struct observation transit_example(void)
{
	return (struct observation){.kind = OBSERVATION_TRANSIT, .subject = STR("web-01"), .reference = {1795399990123456789},
		.reference_kind = REFERENCE_COLLECTED, .host_said = INSTANT_NONE, .input = STR("logs/3"), .coordinates = {STR("logs"), 3, 42},
		.transit = {.stream = STR("sshd"), .start = {1795399990000000000}, .count = 7, .top_count = 2,
			.top = {{{-5}, {1795399990123456789}}, {{-90000000000}, {1795399990123456700}}}, .lowest = {-100000000000}, .grain = {1000000},
			.clock_rows = true}};
}

static void round_trip(void **state)
{
	(void)state;
	struct observation in = transit_example(), out;
	struct buffer bytes = {0};
	struct arena arena = {0};
	struct str reason = STR_NONE;
	assert_true(observation_pack(&in, &bytes));
	assert_true(observation_unpack(buffer_str(&bytes), in.subject, &arena, &out, &reason));
	assert_int_equal(out.kind, OBSERVATION_TRANSIT);
	assert_true(str_equal(out.subject, in.subject) && str_equal(out.input, in.input) && str_equal(out.transit.stream, in.transit.stream));
	assert_true(out.reference.ns == in.reference.ns && !instant_known(out.host_said));
	assert_int_equal(out.transit.top_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_true(out.transit.top[i].x.ns == in.transit.top[i].x.ns && out.transit.top[i].reference.ns == in.transit.top[i].reference.ns);
	assert_true(out.transit.lowest.ns == in.transit.lowest.ns && out.transit.count == 7 && out.transit.clock_rows);
	assert_true(out.coordinates.partition == 3 && out.coordinates.offset == 42);
	buffer_release(&bytes);
	arena_release(&arena);
}

static void clock_and_symptom(void **state)
{
	(void)state;
	struct observation clock = {.kind = OBSERVATION_CLOCK, .subject = STR("db"), .reference = {7}, .reference_kind = REFERENCE_APPENDED,
		.host_said = {-1}, .stamp = {true, {-8}, {1000}}, .digest = 0xFEDCBA9876543210, .sample = STR("raw"),
		.clock = {.fields = CLOCK_OFFSET | CLOCK_LEAP, .offset = {-29980000000}, .leap = LEAP_INSERT, .synchronised = true, .stratum = 2,
			.reference_id = STR("0A4D0001"), .sources_usable = 3}};
	struct observation symptom = {.kind = OBSERVATION_SYMPTOM, .subject = STR("db"), .reference = {7}, .host_said = INSTANT_NONE,
		.symptom = {.class = CLASS_KERBEROS_SKEW, .issuer = ISSUER_KDC, .subject = SYMPTOM_PEER, .direction = DIRECTION_AHEAD,
			.shape = SHAPE_SYMMETRIC, .magnitude_kind = MAGNITUDE_AT_LEAST, .magnitude = {300000000000}, .peer = STR("kdc01"), .rule = STR("r"),
			.ruleset = UINT64_MAX}};
	struct buffer bytes = {0};
	struct arena arena = {0};
	struct observation out;
	struct str reason;
	assert_true(observation_pack(&clock, &bytes) && observation_unpack(buffer_str(&bytes), clock.subject, &arena, &out, &reason));
	assert_true(out.host_said.ns == -1 && out.stamp.known && out.stamp.x.ns == -8 && out.digest == clock.digest);
	assert_true(out.clock.offset.ns == clock.clock.offset.ns && out.clock.leap == LEAP_INSERT && out.clock.fields == clock.clock.fields);
	buffer_reset(&bytes);
	assert_true(observation_pack(&symptom, &bytes) && observation_unpack(buffer_str(&bytes), symptom.subject, &arena, &out, &reason));
	assert_true(out.symptom.class == CLASS_KERBEROS_SKEW && out.symptom.subject == SYMPTOM_PEER && out.symptom.ruleset == UINT64_MAX);
	assert_true(out.symptom.magnitude.ns == 300000000000 && str_equal(out.symptom.peer, STR("kdc01")));
	buffer_release(&bytes);
	arena_release(&arena);
}

static void refuses(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct observation out;
	struct str reason = STR_NONE;
	assert_false(observation_unpack(STR("not protobuf at all"), STR("k"), &arena, &out, &reason));
	assert_true(reason.size > 0);
	assert_false(observation_unpack(STR("\x08\x63"), STR("k"), &arena, &out, &reason)); /* field 1 = 99 */
	assert_true(str_find(reason, STR("version 99")) > 0);
	assert_false(observation_unpack(STR("\x08\x01"), STR("k"), &arena, &out, &reason)); /* no body */
	assert_false(observation_unpack(STR("\x08\x01"), STR_NONE, &arena, &out, &reason)); /* no key */
	/* Every prefix of a sound record and every single flipped byte: refused or read, never a crash. */
	struct observation in = transit_example();
	struct buffer bytes = {0};
	observation_pack(&in, &bytes);
	for (size_t size = 0; size < bytes.size; size++)
		observation_unpack(str_first(buffer_str(&bytes), size), STR("k"), &arena, &out, &reason);
	for (size_t i = 0; i < bytes.size; i++)
		for (int bit = 0; bit < 8; bit++) {
			bytes.data[i] = (char)(bytes.data[i] ^ (1 << bit));
			observation_unpack(buffer_str(&bytes), STR("k"), &arena, &out, &reason);
			bytes.data[i] = (char)(bytes.data[i] ^ (1 << bit));
		}
	buffer_release(&bytes);
	arena_release(&arena);
}

static void sizes(void **state)
{
	(void)state;
	char sample[2000], input[300];
	memset(sample, 's', sizeof sample);
	memset(input, 'i', sizeof input);
	struct progress_entry entries[PROGRESS_ENTRIES_MAX];
	for (size_t i = 0; i < PROGRESS_ENTRIES_MAX; i++)
		entries[i] = (struct progress_entry){.input = {input, sizeof input}, .reference = {1795399990000000000}};
	struct observation transit = transit_example();
	transit.sample = (struct str){sample, sizeof sample};
	struct buffer bytes = {0};
	assert_true(observation_pack(&transit, &bytes));
	assert_true(bytes.size < SAMPLE_BYTES_MAX + 200);
	struct observation progress = {.kind = OBSERVATION_PROGRESS, .subject = STR("*"), .host_said = INSTANT_NONE, .progress = {PROGRESS_ENTRIES_MAX, entries}};
	size_t before = bytes.size;
	assert_false(observation_pack(&progress, &bytes)); /* 64 entries of 300 bytes do not fit: nothing is appended */
	assert_int_equal(bytes.size, before);
	buffer_release(&bytes);
}

static void partitions(void **state)
{
	(void)state;
	static const struct { const char *a, *b; } same[] = {{"web-01", "web-01.example.net"}, {"db.a", "db.b"}};
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		for (uint32_t n = 1; n < 50; n++)
			assert_int_equal(observation_partition(str_of(same[i].a), n), observation_partition(str_of(same[i].b), n));
	/* Addresses hash whole: 10.1.2.3 and 10.9.9.9 share a first label and must not all meet. */
	unsigned different = 0, used[12] = {0};
	char name[32];
	for (int i = 0; i < 240; i++) {
		snprintf(name, sizeof name, "10.0.%d.%d", i, i);
		different += observation_partition(str_of(name), 12) != observation_partition(STR("10.0.0.0"), 12);
		snprintf(name, sizeof name, "host-%d", i);
		used[observation_partition(str_of(name), 12)]++;
	}
	assert_true(different > 100);
	for (size_t i = 0; i < 12; i++)
		assert_in_range(used[i], 5, 45);
	static const struct { const char *in; bool want; } addresses[] = {{"10.0.0.1", true}, {"1.2.3", false}, {"web.1.2.3", false}, {"::1", true},
		{"fe80::1%eth0", true}, {"2001:db8::1", true}, {"host:1", false}, {"", false}, {"a.b.c.d", false}};
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
		assert_int_equal(subject_is_address(str_of(addresses[i].in)), addresses[i].want);
}

static void printed(void **state)
{
	(void)state;
	struct observation in = transit_example();
	struct buffer out = {0};
	observation_print_json(&in, &out);
	assert_non_null(strstr(out.data, "\"x_s\":-90.000000000"));
	assert_non_null(strstr(out.data, "\"x_s\":-0.000000005"));
	assert_non_null(strstr(out.data, "\"subject\":\"web-01\""));
	buffer_release(&out);
}

/* What the fleet is told, packed and read again; it must fit. */
static const struct feedback *there_and_back(const struct feedback *feedback, struct buffer *bytes, struct arena *arena)
{
	struct observation observation = {.kind = OBSERVATION_FEEDBACK, .subject = STR("fleet"), .reference = feedback->cause, .host_said = INSTANT_NONE,
		.feedback = feedback}, back;
	struct str reason;
	assert_true(observation_pack(&observation, bytes));
	assert_true(bytes->size <= OBSERVATION_BYTES_MAX);
	assert_true(observation_unpack(buffer_str(bytes), STR("fleet"), arena, &back, &reason));
	return back.feedback;
}

/* The largest feedback: two full histograms of large numbers, and full lists of names. It must fit. */
static void the_largest_feedback_fits(void **state)
{
	(void)state;
	struct calibration_bin_count bins[FEEDBACK_BINS_MAX];
	for (int i = 0; i < FEEDBACK_BINS_MAX; i++)
		bins[i] = (struct calibration_bin_count){-2000000 + i, 0xffffffu - (uint32_t)i};
	struct feedback feedback = {.kind = FEEDBACK_CALIBRATION, .hop = 1, .partition = 1023, .cause = instant_of_seconds(1795399200),
		.calibration = {.census = {1000000, 5, 7}, .lag_count = FEEDBACK_BINS_MAX, .lag = bins, .excess_count = FEEDBACK_BINS_MAX, .excess = bins}};
	struct buffer bytes = {0};
	struct arena arena = {0};
	const struct feedback *back = there_and_back(&feedback, &bytes, &arena);
	assert_int_equal(back->calibration.lag_count, FEEDBACK_BINS_MAX);
	assert_int_equal(back->calibration.census.standing, 1000000);
	assert_int_equal(back->calibration.census.announcing, 5);
	assert_int_equal(back->calibration.census.fresh, 7);
	for (int i = 0; i < FEEDBACK_BINS_MAX; i++) {
		assert_int_equal(back->calibration.excess[i].bin, bins[i].bin);
		assert_int_equal(back->calibration.excess[i].count, bins[i].count);
	}
	buffer_release(&bytes);
	arena_release(&arena);
}

/* As many open clocks and issuers as are carried, every number large, names as long as they may be together: what goes in comes out. */
static void open_clocks_travel(void **state)
{
	(void)state;
	static const char name[84] = "a-host-with-a-long-name.in-a-zone-with-a-long-name.of-an-enterprise.example.net.---";
	struct feedback feedback = {.kind = FEEDBACK_FLEET, .hop = 2, .partition = 1023, .cause = instant_of_seconds(1795399200),
		.fleet = {.wide_known = true, .wide = {INT64_MAX}, .parts_count = FEEDBACK_FAULT_PARTS_MAX, .open_count = 70, .open_kept = FEEDBACK_OPEN_MAX}};
	for (int i = 0; i < FEEDBACK_FAULT_PARTS_MAX; i++)
		feedback.fleet.parts[i] = (struct reference_fault_part){{INT64_MAX}, {INT64_MAX}, {INT64_MIN}};
	for (int i = 0; i < FEEDBACK_OPEN_MAX; i++)
		feedback.fleet.open[i] = (struct feedback_open){{name, sizeof name - 1}, true, i % 2 == 0, {{INT64_MAX - 2 - i}, {INT64_MAX - 1 - i}}, {INT64_MIN + i}};
	for (int i = 0; i < FEEDBACK_ISSUERS_MAX; i++)
		feedback.fleet.issuers[feedback.fleet.issuers_count++] = (struct feedback_issuer){(enum issuer)(1 + i % (ISSUER_COUNT - 1)), {INT64_MAX - i}, {INT64_MIN + i}};
	struct buffer bytes = {0};
	struct arena arena = {0};
	const struct feedback *back = there_and_back(&feedback, &bytes, &arena);
	assert_true(back->fleet.issuers_count == FEEDBACK_ISSUERS_MAX);
	for (int i = 0; i < FEEDBACK_ISSUERS_MAX; i++) {
		const struct feedback_issuer *one = &back->fleet.issuers[i];
		assert_true(one->issuer == (enum issuer)(1 + i % (ISSUER_COUNT - 1)) && one->ahead.ns == INT64_MAX - i && one->seen.ns == INT64_MIN + i);
	}
	assert_true(back->fleet.open_count == 70 && back->fleet.open_kept == FEEDBACK_OPEN_MAX);
	for (int i = 0; i < FEEDBACK_OPEN_MAX; i++) {
		const struct feedback_open *one = &back->fleet.open[i];
		assert_true(str_equal(one->host, (struct str){name, sizeof name - 1}) && one->open && one->first == (i % 2 == 0));
		assert_true(one->theta.low.ns == INT64_MAX - 2 - i && one->theta.high.ns == INT64_MAX - 1 - i && one->since.ns == INT64_MIN + i);
	}
	buffer_reset(&bytes);
	feedback = (struct feedback){.kind = FEEDBACK_OPEN, .hop = 1, .cause = {5}, .open = {STR("web-01"), false, true, {{-3}, {4}}, {9}}};
	back = there_and_back(&feedback, &bytes, &arena);
	assert_true(back->kind == FEEDBACK_OPEN && str_equal(back->open.host, STR("web-01")) && !back->open.open && back->open.first);
	assert_true(back->open.theta.low.ns == -3 && back->open.theta.high.ns == 4 && back->open.since.ns == 9);
	buffer_reset(&bytes);
	feedback = (struct feedback){.kind = FEEDBACK_ISSUER, .hop = 1, .cause = {5}, .issuer = {ISSUER_FS, {60}, {4}}};
	back = there_and_back(&feedback, &bytes, &arena);
	assert_true(back->kind == FEEDBACK_ISSUER && back->issuer.issuer == ISSUER_FS && back->issuer.ahead.ns == 60 && back->issuer.seen.ns == 4);
	buffer_reset(&bytes);
	feedback = (struct feedback){.kind = FEEDBACK_UNEXPLAINED, .hop = 1, .cause = {5}, .unexplained = {STR("web-01"), {-7}, false, true}};
	back = there_and_back(&feedback, &bytes, &arena);
	assert_true(back->unexplained.value.ns == -7 && !back->unexplained.unvouched && back->unexplained.moved);
	buffer_release(&bytes);
	arena_release(&arena);
}

/* Bins grow with their values, and the middle of a bin lies in it. */
static void calibration_bins(void **state)
{
	(void)state;
	int32_t before = INT32_MIN;
	for (int64_t ms = -100000000; ms <= 100000000; ms += ms > -20000 && ms < 20000 ? 7 : 4099) {
		int32_t bin = calibration_bin(SPAN_MS(ms));
		assert_true(bin >= before);
		assert_int_equal(calibration_bin(calibration_value(bin)), bin);
		before = bin;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_largest_feedback_fits), cmocka_unit_test(open_clocks_travel), cmocka_unit_test(calibration_bins), cmocka_unit_test(round_trip), cmocka_unit_test(clock_and_symptom), cmocka_unit_test(refuses),
		cmocka_unit_test(sizes), cmocka_unit_test(partitions), cmocka_unit_test(printed)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
