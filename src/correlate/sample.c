/* Telemetry: what a host's time daemon claims, when the claim counts (verdict.md 2.2), and how it stands to its sources (3.2). */
#include <stdlib.h>
#include <string.h>

#include "room.h"

const struct sample *sample_last(const struct host *host)
{
	return host->samples_count ? &host->samples[host->samples_count - 1] : NULL;
}

const struct sample *sample_claim(const struct host *host)
{
	const struct sample *last = sample_last(host);
	return last && last->state == SAMPLE_CLAIM ? last : NULL;
}

/* The claim before the newest sample; one unsynchronised sample may lie between, two end the series. */
static const struct sample *claim_before(const struct host *host, int before)
{
	int gap = 0;
	for (int i = before - 1; i >= 0 && gap < 2; i--) {
		if (host->samples[i].state == SAMPLE_CLAIM)
			return &host->samples[i];
		gap++;
	}
	return NULL;
}

int64_t sample_taken(const struct sample *sample)
{
	int64_t late = sample->x == NONE || sample->state != SAMPLE_CLAIM ? 0 : ns_add(sample->x, -sample->offset);
	return late < 0 ? ns_add(sample->at, late) : sample->at;
}

void samples_changed(struct host *host)
{
	int64_t times[SAMPLES_MAX], distances[SAMPLES_MAX], least = INT64_MAX, most = 0;
	size_t count = host->samples_count;
	for (size_t i = 0; i < count; i++) {
		times[i] = sample_taken(&host->samples[i]);
		int64_t late = host->samples[i].at - times[i];
		least = late < least ? late : least;
		most = late > most ? late : most;
	}
	host->rhythm = (struct rhythm){NONE, least < most ? most - least : 0};
	if (count < 3)
		return;
	ns_sort(times, count); /* a batch comes in any order */
	for (size_t i = 1; i < count; i++)
		distances[i - 1] = times[i] - times[i - 1];
	host->rhythm.median = ns_nth(distances, count - 1, (count - 1) / 2);
}

int64_t sample_interval(const struct correlate_partition *p, const struct host *host)
{
	int64_t median = host->rhythm.median;
	if (median == NONE)
		return K(INTERVAL_GUESS);
	return median > K(INTERVAL_FLOOR) ? median : K(INTERVAL_FLOOR);
}

/* So long after the newest sample the next one is missed: three intervals, and as much as samples are held back on their way (batches). */
int64_t sample_patience(const struct correlate_partition *p, const struct host *host)
{
	int64_t held = host->rhythm.held;
	return 3 * sample_interval(p, host) + (held < K(MEMORY) ? held : K(MEMORY));
}

/* Rate of change of the offset, in parts per billion, from the last two claims. Steady: the difference before agrees within 30 %. */
int64_t sample_slew_ppb(const struct host *host, bool *out_steady)
{
	*out_steady = false;
	if (host->samples_count < 2)
		return -1;
	const struct sample *c = sample_claim(host);
	const struct sample *b = c ? claim_before(host, host->samples_count - 1) : NULL;
	int64_t elapsed = b ? sample_taken(c) - sample_taken(b) : 0;
	if (elapsed < S_NS)
		return -1;
	double rate = (double)(c->offset - b->offset) / (double)elapsed * 1e9;
	const struct sample *a = claim_before(host, (int)(b - host->samples));
	int64_t earlier = a ? sample_taken(b) - sample_taken(a) : 0;
	if (earlier >= S_NS) {
		double before = (double)(b->offset - a->offset) / (double)earlier * 1e9;
		double difference = rate - before, larger = rate * rate > before * before ? rate : before;
		*out_steady = difference * difference <= 0.09 * larger * larger;
	}
	return (int64_t)(rate < 0 ? -rate : rate);
}

bool sample_risen_since(const struct correlate_partition *p, const struct host *host, int64_t at)
{
	for (int i = host->samples_count - 1; i > 0 && host->samples[i].at > at; i--) {
		const struct sample *claim = &host->samples[i], *before = claim_before(host, i);
		if (claim->state == SAMPLE_CLAIM && before && claim->offset - before->offset > K(STEP))
			return true;
	}
	return false;
}

/* ---- sources ---- */
bool host_source_used(const struct host_source *source)
{
	return source->state == '*' || source->state == '+' || source->state == 0;
}

