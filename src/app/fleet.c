#include "fleet.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet_texts.h"
#include "skewline/arena.h"
#include "skewline/buffer.h"

/* Everything is written at fleet_new and sorted by delivery: some 7,000 records, 5 MB. The order of a fleet is then plain
 * to see, and fleet_next cannot fail. Random numbers are drawn host by host, in a fixed order. */

#define HOSTS_MAX 32
#define SOURCES_PER_HOST 3
#define POLL_SECONDS 16 /* minpoll 4 maxpoll 4, as in a data centre with own time servers */
#define COUNT(array) (sizeof(array) / sizeof *(array))

enum fault_kind { FAULT_NONE, FAULT_BEHIND, FAULT_STEPPED, FAULT_WRONG_SERVER, FAULT_LOST_SOURCES, LOOKALIKE_EXPIRED, LOOKALIKE_POSTDATED };

struct host {
	char name[40];
	char address[20];
	enum fleet_role role;
	enum fault_kind fault;
	struct span error;     /* of a disciplined clock: some microseconds */
	struct span offset;    /* while the fault lasts, positive = ahead */
	struct instant onset;  /* true time */
	unsigned first_source; /* index of its selected server */
};

struct entry {
	struct fleet_record record;
	uint32_t sequence; /* order of writing: breaks ties */
};

struct fleet {
	uint64_t random;
	struct instant start, end;
	struct arena arena;
	struct buffer text, message; /* scratch */
	unsigned network;            /* 10.<network>.x.y */
	struct host hosts[HOSTS_MAX];
	size_t hosts_count;
	struct entry *entries;
	size_t count, capacity, next;
	struct fleet_fault faults[4];
	size_t faults_count;
	uint32_t event;
};

/* splitmix64 (Steele, Lea, Flood 2014): one word of state, the same everywhere. */
static uint64_t draw(struct fleet *fleet)
{
	uint64_t z = fleet->random += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static int64_t between(struct fleet *fleet, int64_t low, int64_t high)
{
	assert(low <= high);
	return low + (int64_t)(draw(fleet) % (uint64_t)(high - low + 1));
}

static struct span milliseconds(struct fleet *fleet, int64_t low, int64_t high)
{
	return SPAN_MS(between(fleet, low, high));
}

/* ---- the clocks ---- */

static bool fault_stands(const struct host *host, struct instant at)
{
	return host->fault != FAULT_NONE && !instant_before(at, host->onset);
}

/* What the host's clock shows minus true time. */
static struct span clock_offset(const struct host *host, struct instant at)
{
	return fault_stands(host, at) ? span_plus(host->error, host->offset) : host->error;
}

static struct instant host_time(const struct host *host, struct instant at)
{
	return instant_plus(at, clock_offset(host, at));
}

/* ---- records ---- */

static void add_json_text(struct buffer *out, struct str text)
{
	buffer_add_byte(out, '"');
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];
		assert((unsigned char)c >= 0x20); /* our own texts hold no control characters */
		if (c == '"' || c == '\\')
			buffer_add_byte(out, '\\');
		buffer_add_byte(out, c);
	}
	buffer_add_byte(out, '"');
}

/* Takes fleet->text as the value; drops what would arrive after the end. */
static void deliver(struct fleet *fleet, const char *topic, const struct host *host, struct instant collected)
{
	if (!instant_before(collected, fleet->end))
		return;
	if (fleet->count == fleet->capacity) {
		fleet->capacity = fleet->capacity ? 2 * fleet->capacity : 1024;
		struct entry *grown = realloc(fleet->entries, fleet->capacity * sizeof *grown);
		if (!grown)
			abort();
		fleet->entries = grown;
	}
	struct entry *entry = &fleet->entries[fleet->count];
	*entry = (struct entry){{str_of(topic), str_of(host->name), arena_copy(&fleet->arena, buffer_str(&fleet->text)), collected}, (uint32_t)fleet->count};
	fleet->count++;
}

