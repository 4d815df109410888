/* Expected values: RFC 3339, RFC 3629, the proleptic Gregorian calendar; the hash table against a plain array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "skewline/diag.h"
#include "skewline/table.h"
#include "skewline/time.h"

static void numbers(void **state)
{
	(void)state;
	static const struct { const char *in; bool ok; int64_t want; } rows[] = {
		{"0", true, 0}, {"-1", true, -1}, {"+7", true, 7}, {"9223372036854775807", true, INT64_MAX},
		{"-9223372036854775808", true, INT64_MIN}, {"9223372036854775808", false, 0}, {"", false, 0}, {"-", false, 0}, {"1x", false, 0},
		{" 1", false, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t got = 0;
		assert_int_equal(str_to_int64(str_of(rows[i].in), &got), rows[i].ok);
		if (rows[i].ok)
			assert_true(got == rows[i].want);
	}
	static const char *const bad[] = {"", "nan", "inf", "0x10", "1e", "1.2.3", "--1", "1e999"};
	double got = 0;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(str_to_double(str_of(bad[i]), &got));
	assert_true(str_to_double(STR("-2.5e-3"), &got) && got == -2.5e-3);
}

static void utf8(void **state)
{
	(void)state;
	static const struct { const char *in; bool ok; } rows[] = {
		{"plain", true}, {"\xC3\xA9", true}, {"\xE2\x82\xAC", true}, {"\xF0\x9F\x98\x80", true}, {"\xC0\xAF", false}, {"\xED\xA0\x80", false},
		{"\xF4\x90\x80\x80", false}, {"\x80", false}, {"\xC3", false}, {"\xE0\x80\xAF", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(str_is_utf8(str_of(rows[i].in), NULL), rows[i].ok);
	assert_int_equal(str_cut_utf8(STR("a\xE2\x82\xAC"), 3).size, 1);
	assert_int_equal(str_cut_utf8(STR("a\xE2\x82\xAC"), 4).size, 4);
}

/* The first place, wherever it lies to the blocks in which the text is searched. */
static void finds(void **state)
{
	(void)state;
	char text[80];
	uint32_t seed = 7;
	for (int round = 0; round < 200000; round++) {
		size_t size = (seed = seed * 1664525 + 1013904223) >> 8 & 63, part_size = 1 + (seed >> 16) % 6, expected = SIZE_MAX;
		for (size_t i = 0; i < size; i++)
			text[i] = "ab"[(seed = seed * 1664525 + 1013904223) >> 30 & 1];
		char part[6];
		for (size_t i = 0; i < part_size; i++)
			part[i] = "ab"[(seed = seed * 1664525 + 1013904223) >> 30 & 1];
		for (size_t i = 0; i + part_size <= size && expected == SIZE_MAX; i++)
			if (memcmp(text + i, part, part_size) == 0)
				expected = i;
		assert_int_equal(str_find((struct str){text, size}, (struct str){part, part_size}), expected == SIZE_MAX ? -1 : (ptrdiff_t)expected);
	}
	assert_int_equal(str_find(STR("abc"), STR_NONE), 0);
	assert_int_equal(str_find(STR_NONE, STR("a")), -1);
}

static void instants(void **state)
{
	(void)state;
	static const struct { int64_t ns; const char *want; } rows[] = {
		{0, "1970-01-01T00:00:00.000Z"}, {-1000000, "1969-12-31T23:59:59.999Z"}, {951782400000000000, "2000-02-29T00:00:00.000Z"},
		{1795396815123456789, "2026-11-23T01:20:15.123456789Z"}, {1795396815123456000, "2026-11-23T01:20:15.123456Z"},
	};
	char text[INSTANT_TEXT_MAX];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str got = instant_text((struct instant){rows[i].ns}, text);
		assert_int_equal(got.size, strlen(rows[i].want));
		assert_memory_equal(got.data, rows[i].want, got.size);
	}
	assert_true(instant_plus((struct instant){INT64_MAX - 1}, SPAN_S(1)).ns == INT64_MAX);
	assert_true(instant_minus((struct instant){INT64_MIN + 5}, (struct instant){INT64_MAX}).ns == INT64_MIN + 1); /* never INSTANT_NONE */
	assert_true(span_of_seconds(-29.98).ns == -29980000000LL);
}

/* Every day from 1600 to 2400 counted one by one with the calendar's own rule. */
static void calendar(void **state)
{
	(void)state;
	static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t day = days_from_civil(1600, 1, 1);
	assert_int_equal(days_from_civil(1970, 1, 1), 0);
	for (int64_t year = 1600; year < 2400; year++) {
		bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
		for (unsigned month = 1; month <= 12; month++) {
			for (unsigned date = 1; date <= lengths[month - 1] + (leap && month == 2); date++, day++) {
				assert_int_equal(days_from_civil(year, month, date), day);
				int64_t y;
				unsigned m, d;
				civil_from_days(day, &y, &m, &d);
				assert_true(y == year && m == month && d == date);
			}
		}
	}
}

