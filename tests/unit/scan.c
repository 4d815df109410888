/* The scanner against jansson: the same texts are JSON, and the same values stand at the paths, on generated and on damaged texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <jansson.h>

#include "scan.h"
#include "skewline/buffer.h"
#include "unescape.h"

enum { PATHS = 5 };
static const struct str PATH_LIST[PATHS] = {{"a", 1}, {"a.b", 3}, {"a.b.c", 5}, {"m", 1}, {"x.y", 3}};

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void make_string(uint32_t *seed, struct buffer *out)
{
	static const char *const parts[] = {"plain", " ", "\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00", "\xC3\xA9", "\xE2\x82\xAC", "/", "\\/", "0123456789abcdef0123456789"};
	buffer_add_byte(out, '"');
	for (uint32_t i = next(seed) % 5; i > 0; i--)
		buffer_add_str(out, str_of(parts[next(seed) % (sizeof parts / sizeof parts[0])]));
	buffer_add_byte(out, '"');
}

static void make_value(uint32_t *seed, unsigned depth, struct buffer *out)
{
	static const char *const plain[] = {"0", "-1", "1.5e-3", "12345678901234567890", "true", "false", "null", "-0.0", "1E+2"};
	static const char *const keys[] = {"a", "b", "c", "m", "x", "y", "other"};
	uint32_t kind = next(seed) % (depth > 5 ? 2 : 5);
	if (kind == 0) {
		buffer_add_str(out, str_of(plain[next(seed) % (sizeof plain / sizeof plain[0])]));
	} else if (kind == 1) {
		make_string(seed, out);
	} else {
		bool list = kind == 2;
		uint32_t used = 0;
		buffer_add_byte(out, list ? '[' : '{');
		for (uint32_t i = 0, count = next(seed) % 5; i < count; i++) {
			uint32_t key = next(seed) % 7;
			if (!list && (used & 1u << key)) /* jansson's and our rule for repeated keys differ in depth: not compared */
				continue;
			buffer_add_str(out, used ? STR(" , ") : STR("\t"));
			used |= 1u << (list ? 31 : key);
			if (!list)
				buffer_printf(out, "\"%s\" :", keys[key]);
			make_value(seed, depth + 1, out);
		}
		buffer_add_byte(out, list ? ']' : '}');
	}
}

static json_t *at_path(json_t *root, const char *path)
{
	char copy[16];
	snprintf(copy, sizeof copy, "%s", path);
	for (char *part = strtok(copy, "."); part && root; part = strtok(NULL, "."))
		root = json_is_object(root) ? json_object_get(root, part) : NULL;
	if (!json_is_array(root))
		return root;
	size_t i;
	json_t *item;
	json_array_foreach(root, i, item)
		if (!json_is_object(item) && !json_is_array(item))
			return item;
	return NULL;
}

static void same_value(const struct scan_value *got, json_t *want, struct arena *arena)
{
	if (!want || json_is_object(want)) {
		assert_int_equal(got->kind, SCAN_ABSENT);
		return;
	}
	switch (json_typeof(want)) {
	case JSON_STRING: {
		struct str text = unescaped(*got, arena);
		assert_int_equal(got->kind, SCAN_STRING);
		assert_int_equal(text.size, json_string_length(want));
		assert_memory_equal(text.data, json_string_value(want), text.size);
		break;
	}
	case JSON_INTEGER: case JSON_REAL: {
		double value;
		assert_int_equal(got->kind, SCAN_NUMBER);
		assert_true(str_to_double(got->text, &value));
		assert_true(fabs(value - json_number_value(want)) <= 1e-15 * fabs(value));
		break;
	}
	case JSON_TRUE: assert_int_equal(got->kind, SCAN_TRUE); break;
	case JSON_FALSE: assert_int_equal(got->kind, SCAN_FALSE); break;
	default: assert_int_equal(got->kind, SCAN_NULL);
	}
}

/* jansson refuses integers beyond 64 bits, reals beyond a double, lone surrogates and U+0000: none of that is against the RFC. */
static const size_t FLAGS = JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;

static void same(struct scan_paths *paths, struct str text, struct arena *arena, unsigned *valid)
{
	struct scan_value values[PATHS];
	size_t offset = 0;
	json_error_t error;
	/* a copy that ends where the view ends, so that the sanitizer sees every read beyond it */
	char *exact = malloc(text.size ? text.size : 1);
	memcpy(exact, text.data, text.size);
	struct str view = {exact, text.size};
	enum scan_result result = scan_object(paths, view, values, PATHS, &offset);
	json_t *root = json_loadb(text.data, text.size, FLAGS, &error);
	bool theirs = json_is_object(root);
	if (!theirs && result == SCAN_OK)
		theirs = strstr(error.text, "real number overflow") || strstr(error.text, "invalid Unicode");
	if (theirs != (result == SCAN_OK))
		fail_msg("jansson %d (%s), scanner %d at %zu: %.*s", theirs, error.text, result, offset, STR_ARGS(text));
	if (result != SCAN_OK)
		assert_true(offset <= text.size);
	for (size_t i = 0; root && result == SCAN_OK && i < PATHS; i++)
		same_value(&values[i], at_path(root, PATH_LIST[i].data), arena);
	*valid += result == SCAN_OK;
	json_decref(root);
	free(exact);
}