static struct str folded(struct str name, char out[SUBJECT_BYTES_MAX])
{
	size_t size = name.size < SUBJECT_BYTES_MAX - 8 ? name.size : SUBJECT_BYTES_MAX - 8;
	for (size_t i = 0; i < size; i++)
		out[i] = ascii_lower(name.data[i]);
	return (struct str){out, size};
}

static struct host_source *source_slot(struct correlate_partition *p, struct host *host, struct str as_written, int64_t at)
{
	char text[SUBJECT_BYTES_MAX];
	int32_t source = source_intern(p, folded(as_written, text));
	if (source == NO_SOURCE)
		return NULL;
	int oldest = 0;
	for (int i = 0; i < host->sources_count; i++) {
		if (host->sources[i].source == source)
			return &host->sources[i];
		if (host->sources[i].seen < host->sources[oldest].seen)
			oldest = i;
	}
	int slot = host->sources_count < HOST_SOURCES_MAX ? host->sources_count++ : oldest;
	host->sources[slot] = (struct host_source){.source = source, .seen = at, .agreed = NONE, .contradicted = NONE, .unshown_since = NONE,
		.falseticker_since = NONE, .orphan_since = NONE, .phi = NONE};
	return &host->sources[slot];
}

void source_row_take(struct correlate_partition *p, struct host *host, const struct observation *observation)
{
	const struct source_observation *row = &observation->source;
	int64_t at = observation->reference.ns;
	struct host_source *slot = source_slot(p, host, row->source, at);
	const struct sample *last = sample_last(host);
	bool old = last && last->x != NONE && observation->stamp.known && observation->stamp.x.ns < last->x - sample_patience(p, host);
	if (!slot || at < slot->seen || old) /* old: a copy of a row that came long ago */
		return;
	slot->seen = at;
	slot->state = row->state ? row->state : '?';
	int agreeing = 0;
	for (int i = 0; i < host->sources_count; i++)
		agreeing += (host->sources[i].state == '*' || host->sources[i].state == '+') && host->sources[i].seen >= at - K(RECENT);
	bool falseticker = row->state == 'x' && agreeing >= 2;
	if (falseticker != (slot->falseticker_since != NONE)) {
		slot->falseticker_since = falseticker ? at : NONE;
		slot->phi = falseticker && row->offset_known ? -row->offset.ns : NONE;
		stance_changed(p, slot->source);
	}
}

bool sources_convicted(const struct correlate_partition *p, const struct host *host)
{
	int used = 0, convicted = 0;
	for (int i = 0; i < host->sources_count; i++) {
		if (!host_source_used(&host->sources[i]))
			continue;
		bool bad = source_at(p, host->sources[i].source)->convicted;
		if (bad && host->sources[i].state == '*')
			return true;
		used++;
		convicted += bad;
	}
	return used && used == convicted;
}

/* Other clients of a source that this host uses show now that it is right: then what exceeds this host's claim by `excess` is a fault of the stamps
 * or of our axis, never of the source. Whose stamps reach its claim and do not exceed it would be late by just the excess if the source were wrong:
 * one such outweighs several that exceed it. An excess that a usual delay can hide is a matter of majority. */
enum { OUTWEIGHS = 8 };
static bool hidden_by_delay(const struct correlate_partition *p, int64_t excess)
{
	return excess <= wide_of(p) + K(GAP);
}

bool sources_vouched(const struct correlate_partition *p, const struct host *host, int64_t excess, int64_t now)
{
	for (int i = 0; i < host->sources_count; i++) {
		const struct host_source *mine = &host->sources[i];
		const struct source *source = source_at(p, mine->source);
		if (!host_source_used(mine) || !source->known || source->convicted || now - source->heard > K(RECENT))
			continue;
		int64_t newest = mine->agreed > mine->contradicted ? mine->agreed : mine->contradicted;
		bool counted = newest != NONE && newest >= source->heard - K(RECENT);
		uint32_t agree = source->counts.agree_recent, contradict = source->counts.contradict_recent;
		if (counted && mine->contradicted >= mine->agreed)
			contradict -= contradict > 0;
		else if (counted)
			agree -= agree > 0;
		if (hidden_by_delay(p, excess) ? agree >= 2 && contradict < agree : agree * OUTWEIGHS > contradict)
			return true;
	}
	return false;
}

