/* Why: a ladder of early returns, the first that holds (verdict.md 5), and the health alarms (6). Rungs 1 and 2 open nothing on a
 * host; they are the fleet's incident (fleet.c) and findings (life.c). */
#include "room.h"

/* The better explanation: what convicts more clients, then what this host has selected, then what has an incident, then by name. */
static bool explains_better(const struct correlate_partition *p, const struct host_source *a, const struct host_source *b)
{
	const struct source *left = source_at(p, a->source), *right = source_at(p, b->source);
	bool shared = left->counts.contradict_hour >= 2, other = right->counts.contradict_hour >= 2;
	if (shared != other)
		return shared;
	if ((a->state == '*') != (b->state == '*'))
		return a->state == '*';
	if ((left->incident_id.size > 0) != (right->incident_id.size > 0))
		return left->incident_id.size > 0;
	return str_compare(owned_str(&left->name), owned_str(&right->name)) < 0;
}

/* Which convicted source explains this host, whatever order its sources were heard of in. */
int32_t explaining_source(const struct correlate_partition *p, const struct host *host)
{
	const struct host_source *best = NULL;
	for (int i = 0; i < host->sources_count; i++) {
		const struct host_source *mine = &host->sources[i];
		if (host_source_used(mine) && source_at(p, mine->source)->convicted && (!best || explains_better(p, mine, best)))
			best = mine;
	}
	return best ? best->source : NO_SOURCE;
}

/* Convicted by others and serving another contradicted host too: one fault, several victims. */
int32_t shared_source_of(const struct correlate_partition *p, const struct host *host)
{
	if (!sources_convicted(p, host))
		return NO_SOURCE; /* its claim rests on another */
	int32_t source = explaining_source(p, host);
	return source != NO_SOURCE && source_at(p, source)->counts.contradict_hour >= 2 ? source : NO_SOURCE;
}

static bool orphaned(const struct correlate_partition *p, int32_t source)
{
	return source != NO_SOURCE && source_at(p, source)->incident_id.size && source_at(p, source)->incident_cause == CAUSE_UNSYNCHRONISED;
}

/* The core of the orphan group that this host belongs to: whom it follows to a local clock, or itself as others know it, by name or address. */
int32_t orphan_core_of(const struct correlate_partition *p, const struct host *host)
{
	const struct owned *names[] = {&host->address, &host->name, &host->full};
	for (int i = 0; i < host->sources_count; i++)
		if (host->sources[i].orphan_since != NONE && orphaned(p, host->sources[i].source))
			return host->sources[i].source;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i]->size && orphaned(p, source_find(p, owned_str(names[i]))))
			return source_find(p, owned_str(names[i]));
	return NO_SOURCE;
}

/* Its telemetry has stopped while that of others goes on: a census taken since then knows of some. */
static bool telemetry_missing(const struct correlate_partition *p, const struct host *host, int64_t now)
{
	const struct sample *last = sample_last(host);
	if (!last)
		return true;
	int64_t deadline = host->heard + sample_patience(p, host) + K(HOP);
	return now >= deadline && p->knowledge.counted_at != NONE && p->knowledge.counted_at >= deadline - K(TICK) && p->knowledge.census.fresh;
}

/* The daemon's reference has not moved for five samples and three poll intervals. */
static bool reference_stands_still(const struct host *host)
{
	const struct sample *last = sample_last(host);
	return last && host->reference_same >= STILL_SAMPLES && last->at - host->reference_since >= 3 * host->poll;
}

static bool sources_lost(const struct host *host)
{
	return host->lost >= HOLD_SAMPLES || reference_stands_still(host);
}

static bool never_synchronised(const struct host *host)
{
	return host->samples_count && !host->synchronised_once;
}

static bool near(int64_t value, int64_t wanted, int64_t tolerance)
{
	return value >= wanted - tolerance && value <= wanted + tolerance;
}

