#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>

#include "lines.h"
#include "memory.h"
#include "scenario_read.h"

enum { STEPS_MAX = 10000, EVENTS_MAX = 200000, HOSTS_MAX = 1000, LINE_BYTES_MAX = 64 << 10 };
#define EPOCH_SECONDS 1795399200 /* 2026-11-23T02:00:00Z; virtual time 0s */
#define DELIVERY SPAN_MS(50)
#define CHATTER SPAN_S(10)

struct host {
	struct str name;
	struct span clock;
	bool quiet;
};

struct event {
	struct span at;
	const struct scenario_step *step; /* NULL: every host's plain line */
	size_t order;
};

struct scenario {
	struct str file;
	void (*failed)(void *context, struct str file, unsigned line, struct str text);
	void *context;
	struct arena arena;
	struct scenario_step *steps;
	size_t steps_count;
	bool broken; /* a line could not be read */
	struct span end;
	struct event *events;
	size_t events_count;
	struct host hosts[HOSTS_MAX];
	size_t hosts_count;
	struct incident_revision *incidents; /* the newest revision of each; only id and suspect of its texts live */
	size_t incidents_count, incidents_capacity;
	struct memory *memory;
	struct buffer text;
	uint64_t ordinal;
};

__attribute__((format(printf, 3, 4))) static void fail(struct scenario *scenario, unsigned line, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct str text = arena_vprintf(&scenario->arena, format, arguments);
	va_end(arguments);
	scenario->failed(scenario->context, scenario->file, line, text);
}

/* ---- what came out ---- */
static void on_alert(void *context, const struct memory_alert *alert)
{
	struct scenario *scenario = context;
	size_t i = 0;
	while (i < scenario->incidents_count && !str_equal(scenario->incidents[i].id, alert->head.id))
		i++;
	if (i == scenario->incidents_capacity) {
		scenario->incidents_capacity = scenario->incidents_capacity ? scenario->incidents_capacity * 2 : 16;
		scenario->incidents = realloc(scenario->incidents, scenario->incidents_capacity * sizeof *scenario->incidents);
		if (!scenario->incidents)
			abort();
	}
	scenario->incidents_count += i == scenario->incidents_count;
	struct incident_revision *head = &scenario->incidents[i];
	*head = alert->head;
	head->id = arena_copy(&scenario->arena, alert->head.id);
	head->suspect = arena_copy(&scenario->arena, alert->head.suspect);
}

static const struct incident_revision *newest(const struct scenario *scenario, struct str suspect, bool open_only)
{
	const struct incident_revision *found = NULL;
	for (size_t i = 0; i < scenario->incidents_count; i++) {
		const struct incident_revision *head = &scenario->incidents[i];
		bool fits = str_equal_folded(head->suspect, suspect) && !(open_only && head->state == STATE_RESOLVED);
		if (fits && (!found || instant_before(found->opened, head->opened)))
			found = head;
	}
	return found;
}

static const char *word_of(const struct incident_revision *head, struct str key)
{
	if (str_equal(key, STR("direction")))
		return direction_name(head->direction);
	if (str_equal(key, STR("cause")))
		return cause_name(head->cause);
	if (str_equal(key, STR("confidence")))
		return confidence_name(head->confidence);
	if (str_equal(key, STR("severity")))
		return severity_name(head->severity);
	if (str_equal(key, STR("state")))
		return incident_state_name(head->state);
	if (str_equal(key, STR("kind")))
		return incident_kind_name(head->kind);
	return head->correlated ? "yes" : "no";
}

static void judge(struct scenario *scenario, const struct scenario_step *step)
{
	const struct incident_revision *head = newest(scenario, step->name, step->deed == DEED_EXPECT_NONE);
	if (step->deed == DEED_EXPECT_NONE) {
		if (head)
			fail(scenario, step->line, "incident %.*s (%s, %s), though none is expected", STR_ARGS(head->id), cause_name(head->cause), direction_name(head->direction));
		return;
	}
	if (!head)
		fail(scenario, step->line, "no incident on %.*s", STR_ARGS(step->name));
	for (size_t i = 0; head && i < step->words_count; i += 2) {
		const char *got = word_of(head, step->words[i]);
		if (!str_equal(step->words[i + 1], str_of(got)))
			fail(scenario, step->line, "incident %.*s: %.*s %s, want %.*s", STR_ARGS(head->id), STR_ARGS(step->words[i]), got, STR_ARGS(step->words[i + 1]));
	}
}

