/* Broken and doubtful rule files as authors write them: every message is exact (rule_files/NAME.yml, or the folder NAME, -> NAME.err). With
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
#include "skewline/match.h"

#define FOLDER "tests/golden/rule_files"

static void said(const char *name, struct buffer *out)
{
	struct diag_list diags = {0};
	char path[512];
	snprintf(path, sizeof path, FOLDER "/%s", name);
	struct str file = str_of(path);
	struct rule_set *set = rule_set_load(&file, 1, NULL, &diags);
	rule_set_review(set, &diags);
	diag_sort(&diags);
	diag_print(&diags, out);
	rule_set_free(set);
	diag_release(&diags);
}

static void compare(const char *name, size_t stem)
{
	struct buffer got = {0};
	char path[512], want[16384];
	said(name, &got);
	snprintf(path, sizeof path, FOLDER "/%.*s.err", (int)stem, name);
	if (getenv("SKEWLINE_GOLDEN_WRITE")) {
		FILE *file = fopen(path, "wb");
		fwrite(got.data ? got.data : "", 1, got.size, file);
		fclose(file);
		buffer_release(&got);
		return;
	}
	FILE *file = fopen(path, "rb");
	if (!file)
		fail_msg("%s is not there", path);
	want[fread(want, 1, sizeof want - 1, file)] = 0;
	fclose(file);
	if (!got.size)
		fail_msg("%s: nothing was said", name);
	assert_string_equal(got.data, want);
	buffer_release(&got);
}

static void golden(void **state)
{
	(void)state;
	DIR *folder = opendir(FOLDER);
	size_t count = 0;
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder)); ) {
		size_t size = strlen(entry->d_name);
		bool file = size > 4 && strcmp(entry->d_name + size - 4, ".yml") == 0;
		if (entry->d_name[0] == '.' || (!file && strchr(entry->d_name, '.')))
			continue;
		compare(entry->d_name, file ? size - 4 : size);
		count++;
	}
	closedir(folder);
	assert_in_range(count, 60, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(golden)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
