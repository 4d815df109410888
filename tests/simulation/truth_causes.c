/* The causes that are right for a fault of a clock: what happened to it, and what its daemon could know of it, by then. */
#include <math.h>

#include "truth.h"

#define BIT(cause) (1U << (cause))

static bool zone_like(double size)
{
	double quarters = round(size / 900);
	return fabs(quarters) >= 1 && fabs(quarters) <= 56 && fabs(size - quarters * 900) <= 2.5;
}

/* Its source was set right, or wrong, at once: telemetry sees a step of that size. */
static bool source_moved(const struct truth *truth, int h, double from, double to)
{
	const struct simulation *s = truth->s;
	const struct sim_host *host = &s->hosts[h];
	for (int i = 0; i < host->sources_count; i++)
		for (int second = (int)fmax(1, from); second < (int)to && second < s->seconds; second++)
			if (fabs(s->phi[host->sources[i]][second] - s->phi[host->sources[i]][second - 1]) > 0.05)
				return true;
	return false;
}

static bool follows_wrong_source(const struct truth *truth, int h, double from, double at)
{
	const struct simulation *s = truth->s;
	for (size_t i = 0; i < truth->count[h]; i++) {
		const struct sim_record *record = truth->of_host[h][i];
		if (record->kind == RECORD_OF_SAMPLE && record->source >= 4 && record->arrived <= at + 0.1 && record->arrived > from - 3600
			&& fabs(s->phi[record->source][(int)record->written]) > 1e-3)
			return true;
	}
	return false;
}

static unsigned by_telemetry_state(const struct truth *truth, int h, double at, double sampling)
{
	const struct sim_record *last[3];
	int count = truth_samples(truth, h, at, last, 3);
	unsigned out = 0;
	if (!count || at - last[0]->arrived > 2 * sampling)
		return BIT(CAUSE_NO_TELEMETRY);
	int blind = 0, lost = 0;
	for (int i = 0; i < count; i++) {
		blind += !last[i]->synchronised;
		lost += last[i]->usable == 0;
	}
	if (blind)
		out |= BIT(CAUSE_UNSYNCHRONISED);
	if (lost)
		out |= BIT(CAUSE_SOURCE_LOSS);
	return out;
}

/* The clock was moved at once, by this much, within the ten minutes and a sample before the incident opened. */
static unsigned by_movement(const struct truth *truth, int h, double from, double at)
{
	const struct simulation *s = truth->s;
	unsigned out = 0;
	for (int second = 1; second < (int)(from - 500) && second < s->seconds; second++)
		if (fabs(s->theta[h][second] - s->theta[h][second - 1] - (double)s->rate[h][second - 1]) > 0.05)
			out |= BIT(CAUSE_UNCORRECTED); /* long ago, and nothing has corrected it since */
	const struct sim_record *last;
	double late = truth_samples(truth, h, at, &last, 1) ? last->arrived - last->written : 0; /* so late its telemetry tells of it */
	for (int second = (int)fmax(1, from - 900 - late); second <= (int)at && second < s->seconds; second++) {
		double moved = s->theta[h][second] - s->theta[h][second - 1] - (double)s->rate[h][second - 1];
		if (fabs(moved) > 0.05 || s->down[h][second])
			out |= BIT(CAUSE_STEP);
		if (zone_like(moved))
			out |= BIT(CAUSE_TIME_ZONE);
	}
	return out;
}

static unsigned by_fault(const struct truth *truth, int h, double from, double at)
{
	const struct simulation *s = truth->s;
	unsigned out = 0;
	for (int i = 0; i < s->faults_count; i++) {
		const struct sim_fault *fault = &s->faults[i];
		if (fault->subject != h || fault->kind == FAULT_SOURCE_WRONG || fault->kind == FAULT_COLLECTOR || fault->from > at || fault->to < from - WINDOW)
			continue;
		if (fault->kind == FAULT_SET_BY_HAND)
			out |= BIT(CAUSE_TAMPER);
		if (fault->kind == FAULT_DEAD_RTC)
			out |= BIT(CAUSE_DEAD_RTC);
		if (fault->kind == FAULT_WRONG_FROM_START || fabs(fault->size) < 0.3)
			out |= BIT(CAUSE_UNCORRECTED);
	}
	return out;
}

/* Faster than noise and slower than a daemon slews, at some time within the ten minutes before it opened, or since; or when its newest row was written,
 * which may have been long on its way. */
static bool wandered(const struct truth *truth, int h, double from, double at)
{
	const struct simulation *s = truth->s;
	const struct sim_record *last;
	bool out = false;
	from = truth_samples(truth, h, at, &last, 1) ? fmin(from - WINDOW, last->written) : from - WINDOW;
	for (double t = fmax(0, from); t < at + 10; t += 10) {
		double rate = fabs((double)s->rate[h][(int)fmin(t, at)]);
		out = out || (rate * 1320 > 0.004 && rate < 2e-3);
	}
	return out;
}

unsigned truth_causes(const struct truth *truth, int h, double from, double at)
{
	const struct simulation *s = truth->s;
	unsigned out = 0;
	double low, high, sampling = 120;
	for (double t = from; t <= at + 1; t += 30)
		out |= by_telemetry_state(truth, h, fmin(t, at), sampling);
	if (follows_wrong_source(truth, h, from, at))
		out |= BIT(CAUSE_FALSE_SYNC) | BIT(CAUSE_SHARED_SOURCE) | (source_moved(truth, h, from - 900, at) ? BIT(CAUSE_STEP) : 0)
			| (source_moved(truth, h, 0, from - 500) ? BIT(CAUSE_UNCORRECTED) : 0); /* long ago */
	out |= by_movement(truth, h, from, at) | by_fault(truth, h, from, at);
	for (double t = from; t <= at + 1; t += 30)
		if (zone_like(sim_theta(s, h, fmin(t, at))))
			out |= BIT(CAUSE_TIME_ZONE);
	truth_range(truth, h, from - 700, at, &low, &high);
	if (wandered(truth, h, from, at))
		out |= BIT(CAUSE_DRIFT) | BIT(CAUSE_UNCORRECTED);
	/* others complain of it by name, and nothing of its own is better */
	if (out & (BIT(CAUSE_NO_TELEMETRY) | BIT(CAUSE_UNSYNCHRONISED)))
		out |= BIT(CAUSE_PEER);
	if (!(out & ~BIT(CAUSE_STEP)) && !(out & BIT(CAUSE_STEP)))
		out |= BIT(CAUSE_UNCORRECTED);
	return out;
}

unsigned truth_health(const struct truth *truth, int h, double at)
{
	const struct sim_record *last[4];
	const struct sim_host *host = &truth->s->hosts[h];
	int count = truth_samples(truth, h, at, last, 4), few = 0, blind = 0, lost = 0, announced = 0;
	unsigned out = 0;
	for (int i = 0; i < count; i++) {
		few += last[i]->usable < 2;
		blind += !last[i]->synchronised;
		lost += last[i]->usable == 0;
		announced += last[i]->announces;
	}
	(void)host;
	if (few >= 3)
		out |= BIT(CAUSE_FEW_SOURCES);
	if (blind >= 3)
		out |= BIT(CAUSE_UNSYNCHRONISED);
	if (lost >= 2)
		out |= BIT(CAUSE_SOURCE_LOSS);
	if (count && at - last[0]->arrived > 85)
		out |= BIT(CAUSE_NTP_SILENT);
	return out;
}
