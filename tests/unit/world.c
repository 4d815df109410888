#include "world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t BEGIN_S = 1795399200; /* 2026-11-23T02:00:00Z */

static struct instant at(double seconds)
{
	return instant_plus(instant_of_seconds(BEGIN_S), span_of_seconds(seconds));
}

static double chance(struct world *world)
{
	world->random = world->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (double)(world->random >> 11) / 9007199254740992.0;
}

struct world *world_new(uint32_t partitions, uint64_t seed)
{
	struct world *world = calloc(1, sizeof *world);
	assert(world);
	correlate_settings_default(&world->settings);
	world->count = partitions;
	world->random = seed;
	world->next_digest = 1;
	for (uint32_t i = 0; i < partitions; i++)
		world->partitions[i] = correlate_partition_new(&world->settings, i, partitions);
	return world;
}

void world_free(struct world *world)
{
	for (uint32_t i = 0; i < world->count; i++) {
		correlate_partition_free(world->partitions[i]);
		for (size_t k = 0; k < world->state_count[i]; k++) {
			buffer_release(&world->state[i][k].key);
			buffer_release(&world->state[i][k].value);
		}
		free(world->state[i]);
	}
	effects_release(&world->effects);
	buffer_release(&world->text);
	free(world);
}

struct world_host *world_host(struct world *world, const char *name)
{
	for (size_t i = 0; i < world->hosts_count; i++)
		if (strcmp(world->hosts[i].name, name) == 0)
			return &world->hosts[i];
	assert(world->hosts_count < WORLD_HOSTS);
	struct world_host *host = &world->hosts[world->hosts_count++];
	*host = (struct world_host){.delay = 0.3, .grain = 0.001, .telemetry = true, .usable = 3, .ntp_delay = 0.01};
	snprintf(host->name, sizeof host->name, "%s", name);
	snprintf(host->source, sizeof host->source, "ntp1");
	return host;
}

void world_fleet(struct world *world, int count)
{
	for (int i = 0; i < count; i++) {
		char name[WORLD_TEXT];
		snprintf(name, sizeof name, "good-%02d", i);
		world_host(world, name);
	}
}

/* ---- state ---- */
static void keep_state(struct world *world, uint32_t p, struct str key, struct str value, bool tombstone)
{
	size_t i = 0;
	while (i < world->state_count[p] && !str_equal(buffer_str(&world->state[p][i].key), key))
		i++;
	if (value.size > world->state_bytes_max)
		world->state_bytes_max = value.size;
	if (i == world->state_count[p]) {
		if (tombstone)
			return;
		if (i == world->state_capacity[p]) {
			world->state_capacity[p] = i ? i * 2 : 64;
			world->state[p] = realloc(world->state[p], world->state_capacity[p] * sizeof *world->state[p]);
			assert(world->state[p]);
		}
		memset(&world->state[p][i], 0, sizeof world->state[p][i]);
		world->state_count[p]++;
		buffer_add_str(&world->state[p][i].key, key);
	}
	buffer_reset(&world->state[p][i].value);
	buffer_add_str(&world->state[p][i].value, value);
	if (!tombstone)
		return;
	buffer_release(&world->state[p][i].key);
	buffer_release(&world->state[p][i].value);
	world->state[p][i] = world->state[p][--world->state_count[p]];
}

/* In the reverse order of the log: the order may not matter. */
static void restart(struct world *world, uint32_t p)
{
	struct str reason;
	correlate_flush(world->partitions[p], &world->effects);
	for (size_t i = 0; i < world->effects.count; i++) {
		const struct effect *effect = &world->effects.items[i];
		assert(effect->kind == EFFECT_STATE);
		keep_state(world, p, effect->state.key, effect->state.value, effect->state.tombstone);
	}
	effects_reset(&world->effects);
	correlate_partition_free(world->partitions[p]);
	world->partitions[p] = correlate_partition_new(&world->settings, p, world->count);
	for (size_t i = world->state_count[p]; i-- > 0;) {
		bool fine = correlate_restore(world->partitions[p], buffer_str(&world->state[p][i].key), buffer_str(&world->state[p][i].value), &reason);
		if (!fine)
			fprintf(stderr, "restore of %.*s: %.*s\n", STR_ARGS(buffer_str(&world->state[p][i].key)), STR_ARGS(reason));
		assert(fine);
	}
	correlate_restored(world->partitions[p]);
}

/* ---- effects ---- */
static void copy_text(char out[WORLD_TEXT], struct str text)
{
	snprintf(out, WORLD_TEXT, "%.*s", STR_ARGS(text));
}