/* ---- what goes in ---- */
static struct instant true_time(struct span at)
{
	return instant_plus(instant_of_seconds(EPOCH_SECONDS), at);
}

/* An ECS document: stamped by the host's clock, collected by a right one. */
static void open_document(struct scenario *scenario, const struct host *host, struct span at, const char *dataset, const char *program)
{
	char said[INSTANT_TEXT_MAX], collected[INSTANT_TEXT_MAX];
	buffer_reset(&scenario->text);
	buffer_printf(&scenario->text, "{\"@timestamp\":\"%.*s\",\"event\":{\"ingested\":\"%.*s\",\"dataset\":\"%s\"},\"process\":{\"name\":\"%s\"},\"host\":{\"name\":",
		STR_ARGS(instant_text(instant_plus(true_time(at), host->clock), said)), STR_ARGS(instant_text(instant_plus(true_time(at), DELIVERY), collected)), dataset, program);
	buffer_add_json(&scenario->text, host->name);
	buffer_add_str(&scenario->text, STR("},\"message\":"));
}

static void deliver(struct scenario *scenario)
{
	buffer_add_byte(&scenario->text, '}');
	struct merge_line line = {.bytes = buffer_str(&scenario->text), .file = scenario->file, .number = scenario->ordinal + 1, .whole_size = scenario->text.size,
		.ordinal = scenario->ordinal};
	scenario->ordinal++;
	memory_record(scenario->memory, &line);
}

static void say(struct scenario *scenario, const struct host *host, struct span at, struct str text)
{
	open_document(scenario, host, at, "app", "app");
	buffer_add_json(&scenario->text, text);
	deliver(scenario);
}

/* As `chronyc -c tracking` prints it: its System time is what must be ADDED to the clock. The source was heard 10 s ago. */
static void measure(struct scenario *scenario, const struct host *host, struct span at, const struct scenario_ntp *ntp)
{
	open_document(scenario, host, at, "chrony.tracking", "chronyc");
	if (ntp->unsynchronised) {
		buffer_add_str(&scenario->text, STR("\"00000000,,0,0.000000000,0.000000000,0.0,0.0,0.0,0.0,0.0,1.000000000,1.000000000,0.0,Not synchronised\""));
	} else {
		struct span corrected = {host->clock.ns - ntp->offset.ns}; /* the clock as the daemon corrects it */
		buffer_printf(&scenario->text, "\"0A000001,%.*s,%d,%.9f,%.9f,0.000001000,0.000002000,-7.000,0.001,0.100,%.9f,%.9f,64.0,%.*s\"", STR_ARGS(ntp->source),
			(int)ntp->stratum, (double)(instant_plus(true_time(at), corrected).ns - SPAN_S(10).ns) * 1e-9, -span_seconds(ntp->offset), span_seconds(ntp->bound),
			span_seconds(ntp->bound) / 2, STR_ARGS(ntp->leap));
	}
	buffer_printf(&scenario->text, ",\"ntp\":{\"kind\":\"tracking\",\"sources_usable\":%d}", ntp->unsynchronised ? 0 : (int)ntp->sources);
	deliver(scenario);
}

static struct host *host_of(struct scenario *scenario, struct str name)
{
	for (size_t i = 0; i < scenario->hosts_count; i++)
		if (str_equal(scenario->hosts[i].name, name))
			return &scenario->hosts[i];
	if (scenario->hosts_count == HOSTS_MAX)
		return NULL;
	scenario->hosts[scenario->hosts_count] = (struct host){.name = name};
	return &scenario->hosts[scenario->hosts_count++];
}

static void happen(struct scenario *scenario, const struct event *event)
{
	const struct scenario_step *step = event->step;
	for (size_t i = 0; !step && i < scenario->hosts_count; i++)
		if (!scenario->hosts[i].quiet)
			say(scenario, &scenario->hosts[i], event->at, STR("request served in 12 ms"));
	if (!step)
		return;
	struct host *host = step->deed < DEED_EXPECT ? host_of(scenario, step->name) : NULL;
	switch (step->deed) {
	case DEED_CLOCK: host->clock = step->clock; break;
	case DEED_NTP: measure(scenario, host, event->at, &step->ntp); break;
	case DEED_LOG: say(scenario, host, event->at, step->text); break;
	case DEED_QUIET: host->quiet = true; break;
	case DEED_TALKS: host->quiet = false; break;
	case DEED_EXPECT:
	case DEED_EXPECT_NONE:
		memory_round(scenario->memory);
		judge(scenario, step);
		break;
	}
}

