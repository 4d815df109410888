/* The pure parts of the correlate room against slow, obvious versions, on random input: interval algebra, the delivery bound, the rate of a
 * straight line through intervals, networks of addresses; and what hosts are kept in: numbers as bits, shared names, a quiet window. */
#include <arpa/inet.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coder.h"
#include "room.h"

static uint64_t seed = 20261124;

static int64_t below(int64_t limit)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (int64_t)((seed >> 33) % (uint64_t)limit);
}

static double fraction(void)
{
	return (double)below(1 << 30) / (double)(1 << 30);
}

/* ---- the algebra: every point of a small line is asked ---- */
static struct allowed any_allowed(void)
{
	int64_t a = below(31) - 15, b = below(15), slack = below(4);
	switch (below(5)) {
	case 0: return allowed_range(a, a + b);
	case 1: return allowed_range(OPEN_LOW, a);
	case 2: return allowed_range(a, OPEN_HIGH);
	case 3: return allowed_outside(b);
	default: return allowed_either(b, slack);
	}
}

static void algebra(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct allowed allowed = any_allowed();
		int64_t low = below(31) - 15, by = below(21) - 10, m = below(15), slack = below(4);
		struct range to = {low, low + below(10)};
		struct allowed cut = allowed_cut(allowed, to), moved = allowed_shift(allowed, by), outside = allowed_outside(m), either = allowed_either(m, slack);
		for (int64_t x = -40; x <= 40; x++) {
			bool in = allowed_holds(&allowed, x);
			assert_int_equal(allowed_holds(&cut, x), in && x >= to.low && x <= to.high);
			assert_int_equal(allowed_holds(&moved, x + by), in);
			assert_int_equal(allowed_holds(&outside, x), m <= 0 || llabs(x) >= m);
			assert_int_equal(allowed_holds(&either, x), llabs(x) >= m - slack && llabs(x) <= m + slack);
			int64_t nearest = INT64_MAX;
			for (int64_t y = to.low; y <= to.high; y++)
				nearest = llabs(x - y) < nearest ? llabs(x - y) : nearest;
			assert_int_equal(range_distance(to, x), nearest);
		}
		for (int i = 0; i + 1 < cut.count; i++)
			assert_true(cut.part[i].high < cut.part[i + 1].low);
	}
}

/* ---- the delivery bound, straight from its description ---- */
struct slow_value {
	int64_t x, at;
	int stream, bucket;
	bool dropped;
};
enum { VALUES_MAX = 4 * 12 * TRANSIT_TOP };

struct slow_stream {
	int buckets, inside;
	size_t records;
	int64_t least, most, newest;
};

static void widen(struct slow_stream *out, const struct slow_value *value)
{
	out->records++;
	out->least = value->x < out->least ? value->x : out->least;
	out->most = value->x > out->most ? value->x : out->most;
	out->newest = value->at > out->newest ? value->at : out->newest;
}

static struct slow_stream nothing(void)
{
	return (struct slow_stream){.least = INT64_MAX, .most = INT64_MIN, .newest = INT64_MIN};
}

static struct slow_stream slow_stream(const struct slow_value *all, size_t count, int stream, int64_t floor, int64_t since)
{
	struct slow_stream out = nothing();
	for (int bucket = 0; bucket < 64; bucket++) {
		struct slow_stream one = nothing();
		for (size_t i = 0; i < count; i++)
			if (all[i].stream == stream && all[i].bucket == bucket && !all[i].dropped && all[i].at >= since) {
				widen(&one, &all[i]);
				widen(&out, &all[i]);
			}
		out.buckets += one.records > 0;
		out.inside += one.records > 0 && one.most >= floor && one.most - one.least <= 610 * S_NS;
	}
	return out;
}

static bool slow_for(const struct slow_stream *stream)
{
	return stream->inside * 2 > stream->buckets;
}

static bool slow_against(const struct slow_stream *stream, int64_t since)
{
	return stream->records >= 3 && !slow_for(stream) && stream->newest >= since + S_NS && stream->most - stream->least <= 3 * S_NS;
}

static int downwards(const void *a, const void *b)
{
	int64_t left = ((const struct slow_value *)a)->x, right = ((const struct slow_value *)b)->x;
	return (left < right) - (left > right);
}

