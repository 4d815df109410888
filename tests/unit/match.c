/* The shipped rules: sound, their own tests pass, and the prefilter changes no hit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "instant.h"
#include "read.h"
#include "skewline/buffer.h"
#include "skewline/match.h"
#include "why.h"


static struct rule_set *shipped(struct diag_list *diags)
{
	const struct str path = STR(SOURCE_DIR "/rules");
	return rule_set_load(&path, 1, NULL, diags);
}

static void print_diags(const struct diag_list *diags)
{
	struct buffer text = {0};
	diag_print(diags, &text);
	if (text.size)
		print_message("%s", text.data);
	buffer_release(&text);
}

static void shipped_rules_are_sound(void **state)
{
	(void)state;
	struct diag_list diags = {0};
	struct rule_set *set = shipped(&diags);
	print_diags(&diags);
	assert_int_equal(diags.errors + diags.warnings, 0);
	assert_in_range(rule_set_count(set), 20, 5000);
	for (size_t i = 0; i < rule_set_count(set); i++) {
		const struct rule *rule = rule_set_rule(set, i);
		size_t yes = 0, no = 0;
		for (size_t j = 0; j < rule->tests_count; j++)
			*(rule->tests[j].match ? &yes : &no) += 1;
		if (yes < 2 || no < 1)
			fail_msg("%.*s: two messages that match and one that does not are the least", STR_ARGS(rule->info.file));
	}
	rule_set_free(set);
	diag_release(&diags);
}

static void on_failure(void *context, const struct rule_failure *failure)
{
	print_message("%.*s:%u: %.*s\n%.*s", STR_ARGS(failure->rule->info.file), failure->test->line, STR_ARGS(failure->text), STR_ARGS(failure->detail));
	*(size_t *)context += 1;
}

static void rule_tests_pass(void **state)
{
	(void)state;
	struct diag_list diags = {0};
	struct rule_set *set = shipped(&diags);
	size_t failures = 0;
	assert_in_range(rule_tests_run(set, on_failure, NULL, &failures), 60, 100000);
	assert_int_equal(failures, 0);
	rule_set_free(set);
	diag_release(&diags);
}

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void same_hits(struct matcher *matcher, const struct record *record, size_t *hits)
{
	struct hit copy[64];
	struct hit_list list;
	match_record_slow(matcher, record, true, &list);
	size_t count = list.count;
	assert_true(count < 64);
	memcpy(copy, list.items, count * sizeof *copy);
	match_record(matcher, record, true, &list);
	if (list.count != count)
		fail_msg("%zu hits, %zu without the prefilter: %.*s", list.count, count, STR_ARGS(record->message));
	for (size_t i = 0; i < count; i++)
		assert_true(list.items[i].rule_index == copy[i].rule_index && list.items[i].direction == copy[i].direction
			&& list.items[i].magnitude.ns == copy[i].magnitude.ns);
	*hits += count;
}

/* Rules that look at further fields (tests/unit/same_hits.c has the messages): records with a random choice of them. */
static void fields_change_nothing(void **state)
{
	(void)state;
	static const char *const values[] = {"\"0x25\"", "\"4616\"", "\"4771\"", "4769", "\"\"", "null", "\"::ffff:192.0.2.7\"", "[\"0x25\"]", "{}"};
	struct diag_list diags = {0};
	struct rule_set *set = shipped(&diags);
	struct decoder_options options = {.format = STR("auto"), .record_bytes_max = 1 << 20};
	options.wanted_fields = rule_set_fields(set, &options.wanted_fields_count);
	struct decoder *decoder = decoder_new(&options);
	struct matcher *matcher = matcher_new(set);
	struct buffer text = {0};
	uint32_t seed = 11;
	size_t hits = 0;
	for (int round = 0; round < 3000; round++) {
		const struct rule *rule = rule_set_rule(set, next(&seed) % rule_set_count(set));
		buffer_reset(&text);
		buffer_add_str(&text, STR("{\"host\":{\"name\":\"dc\"},\"message\":"));
		buffer_add_json(&text, next(&seed) % 4 ? STR("a service ticket was requested") : rule->tests[next(&seed) % rule->tests_count].message);
		for (size_t i = 0; i < options.wanted_fields_count; i++)
			if (next(&seed) % 2)
				buffer_printf(&text, ",\"%.*s\":%s", STR_ARGS(options.wanted_fields[i]), values[next(&seed) % (sizeof values / sizeof values[0])]);
		buffer_add_byte(&text, '}');
		struct record_list records;
		decode(decoder, buffer_str(&text), &(struct envelope){.transport = INSTANT_NONE}, &records);
		assert_int_equal(records.items[0].kind, RECORD_LOG);
		same_hits(matcher, &records.items[0], &hits);
	}
	assert_in_range(hits, 300, 1000000);
	buffer_release(&text);
	matcher_free(matcher);
	decoder_free(decoder);
	rule_set_free(set);
	diag_release(&diags);
}

