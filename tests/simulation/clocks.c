/* True clocks, second by second: a crystal that depends on temperature, what befalls it, and a daemon in chrony's manner that polls, selects by majority, and steps
 * or slews (chrony.conf(5): maxslewrate 83333.333 ppm; makestep 1 3). */
#include <math.h>

#include "parts.h"

static const double SLEW_MOST = 0.083333, STEP_ABOVE = 1, JUMP_SEEN = 10, CLOSE_TOGETHER = 0.1;

void clock_start(struct simulation *s, int h)
{
	struct sim_daemon_state *daemon = &s->state->daemon[h];
	const struct sim_fault *wrong = story_fault(s, FAULT_WRONG_FROM_START, h, 0);
	*daemon = (struct sim_daemon_state){.selected = -1, .frequency = s->state->crystal[h], .doubt = 1e-7, .updates = 10};
	daemon->poll = 16 << sim_pick(s, 3);
	daemon->next_poll = sim_between(s, 0, 3);
	for (int i = 0; i < SIM_HOST_SOURCES; i++) {
		daemon->distance[i] = sim_log_between(s, 2e-4, 2e-2);
		daemon->reach[i] = 0xff;
		daemon->agrees[i] = true;
	}
	s->theta[h][0] = wrong ? wrong->size : s->hosts[h].daemon == DAEMON_NONE ? sim_between(s, -0.01, 0.01) : sim_between(s, -2e-4, 2e-4);
	int source = s->hosts[h].sources[0];
	const struct sim_fault *led = source >= 4 ? story_fault(s, FAULT_SOURCE_WRONG, source, 0) : NULL;
	if (led && (s->hosts[h].daemon == DAEMON_SLEWS || s->hosts[h].daemon == DAEMON_STEPS))
		s->theta[h][0] = led->size; /* has long followed it */
}

/* The daemon sees that somebody set the clock, or learns of it at its next poll. */
static void jumped(struct simulation *s, int h, double now, double by)
{
	struct sim_daemon_state *daemon = &s->state->daemon[h];
	if (fabs(by) < JUMP_SEEN)
		return;
	daemon->believes = false;
	daemon->next_poll = now + sim_between(s, 5, 60);
	if (s->hosts[h].daemon != DAEMON_NONE)
		clock_event_say(s, h, now + 0.05, "chronyd", by > 0 ? "Forward time jump detected!" : "Backward time jump detected!");
}

static void restarted(struct simulation *s, int h, double now)
{
	struct sim_daemon_state *daemon = &s->state->daemon[h];
	daemon->believes = false;
	daemon->updates = 0;
	daemon->selected = -1;
	daemon->next_poll = now + sim_between(s, 8, 150); /* the network comes up */
}

static void befall(struct simulation *s, int h, int second)
{
	double *theta = &s->theta[h][second];
	for (int i = 0; i < s->faults_count; i++) {
		const struct sim_fault *fault = &s->faults[i];
		if (fault->subject != h || fault->kind == FAULT_SOURCE_WRONG || fault->kind == FAULT_COLLECTOR)
			continue;
		bool begins = second == (int)fault->from, ends = second == (int)fault->to;
		bool steps = fault->kind == FAULT_STEP || fault->kind == FAULT_SET_BY_HAND || fault->kind == FAULT_ZONE || fault->kind == FAULT_NO_LEAP;
		if (begins && steps) {
			*theta += fault->size;
			jumped(s, h, second, fault->size);
			if (fault->kind == FAULT_SET_BY_HAND)
				clock_event_say(s, h, second + 0.01, "systemd-timedated", "Changed local time");
		}
		double boots = fault->from + 90;
		if (fault->kind == FAULT_DEAD_RTC && second == (int)boots) {
			*theta = fault->size;
			restarted(s, h, second);
		}
		if (ends && fault->kind == FAULT_UNSYNCHRONISED)
			restarted(s, h, second);
		bool by_hand = s->hosts[h].daemon == DAEMON_POWERLESS || s->hosts[h].daemon == DAEMON_NONE;
		if (ends && by_hand && fault->kind != FAULT_SOURCES_DIE && fault->kind != FAULT_TELEMETRY_ENDS) {
			double was = *theta;
			*theta = sim_between(s, -0.005, 0.005);
			jumped(s, h, second, *theta - was);
		}
	}
}

static bool is_down(const struct simulation *s, int h, int second)
{
	for (int i = 0; i < s->faults_count; i++) {
		const struct sim_fault *fault = &s->faults[i];
		if (fault->subject == h && fault->kind == FAULT_PAUSED && second >= (int)fault->from && second < (int)(fault->from + fault->size))
			return true;
		if (fault->subject == h && fault->kind == FAULT_DEAD_RTC && second >= (int)fault->from && second < (int)fault->from + 90)
			return true;
	}
	return false;
}