static void open_record(struct fleet *fleet, const struct host *host, struct instant said, struct instant collected, const char *dataset, bool numbered)
{
	char said_text[INSTANT_TEXT_MAX], collected_text[INSTANT_TEXT_MAX];
	struct buffer *out = &fleet->text;
	buffer_reset(out);
	struct str said_view = instant_text((struct instant){said.ns - said.ns % 1000000}, said_text);
	struct str collected_view = instant_text((struct instant){collected.ns - collected.ns % 1000000}, collected_text);
	buffer_printf(out, "{\"@timestamp\":\"%.*s\",\"event\":{", STR_ARGS(said_view));
	if (numbered)
		buffer_printf(out, "\"id\":\"e%06u\",", ++fleet->event);
	buffer_printf(out, "\"ingested\":\"%.*s\",\"dataset\":\"%s\"},\"host\":{\"name\":\"%s\",\"ip\":[\"%s\"]}", STR_ARGS(collected_view), dataset,
		host->name, host->address);
}

/* Mostly prompt, with a heavy tail: 50 to 150 ms, doubled with one chance in three, and again, to at most 2.5 s. */
static struct span delivery_delay(struct fleet *fleet)
{
	int64_t ms = between(fleet, 50, 150);
	while (ms < 2500 && between(fleet, 0, 2) == 0)
		ms *= 2;
	return SPAN_MS(ms < 2500 ? ms : 2500);
}

/* ---- texts ---- */

struct saying {
	const struct host *host;   /* who speaks */
	const struct host *victim; /* of whom, or NULL */
	struct instant at;         /* true time */
	struct span apart;         /* between {now} and the stamps that it is compared with, > 0 */
};

static const struct host *any_other(struct fleet *fleet, const struct host *host)
{
	const struct host *other = &fleet->hosts[between(fleet, 0, (int64_t)fleet->hosts_count - 1)];
	return other == host ? &fleet->hosts[(size_t)(host - fleet->hosts + 1) % fleet->hosts_count] : other;
}

static void source_address(const struct fleet *fleet, unsigned source, char out[20])
{
	snprintf(out, 20, "10.%u.0.%u", fleet->network, source);
}

static void add_seconds_stamp(struct buffer *out, struct instant at)
{
	char text[INSTANT_TEXT_MAX];
	struct str whole = str_first(instant_text(instant_of_seconds(instant_unix_s(at)), text), 19);
	buffer_printf(out, "%.*sZ", STR_ARGS(whole));
}

static void add_placeholder(struct fleet *fleet, const struct saying *saying, struct str name, struct buffer *out)
{
	struct instant now = host_time(saying->host, saying->at);
	struct instant from = instant_plus(now, saying->apart), till = instant_plus(now, (struct span){-saying->apart.ns});
	char address[20];
	if (str_equal(name, STR("n")))
		buffer_printf(out, "%d", (int)between(fleet, 1000, 65000));
	else if (str_equal(name, STR("ms")))
		buffer_printf(out, "%d", (int)between(fleet, 2, 900));
	else if (str_equal(name, STR("ip")))
		buffer_printf(out, "192.0.2.%d", (int)between(fleet, 1, 254));
	else if (str_equal(name, STR("u")))
		buffer_printf(out, "%s", user_names[(size_t)between(fleet, 0, COUNT(user_names) - 1)]);
	else if (str_equal(name, STR("peer")))
		buffer_printf(out, "%s", any_other(fleet, saying->host)->name);
	else if (str_equal(name, STR("now")))
		add_seconds_stamp(out, now);
	else if (str_equal(name, STR("from")))
		add_seconds_stamp(out, from);
	else if (str_equal(name, STR("till")))
		add_seconds_stamp(out, till);
	else if (str_equal(name, STR("unix")))
		buffer_printf(out, "%lld", (long long)instant_unix_s(now));
	else if (str_equal(name, STR("fromunix")))
		buffer_printf(out, "%lld", (long long)instant_unix_s(from));
	else if (str_equal(name, STR("off")))
		buffer_printf(out, "%.6f", -span_seconds(clock_offset(saying->host, saying->at)));
	else if (str_equal(name, STR("src")))
		source_address(fleet, saying->host->first_source, address), buffer_printf(out, "%s", address);
	else if (str_equal(name, STR("victim")))
		buffer_printf(out, "%s", saying->victim->name);
	else if (str_equal(name, STR("victimip")))
		buffer_printf(out, "%s", saying->victim->address);
	else if (str_equal(name, STR("said")))
		add_seconds_stamp(out, host_time(saying->victim, saying->at));
	else
		buffer_printf(out, "{%.*s}", STR_ARGS(name)); /* braces of the text's own */
}

