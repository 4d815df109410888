/* What a seed is about: who there is, what goes wrong, who merely looks wrong. The numbers are drawn here, from tables of this file. */
#include <math.h>
#include <stdio.h>

#include "parts.h"

double sim_log_between(struct simulation *s, double low, double high)
{
	return low * exp(sim_chance(s) * log(high / low));
}

double sim_exponential(struct simulation *s, double mean)
{
	return -mean * log(1 - sim_chance(s));
}

double sim_pareto(struct simulation *s, double least, double shape)
{
	return least * pow(1 - sim_chance(s), -1 / shape);
}

static double signed_log(struct simulation *s, double low, double high)
{
	return sim_log_between(s, low, high) * (sim_pick(s, 2) ? 1 : -1);
}

const char *sim_fault_name(enum sim_fault_kind kind)
{
	static const char *const names[FAULT_KINDS] = {"wrong from the start", "step", "set by hand", "time zone", "drift", "paused machine", "dead RTC", "leap second not applied",
		"sources die", "unsynchronised", "orphan", "telemetry ends", "wrong source", "collector's clock wrong"};
	return names[kind];
}

void sim_source_name(int source, char out[20])
{
	snprintf(out, 20, "10.%d.0.%d", source >= 4 ? 66 : 50, 11 + source);
}

const struct sim_fault *story_fault(const struct simulation *s, enum sim_fault_kind kind, int subject, double at)
{
	for (int i = 0; i < s->faults_count; i++) {
		const struct sim_fault *fault = &s->faults[i];
		if (fault->kind == kind && fault->subject == subject && at >= fault->from && at < fault->to)
			return fault;
	}
	return NULL;
}

/* ---- hosts ---- */
static void draw_shipping(struct simulation *s, struct sim_host *host)
{
	static const int digits[] = {3, 3, 3, 6, 6, 0};
	host->digits = digits[sim_pick(s, 6)];
	host->rounds = sim_pick(s, 3) == 0;
	host->zone_stream = -1;
	int sort = sim_pick(s, 10);
	host->shipping = sort < 6 ? SHIP_PROMPT : sort < 8 ? SHIP_RELAY : sort < 9 ? SHIP_LATE : SHIP_BATCH;
	if (host->shipping == SHIP_RELAY)
		host->lag = sim_log_between(s, 0.3, 20);
	else if (host->shipping == SHIP_LATE)
		host->lag = sim_between(s, 30, 700);
	else if (host->shipping == SHIP_BATCH)
		host->lag = sim_between(s, 60, 400); /* the period */
	bool slow_rows = sim_pick(s, 4) == 0;
	host->ntp_lag = slow_rows ? (host->shipping == SHIP_RELAY || host->shipping == SHIP_LATE ? host->lag : 0.3) : 0;
	if (sim_pick(s, 8) == 0)
		host->duplicates = 0.1;
	if (sim_pick(s, 10) == 0) {
		host->strays = 0.03;
		host->stray_by = sim_pick(s, 2) ? 86400 : signed_log(s, 60, 1e6);
	}
	if (host->streams >= 3 && sim_pick(s, 10) == 0) {
		host->zone_stream = sim_pick(s, host->streams);
		host->zone_by = 3600.0 * (sim_pick(s, 23) - 11);
	}
}

static void draw_sources(struct simulation *s, struct sim_host *host)
{
	host->sources_count = sim_pick(s, 8) == 0 ? 1 : 3;
	int first = sim_pick(s, 4);
	for (int i = 0; i < host->sources_count; i++)
		host->sources[i] = (first + i) % 4;
	if (host->sources_count == 3 && sim_pick(s, 6) == 0)
		host->sources[host->sources_count++] = 4; /* outvoted while it is wrong */
}

static void draw_host(struct simulation *s, int index)
{
	static const char *const roles[] = {"web", "api", "db", "node", "build", "mail", "app"};
	struct sim_host *host = &s->hosts[index];
	snprintf(host->name, sizeof host->name, "%s%02d", roles[sim_pick(s, 7)], index + 1);
	host->telemetry = sim_pick(s, 6) > 0;
	int sort = sim_pick(s, 10);
	host->daemon = !host->telemetry ? DAEMON_NONE : sort < 5 ? DAEMON_SLEWS : sort < 7 ? DAEMON_STEPS : DAEMON_POWERLESS;
	host->collector = sim_pick(s, s->collectors_count);
	host->streams = 1 + sim_pick(s, SIM_STREAMS);
	draw_sources(s, host);
	draw_shipping(s, host);
	struct sim_state *state = s->state;
	double reach = host->daemon == DAEMON_NONE ? 4e-6 : 30e-6;
	state->crystal[index] = sim_between(s, -reach, reach);
	state->warmth[index] = sim_between(s, 0, 1.5e-6);
	state->phase[index] = sim_between(s, 0, 6.28);
	static const double samplings[] = {60, 60, 60, 64, 45, 120};
	state->sampling[index] = samplings[sim_pick(s, 6)];
	state->next_sample[index] = sim_between(s, 1, 1 + state->sampling[index]);
	state->next_log[index] = sim_between(s, 0, 15);
	state->next_check[index] = sim_between(s, 0, 60);
	state->next_peers[index] = sim_between(s, 0, 60);
}

