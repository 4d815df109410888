/* Time sources: how the hosts stand to them (hop 1), what follows for every host that uses them (hop 2), and a source's own incident
 * (verdict.md 3.2). A source that more of its clients contradict than agree with is convicted. */
#include <stdlib.h>
#include <string.h>

#include "room.h"

void stance_changed(struct correlate_partition *p, int32_t source)
{
	source_at(p, source)->dirty = true;
	p->dirty_sources = true;
	source_touch(p, source_at(p, source));
}

enum { NAMES_BYTES_MAX = 2500 };

/* ---- hop 1: what this partition's hosts say ---- */
struct tally {
	struct stance_counts counts;
	struct range phi;
	bool phi_known;
	struct str hosts[FEEDBACK_NAMES_MAX]; /* ascending */
	size_t hosts_count;
};

static void name_host(struct arena *arena, struct tally *tally, struct str name)
{
	size_t at = tally->hosts_count;
	while (at > 0 && str_compare(name, tally->hosts[at - 1]) < 0)
		at--;
	if (at == FEEDBACK_NAMES_MAX)
		return;
	if (tally->hosts_count < FEEDBACK_NAMES_MAX)
		tally->hosts_count++;
	memmove(tally->hosts + at + 1, tally->hosts + at, (tally->hosts_count - at - 1) * sizeof *tally->hosts);
	tally->hosts[at] = arena_copy(arena, name);
}

static void narrow(struct tally *tally, int64_t low, int64_t high)
{
	if (!tally->phi_known || low > tally->phi.low)
		tally->phi.low = low;
	if (!tally->phi_known || high < tally->phi.high)
		tally->phi.high = high;
	tally->phi_known = true;
}

/* A host that is proved behind although its source calls it right: the source is off by what the host is, less what it claims. */
static void narrow_behind(struct tally *tally, const struct host *host)
{
	const struct sample *sample = sample_claim(host);
	const struct incident *incident = &host->incident;
	if (sample && incident->active && incident->worst_known)
		narrow(tally, ns_add(incident->latest.low, -sample->offset - sample->bound), ns_add(incident->latest.high, sample->bound - sample->offset));
}

/* What its own stamps prove of a member's clock is so of the core's that it follows. */
static void narrow_orphan(struct tally *tally, const struct host *host)
{
	const struct sample *sample = sample_last(host);
	const struct incident *incident = &host->incident;
	if (incident->active && incident->kind == INCIDENT_CLOCK && incident->worst_known)
		narrow(tally, ns_add(incident->latest.low, -sample->offset - sample->bound), ns_add(incident->latest.high, sample->bound - sample->offset));
}

static void narrow_phi(struct correlate_partition *p, struct tally *tally, const struct host *host)
{
	for (int i = host->samples_count - 1; i >= 0; i--) {
		const struct sample *sample = &host->samples[i];
		if ((!sample->contradicts && !sample->unshown) || sample->x == NONE)
			continue;
		int64_t apart = sample->x - sample->offset;
		narrow(tally, apart - sample->grain - sample->bound, apart + wide_of(p) + sample->bound);
		return;
	}
}

static void count_host(struct correlate_partition *p, struct tally *tallies, const struct host *host, int64_t now)
{
	for (int i = 0; i < host->sources_count; i++) {
		const struct host_source *mine = &host->sources[i];
		struct tally *tally = &tallies[mine->source];
		bool contradicts = mine->contradicted != NONE && mine->contradicted >= mine->agreed;
		int64_t newest = contradicts ? mine->contradicted : mine->agreed;
		bool unshown = mine->unshown_since != NONE && mine->seen >= now - K(MEMORY);
		bool falseticker = mine->falseticker_since != NONE && mine->seen > mine->falseticker_since && mine->seen >= now - K(RECENT); /* twice */
		bool outvoted = !contradicts && mine->state == 'x'; /* it no longer agrees with what it left aside */
		if (newest != NONE && newest >= now - K(MEMORY) && !outvoted) {
			bool recent = newest >= now - K(RECENT);
			tally->counts.agree_hour += !contradicts;
			tally->counts.contradict_hour += contradicts && !mine->behind;
			tally->counts.agree_recent += !contradicts && recent;
			tally->counts.contradict_recent += contradicts && !mine->behind && recent;
			tally->counts.behind += contradicts && mine->behind;
		} else {
			contradicts = false;
		}
		tally->counts.unshown += unshown;
		tally->counts.falseticker += falseticker;
		bool orphan = mine->orphan_since != NONE && mine->seen >= now - K(MEMORY);
		tally->counts.orphans += orphan;
		if (contradicts || unshown || falseticker || orphan)
			name_host(&p->out->arena, tally, host_shown(host));
		if (orphan)
			narrow_orphan(tally, host);
		if (contradicts && mine->behind)
			narrow_behind(tally, host);
		else if (contradicts || unshown)
			narrow_phi(p, tally, host);
	}
}

