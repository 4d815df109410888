#include "simulation.h"

#include <math.h>
#include <stdlib.h>

#include "parts.h"

static void *zeroed(size_t count, size_t size)
{
	void *memory = calloc(count, size);
	if (!memory)
		abort();
	return memory;
}

double sim_theta(const struct simulation *s, int host, double at)
{
	if (at < 0)
		return s->theta[host][0];
	int second = (int)at;
	if (second > s->seconds)
		second = s->seconds;
	return s->theta[host][second] + (double)s->rate[host][second] * (at - second);
}

static void run_sources(struct simulation *s)
{
	for (int i = 0; i < SIM_SOURCES_MAX; i++)
		for (int second = 0; second <= s->seconds; second++)
			s->phi[i][second] = 2e-5 * sin(i + second / 500.0);
	for (int i = 0; i < s->faults_count; i++) {
		const struct sim_fault *fault = &s->faults[i];
		double (*out)[SIM_SECONDS_MAX + 1] = fault->kind == FAULT_SOURCE_WRONG ? s->phi : fault->kind == FAULT_COLLECTOR ? s->collector : NULL;
		for (int second = (int)fault->from; out && second < (int)fault->to && second <= s->seconds; second++)
			out[fault->subject][second] += fault->size;
	}
}

/* Everything that a host does within one second. */
static void act(struct simulation *s, int h, int second)
{
	struct sim_state *state = s->state;
	double end = second + 1;
	if (s->down[h][second]) {
		state->next_sample[h] = fmax(state->next_sample[h], end);
		state->next_log[h] = fmax(state->next_log[h], end);
		state->next_check[h] = fmax(state->next_check[h], end);
		state->next_peers[h] = fmax(state->next_peers[h], end);
		return;
	}
	for (; state->next_log[h] < end; state->next_log[h] += 0.2 + sim_exponential(s, 22))
		log_say(s, h, state->next_log[h]);
	for (; state->next_sample[h] < end; state->next_sample[h] += state->sampling[h] + sim_between(s, -0.2, 0.2))
		if (s->hosts[h].telemetry && !story_fault(s, FAULT_TELEMETRY_ENDS, h, second))
			telemetry_say(s, h, fmin(fmax(state->next_sample[h], second), end - 1e-6));
	for (; state->next_check[h] < end; state->next_check[h] += 1 + sim_exponential(s, 30))
		services_check(s, h, state->next_check[h]);
	for (; state->next_peers[h] < end; state->next_peers[h] += sim_between(s, 30, 60))
		peers_compare(s, h, state->next_peers[h]);
}

struct simulation *simulation_new(uint64_t seed)
{
	struct simulation *s = zeroed(1, sizeof *s);
	s->seed = seed;
	s->random[0] = seed * 0x9e3779b97f4a7c15ULL + 1;
	s->random[1] = (seed ^ 0xd1b54a32d192ed03ULL) * 0xbf58476d1ce4e5b9ULL + 7;
	for (int i = 0; i < 20; i++)
		sim_random(s);
	s->state = zeroed(1, sizeof *s->state);
	story_draw(s);
	s->theta = zeroed((size_t)s->hosts_count, sizeof *s->theta);
	s->rate = zeroed((size_t)s->hosts_count, sizeof *s->rate);
	s->down = zeroed((size_t)s->hosts_count, sizeof *s->down);
	s->phi = zeroed(SIM_SOURCES_MAX, sizeof *s->phi);
	s->collector = zeroed(SIM_COLLECTORS, sizeof *s->collector);
	run_sources(s);
	for (int h = 0; h < s->hosts_count; h++)
		clock_start(s, h);
	for (int second = 0; second < s->seconds; second++) {
		for (int h = 0; h < s->hosts_count; h++)
			clock_tick(s, h, second);
		for (int h = 0; h < s->hosts_count; h++)
			act(s, h, second);
	}
	for (int h = 0; h < s->hosts_count; h++)
		s->theta[h][s->seconds] = s->theta[h][s->seconds - 1] + (double)s->rate[h][s->seconds - 1];
	ship_end(s);
	return s;
}

void simulation_free(struct simulation *s)
{
	free(s->theta);
	free(s->rate);
	free(s->down);
	free(s->phi);
	free(s->collector);
	free(s->records);
	free(s->text);
	free(s->state);
	free(s);
}