static bool slow_bound(struct slow_value *all, size_t count, int streams, int64_t consequence, int64_t *out)
{
	qsort(all, count, sizeof *all, downwards);
	for (size_t top = 0; top < count; top++) {
		if (all[top].dropped)
			continue;
		int64_t size = llabs(all[top].x), tolerance = size / 1000 > 3 * S_NS ? size / 1000 : 3 * S_NS, since = INT64_MAX;
		int64_t group[VALUES_MAX];
		size_t members = 0;
		for (size_t i = top; i < count; i++)
			if (!all[i].dropped && all[i].x >= all[top].x - tolerance) {
				group[members++] = all[i].x;
				since = all[i].at < since ? all[i].at : since;
			}
		if (members < 3) { /* a stray: that one alone goes */
			all[top].dropped = true;
			continue;
		}
		int pro = 0, contra = 0;
		int64_t floor = group[members - 1];
		struct slow_stream rest = nothing(); /* programs that say too little to speak alone */
		for (int s = 0; s < streams; s++) {
			struct slow_stream stream = slow_stream(all, count, s, floor, since);
			pro += slow_for(&stream);
			contra += slow_against(&stream, since);
			for (size_t i = 0; i < count && !stream.inside && stream.records < 3; i++)
				if (all[i].stream == s && !all[i].dropped && all[i].at >= since)
					widen(&rest, &all[i]);
		}
		contra += slow_against(&rest, since) && rest.records;
		*out = group[2];
		if (all[top].x <= consequence || pro > contra)
			return true;
		for (size_t i = top; i < count; i++)
			all[i].dropped = all[i].dropped || all[i].x >= floor;
	}
	return false;
}

static void the_delivery_bound(void **state)
{
	(void)state;
	struct correlate_settings settings;
	correlate_settings_default(&settings);
	struct correlate_partition *p = correlate_partition_new(&settings, 0, 1);
	int known = 0, outvoted = 0;
	for (int round = 0; round < 4000; round++) {
		struct host *host = calloc(1, sizeof *host);
		struct slow_value all[VALUES_MAX];
		size_t count = 0;
		int streams = 1 + (int)below(4);
		int64_t now = 1000 * S_NS, bases[] = {0, -2 * S_NS, 90 * S_NS, -400 * S_NS, 3600 * S_NS};
		assert_non_null(host);
		host_reset(host);
		for (int s = 0; s < streams; s++) {
			int64_t base = bases[below(5)], jitter = below(3) ? 2 * S_NS : 8 * S_NS;
			struct observation o = {.kind = OBSERVATION_TRANSIT, .input = STR("logs/0")};
			char name[16];
			snprintf(name, sizeof name, "p%d", s);
			o.transit.stream = str_of(name);
			for (int bucket = 0; bucket < 12; bucket++) {
				if (!below(3))
					continue;
				o.transit.start.ns = (800 + 10 * bucket) * S_NS;
				o.transit.grain.ns = MS_NS;
				o.transit.count = o.transit.top_count = 1 + (uint32_t)below(TRANSIT_TOP);
				int64_t x[TRANSIT_TOP];
				for (uint32_t i = 0; i < o.transit.top_count; i++)
					x[i] = base - below(jitter) + (below(40) ? 0 : 86400 * S_NS);
				ns_sort(x, o.transit.top_count);
				o.transit.lowest.ns = x[0];
				for (uint32_t i = 0; i < o.transit.top_count; i++) {
					int64_t at = o.transit.start.ns + S_NS * (1 + i);
					o.transit.top[i].x.ns = x[o.transit.top_count - 1 - i];
					o.transit.top[i].reference.ns = at;
					all[count++] = (struct slow_value){o.transit.top[i].x.ns - MS_NS - (now - at) / 1000000 * 500, at, s, bucket, false};
				}
				transit_take(p, host, &o);
			}
		}
		int64_t consequence = below(2) ? 50 * MS_NS : 95 * S_NS, low = 0;
		struct bound bound = transit_bound(p, host, now, consequence, NONE, NONE);
		bool found = slow_bound(all, count, streams, consequence, &low);
		assert_int_equal(bound.known, found);
		if (found)
			assert_int_equal(bound.low, low);
		known += found;
		outvoted += bound.stray_stamps;
		host_release(host);
		free(host);
	}
	assert_true(known > 1000 && outvoted > 50);
	correlate_partition_free(p);
}

/* ---- straight lines: every slope of a fine grid is tried ---- */
static bool passes(const struct point *points, size_t count, double slope)
{
	double low = -INFINITY, high = INFINITY;
	for (size_t i = 0; i < count; i++) {
		low = fmax(low, points[i].low - slope * points[i].time);
		high = fmin(high, points[i].high - slope * points[i].time);
	}
	return low <= high;
}