bool sample_of_part(const struct correlate_partition *p, const struct sample *sample, const struct fleet_part *part)
{
	return sample->state == SAMPLE_CLAIM && sample->x != NONE && sample->at >= part->from && sample->at <= part->to + K(RECENT)
		&& ns_abs(ns_add(sample->x, -sample->offset) - part->value) <= K(TOLERANCE);
}

bool sample_settled(const struct correlate_partition *p, const struct sample *sample, int64_t now)
{
	bool settled = false;
	for (int i = 0; i < p->knowledge.parts_count; i++) {
		const struct fleet_part *part = &p->knowledge.parts[i];
		settled = settled || (part_settled(p, part, now) && sample_of_part(p, sample, part));
	}
	return settled;
}

bool sample_explained(const struct correlate_partition *p, const struct sample *sample)
{
	bool explained = false;
	for (int i = 0; i < p->knowledge.parts_count; i++)
		explained = explained || sample_of_part(p, sample, &p->knowledge.parts[i]);
	return explained;
}

/* A word of `excess` that others speak against is none: it says nothing of the source until they have fallen silent. */
enum stance { STANCE_NONE, STANCE_AGREES, STANCE_CONTRADICTS, STANCE_DISPUTED };
static void take_stance(struct correlate_partition *p, struct host *host, const struct sample *sample, enum stance stance)
{
	for (int i = 0; i < host->sources_count; i++) {
		struct host_source *mine = &host->sources[i];
		int64_t oldest = sample->at - (mine->state ? 3 * K(INTERVAL_GUESS) : 0); /* without rows: the one that this sample names */
		if (!host_source_used(mine) || mine->seen < oldest)
			continue;
		bool was = mine->contradicted != NONE && mine->contradicted >= mine->agreed, was_unshown = mine->unshown_since != NONE;
		if (stance == STANCE_CONTRADICTS || host->proved_behind) {
			mine->contradicted = sample->at;
			mine->behind = stance != STANCE_CONTRADICTS;
		} else if (stance == STANCE_AGREES) {
			mine->agreed = sample->at;
		} else if (stance == STANCE_DISPUTED) {
			mine->agreed = mine->contradicted = NONE;
		}
		mine->unshown_since = host->unshown >= HOLD_SAMPLES ? (was_unshown ? mine->unshown_since : sample->at) : NONE;
		bool is = mine->contradicted != NONE && mine->contradicted >= mine->agreed;
		if (was != is || was_unshown != (mine->unshown_since != NONE) || stance == STANCE_DISPUTED)
			stance_changed(p, mine->source);
	}
}

/* ---- the sample ---- */
static enum sample_state state_of(const struct clock_observation *clock)
{
	bool local = str_starts(clock->reference_id, STR("7F7F"));
	if ((clock->fields & CLOCK_STRATUM) && clock->stratum >= STRATUM_LOCAL && clock->stratum < 16)
		local = true;
	if (local)
		return SAMPLE_LOCAL;
	bool lost = (clock->fields & CLOCK_SYNCHRONISED) ? !clock->synchronised : (clock->fields & CLOCK_LEAP) && clock->leap == LEAP_UNSYNCHRONISED;
	if (lost || ((clock->fields & CLOCK_STRATUM) && (clock->stratum < 1 || clock->stratum >= 16))
		|| str_equal(clock->reference_id, STR("00000000")))
		return SAMPLE_UNSYNCHRONISED;
	return (clock->fields & CLOCK_OFFSET) ? SAMPLE_CLAIM : SAMPLE_EMPTY;
}

static int64_t bound_of(const struct correlate_partition *p, const struct clock_observation *clock)
{
	int64_t float_step = ns_abs(clock->offset.ns) >> 24;
	if (clock->fields & (CLOCK_ROOT_DELAY | CLOCK_ROOT_DISPERSION))
		return clock->root_dispersion.ns + clock->root_delay.ns / 2 + float_step + K(EPSILON);
	if (clock->fields & CLOCK_BOUND)
		return clock->bound.ns + float_step + K(EPSILON);
	return K(BOUND_UNKNOWN) + float_step;
}

