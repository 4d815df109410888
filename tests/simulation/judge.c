#include "judge.h"

#include <math.h>
#include <string.h>

enum { HOLD_FOR = 24 }; /* looks: a fault counts as due when it stays decidable for four minutes */
static const double FOUND_WITHIN = 600, HOLD_CONVERGING = 600, RESOLVED_WITHIN = 1300, MEMORY = 700, WIDEST_SOFT = 3.3;

static int host_of(const struct simulation *s, const char *name)
{
	for (int h = 0; h < s->hosts_count; h++)
		if (strcmp(s->hosts[h].name, name) == 0)
			return h;
	return sim_member(name); /* of a cluster, by the name that its peers know */
}

static bool opens(const struct told *told)
{
	return told->action == ACTION_OPEN || told->action == ACTION_REOPEN;
}

/* ---- what was told ---- */
/* While telemetry is sound nothing older than its last row is needed; stamps alone may be as old as the window. */
static double evidence_from(const struct truth *truth, int h, double at, bool *out_telemetry)
{
	const struct sim_record *last[2];
	int count = truth_samples(truth, h, at, last, 2);
	*out_telemetry = count == 2 && truth_sound(truth, last[0]) && last[1]->synchronised && at - last[0]->arrived <= 1.5 * (last[0]->written - last[1]->written)
		&& !truth_axis_wrong(truth, at, 300);
	return *out_telemetry ? last[0]->written - 1 : at - WINDOW - 30;
}

/* A slow collector's reference times lie before the true ones: what is said on its axis may be of so much later. */
static double said_by(const struct truth *truth, const struct told *told)
{
	return told->at + (truth_axis_wrong(truth, told->at + 100, 100) ? 100 : 0);
}

static void judge_side(const struct truth *truth, const struct told *told, int h, struct score *score, struct buffer *out)
{
	double low, high;
	truth_range(truth, h, told->at - MEMORY, said_by(truth, told), &low, &high);
	bool right = told->direction == DIRECTION_AHEAD ? high > LIMIT - SLACK : told->direction == DIRECTION_BEHIND ? low < -LIMIT + SLACK : true;
	score->sides += right;
	if (!right)
		buffer_printf(out, "%.0f %s: told %s, but theta was %+.4f .. %+.4f\n", told->at, told->suspect, direction_name(told->direction), low, high);
}

/* The daemon itself was mistaken when it was asked last: set by hand, or a crystal that has just changed. */
static bool misled(const struct truth *truth, int h, double at)
{
	const struct sim_record *last;
	if (truth_samples(truth, h, at, &last, 1) < 1 || !last->synchronised || last->source < 0)
		return false;
	const struct simulation *s = truth->s;
	double apart = sim_theta(s, h, last->written) - s->phi[last->source][(int)last->written];
	return fabs(last->offset - apart) > last->bound + 1e-3 + fabs(last->offset) * 6e-8;
}

/* Of an interval from telemetry that stands. A row was true when it was written: on its way it has grown as old as the way was long. */
static double widest_by(const struct sim_record *const last[2], double at)
{
	double elapsed = last[0]->written - last[1]->written, rate = fmax(5e-4, fabs(last[0]->offset - last[1]->offset) / elapsed);
	return 2 * (last[0]->bound + 1e-3 + fabs(last[0]->offset) * 1.2e-7 + rate * (fmax(0, at - last[0]->written) + WIDEST_SOFT)) + 2 * SLACK;
}

static double widest(const struct truth *truth, int h, double at)
{
	const struct sim_record *last[3];
	int count = truth_samples(truth, h, at, last, 3);
	double now = widest_by(last, at);
	return count == 3 && last[0]->arrived > at - 0.2 ? fmax(now, widest_by(last + 1, at)) : now;
}

