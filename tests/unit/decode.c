/* Records as the field's tools write them -> what Skewline understands. Signs were read off real daemons with known errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "skewline/decode.h"
#include "time_text.h"

static struct record decode_one(struct decoder *decoder, const char *text, const char *key, struct instant nearby)
{
	struct record_list list;
	struct envelope envelope = {.key = str_of(key), .transport = nearby};
	decode(decoder, str_of(text), &envelope, &list);
	assert_int_equal(list.count, 1);
	return list.items[0];
}

static struct decoder *plain_decoder(void)
{
	struct decoder_options options = {.format = STR("auto"), .record_bytes_max = 4096};
	return decoder_new(&options);
}

#define T0 1795396815 /* 2026-11-23T01:20:15Z */

static void logs(void **state)
{
	(void)state;
	static const struct { const char *in, *format, *host, *program, *message; int64_t said_ns, grain_ns; } rows[] = {
		{"{\"@timestamp\":\"2026-11-23T01:20:17.500Z\",\"agent\":{\"name\":\"relay\"},\"host\":{\"name\":\"WEB-01.Example.Net.\"},\"message\":\"a \\\"b\\\"\",\"process\":{\"name\":\"nginx\"}}",
			"filebeat", "web-01.example.net", "nginx", "a \"b\"", (T0 + 2) * SECOND_NS + 500000000, 1000000},
		{"{\"host\":{\"hostname\":\"db\"},\"event.dataset\":\"sys\",\"message\":\"m\",\"@timestamp\":1795396815}", "filebeat", "db", "sys", "m", T0 * SECOND_NS, SECOND_NS},
		{"{\"host\":\"legacy\",\"message\":\"m\"}", "filebeat", "legacy", "", "m", INT64_MIN, 0},
		{"{\"_HOSTNAME\":\"app-01\",\"MESSAGE\":\"hi\",\"_COMM\":\"cron\",\"PRIORITY\":\"4\",\"__REALTIME_TIMESTAMP\":\"1795396815000007\",\"_SOURCE_REALTIME_TIMESTAMP\":\"1795396815000001\"}",
			"journald", "app-01", "cron", "hi", T0 * SECOND_NS + 1000, 1000},
		{"<165>1 2026-11-23T02:20:15.003000+01:00 Web-01 evntslog 12 ID47 [x@1 a=\"b\\]c\"][timeQuality isSynced=\"0\"] \xEF\xBB\xBFtext here", "rfc5424", "web-01", "evntslog",
			"text here", T0 * SECOND_NS + 3000000, 1000},
		{"<34>Nov 23 01:20:15 db-01 sshd[812]: Accepted", "rfc3164", "db-01", "sshd", "Accepted", T0 * SECOND_NS, SECOND_NS},
		{"Nov 23 01:20:15 db-01 sshd[812]: Accepted", "rfc3164", "db-01", "sshd", "Accepted", T0 * SECOND_NS, SECOND_NS},
		{"2026-11-23T01:20:15.5+00:00 db-01 sshd: Accepted", "rsyslog-fileformat", "db-01", "sshd", "Accepted", T0 * SECOND_NS + 500000000, 100000000},
	};
	struct decoder *decoder = plain_decoder();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct record got = decode_one(decoder, rows[i].in, "", (struct instant){(T0 + 86400) * SECOND_NS});
		assert_int_equal(got.kind, RECORD_LOG);
		assert_string_equal(got.format, rows[i].format);
		assert_true(str_equal(got.host, str_of(rows[i].host)));
		assert_true(str_equal(got.program, str_of(rows[i].program)));
		assert_true(str_equal(got.message, str_of(rows[i].message)));
		assert_true(got.host_said.ns == rows[i].said_ns && (rows[i].grain_ns == 0 || got.grain.ns == rows[i].grain_ns));
	}
	struct record unsynced = decode_one(decoder, rows[4].in, "", INSTANT_NONE);
	assert_true(str_find(unsynced.detail, STR("isSynced=0")) >= 0);
	decoder_free(decoder);
}

