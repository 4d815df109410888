/* The life of a host's incident: when it opens, what is worth a new revision, when it is over (verdict.md 4). */
#include <stdlib.h>

#include "room.h"

/* ---- before opening ---- */
/* The daemon is about to correct it: |o| falls and reaches the limit within ten minutes at its present rate. */
static bool converging(struct correlate_partition *p, struct host *host, const struct verdict *v, int64_t limit)
{
	const struct sample *last = sample_claim(host);
	if (!last || host->samples_count < 2 || !v->claim.votes)
		return false;
	const struct sample *before = &host->samples[host->samples_count - 2];
	int64_t now = ns_abs(last->offset), then = ns_abs(before->offset), elapsed = sample_taken(last) - sample_taken(before);
	bool falls = before->state == SAMPLE_CLAIM && (last->offset > 0) == (before->offset > 0) && elapsed > 0 && then - now > elapsed / 20000;
	double left = falls ? (double)(now - limit) / ((double)(then - now) / (double)elapsed) : 0;
	if (!falls || left > (double)K(CONVERGE)) {
		host->hold_since = NONE;
		return false;
	}
	if (host->hold_since == NONE)
		host->hold_since = last->at;
	return v->now - host->hold_since < K(CONVERGE);
}

/* An announced leap second is no fault: its own size is expected for a day. */
static bool leaping(const struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	if (host->leap_at == NONE || v->now - host->leap_at > K(LEAP_HOLD) || !v->claim.present)
		return false;
	int64_t far = v->range.low < -S_NS - v->claim.bound || v->range.high > S_NS + v->claim.bound;
	return !far && (v->direction == DIRECTION_AHEAD) == (host->leap_sign > 0);
}

/* One slow collector makes its hosts look ahead by the same value. */
static bool collector_at_fault(const struct correlate_partition *p, const struct verdict *v)
{
	for (int i = 0; i < p->knowledge.parts_count; i++) {
		const struct fleet_part *part = &p->knowledge.parts[i];
		if (v->now >= part->from && v->now <= part->to + K(PART_HOLD) && v->bound.low < part->value + 3 * S_NS + part->value / 50)
			return true;
	}
	return false;
}

/* Its telemetry, before it fell silent, was exceeded by as much, and its sources were vouched for: what was no proof then is none now. */
static bool acquitted_excess(const struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	for (int i = host->samples_count - 1; i >= 0 && host->unexplained_at != NONE && v->now - host->unexplained_at <= p->settings->window.ns; i--)
		if (host->samples[i].at == host->unexplained_at)
			return v->bound.low <= ns_add(host->samples[i].x, K(TOLERANCE));
	return false;
}

static bool has_transit(const struct host *host)
{
	const struct sample *last = sample_last(host);
	return host->cells_count || (last && last->x != NONE);
}

static enum gate gate_of_telemetry(struct correlate_partition *p, struct host *host, const struct verdict *v, int64_t limit)
{
	if (v->direction == DIRECTION_AHEAD && has_transit(host) && claim_undecided(p, host, sample_claim(host), v->claim.bound, &v->bound))
		return GATE_UNSEEN; /* an ahead clock always shows: wait for three stamps */
	if (converging(p, host, v, limit))
		return GATE_CONVERGING;
	bool first = v->now < host->first + K(FIRST);
	return (v->proof == PROOF_PROVED && v->bound.low > K(GAP) && !first) || host->bad >= HOLD_SAMPLES ? GATE_OPENS : GATE_ONE_SAMPLE;
}

static enum gate gate_of_stamps(struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	if (v->claim.stands)
		return GATE_TELEMETRY_STANDS;
	if (v->proof != PROOF_PROVED)
		return GATE_NO_PROOF;
	if (collector_at_fault(p, v) || acquitted_excess(p, host, v))
		return GATE_COLLECTOR;
	if (p->knowledge.census.standing < PART_MIN) /* nobody can tell a fault of the reference; its telemetry may still come */
		return v->now >= host->first + K(FIRST) ? GATE_OPENS : GATE_FIRST;
	return host->over_since != NONE && v->now >= host->over_since + K(WAIT) ? GATE_OPENS : GATE_REFERENCE;
}

