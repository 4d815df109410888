#include "scenario_world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { HOSTS_MAX = 1000, PLACES_MAX = 64, PROGRAMS_MAX = 4 };
#define DELIVERY SPAN_MS(50)

struct host {
	struct str name, written, address, collector;
	/* its clock: `offset` at `since`, changing by `rate` until `until` */
	struct span offset, since, until;
	double rate;
	struct span delay_least, delay_most, batch, grain;
	bool rounded, quiet;
	double stray_share, twice_share;
	struct span stray, twice_after;
	struct { struct str name; struct span zone; } programs[PROGRAMS_MAX];
	size_t programs_count;
};

/* A time source or a collector. */
struct place {
	struct str name;
	struct span clock;
};

struct scenario_world {
	struct arena arena;
	struct instant begin;
	struct host hosts[HOSTS_MAX];
	size_t hosts_count;
	struct place sources[PLACES_MAX], collectors[PLACES_MAX];
	size_t sources_count, collectors_count;
	struct scenario_record *records;
	size_t records_count, records_capacity;
	uint64_t random;
	struct buffer text;
};

struct scenario_world *scenario_world_new(void)
{
	struct scenario_world *world = calloc(1, sizeof *world);
	if (!world)
		abort();
	world->random = 2012;
	return world;
}

void scenario_world_begin(struct scenario_world *world, struct instant begin)
{
	world->begin = begin;
}

void scenario_world_free(struct scenario_world *world)
{
	arena_release(&world->arena);
	buffer_release(&world->text);
	free(world->records);
	free(world);
}

static double chance(struct scenario_world *world)
{
	world->random = world->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (double)(world->random >> 11) / 9007199254740992.0;
}

static struct host *host_of(struct scenario_world *world, struct str name)
{
	for (size_t i = 0; i < world->hosts_count; i++)
		if (str_equal(world->hosts[i].name, name))
			return &world->hosts[i];
	if (world->hosts_count == HOSTS_MAX)
		return NULL;
	world->hosts[world->hosts_count] = (struct host){.name = name, .written = name, .delay_least = DELIVERY, .delay_most = DELIVERY, .grain = SPAN_MS(1)};
	return &world->hosts[world->hosts_count++];
}

bool scenario_world_host(struct scenario_world *world, struct str name)
{
	return host_of(world, name) != NULL;
}

static struct place *place_of(struct place *places, size_t *count, struct str name)
{
	size_t i = 0;
	while (i < *count && !str_equal(places[i].name, name))
		i++;
	if (i == *count && i < PLACES_MAX)
		places[(*count)++] = (struct place){.name = name};
	return i < PLACES_MAX ? &places[i] : &places[PLACES_MAX - 1];
}

static struct span clock_at(const struct host *host, struct span at)
{
	int64_t upto = host->until.ns < at.ns ? host->until.ns : at.ns;
	return (struct span){host->offset.ns + (int64_t)llround(host->rate * (double)(upto - host->since.ns))};
}

/* ---- one record ---- */
static void add_stamp(struct buffer *out, struct instant at, struct span grain, bool rounded)
{
	char text[INSTANT_TEXT_MAX];
	int64_t whole = at.ns + (rounded ? grain.ns / 2 : 0), rest = whole % grain.ns;
	struct str stamp = instant_text((struct instant){whole - (rest < 0 ? rest + grain.ns : rest)}, text);
	if (grain.ns >= SECOND_NS) /* no fraction: it never had one */
		buffer_printf(out, "%.*sZ", 19, stamp.data);
	else
		buffer_add_str(out, stamp);
}

static void keep(struct scenario_world *world, struct instant arrived, struct span collector, struct str head, struct str tail)
{
	char text[INSTANT_TEXT_MAX];
	if (world->records_count == world->records_capacity) {
		world->records_capacity = world->records_capacity ? world->records_capacity * 2 : 1024;
		world->records = realloc(world->records, world->records_capacity * sizeof *world->records);
		if (!world->records)
			abort();
	}
	struct instant collected = instant_plus(arrived, collector);
	collected.ns -= collected.ns % 1000000;
	struct str bytes = arena_printf(&world->arena, "%.*s\"ingested\":\"%.*s\"%.*s", STR_ARGS(head), STR_ARGS(instant_text(collected, text)), STR_ARGS(tail));
	world->records[world->records_count] = (struct scenario_record){arrived, collected, world->records_count, bytes};
	world->records_count++;
}