static void clock_samples(void **state)
{
	(void)state;
	struct decoder *decoder = plain_decoder();
	/* a real chronyd, its clock 2.5 s ahead: System time is printed as the correction still to be made, hence negative */
	struct record got = decode_one(decoder, "{\"@timestamp\":\"2026-11-23T01:20:17.500Z\",\"event\":{\"ingested\":\"2026-11-23T01:20:15.100Z\",\"dataset\":\"chrony.tracking\"},"
		"\"host\":{\"name\":\"web-01\"},\"message\":\"0A4D0001,10.77.0.1,2,1795396817.711540989,-2.499963045,-0.000000674,0.1,-0.137,-0.014,0.435,0.000037503,0.000008479,1.0,Normal\","
		"\"ntp\":{\"kind\":\"tracking\",\"sources_usable\":1,\"sources_reachable\":3}}", "", INSTANT_NONE);
	assert_int_equal(got.kind, RECORD_CLOCK_SAMPLE);
	assert_string_equal(got.format, "chronyc-tracking");
	assert_true(got.clock.offset.ns == 2499963045 && (got.clock.fields & CLOCK_OFFSET));
	assert_true(got.clock.root_delay.ns == 37503 && got.clock.root_dispersion.ns == 8479 && got.clock.stratum == 2 && got.clock.synchronised);
	assert_true(got.clock.sources_usable == 1 && got.clock.sources_reached == 3 && got.clock.leap == LEAP_NORMAL);
	assert_true(got.collected.ns == T0 * SECOND_NS + 100000000 && str_equal(got.clock.source, STR("10.77.0.1")));
	/* the parsed fields stand in for a raw row that the pipeline dropped */
	got = decode_one(decoder, "{\"host\":{\"name\":\"web-01\"},\"ntp\":{\"kind\":\"tracking\",\"ref_id\":\"0A4D0001\",\"stratum\":2,\"system_time_s\":1.25,"
		"\"root_delay_s\":0.001,\"root_dispersion_s\":0.002,\"leap_status\":\"Insert second\"}}", "", INSTANT_NONE);
	assert_true(got.kind == RECORD_CLOCK_SAMPLE && got.clock.offset.ns == -1250000000 && got.clock.leap == LEAP_INSERT);
	/* zero does not mean good */
	static const char *const silent[] = {
		"00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised",
		"0A4D0001,10.77.0.1,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Normal",
		"00000000,,3,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Normal"};
	for (size_t i = 0; i < 3; i++) {
		got = decode_one(decoder, silent[i], "Edge-03", INSTANT_NONE);
		assert_true(got.kind == RECORD_CLOCK_SAMPLE && !got.clock.synchronised && !(got.clock.fields & CLOCK_OFFSET));
		assert_true(str_equal(got.host, STR("edge-03")));
	}
	/* its own reference: in step, but with nobody */
	got = decode_one(decoder, "7F7F0101,,10,1795396815.0,0.000000000,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,Normal", "iot-09", INSTANT_NONE);
	assert_true(got.kind == RECORD_CLOCK_SAMPLE && got.clock.synchronised && !(got.clock.fields & CLOCK_OFFSET));
	/* nothing says whether the daemon is in step: no sample */
	got = decode_one(decoder, "{\"host\":{\"name\":\"web-01\"},\"ntp\":{\"kind\":\"tracking\",\"ref_id\":\"0A4D0001\",\"stratum\":2,\"system_time_s\":1.25}}", "", INSTANT_NONE);
	assert_int_equal(got.kind, RECORD_OTHER);
	/* a source row: local minus source, positive = ahead; reach is octal */
	got = decode_one(decoder, "^,*,10.77.0.1,1,-2,377,0,2.499964237,2.5,0.000305028", "web-01", INSTANT_NONE);
	assert_true(got.measures == MEASURES_SOURCE && got.source.offset.ns == 2499964237 && got.source.state == '*' && got.source.reached);
	got = decode_one(decoder, "^,?,127.0.0.1,0,0,0,4294967295,0.000000000,0.000000000,0.000000000", "web-01", INSTANT_NONE);
	assert_true(got.kind == RECORD_CLOCK_SAMPLE && !got.source.reached && !got.source.offset_known);
	decoder_free(decoder);
}