static void draw_services(struct simulation *s)
{
	static const int sorts[SIM_SERVICES] = {ISSUE_CERTIFICATE, ISSUE_TOKEN, ISSUE_TICKET, ISSUE_FILE, ISSUE_TSIG, ISSUE_STREAM, ISSUE_TOKEN, ISSUE_CERTIFICATE};
	struct sim_state *state = s->state;
	state->services_count = 4 + sim_pick(s, SIM_SERVICES - 3);
	for (int i = 0; i < state->services_count; i++) {
		state->service_sort[i] = sorts[i];
		bool inside = sorts[i] != ISSUE_CERTIFICATE && sim_pick(s, 3) > 0;
		state->service_host[i] = inside || sorts[i] == ISSUE_STREAM ? sim_pick(s, s->hosts_count) : -1;
	}
	if (sim_pick(s, 4) == 0)
		state->post_dated = sim_log_between(s, 20, 5000);
}

/* ---- faults ---- */
static struct sim_fault *add_fault(struct simulation *s, enum sim_fault_kind kind, int subject, double from, double to, double size)
{
	struct sim_fault *fault = &s->faults[s->faults_count++];
	*fault = (struct sim_fault){kind, subject, floor(from), floor(to), size};
	return fault;
}

static double zone_size(struct simulation *s)
{
	double hours = 1 + sim_pick(s, 11);
	if (sim_pick(s, 5) == 0)
		hours += sim_pick(s, 2) ? 0.5 : 0.75;
	return 3600 * hours * (sim_pick(s, 2) ? 1 : -1);
}

static void draw_dead_rtc(struct simulation *s, int index, double from, double to)
{
	static const double shows[] = {0, 946684800, 1262304000, 1420070400};
	int which = sim_pick(s, 5);
	double size = which == 4 ? -619315200.0 + sim_between(s, -3000, 3000) : shows[which] + sim_between(s, 5, 300) - ((double)s->begin_s + from);
	add_fault(s, FAULT_DEAD_RTC, index, from, to, size);
}

static void draw_fault_of_host(struct simulation *s, int index)
{
	static const enum sim_fault_kind kinds[] = {FAULT_WRONG_FROM_START, FAULT_WRONG_FROM_START, FAULT_STEP, FAULT_STEP, FAULT_STEP, FAULT_SET_BY_HAND, FAULT_ZONE,
		FAULT_DRIFT, FAULT_DRIFT, FAULT_PAUSED, FAULT_DEAD_RTC, FAULT_SOURCES_DIE, FAULT_UNSYNCHRONISED, FAULT_TELEMETRY_ENDS};
	struct sim_host *host = &s->hosts[index];
	enum sim_fault_kind kind = kinds[sim_pick(s, (int)(sizeof kinds / sizeof *kinds))];
	double from = sim_between(s, 500, 1300), end = s->seconds + 1, to = sim_pick(s, 2) ? from + sim_between(s, 800, 1300) : end;
	switch (kind) {
	case FAULT_WRONG_FROM_START:
		if (host->daemon == DAEMON_SLEWS || host->daemon == DAEMON_STEPS)
			host->daemon = DAEMON_POWERLESS;
		add_fault(s, kind, index, 0, to, signed_log(s, 0.07, 30000));
		break;
	case FAULT_STEP:
	case FAULT_SET_BY_HAND: add_fault(s, kind, index, from, to, signed_log(s, 0.07, 30000)); break;
	case FAULT_ZONE: add_fault(s, kind, index, from, to, zone_size(s)); break;
	case FAULT_DRIFT:
		host->daemon = host->daemon == DAEMON_NONE ? DAEMON_NONE : DAEMON_POWERLESS;
		add_fault(s, kind, index, from, to, signed_log(s, 80, 450) * 1e-6);
		break;
	case FAULT_PAUSED: add_fault(s, kind, index, from, to, sim_log_between(s, 10, 900)); break;
	case FAULT_DEAD_RTC: draw_dead_rtc(s, index, from, to); break;
	case FAULT_SOURCES_DIE:
	case FAULT_UNSYNCHRONISED:
	case FAULT_TELEMETRY_ENDS:
		if (!host->telemetry)
			return;
		add_fault(s, kind, index, from, to, signed_log(s, 100, 400) * 1e-6);
		break;
	default: break;
	}
}