/* An ECS document: stamped by the host's clock (and `zone`), collected after its delay. `rest` follows the message. */
static void write_record(struct scenario_world *world, struct host *host, struct span at, struct span delay, struct span zone, const char *dataset,
	struct str program, struct str message, struct str rest)
{
	struct buffer head = {0}, tail = {0};
	struct instant said = instant_plus(instant_plus(instant_plus(world->begin, at), clock_at(host, at)), zone);
	if (host->stray_share > 0 && chance(world) < host->stray_share)
		said = instant_plus(said, host->stray);
	buffer_add_str(&head, STR("{\"@timestamp\":\""));
	add_stamp(&head, said, host->grain, host->rounded);
	buffer_add_str(&head, STR("\",\"event\":{"));
	buffer_printf(&tail, ",\"dataset\":\"%s\"},\"process\":{\"name\":\"%.*s\"},\"host\":{\"name\":", dataset, STR_ARGS(program));
	buffer_add_json(&tail, host->written);
	if (host->address.size)
		buffer_printf(&tail, ",\"ip\":\"%.*s\"", STR_ARGS(host->address));
	buffer_add_str(&tail, STR("},\"message\":"));
	buffer_add_json(&tail, message);
	buffer_printf(&tail, "%.*s}", STR_ARGS(rest));
	struct span on_its_way = instant_minus(instant_plus(instant_plus(world->begin, at), delay), world->begin);
	if (host->batch.ns > 0)
		on_its_way.ns = (on_its_way.ns / host->batch.ns + 1) * host->batch.ns;
	struct span collector = host->collector.size ? place_of(world->collectors, &world->collectors_count, host->collector)->clock : (struct span){0};
	keep(world, instant_plus(world->begin, on_its_way), collector, buffer_str(&head), buffer_str(&tail));
	if (host->twice_share > 0 && chance(world) < host->twice_share)
		keep(world, instant_plus(instant_plus(world->begin, on_its_way), host->twice_after), collector, buffer_str(&head), buffer_str(&tail));
	buffer_release(&head);
	buffer_release(&tail);
}

static struct span delay_of(struct scenario_world *world, const struct host *host)
{
	return (struct span){host->delay_least.ns + (int64_t)(chance(world) * (double)(host->delay_most.ns - host->delay_least.ns))};
}

/* {now}, {now+5m}: the host's clock; {true-10s}: true time. RFC 3339, whole seconds. Any other brace stands for itself. */
static void expand(struct scenario_world *world, const struct host *host, struct span at, struct str text, struct buffer *out)
{
	char time[INSTANT_TEXT_MAX];
	while (text.size) {
		ptrdiff_t close = text.data[0] == '{' ? str_find_byte(text, '}') : -1;
		struct str inside = close > 0 ? (struct str){text.data + 1, (size_t)close - 1} : STR_NONE;
		bool now = str_starts(inside, STR("now")), truth = str_starts(inside, STR("true"));
		struct span by = {0};
		struct str shift = str_from(inside, now ? 3 : 4);
		if (close < 0 || (!now && !truth) || (shift.size && !scenario_span(shift, &by))) {
			buffer_add_byte(out, text.data[0]);
			text = str_from(text, 1);
			continue;
		}
		struct instant said = instant_plus(instant_plus(world->begin, at), now ? clock_at(host, at) : (struct span){0});
		instant_text((struct instant){instant_plus(said, by).ns / SECOND_NS * SECOND_NS}, time);
		buffer_printf(out, "%.19sZ", time);
		text = str_from(text, (size_t)close + 1);
	}
}

static void say(struct scenario_world *world, struct host *host, struct span at, struct span delay, struct str program, struct str text)
{
	buffer_reset(&world->text);
	expand(world, host, at, text, &world->text);
	write_record(world, host, at, delay.ns < 0 ? delay_of(world, host) : delay, (struct span){0}, "app", program, buffer_str(&world->text), STR_NONE);
}

void scenario_world_chatter(struct scenario_world *world, struct span at)
{
	static const struct str text = {"request served in 12 ms", 23};
	for (size_t i = 0; i < world->hosts_count; i++) {
		struct host *host = &world->hosts[i];
		if (host->quiet)
			continue;
		write_record(world, host, at, delay_of(world, host), (struct span){0}, "app", STR("app"), text, STR_NONE);
		for (size_t k = 0; k < host->programs_count; k++)
			write_record(world, host, at, delay_of(world, host), host->programs[k].zone, "app", host->programs[k].name, text, STR_NONE);
	}
}

/* ---- telemetry ---- */
/* chronyc's form of a reference id: an IPv4 address as eight hex digits, else a hash of the name. */
static void add_reference_id(struct buffer *out, struct str source)
{
	unsigned a, b, c, d;
	char text[64];
	snprintf(text, sizeof text, "%.*s", STR_ARGS(source));
	if (sscanf(text, "%u.%u.%u.%u", &a, &b, &c, &d) == 4)
		buffer_printf(out, "%02X%02X%02X%02X", a & 255, b & 255, c & 255, d & 255);
	else
		buffer_printf(out, "%08X", (unsigned)(str_hash(source, 0) >> 33 | 1));
}