static void straight_lines(void **state)
{
	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct point points[12];
		size_t count = 2 + (size_t)below(11);
		double slope = fraction() * 2 - 1, width = 0.05 + fraction();
		for (size_t i = 0; i < count; i++) {
			double truth = slope * (double)i + 3, share = fraction();
			points[i] = (struct point){(double)i, truth - width * share, truth + width * (1 - share)};
		}
		struct rate rate;
		assert_true(rate_fit(points, count, &rate));
		assert_true(rate.low <= slope + 1e-9 && slope - 1e-9 <= rate.high && rate.low <= rate.estimate && rate.estimate <= rate.high);
		for (double s = -4; s <= 4; s += 0.01)
			assert_int_equal(passes(points, count, s), s >= rate.low && s <= rate.high);
	}
	struct rate none;
	assert_false(rate_fit((struct point[]){{0, 0, 1}}, 1, &none));
	assert_false(rate_fit((struct point[]){{5, 0, 1}, {5, 0, 1}}, 2, &none));
	assert_false(rate_fit((struct point[]){{0, 0, 0.1}, {1, 5, 5.1}, {2, 0, 0.1}}, 3, &none));
}

/* A limit is reached, step by step, between the two times that are foretold. */
static void limits(void **state)
{
	(void)state;
	for (int round = 0; round < 3000; round++) {
		double side = below(2) ? 1 : -1, near = 0.01 + fraction(), far = near + fraction(), limit = far + 0.01 + fraction();
		double slow = fraction() - 0.2, fast = slow + fraction() * 0.5, earliest, latest;
		struct rate rate = {0, side > 0 ? slow : -fast, side > 0 ? fast : -slow};
		bool known = rate_reaches(&rate, side > 0 ? near : -far, side > 0 ? far : -near, limit, &earliest, &latest);
		assert_int_equal(known, fast > 0);
		if (!known)
			continue;
		double time = 0;
		while (far + fast * time < limit && time < 1e5)
			time += 0.01;
		assert_true(fabs(time - earliest) < 0.02 || time >= 1e5);
		assert_int_equal(latest < 0, slow <= 0);
		if (slow > 0)
			assert_true(fabs(near + slow * latest - limit) < 1e-6);
	}
	double a, b;
	assert_false(rate_reaches(&(struct rate){0, 1, 2}, -0.1, 0.1, 1, &a, &b)); /* no side */
	assert_false(rate_reaches(&(struct rate){0, 1, 2}, 0.5, 1.5, 1, &a, &b));  /* perhaps there already */
}

/* ---- networks, against the system's own parser ---- */
static void networks(void **state)
{
	(void)state;
	int inside = 0;
	for (int round = 0; round < 20000; round++) {
		bool six = below(2);
		uint8_t net[16], address[16];
		int size = six ? 16 : 4, bits = (int)below(size * 8 + 1), same = 0;
		char one[INET6_ADDRSTRLEN], other[INET6_ADDRSTRLEN], pattern[INET6_ADDRSTRLEN + 8];
		for (int i = 0; i < size; i++) {
			net[i] = (uint8_t)(below(3) ? below(256) : 0);
			address[i] = below(8) ? net[i] : (uint8_t)below(256);
		}
		while (same < size * 8 && !((net[same / 8] ^ address[same / 8]) >> (7 - same % 8) & 1))
			same++;
		inet_ntop(six ? AF_INET6 : AF_INET, net, one, sizeof one);
		inet_ntop(six ? AF_INET6 : AF_INET, address, other, sizeof other);
		snprintf(pattern, sizeof pattern, "%s/%d", one, bits);
		struct str approved = str_of(pattern);
		struct correlate_settings settings = {.approved_sources = &approved, .approved_sources_count = 1};
		assert_int_equal(source_approved(&settings, str_of(other)), same >= bits);
		inside += same >= bits;
	}
	assert_true(inside > 2000 && inside < 18000);
	struct str odd[] = {STR("10.0.0.0/33"), STR("10.0.0/8"), STR("1:2:3:4:5:6:7:8:9/8"), STR("::1::/8"), STR("/8"), STR("300.0.0.0/8")};
	struct correlate_settings settings = {.approved_sources = odd, .approved_sources_count = 6};
	assert_false(source_approved(&settings, STR("10.0.0.1")));
	assert_false(source_approved(&settings, STR("::1")));
	settings.approved_sources_count = 0;
	assert_true(source_approved(&settings, STR("10.0.0.1")));
}

/* ---- what a sleeping host is kept in ---- */
enum { NUMBERS_MAX = 4096 };