/* Braces that hold no blank, quote, comma or parenthesis are placeholders; any other brace stands for itself. */
static void expand(struct fleet *fleet, const struct saying *saying, const char *text, struct buffer *out)
{
	for (const char *at = text; *at; at++) {
		size_t word = *at == '{' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz") : 0;
		if (word > 0 && at[1 + word] == '}') {
			add_placeholder(fleet, saying, (struct str){at + 1, word}, out);
			at += word + 1;
		} else {
			buffer_add_byte(out, *at);
		}
	}
}

static void say_after(struct fleet *fleet, const struct saying *saying, const struct fleet_line *line, struct span delay)
{
	buffer_reset(&fleet->message);
	expand(fleet, saying, line->text, &fleet->message);
	struct instant collected = instant_plus(saying->at, delay);
	open_record(fleet, saying->host, host_time(saying->host, saying->at), collected, line->program, true);
	buffer_printf(&fleet->text, ",\"process\":{\"name\":\"%s\"},\"log\":{\"level\":\"%s\"},\"message\":", line->program, line->level);
	add_json_text(&fleet->text, buffer_str(&fleet->message));
	buffer_add_byte(&fleet->text, '}');
	deliver(fleet, FLEET_TOPIC_LOGS, saying->host, collected);
}

static void say(struct fleet *fleet, const struct saying *saying, const struct fleet_line *line)
{
	say_after(fleet, saying, line, delivery_delay(fleet));
}

static void write_ordinary(struct fleet *fleet, const struct host *host)
{
	struct instant at = instant_plus(fleet->start, milliseconds(fleet, 0, 8000));
	for (; instant_before(at, fleet->end); at = instant_plus(at, milliseconds(fleet, 1500, 9000))) {
		const struct fleet_line *line;
		do
			line = &ordinary_lines[between(fleet, 0, COUNT(ordinary_lines) - 1)];
		while (line->role != (int)ROLE_ANY && line->role != (int)host->role);
		struct saying saying = {host, NULL, at, SPAN_S(0)};
		say(fleet, &saying, line);
	}
}

static const struct host *host_of_role(const struct fleet *fleet, enum fleet_role role)
{
	for (size_t i = 0; i < fleet->hosts_count; i++)
		if (fleet->hosts[i].role == role)
			return &fleet->hosts[i];
	assert(false);
	return NULL;
}

/* What a wrong clock makes its own programs say, and others of it. A validity that starts after {now} was stamped by a right
 * clock some time ago: a clock behind by N sees it at most N ahead. One that ended lasted some seconds only. */
static void write_symptoms(struct fleet *fleet, const struct host *host)
{
	bool behind = host->offset.ns < 0;
	const struct fleet_line *lines = behind ? behind_lines : ahead_lines;
	size_t lines_count = behind ? COUNT(behind_lines) : COUNT(ahead_lines);
	int64_t size_ms = span_abs(host->offset).ns / 1000000;
	struct instant at = instant_plus(host->onset, milliseconds(fleet, 4000, 20000));
	for (size_t turn = 0; instant_before(at, fleet->end); turn++, at = instant_plus(at, milliseconds(fleet, 12000, 35000))) {
		struct saying own = {host, NULL, at, milliseconds(fleet, size_ms * 6 / 10, size_ms - 500)};
		say(fleet, &own, &lines[turn % lines_count]);
		if (size_ms > 305000 && turn % 3 == 0) {
			struct saying kdc = {host_of_role(fleet, ROLE_KDC), host, at, SPAN_S(0)};
			say(fleet, &own, &kerberos_lines[turn % COUNT(kerberos_lines)]);
			say(fleet, &kdc, &kdc_complaint);
		}
		if (!behind && turn % 4 == 1) {
			struct saying loki = {host_of_role(fleet, ROLE_LOG), host, at, SPAN_S(0)};
			say(fleet, &loki, &loki_complaint);
		}
	}
}

