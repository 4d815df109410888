#include <stdio.h>

#include "fleet_parts.h"

#define SOURCES_PER_HOST 3

/* 10.n.0.11 is stratum 1, .12 to .14 stratum 2; .21 and .22 hang on one receiver, stratum 1. */
static int source_stratum(unsigned source)
{
	return source == 11 || source > 20 ? 1 : 2;
}

static size_t sources_of(const struct fleet_host *host, unsigned out[SOURCES_PER_HOST])
{
	if (host->fault == FAULT_WRONG_SERVER) {
		out[0] = 21, out[1] = 22;
		return 2;
	}
	for (unsigned i = 0; i < SOURCES_PER_HOST; i++)
		out[i] = 11 + (host->first_source - 11 + i) % 4;
	return SOURCES_PER_HOST;
}

struct sight { /* how chronyd sees the world at one sample */
	unsigned reach;         /* the last eight polls */
	struct span silent_for; /* since the last answer */
	bool just_jumped;       /* the first sample after a step: everything was thrown away */
	struct span known;      /* the offset that chronyd knows of, positive = ahead */
};

static struct sight sight_at(const struct fleet_host *host, struct instant at)
{
	struct sight sight = {0xff, {0}, false, host->error};
	bool stands = fleet_fault_stands(host, at);
	struct span since = instant_minus(at, host->onset);
	if (host->fault == FAULT_LOST_SOURCES && stands) {
		int64_t missed = since.ns / SECOND_NS / FLEET_POLL_SECONDS;
		sight.silent_for = since;
		sight.reach = missed >= 8 ? 0 : 0xffu << missed & 0xffu;
	}
	if (host->fault == FAULT_STEPPED && stands && since.ns < 59 * SECOND_NS) /* never two samples */
		sight.just_jumped = true;
	else if ((host->fault == FAULT_BEHIND || host->fault == FAULT_STEPPED) && stands)
		sight.known = fleet_clock_offset(host, at);
	return sight; /* a wrong server's clients know nothing: their offset against it is nought */
}

static void write_source(struct fleet *fleet, const struct fleet_host *host, const struct sight *sight, unsigned source, bool selected, struct instant at,
	struct instant collected)
{
	char name[20];
	fleet_source_address(fleet, source, name);
	unsigned reach = sight->just_jumped ? 0 : sight->reach;
	char state = !reach ? '?' : selected ? '*' : '+';
	double measured = (double)fleet_between(fleet, -60000, 60000) * 1e-9, adjusted = measured + (double)fleet_between(fleet, -900, 900) * 1e-9;
	double margin = 1.2e-4 + (double)fleet_between(fleet, 0, 90000) * 1e-9;
	int heard = (int)(sight->silent_for.ns / SECOND_NS) + (int)fleet_between(fleet, 0, FLEET_POLL_SECONDS - 1);
	fleet_open_record(fleet, host, fleet_host_time(host, at), collected, "chrony.sources", false);
	buffer_printf(&fleet->text, ",\"process\":{\"name\":\"chronyc\"},\"message\":\"^,%c,%s,%d,4,%o,%d,%.9f,%.9f,%.9f\"", state, name,
		source_stratum(source), reach, heard, adjusted, measured, margin);
	buffer_printf(&fleet->text, ",\"ntp\":{\"mode\":\"^\",\"state\":\"%c\",\"name\":\"%s\",\"stratum\":%d,\"poll\":4,\"reach\":%u,\"last_rx_s\":%d", state,
		name, source_stratum(source), reach, heard);
	buffer_printf(&fleet->text, ",\"adjusted_offset_s\":%.9f,\"measured_offset_s\":%.9f,\"error_s\":%.9f,\"kind\":\"sources\"}}", adjusted, measured, margin);
	fleet_deliver(fleet, FLEET_TOPIC_NTP, host, collected);
}