static void rejects(void **state)
{
	(void)state;
	static const struct { const char *in; enum reject_reason want; } rows[] = {
		{"{\"host\":{\"name\":\"a\"},\"message\":", REJECT_TRUNCATED}, {"{\"host\":{\"name\":\"a\"},\"message\":nope}", REJECT_BAD_JSON},
		{"{\"host\":{\"name\":\"a\"},\"message\":\"\xFF\"}", REJECT_BAD_UTF8}, {"{\"message\":\"no host\"}", REJECT_NO_HOST},
		{"{\"agent\":{\"name\":\"relay\",\"hostname\":\"relay\"},\"message\":\"never the agent's\"}", REJECT_NO_HOST},
		{"{\"host\":{\"name\":\"a b\"},\"message\":\"m\"}", REJECT_NO_HOST}, {"{\"host\":{\"name\":\"\"},\"message\":\"m\"}", REJECT_NO_HOST},
		{"{\"host\":{\"name\":\"a\"},\"@timestamp\":\"9999-01-01T00:00:00Z\",\"message\":\"m\"}", REJECT_BAD_TIME},
		{"{\"host\":{\"name\":\"a\"},\"@timestamp\":\"NaN\",\"message\":\"m\"}", REJECT_BAD_TIME},
		{"{\"host\":{\"name\":\"a\"},\"@timestamp\":1e300,\"message\":\"m\"}", REJECT_BAD_TIME},
		{"{\"host\":{\"name\":\"a\"},\"@timestamp\":\"2026-02-30T00:00:00Z\",\"message\":\"m\"}", REJECT_BAD_TIME},
		{"0A4D0001,10.77.0.1,2,1.0,nan,0,0,0,0,0,0,0,1.0,Normal", REJECT_BAD_NUMBER},
		{"\x01\x02\x03", REJECT_NOT_TEXT}, {"", REJECT_NOT_TEXT}, {"nothing that we know", REJECT_UNKNOWN_FORMAT}, {"plain \xFF bytes", REJECT_BAD_UTF8},
		{"<34>1 2026-11-23T01:20:15Z - app - - - no host", REJECT_NO_HOST},
		{"<34>Nov 23 01:20:15 sshd[812]: a tag where the host should be", REJECT_NO_HOST},
		{"2026-11-23T01:20:15.5Z stderr F a container's line", REJECT_NO_HOST},
		{"0A4D0001,10.77.0.1,2,1.0,1e10,0,0,0,0,0,0,0,1.0,Normal", REJECT_BAD_NUMBER},
		{"0A4D0001,10.77.0.1,2,1.0,0.5,0,0,0,0,0,0,0,1.0,Perhaps", REJECT_UNKNOWN_FORMAT},
	};
	struct decoder *decoder = plain_decoder();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct record got = decode_one(decoder, rows[i].in, "key", INSTANT_NONE);
		assert_int_equal(got.kind, RECORD_REJECTED);
		if (got.reason != rows[i].want)
			fail_msg("%s: %s, want %s", rows[i].in, reject_reason_name(got.reason), reject_reason_name(rows[i].want));
		assert_true(got.detail.size > 0);
	}
	struct record_list list;
	struct envelope envelope = {.transport = INSTANT_NONE};
	char *large = calloc(1, 5000);
	memset(large, 'x', 5000);
	decode(decoder, (struct str){large, 5000}, &envelope, &list);
	assert_int_equal(list.items[0].reason, REJECT_TOO_LONG);
	decode(decoder, (struct str){"\0\0\0\0\1{\"host\":{\"name\":\"a\"},\"message\":\"m\"}", 40}, &envelope, &list);
	assert_int_equal(list.items[0].kind, RECORD_LOG);
	decode(decoder, (struct str){"\0\0\0\0\1\2avro", 10}, &envelope, &list);
	assert_int_equal(list.items[0].reason, REJECT_NEEDS_SCHEMA);
	memset(large, 'h', 300);
	large[300] = 0;
	char out[256];
	size_t size;
	assert_false(host_name_normalise((struct str){large, 256}, out, &size));
	assert_true(host_name_normalise((struct str){large, 255}, out, &size));
	free(large);
	decoder_free(decoder);
}