static void count_row(struct correlate_partition *p, struct tally *tallies, uint32_t index, int64_t now, struct calibration *calibration, struct host *asleep)
{
	struct host *host = host_peek(p, index, true, asleep);
	count_host(p, tallies, host, now);
	if (calibration)
		calibrate(p, host, now, calibration);
	host_unpeek(host, asleep);
}

static bool counts_zero(const struct stance_counts *counts)
{
	return !counts->agree_hour && !counts->contradict_hour && !counts->unshown && !counts->falseticker && !counts->behind && !counts->orphans;
}

static void tell(struct correlate_partition *p, struct source *source, struct tally *tally, int64_t now)
{
	if (tally->phi_known && tally->phi.low > tally->phi.high)
		tally->phi.high = tally->phi.low;
	struct buffer subject = {0};
	size_t names = 0, bytes = 0; /* as many as fit into one observation, however long they are */
	while (names < tally->hosts_count && bytes + tally->hosts[names].size <= NAMES_BYTES_MAX)
		bytes += tally->hosts[names++].size;
	tally->hosts_count = names;
	buffer_printf(&subject, "ntp:%.*s", STR_ARGS(owned_str(&source->name)));
	struct feedback feedback = {.kind = FEEDBACK_STANCES, .hop = 1, .cause = {now}, .stances = {.counts = tally->counts,
		.phi = tally->phi_known ? (struct interval){{tally->phi.low}, {tally->phi.high}} : INTERVAL_ANY,
		.hosts_count = tally->hosts_count, .hosts = tally->hosts}};
	feedback_send(p, observation_partition(buffer_str(&subject), p->count), buffer_str(&subject), &feedback);
	buffer_release(&subject);
	source->told = !counts_zero(&tally->counts);
	source->dirty = false;
	source_touch(p, source);
}

void stances_tell(struct correlate_partition *p, int64_t now, struct calibration *calibration)
{
	p->dirty_sources = false;
	struct tally *tallies = calloc(p->sources.count + 1, sizeof *tallies);
	if (!tallies)
		abort();
	struct host asleep = {0};
	for (uint32_t i = 0; i < p->hosts.count; i++)
		count_row(p, tallies, i, now, calibration, &asleep);
	free(asleep.cells);
	for (uint32_t i = 0; i < p->sources.count; i++) {
		struct source *source = p->sources.items[i];
		if (source->dirty || (calibration && (source->told || !counts_zero(&tallies[i].counts))))
			tell(p, source, &tallies[i], now);
	}
	free(tallies);
}

/* ---- on the source's own partition ---- */
static struct stance_counts sum_of(const struct correlate_partition *p, const struct source *source, int64_t now)
{
	struct stance_counts sum = {0};
	for (uint32_t i = 0; i < source->reports_count; i++) {
		const struct stance_report *report = &source->reports[i];
		if (report->at == NONE || report->at < now - K(MEMORY))
			continue;
		bool recent = report->at >= now - K(RECENT);
		sum.agree_recent += recent ? report->counts.agree_recent : 0;
		sum.contradict_recent += recent ? report->counts.contradict_recent : 0;
		sum.agree_hour += report->counts.agree_hour;
		sum.contradict_hour += report->counts.contradict_hour;
		sum.unshown += recent ? report->counts.unshown : 0;
		sum.falseticker += recent ? report->counts.falseticker : 0;
		sum.behind += report->counts.behind;
		sum.orphans += report->counts.orphans;
	}
	if (sum.behind >= BEHIND_MIN) { /* one host alone may be wrong by itself: its incident says false_sync and touches nobody else */
		sum.contradict_hour += sum.behind;
		sum.contradict_recent += sum.behind;
	}
	return sum;
}

static struct range phi_of(const struct source *source)
{
	struct range phi = {OPEN_LOW, OPEN_HIGH};
	for (uint32_t i = 0; i < source->reports_count; i++) {
		const struct range *part = &source->reports[i].phi;
		if (source->reports[i].at == NONE)
			continue;
		if (part->low > phi.low)
			phi.low = part->low;
		if (part->high < phi.high)
			phi.high = part->high;
	}
	if (phi.low > phi.high)
		phi.high = phi.low;
	return phi;
}