static void write_lookalike(struct fleet *fleet, const struct host *host)
{
	bool expired = host->fault == LOOKALIKE_EXPIRED;
	struct span apart = SPAN_S(between(fleet, 6 * 3600, 40 * 3600));
	struct instant first = instant_plus(host->onset, milliseconds(fleet, 0, 5000)), at = first;
	for (size_t turn = 0; instant_before(at, fleet->end); turn++, at = instant_plus(at, milliseconds(fleet, 15000, 40000))) {
		/* The credential's own date stands still while the clock walks on. */
		struct span walked = instant_minus(at, first);
		struct saying saying = {host, NULL, at, {expired ? apart.ns + walked.ns : apart.ns - walked.ns}};
		say(fleet, &saying, expired ? &expired_lines[turn % COUNT(expired_lines)] : &postdated_lines[turn % COUNT(postdated_lines)]);
	}
}

/* ---- NTP telemetry ---- */

/* 10.n.0.11 is stratum 1, .12 to .14 stratum 2; .21 and .22 hang on one receiver, stratum 1. */
static int source_stratum(unsigned source)
{
	return source == 11 || source > 20 ? 1 : 2;
}

static size_t sources_of(const struct host *host, unsigned out[SOURCES_PER_HOST])
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

static struct sight sight_at(const struct host *host, struct instant at)
{
	struct sight sight = {0xff, {0}, false, host->error};
	bool stands = fault_stands(host, at);
	struct span since = instant_minus(at, host->onset);
	if (host->fault == FAULT_LOST_SOURCES && stands) {
		int64_t missed = since.ns / SECOND_NS / POLL_SECONDS;
		sight.silent_for = since;
		sight.reach = missed >= 8 ? 0 : 0xffu << missed & 0xffu;
	}
	if (host->fault == FAULT_STEPPED && stands && since.ns < 59 * SECOND_NS) /* never two samples */
		sight.just_jumped = true;
	else if ((host->fault == FAULT_BEHIND || host->fault == FAULT_STEPPED) && stands)
		sight.known = clock_offset(host, at);
	return sight; /* a wrong server's clients know nothing: their offset against it is nought */
}

static void write_source(struct fleet *fleet, const struct host *host, const struct sight *sight, unsigned source, bool selected, struct instant at,
	struct instant collected)
{
	char name[20];
	source_address(fleet, source, name);
	unsigned reach = sight->just_jumped ? 0 : sight->reach;
	char state = !reach ? '?' : selected ? '*' : '+';
	double measured = (double)between(fleet, -60000, 60000) * 1e-9, adjusted = measured + (double)between(fleet, -900, 900) * 1e-9;
	double margin = 1.2e-4 + (double)between(fleet, 0, 90000) * 1e-9;
	int heard = (int)(sight->silent_for.ns / SECOND_NS) + (int)between(fleet, 0, POLL_SECONDS - 1);
	open_record(fleet, host, host_time(host, at), collected, "chrony.sources", false);
	buffer_printf(&fleet->text, ",\"process\":{\"name\":\"chronyc\"},\"message\":\"^,%c,%s,%d,4,%o,%d,%.9f,%.9f,%.9f\"", state, name,
		source_stratum(source), reach, heard, adjusted, measured, margin);
	buffer_printf(&fleet->text, ",\"ntp\":{\"mode\":\"^\",\"state\":\"%c\",\"name\":\"%s\",\"stratum\":%d,\"poll\":4,\"reach\":%u,\"last_rx_s\":%d", state,
		name, source_stratum(source), reach, heard);
	buffer_printf(&fleet->text, ",\"adjusted_offset_s\":%.9f,\"measured_offset_s\":%.9f,\"error_s\":%.9f,\"kind\":\"sources\"}}", adjusted, measured, margin);
	deliver(fleet, FLEET_TOPIC_NTP, host, collected);
}

