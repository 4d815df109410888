/* The fleet: what only all hosts together can tell. How long records usually take (W), and whether the reference itself is wrong,
 * wholly (the median of x - o) or in a part of the collectors (several hosts with the same unexplained value). verdict.md 2.1, 3.2, 5.1. */
#include <stdlib.h>
#include <string.h>

#include "room.h"

/* ---- hop 1: this partition's hosts, as histograms ---- */
static int by_number(const void *a, const void *b)
{
	int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
	return (left > right) - (left < right);
}

/* Bins, ascending. More different ones than a message holds are joined pairwise, which costs resolution and loses nobody. */
static size_t fold(int32_t *bins, size_t count, struct calibration_bin_count *out)
{
	size_t distinct = 0;
	struct calibration_bin_count *all = calloc(count + 1, sizeof *all);
	if (!all)
		abort();
	qsort(bins, count, sizeof *bins, by_number);
	for (size_t i = 0; i < count; i++) {
		if (distinct && all[distinct - 1].bin == bins[i])
			all[distinct - 1].count++;
		else
			all[distinct++] = (struct calibration_bin_count){bins[i], 1};
	}
	while (distinct > FEEDBACK_BINS_MAX) {
		size_t half = 0;
		for (size_t i = 0; i < distinct; i += 2)
			all[half++] = (struct calibration_bin_count){all[i].bin, all[i].count + (i + 1 < distinct ? all[i + 1].count : 0)};
		distinct = half;
	}
	for (size_t i = 0; i < distinct; i++)
		out[i] = all[i];
	free(all);
	return distinct;
}

static bool claim_stands(struct correlate_partition *p, const struct host *host, int64_t now)
{
	const struct sample *sample = sample_claim(host);
	return sample && !sample->unshown && now - sample->at <= sample_patience(p, host) && !sources_convicted(p, host);
}

/* Of a host that dozes the rhythm of its samples is asked for only where it decides: not while its newest is fresh in any case, nor once it is
 * too old in any case. */
static bool asks_for_rhythm(struct correlate_partition *p, const struct host *host, int64_t now)
{
	const struct sample *sample = sample_last(host);
	int64_t age = sample ? now - sample->at : 0, fresh = host->fresh_s * S_NS;
	int64_t most = 2 * (fresh + S_NS) + 3 * (K(INTERVAL_FLOOR) + K(INTERVAL_GUESS)) + K(MEMORY); /* three intervals, and held back (sample_patience) */
	return host->dozing && age > fresh && (age <= most || host->fresh_s == FRESH_S_MAX);
}

void calibrate(struct correlate_partition *p, struct host *host, int64_t now, struct calibration *out)
{
	if (asks_for_rhythm(p, host, now))
		host_peek_whole(p, host);
	const struct sample *sample = sample_last(host);
	out->census.fresh += sample && now - sample->at <= sample_interval(p, host) * 3 / 2;
	if (!claim_stands(p, host, now))
		return;
	out->census.standing++;
	out->census.announcing += sample->leap == LEAP_INSERT || sample->leap == LEAP_DELETE;
	if (sample->x != NONE)
		out->excess[out->excess_count++] = calibration_bin((struct span){sample->x - sample->offset});
	int64_t low = transit_log_low(host, now, p->settings->window.ns);
	int64_t delay = low == NONE ? -1 : sample->offset - low;
	if (delay >= 0 && delay <= 3 * S_NS)
		out->lag[out->lag_count++] = (int32_t)(delay / (25 * MS_NS));
}

struct calibration calibration_begin(const struct correlate_partition *p)
{
	struct calibration all = {.lag = calloc(p->hosts.count + 1, sizeof *all.lag), .excess = calloc(p->hosts.count + 1, sizeof *all.excess)};
	if (!all.lag || !all.excess)
		abort();
	return all;
}

void calibration_tell(struct correlate_partition *p, int64_t now, struct calibration *all)
{
	struct calibration_bin_count *bins = arena_array(&p->out->arena, 2 * FEEDBACK_BINS_MAX, sizeof *bins);
	struct feedback feedback = {.kind = FEEDBACK_CALIBRATION, .hop = 1, .cause = {now}, .calibration = {.census = all->census, .lag = bins,
		.excess = bins + FEEDBACK_BINS_MAX}};
	feedback.calibration.lag_count = fold(all->lag, all->lag_count, bins);
	feedback.calibration.excess_count = fold(all->excess, all->excess_count, bins + FEEDBACK_BINS_MAX);
	free(all->lag);
	free(all->excess);
	if (p->hosts.count)
		feedback_send(p, observation_partition(STR("fleet"), p->count), STR("fleet"), &feedback);
}

