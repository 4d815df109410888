#include "truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what arrived ---- */
static void sort_by_host(struct truth *truth)
{
	const struct simulation *s = truth->s;
	for (int h = 0; h < s->hosts_count; h++) {
		truth->of_host[h] = malloc(s->records_count * sizeof *truth->of_host[h]);
		if (!truth->of_host[h])
			abort();
	}
	for (size_t i = 0; i < s->records_count; i++) {
		const struct sim_record *record = &s->records[i];
		if (!record->copy && record->kind != RECORD_OF_SOURCE)
			truth->of_host[record->host][truth->count[record->host]++] = record;
	}
}

/* By reference time: the broker has a record a few milliseconds after its collector stamped it. */
static size_t arrived_by(const struct truth *truth, int h, double at)
{
	at += 0.1;
	size_t low = 0, high = truth->count[h];
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (truth->of_host[h][middle]->arrived <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int truth_samples(const struct truth *truth, int h, double at, const struct sim_record **out, int most)
{
	int count = 0;
	for (size_t i = arrived_by(truth, h, at); i-- > 0 && count < most;)
		if (truth->of_host[h][i]->kind == RECORD_OF_SAMPLE)
			out[count++] = truth->of_host[h][i];
	return count;
}

bool truth_sound(const struct truth *truth, const struct sim_record *sample)
{
	const struct simulation *s = truth->s;
	if (!sample->synchronised || sample->local || sample->source < 0)
		return false;
	if (fabs(s->phi[sample->source][(int)sample->written]) > 1e-3)
		return false;
	return fabs(sample->offset - sim_theta(s, sample->host, sample->written)) <= sample->bound + 1e-3 + fabs(sample->offset) * 6e-8;
}

bool truth_axis_wrong(const struct truth *truth, double at, double before)
{
	const struct simulation *s = truth->s;
	for (int i = 0; i < s->faults_count; i++)
		if (s->faults[i].kind == FAULT_COLLECTOR && at >= s->faults[i].from && at - before <= s->faults[i].to + 120)
			return true;
	return false;
}

bool truth_axis_fast(const struct truth *truth, double at)
{
	const struct simulation *s = truth->s;
	for (int i = 0; i < s->faults_count; i++)
		if (s->faults[i].kind == FAULT_COLLECTOR && s->faults[i].size > 0 && at >= s->faults[i].from && at - 700 <= s->faults[i].to)
			return true;
	return false;
}

void truth_range(const struct truth *truth, int h, double from, double to, double *low, double *high)
{
	const struct simulation *s = truth->s;
	double end = sim_theta(s, h, to);
	*low = *high = end;
	for (int second = from > 0 ? (int)floor(from) : 0; second <= (int)to && second <= s->seconds; second++) {
		double theta = s->theta[h][second];
		*low = fmin(*low, theta);
		*high = fmax(*high, theta);
	}
}

double truth_spread(const struct truth *truth, int h, double at)
{
	double least = INFINITY, most = -INFINITY;
	for (size_t i = arrived_by(truth, h, at); i-- > 0;) {
		const struct sim_record *record = truth->of_host[h][i];
		if (record->reference < at - WINDOW - 30)
			break;
		double x = record->said - record->reference;
		least = fmin(least, x);
		most = fmax(most, x);
	}
	return most - least > 3 ? most - least : 0;
}

bool truth_undecidable(const struct truth *truth, int h, double at)
{
	const struct sim_record *last;
	double most = -INFINITY;
	if (truth_samples(truth, h, at, &last, 1) < 1 || !last->synchronised || truth_sound(truth, last))
		return false;
	for (size_t i = arrived_by(truth, h, at); i-- > 0 && truth->of_host[h][i]->reference > at - WINDOW;)
		if (truth->of_host[h][i]->honest)
			most = fmax(most, truth->of_host[h][i]->said - truth->of_host[h][i]->reference);
	most -= pow(10, -truth->s->hosts[h].digits);
	double spread = truth_spread(truth, h, at);
	return last->offset > 0 ? last->offset - last->bound <= most + 3.3 + spread + 1.1 : most <= last->offset + last->bound + 1.1;
}

/* ---- telemetry: two rows of a right source that say so ---- */
/* A clock that is ahead shows in its own stamps, unless everything of it comes late. */
static bool shows(const struct truth *truth, int h, double at)
{
	int prompt = 0;
	for (size_t i = arrived_by(truth, h, at); i-- > 0;) {
		const struct sim_record *record = truth->of_host[h][i];
		if (record->reference < at - WINDOW + 60)
			break;
		double theta = sim_theta(truth->s, h, at), then = sim_theta(truth->s, h, record->written);
		prompt += record->honest && record->arrived - record->written < 2 && fabs(theta - then) < 1;
	}
	return prompt >= 4;
}

static bool by_telemetry(const struct truth *truth, int h, double at)
{
	const struct sim_record *last[2];
	if (truth_samples(truth, h, at, last, 2) < 2)
		return false;
	double interval = last[0]->written - last[1]->written, theta = sim_theta(truth->s, h, at);
	for (int i = 0; i < 2; i++) {
		double past = LIMIT + last[i]->bound + SLACK;
		if (!truth_sound(truth, last[i]) || fabs(last[i]->offset) <= past || last[i]->offset * theta < 0)
			return false;
		bool leap = truth->s->leap_season && last[i]->offset > 0 && last[i]->offset <= 1 + last[i]->bound + SLACK;
		if (leap)
			return false; /* its own second is no fault for a day */
	}
	if (at - last[0]->arrived > 2 * interval)
		return false;
	return theta < 0 || shows(truth, h, at);
}

/* ---- delivery: nothing arrives before it was written ---- */
/* What stamps may claim: beyond a standing claim of telemetry only by more than the second by which smeared clocks differ. */
static double must_exceed(const struct truth *truth, int h, double at)
{
	const struct sim_record *last;
	if (truth_samples(truth, h, at, &last, 1) < 1 || !last->synchronised || at - last->arrived > 240)
		return LIMIT;
	return fmax(LIMIT, last->offset + last->bound + 1.1);
}

static bool by_delivery(const struct truth *truth, int h, double at)
{
	const struct sim_host *host = &truth->s->hosts[h];
	double grain = pow(10, -host->digits), least = must_exceed(truth, h, at), top = -INFINITY;
	unsigned inside[SIM_STREAMS + 1] = {0}, all[SIM_STREAMS + 1] = {0}, proofs = 0, streams = 0;
	if (truth_axis_wrong(truth, at, 800))
		return false;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = arrived_by(truth, h, at); i-- > 0;) {
			const struct sim_record *record = truth->of_host[h][i];
			if (record->reference < at - WINDOW + 30)
				break;
			if (!record->honest)
				return false; /* lying stamps in between: who is right is a matter of votes */
			double x = record->said - record->reference - grain - 5e-4 * (at - record->reference);
			top = fmax(top, x);
			if (pass == 0 || x <= least)
				continue;
			proofs++;
			all[record->stream]++;
			inside[record->stream] += x > top - 2.5;
		}
	for (int i = 0; i <= SIM_STREAMS; i++)
		streams += all[i] > 1 && inside[i] * 4 > all[i] * 3;
	return proofs >= 4 && streams >= 2;
}

/* ---- causality: a lag, and two clocks that dated what this one has not reached ---- */
static bool by_causality(const struct truth *truth, int h, double at)
{
	const struct simulation *s = truth->s;
	const struct sim_record *last;
	double most = -INFINITY, theta = sim_theta(s, h, at);
	unsigned said = 0, doubtful = 0;
	if (theta > -3 || truth_axis_wrong(truth, at, 800))
		return false;
	if (truth_samples(truth, h, at, &last, 1) == 1 && last->synchronised && truth_sound(truth, last) && at - last->arrived < 240)
		return false; /* told by telemetry */
	for (size_t i = arrived_by(truth, h, at); i-- > 0;) {
		const struct sim_record *record = truth->of_host[h][i];
		if (record->reference < at - WINDOW + 15)
			break;
		most = fmax(most, record->said - record->reference);
		if (record->kind != RECORD_OF_SYMPTOM || !record->causal)
			continue;
		bool right = !record->forged && fabs(record->issuer_theta) < LIMIT && record->honest && fabs(sim_theta(s, h, record->written) - theta) < 1;
		unsigned bit = 1U << record->issuer;
		said |= right ? bit : 0;
		doubtful |= right ? 0 : bit;
	}
	said &= ~doubtful;
	return most < -3.2 && (said & (said - 1));
}

static void look(struct truth *truth, int h, int at_look)
{
	double at = at_look * STEP_OF_TRUTH, theta = sim_theta(truth->s, h, at);
	struct look *out = &truth->looks[h][at_look];
	out->side = (int8_t)(theta > LIMIT + SLACK ? 1 : theta < -LIMIT - SLACK ? -1 : 0);
	if (!out->side)
		return;
	out->known = (uint8_t)((by_telemetry(truth, h, at) ? KNOWN_BY_TELEMETRY : 0) | (out->side > 0 && by_delivery(truth, h, at) ? KNOWN_BY_DELIVERY : 0)
		| (out->side < 0 && by_causality(truth, h, at) ? KNOWN_BY_CAUSALITY : 0));
}

struct truth *truth_new(const struct simulation *s)
{
	struct truth *truth = calloc(1, sizeof *truth);
	if (!truth)
		abort();
	truth->s = s;
	truth->looks_count = s->seconds / STEP_OF_TRUTH;
	sort_by_host(truth);
	for (int h = 0; h < s->hosts_count; h++)
		for (int i = 0; i < truth->looks_count; i++)
			look(truth, h, i);
	return truth;
}

void truth_free(struct truth *truth)
{
	for (int h = 0; h < truth->s->hosts_count; h++)
		free(truth->of_host[h]);
	free(truth);
}