static void write_tracking(struct fleet *fleet, const struct host *host, const struct sight *sight, const unsigned *sources, size_t sources_count,
	struct instant at, struct instant collected)
{
	bool synchronised = !sight->just_jumped;
	char reference[12] = "00000000", name[20] = "";
	int stratum = 0;
	/* chronyc's System time counts what must be ADDED to the clock: negative = the host is ahead. */
	double system_time = synchronised ? -span_seconds(sight->known) : 0, reference_time = 0;
	double delay = synchronised ? 2.1e-4 + (double)between(fleet, 0, 60000) * 1e-9 : 1, dispersion = 1;
	size_t usable = synchronised && sight->reach ? sources_count : 0;
	if (synchronised) {
		snprintf(reference, sizeof reference, "0A%02X00%02X", fleet->network, sources[0]);
		source_address(fleet, sources[0], name);
		stratum = source_stratum(sources[0]) + 1;
		/* The last answer, on the clock as chronyd corrects it: the true time, or what a wrong server takes for it. */
		struct span corrected = {clock_offset(host, at).ns - sight->known.ns};
		int64_t age = sight->silent_for.ns ? sight->silent_for.ns : between(fleet, 0, POLL_SECONDS * 1000) * 1000000;
		reference_time = (double)(instant_plus(at, corrected).ns - age) * 1e-9;
		dispersion = 3.5e-5 + 1e-6 * (double)age * 1e-9; /* 1 ppm of the time since then */
	}
	const char *leap = synchronised ? "Normal" : "Not synchronised";
	double last = (double)between(fleet, -4000, 4000) * 1e-9, rms = 5.2e-6, ppm = -7.4, residual = 0.002, skew = 0.11, interval = POLL_SECONDS;
	open_record(fleet, host, host_time(host, at), collected, "chrony.tracking", false);
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
	deliver(fleet, FLEET_TOPIC_NTP, host, collected);
}

/* One run of chronyc every 60 s, some hundredths of a second late each time; the rows of a run share their stamps. */
static void write_telemetry(struct fleet *fleet, const struct host *host)
{
	struct instant due = instant_plus(fleet->start, milliseconds(fleet, 500, 20000));
	for (; instant_before(due, fleet->end); due = instant_plus(due, SPAN_S(60))) {
		struct instant at = instant_plus(due, milliseconds(fleet, 0, 400)), collected = instant_plus(at, milliseconds(fleet, 1, 6));
		struct sight sight = sight_at(host, at);
		unsigned sources[SOURCES_PER_HOST];
		size_t sources_count = sources_of(host, sources);
		write_tracking(fleet, host, &sight, sources, sources_count, at, collected);
		for (size_t i = 0; i < sources_count; i++)
			write_source(fleet, host, &sight, sources[i], i == 0, at, collected);
	}
}

static void write_daemon(struct fleet *fleet, const struct host *host)
{
	struct saying saying = {host, NULL, instant_plus(fleet->start, milliseconds(fleet, 100, 3000)), SPAN_S(0)};
	bool powerless = host->fault == FAULT_BEHIND || host->fault == FAULT_STEPPED;
	say_after(fleet, &saying, &chronyd_start[0], SPAN_MS(60));
	if (powerless)
		say_after(fleet, &saying, &chronyd_powerless, SPAN_MS(70));
	if (host->fault == FAULT_STEPPED || host->fault == FAULT_LOST_SOURCES) {
		struct saying lost = {host, NULL, instant_plus(host->onset, SPAN_S(host->fault == FAULT_STEPPED ? 1 : 8 * POLL_SECONDS)), SPAN_S(0)};
		if (host->fault == FAULT_STEPPED)
			say_after(fleet, &lost, &chronyd_jumped, SPAN_MS(60));
		say_after(fleet, &lost, &chronyd_lost, SPAN_MS(70));
	}
	saying.at = instant_plus(saying.at, SPAN_S(7));
	say_after(fleet, &saying, &chronyd_start[1], SPAN_MS(60));
	if (powerless) {
		struct instant again = instant_plus(host->onset, SPAN_S(62)); /* four polls after start or step chronyd selects anew */
		struct saying wrong = {host, NULL, host->fault == FAULT_STEPPED ? again : saying.at, SPAN_S(0)};
		say_after(fleet, &wrong, &chronyd_wrong, SPAN_MS(70));
	}
}

/* ---- who, what and when ---- */