enum { KEYS = 500 };
struct rows {
	char keys[KEYS][8];
};

static struct str key_of(const void *rows, uint32_t index)
{
	return str_of(((const struct rows *)rows)->keys[index]);
}

static void table_against_an_array(void **state)
{
	(void)state;
	struct rows rows = {0};
	bool there[KEYS] = {false};
	struct table table;
	table_init(&table, 42, key_of, &rows);
	for (uint32_t i = 0; i < KEYS; i++)
		snprintf(rows.keys[i], sizeof rows.keys[i], "k%u", i);
	uint32_t seed = 1;
	for (int step = 0; step < 20000; step++) {
		seed = seed * 1664525 + 1013904223;
		uint32_t i = (seed >> 8) % KEYS;
		if (there[i])
			table_remove(&table, str_of(rows.keys[i]));
		else
			table_insert(&table, str_of(rows.keys[i]), i);
		there[i] = !there[i];
		uint32_t other = (seed >> 16) % KEYS;
		assert_int_equal(table_find(&table, str_of(rows.keys[other])), there[other] ? other : TABLE_NONE);
	}
	table_release(&table);
}

static void diagnostics(void **state)
{
	(void)state;
	struct diag_list list = {0};
	struct buffer out = {0};
	struct str words[] = {STR("contains"), STR("startswith")};
	struct str text = STR("detection:\n\tmessage|contain: x\n");
	diag_add(&list, DIAG_WARNING, STR("b.yml"), STR_NONE, 0, 0, STR_NONE, "whole file");
	diag_add(&list, DIAG_ERROR, STR("a.yml"), text, 2, 10, diag_nearest(STR("contain"), words, 2), "unknown modifier '%s'", "contain");
	diag_sort(&list);
	diag_print(&list, &out);
	assert_string_equal(out.data, "a.yml:2:10: error: unknown modifier 'contain'\n"
		"    \tmessage|contain: x\n"
		"    \t        ^\n"
		"    hint: contains\n"
		"b.yml: warning: whole file\n");
	assert_int_equal(list.errors, 1);
	buffer_release(&out);
	diag_release(&list);
}

/* RFC 8259; what is no UTF-8 becomes U+FFFD, byte by byte. */
static void json_texts(void **state)
{
	(void)state;
	static const struct { struct str in; const char *want; } rows[] = {
		{{"", 0}, "\"\""}, {{"a\"b\\c\n\t", 7}, "\"a\\\"b\\\\c\\n\\u0009\""}, {{"\xC3\xA9\xF0\x9F\x98\x80", 6}, "\"\xC3\xA9\xF0\x9F\x98\x80\""},
		{{"\xFFx\xC3", 3}, "\"\\ufffdx\\ufffd\""}, {{"\0", 1}, "\"\\u0000\""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buffer out = {0};
		buffer_add_json(&out, rows[i].in);
		assert_string_equal(out.data, rows[i].want);
		buffer_release(&out);
	}
}

static void shown_texts(void **state)
{
	(void)state;
	const struct { struct str in; const char *want; } rows[] = {
		{STR("plain \xC3\xA9\xC2\xA0"), "plain \xC3\xA9\xC2\xA0"}, {STR("\x1B[31mred\x1B[0m\n"), " [31mred [0m "}, {STR("a\xC2\x9B" "31m\x7F"), "a 31m "}, {STR("cut \xC2"), "cut \xC2"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buffer out = {0};
		buffer_add_shown(&out, rows[i].in);
		assert_string_equal(out.data, rows[i].want);
		buffer_release(&out);
	}
}

static void arenas(void **state)
{
	(void)state;
	struct arena arena = {0};
	for (size_t round = 0; round < 3; round++) {
		for (size_t size = 1; size < 100000; size = size * 3 + 1) {
			char *bytes = arena_alloc(&arena, size);
			assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
			memset(bytes, 0x5A, size);
		}
		struct str text = arena_printf(&arena, "%s-%d", "round", (int)round);
		assert_int_equal(text.size, 7);
		arena_reset(&arena);
		assert_int_equal(arena.total, 0);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(numbers), cmocka_unit_test(utf8), cmocka_unit_test(finds), cmocka_unit_test(instants), cmocka_unit_test(calendar),
		cmocka_unit_test(table_against_an_array), cmocka_unit_test(diagnostics), cmocka_unit_test(arenas), cmocka_unit_test(json_texts), cmocka_unit_test(shown_texts)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