/* ---- on the fleet's own partition ---- */
struct fleet *fleet_here(struct correlate_partition *p)
{
	if (p->fleet)
		return p->fleet;
	struct fleet *fleet = calloc(1, sizeof *fleet);
	if (!fleet)
		abort();
	fleet->lag = calloc(p->count, sizeof *fleet->lag);
	fleet->excess = calloc(p->count, sizeof *fleet->excess);
	fleet->census = calloc(p->count, sizeof *fleet->census);
	if (!fleet->lag || !fleet->excess || !fleet->census)
		abort();
	fleet->fault_from = fleet->fault_to = NONE;
	incident_reset(&fleet->incident);
	return p->fleet = fleet;
}

void fleet_forget(struct correlate_partition *p)
{
	struct fleet *fleet = p->fleet;
	if (!fleet)
		return;
	for (uint32_t i = 0; i < p->count; i++) {
		free(fleet->lag[i].bins);
		free(fleet->excess[i].bins);
	}
	for (int i = 0; i < fleet->unexplained_count; i++)
		owned_clear(&fleet->unexplained[i].host);
	open_release(&fleet->open);
	free(fleet->lag);
	free(fleet->excess);
	free(fleet->census);
	free(fleet);
	p->fleet = NULL;
}

static void keep(struct histogram *histogram, const struct calibration_bin_count *bins, size_t count)
{
	free(histogram->bins);
	*histogram = (struct histogram){malloc((count ? count : 1) * sizeof *bins), (uint32_t)count};
	if (!histogram->bins)
		abort();
	if (count)
		memcpy(histogram->bins, bins, count * sizeof *bins);
}

static int by_bin(const void *a, const void *b)
{
	return by_number(&((const struct calibration_bin_count *)a)->bin, &((const struct calibration_bin_count *)b)->bin);
}

/* The bin below which `percent` of all values of all partitions lie; their number in *out_total. */
static int32_t quantile(const struct correlate_partition *p, const struct histogram *histograms, unsigned percent, uint64_t *out_total)
{
	size_t count = 0;
	uint64_t total = 0, seen = 0;
	for (uint32_t i = 0; i < p->count; i++)
		count += histograms[i].count;
	struct calibration_bin_count *all = calloc(count + 1, sizeof *all);
	if (!all)
		abort();
	count = 0;
	for (uint32_t i = 0; i < p->count; i++)
		for (uint32_t k = 0; k < histograms[i].count; k++) {
			all[count++] = histograms[i].bins[k];
			total += histograms[i].bins[k].count;
		}
	qsort(all, count, sizeof *all, by_bin);
	int32_t bin = 0;
	for (size_t i = 0; i < count && seen * 100 < total * percent; i++) {
		seen += all[i].count;
		bin = all[i].bin;
	}
	free(all);
	*out_total = total;
	return bin;
}

void fleet_calibrated(struct correlate_partition *p, const struct feedback *feedback, int64_t now)
{
	struct fleet *fleet = fleet_here(p);
	(void)now;
	if (feedback->partition >= p->count)
		return;
	keep(&fleet->lag[feedback->partition], feedback->calibration.lag, feedback->calibration.lag_count);
	keep(&fleet->excess[feedback->partition], feedback->calibration.excess, feedback->calibration.excess_count);
	fleet->census[feedback->partition] = feedback->calibration.census;
	fleet->touched = true;
}