static bool dead_battery(const struct verdict *v)
{
	const int64_t day = 86400 * S_NS, era = 619315200 * S_NS;
	int64_t offset = v->point;
	for (int64_t k = -2; k <= 2; k++)
		if (k && near(offset, k * era, day))
			return true;
	if (v->direction != DIRECTION_BEHIND || v->range.low == OPEN_LOW)
		return false;
	int64_t shows = ns_add(v->now, offset);
	const int64_t start_2008 = 1199923200 * S_NS, start_2010 = 1262304000 * S_NS, start_2015 = 1420070400 * S_NS;
	if (shows < start_2008)
		return true;
	return offset < -30 * day && (near(shows, start_2010, 7 * day) || near(shows, start_2015, 7 * day));
}

/* When its clock incident began; what it took over, a health incident, began before and says nothing of the clock. */
static int64_t opening(const struct host *host, const struct verdict *v)
{
	return host->incident.active && host->incident.kind == INCIDENT_CLOCK ? host->incident.opened : v->now;
}

/* A step of this incident: not older than ten minutes before it opened. */
static bool stepped(const struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	int64_t since = opening(host, v) - K(SYMPTOM_AGE);
	bool telemetry = host->stepped_at != NONE && host->stepped_at >= since;
	bool line = host->jump_at != NONE && host->jump_at >= since;
	const struct sample *last = sample_last(host);
	bool jumped = !v->ntp_agrees && host->over_since != NONE && v->bound.first > host->first + K(FIRST) && (!last || (last->at < host->over_since && last->at < v->bound.first));
	return telemetry || line || jumped;
}

static bool set_by_hand(const struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	int64_t since = opening(host, v) - K(SYMPTOM_AGE);
	bool daemon = host->daemon_set_at != NONE && ns_abs(host->daemon_set_at - host->set_time_at) <= K(RECENT);
	return host->set_time_at != NONE && host->set_time_at >= since && host->telemetry_seen && !daemon;
}

static bool zone_like(const struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	int64_t quarter = 900 * S_NS, offset = v->point, slack = 2 * S_NS;
	if (stepped(p, host, v) && host->step)
		offset = host->step;
	else if (v->range.low == OPEN_LOW || v->range.high == OPEN_HIGH)
		return false;
	else {
		offset = v->range.low + (v->range.high - v->range.low) / 2;
		slack += (v->range.high - v->range.low) / 2;
	}
	if (slack > 60 * S_NS)
		return false;
	int64_t size = ns_abs(offset), k = (size + quarter / 2) / quarter;
	return k >= 1 && k * quarter <= 14 * 3600 * S_NS && near(size, k * quarter, slack);
}

/* Every difference of one sign and none a step: the rate, from the offsets alone (the daemon's frequency is no drift of the clock). */
bool drift_of(const struct host *host, struct rate *out)
{
	struct point points[SAMPLES_MAX];
	size_t count = 0;
	int64_t first = 0, last = 0, sign = 0;
	for (int i = 0; i < host->samples_count; i++) {
		const struct sample *sample = &host->samples[i];
		if (sample->state != SAMPLE_CLAIM)
			continue;
		int64_t moved = sample->offset - last;
		if (count && (moved == 0 || ns_abs(moved) >= DRIFT_STEP_MS * MS_NS || (sign && (moved > 0) != (sign > 0))))
			return false;
		sign = count ? moved : 0;
		first = count ? first : sample->offset;
		last = sample->offset;
		points[count++] = (struct point){(double)(sample_taken(sample) - sample_taken(&host->samples[0])) / 1e9,
			(double)(sample->offset - sample->bound) / 1e9, (double)(sample->offset + sample->bound) / 1e9};
	}
	return count >= DRIFT_SAMPLES && ns_abs(last - first) > DRIFT_LEAST_MS * MS_NS && rate_fit(points, count, out);
}