/* As `chronyc -c tracking` prints it: its System time is what must be ADDED to the clock. */
static void measure(struct scenario_world *world, struct host *host, struct span at, const struct scenario_ntp *ntp)
{
	struct buffer *row = &world->text;
	struct span clock = clock_at(host, at), offset = ntp->offset;
	if (!ntp->offset_given)
		offset.ns = clock.ns - place_of(world->sources, &world->sources_count, ntp->source)->clock.ns;
	struct span ago = {ntp->heard_then ? at.ns - ntp->heard.ns : ntp->heard.ns};
	struct instant heard = instant_plus(instant_plus(world->begin, at), (struct span){clock.ns - offset.ns - ago.ns});
	buffer_reset(row);
	if (ntp->unsynchronised) {
		buffer_add_str(row, STR("00000000,,0,0.000000000,0.000000000,0.0,0.0,0.0,0.0,0.0,1.000000000,1.000000000,0.0,Not synchronised"));
	} else {
		if (ntp->local)
			buffer_add_str(row, STR("7F7F0101,,10"));
		else {
			add_reference_id(row, ntp->source);
			buffer_printf(row, ",%.*s,%d", STR_ARGS(ntp->source), (int)ntp->stratum);
		}
		buffer_printf(row, ",%.9f,%.9f,0.000001000,0.000002000,-7.000,0.001,0.100,%.9f,%.9f,64.0,%.*s", (double)heard.ns * 1e-9,
			-span_seconds(offset), span_seconds(ntp->bound), span_seconds(ntp->bound) / 2, STR_ARGS(ntp->leap));
	}
	struct str rest = ntp->sources_untold ? STR(",\"ntp\":{\"kind\":\"tracking\"}")
		: arena_printf(&world->arena, ",\"ntp\":{\"kind\":\"tracking\",\"sources_usable\":%d}", (int)ntp->sources);
	write_record(world, host, at, ntp->delay_given ? ntp->delay : delay_of(world, host), (struct span){0}, "chrony.tracking", STR("chronyc"),
		arena_copy(&world->arena, buffer_str(row)), rest);
}

/* A row of `chronyc -c sources`. */
static void see_source(struct scenario_world *world, struct host *host, struct span at, const struct scenario_step *step)
{
	struct str row = arena_printf(&world->arena, "^,%.*s,%.*s,2,6,377,10,%.9f,%.9f,0.000100000", STR_ARGS(step->other), STR_ARGS(step->text),
		span_seconds(step->first), span_seconds(step->first));
	write_record(world, host, at, delay_of(world, host), (struct span){0}, "chrony.sources", STR("chronyc"), row, STR(",\"ntp\":{\"kind\":\"sources\"}"));
}

/* ---- steps ---- */
static void set_clock(struct host *host, struct span at, const struct scenario_step *step)
{
	struct span now = clock_at(host, at);
	double over = (double)step->second.ns;
	host->offset = over > 0 ? now : step->first;
	host->since = at;
	host->until = over > 0 ? span_plus(at, step->second) : at;
	host->rate = over > 0 ? (double)(step->first.ns - now.ns) / over : 0;
}

static void set_drift(struct host *host, struct span at, double ppm)
{
	host->offset = clock_at(host, at);
	host->since = at;
	host->until = (struct span){INT64_MAX};
	host->rate = ppm * 1e-6;
}

void scenario_world_step(struct scenario_world *world, const struct scenario_step *step, struct span at)
{
	struct host *host = step->deed < DEED_HOST_COUNT ? host_of(world, step->name) : NULL;
	switch (step->deed) {
	case DEED_CLOCK: set_clock(host, at, step); break;
	case DEED_DRIFT: set_drift(host, at, step->number); break;
	case DEED_NTP: measure(world, host, at, &step->ntp); break;
	case DEED_SEES: see_source(world, host, at, step); break;
	case DEED_LOG: say(world, host, at, step->first, step->other, step->text); break;
	case DEED_QUIET: host->quiet = true; break;
	case DEED_TALKS: host->quiet = false; break;
	case DEED_DELAY:
		host->delay_least = step->first;
		host->delay_most = step->second;
		break;
	case DEED_BATCH: host->batch = step->first; break;
	case DEED_GRAIN:
		host->grain = step->first;
		host->rounded = step->flag;
		break;
	case DEED_STRAY:
		host->stray_share = step->number / 100;
		host->stray = step->first;
		break;
	case DEED_PROGRAM:
		if (host->programs_count < PROGRAMS_MAX) {
			host->programs[host->programs_count].name = step->text;
			host->programs[host->programs_count++].zone = step->first;
		}
		break;
	case DEED_TWICE:
		host->twice_share = step->number / 100;
		host->twice_after = step->first;
		break;
	case DEED_THROUGH: host->collector = step->text; break;
	case DEED_ADDRESS: host->address = step->text; break;
	case DEED_NAMED: host->written = step->text; break;
	case DEED_SOURCE: place_of(world->sources, &world->sources_count, step->name)->clock = step->first; break;
	case DEED_COLLECTOR: place_of(world->collectors, &world->collectors_count, step->name)->clock = step->first; break;
	default: break;
	}
}

static int by_collection(const void *a, const void *b)
{
	const struct scenario_record *left = a, *right = b;
	if (left->collected.ns != right->collected.ns)
		return left->collected.ns < right->collected.ns ? -1 : 1;
	return (left->order > right->order) - (left->order < right->order);
}

const struct scenario_record *scenario_world_records(struct scenario_world *world, size_t *out_count)
{
	qsort(world->records, world->records_count, sizeof *world->records, by_collection);
	*out_count = world->records_count;
	return world->records;
}