static void emit(struct correlate_partition *p, struct fleet *fleet, enum incident_action action, int64_t now, struct range range,
	const struct str *affected, size_t affected_count)
{
	struct incident *incident = &fleet->incident;
	struct incident_revision *out = arena_zalloc(&p->out->arena, sizeof *out);
	struct evidence *row = arena_zalloc(&p->out->arena, sizeof *row);
	incident->revision++;
	out->suspect = STR("reference");
	incident_id(p->out, out->suspect, incident, &out->id);
	out->revision = incident->revision;
	out->kind = INCIDENT_REFERENCE;
	out->state = incident->state;
	out->action = action;
	out->severity = SEVERITY_CRITICAL;
	out->cause = CAUSE_REFERENCE_FAULT;
	out->confidence = CONFIDENCE_HIGH;
	out->at = (struct instant){now};
	out->opened = (struct instant){incident->opened};
	out->resolved = incident->state == STATE_RESOLVED ? (struct instant){now} : INSTANT_NONE;
	out->offset_known = out->estimate_known = true;
	out->now = out->worst = (struct interval){{range.low}, {range.high}};
	out->estimate.ns = range.low + (range.high - range.low) / 2;
	out->direction = DIRECTION_BEHIND;
	out->sources_usable = -1;
	out->affected = affected;
	out->affected_count = out->affected_total = (uint32_t)affected_count;
	*row = (struct evidence){.kind = STR("count"), .reference = {now}, .host_said = INSTANT_NONE, .interval = out->now, .votes = true,
		.agrees = incident->state != STATE_RESOLVED, .count = (uint32_t)affected_count, .title = STR("hosts whose own clocks are proved right by their time sources show the same excess")};
	out->evidence = row;
	out->evidence_count = 1;
	effect_add(p, EFFECT_ALERT)->alert = out;
}

static void open_reference(struct correlate_partition *p, struct fleet *fleet, int64_t now, int64_t value, const struct str *affected, size_t count)
{
	struct incident *incident = &fleet->incident;
	incident->good_since = NONE;
	if (incident->active || silenced(p, STR("reference"), now))
		return;
	bool again = incident->resolved != NONE && now - incident->resolved <= K(REOPEN);
	if (!again) {
		incident_reset(incident);
		incident->opened = now;
	}
	incident->active = true;
	incident->state = STATE_OPEN;
	emit(p, fleet, again ? ACTION_REOPEN : ACTION_OPEN, now, (struct range){-value - K(TOLERANCE), -value + K(TOLERANCE)}, affected, count);
}

static void tell(struct correlate_partition *p, struct fleet *fleet, int64_t now)
{
	uint64_t total;
	int32_t bin = quantile(p, fleet->lag, 99, &total);
	struct feedback feedback = {.kind = FEEDBACK_FLEET, .hop = 2, .cause = {now}};
	struct feedback_fleet *say = &feedback.fleet;
	say->wide_known = total >= WIDE_MIN;
	say->wide.ns = (bin + 1) * 25 * MS_NS + K(WIDE_EXTRA);
	for (uint32_t i = 0; i < p->count; i++) {
		say->census.standing += fleet->census[i].standing;
		say->census.announcing += fleet->census[i].announcing;
		say->census.fresh += fleet->census[i].fresh;
	}
	say->fault = fleet->fault_from != NONE && fleet->fault_to == NONE;
	say->fault_from.ns = fleet->fault_from;
	say->fault_to.ns = fleet->fault_to;
	say->fault_value.ns = fleet->fault_value;
	for (int i = 0; i < fleet->parts_count; i++)
		say->parts[say->parts_count++] = (struct reference_fault_part){{fleet->parts[i].from}, {fleet->parts[i].to}, {fleet->parts[i].value}};
	if (fleet->incident.active)
		incident_id(p->out, STR("reference"), &fleet->incident, &say->incident);
	open_say(&fleet->open, say);
	issuers_say(&fleet->issuers, say);
	feedback_send_all(p, STR("fleet"), &feedback);
	fleet->touched = true;
}

/* Counts of `now` are told at a tick, summed up at the next, and all that waits a hop each time. */
static bool settled(const struct correlate_partition *p, int64_t from, int64_t now)
{
	return now >= from + K(PART_BEFORE) + K(RECENT) + 2 * K(TICK) + 4 * K(HOP);
}

bool part_settled(const struct correlate_partition *p, const struct fleet_part *part, int64_t now)
{
	return settled(p, part->from, now);
}

/* Hosts whose stamps reach what their telemetry claims and do not exceed it: of them the reference is right. */
static uint64_t prompt_below(const struct correlate_partition *p, const struct histogram *histograms)
{
	uint64_t count = 0;
	for (uint32_t i = 0; i < p->count; i++)
		for (uint32_t k = 0; k < histograms[i].count; k++) {
			int64_t value = calibration_value(histograms[i].bins[k].bin).ns;
			count += value <= K(GAP) && value >= -wide_of(p) ? histograms[i].bins[k].count : 0;
		}
	return count;
}

