/* Broken rule files as a new author writes them: every message is exact (tests/golden/rules/NAME.yml -> NAME.err). With
 * SKEWLINE_GOLDEN_WRITE=1 the expectations are written anew, to be read and committed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "skewline/buffer.h"
#include "skewline/rule.h"

static void said(const char *name, struct buffer *out)
{
	struct diag_list diags = {0};
	char path[512];
	snprintf(path, sizeof path, "tests/golden/rules/%s", name);
	struct str file = str_of(path);
	struct rule_set *set = rule_set_load(&file, 1, &diags);
	diag_sort(&diags);
	diag_print(&diags, out);
	assert_true(diags.errors == 0 || rule_set_count(set) == 0);
	rule_set_free(set);
	diag_release(&diags);
}

static void golden(void **state)
{
	(void)state;
	DIR *folder = opendir("tests/golden/rules");
	size_t count = 0;
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));) {
		size_t size = strlen(entry->d_name);
		if (size < 5 || strcmp(entry->d_name + size - 4, ".yml") != 0)
			continue;
		struct buffer got = {0};
		char path[512], want[8192];
		said(entry->d_name, &got);
		snprintf(path, sizeof path, "tests/golden/rules/%.*s.err", (int)(size - 4), entry->d_name);
		if (getenv("SKEWLINE_GOLDEN_WRITE")) {
			FILE *file = fopen(path, "wb");
			fwrite(got.data, 1, got.size, file);
			fclose(file);
		}
		FILE *file = fopen(path, "rb");
		assert_non_null(file);
		size_t read = fread(want, 1, sizeof want - 1, file);
		fclose(file);
		want[read] = 0;
		assert_true(got.size > 0);
		assert_string_equal(got.data, want);
		buffer_release(&got);
		count++;
	}
	closedir(folder);
	assert_in_range(count, 16, 1000);
}

static void literals(void **state)
{
	(void)state;
	static const struct { const char *detection; const char *want; } rows[] = {
		{"a:\n    message|re: 'clock (?:skew|drift) of (?P<v>\\d+)'\n  condition: a", "clock "},
		{"a:\n    message|re: '(?:first thing|second thing) x?'\n  condition: a", "first thing|second thing"},
		{"a:\n    message|re: 'abc?defghi'\n  condition: a", "defghi"},
		{"a:\n    message|re: '(?i)Clock Skew+ed'\n  condition: a", "clock skew"},
		{"a:\n    message|re: 'x|longer text'\n  condition: a", ""},
		{"a:\n    message|re: '(?=lookahead)x'\n  condition: a", ""},
		{"a:\n    message|contains: [Alpha Beta, gamma]\n  b: [longest of all]\n  condition: a and not b", "alpha beta|gamma"},
		{"a:\n    message|contains: 'wild*card here'\n  condition: a", "card here"},
		{"a: [sure text]\n  b:\n    process.name: x\n  condition: a or b", ""},
		{"a: [sure text]\n  b:\n    event.code: '4616'\n  condition: a or b", "sure text+event.code"},
		{"a: [sure text]\n  b:\n    event.code: '4616'\n  condition: a and b", "sure text"},
		{"a:\n    x.y|exists: true\n    z: [1, 2]\n  condition: a", "+x.y"},
		{"a:\n    x.y|exists: false\n  condition: a", ""},
		{"a:\n    z: null\n  b: [sure text]\n  condition: a or b", ""},
		{"a:\n    z: 1\n  condition: not a", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char path[] = "/tmp/skewline-rule-XXXXXX";
		int handle = mkstemp(path);
		FILE *file = fdopen(handle, "w");
		fprintf(file, "title: t\nid: 00000000-0000-4000-8000-000000000000\nlogsource: {category: x}\ndetection:\n  %s\n"
			"skewline: {class: cert_expired, issuer: ca, subject: self, direction: ahead}\n", rows[i].detection);
		fclose(file);
		struct str name = str_of(path);
		struct diag_list diags = {0};
		struct rule_set *set = rule_set_load(&name, 1, &diags);
		assert_int_equal(diags.errors, 0);
		assert_int_equal(rule_set_count(set), 1);
		const struct rule_literals *got = &rule_set_rule(set, 0)->literals;
		struct buffer joined = {0};
		for (size_t j = 0; j < got->count; j++)
			buffer_printf(&joined, "%s%.*s", j ? "|" : "", STR_ARGS(got->texts[j]));
		size_t fields_count;
		const struct str *fields = rule_set_fields(set, &fields_count);
		for (size_t j = 0; j < got->fields_count; j++)
			buffer_printf(&joined, "+%.*s", STR_ARGS(fields[got->fields[j]]));
		assert_string_equal(joined.data ? joined.data : "", rows[i].want);
		buffer_release(&joined);
		rule_set_free(set);
		diag_release(&diags);
		remove(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(golden), cmocka_unit_test(literals)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
