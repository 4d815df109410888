/* How records travel: late, in batches, twice, out of order, with stamps that are rounded, astray or local. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

static const char *const programs[SIM_STREAMS] = {"sshd", "nginx", "billing-api", "CRON"};
static const char *const lines[SIM_STREAMS] = {"Accepted publickey for deploy from 192.0.2.7 port 50022 ssh2", "GET /v2/items 200", "charged an order for alice",
	"(root) CMD (run-parts --report /etc/cron.hourly)"};

static double delay_of(struct simulation *s, const struct sim_host *host, double at, bool telemetry)
{
	double delay = fmin(sim_between(s, 0.02, 0.3) + sim_pareto(s, 0.03, 1.3), 120);
	if (telemetry && host->ntp_lag <= 0)
		return fmin(sim_between(s, 0.002, 0.03) + sim_pareto(s, 0.002, 1.5), 5);
	if (telemetry)
		return host->ntp_lag + delay;
	switch (host->shipping) {
	case SHIP_PROMPT: return delay;
	case SHIP_RELAY:
	case SHIP_LATE: return host->lag + delay;
	case SHIP_BATCH: return host->lag - fmod(at, host->lag) + sim_between(s, 0.1, 1.5);
	}
	return delay;
}

static double stamped(const struct sim_host *host, double clock)
{
	static const double grains[] = {1, 0, 0, 1e-3, 0, 0, 1e-6};
	double grain = grains[host->digits], begin = floor(clock), part = (clock - begin) / grain;
	return begin + (host->rounds ? floor(part + 0.5) : floor(part)) * grain;
}

static struct sim_record *add_record(struct simulation *s)
{
	if (s->records_count == s->records_capacity) {
		s->records_capacity = s->records_capacity ? 2 * s->records_capacity : 8192;
		s->records = realloc(s->records, s->records_capacity * sizeof *s->records);
		if (!s->records)
			abort();
	}
	return memset(&s->records[s->records_count++], 0, sizeof *s->records);
}

static char *room_for_text(struct simulation *s)
{
	if (s->text_capacity - s->text_size < 2048) {
		s->text_capacity = s->text_capacity ? 2 * s->text_capacity : 1 << 20;
		s->text = realloc(s->text, s->text_capacity);
		if (!s->text)
			abort();
	}
	return s->text + s->text_size;
}

static int64_t unix_ns(const struct simulation *s, double seconds)
{
	double whole = floor(seconds);
	return (s->begin_s + (int64_t)whole) * 1000000000 + (int64_t)((seconds - whole) * 1e9 + 0.5);
}

static int stream_of(const char *program)
{
	for (int i = 0; i < SIM_STREAMS; i++)
		if (program == programs[i])
			return i;
	return SIM_STREAMS;
}

/* The stamp as the program or its agent writes it. */
static void stamp(struct simulation *s, const struct sim_host *host, double at, double theta, struct sim_record *record)
{
	bool telemetry = record->kind == RECORD_OF_SAMPLE || record->kind == RECORD_OF_SOURCE;
	record->said = stamped(host, at + theta);
	record->honest = true;
	if (!telemetry && host->strays > 0 && sim_chance(s) < host->strays) {
		record->said += host->stray_by;
		record->honest = false;
	}
	if (!telemetry && record->stream == host->zone_stream && host->zone_by != 0) {
		record->said += host->zone_by;
		record->honest = false;
	}
}

struct sim_record *ship(struct simulation *s, int h, double at, enum sim_record_kind kind, const char *program, const char *dataset, const char *message)
{
	const struct sim_host *host = &s->hosts[h];
	bool telemetry = kind == RECORD_OF_SAMPLE || kind == RECORD_OF_SOURCE;
	size_t first = s->records_count;
	struct sim_record *record = add_record(s);
	*record = (struct sim_record){.written = at, .kind = (uint8_t)kind, .host = (uint8_t)h, .input = (uint8_t)(telemetry ? 0 : 1 + h % (SIM_INPUTS - 1)),
		.stream = (uint8_t)stream_of(program), .source = -1, .usable = -1};
	stamp(s, host, at, sim_theta(s, h, at), record);
	double seen = at + delay_of(s, host, at, telemetry);
	int second = (int)fmin(seen, s->seconds);
	record->reference = seen + s->collector[host->collector][second];
	record->honest = record->honest && s->collector[host->collector][second] == 0;
	record->arrived = seen + sim_between(s, 0.001, 0.02);
	char *begin = room_for_text(s), *out = put_text(begin, "{\"@timestamp\":\"");
	out = put_stamp(out, unix_ns(s, record->said), host->digits);
	out = put_text(out, "\",\"event\":{\"ingested\":\"");
	out = put_stamp(out, unix_ns(s, record->reference), 6);
	out = put_text(put_text(out, "\",\"dataset\":\""), dataset);
	out = put_text(put_text(out, "\"},\"host\":{\"name\":\""), host->name);
	out = put_text(put_text(out, "\"},\"process\":{\"name\":\""), program);
	out = put_text(put_text(out, "\"},\"message\":\""), message);
	out = put_text(out, "\"}");
	record->text = (uint32_t)s->text_size;
	record->size = (uint32_t)(out - begin);
	s->text_size += record->size;
	if (host->duplicates > 0 && sim_chance(s) < host->duplicates) {
		struct sim_record *copy = add_record(s);
		*copy = s->records[first];
		copy->copy = true;
		copy->arrived += sim_between(s, 1, 1500);
	}
	return &s->records[first];
}

void log_say(struct simulation *s, int h, double at)
{
	int stream = sim_pick(s, s->hosts[h].streams);
	ship(s, h, at, RECORD_OF_LOG, programs[stream], "syslog", lines[stream]);
}

static int by_arrival(const void *a, const void *b)
{
	const struct sim_record *left = a, *right = b;
	if (left->arrived != right->arrived)
		return left->arrived < right->arrived ? -1 : 1;
	return left->text < right->text ? -1 : left->text > right->text;
}

void ship_end(struct simulation *s)
{
	qsort(s->records, s->records_count, sizeof *s->records, by_arrival);
	while (s->records_count && s->records[s->records_count - 1].arrived >= s->seconds)
		s->records_count--;
}