static void name_hosts(struct fleet *fleet)
{
	static const struct { enum fleet_role role; const char *word; int count; } cast[] = {
		{ROLE_WEB, "web", 5}, {ROLE_API, "api", 4}, {ROLE_DB, "db", 3}, {ROLE_NODE, "node", 4}, {ROLE_BUILD, "build", 2}, {ROLE_MAIL, "mail", 1},
		{ROLE_IDP, "idp", 1}, {ROLE_KDC, "kdc", 1}, {ROLE_LOG, "logs", 1}, {ROLE_NS, "ns", 2},
	};
	const char *site = site_names[(size_t)between(fleet, 0, COUNT(site_names) - 1)];
	int style = (int)between(fleet, 0, 2), first = (int)between(fleet, 1, 40);
	fleet->network = (unsigned)between(fleet, 16, 99);
	for (size_t i = 0; i < COUNT(cast); i++) {
		for (int k = 0; k < cast[i].count; k++) {
			struct host *host = &fleet->hosts[fleet->hosts_count++];
			assert(fleet->hosts_count <= HOSTS_MAX);
			host->role = cast[i].role;
			if (style == 0)
				snprintf(host->name, sizeof host->name, "%s-%s-%02d", site, cast[i].word, first + k);
			else if (style == 1)
				snprintf(host->name, sizeof host->name, "%s%02d-%s", cast[i].word, first + k, site);
			else
				snprintf(host->name, sizeof host->name, "%s-%02d", cast[i].word, first + k);
			snprintf(host->address, sizeof host->address, "10.%u.%zu.%d", fleet->network, i + 1, 10 + k);
			host->error = (struct span){between(fleet, -90000, 90000)};
			host->first_source = (unsigned)between(fleet, 11, 14);
			host->onset = fleet->start;
		}
	}
}

/* A host that is still right, of the roles whose faults the demo may tell. */
static struct host *choose(struct fleet *fleet)
{
	for (;;) {
		struct host *host = &fleet->hosts[between(fleet, 0, (int64_t)fleet->hosts_count - 1)];
		if (host->fault == FAULT_NONE && host->role <= ROLE_BUILD)
			return host;
	}
}

/* 40 s to 14 min: far from multiples of 900 s, which look like time zones; on both sides of Kerberos's 300 s. */
static struct span size_of_fault(struct fleet *fleet)
{
	struct span span = milliseconds(fleet, 40000, 260000);
	return between(fleet, 0, 1) ? span : span_plus(span, SPAN_S(300));
}

static struct fleet_fault *new_fault(struct fleet *fleet, struct host *host, enum fault_kind kind, struct instant onset)
{
	assert(fleet->faults_count < COUNT(fleet->faults));
	struct fleet_fault *fault = &fleet->faults[fleet->faults_count++];
	host->fault = kind;
	host->onset = onset;
	fault->onset = onset;
	fault->suspects[0] = fault->affected[0] = str_of(host->name);
	fault->suspects_count = fault->affected_count = 1;
	return fault;
}

static void set_offset(struct fleet_fault *fault, struct host *host, struct span offset)
{
	host->offset = offset;
	fault->offset_s = span_seconds(offset);
	fault->direction = offset.ns < 0 ? DIRECTION_BEHIND : DIRECTION_AHEAD;
}

static void plan_behind(struct fleet *fleet)
{
	struct host *host = choose(fleet);
	struct fleet_fault *fault = new_fault(fleet, host, FAULT_BEHIND, fleet->start);
	set_offset(fault, host, (struct span){-size_of_fault(fleet).ns});
	fault->causes[0] = "uncorrected", fault->causes[1] = "step";
	fault->words = arena_printf(&fleet->arena, "%s is %.1f s behind: its chronyd sees it but may not set the clock", host->name, -fault->offset_s);
}

static void plan_step(struct fleet *fleet)
{
	struct host *host = choose(fleet);
	struct fleet_fault *fault = new_fault(fleet, host, FAULT_STEPPED, instant_plus(fleet->start, milliseconds(fleet, 240000, 360000)));
	set_offset(fault, host, size_of_fault(fleet));
	fault->causes[0] = "step", fault->causes[1] = "uncorrected", fault->causes[2] = "tamper";
	fault->words = arena_printf(&fleet->arena, "%s is set %.1f s ahead in minute %d", host->name, fault->offset_s,
		(int)(instant_minus(fault->onset, fleet->start).ns / (60 * SECOND_NS)));
}