/* The order of the places where a host stands; how it is written. */
static void hosts(void **state)
{
	(void)state;
	static const struct { const char *in, *want; } rows[] = {
		{"{\"host\":{\"hostname\":\"b\",\"name\":\"A.Example.\"},\"_HOSTNAME\":\"c\",\"agent\":{\"name\":\"d\"},\"message\":\"m\"}", "a.example"},
		{"{\"host\":{\"hostname\":\"B\"},\"_HOSTNAME\":\"c\",\"message\":\"m\"}", "b"}, {"{\"_HOSTNAME\":\"C\",\"host\":\"relay\",\"MESSAGE\":\"m\"}", "c"},
		{"{\"host\":{\"name\":\"a\"},\"_HOSTNAME\":\"c\",\"__REALTIME_TIMESTAMP\":\"1795396815123456\",\"MESSAGE\":\"m\"}", "a"},
		{"{\"host\":{\"name\":null,\"hostname\":\"b\"},\"message\":\"m\"}", "b"}, {"{\"host.name\":\"\\u0041\",\"message\":\"m\"}", "a"},
		{"<34>Nov 23 01:20:15 DB-01. sshd[812]: m", "db-01"},
	};
	struct decoder *decoder = plain_decoder();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct record got = decode_one(decoder, rows[i].in, "", INSTANT_NONE);
		assert_int_equal(got.kind, RECORD_LOG);
		assert_true(str_equal(got.host, str_of(rows[i].want)));
	}
	decoder_free(decoder);
}

/* journald writes what is no plain text as an array of bytes. */
static void bytes_of_the_journal(void **state)
{
	(void)state;
	static const struct { const char *in, *want; } rows[] = {
		{"[98,105, 110 ,97,114,121]", "binary"}, {"[98,255,1]", "b\xEF\xBF\xBD\x01"}, {"[195,164]", "\xC3\xA4"}, {"98", "98"}, {"[98,256]", "98"}, {"[\"a\",\"b\"]", "a"},
	};
	struct decoder *decoder = plain_decoder();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[200];
		snprintf(text, sizeof text, "{\"_HOSTNAME\":\"w\",\"MESSAGE\":%s,\"X\":[1,2]}", rows[i].in);
		struct record got = decode_one(decoder, text, "", INSTANT_NONE);
		assert_true(got.kind == RECORD_LOG && str_equal(got.message, str_of(rows[i].want)));
	}
	decoder_free(decoder);
}

/* A format that was said excludes the others. */
static void said_formats(void **state)
{
	(void)state;
	static const char *const texts[] = {"{\"host\":{\"name\":\"a\"},\"message\":\"m\"}", "<34>Nov 23 01:20:15 db-01 sshd[812]: m",
		"<34>1 2026-11-23T01:20:15Z h app - - - m", "2026-11-23T01:20:15.5+00:00 db-01 sshd: m"};
	static const char *const formats[] = {"filebeat", "rfc3164", "rfc5424", "rsyslog-fileformat"};
	for (size_t i = 0; i < 4; i++) {
		struct decoder_options options = {.format = str_of(formats[i]), .record_bytes_max = 4096};
		struct decoder *decoder = decoder_new(&options);
		for (size_t k = 0; k < 4; k++) {
			struct record got = decode_one(decoder, texts[k], "", INSTANT_NONE);
			assert_int_equal(got.kind, i == k ? RECORD_LOG : RECORD_REJECTED);
			assert_true(i == k || got.reason == REJECT_UNKNOWN_FORMAT);
		}
		decoder_free(decoder);
	}
}

