/* The time of files without `collected`: never before a right host wrote its record, moved by no liar, and bounded in what it holds back.
 * The judge knows when each record was written; the axis sees what stands in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/app/axis.h"

#define YEAR_S (365LL * 86400)

/* A merge of made records: `said` is what the host writes, `written` the truth. */
struct made {
	uint32_t host, size;
	int64_t written_s, said_s;
};

struct merge {
	struct made *records;
	size_t count, next;
	bool ordered;
	char text[1 << 20];
};

bool merge_ordered(const struct merge *merge)
{
	return merge->ordered;
}

bool merge_next(struct merge *merge, struct merge_line *out, struct buffer *out_error)
{
	(void)out_error;
	if (merge->next == merge->count)
		return false;
	const struct made *made = &merge->records[merge->next];
	memset(merge->text, ' ', made->size);
	snprintf(merge->text, made->size, "%u %lld", made->host, (long long)made->said_s);
	*out = (struct merge_line){.bytes = {merge->text, made->size}, .number = ++merge->next, .whole_size = made->size};
	return true;
}

static bool stamp_of(void *context, struct str record, uint64_t *out_host, struct instant *out_said)
{
	unsigned host;
	long long said;
	(void)context;
	assert_int_equal(sscanf(record.data, "%u %lld", &host, &said), 2);
	*out_host = host + 1000;
	*out_said = (struct instant){said * SECOND_NS};
	return host != 99; /* 99 does not say when */
}

static struct merge *merge_new(size_t most)
{
	struct merge *merge = calloc(1, sizeof *merge);
	assert_non_null(merge);
	merge->records = calloc(most, sizeof *merge->records);
	assert_non_null(merge->records);
	return merge;
}

static void add(struct merge *merge, uint32_t host, int64_t written_s, int64_t off_s)
{
	merge->records[merge->count++] = (struct made){host, 40, written_s, written_s + off_s};
}

struct seen {
	size_t lines, timed, early, late; /* late: more than `patience` after it was written */
	size_t most_bytes, most_lines;    /* held back */
};

static struct seen run(struct merge *merge, int64_t patience_s)
{
	struct seen seen = {0};
	struct buffer error = {0};
	struct merge_line line;
	struct instant time;
	size_t bytes_in = 0, bytes_out = 0, counted = 0;
	struct axis *axis = axis_new(merge, stamp_of, NULL);
	while (axis_next(axis, &line, &time, &error)) {
		const struct made *made = &merge->records[seen.lines++];
		char head[40];
		assert_int_equal(line.number, seen.lines); /* each once, in order */
		snprintf(head, sizeof head, "%u %lld", made->host, (long long)made->said_s);
		assert_string_equal(line.bytes.data, head);
		for (; counted < merge->next; counted++)
			bytes_in += merge->records[counted].size;
		if (bytes_in - bytes_out > seen.most_bytes)
			seen.most_bytes = bytes_in - bytes_out;
		if (merge->next - (seen.lines - 1) > seen.most_lines)
			seen.most_lines = merge->next - (seen.lines - 1);
		bytes_out += line.bytes.size;
		if (!instant_known(time))
			continue;
		seen.timed++;
		seen.early += time.ns < made->written_s * SECOND_NS;
		seen.late += time.ns > (made->written_s + patience_s) * SECOND_NS;
	}
	assert_int_equal(seen.lines, merge->count);
	assert_int_equal(error.size, 0);
	axis_free(axis);
	free(merge->records);
	free(merge);
	return seen;
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % below;
}

/* 20 hosts in any order, some of them years off: two ahead and two behind, who speak as often as all others together.
 * All are known first: of the first five hosts four may lie, and then nobody could say who does. */
static void nobody_moves_it(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 20; seed++) {
		uint32_t random = seed;
		struct merge *merge = merge_new(6000);
		for (int64_t i = 0; i < 6000; i++) {
			uint32_t host = i < 20 ? (uint32_t)i : draw(&random, 2) ? draw(&random, 4) : draw(&random, 20);
			add(merge, host, i, host >= 4 ? 0 : host < 2 ? 70 * YEAR_S : -30 * YEAR_S);
		}
		struct seen seen = run(merge, 300);
		assert_int_equal(seen.early, 0);
		assert_int_equal(seen.late, 0);
		assert_true(seen.timed > 5700);
	}
}

/* Nobody speaks in the night: what was written in the evening may look late, what is written in the morning does not look ahead. */
static void a_silent_night(void **state)
{
	(void)state;
	struct merge *merge = merge_new(2000);
	for (int64_t i = 0; i < 2000; i++)
		add(merge, (uint32_t)(i % 10), i < 1000 ? i : i + 8 * 3600, 0);
	struct seen seen = run(merge, 20);
	assert_int_equal(seen.early, 0);
	assert_true(seen.late > 0 && seen.late < 10);
	assert_true(seen.timed > 1980);
}

static void four_hosts_are_too_few(void **state)
{
	(void)state;
	struct merge *merge = merge_new(10000);
	for (int64_t i = 0; i < 10000; i++)
		add(merge, (uint32_t)(i % 4), i, 0);
	assert_int_equal(run(merge, 20).timed, 0);
}

/* Eight of fourteen hosts stop. Nobody can know that at once; the others are heard again as soon as it has been waited for. */
static void some_fall_silent(void **state)
{
	(void)state;
	struct merge *merge = merge_new(20000);
	for (int64_t i = 0; i < 20000; i++)
		add(merge, (uint32_t)(i < 5000 ? i % 14 : i % 6), i, 0);
	struct seen seen = run(merge, AXIS_LINES);
	assert_int_equal(seen.early, 0);
	assert_true(seen.timed > 20000 - 100);
	assert_int_equal(seen.most_lines, AXIS_LINES);
}

/* A record of unknown time goes its way with the others. */
static void some_say_no_time(void **state)
{
	(void)state;
	struct merge *merge = merge_new(3000);
	for (int64_t i = 0; i < 3000; i++)
		add(merge, i % 3 ? 99 : (uint32_t)(i % 7), i, 0);
	struct seen seen = run(merge, 60);
	assert_int_equal(seen.early, 0);
	assert_true(seen.timed > 2950);
}

static void long_lines_are_not_hoarded(void **state)
{
	(void)state;
	struct merge *merge = merge_new(200);
	for (int64_t i = 0; i < 200; i++) {
		add(merge, 1, i, 0);
		merge->records[i].size = 1 << 20;
	}
	struct seen seen = run(merge, 60);
	assert_int_equal(seen.timed, 0);
	assert_true(seen.most_bytes >= AXIS_BYTES && seen.most_bytes <= AXIS_BYTES + (1 << 20));
}

static void with_collected_nothing_waits(void **state)
{
	(void)state;
	struct merge *merge = merge_new(3000);
	merge->ordered = true;
	for (int64_t i = 0; i < 3000; i++)
		add(merge, (uint32_t)(i % 9), i, 0);
	struct seen seen = run(merge, 60);
	assert_int_equal(seen.timed, 0);
	assert_int_equal(seen.most_lines, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_moves_it), cmocka_unit_test(a_silent_night), cmocka_unit_test(four_hosts_are_too_few),
		cmocka_unit_test(some_fall_silent), cmocka_unit_test(some_say_no_time), cmocka_unit_test(long_lines_are_not_hoarded),
		cmocka_unit_test(with_collected_nothing_waits)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