static double seconds_of(struct span span)
{
	return span.ns == INT64_MIN ? -1e300 : span.ns == INT64_MAX ? 1e300 : span_seconds(span);
}

static void take_alert(struct world *world, const struct incident_revision *r)
{
	static const struct alert_settings settings = {.runbook_base = {"r/", 2}, .product_version = {"t", 1}};
	assert(world->alerts_count < WORLD_ALERTS);
	struct world_alert *alert = &world->alerts[world->alerts_count++];
	*alert = (struct world_alert){.revision = r->revision, .kind = r->kind, .state = r->state, .action = r->action, .severity = r->severity, .cause = r->cause,
		.confidence = r->confidence, .direction = r->direction, .correlated = r->correlated, .affected = r->affected_total,
		.at = span_seconds(instant_minus(r->at, at(0))), .low = seconds_of(r->now.low), .high = seconds_of(r->now.high)};
	copy_text(alert->id, r->id);
	copy_text(alert->suspect, r->suspect);
	copy_text(alert->inhibited_by, r->inhibited_by);
	alert_write(r, ALERT_JSON, &settings, &world->text);
	buffer_add_byte(&world->text, '\n');
}

static void take_trust(struct world *world, const struct trust_record *r)
{
	assert(world->trust_count < WORLD_ALERTS);
	struct world_trust *trust = &world->trust[world->trust_count++];
	*trust = (struct world_trust){.from = span_seconds(instant_minus(r->from, at(0))), .to = instant_known(r->to) ? span_seconds(instant_minus(r->to, at(0))) : -1,
		.low = seconds_of(r->interval.low), .high = seconds_of(r->interval.high), .state = (int)r->state};
	copy_text(trust->host, r->host);
	copy_text(trust->incident, r->incident);
}

static void step(struct world *world, uint32_t p, const struct observation *observation);

struct carried {
	uint32_t to;
	struct buffer key, value;
};

static void step(struct world *world, uint32_t p, const struct observation *observation)
{
	struct carried *carried = NULL;
	size_t count = 0;
	correlate_step(world->partitions[p], observation, &world->effects);
	for (size_t i = 0; i < world->effects.count; i++) {
		const struct effect *effect = &world->effects.items[i];
		if (effect->kind == EFFECT_ALERT)
			take_alert(world, effect->alert);
		if (effect->kind == EFFECT_TRUST)
			take_trust(world, effect->trust);
		if (effect->kind == EFFECT_FINDING && world->findings_count < 200) {
			snprintf(world->findings[world->findings_count].name, 32, "%s", effect->finding.name);
			snprintf(world->findings[world->findings_count].detail, 160, "%.*s", STR_ARGS(effect->finding.detail));
			copy_text(world->findings[world->findings_count++].subject, effect->finding.subject);
		}
		if (effect->kind != EFFECT_FEEDBACK)
			continue;
		carried = realloc(carried, (count + 1) * sizeof *carried);
		assert(carried);
		carried[count] = (struct carried){.to = effect->feedback.partition};
		buffer_add_str(&carried[count].key, effect->feedback.observation->subject);
		bool packed = observation_pack(effect->feedback.observation, &carried[count].value);
		assert(packed);
		count++;
	}
	effects_reset(&world->effects);
	if (world->restart_every && ++world->steps % world->restart_every == 0)
		restart(world, p);
	for (size_t i = 0; i < count; i++) {
		struct arena arena = {0};
		struct observation feedback;
		struct str reason;
		bool unpacked = observation_unpack(buffer_str(&carried[i].value), buffer_str(&carried[i].key), &arena, &feedback, &reason);
		assert(unpacked);
		step(world, carried[i].to, &feedback);
		arena_release(&arena);
		buffer_release(&carried[i].key);
		buffer_release(&carried[i].value);
	}
	free(carried);
}

static void send(struct world *world, const struct observation *observation)
{
	step(world, observation_partition(observation->subject, world->count), observation);
}

/* ---- what hosts say ---- */
static double reference_of(const struct world *world, const struct world_host *host, double delay)
{
	return world->now + delay + host->collector;
}

/* One record's stamp. */
static struct stamp stamp_of(const struct world_host *host, double delay)
{
	double x = host->offset - delay - host->collector;
	if (host->grain >= 1)
		x -= 0.4; /* cut to whole seconds */
	return (struct stamp){true, span_of_seconds(x), span_of_seconds(host->grain)};
}