static void judge_interval(const struct truth *truth, const struct told *told, int h, struct score *score, struct buffer *out)
{
	bool telemetry;
	double from = evidence_from(truth, h, told->at, &telemetry), low, high, width = told->high - told->low;
	telemetry = telemetry && sim_member(told->suspect) < 0; /* of a member's id nobody ships any */
	truth_range(truth, h, from, said_by(truth, told), &low, &high);
	/* A constant delay looks like a clock that far behind: of a host that is always late stamps prove the lower side alone. */
	bool late = !telemetry && truth->s->hosts[h].shipping != SHIP_PROMPT && truth->s->hosts[h].lag > 2;
	if (misled(truth, h, told->at)) {
		score->intervals++;
		return;
	}
	bool holds = told->low - SLACK <= high && (late || told->high + SLACK >= low), narrow = true;
	if (telemetry && high - low < 0.01)
		narrow = width <= widest(truth, h, told->at);
	else if (isfinite(width))
		narrow = width <= WIDEST_SOFT + truth_spread(truth, h, told->at) + 1;
	score->intervals += holds && narrow;
	if (!holds)
		buffer_printf(out, "%.0f %s: told %+.4f .. %+.4f, but theta was %+.4f .. %+.4f\n", told->at, told->suspect, told->low, told->high, low, high);
	else if (!narrow)
		buffer_printf(out, "%.0f %s: told %+.4f .. %+.4f, which is too wide%s\n", told->at, told->suspect, told->low, told->high,
			telemetry ? " while sound telemetry stands" : " for its stamps");
}

static void judge_clock(const struct truth *truth, const struct told *told, int h, double opened, struct score *score, struct buffer *out)
{
	double low, high;
	truth_range(truth, h, told->at - MEMORY, said_by(truth, told), &low, &high);
	bool good = low >= -LIMIT && high <= LIMIT;
	if (good && truth_undecidable(truth, h, told->at))
		return;
	if (opens(told) && good) {
		score->false_clock++;
		buffer_printf(out, "%.0f %s: accused (%s, %s), but theta was %+.4f .. %+.4f: FALSE ALARM\n", told->at, told->suspect, direction_name(told->direction),
			cause_name(told->cause), low, high);
		return;
	}
	if (told->state != STATE_OPEN)
		return;
	score->revisions++;
	judge_side(truth, told, h, score, out);
	judge_interval(truth, told, h, score, out);
	unsigned allowed = truth_causes(truth, h, opened, said_by(truth, told));
	if (sim_member(told->suspect) >= 0)
		allowed |= 1U << CAUSE_PEER; /* under this name nobody ships anything: its peers alone can tell */
	bool right = allowed >> told->cause & 1;
	score->causes += right;
	if (right)
		return;
	buffer_printf(out, "%.0f %s: cause %s, which is none of:", told->at, told->suspect, cause_name(told->cause));
	for (unsigned cause = 0; cause < CAUSE_COUNT; cause++)
		if (allowed >> cause & 1)
			buffer_printf(out, " %s", cause_name((enum cause)cause));
	buffer_printf(out, "\n");
}

static void judge_health(const struct truth *truth, const struct told *told, int h, struct score *score, struct buffer *out)
{
	/* A slow collector's reference time lies before the true one. */
	bool right = truth_health(truth, h, told->at) >> told->cause & 1;
	for (double at = told->at; truth_axis_wrong(truth, told->at + 100, 200) && !right && at < told->at + 100; at += 5)
		right = truth_health(truth, h, at) >> told->cause & 1;
	if (told->state != STATE_OPEN || right)
		return;
	score->false_health++;
	buffer_printf(out, "%.0f %s: health alarm %s, which is not so: FALSE ALARM\n", told->at, told->suspect, cause_name(told->cause));
}

static void judge_source(const struct truth *truth, const struct told *told, struct score *score, struct buffer *out)
{
	const struct simulation *s = truth->s;
	/* A collector ahead of time makes everything behind it late, as a source behind time would: no telling. */
	if (!opens(told) || truth_axis_fast(truth, told->at))
		return;
	for (int source = 0; source < SIM_SOURCES_MAX; source++) {
		char name[20];
		sim_source_name(source, name);
		if (strcmp(name, told->suspect + 4) != 0)
			continue;
		for (int i = 0; i < s->faults_count; i++)
			if (s->faults[i].kind == FAULT_SOURCE_WRONG && s->faults[i].subject == source && s->faults[i].from <= told->at && s->faults[i].to > told->at - 3600)
				return;
	}
	score->false_source++;
	buffer_printf(out, "%.0f %s: accused, but it is right: FALSE ALARM\n", told->at, told->suspect);
}

