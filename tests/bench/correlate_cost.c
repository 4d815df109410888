/* correlate_cost HOSTS: what the second stage costs with so many idle hosts, and some suspect ones: nanoseconds per observation, bytes of heap per
 * host, state bytes per host, seconds to restore. One JSON object on stdout. An idle host logs prompt stamps and has a sound clock sample each
 * minute, as many as are kept, to the microsecond and the nanosecond as real ones are; a suspect's two programs stamp five seconds ahead for ten minutes. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "skewline/correlate.h"

enum { ROUNDS = 13, SUSPECT_BUCKETS = 60, SUSPECTS_MOST = 10000 };
static const int64_t BEGIN_S = 1795399200;

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();
	return (double)info.uordblks + (double)info.hblkhd;
}

struct bench {
	struct correlate_settings settings;
	struct correlate_partition *partition;
	struct effects effects;
	struct buffer *keys, *values; /* the changelog, compacted by being written once */
	size_t states;
	uint64_t observations, digest, random;
};

/* Never the same twice: at most `most`, by seed. */
static int64_t jitter(struct bench *bench, int64_t most)
{
	bench->random = bench->random * 6364136223846793005U + 1442695040888963407U;
	return (int64_t)((bench->random >> 33) % (uint64_t)most);
}

static void step(struct bench *bench, const struct observation *observation)
{
	correlate_step(bench->partition, observation, &bench->effects);
	effects_reset(&bench->effects);
	bench->observations++;
}

static void progress(struct bench *bench, int64_t at_s)
{
	struct progress_entry entry = {.input = STR("logs/0"), .reference = instant_of_seconds(at_s), .transit = true, .reference_kind = REFERENCE_COLLECTED};
	struct observation o = {.kind = OBSERVATION_PROGRESS, .subject = STR("*"), .reference = entry.reference, .host_said = INSTANT_NONE, .input = entry.input,
		.progress = {.count = 1, .entries = &entry}};
	step(bench, &o);
}

static void transit(struct bench *bench, struct str host, const char *stream, int64_t start_s, int64_t x_ms)
{
	struct observation o = {.kind = OBSERVATION_TRANSIT, .subject = host, .reference = instant_of_seconds(start_s + 9), .reference_kind = REFERENCE_COLLECTED,
		.host_said = INSTANT_NONE, .input = STR("logs/0")};
	o.transit = (struct transit_observation){.stream = str_of(stream), .start = instant_of_seconds(start_s), .count = 3, .top_count = 3, .lowest = SPAN_MS(x_ms - 60),
		.grain = SPAN_MS(1)};
	for (int i = 0; i < 3; i++) {
		o.transit.top[i].x.ns = ((x_ms - 20 * i) * 1000 - jitter(bench, 15000)) * 1000;
		o.transit.top[i].reference.ns = ((start_s + 2 * i) * 1000000 + jitter(bench, 2000000)) * 1000;
	}
	step(bench, &o);
}

static void sample(struct bench *bench, struct str host, int64_t at_s)
{
	struct observation o = {.kind = OBSERVATION_CLOCK, .subject = host, .reference = {(at_s * 1000000 + jitter(bench, 900000)) * 1000}, .reference_kind = REFERENCE_COLLECTED,
		.stamp = {true, {-(10000 + jitter(bench, 500000)) * 1000}, SPAN_MS(1)}, .digest = ++bench->digest, .input = STR("ntp/0")};
	o.clock = (struct clock_observation){.fields = CLOCK_OFFSET | CLOCK_ROOT_DELAY | CLOCK_ROOT_DISPERSION | CLOCK_LEAP | CLOCK_STRATUM | CLOCK_REFERENCE_ID
			| CLOCK_SYNCHRONISED | CLOCK_SOURCES_USABLE, .offset = {jitter(bench, 100000) - 50000},
		.root_delay = {900000 + jitter(bench, 200000)}, .root_dispersion = {900000 + jitter(bench, 200000)}, .leap = LEAP_NORMAL, .synchronised = true,
		.stratum = 2, .reference_id = STR("0A4D0001"), .source = STR("10.77.0.1"), .sources_usable = 3};
	o.host_said = instant_plus(o.reference, o.stamp.x);
	step(bench, &o);
}

static struct str name_of(char out[32], const char *kind, uint32_t i)
{
	return (struct str){out, (size_t)snprintf(out, 32, "%s%07u", kind, i)};
}