/* ---- the story ---- */
static bool take_line(void *context, const struct file_line *line)
{
	struct scenario *scenario = context;
	struct scenario_step step;
	struct str reason;
	bool empty;
	if (scenario->steps_count == STEPS_MAX) {
		fail(scenario, (unsigned)line->number, "more than %d steps", STEPS_MAX);
		return false;
	}
	if (!scenario_read(line->bytes, (unsigned)line->number, &scenario->arena, &step, &empty, &reason)) {
		fail(scenario, (unsigned)line->number, "%.*s", STR_ARGS(reason));
		scenario->broken = true;
	} else if (!empty && step.deed < DEED_EXPECT && !host_of(scenario, step.name)) {
		fail(scenario, (unsigned)line->number, "more than %d hosts", HOSTS_MAX);
		scenario->broken = true;
	} else if (!empty) {
		scenario->steps[scenario->steps_count++] = step;
		struct span last = step.until_given ? step.until : step.at;
		scenario->end = last.ns > scenario->end.ns ? last : scenario->end;
	}
	return true;
}

static void add_events(struct scenario *scenario, const struct scenario_step *step, struct span from, struct span every, struct span until)
{
	for (struct span at = from; at.ns <= until.ns && scenario->events_count < EVENTS_MAX; at = span_plus(at, every)) {
		scenario->events[scenario->events_count] = (struct event){at, step, scenario->events_count};
		scenario->events_count++;
		if (every.ns == 0)
			break;
	}
}

/* At one instant: clocks first, then what is written, in the order of the file, then what is expected. */
static int rank(const struct event *event)
{
	if (!event->step)
		return 1;
	enum scenario_deed deed = event->step->deed;
	return deed >= DEED_EXPECT ? 3 : deed == DEED_NTP || deed == DEED_LOG ? 2 : 0;
}

static int in_order(const void *a, const void *b)
{
	const struct event *left = a, *right = b;
	if (left->at.ns != right->at.ns)
		return left->at.ns < right->at.ns ? -1 : 1;
	int order = rank(left) - rank(right);
	return order ? order : (left->order > right->order) - (left->order < right->order);
}

static void play(struct scenario *scenario, const struct setup *setup)
{
	struct memory_options options = {.setup = setup, .format = ALERT_JSON};
	struct memory_outputs outputs = {.context = scenario, .alert = on_alert};
	struct metrics *metrics = metrics_new();
	scenario->memory = memory_new(&options, &outputs, metrics);
	memory_open(scenario->memory, STR("auto"));
	scenario->events = arena_array(&scenario->arena, EVENTS_MAX, sizeof *scenario->events);
	add_events(scenario, NULL, (struct span){0}, CHATTER, scenario->end);
	for (size_t i = 0; i < scenario->steps_count; i++) {
		const struct scenario_step *step = &scenario->steps[i];
		add_events(scenario, step, step->at, step->every, step->every.ns && !step->until_given ? scenario->end : step->until_given ? step->until : step->at);
	}
	if (scenario->events_count == EVENTS_MAX)
		fail(scenario, 0, "the story has more than %d events; what lies beyond was left out", EVENTS_MAX);
	qsort(scenario->events, scenario->events_count, sizeof *scenario->events, in_order);
	for (size_t i = 0; i < scenario->events_count; i++)
		happen(scenario, &scenario->events[i]);
	memory_free(scenario->memory);
	metrics_free(metrics);
}

int scenario_run(const struct setup *setup, struct str path, void (*failed)(void *context, struct str file, unsigned line, struct str text), void *context)
{
	struct scenario *scenario = calloc(1, sizeof *scenario);
	if (!scenario)
		abort();
	scenario->file = path;
	scenario->failed = failed;
	scenario->context = context;
	scenario->steps = arena_array(&scenario->arena, STEPS_MAX, sizeof *scenario->steps);
	int status = each_line(path, LINE_BYTES_MAX, take_line, scenario);
	if (status == EXIT_FINE && !scenario->broken)
		play(scenario, setup);
	free(scenario->incidents);
	buffer_release(&scenario->text);
	arena_release(&scenario->arena);
	free(scenario);
	return status;
}
