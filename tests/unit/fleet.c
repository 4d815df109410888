/* The demo's fleet keeps its promises: deterministic, sound JSON, in order of delivery, with the faults that its truth names.
 * The judge reads the records with jansson and knows nothing of how they were made. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "../../src/app/fleet.h"
#include "skewline/buffer.h"

#define START ((struct instant){1795399200LL * SECOND_NS + 123456})
#define SEEDS 20

static const char *text_at(const json_t *object, const char *one, const char *two)
{
	const char *text = json_string_value(json_object_get(two ? json_object_get(object, one) : object, two ? two : one));
	assert_non_null(text);
	return text;
}

/* "YYYY-MM-DDTHH:MM:SS.mmmZ" -> ms since 1970, strictly. */
static int64_t stamp_ms(const char *text)
{
	int year, month, day, hour, minute, second, ms, used = 0;
	assert_int_equal(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &year, &month, &day, &hour, &minute, &second, &ms, &used), 7);
	assert_int_equal(used, 24);
	assert_int_equal(strlen(text), 24);
	return ((days_from_civil(year, (unsigned)month, (unsigned)day) * 24 + hour) * 60 + minute) * 60000 + second * 1000 + ms;
}

static void all_bytes(uint64_t seed, struct buffer *out)
{
	struct fleet *fleet = fleet_new(seed, START);
	struct fleet_record record;
	while (fleet_next(fleet, &record)) {
		buffer_add_str(out, record.topic);
		buffer_add_str(out, record.key);
		buffer_add_str(out, record.value);
		buffer_printf(out, "%lld\n", (long long)record.collected.ns);
	}
	fleet_free(fleet);
}

static void test_same_seed_same_bytes(void **state)
{
	(void)state;
	struct buffer one = {0}, two = {0}, other = {0};
	all_bytes(7, &one);
	all_bytes(7, &two);
	all_bytes(8, &other);
	assert_true(str_equal(buffer_str(&one), buffer_str(&two)));
	assert_false(str_equal(buffer_str(&one), buffer_str(&other)));
	buffer_release(&one);
	buffer_release(&two);
	buffer_release(&other);
}

static void test_records_are_sound_and_in_order(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct fleet *fleet = fleet_new(seed, START);
		struct fleet_record record;
		struct instant last = START;
		size_t logs = 0, ntp = 0;
		while (fleet_next(fleet, &record)) {
			json_error_t error;
			json_t *value = json_loadb(record.value.data, record.value.size, JSON_REJECT_DUPLICATES, &error);
			assert_non_null(value);
			assert_int_equal(stamp_ms(text_at(value, "event", "ingested")), instant_unix_ms(record.collected));
			stamp_ms(text_at(value, "@timestamp", NULL));
			assert_true(str_equal(str_of(text_at(value, "host", "name")), record.key));
			assert_true(strlen(text_at(value, "message", NULL)) > 0);
			assert_null(strchr(text_at(value, "process", "name"), '{'));
			assert_true(record.collected.ns >= last.ns - 1000000 || logs + ntp == 0);
			assert_true(record.collected.ns < START.ns + FLEET_MINUTES * 60 * SECOND_NS);
			last = record.collected;
			bool is_log = str_equal(record.topic, STR(FLEET_TOPIC_LOGS));
			assert_true(is_log || str_equal(record.topic, STR(FLEET_TOPIC_NTP)));
			assert_int_equal(is_log, json_object_get(value, "ntp") == NULL);
			*(is_log ? &logs : &ntp) += 1;
			json_decref(value);
		}
		assert_int_equal(logs + ntp, fleet_size(fleet));
		assert_in_range(logs, 4000, 9000);
		assert_in_range(ntp, 20 * 24 * 2, 21 * 24 * 4);
		fleet_free(fleet);
	}
}

static const struct fleet_fault *fault_of(const struct fleet_fault *faults, size_t count, struct str host)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < faults[i].affected_count; k++)
			if (str_equal(faults[i].affected[k], host))
				return &faults[i];
	return NULL;
}

/* The stamps must carry each fault, whole: x = @timestamp - ingested lies in [offset - 2.5 s, offset] while it lasts, in
 * [-2.5 s, 0] (to the millisecond) otherwise. And chronyc's raw line, its parsed form and the truth agree in sign. */
static void check_record_against_truth(const struct fleet_record *record, const struct fleet_fault *faults, size_t count)
{
	json_t *value = json_loadb(record->value.data, record->value.size, 0, NULL);
	int64_t said = stamp_ms(text_at(value, "@timestamp", NULL)), collected = instant_unix_ms(record->collected);
	const struct fleet_fault *fault = fault_of(faults, count, record->key);
	double offset = 0;
	if (fault && (double)collected / 1e3 > (double)fault->onset.ns * 1e-9 + 2.6)
		offset = fault->offset_s;
	bool changing = fault && fabs((double)collected / 1e3 - (double)fault->onset.ns * 1e-9) < 2.7;
	double x = (double)(said - collected) / 1e3;
	if (!changing) {
		assert_true(x <= offset + 0.0015);
		assert_true(x >= offset - 2.5015);
	}
	const json_t *ntp = json_object_get(value, "ntp");
	if (ntp && strcmp(text_at(ntp, "kind", NULL), "tracking") == 0) {
		double reference, raw, parsed = json_number_value(json_object_get(ntp, "clock_offset_s"));
		assert_int_equal(sscanf(text_at(value, "message", NULL), "%*8[0-9A-F],%*[0-9.],%*d,%lf,%lf,", &reference, &raw) == 2,
			strcmp(text_at(ntp, "leap_status", NULL), "Normal") == 0);
		bool wrong_server = fault && str_starts(fault->suspects[0], STR("ntp:"));
		if (strcmp(text_at(ntp, "leap_status", NULL), "Normal") == 0 && !changing) {
			assert_true(fabs(raw + parsed) < 1e-8);
			assert_true(fabs(parsed - (wrong_server ? 0 : offset)) < 0.001);
		}
	}
	json_decref(value);
}

