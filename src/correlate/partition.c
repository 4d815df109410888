/* The door: one observation in, effects out. The partition's clock comes from the progress of the inputs; everything that waits (feedback,
 * timers, the tick) runs in the order of its due time when that clock passes it. */
#include <stdlib.h>
#include <string.h>

#include "room.h"

static struct str host_key(const void *rows, uint32_t index)
{
	return host_row_name(((struct host_row *const *)rows)[index]);
}
static struct str alias_key(const void *rows, uint32_t index)
{
	return owned_str(&((struct alias *const *)rows)[index]->name);
}
static struct str source_key(const void *rows, uint32_t index)
{
	return owned_str(&((struct source *const *)rows)[index]->name);
}
static struct str peer_name(const void *rows, uint32_t index)
{
	return owned_str(&((struct peer_knowledge *const *)rows)[index]->name);
}
static struct str address_key(const void *rows, uint32_t index)
{
	return owned_str(&((struct address *const *)rows)[index]->name);
}

void correlate_partition_settings(struct correlate_partition *p, const struct correlate_settings *settings)
{
	p->settings = settings;
	for (size_t i = 0; i < CONSTANT_COUNT; i++)
		p->constants[i] = settings->constants[i].ns;
	p->constants[C_SYMPTOM_AGE] = settings->window.ns;
}

struct correlate_partition *correlate_partition_new(const struct correlate_settings *settings, uint32_t partition, uint32_t partitions)
{
	struct correlate_partition *p = calloc(1, sizeof *p);
	if (!p)
		abort();
	correlate_partition_settings(p, settings);
	p->number = partition;
	p->count = partitions;
	p->clock = p->tick = NONE;
	p->knowledge.fault_from = p->knowledge.fault_to = p->knowledge.counted_at = NONE;
	rows_init(&p->hosts, host_key);
	rows_init(&p->aliases, alias_key);
	rows_init(&p->sources, source_key);
	rows_init(&p->peers, peer_name);
	rows_init(&p->addresses, address_key);
	names_init(&p->names);
	timers_init(p);
	pending_init(&p->pending);
	return p;
}

void correlate_partition_free(struct correlate_partition *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; i < p->hosts.count; i++)
		host_row_free(p->hosts.items[i]);
	for (uint32_t i = 0; i < p->sources.count; i++)
		source_free(p->sources.items[i]);
	for (uint32_t i = 0; i < p->peers.count; i++) {
		struct peer_knowledge *peer = p->peers.items[i];
		owned_clear(&peer->name);
		free(peer);
	}
	for (uint32_t i = 0; i < p->addresses.count; i++) {
		struct address *address = p->addresses.items[i];
		owned_clear(&address->name);
		owned_clear(&address->hosts[0]);
		owned_clear(&address->hosts[1]);
		free(address);
	}
	for (uint32_t i = 0; i < p->aliases.count; i++) {
		struct alias *alias = p->aliases.items[i];
		owned_clear(&alias->name);
		free(alias);
	}
	for (uint32_t i = 0; i < p->inputs_count; i++)
		owned_clear(&p->inputs[i].name);
	while (p->pending.count) {
		struct pending pending;
		heap_pop(&p->pending, &pending);
		owned_clear(&pending.subject);
		owned_clear(&pending.value);
	}
	for (uint32_t i = 0; i < p->gone_count; i++)
		owned_clear(&p->gone[i]);
	fleet_forget(p);
	open_release(&p->knowledge.open);
	rows_release(&p->hosts);
	rows_release(&p->aliases);
	rows_release(&p->sources);
	rows_release(&p->peers);
	rows_release(&p->addresses);
	names_release(&p->names);
	free(p->awake);
	hosts_spare_free(p);
	buffer_release(&p->packed);
	arena_release(&p->heard);
	free(p->touched_hosts);
	free(p->inputs);
	heap_release(&p->timers);
	heap_release(&p->pending);
	free(p->gone);
	free(p);
}

struct instant correlate_clock(const struct correlate_partition *p)
{
	return (struct instant){p->clock};
}

void correlate_figures(const struct correlate_partition *p, struct correlate_figures *out)
{
	*out = (struct correlate_figures){.hosts = p->hosts.count, .suspects = p->suspects};
	for (uint32_t i = 0; i < p->hosts.count; i++) {
		out->incidents_open += host_open(p, i);
		out->bytes += host_bytes(p, i);
	}
	for (uint32_t i = 0; i < p->sources.count; i++)
		out->incidents_open += source_at(p, (int32_t)i)->incident.active;
	out->incidents_open += p->fleet && p->fleet->incident.active;
}