/* The ladder: the first rung that holds. */
enum cause cause_of(struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	struct rate rate;
	/* 1 reference_fault: the fleet's own incident (fleet.c); it voids stamps before they come here.
	 * 2 late_delivery, stream_stamps, credential: findings (life.c); they open nothing. */
	if (v->accused && !v->ntp_agrees && !v->ahead_proved && !v->behind_proved)
		return CAUSE_PEER; /* 3 */
	if (shared_source_of(p, host) != NO_SOURCE)
		return CAUSE_SHARED_SOURCE; /* 4 */
	if (host->false_sync || sources_convicted(p, host))
		return CAUSE_FALSE_SYNC; /* 5 */
	if (!host->telemetry_seen || telemetry_missing(p, host, v->now))
		return CAUSE_NO_TELEMETRY; /* 6 */
	if (host->unsynchronised >= HOLD_SAMPLES || never_synchronised(host))
		return CAUSE_UNSYNCHRONISED; /* 7 */
	if (sources_lost(host))
		return CAUSE_SOURCE_LOSS; /* 8 */
	if (dead_battery(v))
		return CAUSE_DEAD_RTC; /* 9 */
	if (stepped(p, host, v) && set_by_hand(p, host, v))
		return CAUSE_TAMPER; /* 10 */
	if (zone_like(p, host, v))
		return CAUSE_TIME_ZONE; /* 11 */
	if (stepped(p, host, v))
		return CAUSE_STEP; /* 12 */
	if (drift_of(host, &rate))
		return CAUSE_DRIFT; /* 13 */
	return CAUSE_UNCORRECTED; /* 14 */
}

int cause_rung(enum cause cause)
{
	static const int RUNGS[CAUSE_COUNT] = {[CAUSE_REFERENCE_FAULT] = 1, [CAUSE_PEER] = 3, [CAUSE_SHARED_SOURCE] = 4, [CAUSE_FALSE_SYNC] = 5,
		[CAUSE_NO_TELEMETRY] = 6, [CAUSE_UNSYNCHRONISED] = 7, [CAUSE_SOURCE_LOSS] = 8, [CAUSE_DEAD_RTC] = 9, [CAUSE_TAMPER] = 10, [CAUSE_TIME_ZONE] = 11,
		[CAUSE_STEP] = 12, [CAUSE_DRIFT] = 13, [CAUSE_UNCORRECTED] = 14}; /* 0: a health alarm stands on none */
	return RUNGS[cause];
}

static bool leap_month(int64_t at)
{
	int64_t year;
	unsigned month, day;
	civil_from_days(at / (86400 * S_NS), &year, &month, &day);
	return month == 6 || month == 12;
}

/* CAUSE_UNKNOWN: healthy. */
enum cause health_of(const struct correlate_partition *p, const struct host *host, int64_t now, enum severity *out_severity)
{
	*out_severity = SEVERITY_WARNING;
	if (!host->telemetry_seen)
		return CAUSE_UNKNOWN;
	if (telemetry_missing(p, host, now))
		return CAUSE_NTP_SILENT;
	if (host->unsynchronised >= HEALTH_SAMPLES) {
		*out_severity = SEVERITY_CRITICAL;
		return CAUSE_UNSYNCHRONISED;
	}
	if (sources_lost(host))
		return CAUSE_SOURCE_LOSS;
	const struct census *census = &p->knowledge.census;
	const struct sample *last = sample_last(host);
	/* A row of long ago, or one older than what is known of the others, is not of their time: a leap second may lie between. */
	bool current = (last->x == NONE || last->x > -K(RECENT)) && last->at > p->knowledge.counted_at;
	bool minority = current && census->standing >= FLEET_MIN && census->announcing * 2 < census->standing;
	if (host->leap_odd >= HEALTH_SAMPLES && (p->settings->leap_announced != LEAP_IGNORE || !(leap_month(host->leap_at) || leap_month(host->leap_at - K(LEAP_HOLD))) || minority)) {
		if (p->settings->leap_announced == LEAP_CRITICAL)
			*out_severity = SEVERITY_CRITICAL;
		return CAUSE_LEAP;
	}
	if (host->unapproved >= HEALTH_SAMPLES)
		return CAUSE_UNAPPROVED_SOURCE;
	if (host->few >= HEALTH_SAMPLES && now >= host->first + K(FIRST))
		return CAUSE_FEW_SOURCES;
	return CAUSE_UNKNOWN;
}
