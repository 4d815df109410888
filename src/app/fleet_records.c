#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fleet_parts.h"

/* ---- records ---- */

/* Takes fleet->text as the value; drops what would arrive after the end. */
void fleet_deliver(struct fleet *fleet, const char *topic, const struct fleet_host *host, struct instant collected)
{
	if (!instant_before(collected, fleet->end))
		return;
	if (fleet->count == fleet->capacity) {
		fleet->capacity = fleet->capacity ? 2 * fleet->capacity : 1024;
		struct fleet_entry *grown = realloc(fleet->entries, fleet->capacity * sizeof *grown);
		if (!grown)
			abort();
		fleet->entries = grown;
	}
	struct fleet_entry *entry = &fleet->entries[fleet->count];
	*entry = (struct fleet_entry){{str_of(topic), str_of(host->name), arena_copy(&fleet->arena, buffer_str(&fleet->text)), collected}, (uint32_t)fleet->count};
	fleet->count++;
}

void fleet_open_record(struct fleet *fleet, const struct fleet_host *host, struct instant said, struct instant collected, const char *dataset, bool numbered)
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
	int64_t ms = fleet_between(fleet, 50, 150);
	while (ms < 2500 && fleet_between(fleet, 0, 2) == 0)
		ms *= 2;
	return SPAN_MS(ms < 2500 ? ms : 2500);
}

/* ---- texts ---- */

struct saying {
	const struct fleet_host *host;   /* who speaks */
	const struct fleet_host *victim; /* of whom, or NULL */
	struct instant at;         /* true time */
	struct span apart;         /* between {now} and the stamps that it is compared with, > 0 */
};

static const struct fleet_host *any_other(struct fleet *fleet, const struct fleet_host *host)
{
	const struct fleet_host *other = &fleet->hosts[fleet_between(fleet, 0, (int64_t)fleet->hosts_count - 1)];
	return other == host ? &fleet->hosts[(size_t)(host - fleet->hosts + 1) % fleet->hosts_count] : other;
}

static void add_seconds_stamp(struct buffer *out, struct instant at)
{
	char text[INSTANT_TEXT_MAX];
	struct str whole = str_first(instant_text(instant_of_seconds(instant_unix_s(at)), text), 19);
	buffer_printf(out, "%.*sZ", STR_ARGS(whole));
}

static void add_placeholder(struct fleet *fleet, const struct saying *saying, struct str name, struct buffer *out)
{
	struct instant now = fleet_host_time(saying->host, saying->at);
	struct instant from = instant_plus(now, saying->apart), till = instant_plus(now, (struct span){-saying->apart.ns});
	char address[20];
	if (str_equal(name, STR("n")))
		buffer_printf(out, "%d", (int)fleet_between(fleet, 1000, 65000));
	else if (str_equal(name, STR("ms")))
		buffer_printf(out, "%d", (int)fleet_between(fleet, 2, 900));
	else if (str_equal(name, STR("ip")))
		buffer_printf(out, "192.0.2.%d", (int)fleet_between(fleet, 1, 254));
	else if (str_equal(name, STR("u")))
		buffer_printf(out, "%s", user_names[(size_t)fleet_between(fleet, 0, COUNT(user_names) - 1)]);
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
		buffer_printf(out, "%.6f", -span_seconds(fleet_clock_offset(saying->host, saying->at)));
	else if (str_equal(name, STR("src")))
		fleet_source_address(fleet, saying->host->first_source, address), buffer_printf(out, "%s", address);
	else if (str_equal(name, STR("victim")))
		buffer_printf(out, "%s", saying->victim->name);
	else if (str_equal(name, STR("victimip")))
		buffer_printf(out, "%s", saying->victim->address);
	else if (str_equal(name, STR("said")))
		add_seconds_stamp(out, fleet_host_time(saying->victim, saying->at));
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
	fleet_open_record(fleet, saying->host, fleet_host_time(saying->host, saying->at), collected, line->program, true);
	buffer_printf(&fleet->text, ",\"process\":{\"name\":\"%s\"},\"log\":{\"level\":\"%s\"},\"message\":", line->program, line->level);
	buffer_add_json(&fleet->text, buffer_str(&fleet->message));
	buffer_add_byte(&fleet->text, '}');
	fleet_deliver(fleet, FLEET_TOPIC_LOGS, saying->host, collected);
}