static void draw_orphans(struct simulation *s, int first)
{
	double drift = signed_log(s, 50, 300) * 1e-6;
	for (int i = first; i < first + 3; i++) {
		s->hosts[i].telemetry = true;
		s->hosts[i].daemon = DAEMON_NONE;
		add_fault(s, FAULT_ORPHAN, i, 0, s->seconds + 1, drift);
	}
}

/* Where most telemetry is wrong nobody can tell who is: others must be right. */
static void ensure_telemetry(struct simulation *s, int first)
{
	for (int i = first; i < s->hosts_count; i++) {
		struct sim_host *host = &s->hosts[i];
		if (host->telemetry || sim_pick(s, 5) == 0)
			continue;
		host->telemetry = true;
		host->daemon = DAEMON_POWERLESS;
	}
}

/* A pair of servers with one bad upstream, and hosts that know no other. */
static void draw_wrong_source(struct simulation *s, int first)
{
	double from = sim_pick(s, 2) ? 0 : sim_between(s, 500, 1000), to = sim_pick(s, 3) ? s->seconds + 1 : from + sim_between(s, 1000, 1500);
	double size = signed_log(s, 1.5, 3000);
	int followers = 3 + (s->hosts_count > 10 && sim_pick(s, 2)), servers = 1 + sim_pick(s, 2);
	for (int i = 0; i < 2; i++)
		add_fault(s, FAULT_SOURCE_WRONG, 4 + i, from, to, size);
	for (int i = first; i < first + followers; i++) {
		struct sim_host *host = &s->hosts[i];
		host->telemetry = true;
		host->daemon = sim_pick(s, 5) == 0 ? DAEMON_POWERLESS : sim_pick(s, 2) ? DAEMON_STEPS : DAEMON_SLEWS;
		host->sources_count = servers;
		host->sources[0] = 4;
		host->sources[1] = 5;
	}
	ensure_telemetry(s, first + followers);
}

static int busiest_collector(const struct simulation *s)
{
	int counts[SIM_COLLECTORS] = {0}, best = 0;
	for (int i = 0; i < s->hosts_count; i++)
		counts[s->hosts[i].collector] += s->hosts[i].telemetry;
	for (int i = 1; i < s->collectors_count; i++)
		best = counts[i] > counts[best] ? i : best;
	return best;
}

static void draw_collector(struct simulation *s)
{
	ensure_telemetry(s, 0);
	double from = sim_between(s, 600, 1200), size = sim_log_between(s, 4, 90);
	add_fault(s, FAULT_COLLECTOR, busiest_collector(s), from, from + sim_between(s, 300, 900), sim_pick(s, 4) ? -size : size);
}

static void draw_leap(struct simulation *s)
{
	s->leap_season = true;
	double from = sim_between(s, 600, 900);
	s->begin_s = 1798761600 - (int64_t)floor(from);
	for (int i = 0; i < s->hosts_count; i++)
		if (sim_pick(s, 4) == 0)
			add_fault(s, FAULT_NO_LEAP, i, from, s->seconds + 1, 1);
}

void story_draw(struct simulation *s)
{
	s->hosts_count = 8 + sim_pick(s, 4);
	s->seconds = 2700 + sim_pick(s, 900);
	s->begin_s = 1795399200 + sim_pick(s, 2000000);
	s->sources_count = 6;
	s->collectors_count = 1 + sim_pick(s, SIM_COLLECTORS);
	for (int i = 0; i < s->hosts_count; i++)
		draw_host(s, i);
	draw_services(s);
	int special = sim_pick(s, 8), faults = 1 + sim_pick(s, 3), last = s->hosts_count - 1;
	for (int i = 0; i < faults; i++)
		draw_fault_of_host(s, last - i);
	if (special == 0 || special == 1)
		draw_wrong_source(s, 0);
	else if (special == 2)
		draw_orphans(s, 1);
	else if (special == 3)
		draw_collector(s);
	else if (special == 4 && sim_pick(s, 3) == 0)
		draw_leap(s);
}