/* The structural layer is a net beneath the products' rules, not a second voice beside them. */
static void structure_gives_way(void **state)
{
	(void)state;
	static const struct { const char *message; bool structural; } rows[] = {{"System clock wrong by 3.5 seconds", false},
		{"krb5kdc: preauth (encrypted_timestamp) verify failure: Clock skew too great", false}, {"the clocks of node-a and node-b differ by 3 s", true}};
	struct diag_list diags = {0};
	struct rule_set *set = shipped(&diags);
	struct matcher *matcher = matcher_new(set);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct record record = {.kind = RECORD_LOG, .host = STR("h"), .host_said = INSTANT_NONE, .message = str_of(rows[i].message)};
		struct hit_list list;
		match_record(matcher, &record, true, &list);
		size_t structural = 0;
		for (size_t j = 0; j < list.count; j++)
			structural += list.items[j].rule->structural;
		assert_true(structural > 0);
		match_record(matcher, &record, false, &list);
		assert_int_equal(list.count, 1);
		assert_int_equal(list.items[0].rule->structural, rows[i].structural);
	}
	matcher_free(matcher);
	rule_set_free(set);
	diag_release(&diags);
}

static void durations(void **state)
{
	(void)state;
	static const struct { const char *in; bool ok; double want; } rows[] = {{"2h13m5.2s", true, 7985.2}, {"1 day 3:04:05", true, 97445}, {"PT5M", true, 300}, {"3 days, 04:05:06", true, 273906}, {"15y", true, 473354280}, {"P1DT2H3M4.5S", true, 93784.5}, {"-PT10S", true, 10},
		{"P2W", true, 1209600}, {"P1M", true, 2629746}, {"PT", false, 0}, {"P5", false, 0}, {"1h30m", true, 5400}, {"-5m", true, 300},
		{"5 minutes and 3 seconds", true, 303}, {"6min 30s", true, 390}, {"150ms", true, 0.15}, {"12\xC2\xB5s", true, 12e-6}, {"abc", false, 0}, {"5", false, 0},
		{"5 apples", false, 0}, {"", false, 0}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		double got = 0;
		assert_int_equal(duration_in_message(str_of(rows[i].in), &got), rows[i].ok);
		if (rows[i].ok)
			assert_float_equal(got, rows[i].want, 1e-9);
	}
}