static void judge_reference(const struct truth *truth, const struct told *told, struct score *score, struct buffer *out)
{
	if (!opens(told) || truth_axis_wrong(truth, told->at + 100, 700)) /* said on the slow axis itself */
		return;
	score->false_reference++;
	buffer_printf(out, "%.0f reference: accused, but it is right: FALSE ALARM\n", told->at);
}

/* What a clock incident took over, a health incident of the same name, began before it and says nothing of the clock. */
static double opened_at(const struct telling *telling, size_t at)
{
	double opened = telling->items[at].at;
	for (size_t i = 0; i < at; i++) {
		const struct told *told = &telling->items[i];
		if (strcmp(told->id, telling->items[at].id) == 0 && told->kind == INCIDENT_CLOCK && told->at < opened)
			opened = told->at;
	}
	return opened;
}

static void judge_revisions(const struct telling *telling, struct buffer *out)
{
	for (size_t i = 0; i < telling->count; i++) {
		unsigned before = 0;
		for (size_t k = 0; k < i; k++)
			if (strcmp(telling->items[k].id, telling->items[i].id) == 0 && telling->items[k].revision > before)
				before = telling->items[k].revision;
		if (telling->items[i].revision != before + 1)
			buffer_printf(out, "%.0f %s: revision %u follows %u\n", telling->items[i].at, telling->items[i].id, telling->items[i].revision, before);
	}
}

/* ---- what should have been told ---- */
/* An open incident of that clock at some time of from..to; *out_at: when that was known first. */
static bool told_of(const struct telling *telling, const char *name, enum direction side, double from, double to, double *out_at)
{
	for (size_t i = 0; i < telling->count; i++) {
		const struct told *told = &telling->items[i];
		if (strcmp(told->suspect, name) != 0 || told->kind != INCIDENT_CLOCK || told->state == STATE_RESOLVED || told->at > to || told->direction != side)
			continue;
		double until = INFINITY;
		for (size_t k = i + 1; k < telling->count; k++)
			if (strcmp(telling->items[k].id, told->id) == 0 && telling->items[k].state == STATE_RESOLVED && telling->items[k].at < until)
				until = telling->items[k].at;
		if (until < from)
			continue;
		*out_at = fmax(told->at, from);
		return true;
	}
	return false;
}

static bool being_corrected(const struct truth *truth, int h, double from, double to)
{
	for (int second = (int)from; second < (int)to && second < truth->s->seconds; second++)
		if (truth->s->theta[h][second] * (double)truth->s->rate[h][second] < 0 && fabs((double)truth->s->rate[h][second]) > 2e-5)
			return true;
	return false;
}

static bool stays(const struct truth *truth, int h, int look, int looks, bool known)
{
	if (look + looks >= truth->looks_count)
		return false;
	for (int i = 1; i <= looks; i++)
		if (truth->looks[h][look + i].side != truth->looks[h][look].side || (known && !truth->looks[h][look + i].known))
			return false;
	return true;
}