static void write_tracking(struct fleet *fleet, const struct fleet_host *host, const struct sight *sight, const unsigned *sources, size_t sources_count,
	struct instant at, struct instant collected)
{
	bool synchronised = !sight->just_jumped;
	char reference[12] = "00000000", name[20] = "";
	int stratum = 0;
	/* chronyc's System time counts what must be ADDED to the clock: negative = the host is ahead. */
	double system_time = synchronised ? -span_seconds(sight->known) : 0, reference_time = 0;
	double delay = synchronised ? 2.1e-4 + (double)fleet_between(fleet, 0, 60000) * 1e-9 : 1, dispersion = 1;
	size_t usable = synchronised && sight->reach ? sources_count : 0;
	if (synchronised) {
		snprintf(reference, sizeof reference, "0A%02X00%02X", fleet->network, sources[0]);
		fleet_source_address(fleet, sources[0], name);
		stratum = source_stratum(sources[0]) + 1;
		/* The last answer, on the clock as chronyd corrects it: the true time, or what a wrong server takes for it. */
		struct span corrected = {fleet_clock_offset(host, at).ns - sight->known.ns};
		int64_t age = sight->silent_for.ns ? sight->silent_for.ns : fleet_between(fleet, 0, FLEET_POLL_SECONDS * 1000) * 1000000;
		reference_time = (double)(instant_plus(at, corrected).ns - age) * 1e-9;
		dispersion = 3.5e-5 + 1e-6 * (double)age * 1e-9; /* 1 ppm of the time since then */
	}
	const char *leap = synchronised ? "Normal" : "Not synchronised";
	double last = (double)fleet_between(fleet, -4000, 4000) * 1e-9, rms = 5.2e-6, ppm = -7.4, residual = 0.002, skew = 0.11, interval = FLEET_POLL_SECONDS;
	fleet_open_record(fleet, host, fleet_host_time(host, at), collected, "chrony.tracking", false);
	buffer_printf(&fleet->text, ",\"process\":{\"name\":\"chronyc\"},\"message\":\"%s,%s,%d,%.9f,%.9f,%.9f,%.9f,%.3f,%.3f,%.3f,%.9f,%.9f,%.1f,%s\"", reference,
		name, stratum, reference_time, system_time, last, rms, ppm, residual, skew, delay, dispersion, interval, leap);
	buffer_printf(&fleet->text, ",\"ntp\":{\"ref_id\":\"%s\",\"ref_name\":\"%s\",\"stratum\":%d,\"ref_time\":%.6f,\"system_time_s\":%.9f", reference, name,
		stratum, reference_time, system_time);
	buffer_printf(&fleet->text, ",\"last_offset_s\":%.9f,\"rms_offset_s\":%.9f,\"frequency_ppm\":%.3f,\"residual_freq_ppm\":%.3f,\"skew_ppm\":%.3f", last, rms,
		ppm, residual, skew);
	buffer_printf(&fleet->text, ",\"root_delay_s\":%.9f,\"root_dispersion_s\":%.9f,\"update_interval_s\":%.1f,\"leap_status\":\"%s\",\"kind\":\"tracking\"", delay,
		dispersion, interval, leap);
	buffer_printf(&fleet->text, ",\"clock_offset_s\":%.9f,\"sources_total\":%zu,\"sources_usable\":%zu,\"sources_reachable\":%zu}}", -system_time, sources_count,
		usable, usable);
	fleet_deliver(fleet, FLEET_TOPIC_NTP, host, collected);
}

/* One run of chronyc every 60 s, some hundredths of a second late each time; the rows of a run share their stamps. */
void fleet_write_telemetry(struct fleet *fleet, const struct fleet_host *host)
{
	struct instant due = instant_plus(fleet->start, fleet_milliseconds(fleet, 500, 20000));
	for (; instant_before(due, fleet->end); due = instant_plus(due, SPAN_S(60))) {
		struct instant at = instant_plus(due, fleet_milliseconds(fleet, 0, 400)), collected = instant_plus(at, fleet_milliseconds(fleet, 1, 6));
		struct sight sight = sight_at(host, at);
		unsigned sources[SOURCES_PER_HOST];
		size_t sources_count = sources_of(host, sources);
		write_tracking(fleet, host, &sight, sources, sources_count, at, collected);
		for (size_t i = 0; i < sources_count; i++)
			write_source(fleet, host, &sight, sources[i], i == 0, at, collected);
	}
}