/* The formats that rules can name; what AUTO must not guess. All are 2026-03-14T08:00:00Z unless said. */
static void instants(void **state)
{
	(void)state;
	static const struct { const char *in; enum instant_format format; bool ok; int64_t want_ms; } rows[] = {
		{"2026-03-14T08:00:00Z", INSTANT_RFC3339, true, 1773475200000}, {"2026-03-14T09:00:00.250+01:00", INSTANT_RFC3339, true, 1773475200250},
		{"Sat, 14 Mar 2026 08:00:00 GMT", INSTANT_RFC2822, true, 1773475200000}, {"Sat, 14 Mar 2026 09:00:00 +0100 (CET)", INSTANT_RFC2822, true, 1773475200000},
		{"14 Mar 2026 08:00:00 +0000", INSTANT_RFC2822, true, 1773475200000}, {"1773475200", INSTANT_EPOCH_S, true, 1773475200000},
		{"1773475200.25", INSTANT_EPOCH_S, true, 1773475200250}, {"1773475200000", INSTANT_EPOCH_MS, true, 1773475200000},
		{"1773475200000000", INSTANT_EPOCH_US, true, 1773475200000}, {"1773475200000000000", INSTANT_EPOCH_NS, true, 1773475200000},
		{"Mar 14 08:00:00 2026 GMT", INSTANT_X509, true, 1773475200000}, {"20260314080000", INSTANT_PACKED, true, 1773475200000},
		{"20260314T080000", INSTANT_PACKED, true, 1773475200000}, {"260314080000Z", INSTANT_PACKED, true, 1773475200000},
		{"Sat Mar 14 08:00:00 GMT 2026", INSTANT_ASCTIME, true, 1773475200000}, {"Sat Mar 14 08:00:00 2026", INSTANT_ASCTIME, true, 1773475200000},
		{"2026-03-14 08:00:00.1 +0000 UTC m=+0.1", INSTANT_GO, true, 1773475200100}, {"2026-03-14 09:00:00 +0100 CET", INSTANT_GO, true, 1773475200000},
		{"3/14/2026 8:00:00 AM", INSTANT_MONTH_FIRST, true, 1773475200000}, {"3/4/2026 8:00:00 PM", INSTANT_MONTH_FIRST, true, 1772654400000},
		{"3/4/2026 12:00:00 AM", INSTANT_MONTH_FIRST, true, 1772582400000}, {"4/3/2026 20:00:00", INSTANT_DAY_FIRST, true, 1772654400000},
		{"2026-03-14T08:00:00Z", INSTANT_MONTH_FIRST, true, 1773475200000}, {"Mar 14 08:00:00", INSTANT_SYSLOG, true, 1773475200000},
		{"Dec 31 23:59:59", INSTANT_SYSLOG, true, 1767225599000}, /* nearest to March 2026: December 2025 */
		{"2026-03-14T08:00:00Z", INSTANT_AUTO, true, 1773475200000}, {"1773475200000", INSTANT_AUTO, true, 1773475200000},
		{"Mar 14 08:00:00 2026 GMT", INSTANT_AUTO, true, 1773475200000}, {"Sat Mar 14 08:00:00 GMT 2026", INSTANT_AUTO, true, 1773475200000},
		{"2026-03-14 08:00:00.1 +0000 UTC m=+0.1", INSTANT_AUTO, true, 1773475200100}, {"Mar 14 08:00:00", INSTANT_AUTO, true, 1773475200000},
		{"3/14/2026 8:00:00 AM", INSTANT_AUTO, true, 1773475200000}, {"3/4/2026 8:00:00", INSTANT_AUTO, false, 0},
		{"3/4/2026 8:00:00 AM", INSTANT_AUTO, true, 1772611200000}, /* AM and PM are American: `check` asks for a name all the same */
		{"2026/11/23 01:20:15", INSTANT_AUTO, true, 1795396815000}, {"Mon Nov 23 2026 03:20:15 GMT+0200", INSTANT_AUTO, true, 1795396815000},
		{"14/3/2026 08:00", INSTANT_AUTO, true, 1773475200000}, {"not a time", INSTANT_AUTO, false, 0}, {"", INSTANT_AUTO, false, 0},
		{"1773475200", INSTANT_RFC3339, false, 0}, {"2026-03-14T08:00:00Z", INSTANT_EPOCH_S, false, 0}, {"Mar 14 08:00:00 2026 GMT", INSTANT_ASCTIME, false, 0},
		{"13/13/2026", INSTANT_MONTH_FIRST, false, 0}, {"3/14/2026 25:00:00", INSTANT_MONTH_FIRST, false, 0}, {"14 Mar", INSTANT_SYSLOG, false, 0}};
	const struct instant nearby = instant_of_seconds(1773475000);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct instant got = INSTANT_NONE;
		bool ok = instant_read(str_of(rows[i].in), rows[i].format, nearby, &got);
		if (ok != rows[i].ok || (ok && instant_unix_ms(got) != rows[i].want_ms))
			fail_msg("%s as %.*s: %d, %lld", rows[i].in, STR_ARGS(INSTANT_FORMAT_NAMES[rows[i].format]), ok, (long long)instant_unix_ms(got));
	}
	struct instant got;
	assert_false(instant_read(STR("Mar 14 08:00:00"), INSTANT_AUTO, INSTANT_NONE, &got));
}

