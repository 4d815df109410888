/* The shipped rules: sound, their own tests pass, and the prefilter changes no hit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read.h"
#include "skewline/buffer.h"
#include "skewline/match.h"

enum { MESSAGES_VARIED = 20000 };

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

/* A message that matches somewhere, damaged: case, folding characters, cuts, doubled text, noise around it. */
static void vary(uint32_t *seed, struct str text, struct buffer *out)
{
	buffer_reset(out);
	for (uint32_t i = next(seed) % 40; i > 0; i--)
		buffer_add_byte(out, "abc %.:[]0123clock"[next(seed) % 18]);
	uint32_t how = next(seed) % 5;
	for (size_t i = 0; i < text.size; i++) {
		char byte = text.data[i];
		uint32_t dice = next(seed);
		bool lower = byte >= 'a' && byte <= 'z', upper = byte >= 'A' && byte <= 'Z';
		if (how == 0 && (lower || upper) && dice % 2)
			byte ^= 0x20;
		if (how == 1 && (byte | 0x20) == 's' && dice % 3 == 0)
			buffer_add_str(out, STR("\xC5\xBF")); /* U+017F folds to s */
		else if (how == 1 && (byte | 0x20) == 'k' && dice % 2)
			buffer_add_str(out, STR("\xE2\x84\xAA")); /* U+212A folds to k */
		else if (!(how == 2 && dice % 30 == 0))
			buffer_add_byte(out, byte);
	}
	if (how == 3)
		buffer_add_str(out, text);
	if (how == 4)
		buffer_add_str(out, STR(" \xC3\xA9t\xC3\xA9"));
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

static void prefilter_changes_nothing(void **state)
{
	(void)state;
	struct diag_list diags = {0};
	struct rule_set *set = shipped(&diags);
	struct matcher *matcher = matcher_new(set);
	struct buffer message = {0};
	uint32_t seed = 7;
	size_t hits = 0;
	size_t messages = 0; /* the oracle asks every rule about every message: a fixed number, however large the pack */
	for (int round = 0; messages < MESSAGES_VARIED; round++)
		for (size_t i = 0; i < rule_set_count(set); i++) {
			const struct rule *rule = rule_set_rule(set, i);
			for (size_t j = 0; j < rule->tests_count; j++, messages++) {
				vary(&seed, rule->tests[j].message, &message);
				struct record record = {.kind = RECORD_LOG, .host = STR("h"), .program = round % 2 ? STR("krb5kdc") : STR_NONE, .host_said = INSTANT_NONE,
					.message = buffer_str(&message)};
				same_hits(matcher, &record, &hits);
			}
		}
	assert_in_range(hits, 5000, 1000000);
	buffer_release(&message);
	matcher_free(matcher);
	rule_set_free(set);
	diag_release(&diags);
}

/* The same for rules that look at further fields: records with a random choice of them. */
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
	for (int round = 0; round < 20000; round++) {
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
	assert_in_range(hits, 2000, 1000000);
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
	static const struct { const char *in; bool ok; double want; } rows[] = {{"2h13m5.2s", true, 7985.2}, {"1 day 3:04:05", true, 97445}, {"PT5M", true, 300},
		{"5 minutes and 3 seconds", true, 303}, {"6min 30s", true, 390}, {"150ms", true, 0.15}, {"12\xC2\xB5s", true, 12e-6}, {"abc", false, 0}, {"5", false, 0},
		{"5 apples", false, 0}, {"", false, 0}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		double got = 0;
		assert_int_equal(duration_in_message(str_of(rows[i].in), &got), rows[i].ok);
		if (rows[i].ok)
			assert_float_equal(got, rows[i].want, 1e-9);
	}
}

static void instants(void **state)
{
	(void)state;
	static const struct { const char *in; int64_t want; } rows[] = {{"Nov 23 01:20:15 2026 GMT", 1795396815}, {"Mon, 23 Nov 2026 01:20:15 GMT", 1795396815},
		{"Mon Nov 23 01:20:15 UTC 2026", 1795396815}, {"20261123T012015Z", 1795396815}, {"20261123012015Z", 1795396815}, {"261123012015Z", 1795396815},
		{"2026-11-23 01:20:15 +0000 UTC", 1795396815}, {"2026/11/23 01:20:15", 1795396815}, {"1795396815", 1795396815}, {"Mon, 23 Nov 2026 03:20:15 +0200", 1795396815},
		{"Mon Nov 23 2026 03:20:15 GMT+0200", 1795396815}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct instant got = INSTANT_NONE;
		if (!instant_in_message(str_of(rows[i].in), &got) || got.ns != rows[i].want * SECOND_NS)
			fail_msg("%s: %lld", rows[i].in, (long long)(got.ns / SECOND_NS));
	}
	struct instant got;
	assert_false(instant_in_message(STR("Nov 23 01:20:15"), &got));
	assert_false(instant_in_message(STR("not a time"), &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(shipped_rules_are_sound), cmocka_unit_test(rule_tests_pass), cmocka_unit_test(prefilter_changes_nothing), cmocka_unit_test(fields_change_nothing),
		cmocka_unit_test(structure_gives_way), cmocka_unit_test(durations), cmocka_unit_test(instants)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