static void say(struct fleet *fleet, const struct saying *saying, const struct fleet_line *line)
{
	say_after(fleet, saying, line, delivery_delay(fleet));
}

static void write_ordinary(struct fleet *fleet, const struct fleet_host *host)
{
	struct instant at = instant_plus(fleet->start, fleet_milliseconds(fleet, 0, 8000));
	for (; instant_before(at, fleet->end); at = instant_plus(at, fleet_milliseconds(fleet, 1500, 9000))) {
		const struct fleet_line *line;
		do
			line = &ordinary_lines[fleet_between(fleet, 0, COUNT(ordinary_lines) - 1)];
		while (line->role != (int)ROLE_ANY && line->role != (int)host->role);
		struct saying saying = {host, NULL, at, SPAN_S(0)};
		say(fleet, &saying, line);
	}
}

static const struct fleet_host *host_of_role(const struct fleet *fleet, enum fleet_role role)
{
	for (size_t i = 0; i < fleet->hosts_count; i++)
		if (fleet->hosts[i].role == role)
			return &fleet->hosts[i];
	assert(false);
	return NULL;
}

/* What a wrong clock makes its own programs say, and others of it. A validity that starts after {now} was stamped by a right
 * clock some time ago: a clock behind by N sees it at most N ahead. One that ended lasted some seconds only. */
static void write_symptoms(struct fleet *fleet, const struct fleet_host *host)
{
	bool behind = host->offset.ns < 0;
	const struct fleet_line *lines = behind ? behind_lines : ahead_lines;
	size_t lines_count = behind ? COUNT(behind_lines) : COUNT(ahead_lines);
	int64_t size_ms = span_abs(host->offset).ns / 1000000;
	struct instant at = instant_plus(host->onset, fleet_milliseconds(fleet, 4000, 20000));
	for (size_t turn = 0; instant_before(at, fleet->end); turn++, at = instant_plus(at, fleet_milliseconds(fleet, 12000, 35000))) {
		struct saying own = {host, NULL, at, fleet_milliseconds(fleet, size_ms * 6 / 10, size_ms - 500)};
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

static void write_lookalike(struct fleet *fleet, const struct fleet_host *host)
{
	bool expired = host->fault == LOOKALIKE_EXPIRED;
	struct span apart = SPAN_S(fleet_between(fleet, 6 * 3600, 40 * 3600));
	struct instant first = instant_plus(host->onset, fleet_milliseconds(fleet, 0, 5000)), at = first;
	for (size_t turn = 0; instant_before(at, fleet->end); turn++, at = instant_plus(at, fleet_milliseconds(fleet, 15000, 40000))) {
		/* The credential's own date stands still while the clock walks on. */
		struct span walked = instant_minus(at, first);
		struct saying saying = {host, NULL, at, {expired ? apart.ns + walked.ns : apart.ns - walked.ns}};
		say(fleet, &saying, expired ? &expired_lines[turn % COUNT(expired_lines)] : &postdated_lines[turn % COUNT(postdated_lines)]);
	}
}

static void write_daemon(struct fleet *fleet, const struct fleet_host *host)
{
	struct saying saying = {host, NULL, instant_plus(fleet->start, fleet_milliseconds(fleet, 100, 3000)), SPAN_S(0)};
	bool powerless = host->fault == FAULT_BEHIND || host->fault == FAULT_STEPPED;
	say_after(fleet, &saying, &chronyd_start[0], SPAN_MS(60));
	if (powerless)
		say_after(fleet, &saying, &chronyd_powerless, SPAN_MS(70));
	if (host->fault == FAULT_STEPPED || host->fault == FAULT_LOST_SOURCES) {
		struct saying lost = {host, NULL, instant_plus(host->onset, SPAN_S(host->fault == FAULT_STEPPED ? 1 : 8 * FLEET_POLL_SECONDS)), SPAN_S(0)};
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

void fleet_write_logs(struct fleet *fleet, const struct fleet_host *host)
{
	write_daemon(fleet, host);
	write_ordinary(fleet, host);
	if (host->offset.ns)
		write_symptoms(fleet, host);
	else if (host->fault == LOOKALIKE_EXPIRED || host->fault == LOOKALIKE_POSTDATED)
		write_lookalike(fleet, host);
}