static void say_logs(struct world *world, struct world_host *host, const char *stream, double by)
{
	struct observation o = {.kind = OBSERVATION_TRANSIT, .subject = str_of(host->name), .reference_kind = REFERENCE_COLLECTED, .host_said = INSTANT_NONE, .input = STR("logs/0")};
	o.transit = (struct transit_observation){.stream = str_of(stream), .grain = span_of_seconds(host->grain), .lowest = {INT64_MAX}};
	double begin = (double)(int64_t)(reference_of(world, host, 0) / 10) * 10;
	o.transit.start = at(begin);
	for (int i = 0; i < 4; i++) {
		double delay = host->delay + 0.6 * chance(world) * (i + 1) / 4;
		double x = stamp_of(host, delay).x.ns / 1e9 + by;
		if (host->stray_share > 0 && chance(world) < host->stray_share)
			x += host->stray_by;
		struct span span = span_of_seconds(x);
		if (span.ns < o.transit.lowest.ns)
			o.transit.lowest = span;
		o.transit.count++;
		uint32_t k = o.transit.top_count < TRANSIT_TOP ? o.transit.top_count++ : TRANSIT_TOP - 1;
		if (k == TRANSIT_TOP - 1 && i == 3 && span.ns <= o.transit.top[k].x.ns)
			continue;
		for (; k > 0 && o.transit.top[k - 1].x.ns < span.ns; k--)
			o.transit.top[k] = o.transit.top[k - 1];
		o.transit.top[k].x = span;
		o.transit.top[k].reference = at(begin + 1 + 2 * i);
	}
	o.reference = at(begin + 9.9);
	send(world, &o);
}

static void say_clock(struct world *world, struct world_host *host)
{
	double reference = reference_of(world, host, host->ntp_delay);
	struct observation o = {.kind = OBSERVATION_CLOCK, .subject = str_of(host->name), .reference = at(reference), .reference_kind = REFERENCE_COLLECTED,
		.host_said = at(world->now + host->offset), .stamp = stamp_of(host, host->ntp_delay), .digest = world->next_digest++, .input = STR("ntp/0"), .program = STR("chronyc")};
	o.clock = (struct clock_observation){.fields = CLOCK_OFFSET | CLOCK_ROOT_DELAY | CLOCK_ROOT_DISPERSION | CLOCK_LEAP | CLOCK_STRATUM | CLOCK_REFERENCE_ID
			| CLOCK_SYNCHRONISED | CLOCK_SOURCES_USABLE, .root_delay = SPAN_MS(1), .root_dispersion = SPAN_MS(1), .leap = host->leap_insert ? LEAP_INSERT : LEAP_NORMAL,
		.synchronised = true, .stratum = 2, .reference_id = STR("0A4D0001"), .source = str_of(host->source), .sources_usable = host->usable};
	o.clock.offset = span_of_seconds(host->offset - host->phi + 0.0004 * (chance(world) - 0.5));
	if (host->unsynchronised) {
		o.clock.synchronised = false;
		o.clock.leap = LEAP_UNSYNCHRONISED;
		o.clock.stratum = 0;
		o.clock.reference_id = STR("00000000");
		o.clock.offset = (struct span){0};
		o.clock.source = STR_NONE;
	}
	send(world, &o);
	if (host->unsynchronised)
		return;
	struct observation row = {.kind = OBSERVATION_SOURCE, .subject = o.subject, .reference = o.reference, .reference_kind = REFERENCE_COLLECTED, .host_said = o.host_said,
		.stamp = o.stamp, .digest = world->next_digest++, .input = STR("ntp/0")};
	row.source = (struct source_observation){.source = str_of(host->source), .state = '*', .reached = true, .stratum = 1};
	send(world, &row);
}

void world_symptom(struct world *world, struct world_host *host, enum issuer issuer, enum symptom_class class, enum symptom_shape shape, enum direction direction,
	double magnitude, const char *peer)
{
	struct observation o = {.kind = OBSERVATION_SYMPTOM, .subject = str_of(host->name), .reference = at(reference_of(world, host, host->delay)),
		.reference_kind = REFERENCE_COLLECTED, .host_said = at(world->now + host->offset), .stamp = stamp_of(host, host->delay), .digest = world->next_digest++,
		.input = STR("logs/0"), .sample = STR("a line"), .coordinates = {STR("logs"), 0, (int64_t)world->next_digest}};
	o.symptom = (struct symptom_observation){.class = class, .issuer = issuer, .subject = SYMPTOM_SELF, .direction = direction, .shape = shape,
		.magnitude_kind = magnitude > 0 ? MAGNITUDE_EXACT : MAGNITUDE_NONE, .magnitude = span_of_seconds(magnitude), .peer = str_of(peer), .rule = STR("rule"),
		.title = STR("title"), .ruleset = 7};
	send(world, &o);
}