/* ---- the clock ---- */
static void tick(struct correlate_partition *p, int64_t now)
{
	struct calibration calibration = calibration_begin(p);
	stances_tell(p, now, &calibration);
	calibration_tell(p, now, &calibration);
	sources_tick(p, now);
	fleet_tick(p, now);
	hosts_tire(p);
	p->touched = true;
}

/* Over a leap (the first time, or a collector whose dead clock was set right) nothing is lived through minute by minute: no ticks,
 * and whoever waits is judged once, where the leap ends. */
static void advance(struct correlate_partition *p, int64_t to)
{
	bool leap = p->clock == NONE || instant_minus((struct instant){to}, (struct instant){p->clock}).ns > 86400 * S_NS;
	if (leap)
		p->tick = to - to % K(TICK);
	for (;;) {
		if (p->timers_until != p->tick + K(TICK))
			timers_gather(p, p->tick + K(TICK));
		int64_t timer = INT64_MAX, feedback = p->pending.count ? ((const struct pending *)(const void *)p->pending.items)->due : INT64_MAX, next = p->tick + K(TICK);
		struct host *host = timer_due(p, to, &timer);
		if (feedback <= to && feedback <= next && feedback <= timer) {
			struct pending pending;
			heap_pop(&p->pending, &pending);
			p->clock = p->clock > pending.due ? p->clock : pending.due;
			int64_t due = pending.due;
			feedback_effect(p, &pending);
			if (p->news_of_sources && (!p->pending.count || ((const struct pending *)(const void *)p->pending.items)->due > due))
				sources_judge(p);
		} else if (next <= to && next <= timer) {
			p->tick = next;
			p->clock = p->clock > next ? p->clock : next;
			tick(p, next);
		} else if (host) {
			int64_t now = leap ? to : timer;
			p->clock = p->clock > now ? p->clock : now;
			timer_set(p, host, NONE);
			host_judge(p, host, now);
		} else {
			break;
		}
		hosts_rest(p);
	}
	p->clock = p->clock > to ? p->clock : to;
	if (p->dirty_sources)
		stances_tell(p, p->clock, NULL);
	p->touched = true;
}

/* The least of the inputs that are not idle; one that stands far behind the median of all is at fault and holds nobody. */
static int64_t least_input(const struct correlate_partition *p)
{
	int64_t *all = calloc(p->inputs_count, sizeof *all);
	int64_t least = INT64_MAX;
	if (!all)
		abort();
	for (uint32_t i = 0; i < p->inputs_count; i++)
		all[i] = p->inputs[i].reference;
	ns_sort(all, p->inputs_count);
	int64_t median = all[p->inputs_count / 2];
	free(all);
	for (uint32_t i = 0; i < p->inputs_count; i++) {
		const struct input *input = &p->inputs[i];
		bool stuck = p->inputs_count >= 3 && input->reference < median - K(STUCK) && input->stalled >= 3;
		if (!input->idle && !stuck && input->reference < least)
			least = input->reference;
	}
	return least;
}

static void take_progress(struct correlate_partition *p, const struct observation *observation)
{
	for (size_t i = 0; i < observation->progress.count; i++) {
		const struct progress_entry *entry = &observation->progress.entries[i];
		struct input *input = input_make(p, entry->input);
		bool moved = input->reference == NONE || entry->reference.ns > input->reference;
		input->stalled = moved ? 0 : input->stalled + 1;
		if (moved)
			input->reference = entry->reference.ns;
		input->idle = entry->idle;
	}
	p->touched = true;
	int64_t least = p->inputs_count ? least_input(p) : INT64_MAX;
	if (least != INT64_MAX && (p->clock == NONE || least > p->clock))
		advance(p, least);
}

/* ---- a host's observation ---- */
/* By what a record is known again; 0: by nothing. */
static uint64_t digest_of(const struct observation *observation)
{
	if (!observation->digest || observation->kind == OBSERVATION_SOURCE || observation->kind == OBSERVATION_TRANSIT)
		return 0; /* a source's row says little and comes often: sample.c drops an old one */
	struct str part = STR_NONE;
	if (observation->kind == OBSERVATION_SYMPTOM)
		part = observation->symptom.rule;
	else if (observation->kind == OBSERVATION_JUMP)
		part = observation->jump.rule;
	return str_hash(part, observation->digest ^ (uint64_t)observation->kind);
}

static bool repeated(struct host *host, const struct observation *observation, uint64_t digest)
{
	bool sample = observation->kind == OBSERVATION_CLOCK;
	if (sample && sample_repeated(host, observation, digest))
		return true;
	const struct digests *seen = host->digests[sample];
	for (int i = 0; seen && i < seen->count; i++)
		if (seen->all[i] == digest)
			return true;
	return false;
}