static struct rule_set *set_of(const char *detection, const char *block)
{
	struct buffer text = {0};
	struct diag_list diags = {0};
	buffer_printf(&text, "title: t\nid: 00000000-0000-4000-8000-000000000000\nlogsource: {category: application}\ndetection:\n%s\nskewline: {%s}\n", detection, block);
	struct rule_set *set = rule_set_parse(STR("r.yml"), buffer_str(&text), NULL, &diags);
	print_diags(&diags);
	assert_int_equal(diags.errors, 0);
	buffer_release(&text);
	diag_release(&diags);
	return set;
}

/* How a match is read, once for each way of the block; docs/rules.md explains them. */
static void readings(void **state)
{
	(void)state;
	#define HEAD "class: cert_not_yet_valid, issuer: ca, subject: self, "
	static const struct { const char *pattern, *block, *message; enum direction direction; double magnitude_s; const char *peer; } rows[] = {
		{"off by (?P<v>[-+]?[\\d,.]+) ?(?P<u>\\w+)", HEAD "direction: {by_sign: v, positive: ahead}, magnitude: {kind: exact, value: v, unit: {group: u}}", "off by -1,250 ms", DIRECTION_BEHIND, 1.25, ""},
		{"off by (?P<v>[-+]?\\d+)", HEAD "direction: {by_sign: v, positive: behind}, magnitude: {value: v, unit: min}", "off by +3", DIRECTION_BEHIND, 180, ""},
		{"off by (?P<v>\\S+) from (?P<p>\\S+)", HEAD "direction: ahead, magnitude: {duration: v}, peer: {group: p}", "off by 2h13m5.2s from kdc01", DIRECTION_AHEAD, 7985.2, "kdc01"},
		{"now (?P<a>.*), starts (?P<b>.*)", HEAD "direction: {by_order: [a, b], first_earlier: behind}, magnitude: {between: [a, b]}", "now 2026-03-14T08:00:00Z, starts 2026-03-14T08:05:00Z", DIRECTION_BEHIND, 300, ""},
		{"now (?P<a>.*), ends (?P<b>.*)", HEAD "direction: {by_order: [a, b], first_earlier: behind}, magnitude: {between: [a, b]}", "now Mar 14 08:10:00, ends Mar 14 08:05:00 2026 GMT", DIRECTION_AHEAD, 300, ""},
		{"not before (?P<a>.*)", HEAD "direction: behind, magnitude: {until: a}, instant: month_first", "not before 3/4/2026 8:00:00 AM", DIRECTION_BEHIND, 864000, ""},
		{"clock is (?P<w>\\w+)", HEAD "direction: {by_word: w, ahead: [fast, ahead], behind: slow}, magnitude: {constant_s: 300}", "clock is SLOW", DIRECTION_BEHIND, 300, ""},
		{"clock is (?P<w>\\w+)", HEAD "direction: {by_word: w, ahead: [fast, ahead], behind: slow}, magnitude: {constant_s: 300}", "clock is odd", DIRECTION_UNKNOWN, 300, ""},
		{"a (?P<a>\\S+) b (?P<b>\\S+)", HEAD "direction: {by_order: [a, b], first_earlier: behind}, magnitude: {between: [a, b]}, instant: {a: epoch_ms, b: epoch_s}", "a 1773475200000 b 1773475201", DIRECTION_BEHIND, 1, ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char detection[256];
		struct hit_list hits;
		snprintf(detection, sizeof detection, "  a: {message|re: '%s'}\n  condition: a", rows[i].pattern);
		struct rule_set *set = set_of(detection, rows[i].block);
		struct matcher *matcher = matcher_new(set);
		struct record record = {.kind = RECORD_LOG, .host_said = instant_of_seconds(1771747200), .collected = INSTANT_NONE, .message = str_of(rows[i].message)};
		match_record(matcher, &record, true, &hits);
		if (hits.count != 1 || hits.items[0].direction != rows[i].direction || span_seconds(hits.items[0].magnitude) != rows[i].magnitude_s
			|| !str_equal(hits.items[0].peer, str_of(rows[i].peer)))
			fail_msg("%s: %zu hits, %s %.9g s '%.*s'", rows[i].message, hits.count, hits.count ? direction_name(hits.items[0].direction) : "",
				hits.count ? span_seconds(hits.items[0].magnitude) : 0, STR_ARGS(hits.count ? hits.items[0].peer : STR_NONE));
		matcher_free(matcher);
		rule_set_free(set);
	}
	#undef HEAD
}

/* One bad byte anywhere but inside a word of the pattern hides nothing. */
static void bad_bytes(void **state)
{
	(void)state;
	static const char *const yes[] = {"\xFF clock a skew", "clock \xFF skew", "clock a skew\xC3", "\xED\xA0\x80 clock \xF8\x88\x80\x80\x80 skew", "clock \xC3\xA9 skew"};
	struct rule_set *set = set_of("  a: {message|re: 'clock .{1,9} skew'}\n  condition: a", "class: cert_expired, issuer: ca, subject: self, direction: ahead");
	struct matcher *matcher = matcher_new(set);
	struct hit_list hits;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		struct record record = {.kind = RECORD_LOG, .host_said = INSTANT_NONE, .collected = INSTANT_NONE, .message = str_of(yes[i])};
		match_record(matcher, &record, true, &hits);
		assert_int_equal(hits.count, 1);
		match_record_slow(matcher, &record, true, &hits);
		assert_int_equal(hits.count, 1);
	}
	matcher_free(matcher);
	rule_set_free(set);
}