static int32_t usable_of(struct correlate_partition *p, const struct host *host, const struct clock_observation *clock, int64_t at)
{
	if (clock->fields & CLOCK_SOURCES_USABLE)
		return clock->sources_usable;
	int32_t rows = 0, usable = 0;
	int64_t oldest = at - sample_interval(p, host) - K(JOIN);
	for (int i = 0; i < host->sources_count; i++) {
		if (!host->sources[i].state || host->sources[i].seen < oldest)
			continue;
		rows++;
		usable += host->sources[i].state == '*' || host->sources[i].state == '+' || host->sources[i].state == '-';
	}
	return rows ? usable : -1;
}

/* Whether its daemon hears its source, by the samples in a row that tell the same time of hearing it. */
static void note_reference_time(struct host *host, const struct clock_observation *clock, int64_t at)
{
	bool told = (clock->fields & CLOCK_REFERENCE_TIME) && instant_known(clock->reference_time);
	bool same = told && clock->reference_time.ns == host->reference_time;
	host->reference_time = told ? clock->reference_time.ns : NONE;
	host->reference_since = same && host->reference_since != NONE ? host->reference_since : at;
	host->reference_same = same ? host->reference_same + 1 : 1;
	host->poll = (clock->fields & CLOCK_POLL) && clock->poll.ns > 0 ? clock->poll.ns : POLL_GUESS_S * S_NS;
}

/* A daemon that hears nobody extrapolates: how long it has done so. */
static int64_t unheard_for(const struct correlate_partition *p, const struct host *host, const struct sample *sample)
{
	int64_t since = host->reference_time == NONE ? 0 : sample->at - host->reference_time;
	if (since <= 0 || since > K(LEAP_HOLD))
		since = host->lost * sample_interval(p, host);
	return since;
}

/* ---- known again ---- */
static uint16_t tag_of(int64_t said, int64_t offset)
{
	return (uint16_t)(((uint64_t)said + (uint64_t)offset * 0x9e3779b97f4a7c15U) * 0xbf58476d1ce4e5b9U >> 48);
}

static void tag_add(struct tags *tags, uint16_t tag)
{
	if (tags->count < TAGS_MAX)
		tags->count++;
	tags->all[tags->next] = tag;
	tags->next = (uint8_t)((tags->next + 1) % TAGS_MAX);
}

static bool tag_known(const struct tags *tags, uint16_t tag)
{
	for (int i = 0; i < tags->count; i++)
		if (tags->all[i] == tag)
			return true;
	return false;
}

/* Of a stamped sample that is not, or no longer, kept. */
static void tag_sample(struct host *host, const struct sample *sample)
{
	if (sample->x != NONE)
		tag_add(&host->tags, tag_of(ns_add(sample->at, sample->x), sample->offset));
}

bool sample_repeated(struct host *host, const struct observation *observation, uint64_t digest)
{
	struct tags *tags = &host->tags;
	if (!observation->stamp.known) {
		bool known = tag_known(tags, (uint16_t)digest);
		if (!known)
			tag_add(tags, (uint16_t)digest);
		return known;
	}
	int64_t said = ns_add(observation->reference.ns, observation->stamp.x.ns), offset = observation->clock.offset.ns;
	if (tags->said == NONE || said > tags->said) {
		tags->said = said;
		return false;
	}
	for (int i = 0; i < host->samples_count; i++) {
		const struct sample *sample = &host->samples[i];
		if (sample->x != NONE && sample->offset == offset && ns_add(sample->at, sample->x) == said)
			return true;
	}
	return tag_known(tags, tag_of(said, offset));
}

/* No line of a drift reaches past a turn of the offsets (cause.c), and nothing else asks how well a claim of before the newest three was known. */
static void samples_forget(struct host *host)
{
	struct sample *all = host->samples;
	int turn = host->samples_count - 3;
	for (; turn >= 0; turn--) {
		bool claims = all[turn].state == SAMPLE_CLAIM && all[turn + 1].state == SAMPLE_CLAIM && all[turn + 2].state == SAMPLE_CLAIM;
		int64_t one = all[turn + 1].offset - all[turn].offset, other = all[turn + 2].offset - all[turn + 1].offset;
		if (claims && (one == 0 || other == 0 || (one > 0) != (other > 0)))
			break;
	}
	for (int i = turn < host->samples_count - 4 ? turn : host->samples_count - 4; i >= 0 && all[i].bound; i--)
		if (!all[i].contradicts && !all[i].unshown)
			all[i].bound = 0;
}