/* Of the whole: the median over the hosts with a standing claim of x - o, where hardly a host speaks against it. */
enum { PROMPT_SHARE = 4 };
static void look_at_whole(struct correlate_partition *p, struct fleet *fleet, int64_t now)
{
	uint64_t total;
	int64_t median = calibration_value(quantile(p, fleet->excess, 50, &total)).ns;
	bool fault = total >= FLEET_MIN && median > K(GAP) && prompt_below(p, fleet->excess) * PROMPT_SHARE < total, was = fleet->fault_from != NONE && fleet->fault_to == NONE;
	if (fault && !was) {
		fleet->fault_from = now - K(PART_BEFORE);
		fleet->fault_to = NONE;
	}
	if (fault)
		fleet->fault_value = median;
	if (!fault && was)
		fleet->fault_to = now + K(PART_AFTER);
	if (fault && settled(p, fleet->fault_from, now)) /* a source that most hosts follow loses them by then */
		open_reference(p, fleet, now, median, NULL, 0);
}

static int by_excess(const void *a, const void *b)
{
	const struct unexplained *left = a, *right = b;
	if (left->value != right->value)
		return left->value > right->value ? 1 : -1;
	return str_compare(owned_str(&left->host), owned_str(&right->host));
}

/* Two of them whose sources others vouch for, and fewer whose claims have moved, as under a source that jumped: enough to believe no stamps. */
static bool of_collector(int vouched, int moved)
{
	return vouched >= VOUCHED_MIN && moved < vouched;
}

static void count_witness(const struct unexplained *one, int step, int *vouched, int *moved)
{
	*vouched += one->unvouched || one->moved ? 0 : step;
	*moved += one->moved ? step : 0;
}

/* Of one collector: hosts with the same excess, within 3 s of each other inside 130 s, and sources that others vouch for cannot explain it. Three are
 * an incident. */
static bool look_for_part(struct correlate_partition *p, struct fleet *fleet, int64_t now)
{
	struct unexplained recent[UNEXPLAINED_MAX];
	size_t count = 0, best = 0, best_count = 0;
	int vouched = 0, moved = 0, witnesses = 0;
	for (int i = 0; i < fleet->unexplained_count; i++)
		if (fleet->unexplained[i].at >= now - K(RECENT) - 2 * K(HOP))
			recent[count++] = fleet->unexplained[i];
	qsort(recent, count, sizeof *recent, by_excess);
	for (size_t i = 0, k = 0; i < count; i++) {
		count_witness(&recent[i], 1, &vouched, &moved);
		for (; recent[i].value - recent[k].value > K(TOLERANCE); k++)
			count_witness(&recent[k], -1, &vouched, &moved);
		if (i - k + 1 > best_count && of_collector(vouched, moved)) {
			best_count = i - k + 1;
			best = k;
			witnesses = (int)best_count - moved;
		}
	}
	if (!best_count)
		return false;
	int64_t first = INT64_MAX, last = INT64_MIN, value = recent[best + best_count / 2].value;
	struct str *affected = arena_array(&p->out->arena, best_count, sizeof *affected);
	for (size_t i = 0; i < best_count; i++) {
		const struct unexplained *one = &recent[best + i];
		first = one->at < first ? one->at : first;
		last = one->at > last ? one->at : last;
		affected[i] = arena_copy(&p->out->arena, owned_str(&one->host));
	}
	struct fleet *known = fleet;
	struct fleet_part part = {.from = first - K(PART_BEFORE), .to = last + K(PART_AFTER), .value = value};
	int at = -1;
	for (int i = 0; i < known->parts_count; i++)
		if (ns_abs(known->parts[i].value - value) <= K(TOLERANCE) && known->parts[i].to >= part.from)
			at = i;
	if (at >= 0) {
		part.from = known->parts[at].from < part.from ? known->parts[at].from : part.from;
		part.value = known->parts[at].value;
		known->parts[at] = part;
	} else {
		if (known->parts_count == FEEDBACK_FAULT_PARTS_MAX) {
			memmove(known->parts, known->parts + 1, (FEEDBACK_FAULT_PARTS_MAX - 1) * sizeof *known->parts);
			known->parts_count--;
		}
		known->parts[known->parts_count++] = part;
	}
	if (witnesses >= PART_MIN && part_settled(p, &part, now))
		open_reference(p, fleet, now, value, affected, best_count);
	return true;
}