/* A flood of texts pushes out no sample. */
static void note_digest(struct host *host, const struct observation *observation, uint64_t digest)
{
	struct digests **ring = &host->digests[observation->kind == OBSERVATION_CLOCK];
	struct digests *seen = *ring ? *ring : (*ring = cleared(sizeof **ring));
	if (seen->count < DIGESTS_MAX)
		seen->count++;
	seen->last = observation->reference.ns;
	seen->all[seen->next] = digest;
	seen->next = (uint8_t)((seen->next + 1) % DIGESTS_MAX);
}

static void note_address(struct correlate_partition *p, struct host *host, const struct observation *observation)
{
	if (!observation->address.size || str_equal(owned_str(&host->address), observation->address))
		return;
	owned_set(&host->address, observation->address);
	struct buffer subject = {0};
	buffer_printf(&subject, "ip:%.*s", STR_ARGS(str_first(observation->address, 64)));
	struct feedback feedback = {.kind = FEEDBACK_ADDRESS, .hop = 1, .cause = observation->reference, .address_host = owned_str(&host->name)};
	feedback_send(p, observation_partition(buffer_str(&subject), p->count), buffer_str(&subject), &feedback);
	buffer_release(&subject);
}

static void take_transit(struct correlate_partition *p, struct host *host, const struct observation *observation, int64_t now)
{
	transit_take(p, host, observation);
	name_set(p, &host->log_input, observation->input);
	if (host->suspect || transit_threatens(p, host, observation)) {
		host_judge(p, host_at(p, host->index), now);
		return;
	}
	transit_age(p, host, now);
	transit_slim(host);
}

static void take_of_host(struct correlate_partition *p, const struct observation *observation)
{
	struct host *host = observation->kind == OBSERVATION_TRANSIT ? host_doze(p, observation->subject) : NULL;
	host = host ? host : host_of(p, observation->subject, observation->address, true);
	if (!host) {
		finding_say(p, "hosts_max", observation->subject, "more hosts than hosts_max: this one is not watched");
		return;
	}
	int64_t at = observation->reference.ns;
	uint64_t digest = digest_of(observation);
	if (digest && repeated(host, observation, digest)) {
		finding_say(p, "duplicate", observation->subject, "a record that was seen before");
		return;
	}
	if (digest && observation->kind != OBSERVATION_CLOCK)
		note_digest(host, observation, digest);
	if (observation->kind == OBSERVATION_TRANSIT && observation->transit.top_count)
		for (uint32_t i = 0; i < observation->transit.top_count; i++)
			at = observation->transit.top[i].reference.ns > at ? observation->transit.top[i].reference.ns : at;
	host->first = host->first == NONE || at < host->first ? at : host->first;
	host->last = host->last == NONE || at > host->last ? at : host->last;
	host->reference_kind = (uint8_t)observation->reference_kind;
	int64_t now = host->last > p->clock ? host->last : p->clock;
	note_address(p, host, observation);
	host_touch(p, host);
	switch (observation->kind) {
	case OBSERVATION_CLOCK:
		sample_take(p, host, observation);
		host_judge(p, host, now);
		if (digest && host->suspect)
			note_digest(host, observation, digest);
		break;
	case OBSERVATION_SOURCE: source_row_take(p, host, observation); break;
	case OBSERVATION_SYMPTOM:
		symptom_take(p, host, observation);
		host_judge(p, host, now);
		break;
	case OBSERVATION_JUMP:
		jump_take(p, host, observation);
		host_judge(p, host, now);
		break;
	case OBSERVATION_TRANSIT: take_transit(p, host, observation, now); break;
	default: break;
	}
}

void correlate_step(struct correlate_partition *p, const struct observation *observation, struct effects *out)
{
	p->out = out;
	switch (observation->kind) {
	case OBSERVATION_PROGRESS: take_progress(p, observation); break;
	case OBSERVATION_FEEDBACK: feedback_take(p, observation); break;
	case OBSERVATION_FINDING:
		finding_say(p, "input", observation->subject, "%.*s: %.*s", STR_ARGS(observation->finding.name), STR_ARGS(observation->finding.detail));
		break;
	case OBSERVATION_CLOCK:
	case OBSERVATION_SOURCE:
	case OBSERVATION_SYMPTOM:
	case OBSERVATION_JUMP:
	case OBSERVATION_TRANSIT: take_of_host(p, observation); break;
	}
	hosts_rest(p);
}