static void idle_round(struct bench *bench, uint32_t hosts, int64_t at_s)
{
	char name[32];
	for (uint32_t i = 0; i < hosts; i++) {
		struct str host = name_of(name, "idle", i);
		transit(bench, host, "nginx", at_s, -100 - (int64_t)(i % 50));
		sample(bench, host, at_s + 9);
	}
	progress(bench, at_s + 10);
}

static void keep_state(struct bench *bench)
{
	correlate_flush(bench->partition, &bench->effects);
	bench->keys = calloc(bench->effects.count + 1, sizeof *bench->keys);
	bench->values = calloc(bench->effects.count + 1, sizeof *bench->values);
	if (!bench->keys || !bench->values)
		abort();
	for (size_t i = 0; i < bench->effects.count; i++) {
		const struct effect *effect = &bench->effects.items[i];
		if (effect->kind != EFFECT_STATE || effect->state.tombstone)
			continue;
		buffer_add_str(&bench->keys[bench->states], effect->state.key);
		buffer_add_str(&bench->values[bench->states++], effect->state.value);
	}
	effects_release(&bench->effects);
}

static double restore(struct bench *bench)
{
	double begin = seconds();
	struct str reason;
	bench->partition = correlate_partition_new(&bench->settings, 0, 1);
	for (size_t i = 0; i < bench->states; i++)
		if (!correlate_restore(bench->partition, buffer_str(&bench->keys[i]), buffer_str(&bench->values[i]), &reason)) {
			fprintf(stderr, "restore: %.*s\n", STR_ARGS(reason));
			exit(1);
		}
	correlate_restored(bench->partition);
	return seconds() - begin;
}

static double suspect_bytes(struct bench *bench, uint32_t suspects, int64_t at_s)
{
	char name[32];
	double before = heap_bytes();
	for (int64_t bucket = 0; bucket < SUSPECT_BUCKETS; bucket++)
		for (uint32_t i = 0; i < suspects; i++) {
			transit(bench, name_of(name, "fast", i), "nginx", at_s + 10 * bucket, 5000);
			transit(bench, name_of(name, "fast", i), "sshd", at_s + 10 * bucket, 4900);
		}
	return (heap_bytes() - before) / suspects;
}

int main(int count, char **arguments)
{
	uint32_t hosts = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 1000, suspects = hosts / 100 + 10;
	static struct bench bench;
	suspects = suspects < SUSPECTS_MOST ? suspects : SUSPECTS_MOST;
	correlate_settings_default(&bench.settings);
	bench.settings.hosts_max = 2 * hosts + suspects;
	bench.partition = correlate_partition_new(&bench.settings, 0, 1);
	double before = heap_bytes();
	idle_round(&bench, hosts, BEGIN_S);
	uint64_t first = bench.observations;
	double begin = seconds();
	for (int round = 1; round < ROUNDS; round++)
		idle_round(&bench, hosts, BEGIN_S + 60 * round);
	double ns = (seconds() - begin) * 1e9 / (double)(bench.observations - first), idle = (heap_bytes() - before) / hosts;
	keep_state(&bench);
	size_t state_bytes = 0, states = bench.states;
	for (size_t i = 0; i < states; i++)
		state_bytes += bench.keys[i].size + bench.values[i].size;
	correlate_partition_free(bench.partition);
	double restored = restore(&bench);
	struct correlate_figures figures;
	correlate_figures(bench.partition, &figures);
	if (figures.hosts != hosts) {
		fprintf(stderr, "%u hosts restored, not %u\n", figures.hosts, hosts);
		return 1;
	}
	double suspect = suspect_bytes(&bench, suspects, BEGIN_S + 60 * ROUNDS);
	printf("{\"hosts\":%u,\"ns_per_observation\":%.0f,\"bytes_per_idle_host\":%.0f,\"state_bytes_per_host\":%.0f,\"suspects\":%u,\"bytes_per_suspect\":%.0f,\"restore_s\":%.2f}\n",
		hosts, ns, idle, (double)state_bytes / hosts, suspects, suspect, restored);
	correlate_partition_free(bench.partition);
	effects_release(&bench.effects);
	for (size_t i = 0; i < states; i++) {
		buffer_release(&bench.keys[i]);
		buffer_release(&bench.values[i]);
	}
	free(bench.keys);
	free(bench.values);
	return 0;
}