static struct sample *push(struct host *host, struct sample sample)
{
	if (host->samples_count == SAMPLES_MAX) {
		tag_sample(host, host->samples);
		memmove(host->samples, host->samples + 1, (SAMPLES_MAX - 1) * sizeof *host->samples);
		host->samples_count--;
	}
	struct sample *kept = &host->samples[host->samples_count++];
	*kept = sample;
	samples_forget(host);
	samples_changed(host);
	return kept;
}

static void count_health(struct correlate_partition *p, struct host *host, const struct sample *sample)
{
	bool unsynchronised = sample->state == SAMPLE_UNSYNCHRONISED || sample->state == SAMPLE_LOCAL;
	host->unsynchronised = unsynchronised ? host->unsynchronised + 1 : 0;
	host->few = sample->usable >= 0 && sample->usable < thresholds_of(p, host).sources_min ? host->few + 1 : 0;
	host->lost = sample->usable == 0 || sample->reached == 0 ? host->lost + 1 : 0;
	bool announced = sample->leap == LEAP_INSERT || sample->leap == LEAP_DELETE;
	if (announced) {
		host->leap_at = sample->at;
		host->leap_sign = sample->leap == LEAP_INSERT ? 1 : -1;
	}
	host->leap_odd = announced ? host->leap_odd + 1 : 0;
	bool follows = sample->state == SAMPLE_CLAIM && host->selected;
	host->unapproved = follows && !source_approved(p->settings, name_str(p, host->selected)) ? host->unapproved + 1 : 0;
	if (sample->state == SAMPLE_CLAIM)
		host->synchronised_once = true;
}

/* The clock was set: what was measured before says nothing of it now (2.3). */
static void look_for_step(struct correlate_partition *p, struct host *host, const struct sample *sample, const struct sample *previous)
{
	int64_t moved = sample->offset - previous->offset;
	int64_t limit = K(STEP) + sample->bound + previous->bound + ns_abs(sample_taken(sample) - sample_taken(previous)) / 1000000 * RATE_PPM;
	if (ns_abs(moved) <= limit)
		return;
	const struct sample *older = claim_before(host, (int)(previous - host->samples));
	int64_t before = older ? previous->offset - older->offset : 0;
	bool slew = older && (before > 0) == (moved > 0) && before && ns_abs(moved - before) <= ns_abs(moved) * 3 / 10;
	if (!slew || moved < 0) /* what an ascending clock showed before stays true */
		transit_restart(host, sample->at - S_NS); /* the rows of one run of the client travel together, not in order */
	bool blind = previous->usable == 0 || previous->reached == 0; /* what it claimed was no measurement */
	if (slew || blind)
		return;
	symptoms_clear(host);
	host->cleared_at = host->stepped_at = sample->at;
	host->step = moved;
	host->hold_since = NONE;
	trace_say(p, host, sample->at, "telemetry stepped by %+.6f s: the transit window and the symptoms start anew", (double)moved / 1e9);
}

/* By how much the sample contradicts itself, alone or together with the one before (3.2); 0: it does not. */
static int64_t excess_of(struct correlate_partition *p, struct host *host, const struct sample *sample, const struct sample *previous, bool *out_alone)
{
	int64_t claimed = sample->offset + sample->bound + K(GAP);
	*out_alone = sample->x != NONE && sample->x - sample->grain > claimed;
	if (refers_to_fault(p, sample->at))
		return 0;
	if (*out_alone)
		return sample->x - sample->offset;
	if (!previous || ns_abs(sample->offset - previous->offset) > K(STEP) || refers_to_fault(p, previous->at))
		return 0;
	if (transit_highest(host) <= claimed)
		return 0; /* nothing that could */
	struct bound between = transit_bound(p, host, sample->at, claimed, previous->at, sample->at);
	return between.known && between.log_stream && between.low > claimed ? between.low - sample->offset : 0;
}

/* Its stamps reach what it claims, by the usual delay: its source cannot be behind, and if it were ahead they would exceed the claim. */
static bool shows(const struct correlate_partition *p, const struct sample *sample, const struct bound *bound)
{
	int64_t wanted = sample->offset - sample->bound - wide_of(p);
	return (sample->x != NONE && sample->x >= wanted) || (bound->known && bound->low + bound->grain >= wanted);
}