static size_t affected_of(struct correlate_partition *p, const struct source *source, const struct str **out)
{
	struct str *names = arena_zalloc(&p->out->arena, AFFECTED_MAX * sizeof *names);
	size_t count = 0;
	for (uint32_t i = 0; i < source->reports_count; i++) {
		struct str rest = owned_str(&source->reports[i].hosts), name;
		while (count < AFFECTED_MAX && str_split(&rest, '\n', &name))
			if (name.size) {
				size_t at = count++;
				for (; at > 0 && str_compare(name, names[at - 1]) < 0; at--)
					names[at] = names[at - 1];
				names[at] = arena_copy(&p->out->arena, name);
			}
	}
	*out = names;
	return count;
}

static struct str subject_of(struct correlate_partition *p, const struct source *source)
{
	return arena_printf(&p->out->arena, "ntp:%.*s", STR_ARGS(owned_str(&source->name)));
}

static void emit(struct correlate_partition *p, struct source *source, enum incident_action action, int64_t now)
{
	struct incident *incident = &source->incident;
	struct incident_revision *out = arena_zalloc(&p->out->arena, sizeof *out);
	struct evidence *row = arena_zalloc(&p->out->arena, sizeof *row);
	incident->revision++;
	incident->said_at = now;
	out->suspect = subject_of(p, source);
	incident_id(p->out, out->suspect, incident, &out->id);
	owned_set(&source->own_id, incident->active ? out->id : STR_NONE);
	out->revision = incident->revision;
	out->kind = INCIDENT_SOURCE;
	out->state = incident->state;
	out->action = action;
	out->severity = incident->severity;
	out->cause = incident->cause;
	out->confidence = source->sum.contradict_hour >= 2 ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
	out->at = (struct instant){now};
	out->opened = (struct instant){incident->opened};
	out->resolved = incident->state == STATE_RESOLVED ? (struct instant){now} : INSTANT_NONE;
	out->now = (struct interval){{source->sum_phi.low}, {source->sum_phi.high}};
	out->worst = incident->worst_known ? (struct interval){{incident->worst.low}, {incident->worst.high}} : out->now;
	out->offset_known = source->sum_phi.low != OPEN_LOW || source->sum_phi.high != OPEN_HIGH;
	out->estimate_known = source->sum_phi.low != OPEN_LOW && source->sum_phi.high != OPEN_HIGH;
	out->estimate.ns = out->estimate_known ? source->sum_phi.low + (source->sum_phi.high - source->sum_phi.low) / 2 : 0;
	out->direction = incident->direction;
	out->source = arena_copy(&p->out->arena, owned_str(&source->name));
	out->sources_usable = -1;
	out->contradicted = source->sum.contradict_hour > 0;
	out->outvoted = source->sum.falseticker > 0 && !source->sum.contradict_hour && !source->sum.unshown;
	out->affected_count = affected_of(p, source, &out->affected);
	out->affected_total = source->sum.contradict_hour + source->sum.unshown + source->sum.orphans;
	if (out->affected_total < out->affected_count)
		out->affected_total = (uint32_t)out->affected_count;
	*row = (struct evidence){.kind = STR("count"), .reference = {now}, .host_said = INSTANT_NONE, .interval = out->now, .votes = true,
		.agrees = incident->state != STATE_RESOLVED, .count = source->sum.contradict_hour + source->sum.unshown + source->sum.falseticker + source->sum.orphans};
	row->title = arena_printf(&p->out->arena, "%u clients contradict it, %u agree, %u see no sign of what it claims, %u outvote it, %u follow it to a local clock",
		source->sum.contradict_hour, source->sum.agree_hour, source->sum.unshown, source->sum.falseticker, source->sum.orphans);
	out->evidence = row;
	out->evidence_count = 1;
	effect_add(p, EFFECT_ALERT)->alert = out;
}

static enum direction side_of(const struct source *source)
{
	return source->sum_phi.low > 0 ? DIRECTION_AHEAD : source->sum_phi.high < 0 ? DIRECTION_BEHIND : DIRECTION_UNKNOWN;
}

static void note_worst(struct source *source)
{
	struct incident *incident = &source->incident;
	if (side_of(source) == DIRECTION_UNKNOWN || (incident->worst_known && range_distance(source->sum_phi, 0) <= range_distance(incident->worst, 0)))
		return;
	incident->worst = source->sum_phi;
	incident->worst_known = true;
}