static void plan_wrong_servers(struct fleet *fleet)
{
	struct host *one = choose(fleet);
	struct fleet_fault *fault = new_fault(fleet, one, FAULT_WRONG_SERVER, fleet->start);
	struct host *two = choose(fleet);
	set_offset(fault, one, size_of_fault(fleet));
	two->fault = FAULT_WRONG_SERVER;
	two->offset = one->offset;
	one->first_source = two->first_source = 21;
	fault->suspects[0] = arena_printf(&fleet->arena, "ntp:10.%u.0.21", fleet->network);
	fault->suspects[1] = arena_printf(&fleet->arena, "ntp:10.%u.0.22", fleet->network);
	fault->affected[1] = str_of(two->name);
	fault->suspects_count = fault->affected_count = 2;
	fault->causes[0] = "shared_source", fault->causes[1] = "false_sync";
	fault->words = arena_printf(&fleet->arena, "the time servers 10.%u.0.21 and .22 are %.1f s ahead, and %s and %s follow them: their NTP looks perfect",
		fleet->network, fault->offset_s, one->name, two->name);
}

static void plan_lost_sources(struct fleet *fleet)
{
	struct host *host = choose(fleet);
	struct fleet_fault *fault = new_fault(fleet, host, FAULT_LOST_SOURCES, instant_plus(fleet->start, milliseconds(fleet, 240000, 330000)));
	fault->causes[0] = "source_loss", fault->causes[1] = "few_sources", fault->causes[2] = "unsynchronised";
	fault->words = arena_printf(&fleet->arena, "%s loses all its time sources in minute %d; its clock is still right", host->name,
		(int)(instant_minus(fault->onset, fleet->start).ns / (60 * SECOND_NS)));
}

static void plan_lookalike(struct fleet *fleet)
{
	bool expired = between(fleet, 0, 1) == 0;
	struct host *host = choose(fleet);
	struct fleet_fault *fault = new_fault(fleet, host, expired ? LOOKALIKE_EXPIRED : LOOKALIKE_POSTDATED, instant_plus(fleet->start, milliseconds(fleet, 60000, 180000)));
	fault->lookalike = true;
	fault->words = arena_printf(&fleet->arena, "%s meets %s; its clock is right", host->name,
		expired ? "a certificate that has truly expired" : "credentials that were dated into the future");
}

static int by_delivery(const void *a, const void *b)
{
	const struct entry *one = a, *two = b;
	if (one->record.collected.ns != two->record.collected.ns)
		return one->record.collected.ns < two->record.collected.ns ? -1 : 1;
	return one->sequence < two->sequence ? -1 : one->sequence > two->sequence;
}

struct fleet *fleet_new(uint64_t seed, struct instant start)
{
	struct fleet *fleet = calloc(1, sizeof *fleet);
	if (!fleet)
		abort();
	fleet->random = seed * 0xd1342543de82ef95u + 1; /* neighbouring seeds start far apart */
	fleet->start = start = (struct instant){start.ns - start.ns % 1000000}; /* stamps are whole milliseconds */
	fleet->end = instant_plus(start, SPAN_S(60 * FLEET_MINUTES));
	name_hosts(fleet);
	plan_behind(fleet);
	plan_step(fleet);
	if (between(fleet, 0, 2) > 0)
		plan_wrong_servers(fleet);
	else
		plan_lost_sources(fleet);
	plan_lookalike(fleet);
	for (size_t i = 0; i < fleet->hosts_count; i++) {
		const struct host *host = &fleet->hosts[i];
		write_daemon(fleet, host);
		write_ordinary(fleet, host);
		write_telemetry(fleet, host);
		if (host->offset.ns)
			write_symptoms(fleet, host);
		else if (host->fault == LOOKALIKE_EXPIRED || host->fault == LOOKALIKE_POSTDATED)
			write_lookalike(fleet, host);
	}
	qsort(fleet->entries, fleet->count, sizeof *fleet->entries, by_delivery);
	return fleet;
}

void fleet_free(struct fleet *fleet)
{
	if (!fleet)
		return;
	arena_release(&fleet->arena);
	buffer_release(&fleet->text);
	buffer_release(&fleet->message);
	free(fleet->entries);
	free(fleet);
}

bool fleet_next(struct fleet *fleet, struct fleet_record *out)
{
	if (fleet->next == fleet->count)
		return false;
	*out = fleet->entries[fleet->next++].record;
	return true;
}

size_t fleet_size(const struct fleet *fleet)
{
	return fleet->count;
}

const struct fleet_fault *fleet_truth(const struct fleet *fleet, size_t *out_count)
{
	*out_count = fleet->faults_count;
	return fleet->faults;
}