/* Nothing that it is stamped tells anything: the reference is at fault, and telemetry alone goes on. */
static bool unseeable(const struct correlate_partition *p, const struct sample *sample)
{
	return refers_to_fault(p, sample->at) || sample_settled(p, sample, sample->at);
}

/* `bound`: of the claim, widened to now. */
static bool hides(struct correlate_partition *p, const struct host *host, const struct sample *sample, int64_t widened, const struct bound *bound)
{
	int64_t least = sample->offset - widened;
	int64_t limit = thresholds_of(p, host).warning.ns;
	if (least <= limit || shows(p, sample, bound) || unseeable(p, sample))
		return false; /* it does not claim to be ahead, or it is seen, or could not be */
	if (bound->known && bound->low > limit)
		return false; /* it is seen to be ahead: how much of it a constant delay hides nobody knows who has not seen it right */
	int64_t lag = host->lag == NONE ? 0 : host->lag, spread = spread_shown(bound);
	return least > bound->low + wide_of(p) + spread + lag + K(GAP);
}

bool claim_undecided(struct correlate_partition *p, const struct host *host, const struct sample *sample, int64_t widened, const struct bound *bound)
{
	return !unseeable(p, sample) && (!bound->known || (bound->moment && hides(p, host, sample, widened, bound)));
}

static bool unshown(struct correlate_partition *p, const struct host *host, const struct sample *sample, const struct bound *bound, bool was)
{
	if (claim_undecided(p, host, sample, sample->bound, bound))
		return was && (host->cells_count || sample->x != NONE);
	return hides(p, host, sample, sample->bound, bound);
}

bool sample_unshown_now(struct correlate_partition *p, struct host *host, int64_t widened, const struct bound *bound)
{
	struct sample *sample = &host->samples[host->samples_count - 1];
	if (!claim_undecided(p, host, sample, widened, bound))
		sample->unshown = !sample->contradicts && hides(p, host, sample, widened, bound);
	return sample->unshown; /* counted against its source when the next sample is unshown too */
}

/* Telemetry has seen the clock set back, and a record stamped so was written by the clock before that: it was long on its way. */
bool sample_of_before_step(const struct correlate_partition *p, const struct host *host, int64_t x, int64_t at)
{
	const struct sample *claim = sample_claim(host);
	if (!claim || host->stepped_at == NONE || host->step >= 0 || x <= claim->offset + claim->bound + K(GAP))
		return false;
	for (int i = 0; i < host->samples_count; i++)
		if (host->samples[i].at == host->stepped_at)
			return ns_add(at, x) - (host->samples[i].offset - host->step) < host->stepped_at;
	return false;
}

/* Its claim has gone where its stamps have not, since it was believed last: a fault of a collector moves stamps. */
static bool claim_moved(const struct host *host, const struct sample *sample)
{
	for (int i = host->samples_count - 2; i >= 0; i--) {
		const struct sample *calm = &host->samples[i];
		if (calm->state == SAMPLE_CLAIM && !calm->contradicts && calm->x != NONE)
			return ns_abs(sample->offset - calm->offset) > ns_abs(ns_add(sample->x, -calm->x));
	}
	return false;
}

static void tell_unexplained(struct correlate_partition *p, const struct host *host, const struct sample *sample, bool unvouched)
{
	struct feedback feedback = {.kind = FEEDBACK_UNEXPLAINED, .hop = 1, .cause = {sample->at},
		.unexplained = {.host = host_shown(host), .value = {sample->x - sample->offset}, .unvouched = unvouched, .moved = claim_moved(host, sample)}};
	feedback_send(p, observation_partition(STR("fleet"), p->count), STR("fleet"), &feedback);
}

/* Three servers that agree with each other are not all wrong because the records of one host come late. */
enum { AGREEING_MOST = 3 };
static int sources_in_agreement(const struct host *host)
{
	int count = 0;
	for (int i = 0; i < host->sources_count; i++)
		count += host->sources[i].state == '*' || host->sources[i].state == '+';
	return count;
}

/* The sample exceeds its claim. Where others vouch for its sources that is a fault of the reference, or of stamps: the fleet is told and nobody is
 * accused. The fleet hears of the rest too: of a collector that is known to be at fault they may be further victims. */
