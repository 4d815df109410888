#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "fleet_parts.h"

/* splitmix64 (Steele, Lea, Flood 2014): one word of state, the same everywhere. */
static uint64_t draw(struct fleet *fleet)
{
	uint64_t z = fleet->random += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

int64_t fleet_between(struct fleet *fleet, int64_t low, int64_t high)
{
	assert(low <= high);
	return low + (int64_t)(draw(fleet) % (uint64_t)(high - low + 1));
}

struct span fleet_milliseconds(struct fleet *fleet, int64_t low, int64_t high)
{
	return SPAN_MS(fleet_between(fleet, low, high));
}

/* ---- the clocks ---- */

bool fleet_fault_stands(const struct fleet_host *host, struct instant at)
{
	return host->fault != FAULT_NONE && !instant_before(at, host->onset);
}

/* What the host's clock shows minus true time. */
struct span fleet_clock_offset(const struct fleet_host *host, struct instant at)
{
	return fleet_fault_stands(host, at) ? span_plus(host->error, host->offset) : host->error;
}

struct instant fleet_host_time(const struct fleet_host *host, struct instant at)
{
	return instant_plus(at, fleet_clock_offset(host, at));
}

void fleet_source_address(const struct fleet *fleet, unsigned source, char out[20])
{
	snprintf(out, 20, "10.%u.0.%u", fleet->network, source);
}

/* ---- who, what and when ---- */

static void name_hosts(struct fleet *fleet)
{
	static const struct { enum fleet_role role; const char *word; int count; } cast[] = {
		{ROLE_WEB, "web", 5}, {ROLE_API, "api", 4}, {ROLE_DB, "db", 3}, {ROLE_NODE, "node", 4}, {ROLE_BUILD, "build", 2}, {ROLE_MAIL, "mail", 1},
		{ROLE_IDP, "idp", 1}, {ROLE_KDC, "kdc", 1}, {ROLE_LOG, "logs", 1}, {ROLE_NS, "ns", 2},
	};
	const char *site = site_names[(size_t)fleet_between(fleet, 0, COUNT(site_names) - 1)];
	int style = (int)fleet_between(fleet, 0, 2), first = (int)fleet_between(fleet, 1, 40);
	fleet->network = (unsigned)fleet_between(fleet, 16, 99);
	for (size_t i = 0; i < COUNT(cast); i++) {
		for (int k = 0; k < cast[i].count; k++) {
			struct fleet_host *host = &fleet->hosts[fleet->hosts_count++];
			assert(fleet->hosts_count <= FLEET_HOSTS_MAX);
			host->role = cast[i].role;
			if (style == 0)
				snprintf(host->name, sizeof host->name, "%s-%s-%02d", site, cast[i].word, first + k);
			else if (style == 1)
				snprintf(host->name, sizeof host->name, "%s%02d-%s", cast[i].word, first + k, site);
			else
				snprintf(host->name, sizeof host->name, "%s-%02d", cast[i].word, first + k);
			snprintf(host->address, sizeof host->address, "10.%u.%zu.%d", fleet->network, i + 1, 10 + k);
			host->error = (struct span){fleet_between(fleet, -90000, 90000)};
			host->first_source = (unsigned)fleet_between(fleet, 11, 14);
			host->onset = fleet->start;
		}
	}
}

/* A host that is still right, of the roles whose faults the demo may tell. */
static struct fleet_host *choose(struct fleet *fleet)
{
	for (;;) {
		struct fleet_host *host = &fleet->hosts[fleet_between(fleet, 0, (int64_t)fleet->hosts_count - 1)];
		if (host->fault == FAULT_NONE && host->role <= ROLE_BUILD)
			return host;
	}
}

/* 40 s to 14 min: far from multiples of 900 s, which look like time zones; on both sides of Kerberos's 300 s. */
static struct span size_of_fault(struct fleet *fleet)
{
	struct span span = fleet_milliseconds(fleet, 40000, 260000);
	return fleet_between(fleet, 0, 1) ? span : span_plus(span, SPAN_S(300));
}

static struct fleet_fault *new_fault(struct fleet *fleet, struct fleet_host *host, enum fault_kind kind, struct instant onset)
{
	assert(fleet->faults_count < COUNT(fleet->faults));
	struct fleet_fault *fault = &fleet->faults[fleet->faults_count++];
	host->fault = kind;
	host->onset = onset;
	fault->onset = onset;
	fault->suspects[0] = fault->affected[0] = str_of(host->name);
	fault->suspects_count = fault->affected_count = 1;
	return fault;
}

static void set_offset(struct fleet_fault *fault, struct fleet_host *host, struct span offset)
{
	host->offset = offset;
	fault->offset_s = span_seconds(offset);
	fault->direction = offset.ns < 0 ? DIRECTION_BEHIND : DIRECTION_AHEAD;
}

static void plan_behind(struct fleet *fleet)
{
	struct fleet_host *host = choose(fleet);
	struct fleet_fault *fault = new_fault(fleet, host, FAULT_BEHIND, fleet->start);
	set_offset(fault, host, (struct span){-size_of_fault(fleet).ns});
	fault->causes[0] = "uncorrected", fault->causes[1] = "step";
	fault->words = arena_printf(&fleet->arena, "%s is %.1f s behind: its chronyd sees it but may not set the clock", host->name, -fault->offset_s);
}

static void plan_step(struct fleet *fleet)
{
	struct fleet_host *host = choose(fleet);
	struct fleet_fault *fault = new_fault(fleet, host, FAULT_STEPPED, instant_plus(fleet->start, fleet_milliseconds(fleet, 240000, 360000)));
	set_offset(fault, host, size_of_fault(fleet));
	fault->causes[0] = "step", fault->causes[1] = "uncorrected", fault->causes[2] = "tamper";
	fault->words = arena_printf(&fleet->arena, "%s is set %.1f s ahead in minute %d", host->name, fault->offset_s,
		(int)(instant_minus(fault->onset, fleet->start).ns / (60 * SECOND_NS)));
}

static void plan_wrong_servers(struct fleet *fleet)
{
	struct fleet_host *one = choose(fleet);
	struct fleet_fault *fault = new_fault(fleet, one, FAULT_WRONG_SERVER, fleet->start);
	struct fleet_host *two = choose(fleet);
	set_offset(fault, one, size_of_fault(fleet));
	two->fault = FAULT_WRONG_SERVER;
	two->offset = one->offset;
	one->first_source = two->first_source = 21;
	fault->suspects[0] = arena_printf(&fleet->arena, "ntp:10.%u.0.21", fleet->network);
	fault->suspects[1] = arena_printf(&fleet->arena, "ntp:10.%u.0.22", fleet->network);
	fault->affected[1] = str_of(two->name);
	fault->suspects_count = fault->affected_count = 2;
	fault->causes[0] = "shared_source", fault->causes[1] = "false_sync";
	fault->words = arena_printf(&fleet->arena, "the time servers 10.%u.0.21 and .22 are %.1f s ahead, and %s and %s follow them: their NTP looks perfect",
		fleet->network, fault->offset_s, one->name, two->name);
}

static void plan_lost_sources(struct fleet *fleet)
{
	struct fleet_host *host = choose(fleet);
	struct fleet_fault *fault = new_fault(fleet, host, FAULT_LOST_SOURCES, instant_plus(fleet->start, fleet_milliseconds(fleet, 240000, 330000)));
	fault->causes[0] = "source_loss", fault->causes[1] = "few_sources", fault->causes[2] = "unsynchronised";
	fault->words = arena_printf(&fleet->arena, "%s loses all its time sources in minute %d; its clock is still right", host->name,
		(int)(instant_minus(fault->onset, fleet->start).ns / (60 * SECOND_NS)));
}

static void plan_lookalike(struct fleet *fleet)
{
	bool expired = fleet_between(fleet, 0, 1) == 0;
	struct fleet_host *host = choose(fleet);
	struct fleet_fault *fault = new_fault(fleet, host, expired ? LOOKALIKE_EXPIRED : LOOKALIKE_POSTDATED, instant_plus(fleet->start, fleet_milliseconds(fleet, 60000, 180000)));
	fault->lookalike = true;
	fault->words = arena_printf(&fleet->arena, "%s meets %s; its clock is right", host->name,
		expired ? "a certificate that has truly expired" : "credentials that were dated into the future");
}

static int by_delivery(const void *a, const void *b)
{
	const struct fleet_entry *one = a, *two = b;
	if (one->record.collected.ns != two->record.collected.ns)
		return one->record.collected.ns < two->record.collected.ns ? -1 : 1;
	return one->sequence < two->sequence ? -1 : one->sequence > two->sequence;
}

struct fleet *fleet_new(uint64_t seed, struct instant start)
{
	struct fleet *fleet = calloc(1, sizeof *fleet);
	if (!fleet)
		abort();
	fleet->random = seed * 0xd1342543de82ef95u + 1; /* neighbouring seeds start far apart */
	fleet->start = start = (struct instant){start.ns - start.ns % 1000000}; /* stamps are whole milliseconds */
	fleet->end = instant_plus(start, SPAN_S(60 * FLEET_MINUTES));
	name_hosts(fleet);
	plan_behind(fleet);
	plan_step(fleet);
	if (fleet_between(fleet, 0, 2) > 0)
		plan_wrong_servers(fleet);
	else
		plan_lost_sources(fleet);
	plan_lookalike(fleet);
	for (size_t i = 0; i < fleet->hosts_count; i++) {
		const struct fleet_host *host = &fleet->hosts[i];
		fleet_write_logs(fleet, host);
		fleet_write_telemetry(fleet, host);
	}
	qsort(fleet->entries, fleet->count, sizeof *fleet->entries, by_delivery);
	return fleet;
}

void fleet_free(struct fleet *fleet)
{
	if (!fleet)
		return;
	arena_release(&fleet->arena);
	buffer_release(&fleet->text);
	buffer_release(&fleet->message);
	free(fleet->entries);
	free(fleet);
}

bool fleet_next(struct fleet *fleet, struct fleet_record *out)
{
	if (fleet->next == fleet->count)
		return false;
	*out = fleet->entries[fleet->next++].record;
	return true;
}

size_t fleet_size(const struct fleet *fleet)
{
	return fleet->count;
}

const struct fleet_fault *fleet_truth(const struct fleet *fleet, size_t *out_count)
{
	*out_count = fleet->faults_count;
	return fleet->faults;
}