static void judge_due(const struct truth *truth, const struct telling *telling, int h, struct score *score, struct buffer *out)
{
	const char *name = truth->s->hosts[h].name;
	for (int i = 0; i < truth->looks_count; i++) {
		const struct look *look = &truth->looks[h][i];
		if (!look->side || !look->known)
			continue;
		double at = i * STEP_OF_TRUTH, told_at, deadline = at + FOUND_WITHIN + (being_corrected(truth, h, at, at + FOUND_WITHIN) ? HOLD_CONVERGING : 0);
		enum direction side = look->side > 0 ? DIRECTION_AHEAD : DIRECTION_BEHIND;
		if (!stays(truth, h, i, HOLD_FOR, true) || !stays(truth, h, i, (int)(deadline - at) / STEP_OF_TRUTH, false))
			continue;
		bool found = told_of(telling, name, side, at, deadline, &told_at);
		score->due++;
		score->found += found;
		if (found && score->delays_count < sizeof score->delays / sizeof *score->delays)
			score->delays[score->delays_count++] = told_at - at;
		if (!found)
			buffer_printf(out, "%.0f %s: %s by %+.3f s, decidable by%s%s%s, not told by %.0f: MISSED\n", at, name, direction_name(side), sim_theta(truth->s, h, at),
				look->known & KNOWN_BY_TELEMETRY ? " telemetry" : "", look->known & KNOWN_BY_DELIVERY ? " delivery" : "", look->known & KNOWN_BY_CAUSALITY ? " causality" : "",
				deadline);
		while (i < truth->looks_count && truth->looks[h][i].side == look->side)
			i++; /* one fault */
	}
}

/* Since then the clock is right, two sound rows said so all the time, and nobody complains. */
static bool proved_right_since(const struct truth *truth, int h, double from, double to)
{
	const struct sim_record *last[2];
	double low, high;
	truth_range(truth, h, from, to, &low, &high);
	if (low < -0.03 || high > 0.03 || truth_axis_wrong(truth, to, to - from))
		return false;
	for (double t = from + 200; t < to; t += 60)
		if (truth_samples(truth, h, t, last, 2) < 2 || !truth_sound(truth, last[0]) || fabs(last[0]->offset) > 0.03 || t - last[0]->arrived > 200)
			return false;
	double prompt = INFINITY;
	for (size_t i = 0; i < truth->count[h]; i++) {
		const struct sim_record *record = truth->of_host[h][i];
		if (record->arrived < from || record->arrived > to)
			continue;
		if (record->kind == RECORD_OF_SYMPTOM && (record->causal || record->symmetric))
			return false;
		if (record->kind != RECORD_OF_SAMPLE && record->written > from)
			prompt = fmin(prompt, record->arrived - record->written);
		if (!record->honest)
			return false;
	}
	return prompt < 1;
}

static void judge_cures(const struct truth *truth, const struct telling *telling, struct score *score, struct buffer *out)
{
	for (size_t i = 0; i < telling->count; i++) {
		const struct told *told = &telling->items[i];
		int h = told->kind == INCIDENT_CLOCK ? host_of(truth->s, told->suspect) : -1;
		bool last = h >= 0 && told->state != STATE_RESOLVED && !told->inhibited;
		for (size_t k = i + 1; last && k < telling->count; k++)
			last = strcmp(telling->items[k].id, told->id) != 0;
		if (h < 0)
			continue;
		double end = truth->s->seconds - 30;
		if (told->state == STATE_RESOLVED)
			score->resolved++;
		if (!last || told->at > end - RESOLVED_WITHIN || !proved_right_since(truth, h, end - RESOLVED_WITHIN, end))
			continue;
		score->cures++;
		buffer_printf(out, "%.0f %s: right since before %.0f and proved so, yet its incident %s stays open\n", told->at, told->suspect, end - RESOLVED_WITHIN, told->id);
	}
}

void judge(const struct truth *truth, const struct telling *telling, struct score *score, struct buffer *out)
{
	for (size_t i = 0; i < telling->count; i++) {
		const struct told *told = &telling->items[i];
		int h = host_of(truth->s, told->suspect);
		switch (told->kind) {
		case INCIDENT_CLOCK: judge_clock(truth, told, h, opened_at(telling, i), score, out); break;
		case INCIDENT_HEALTH: judge_health(truth, told, h, score, out); break;
		case INCIDENT_SOURCE: judge_source(truth, told, score, out); break;
		case INCIDENT_REFERENCE: judge_reference(truth, told, score, out); break;
		}
	}
	for (int h = 0; h < truth->s->hosts_count; h++)
		judge_due(truth, telling, h, score, out);
	judge_revisions(telling, out);
	judge_cures(truth, telling, score, out);
	score->seeds++;
}