/* Worth an update: a graver severity, another cause and a side that was not known at once; one more side or more clients after a back-off. */
static bool update_due(struct source *source, enum severity severity, enum cause cause, uint32_t affected, int64_t now)
{
	struct incident *incident = &source->incident;
	enum direction side = side_of(source);
	bool worse = severity > incident->severity, other_cause = source->guilty && cause < incident->cause;
	bool turned = side != DIRECTION_UNKNOWN && side != incident->direction, first_side = turned && incident->direction == DIRECTION_UNKNOWN;
	bool waited = (turned || affected > incident->said_affected) && now >= incident->said_at + incident->back_off;
	if (!worse && !other_cause && !first_side && !waited)
		return false;
	incident->severity = worse ? (uint8_t)severity : incident->severity;
	incident->cause = other_cause ? (uint8_t)cause : incident->cause;
	incident->direction = turned ? (uint8_t)side : incident->direction;
	incident->back_off *= waited ? 2 : 1;
	return true;
}

static void live(struct correlate_partition *p, struct source *source, int64_t now)
{
	struct incident *incident = &source->incident;
	const struct stance_counts *counts = &source->sum;
	/* Were it behind, nobody's stamps would reach what it says: a majority of those whose stamps do speaks against the one that hides nothing but its lag. */
	bool unshown = counts->unshown > counts->agree_recent;
	bool warned = unshown || (counts->falseticker > 0 && counts->falseticker > counts->agree_hour);
	bool core = incident->active && incident->cause == CAUSE_UNSYNCHRONISED; /* of an orphan group, to its last member */
	bool orphans = counts->orphans >= (core ? 1 : ORPHANS_MIN);
	enum severity severity = source->guilty || orphans ? SEVERITY_CRITICAL : warned ? SEVERITY_WARNING : SEVERITY_NONE;
	enum cause cause = counts->contradict_hour >= 2 ? CAUSE_SHARED_SOURCE : source->guilty || !orphans ? CAUSE_FALSE_SYNC : CAUSE_UNSYNCHRONISED;
	if (severity == SEVERITY_NONE) {
		if (!incident->active)
			return;
		if (source->lapsed_since == NONE)
			source->lapsed_since = now;
		if (now < source->lapsed_since + K(CALM) || (!core && !counts->agree_recent))
			return; /* somebody must agree with it; of a core it is enough that nobody follows it to a local clock any more */
		incident->state = STATE_RESOLVED;
		incident->resolved = now;
		emit(p, source, ACTION_RESOLVE, now);
		incident->active = false;
		owned_set(&source->own_id, STR_NONE);
		return;
	}
	source->lapsed_since = NONE;
	if (silenced(p, subject_of(p, source), now))
		return;
	uint32_t affected = counts->contradict_hour + counts->unshown + counts->orphans;
	enum incident_action action = ACTION_UPDATE;
	bool opens = !incident->active;
	if (opens) {
		bool again = incident->resolved != NONE && now - incident->resolved <= K(REOPEN);
		if (!again) {
			incident_reset(incident);
			incident->opened = now;
		}
		action = again ? ACTION_REOPEN : ACTION_OPEN;
		incident->active = true;
		incident->kind = INCIDENT_SOURCE;
		incident->state = STATE_OPEN;
		incident->severity = (uint8_t)severity;
		incident->cause = (uint8_t)cause;
		incident->direction = (uint8_t)side_of(source);
		incident->back_off = K(BACKOFF);
	}
	note_worst(source);
	if (!opens && !update_due(source, severity, cause, affected, now))
		return;
	incident->said_affected = affected;
	emit(p, source, action, now);
}

static void say_to_all(struct correlate_partition *p, struct source *source, int64_t now)
{
	struct feedback feedback = {.kind = FEEDBACK_SOURCE, .hop = 2, .cause = {now}, .source = {.counts = source->sum, .convicted = source->guilty,
		.since = {source->since}, .phi = {{source->sum_phi.low}, {source->sum_phi.high}}, .incident = owned_str(&source->own_id),
		.cause = source->incident.active ? source->incident.cause : CAUSE_UNKNOWN}};
	feedback_send_all(p, subject_of(p, source), &feedback);
}

/* Sums up, decides, and tells every partition: at the tick, or at once when something changed. */
static void decide(struct correlate_partition *p, struct source *source, int64_t now, bool tick)
{
	struct stance_counts before = source->sum;
	struct str id_before = arena_copy(&p->out->arena, owned_str(&source->own_id));
	bool convicted_before = source->guilty;
	source->sum = sum_of(p, source, now);
	source->sum_phi = phi_of(source);
	bool majority = source->sum.contradict_hour > source->sum.agree_hour && !refers_to_fault(p, now);
	if (!majority)
		source->majority_since = NONE;
	else if (source->majority_since == NONE)
		source->majority_since = now;
	source->guilty = majority && now >= source->majority_since + K(WAIT) - 2 * K(HOP);
	if (source->guilty && !convicted_before)
		source->since = now;
	live(p, source, now);
	bool changed = convicted_before != source->guilty || before.contradict_recent != source->sum.contradict_recent
		|| before.contradict_hour != source->sum.contradict_hour || !str_equal(id_before, owned_str(&source->own_id));
	if (tick || changed)
		say_to_all(p, source, now);
	source_touch(p, source);
}