/* Of whose sources nobody vouches any more was no fault of the reference: a part that too few witnesses are left for has never been. */
static bool forget_part(struct correlate_partition *p, struct fleet *fleet, int64_t value, int64_t now)
{
	int vouched = 0, moved = 0, kept = 0;
	for (int i = 0; i < fleet->unexplained_count; i++) {
		const struct unexplained *one = &fleet->unexplained[i];
		if (one->at < now - K(RECENT) - 2 * K(HOP) || ns_abs(one->value - value) > K(TOLERANCE))
			continue;
		count_witness(one, 1, &vouched, &moved);
	}
	if (of_collector(vouched, moved))
		return false;
	for (int i = 0; i < fleet->parts_count; i++)
		if (ns_abs(fleet->parts[i].value - value) > K(TOLERANCE))
			fleet->parts[kept++] = fleet->parts[i];
	bool forgotten = kept < fleet->parts_count;
	fleet->parts_count = (uint8_t)kept;
	return forgotten;
}

void fleet_unexplained(struct correlate_partition *p, const struct feedback *feedback, int64_t now)
{
	struct fleet *fleet = fleet_here(p);
	struct str name = feedback->unexplained.host;
	int at = 0;
	while (at < fleet->unexplained_count && !str_equal(owned_str(&fleet->unexplained[at].host), name))
		at++;
	if (at == UNEXPLAINED_MAX) { /* the oldest makes room */
		for (int i = at = 0; i < UNEXPLAINED_MAX; i++)
			if (fleet->unexplained[i].at < fleet->unexplained[at].at)
				at = i;
		owned_clear(&fleet->unexplained[at].host);
		fleet->unexplained[at] = (struct unexplained){0};
	}
	if (at == fleet->unexplained_count)
		fleet->unexplained[fleet->unexplained_count++] = (struct unexplained){0};
	owned_set(&fleet->unexplained[at].host, name);
	struct unexplained *mine = &fleet->unexplained[at];
	bool goes_on = mine->at >= feedback->cause.ns - K(MEMORY) && ns_abs(mine->value - feedback->unexplained.value.ns) <= K(TOLERANCE);
	mine->moved = feedback->unexplained.moved || (goes_on && mine->moved); /* how it began is forgotten where it began, after some samples */
	bool lost = mine->moved || (feedback->unexplained.unvouched && !mine->unvouched);
	mine->unvouched = feedback->unexplained.unvouched;
	mine->at = feedback->cause.ns;
	mine->value = feedback->unexplained.value.ns;
	fleet->touched = true;
	p->touched = true;
	bool forgotten = lost && forget_part(p, fleet, feedback->unexplained.value.ns, now);
	if (look_for_part(p, fleet, now) || forgotten)
		tell(p, fleet, now);
}

void fleet_tick(struct correlate_partition *p, int64_t now)
{
	struct fleet *fleet = p->fleet;
	if (!fleet)
		return;
	look_at_whole(p, fleet, now);
	look_for_part(p, fleet, now);
	struct incident *incident = &fleet->incident;
	bool fault = fleet->fault_from != NONE && fleet->fault_to == NONE;
	for (int i = 0; i < fleet->unexplained_count; i++)
		fault = fault || (incident->active && fleet->unexplained[i].at >= now - K(RECENT));
	if (incident->active && !fault) {
		if (incident->good_since == NONE)
			incident->good_since = now;
		if (now >= incident->good_since + K(CALM)) {
			incident->state = STATE_RESOLVED;
			incident->resolved = now;
			emit(p, fleet, ACTION_RESOLVE, now, (struct range){-K(GAP), K(GAP)}, NULL, 0);
			incident->active = false;
		}
	} else {
		incident->good_since = NONE;
	}
	tell(p, fleet, now);
}

/* ---- hop 2 ---- */
void fleet_known(struct correlate_partition *p, const struct feedback *feedback)
{
	const struct feedback_fleet *said = &feedback->fleet;
	struct fleet_knowledge *known = &p->knowledge;
	known->wide_known = said->wide_known;
	known->wide = said->wide.ns;
	known->census = said->census;
	known->counted_at = feedback->cause.ns - K(HOP);
	known->fault = said->fault;
	known->fault_from = said->fault_from.ns;
	known->fault_to = said->fault_to.ns;
	p->touched = true;
	open_known(p, said);
	issuers_known(p, said);
	known->parts_count = 0;
	for (size_t i = 0; i < said->parts_count && i < FEEDBACK_FAULT_PARTS_MAX; i++)
		known->parts[known->parts_count++] = (struct fleet_part){.from = said->parts[i].from.ns, .to = said->parts[i].to.ns, .value = said->parts[i].value.ns};
	for (uint32_t i = 0; i < p->hosts.count; i++)
		if (host_doubted(p, i)) {
			sample_excuse(p, host_at(p, i));
			hosts_rest(p);
		}
}