/* The first gate that a host does not pass on its way to a clock incident. */
static enum gate gate_of(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	int64_t limit = thresholds_of(p, host).warning.ns;
	if (!v->agreed)
		return GATE_NOTHING;
	if (v->distance <= limit)
		return GATE_WITHIN;
	if (v->proof == PROOF_NONE)
		return GATE_NO_PROOF;
	if (leaping(p, host, v))
		return GATE_LEAP;
	if (host_silenced(p, host, v->now))
		return GATE_SILENCED;
	if (v->accused && !v->ntp_agrees)
		return GATE_OPENS;
	if (v->behind_proved && v->direction == DIRECTION_BEHIND)
		return v->hearsay_since == NONE || v->now >= v->hearsay_since + K(WAIT) ? GATE_OPENS : GATE_ISSUERS;
	return v->ntp_agrees ? gate_of_telemetry(p, host, v, limit) : gate_of_stamps(p, host, v);
}

/* ---- what goes into the incident ---- */
static enum severity severity_of(struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	struct thresholds limits = thresholds_of(p, host);
	return v->distance > limits.critical.ns || v->causal_or_symmetric ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

static int64_t far_end(struct range range)
{
	int64_t low = ns_abs(range.low), high = ns_abs(range.high);
	return low > high ? low : high;
}

static void note_worst(struct incident *incident, const struct verdict *v)
{
	incident->measured = incident->measured || v->ntp_agrees;
	if (v->tie)
		return;
	if (!incident->worst_known || v->distance > range_distance(incident->worst, v->expected)
		|| (v->distance == range_distance(incident->worst, v->expected) && far_end(v->range) < far_end(incident->worst)))
		incident->worst = v->range;
	incident->worst_known = true;
	incident->latest = v->range;
}

/* Where the delivery bound stood at first: a step starts it anew. */
static void note_low(struct host *host, const struct verdict *v)
{
	struct incident *incident = &host->incident;
	bool anew = incident->low_at == NONE || (host->cleared_at != NONE && host->cleared_at > incident->low_at);
	if (!anew || !v->bound.known)
		return;
	incident->low = v->bound.low;
	incident->low_at = v->now;
}

static void said(struct host *host, const struct verdict *v)
{
	struct incident *incident = &host->incident;
	incident->said_at = v->now;
	incident->said_distance = v->distance;
	incident->said_cause = incident->cause;
}

static struct str explained_by(struct correlate_partition *p, const struct host *host)
{
	enum cause cause = host->incident.cause;
	int32_t source = NO_SOURCE;
	if (cause == CAUSE_UNSYNCHRONISED || cause == CAUSE_SOURCE_LOSS)
		source = orphan_core_of(p, host);
	else if (host->incident.kind == INCIDENT_CLOCK)
		source = cause == CAUSE_FALSE_SYNC ? explaining_source(p, host) : shared_source_of(p, host);
	return source == NO_SOURCE ? STR_NONE : owned_str(&source_at(p, source)->incident_id);
}

/* Says a revision, unless somebody else's incident explains this one and that has been said with today's cause: clients that are heard of one
 * after the other make of a false synchronisation a shared source, in whatever order the partitions hear of them. */
static void say(struct correlate_partition *p, struct host *host, const struct verdict *v, enum incident_action action)
{
	struct incident *incident = &host->incident;
	if (incident->inhibited && incident->cause == incident->said_cause)
		return;
	incident->revision++;
	incident->inhibited = explained_by(p, host).size > 0;
	incident->correlated = incident->correlated || is_correlated(host, v);
	revision_emit(p, host, v, action, incident->inhibited ? explained_by(p, host) : STR_NONE);
	said(host, v);
}

static void incident_begin(struct host *host, int64_t now)
{
	incident_reset(&host->incident);
	host->incident.opened = now;
	host->incident.by_label = host->short_seen;
}

static void open_clock(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	struct incident *incident = &host->incident;
	enum incident_action action = ACTION_OPEN;
	enum cause cause = cause_of(p, host, v);
	bool again = !incident->active && incident->resolved != NONE && incident->kind == INCIDENT_CLOCK
		&& v->now - incident->resolved <= K(REOPEN) && incident->direction == v->direction;
	if (incident->active) {
		action = ACTION_UPDATE; /* takes the health incident over */
	} else if (again) {
		action = ACTION_REOPEN;
		incident->reopened++;
	} else {
		incident_begin(host, v->now);
	}
	incident->active = true;
	incident->inhibited = false;
	incident->kind = INCIDENT_CLOCK;
	incident->state = STATE_OPEN;
	incident->direction = (uint8_t)v->direction;
	incident->resolved = incident->good_since = NONE;
	incident->before_telemetry = !host->telemetry_seen;
	if (!again || cause < CAUSE_NO_TELEMETRY || incident->cause == CAUSE_NO_TELEMETRY) /* its telemetry may have come since */
		incident->cause = (uint8_t)cause;
	incident->severity = (uint8_t)severity_of(p, host, v);
	incident->step = host->stepped_at != NONE && v->now - host->stepped_at <= K(SYMPTOM_AGE) ? host->step : 0;
	incident->back_off = K(BACKOFF);
	note_worst(incident, v);
	say(p, host, v, action);
}

static void open_health(struct correlate_partition *p, struct host *host, const struct verdict *v, enum cause cause, enum severity severity)
{
	struct incident *incident = &host->incident;
	bool again = incident->resolved != NONE && incident->kind == INCIDENT_HEALTH && incident->cause == cause
		&& v->now - incident->resolved <= K(REOPEN);
	if (!again) {
		incident_begin(host, v->now);
	}
	incident->active = true;
	incident->inhibited = false;
	incident->kind = INCIDENT_HEALTH;
	incident->state = STATE_OPEN;
	incident->cause = (uint8_t)cause;
	incident->severity = (uint8_t)severity;
	incident->direction = DIRECTION_UNKNOWN;
	incident->resolved = incident->good_since = NONE;
	incident->reopened += again;
	incident->back_off = K(BACKOFF);
	say(p, host, v, again ? ACTION_REOPEN : ACTION_OPEN);
}

static void resolve(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	struct incident *incident = &host->incident;
	incident->state = STATE_RESOLVED;
	incident->resolved = v->now;
	say(p, host, v, ACTION_RESOLVE);
	incident->active = false;
	incident->good_since = NONE;
	host->false_sync = host->proved_behind = false;
}

/* ---- while it is open ---- */
/* Could stamps alone see this incident end? What telemetry had measured may be smaller than any delay. */
static bool seen_by_stamps(const struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	const struct incident *incident = &host->incident;
	return !incident->measured || range_distance(incident->worst, v->expected) > K(LAG_MIN) + v->wide;
}

static bool input_went_on(const struct correlate_partition *p, uint32_t name, int64_t until)
{
	const struct input *input = input_find(p, name_str(p, name));
	return input && !input->idle && input->reference >= until;
}

static int64_t quiet_after(const struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	return host->telemetry_seen ? v->patience + K(HOP) : K(SPOKEN);
}

/* Nothing speaks of this clock any more, although its input goes on (silence is never recovery). What telemetry had measured wants telemetry. */
static bool fell_silent(struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	const struct sample *last = sample_last(host);
	int64_t quiet = quiet_after(p, host, v);
	if (last && v->now < host->heard + quiet)
		return false;
	if (last && host->incident.measured)
		return input_went_on(p, host->telemetry_input, host->heard + quiet);
	return v->now >= host->last + quiet && input_went_on(p, host->telemetry_seen ? host->telemetry_input : host->log_input, host->last + quiet);
}

/* Evidence that may acquit says that the clock is right. */
static bool acquitted(struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	const struct incident *incident = &host->incident;
	int64_t limit = thresholds_of(p, host).warning.ns, close = limit / 100 * CLOSE_PERCENT;
	bool false_sync = incident->cause == CAUSE_FALSE_SYNC || incident->cause == CAUSE_SHARED_SOURCE;
	if (v->claim.stands && v->claim.votes && !false_sync) {
		if (v->distance >= close || (!v->bound.known && has_transit(host)))
			return false;
		int64_t lag = host->lag == NONE ? 0 : host->lag;
		return incident->direction != DIRECTION_BEHIND || !v->bound.known
			|| v->bound.low >= v->claim.offset - v->claim.bound - K(LAG_MIN) - v->wide - lag;
	}
	if ((v->claim.stands && !v->claim.votes) || !seen_by_stamps(p, host, v))
		return false;
	return v->bound.known && v->bound.low > v->expected - K(LAG_MIN) && v->bound.low < v->expected + limit && v->distance < close;
}

static bool blocked(struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	if (v->last_blocking == NONE || v->now >= v->last_blocking + K(QUIET))
		return false;
	bool telemetry = v->claim.stands && v->claim.votes;
	return !(telemetry && v->now >= host->incident.good_since + K(BLOCK));
}

/* While open the cause moves only to an earlier rung among the first five, from uncorrected to drift, or once to what telemetry tells. */
static enum cause moved_cause(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	struct incident *incident = &host->incident;
	enum cause now = cause_of(p, host, v), was = incident->cause;
	if (now < was && now <= CAUSE_FALSE_SYNC)
		return now;
	if (was == CAUSE_UNCORRECTED && now == CAUSE_DRIFT)
		return now;
	if (was == CAUSE_NO_TELEMETRY && incident->before_telemetry && (host->synchronised_once || host->unsynchronised >= HOLD_SAMPLES)) {
		incident->before_telemetry = false;
		return now;
	}
	return was;
}

static bool doubled(int64_t now, int64_t before)
{
	return now > 2 * before || 2 * now < before;
}

/* Its last three samples lie within the lower limit: a severity may go down. */
static bool calmed_down(struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	int64_t limit = thresholds_of(p, host).critical.ns;
	bool calm = v->claim.votes && host->samples_count >= HEALTH_SAMPLES;
	for (int i = 1; calm && i <= HEALTH_SAMPLES; i++) {
		const struct sample *sample = &host->samples[host->samples_count - i];
		calm = sample->state == SAMPLE_CLAIM && ns_abs(sample->offset - v->expected) + sample->bound <= limit;
	}
	return calm;
}

/* What is news. Another cause, a graver severity, the other side, a state and somebody else's incident that explains this one are said at once:
 * a cause moves one way only (moved_cause) and an explained incident is said again for its cause alone, so these cannot flap; of sides and
 * silences only the first is, a later one waits as the rest does: a lower severity, a text that joins, twice or half the distance. The estimate
 * is no news. */
enum news { NEWS_NONE, NEWS_THAT_WAITS, NEWS_AT_ONCE };

static bool damped(const struct incident *incident)
{
	return incident->reopened >= DAMPED_FROM;
}

static enum news news_of(struct correlate_partition *p, const struct host *host, const struct verdict *v, bool turned, bool worse, bool better)
{
	const struct incident *incident = &host->incident;
	if (damped(incident))
		return worse ? NEWS_AT_ONCE : NEWS_NONE;
	if (worse || incident->state == STATE_UNKNOWN || incident->cause != incident->said_cause || (turned && !incident->turned)
		|| (!incident->inhibited && explained_by(p, host).size > 0))
		return NEWS_AT_ONCE;
	bool joined = !incident->correlated && is_correlated(host, v);
	return turned || better || joined || doubled(v->distance, incident->said_distance) ? NEWS_THAT_WAITS : NEWS_NONE;
}

/* Telemetry that agrees lies on that side itself: words alone do not carry a clock across zero within its bound. */
static bool measured_there(const struct verdict *v)
{
	return !v->ntp_agrees || (v->claim.offset > v->expected) == (v->direction == DIRECTION_AHEAD);
}

static void go_on(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	struct incident *incident = &host->incident;
	enum severity severity = severity_of(p, host, v);
	bool turned = !v->tie && v->direction != DIRECTION_UNKNOWN && v->direction != incident->direction && measured_there(v);
	bool worse = severity > incident->severity, better = severity < incident->severity && calmed_down(p, host, v);
	incident->cause = (uint8_t)moved_cause(p, host, v);
	if (damped(incident))
		incident->state = STATE_OPEN; /* as its falling silent, not said */
	note_low(host, v);
	note_worst(incident, v);
	enum news news = news_of(p, host, v, turned, worse, better);
	bool due = v->now >= incident->said_at + incident->back_off;
	if (news == NEWS_NONE || (news == NEWS_THAT_WAITS && !due))
		return;
	incident->state = STATE_OPEN;
	incident->direction = (uint8_t)(turned ? v->direction : incident->direction);
	incident->turned = incident->turned || turned;
	incident->severity = (uint8_t)(worse || better ? severity : incident->severity);
	if (news == NEWS_THAT_WAITS)
		incident->back_off *= 2;
	say(p, host, v, ACTION_UPDATE);
}

/* The first time it is said at once, later as the rest: a host that speaks every quarter of an hour is no news each time. */
static void fall_silent(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	struct incident *incident = &host->incident;
	if (incident->state == STATE_UNKNOWN || (incident->hushed && !damped(incident) && v->now < incident->said_at + incident->back_off))
		return;
	incident->state = STATE_UNKNOWN;
	if (damped(incident))
		return;
	incident->back_off *= incident->hushed ? 2 : 1;
	incident->hushed = true;
	say(p, host, v, ACTION_UPDATE);
}

static void keep_clock(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	struct incident *incident = &host->incident;
	bool right = v->agreed && v->now < host->last + quiet_after(p, host, v) && acquitted(p, host, v);
	if (!right && fell_silent(p, host, v)) {
		incident->good_since = NONE;
		fall_silent(p, host, v);
		return;
	}
	if (!v->agreed)
		return;
	if (right) {
		if (incident->good_since == NONE)
			incident->good_since = v->now;
		if (v->now >= incident->good_since + K(CALM) && !blocked(p, host, v))
			resolve(p, host, v);
		return;
	}
	incident->good_since = NONE;
	bool on_stamps_alone = v->claim.stands && !v->ntp_agrees && v->direction == DIRECTION_AHEAD; /* its next sample decides, as before opening */
	if (v->proof != PROOF_NONE && !on_stamps_alone && v->distance > thresholds_of(p, host).warning.ns / 100 * CLOSE_PERCENT)
		go_on(p, host, v);
}

static void keep_health(struct correlate_partition *p, struct host *host, const struct verdict *v, enum cause cause, enum severity severity)
{
	struct incident *incident = &host->incident;
	if (cause == CAUSE_UNKNOWN) {
		if (incident->good_since == NONE)
			incident->good_since = v->now;
		if (v->now >= incident->good_since + K(CALM))
			resolve(p, host, v);
		return;
	}
	incident->good_since = NONE;
	bool explained = !incident->inhibited && explained_by(p, host).size > 0;
	bool graver = severity > incident->severity || cause < incident->cause;
	if (!graver && !explained)
		return;
	incident->cause = (uint8_t)(graver ? cause : incident->cause);
	if (severity > incident->severity)
		incident->severity = (uint8_t)severity;
	say(p, host, v, ACTION_UPDATE);
}

/* ---- findings: worth counting, nobody's clock ---- */
static void find(struct correlate_partition *p, struct host *host, enum host_finding finding, const char *name, int64_t now, const char *text, int64_t value)
{
	if (host->finding_at[finding] != NONE && now - host->finding_at[finding] < K(MEMORY))
		return;
	host->finding_at[finding] = now;
	finding_say(p, name, host_shown(host), "%s %+.3f s", text, (double)value / 1e9);
	trace_say(p, host, now, "finding %s: %s %+.3f s", name, text, (double)value / 1e9);
}

/* As far apart as two time zones. */
static bool zone_apart(const struct correlate_partition *p, int64_t value)
{
	int64_t quarter = 900 * S_NS, whole = (value + quarter / 2) / quarter * quarter;
	return whole > 0 && whole <= 14 * 3600 * S_NS && ns_abs(value - whole) <= K(TOLERANCE);
}

static void look_for_findings(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	if (v->bound.stray_stamps)
		find(p, host, HOST_STREAM_STAMPS, "stream_stamps", v->now, zone_apart(p, v->bound.stray_value)
			? "one program's stamps lie a whole number of quarter hours apart, as in another time zone, by" : "one program's stamps lie apart, by up to", v->bound.stray_value);
	if (v->bound.known && v->bound.low < -10 * K(LAG_MIN) && v->direction == DIRECTION_UNKNOWN && !host->incident.active)
		find(p, host, HOST_LATE, "late_delivery", v->now, "records arrive late and nothing says that the clock is behind: least lag", v->bound.low);
	for (size_t i = 0; i < v->items_count; i++)
		if (v->items[i].kind == ITEM_SYMPTOM && !v->items[i].agrees && v->good)
			find(p, host, HOST_CREDENTIAL, "credential", v->now, "a text says that this clock is wrong, and it is proved right: bound", v->range.high);
}

/* ---- the door ---- */
static void count_bad(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	const struct sample *last = sample_last(host);
	if (!last || last->at == host->counted_at)
		return;
	host->counted_at = last->at;
	bool bad = last->state == SAMPLE_CLAIM && v->agreed && v->ntp_agrees && v->distance > thresholds_of(p, host).warning.ns;
	host->bad = bad ? host->bad + 1 : 0;
}

/* Convicts this host's own sources, for this host alone (3.2, 3.1); true when the evidence must be weighed anew. */
static bool convict(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	sample_withdraw(p, host, v->now);
	if (host->false_sync || refers_to_fault(p, v->now))
		return false;
	bool denied = v->claim.present && !v->ntp_agrees && v->agreed && v->claim.offset - v->claim.bound > v->range.high;
	if (v->behind_proved && denied) {
		host->false_sync = host->proved_behind = true;
		return true;
	}
	if (host->contradictions < HOLD_SAMPLES || v->now < host->first_contradiction + K(WAIT))
		return false;
	int64_t excess = v->bound.known ? v->bound.low - v->claim.offset : 0;
	if (sources_vouched(p, host, excess, v->now) || collector_at_fault(p, v)) {
		host->contradictions = 0;
		host->first_contradiction = NONE;
		return false;
	}
	host->false_sync = true;
	return true;
}

static int64_t sooner(int64_t due, int64_t candidate, int64_t now)
{
	if (candidate == NONE || candidate <= now)
		return due;
	return due == NONE || candidate < due ? candidate : due;
}

static int64_t after(int64_t at, int64_t span)
{
	return at == NONE ? NONE : at + span;
}

static void plan(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	const struct incident *incident = &host->incident;
	const struct sample *last = sample_last(host);
	int64_t due = NONE, now = v->now, silence = v->patience + K(HOP);
	if (last)
		due = sooner(due, host->heard + silence, now);
	if (last && now >= host->heard + silence && (p->knowledge.counted_at < host->heard + silence || !p->knowledge.census.fresh))
		due = sooner(due, now + K(TICK), now); /* whether others go on is still to be told */
	if (host->contradictions)
		due = sooner(due, after(host->first_contradiction, K(WAIT)), now);
	if (incident->active) {
		due = sooner(due, after(incident->good_since, K(CALM)), now);
		due = sooner(due, after(incident->good_since, K(BLOCK)), now);
		if (incident->good_since != NONE)
			due = sooner(due, after(v->last_blocking, K(QUIET)), now);
		due = sooner(due, host->last + (host->telemetry_seen ? silence : K(SPOKEN)), now);
		due = sooner(due, after(incident->said_at, incident->back_off), now);
	} else if (v->agreed && v->proof != PROOF_NONE && v->distance > 0) {
		due = sooner(due, after(host->over_since, K(WAIT)), now);
		due = sooner(due, after(v->hearsay_since, K(WAIT)), now);
		due = sooner(due, host->first + K(FIRST), now);
		due = sooner(due, after(host->hold_since, K(CONVERGE)), now);
	}
	if (v->bound.known && v->bound.low > 0 && !v->ahead_proved)
		due = sooner(due, v->bound.first + K(PROOF), now);
	if (host->suspect)
		due = sooner(due, now + 60 * S_NS, now);
	timer_set(p, host, due);
}

static bool is_suspect(struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	int64_t limit = thresholds_of(p, host).warning.ns;
	if (host->incident.active || host->symptoms_count || host->accusations_count || host->contradictions || host->unshown || host->jump_step)
		return true;
	if (v->bound.stray_stamps || (v->bound.known && v->bound.low > limit))
		return true;
	for (uint16_t i = 0; i < host->cells_count; i++)
		if (host->cells[i].top[0].x - host->streams[host->cells[i].stream].grain > limit)
			return true;
	return v->claim.present && ns_abs(v->claim.offset) > limit / 100 * CLOSE_PERCENT + v->claim.bound;
}

static void digests_drop(struct digests **digests)
{
	free(*digests);
	*digests = NULL;
}

static void keep_or_slim(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	bool suspect = is_suspect(p, host, v);
	if (suspect && !host->suspect && p->suspects >= p->settings->suspects_max) {
		if (!p->suspects_full)
			finding_say(p, "suspects_max", host_shown(host), "more suspect hosts than suspects_max: only a summary is kept of this and others");
		p->suspects_full = p->touched = true;
		suspect = false;
	}
	if (p->suspects_full && host->suspect && !suspect)
		p->suspects_full = false; /* there is room again */
	p->suspects += suspect;
	p->suspects -= host->suspect;
	host->suspect = suspect;
	host_settle(p, host);
	if (suspect)
		return;
	transit_slim(host);
	digests_drop(&host->digests[1]);
	if (host->digests[0] && v->now - host->digests[0]->last > K(MEMORY))
		digests_drop(&host->digests[0]);
}

/* Since when its stamps have shown it ahead. */
static void note_over(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	bool over = v->bound.known && v->bound.low > thresholds_of(p, host).warning.ns;
	if (!over)
		host->over_since = NONE;
	else if (host->over_since == NONE)
		host->over_since = v->now; /* on a slow axis the values themselves are of before */
}

void host_judge(struct correlate_partition *p, struct host *host, int64_t now)
{
	if (host->now != NONE && now < host->now)
		now = host->now;
	host->now = now;
	transit_age(p, host, now);
	symptoms_age(p, host, now);
	accusations_age(p, host, now);
	jump_look(p, host, now);
	struct verdict v;
	verdict_weigh(p, host, now, &v);
	note_over(p, host, &v);
	if (convict(p, host, &v)) {
		verdict_weigh(p, host, now, &v);
		note_over(p, host, &v);
	}
	count_bad(p, host, &v);
	struct incident *incident = &host->incident;
	enum severity health_severity;
	enum cause health = host_silenced(p, host, now) ? CAUSE_UNKNOWN : health_of(p, host, now, &health_severity);
	bool clock = incident->active && incident->kind == INCIDENT_CLOCK;
	enum gate gate = clock ? GATE_OPENS : gate_of(p, host, &v);
	if (!clock && gate == GATE_OPENS)
		open_clock(p, host, &v);
	else if (clock)
		keep_clock(p, host, &v);
	else if (incident->active)
		keep_health(p, host, &v, health, health_severity);
	else if (health != CAUSE_UNKNOWN)
		open_health(p, host, &v, health, health_severity);
	trace_verdict(p, host, &v, gate);
	look_for_findings(p, host, &v);
	peers_accuse(p, host, &v);
	peer_tell(p, host, &v);
	open_tell(p, host, &v);
	trust_emit(p, host, &v, now);
	keep_or_slim(p, host, &v);
	plan(p, host, &v);
	host_touch(p, host);
}