static void against_jansson(void **state)
{
	(void)state;
	struct arena arena = {0}, scratch = {0};
	struct buffer text = {0};
	struct scan_paths *paths = scan_paths_new(PATH_LIST, PATHS, &arena);
	unsigned valid = 0, damaged = 0;
	for (uint32_t seed = 1; seed <= 20000; seed++) {
		uint32_t state_of = seed * 2654435761u;
		buffer_reset(&text);
		buffer_add_str(&text, STR("{\"a\":"));
		make_value(&state_of, 0, &text);
		buffer_add_str(&text, STR(",\"m\":"));
		make_value(&state_of, 0, &text);
		buffer_add_str(&text, STR("}"));
		same(paths, buffer_str(&text), &scratch, &valid);
		for (int i = 0; i < 3; i++) { /* damage: flip, cut, insert */
			uint32_t at = next(&state_of) % (uint32_t)text.size;
			char kept = text.data[at];
			text.data[at] = (char)("\"\\{}[],:0 \x01\xFFu"[next(&state_of) % 13]);
			same(paths, buffer_str(&text), &scratch, &damaged);
			text.data[at] = kept;
			same(paths, str_first(buffer_str(&text), at), &scratch, &damaged);
		}
		arena_reset(&scratch);
	}
	assert_int_equal(valid, 20000);
	assert_in_range(damaged, 1000, 110000); /* damage inside a string often leaves JSON */
	buffer_release(&text);
	arena_release(&scratch);
	arena_release(&arena);
}

static void results(void **state)
{
	(void)state;
	static const struct { const char *in; enum scan_result want; size_t offset; } rows[] = {
		{"{}", SCAN_OK, 0}, {" {} \n", SCAN_OK, 0}, {"{} x", SCAN_BAD, 3}, {"[]", SCAN_BAD, 0}, {"", SCAN_TRUNCATED, 0}, {"{\"a\"", SCAN_TRUNCATED, 4},
		{"{\"a\":tru", SCAN_TRUNCATED, 8}, {"{\"a\":trux}", SCAN_BAD, 8}, {"{\"a\":01}", SCAN_BAD, 6}, {"{\"a\":1.}", SCAN_BAD, 7}, {"{\"a\":NaN}", SCAN_BAD, 5},
		{"{\"a\":\"\t\"}", SCAN_BAD, 6}, {"{\"a\":\"\\x\"}", SCAN_BAD, 7}, {"{\"a\":\"\xC3(\"}", SCAN_BAD_UTF8, 6}, {"{\"a\":1,}", SCAN_BAD, 7},
		{"{\"a\":\"cut", SCAN_TRUNCATED, 9}, {"{'a':1}", SCAN_BAD, 1},
	};
	struct arena arena = {0};
	struct scan_paths *paths = scan_paths_new(PATH_LIST, PATHS, &arena);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct scan_value values[PATHS];
		size_t offset = 0;
		assert_int_equal(scan_object(paths, str_of(rows[i].in), values, PATHS, &offset), rows[i].want);
		assert_int_equal(offset, rows[i].offset);
	}
	char deep[600];
	for (int depth = 60; depth < 70; depth++) {
		size_t size = 0;
		for (int i = 0; i < depth; i++)
			size += (size_t)snprintf(deep + size, sizeof deep - size, "{\"a\":");
		size += (size_t)snprintf(deep + size, sizeof deep - size, "1");
		memset(deep + size, '}', (size_t)depth);
		struct scan_value values[PATHS];
		size_t offset;
		assert_int_equal(scan_object(paths, (struct str){deep, size + (size_t)depth}, values, PATHS, &offset), depth <= 64 ? SCAN_OK : SCAN_DEEP);
	}
	struct scan_value values[PATHS];
	size_t offset;
	assert_int_equal(scan_object(paths, STR("{\"a.b.c\":1,\"x\":{\"y\":[{},\"first\",\"second\"]},\"m\":1,\"m\":2}"), values, PATHS, &offset), SCAN_OK);
	assert_true(str_equal(values[2].text, STR("1")) && str_equal(values[4].text, STR("first")) && str_equal(values[3].text, STR("2")));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(results), cmocka_unit_test(against_jansson)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
