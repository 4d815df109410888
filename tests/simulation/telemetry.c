/* What chronyc says of a daemon: `tracking` and `sources` in their CSV form (chronyc -c), signs and all: system time counts what must be ADDED. */
#include <math.h>
#include <stdio.h>

#include "parts.h"

static void say_source(struct simulation *s, int h, double at, int i, char state)
{
	const struct sim_host *host = &s->hosts[h];
	const struct sim_daemon_state *daemon = &s->state->daemon[h];
	char message[256], name[20], *out = put_text(message, "^,");
	sim_source_name(host->sources[i], name);
	*out++ = state;
	*out++ = ',';
	out = put_text(put_text(out, name), ",2,5,");
	unsigned reach = daemon->unsynchronised ? 0 : daemon->reach[i];
	*out++ = (char)('0' + (reach >> 6));
	*out++ = (char)('0' + (reach >> 3 & 7));
	*out++ = (char)('0' + (reach & 7));
	*out++ = ',';
	out = put_integer(out, (int64_t)(at - daemon->measured_at));
	double apart = s->phi[host->sources[daemon->selected < 0 ? 0 : daemon->selected]][(int)at] - s->phi[host->sources[i]][(int)at];
	*out++ = ',';
	out = put_fixed(out, apart + sim_between(s, -2e-5, 2e-5), 9);
	*out++ = ',';
	out = put_fixed(out, apart, 9);
	*out++ = ',';
	*put_fixed(out, daemon->distance[i] / 2 + 1e-4, 9) = 0;
	ship(s, h, at, RECORD_OF_SOURCE, "chronyc", "chrony.sources", message);
}

static char *put_columns(char *out, const char *reference, const char *name, int stratum, double heard, double system_time, double delay, double dispersion, const char *leap)
{
	out = put_text(out, reference);
	*out++ = ',';
	out = put_text(out, name);
	*out++ = ',';
	out = put_integer(out, stratum);
	*out++ = ',';
	out = put_fixed(out, heard, 9);
	*out++ = ',';
	out = put_fixed(out, system_time, 9);
	out = put_text(out, ",0.000001200,0.000005200,-7.400,0.002,0.110,");
	out = put_fixed(out, delay, 9);
	*out++ = ',';
	out = put_fixed(out, dispersion, 9);
	out = put_text(out, ",32.0,");
	out = put_text(out, leap);
	*out = 0;
	return out;
}

static bool announces_leap(const struct simulation *s, double at)
{
	return s->leap_season && s->begin_s + (int64_t)at < 1798761600;
}

struct sight {
	bool synchronised, local, reachable;
	int usable, selected;
	double offset, delay, dispersion, heard;
};

static struct sight look(const struct simulation *s, int h, double at)
{
	const struct sim_host *host = &s->hosts[h];
	const struct sim_daemon_state *daemon = &s->state->daemon[h];
	struct sight sight = {.selected = daemon->selected, .local = story_fault(s, FAULT_ORPHAN, h, at) != NULL};
	sight.synchronised = !sight.local && !daemon->unsynchronised && daemon->believes && daemon->selected >= 0;
	for (int i = 0; i < host->sources_count; i++) {
		bool reached = !daemon->unsynchronised && !sight.local && daemon->reach[i];
		sight.reachable = sight.reachable || reached;
		sight.usable += reached && sight.synchronised && daemon->agrees[i];
	}
	if (!sight.synchronised)
		return sight;
	double age = at - daemon->measured_at;
	sight.offset = (double)(float)(daemon->believed + sim_theta(s, h, at) - s->theta[h][(int)at]); /* as wide as chronyc's own number */
	sight.delay = daemon->distance[sight.selected];
	sight.dispersion = 2e-5 + 0.05 * sight.delay + (1e-6 + daemon->doubt) * age;
	sight.heard = (double)s->begin_s + at + sim_theta(s, h, at) - daemon->believed - age;
	return sight;
}

void telemetry_say(struct simulation *s, int h, double at)
{
	const struct sim_host *host = &s->hosts[h];
	struct sight sight = look(s, h, at);
	char message[400], name[20] = "", reference[12] = "00000000", *out;
	if (sight.local)
		out = put_columns(message, "7F7F0101", "", 10, (double)s->begin_s + at, 0, 0, 1e-5, "Normal");
	else if (!sight.synchronised)
		out = put_columns(message, "00000000", "", 0, 0, 0, 1, 1, "Not synchronised");
	else {
		sim_source_name(host->sources[sight.selected], name);
		snprintf(reference, sizeof reference, "0A%s000%X", host->sources[sight.selected] >= 4 ? "42" : "32", 11 + host->sources[sight.selected]);
		out = put_columns(message, reference, name, 3, sight.heard, -sight.offset, sight.delay, sight.dispersion, announces_leap(s, at) ? "Insert second" : "Normal");
	}
	out = put_integer(put_text(out, "\",\"ntp\":{\"sources_usable\":"), sight.usable);
	out = put_integer(put_text(out, ",\"sources_reachable\":"), sight.reachable ? host->sources_count : 0);
	*put_text(out, "},\"tags\":\"") = 0; /* the envelope closes the text */
	struct sim_record *record = ship(s, h, at, RECORD_OF_SAMPLE, "chronyc", "chrony.tracking", message);
	record->synchronised = sight.synchronised;
	record->local = sight.local;
	record->source = (int8_t)(sight.synchronised ? host->sources[sight.selected] : -1);
	record->usable = (int8_t)sight.usable;
	record->announces = sight.synchronised && announces_leap(s, at);
	record->offset = sight.offset;
	record->bound = sight.dispersion + sight.delay / 2;
	if (sight.local)
		return;
	const struct sim_daemon_state *daemon = &s->state->daemon[h];
	for (int i = 0; i < host->sources_count; i++) {
		bool reached = !daemon->unsynchronised && daemon->reach[i];
		say_source(s, h, at, i, !reached ? '?' : !sight.synchronised ? '?' : i == sight.selected ? '*' : daemon->agrees[i] ? '+' : 'x');
	}
}