static enum stance contradict(struct correlate_partition *p, struct host *host, const struct sample *sample, int64_t excess, bool alone)
{
	bool vouched = sources_vouched(p, host, excess, sample->at), explained = sample_explained(p, sample);
	if (alone)
		tell_unexplained(p, host, sample, !vouched || hidden_by_delay(p, excess));
	host->unexplained_at = alone && vouched ? sample->at : NONE;
	if (host->unexplained_at == NONE && !explained && !host->contradictions++)
		host->first_contradiction = sample->at;
	return explained ? STANCE_NONE : vouched ? STANCE_DISPUTED : STANCE_CONTRADICTS;
}

bool sample_in_time(const struct correlate_partition *p, const struct sample *sample)
{
	return sample->x != NONE && sample->x >= sample->offset - sample->bound - K(LAG_MIN);
}

static void go_along(struct correlate_partition *p, struct host *host, const struct sample *sample, const struct sample *previous, const struct bound *bound)
{
	host->unexplained_at = NONE;
	host->contradictions = 0;
	host->first_contradiction = NONE;
	host->proved_behind = host->proved_behind && !sample_in_time(p, sample);
	host->false_sync = host->false_sync && host->proved_behind;
	if (previous && ns_abs(sample->offset - previous->offset) <= K(STEP) && sources_vouched(p, host, 0, sample->at) && !sample->unshown)
		transit_drop_above(host, sample->offset + sample->bound + K(GAP), sample->at);
	if (bound->known && !sample->unshown && ns_abs(sample->offset) <= thresholds_of(p, host).warning.ns) {
		int64_t lag = sample->offset - bound->low;
		host->lag = lag < 0 ? 0 : lag > 600 * S_NS ? 600 * S_NS : lag;
	}
}

static void test_claim(struct correlate_partition *p, struct host *host, struct sample *sample, const struct sample *previous, bool was_unshown)
{
	if (previous)
		look_for_step(p, host, sample, previous);
	bool alone;
	int64_t excess = excess_of(p, host, sample, previous, &alone);
	sample->contradicts = excess > 0;
	struct bound bound = transit_bound(p, host, sample->at, sample->offset + sample->bound + K(GAP), NONE, NONE);
	sample->unshown = !sample->contradicts && unshown(p, host, sample, &bound, was_unshown);
	/* Records that come late even if the clock is right need not show anything: no word against the source. */
	bool hidden = host->lag == NONE && bound.known && bound.low + wide_of(p) + spread_shown(&bound) < 0;
	host->unshown = sample->unshown && !hidden && sources_in_agreement(host) < AGREEING_MOST ? host->unshown + 1 : 0;
	bool late = sample->x != NONE && bound.known && sample->x < bound.low - bound.reach - K(LAG_MIN);
	if (late)
		return; /* it comes from long ago */
	enum stance stance = STANCE_NONE;
	if (refers_to_fault(p, sample->at))
		stance = STANCE_DISPUTED; /* nobody is a witness while the reference is at fault, nor by what came before that was known */
	else if (sample->contradicts)
		stance = contradict(p, host, sample, excess, alone);
	else
		go_along(p, host, sample, previous, &bound);
	if (stance == STANCE_NONE && !sample->contradicts && !sample->unshown && shows(p, sample, &bound))
		stance = STANCE_AGREES;
	take_stance(p, host, sample, stance);
}

/* What a fault of the reference explains is no witness against a source. */
void sample_excuse(struct correlate_partition *p, struct host *host)
{
	const struct sample *sample = sample_claim(host);
	if (host->unexplained_at == NONE || !sample || !sample->contradicts || !sample_explained(p, sample))
		return;
	for (int i = 0; i < host->sources_count; i++)
		if (host->sources[i].contradicted == sample->at) {
			host->sources[i].contradicted = NONE;
			stance_changed(p, host->sources[i].source);
		}
}

/* Its source has lost its other witnesses since: it was the source, and it was no fault of the reference. */
void sample_withdraw(struct correlate_partition *p, struct host *host, int64_t now)
{
	const struct sample *sample = sample_claim(host);
	if (host->unexplained_at == NONE || !sample || !sample->contradicts || sources_vouched(p, host, sample->x - sample->offset, now))
		return;
	host->unexplained_at = NONE;
	tell_unexplained(p, host, sample, true);
	if (sample_explained(p, sample))
		return; /* of the same collector as others whose sources are right */
	if (!host->contradictions++)
		host->first_contradiction = sample->at;
	take_stance(p, host, sample, STANCE_CONTRADICTS);
}