void world_jump(struct world *world, struct world_host *host, double by, bool set_time)
{
	struct observation o = {.kind = OBSERVATION_JUMP, .subject = str_of(host->name), .reference = at(reference_of(world, host, host->delay)),
		.reference_kind = REFERENCE_COLLECTED, .host_said = at(world->now + host->offset), .stamp = stamp_of(host, host->delay), .digest = world->next_digest++,
		.input = STR("logs/0")};
	o.jump = (struct jump_observation){.step_known = by != 0, .step = span_of_seconds(by), .set_time_event = set_time, .rule = STR("jump"), .title = STR("jump")};
	send(world, &o);
}

static void say_progress(struct world *world)
{
	struct progress_entry entries[2] = {
		{.input = STR("logs/0"), .reference = at(world->now), .transit = true, .reference_kind = REFERENCE_COLLECTED, .records = 1},
		{.input = STR("ntp/0"), .reference = at(world->now), .transit = true, .reference_kind = REFERENCE_COLLECTED, .telemetry = true, .records = 1}};
	struct observation o = {.kind = OBSERVATION_PROGRESS, .subject = STR("*"), .reference = at(world->now), .reference_kind = REFERENCE_COLLECTED, .host_said = INSTANT_NONE};
	o.progress.count = 2;
	o.progress.entries = entries;
	for (uint32_t p = 0; p < world->count; p++)
		step(world, p, &o);
}

void world_run(struct world *world, double seconds)
{
	for (double end = world->now + seconds; world->now < end - 1e-6; world->now += 5) {
		int64_t tick = (int64_t)(world->now / 5 + 0.5);
		for (size_t i = 0; i < world->hosts_count; i++) {
			struct world_host *host = &world->hosts[i];
			host->offset += host->drift_ppm * 5e-6;
			if (host->silent)
				continue;
			if (tick % 2 == 1) {
				say_logs(world, host, "app", 0);
				if (host->zone_by != 0) { /* two right programs outvote it */
					say_logs(world, host, "cron", 0);
					say_logs(world, host, "odd", host->zone_by);
				}
			}
			if (host->telemetry && tick % 12 == (int64_t)(i % 12))
				say_clock(world, host);
		}
		say_progress(world);
	}
}

/* ---- what came out ---- */
static bool last_of_id(const struct world *world, size_t i)
{
	for (size_t k = i + 1; k < world->alerts_count; k++)
		if (strcmp(world->alerts[k].id, world->alerts[i].id) == 0)
			return false;
	return true;
}

size_t world_incidents(const struct world *world, const char *suspect)
{
	size_t count = 0;
	for (size_t i = 0; i < world->alerts_count; i++)
		count += (!suspect || strcmp(world->alerts[i].suspect, suspect) == 0) && last_of_id(world, i);
	return count;
}

const struct world_alert *world_incident(const struct world *world, const char *suspect)
{
	const struct world_alert *found = NULL;
	for (size_t i = 0; i < world->alerts_count; i++)
		if (strcmp(world->alerts[i].suspect, suspect) == 0 && last_of_id(world, i)) {
			if (found)
				fprintf(stderr, "%s has several incidents\n", suspect);
			assert(!found);
			found = &world->alerts[i];
		}
	return found;
}

bool world_finding(const struct world *world, const char *name, const char *subject)
{
	for (size_t i = 0; i < world->findings_count; i++)
		if (strcmp(world->findings[i].name, name) == 0 && strcmp(world->findings[i].subject, subject) == 0)
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void world_summary(const struct world *world, struct buffer *out)
{
	char *lines[WORLD_ALERTS];
	size_t count = 0;
	for (size_t i = 0; i < world->alerts_count; i++) {
		const struct world_alert *alert = &world->alerts[i];
		if (!last_of_id(world, i))
			continue;
		lines[count] = malloc(256);
		assert(lines[count]);
		snprintf(lines[count++], 256, "%s %s %s %s %s %s\n", alert->suspect, incident_kind_name(alert->kind), cause_name(alert->cause),
			direction_name(alert->direction), severity_name(alert->severity), incident_state_name(alert->state));
	}
	qsort(lines, count, sizeof *lines, by_text);
	for (size_t i = 0; i < count; i++) {
		buffer_add_str(out, str_of(lines[i]));
		free(lines[i]);
	}
}