void source_told(struct correlate_partition *p, struct str name, const struct feedback *feedback, int64_t now)
{
	int32_t index = source_intern(p, name);
	if (index == NO_SOURCE || feedback->partition >= p->count)
		return;
	struct source *source = source_at(p, index);
	if (!source->reports) {
		source->reports = calloc(p->count, sizeof *source->reports);
		if (!source->reports)
			abort();
		source->reports_count = p->count;
		for (uint32_t i = 0; i < p->count; i++)
			source->reports[i].at = NONE;
	}
	struct stance_report *report = &source->reports[feedback->partition];
	struct buffer names = {0};
	for (size_t i = 0; i < feedback->stances.hosts_count; i++) {
		buffer_add_str(&names, feedback->stances.hosts[i]);
		buffer_add_byte(&names, '\n');
	}
	owned_set(&report->hosts, buffer_str(&names));
	buffer_release(&names);
	report->at = feedback->cause.ns;
	report->counts = feedback->stances.counts;
	report->phi = (struct range){feedback->stances.phi.low.ns, feedback->stances.phi.high.ns};
	decide(p, source, now, false);
}

static int by_name(const void *a, const void *b)
{
	const struct source *const *left = a, *const *right = b;
	return str_compare(owned_str(&(*left)->name), owned_str(&(*right)->name));
}

void sources_tick(struct correlate_partition *p, int64_t now)
{
	struct source **sorted = calloc(p->sources.count + 1, sizeof *sorted);
	size_t count = 0;
	if (!sorted)
		abort();
	for (uint32_t i = 0; i < p->sources.count; i++)
		if (source_at(p, (int32_t)i)->reports)
			sorted[count++] = source_at(p, (int32_t)i);
	qsort(sorted, count, sizeof *sorted, by_name);
	for (size_t i = 0; i < count; i++)
		decide(p, sorted[i], now, true);
	free(sorted);
}

/* ---- hop 2: on every partition ---- */
struct doubted {
	struct str name;
	uint32_t host;
};

static int doubted_by_name(const void *a, const void *b)
{
	const struct doubted *left = a, *right = b;
	return str_compare(left->name, right->name);
}

void source_known(struct correlate_partition *p, const struct feedback *feedback, struct str name)
{
	int32_t index = source_intern(p, name);
	if (index == NO_SOURCE)
		return;
	struct source *source = source_at(p, index);
	const struct feedback_source *known = &feedback->source;
	bool changed = source->convicted != known->convicted || !str_equal(owned_str(&source->incident_id), known->incident);
	source->known = true;
	source->heard = feedback->cause.ns;
	source->counts = known->counts;
	source->convicted = known->convicted;
	owned_set(&source->incident_id, known->incident);
	source->incident_cause = (uint8_t)known->cause;
	source_touch(p, source);
	source->news = source->news || changed;
	p->news_of_sources = p->news_of_sources || changed;
}

static bool hears_news(const struct correlate_partition *p, const struct host *host)
{
	bool news = false;
	for (int i = 0; i < host->sources_count; i++)
		news = news || source_at(p, host->sources[i].source)->news;
	return news && host_doubted(p, host->index);
}

/* In which order the words of one instant came must not matter. */
void sources_judge(struct correlate_partition *p)
{
	struct arena names = {0}; /* a row may move while one is judged */
	struct doubted *all = calloc(p->hosts.count + 1, sizeof *all);
	size_t count = 0;
	if (!all)
		abort();
	p->news_of_sources = false;
	for (uint32_t i = 0; i < p->hosts.count; i++)
		if (host_doubted(p, i))
			all[count++] = (struct doubted){arena_copy(&names, host_row_name(host_row(p, i))), i};
	qsort(all, count, sizeof *all, doubted_by_name);
	for (size_t i = 0; i < count; i++) {
		struct host *host = host_at(p, all[i].host);
		if (hears_news(p, host))
			host_judge(p, host, p->clock);
		hosts_rest(p);
	}
	for (uint32_t i = 0; i < p->sources.count; i++)
		source_at(p, (int32_t)i)->news = false;
	arena_release(&names);
	free(all);
}