/* A copy of what came long ago, or the tail of a backlog: newer words have been heard. Beyond an hour no shipper holds a record back; then it
 * is the clock. */
static bool is_old(const struct correlate_partition *p, const struct host *host, const struct sample *sample)
{
	const struct sample *last = sample_last(host);
	if (!last || sample->x == NONE || last->x == NONE)
		return false;
	if (sample->at - last->at > 2 * sample_interval(p, host))
		return false; /* nothing newer comes any more: the clock went back */
	int64_t taken = sample_taken(sample), newest = sample_taken(last);
	if (sample->state != SAMPLE_CLAIM) { /* only its stamp tells */
		taken = ns_add(sample->at, sample->x);
		newest = ns_add(last->at, last->x);
	}
	return newest - taken <= K(MEMORY) && taken < newest + MS_NS;
}

/* Its reference is its own clock, as chronyd (127.127.1.1), ntpd's local clock (LOCL) or an orphan parent of ntpd (127.0.0.1) says it. */
static bool serves_itself(const struct clock_observation *clock)
{
	char folded[SUBJECT_BYTES_MAX];
	return str_starts(clock->reference_id, STR("7F")) || str_equal(clock->reference_id, STR("4C4F434C")) || !peer_key(clock->source, folded).size;
}

/* A member of an orphan group follows its core, whose chain ends at a local clock: three samples in a row say so. */
static void note_orphans(struct correlate_partition *p, struct host *host, const struct host_source *core)
{
	const struct sample *last = sample_last(host);
	bool follows = last->state == SAMPLE_LOCAL && host->unsynchronised >= HEALTH_SAMPLES;
	for (int i = 0; i < host->sources_count; i++) {
		struct host_source *mine = &host->sources[i];
		bool orphan = follows && mine == core;
		if (orphan == (mine->orphan_since != NONE))
			continue;
		mine->orphan_since = orphan ? last->at : NONE;
		stance_changed(p, mine->source);
	}
}

void sample_take(struct correlate_partition *p, struct host *host, const struct observation *observation)
{
	const struct clock_observation *clock = &observation->clock;
	int64_t at = observation->reference.ns;
	const struct sample *last = sample_last(host);
	struct sample sample = {.at = at, .offset = clock->offset.ns, .bound = bound_of(p, clock), .x = NONE,
		.usable = usable_of(p, host, clock, at), .reached = (clock->fields & CLOCK_SOURCES_REACHED) ? clock->sources_reached : -1,
		.state = (uint8_t)state_of(clock), .leap = (uint8_t)((clock->fields & CLOCK_LEAP) ? clock->leap : LEAP_UNKNOWN)};
	if (observation->stamp.known) {
		sample.x = observation->stamp.x.ns;
		sample.grain = observation->stamp.grain.ns;
	}
	bool newer = last && at < last->at; /* has been weighed */
	host->heard = newer ? host->heard : at;
	if (newer || is_old(p, host, &sample)) {
		tag_sample(host, &sample);
		return;
	}
	bool was_unshown = last && last->unshown;
	note_reference_time(host, clock, at);
	host->telemetry_seen = true;
	name_set(p, &host->telemetry_input, observation->input);
	if (sample.usable == 0 || sample.reached == 0)
		sample.bound += unheard_for(p, host, &sample) / 1000000 * RATE_PPM;
	struct sample *kept = push(host, sample);
	struct str followed = serves_itself(clock) ? STR_NONE : clock->source;
	if (kept->state == SAMPLE_CLAIM || kept->state == SAMPLE_LOCAL) {
		name_set(p, &host->selected, followed);
		host->stratum = (clock->fields & CLOCK_STRATUM) ? clock->stratum : 0;
	}
	count_health(p, host, kept);
	struct host_source *slot = followed.size ? source_slot(p, host, followed, at) : NULL;
	if (slot)
		slot->seen = at;
	note_orphans(p, host, slot);
	if (kept->state != SAMPLE_CLAIM)
		return;
	test_claim(p, host, kept, claim_before(host, host->samples_count - 1), was_unshown);
}