static void test_truth_is_in_the_stamps(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct fleet *fleet = fleet_new(seed, START);
		size_t count;
		const struct fleet_fault *faults = fleet_truth(fleet, &count);
		struct fleet_record record;
		while (fleet_next(fleet, &record))
			check_record_against_truth(&record, faults, count);
		fleet_free(fleet);
	}
}

/* A fault must show in words too, soon: at least 5 lines that only a wrong clock (or a wrong credential) writes, in its first ten
 * minutes. And hosts without a fault write none of themselves (they may complain of others, by name or address). */
static bool speaks_of_its_clock(const char *message)
{
	static const char *const words[] = {"not yet valid", "not active", "token not valid yet", "jwt expired", "is expired", "has expired", "Clock skew too great"};
	if (strstr(message, "AS_REQ"))
		return false; /* the KDC's complaint of a client */
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(message, words[i]))
			return true;
	return false;
}

static void test_symptoms_are_where_the_truth_says(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct fleet *fleet = fleet_new(seed, START);
		size_t count, said[4] = {0};
		const struct fleet_fault *faults = fleet_truth(fleet, &count);
		struct fleet_record record;
		while (fleet_next(fleet, &record)) {
			json_t *value = json_loadb(record.value.data, record.value.size, 0, NULL);
			if (speaks_of_its_clock(text_at(value, "message", NULL))) {
				const struct fleet_fault *fault = fault_of(faults, count, record.key);
				assert_non_null(fault);
				assert_false(instant_before(record.collected, fault->onset));
				said[fault - faults] += record.collected.ns < fault->onset.ns + 600 * SECOND_NS;
			}
			json_decref(value);
		}
		for (size_t i = 0; i < count; i++)
			assert_true(said[i] >= 5 || (faults[i].direction == DIRECTION_UNKNOWN && !faults[i].lookalike && said[i] == 0));
		fleet_free(fleet);
	}
}

static void test_truth_varies_with_the_seed(void **state)
{
	(void)state;
	size_t names = 0, wrong_servers = 0, lost = 0, sizes = 0;
	struct buffer last = {0};
	double last_offset = 0;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct fleet *fleet = fleet_new(seed, START);
		size_t count, lookalikes = 0, behind = 0, ahead = 0, unknown = 0;
		const struct fleet_fault *faults = fleet_truth(fleet, &count);
		assert_int_equal(count, 4);
		for (size_t i = 0; i < count; i++) {
			assert_true(faults[i].words.size > 10);
			assert_true(faults[i].onset.ns >= START.ns - 1000000);
			assert_true(faults[i].onset.ns <= START.ns + 360 * SECOND_NS);
			lookalikes += faults[i].lookalike;
			assert_int_equal(faults[i].lookalike, faults[i].causes[0] == NULL);
			behind += faults[i].direction == DIRECTION_BEHIND;
			ahead += faults[i].direction == DIRECTION_AHEAD;
			unknown += faults[i].direction == DIRECTION_UNKNOWN && !faults[i].lookalike;
			assert_int_equal(faults[i].direction == DIRECTION_UNKNOWN, faults[i].offset_s == 0);
			if (faults[i].direction != DIRECTION_UNKNOWN)
				assert_true(fabs(faults[i].offset_s) >= 40 && fabs(faults[i].offset_s) <= 600);
			wrong_servers += str_starts(faults[i].suspects[0], STR("ntp:"));
		}
		assert_int_equal(lookalikes, 1);
		assert_int_equal(behind, 1);
		assert_int_equal(ahead + unknown, 2);
		lost += unknown;
		names += !str_equal(buffer_str(&last), faults[0].suspects[0]);
		sizes += faults[0].offset_s != last_offset;
		last_offset = faults[0].offset_s;
		buffer_reset(&last);
		buffer_add_str(&last, faults[0].suspects[0]);
		fleet_free(fleet);
	}
	assert_true(names > SEEDS / 2);
	assert_int_equal(sizes, SEEDS);
	assert_true(wrong_servers > SEEDS / 4 && lost > SEEDS / 8);
	buffer_release(&last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_seed_same_bytes),
		cmocka_unit_test(test_records_are_sound_and_in_order),
		cmocka_unit_test(test_truth_is_in_the_stamps),
		cmocka_unit_test(test_symptoms_are_where_the_truth_says),
		cmocka_unit_test(test_truth_varies_with_the_seed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