/* Around every power of two, at every scale, between runs of nothing. */
static size_t hard_numbers(int64_t out[NUMBERS_MAX])
{
	static const int64_t SCALES[] = {1, 1000, 1000000};
	size_t count = 0;
	for (int bit = 0; bit < 63; bit++)
		for (int near = -2; near <= 2; near++)
			for (int scale = 0; scale < 3; scale++) {
				int64_t value;
				if (__builtin_mul_overflow((INT64_C(1) << bit) + near, SCALES[scale], &value))
					continue;
				out[count++] = value;
				out[count++] = -value;
				for (int64_t run = below(12); run > 0; run--)
					out[count++] = run % 5 ? 0 : NONE;
				if (count > NUMBERS_MAX - 32)
					return count;
			}
	out[count++] = INT64_MAX;
	out[count++] = INT64_MIN + 1;
	return count;
}

static void numbers_come_back_as_they_were(void **state)
{
	(void)state;
	int64_t numbers[NUMBERS_MAX];
	size_t count = hard_numbers(numbers);
	struct buffer bytes = {0};
	struct coder writer = {.out = &bytes};
	for (size_t i = 0; i < count; i++) {
		walk_i64(&writer, numbers[i]);
		walk_u64(&writer, (uint64_t)numbers[i]);
	}
	coder_align(&writer);
	struct coder reader = coder_reading(buffer_str(&bytes), false);
	for (size_t i = 0; i < count; i++) {
		assert_true(walk_i64(&reader, 0) == numbers[i]);
		assert_true(walk_u64(&reader, 0) == (uint64_t)numbers[i]);
	}
	coder_align(&reader);
	assert_false(reader.bad);
	assert_true(reader.at == reader.end);
	for (size_t size = 0; size < bytes.size; size += 7) { /* what is cut off is bad, and is not read beyond */
		char *exact = malloc(size + 1);
		memcpy(exact, bytes.data, size);
		exact = realloc(exact, size ? size : 1);
		struct coder cut = coder_reading((struct str){exact, size}, false);
		for (size_t i = 0; i < 2 * count && !cut.bad; i++)
			walk_i64(&cut, 0);
		assert_true(cut.bad);
		free(exact);
	}
	buffer_release(&bytes);
}

/* Near each other or not, with some that are nothing. */
static size_t hard_column(int64_t out[64], const int64_t *numbers, size_t count)
{
	static const int64_t UNITS[] = {1, 1000, 1000000, 1000000000};
	size_t size = (size_t)below(64);
	int64_t kind = below(4), base = numbers[below((int64_t)count)], unit = UNITS[below(4)];
	base = below(2) || base > INT64_MAX / 2 || base < INT64_MIN / 2 ? 0 : base / unit * unit;
	for (size_t i = 0; i < size; i++)
		out[i] = kind == 0 ? base + below(1000) * unit : kind == 1 ? numbers[below((int64_t)count)] : kind == 2 ? NONE : below(3) ? -below(9) * unit : NONE;
	return size;
}

static void columns_come_back_as_they_were(void **state)
{
	(void)state;
	int64_t numbers[NUMBERS_MAX], column[64], back[64];
	size_t count = hard_numbers(numbers);
	for (int round = 0; round < 20000; round++) {
		size_t size = hard_column(column, numbers, count);
		struct buffer bytes = {0};
		struct coder writer = {.out = &bytes};
		walk_bits(&writer, 5, 3);
		walk_column(&writer, column, size);
		walk_u64(&writer, 77);
		coder_align(&writer);
		struct coder reader = coder_reading(buffer_str(&bytes), false);
		assert_int_equal(walk_bits(&reader, 0, 3), 5);
		memset(back, 0, sizeof back);
		walk_column(&reader, back, size);
		assert_memory_equal(back, column, size * sizeof *back);
		assert_int_equal(walk_u64(&reader, 0), 77);
		coder_align(&reader);
		assert_true(!reader.bad && reader.at == reader.end);
		struct coder cut = coder_reading(str_first(buffer_str(&bytes), (size_t)below((int64_t)bytes.size)), false);
		walk_bits(&cut, 0, 3);
		walk_column(&cut, back, size);
		walk_u64(&cut, 0);
		assert_true(cut.bad);
		buffer_release(&bytes);
	}
}

/* Sixteen times of a minute's distance that jitter by less than a second, in microseconds: 20 bits each and a head. */
static void a_column_takes_what_its_numbers_differ_by(void **state)
{
	(void)state;
	int64_t column[16];
	for (int i = 0; i < 16; i++)
		column[i] = 60 * S_NS + below(1000000) * 1000;
	struct buffer bytes = {0};
	struct coder writer = {.out = &bytes};
	walk_column(&writer, column, 16);
	coder_align(&writer);
	assert_in_range(bytes.size, 16 * 19 / 8, (9 + 36 + 16 * 20 + 7) / 8);
	buffer_release(&bytes);
}