static void absurd_but_sound(void **state)
{
	(void)state;
	struct decoder *decoder = plain_decoder();
	static const struct { const char *in; int64_t seconds; } rows[] = {{"1970-01-01T00:00:00Z", 0}, {"2099-12-31T23:59:59Z", 4102444799}, {"1900-01-01T00:00:00Z", -2208988800}};
	for (size_t i = 0; i < 3; i++) {
		char text[200];
		snprintf(text, sizeof text, "{\"host\":{\"name\":\"a\"},\"@timestamp\":\"%s\",\"message\":\"m\"}", rows[i].in);
		struct record got = decode_one(decoder, text, "", INSTANT_NONE);
		assert_int_equal(got.kind, RECORD_LOG);
		assert_true(got.host_said.ns == rows[i].seconds * SECOND_NS);
	}
	decoder_free(decoder);
}

static void times(void **state)
{
	(void)state;
	static const struct { const char *in; enum time_result want; int64_t ns, grain; } rows[] = {
		{"2026-11-23T01:20:15Z", TIME_OK, T0 * SECOND_NS, SECOND_NS}, {"2026-11-23 01:20:15,123", TIME_OK, T0 * SECOND_NS + 123000000, 1000000},
		{"2026-11-23T03:20:15.000000001+0200", TIME_OK, T0 * SECOND_NS + 1, 1}, {"2026-11-22T20:50:15-04:30", TIME_OK, T0 * SECOND_NS, SECOND_NS},
		{"1795396815.25", TIME_OK, T0 * SECOND_NS + 250000000, 10000000}, {"1795396815250", TIME_OK, T0 * SECOND_NS + 250000000, 1000000},
		{"1795396815250000", TIME_OK, T0 * SECOND_NS + 250000000, 1000}, {"1795396815250000000", TIME_OK, T0 * SECOND_NS + 250000000, 1},
		{"2026-11-23T24:20:15Z", TIME_NOT, 0, 0}, {"2026-11-23", TIME_NOT, 0, 0}, {"2026-11-23T01:20:15+25:00", TIME_NOT, 0, 0}, {"", TIME_NOT, 0, 0},
		{"0001-01-01T00:00:00Z", TIME_BEYOND, 0, 0}, {"99999999999999999", TIME_OK, 99999999999999999, 1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct stamp_text got = {0};
		enum time_result result = time_any(str_of(rows[i].in), &got);
		if (result != rows[i].want || (result == TIME_OK && (got.at.ns != rows[i].ns || got.grain.ns != rows[i].grain)))
			fail_msg("%s: %d %lld %lld", rows[i].in, result, (long long)got.at.ns, (long long)got.grain.ns);
	}
	/* no year: the nearest, also over New Year */
	struct stamp_text got;
	size_t size;
	assert_int_equal(time_rfc3164(STR("Dec 31 23:59:59 x"), (struct instant){1798761601 * SECOND_NS}, &got, &size), TIME_OK); /* 2027-01-01T00:00:01Z */
	assert_true(got.at.ns == 1798761599 * SECOND_NS && size == 15);
}

static void wanted_fields(void **state)
{
	(void)state;
	const struct str wanted[] = {STR("winlog.event_data.Status"), STR("process.name"), STR("n")};
	struct decoder_options options = {.format = STR("auto"), .record_bytes_max = 4096, .wanted_fields = wanted, .wanted_fields_count = 3};
	struct decoder *decoder = decoder_new(&options);
	struct record got = decode_one(decoder, "{\"host\":{\"name\":\"dc\"},\"message\":\"m\",\"process\":{\"name\":\"p\"},\"winlog\":{\"event_data\":{\"Status\":\"0x25\"}}}", "", INSTANT_NONE);
	struct str value;
	assert_true(record_field(&got, 0, &value) && str_equal(value, STR("0x25")));
	assert_true(record_field(&got, 1, &value) && str_equal(value, STR("p")) && str_equal(got.program, STR("p")));
	assert_false(record_field(&got, 2, &value));
	assert_false(record_field(&got, 3, &value));
	options.format = STR("no-such-format");
	assert_null(decoder_new(&options));
	decoder_free(decoder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(logs), cmocka_unit_test(clock_samples), cmocka_unit_test(rejects), cmocka_unit_test(hosts),
		cmocka_unit_test(bytes_of_the_journal), cmocka_unit_test(said_formats), cmocka_unit_test(absurd_but_sound),
		cmocka_unit_test(times), cmocka_unit_test(wanted_fields)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