/* A literal that a pattern asks for as a word is found as one, and only there; what stands beside it may be no ASCII. */
static void words(void **state)
{
	(void)state;
	static const struct { const char *pattern, *message; size_t hits; } rows[] = {
		{"\\bdate -s", "date -s", 1}, {"\\bdate -s", "sudo date -s", 1}, {"\\bdate -s", "x/DATE -s", 1}, {"\\bdate -s", "update -s", 0}, {"\\bdate -s", "9date -s", 0},
		{"\\bdate -s", "_date -s", 0}, {"\\bdate -s", "\xC3\xA9" "date -s", 0}, {"\\bdate -s", "\xE2\x86\x92" "date -s", 1}, {"\\bdate -s", "update -s, date -s", 1},
		{"clock\\b", "the clock", 1}, {"clock\\b", "clock, clocks", 1}, {"clock\\b", "clocks", 0}, {"clock\\b", "clock_set", 0}, {"clock\\b", "clock\xC3\xA9", 0},
		{"\\b(?:skew|drift)ed", "it skewed", 1}, {"\\b(?:skew|drift)ed", "unskewed", 0}, {"\\b(?:skew|drift)ed", "adrifted drifted", 1},
		{"\\b-?skew", "x-skew", 1}, {"\\b-?skew", "-skew", 1}, {"\\b-?skew", "askew", 0}, {"skew\\b ago", "skew ago", 1}, {"\\b(?:clock|clocks)\\b", "clocks", 1},
		{"(?:\\bskew|askew)", "askew", 1}, {"(?:\\btoken|token expired)", "mytoken expired", 1}, {"\\bnot?\\b:skew", "no:skew", 1}, {"\\bexp\\b.*token", "expired token", 0},
		{"\\bexp\\b.*token", "token? exp, token", 1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buffer detection = {0};
		buffer_printf(&detection, "  a: {message|re|i: '%s'}\n  condition: a", rows[i].pattern);
		struct rule_set *set = set_of(detection.data, "class: cert_expired, issuer: ca, subject: self, direction: ahead");
		struct matcher *matcher = matcher_new(set);
		struct record record = {.kind = RECORD_LOG, .host_said = INSTANT_NONE, .collected = INSTANT_NONE, .message = str_of(rows[i].message)};
		struct hit_list hits;
		match_record(matcher, &record, true, &hits);
		if (hits.count != rows[i].hits)
			fail_msg("%s in '%s': %zu hits", rows[i].pattern, rows[i].message, hits.count);
		match_record_slow(matcher, &record, true, &hits);
		assert_int_equal(hits.count, rows[i].hits);
		matcher_free(matcher);
		rule_set_free(set);
		buffer_release(&detection);
	}
}

/* A rule that exceeds its limits is reported each time, suspended past a share of its tries, and asked again by a new matcher. */
static void limits(void **state)
{
	(void)state;
	char text[400];
	struct rule_set *set = set_of("  a: {message|re: 'clock (?:[a-z]+ ?)+: skew'}\n  b: [harmless words]\n  condition: a or b", "class: cert_expired, issuer: ca, subject: self, direction: ahead");
	struct hit_list hits;
	struct record harmless = {.kind = RECORD_LOG, .host_said = INSTANT_NONE, .collected = INSTANT_NONE, .message = STR("harmless words")};
	struct record hostile = harmless;
	snprintf(text, sizeof text, "clock %0300d!: skew", 0);
	for (char *at = text; *at; at++)
		*at = *at == '0' ? 'a' : *at;
	hostile.message = str_of(text);
	for (unsigned round = 0; round < 2; round++) {
		struct matcher *matcher = matcher_new(set);
		for (unsigned i = 0; i < 1000; i++) {
			match_record(matcher, &harmless, false, &hits);
			assert_int_equal(hits.count, 1);
			assert_int_equal(hits.troubles_count, 0);
		}
		for (unsigned i = 1; i <= 16; i++) { /* 16 of 1016: more than one in a hundred, and the sixteenth */
			match_record(matcher, &hostile, false, &hits);
			assert_int_equal(hits.count, 0);
			assert_int_equal(hits.troubles_count, 1);
			assert_int_equal(hits.troubles[0].limited, i);
			assert_int_equal(hits.troubles[0].suspended, i == 16);
		}
		match_record(matcher, &harmless, false, &hits);
		assert_int_equal(hits.count + hits.troubles_count, 0);
		matcher_free(matcher);
	}
	rule_set_free(set);
}

static void stops(void **state)
{
	(void)state;
	static const struct { const char *pattern, *text; const char *matched, *seen; } rows[] = {
		{"certificate (?:is|was) not yet valid until (?P<t>\\d+)", "x509: certificate is not yet valid before 12", "certificate (?:is|was) not yet valid ", "x509: certificate is not yet valid "},
		{"clock [a-z]+ by \\d{2,3}s", "clock ahead by 7s", "clock [a-z]+ by ", "clock ahead by "},
		{"drift|clock skew", "clock drip", "clock ", "clock "},
		{"(?:time|clock) jumped", "the clock jumps", "(?:time|clock) jump", "the clock jump"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str pattern = str_of(rows[i].pattern), text = str_of(rows[i].text);
		struct stop stop = where_it_stops(pattern, 0, text);
		struct str matched = str_first(pattern, stop.pattern_offset);
		/* of alternatives the one that came furthest */
		if (!stop.any || !str_ends(matched, str_of(rows[i].matched)) || !str_equal(str_first(text, stop.text_offset), str_of(rows[i].seen)))
			fail_msg("%s: up to '%.*s', text '%.*s'", rows[i].pattern, STR_ARGS(matched), STR_ARGS(str_first(text, stop.text_offset)));
	}
	assert_false(where_it_stops(STR("xyz"), 0, STR("abc")).any);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(shipped_rules_are_sound), cmocka_unit_test(rule_tests_pass), cmocka_unit_test(fields_change_nothing),
		cmocka_unit_test(structure_gives_way),
		cmocka_unit_test(durations), cmocka_unit_test(instants),
		cmocka_unit_test(readings), cmocka_unit_test(bad_bytes), cmocka_unit_test(words), cmocka_unit_test(limits), cmocka_unit_test(stops)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