static void the_one_in_the_middle(void **state)
{
	(void)state;
	for (int round = 0; round < 2000; round++) {
		int64_t all[20], sorted[20];
		size_t count = 1 + (size_t)below(20);
		for (size_t i = 0; i < count; i++)
			all[i] = sorted[i] = below(9) - 4;
		ns_sort(sorted, count);
		for (size_t i = 0; i < count; i++) {
			assert_true(i == 0 || sorted[i - 1] <= sorted[i]);
			assert_int_equal(ns_nth(all, count, i), sorted[i]);
		}
	}
}

static void a_name_lasts_as_long_as_somebody_holds_it(void **state)
{
	(void)state;
	struct correlate_settings settings;
	correlate_settings_default(&settings);
	struct correlate_partition *p = correlate_partition_new(&settings, 0, 1);
	uint32_t held[64] = {0};
	char expected[64][40] = {{0}};
	for (int round = 0; round < 20000; round++) {
		size_t who = (size_t)below(64);
		if (below(4))
			snprintf(expected[who], sizeof expected[who], "a program of a longish name %d", (int)below(40));
		else
			expected[who][0] = 0;
		name_set(p, &held[who], str_of(expected[who]));
		for (size_t i = 0; i < 64; i++)
			assert_true(str_equal(name_str(p, held[i]), str_of(expected[i])));
	}
	assert_true(p->names.rows.count <= 41); /* what nobody holds serves again */
	correlate_partition_free(p);
}

/* A quiet host's window after every bucket, chosen anew and by what came since. */
static void slimming_little_by_little(void **state)
{
	(void)state;
	struct correlate_settings settings;
	correlate_settings_default(&settings);
	struct correlate_partition *p = correlate_partition_new(&settings, 0, 1);
	uint64_t dropped = 0;
	for (int round = 0; round < 300; round++) {
		struct host *host = calloc(1, sizeof *host), *anew = calloc(1, sizeof *anew);
		assert_true(host && anew);
		host_reset(host);
		host_reset(anew);
		for (int bucket = 0; bucket < 150; bucket++) {
			static const struct str STREAMS[] = {{"nginx", 5}, {"chronyc", 7}, {"sshd", 4}};
			int which = (int)below(3);
			struct observation o = {.kind = OBSERVATION_TRANSIT, .input = STR("logs/0")};
			o.transit.stream = STREAMS[which];
			o.transit.clock_rows = which == 1;
			o.transit.start.ns = (800 + 10 * (bucket - below(20) / 19 * 3)) * S_NS; /* one in twenty comes late */
			o.transit.grain.ns = MS_NS;
			o.transit.count = o.transit.top_count = 1 + (uint32_t)below(TRANSIT_TOP);
			for (uint32_t i = 0; i < o.transit.top_count; i++) {
				o.transit.top[i].x.ns = -below(2000) * MS_NS - (int64_t)i * 2 * S_NS;
				o.transit.top[i].reference.ns = o.transit.start.ns + S_NS * (1 + i);
			}
			o.transit.lowest = o.transit.top[o.transit.top_count - 1].x;
			anew->slim.known = false;
			transit_take(p, host, &o);
			transit_take(p, anew, &o);
			anew->slim.known = false;
			transit_age(p, host, (820 + 10 * bucket) * S_NS);
			transit_age(p, anew, (820 + 10 * bucket) * S_NS);
			dropped += host->cells_count;
			transit_slim(host);
			transit_slim(anew);
			dropped -= host->cells_count;
			assert_int_equal(host->cells_count, anew->cells_count);
			for (int i = 0; i < host->cells_count; i++) {
				assert_true(host->cells[i].start == anew->cells[i].start && host->cells[i].stream == anew->cells[i].stream);
				assert_true(host->cells[i].top[0].x == anew->cells[i].top[0].x && host->cells[i].count == anew->cells[i].count);
			}
		}
		host_release(host);
		host_release(anew);
		free(host);
		free(anew);
	}
	assert_true(dropped > 10000);
	correlate_partition_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(algebra), cmocka_unit_test(the_delivery_bound), cmocka_unit_test(straight_lines), cmocka_unit_test(limits),
		cmocka_unit_test(networks), cmocka_unit_test(numbers_come_back_as_they_were), cmocka_unit_test(columns_come_back_as_they_were),
		cmocka_unit_test(a_column_takes_what_its_numbers_differ_by), cmocka_unit_test(the_one_in_the_middle),
		cmocka_unit_test(a_name_lasts_as_long_as_somebody_holds_it), cmocka_unit_test(slimming_little_by_little)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