/* ---- the daemon ---- */
/* The source whose measurement most others share; -1: no majority. */
static int select_source(const struct sim_host *host, struct sim_daemon_state *daemon, const double *measured, const bool *heard)
{
	int best = -1, best_count = 0, heard_count = 0;
	for (int i = 0; i < host->sources_count; i++) {
		int count = 0;
		heard_count += heard[i];
		for (int k = 0; heard[i] && k < host->sources_count; k++)
			count += heard[k] && fabs(measured[k] - measured[i]) < CLOSE_TOGETHER;
		if (count > best_count) {
			best = i;
			best_count = count;
		}
	}
	if (best_count * 2 <= heard_count)
		best = -1;
	for (int i = 0; i < host->sources_count; i++)
		if (heard[i]) /* of the others it has not heard anything new */
			daemon->agrees[i] = best >= 0 && fabs(measured[i] - measured[best]) < CLOSE_TOGETHER;
	return best;
}

static void learn(struct sim_daemon_state *daemon, double measured, double now)
{
	double elapsed = now - daemon->measured_at, error = measured - daemon->believed;
	bool known = daemon->believes && elapsed > 0 && fabs(error) < CLOSE_TOGETHER;
	if (known) {
		daemon->frequency += 0.5 * error / elapsed;
		daemon->doubt = fmax(1e-7, fabs(error) / elapsed);
	} else {
		daemon->doubt = 1e-6;
	}
	daemon->believed = measured;
	daemon->believes = true;
	daemon->measured_at = now;
	daemon->updates++;
}

static void poll(struct simulation *s, int h, int second)
{
	const struct sim_host *host = &s->hosts[h];
	struct sim_daemon_state *daemon = &s->state->daemon[h];
	double measured[SIM_HOST_SOURCES] = {0};
	bool heard[SIM_HOST_SOURCES] = {0};
	bool cut_off = story_fault(s, FAULT_SOURCES_DIE, h, second) || story_fault(s, FAULT_UNSYNCHRONISED, h, second);
	daemon->next_poll = second + daemon->poll;
	for (int i = 0; i < host->sources_count; i++) {
		heard[i] = !cut_off && sim_chance(s) < 0.995;
		daemon->reach[i] = (daemon->reach[i] << 1 | heard[i]) & 0xff;
		double bias = (i % 2 ? 0.35 : -0.3) * daemon->distance[i]; /* the way there is not the way back */
		measured[i] = s->theta[h][second] - s->phi[host->sources[i]][second] + bias + sim_between(s, -0.05, 0.05) * daemon->distance[i];
	}
	int selected = select_source(host, daemon, measured, heard);
	if (selected < 0)
		return;
	daemon->selected = selected;
	learn(daemon, measured[selected], second);
	bool may_step = host->daemon == DAEMON_STEPS || (host->daemon == DAEMON_SLEWS && daemon->updates <= 3);
	if (may_step && fabs(daemon->believed) > STEP_ABOVE) {
		s->theta[h][second] -= daemon->believed;
		daemon->believed = 0;
	}
}

static double slew(const struct sim_host *host, const struct sim_daemon_state *daemon)
{
	if (!daemon->believes || host->daemon == DAEMON_NONE || host->daemon == DAEMON_POWERLESS)
		return 0;
	return fmax(-SLEW_MOST, fmin(SLEW_MOST, -daemon->believed / 8));
}

static double crystal(const struct simulation *s, int h, int second)
{
	const struct sim_state *state = s->state;
	double rate = state->crystal[h] + state->warmth[h] * sin(state->phase[h] + second / 300.0);
	static const enum sim_fault_kind wander[] = {FAULT_DRIFT, FAULT_SOURCES_DIE, FAULT_UNSYNCHRONISED, FAULT_ORPHAN};
	for (size_t i = 0; i < sizeof wander / sizeof *wander; i++) {
		const struct sim_fault *fault = story_fault(s, wander[i], h, second);
		rate += fault ? fault->size : 0;
	}
	return rate;
}

void clock_tick(struct simulation *s, int h, int second)
{
	const struct sim_host *host = &s->hosts[h];
	struct sim_daemon_state *daemon = &s->state->daemon[h];
	if (second > 0)
		s->theta[h][second] = s->theta[h][second - 1] + (double)s->rate[h][second - 1];
	befall(s, h, second);
	s->down[h][second] = is_down(s, h, second);
	if (s->down[h][second]) {
		s->rate[h][second] = -1; /* it stands still */
		return;
	}
	daemon->unsynchronised = story_fault(s, FAULT_UNSYNCHRONISED, h, second) != NULL;
	if (host->daemon != DAEMON_NONE && second >= daemon->next_poll)
		poll(s, h, second);
	bool steered = host->daemon == DAEMON_SLEWS || host->daemon == DAEMON_STEPS;
	double correction = slew(host, daemon);
	s->rate[h][second] = (float)(crystal(s, h, second) + correction - (steered ? daemon->frequency : 0));
	daemon->believed += steered ? correction : daemon->frequency;
}
