#include "scenario.h"

#include <stdlib.h>

#include "lines.h"
#include "memory.h"
#include "scenario_judge.h"
#include "scenario_world.h"
#include "skewline/decode.h"

enum { STEPS_MAX = 10000, EVENTS_MAX = 400000, LINE_BYTES_MAX = 64 << 10, SETTINGS_MAX = 32 };
#define BEGIN "2026-11-23T02:00:00Z" /* virtual time 0s, unless `set begin` says otherwise */
#define CHATTER SPAN_S(10)

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
	struct setup setup; /* what the story sets over what the command was given */
	struct str approved[SETTINGS_MAX];
	struct expected_offset expected[SETTINGS_MAX];
	struct silence silences[SETTINGS_MAX];
	struct instant begin;
	struct scenario_step *steps;
	size_t steps_count;
	bool broken; /* a line could not be read */
	struct span end;
	struct event *events;
	size_t events_count;
	struct scenario_world *world;
	struct scenario_judge *judge;
};

static void fail(void *context, unsigned line, struct str text)
{
	struct scenario *scenario = context;
	scenario->failed(scenario->context, scenario->file, line, text);
}

/* ---- settings ---- */
static bool set_words(struct scenario *scenario, const struct scenario_step *step)
{
	struct correlate_settings *settings = &scenario->setup.config.correlate;
	struct str one = step->words_count ? step->words[0] : STR_NONE, key = step->name;
	struct span span = {0};
	int64_t number = 0;
	if (str_equal(key, STR("begin")))
		return instant_in_message(one, &scenario->begin);
	if (str_equal(key, STR("partitions"))) {
		bool fine = str_to_int64(one, &number) && number > 0 && number <= 1024;
		scenario->setup.config.partitions = fine ? (uint32_t)number : scenario->setup.config.partitions;
		return fine;
	}
	if (str_equal(key, STR("warning")))
		return scenario_span(one, &settings->thresholds.warning);
	if (str_equal(key, STR("critical")))
		return scenario_span(one, &settings->thresholds.critical);
	if (str_equal(key, STR("leap"))) {
		settings->leap_announced = str_equal(one, STR("critical")) ? LEAP_CRITICAL : str_equal(one, STR("warning")) ? LEAP_WARNING : LEAP_IGNORE;
		return true;
	}
	if (str_equal(key, STR("approved"))) {
		for (size_t i = 0; i < step->words_count && settings->approved_sources_count < SETTINGS_MAX; i++)
			scenario->approved[settings->approved_sources_count++] = step->words[i];
		settings->approved_sources = scenario->approved;
		return step->words_count > 0;
	}
	if (str_equal(key, STR("expected")) && settings->expected_count < SETTINGS_MAX && step->words_count == 2 && scenario_span(step->words[1], &span)) {
		scenario->expected[settings->expected_count++] = (struct expected_offset){one, span, INSTANT_NONE};
		settings->expected = scenario->expected;
		return true;
	}
	if (str_equal(key, STR("silence")) && settings->silences_count < SETTINGS_MAX && one.size) {
		scenario->silences[settings->silences_count++] = (struct silence){one, INSTANT_NONE, STR("the story")};
		settings->silences = scenario->silences;
		return true;
	}
	return false;
}

/* ---- the story ---- */
static void keep_step(struct scenario *scenario, const struct scenario_step *step)
{
	if (scenario->steps_count == STEPS_MAX) {
		fail(scenario, step->line, STR("too many steps"));
		scenario->broken = true;
	} else if (step->deed < DEED_HOST_COUNT && !scenario_world_host(scenario->world, step->name)) {
		fail(scenario, step->line, STR("too many hosts"));
		scenario->broken = true;
	} else {
		scenario->steps[scenario->steps_count++] = *step;
		struct span last = step->until_given ? step->until : step->at;
		scenario->end = last.ns > scenario->end.ns ? last : scenario->end;
	}
}

/* A step about web-[1-8] is one about each of them. */
static void take_step(struct scenario *scenario, const struct scenario_step *step)
{
	struct scenario_step one = *step;
	for (size_t i = 0; !scenario->broken && scenario_member(step->name, i, &scenario->arena, &one.name); i++)
		keep_step(scenario, &one);
}

static bool take_line(void *context, const struct file_line *line)
{
	struct scenario *scenario = context;
	struct scenario_step step;
	struct str reason;
	bool empty;
	if (!scenario_read(line->bytes, (unsigned)line->number, &scenario->arena, &step, &empty, &reason)) {
		fail(scenario, (unsigned)line->number, reason);
		scenario->broken = true;
	} else if (!empty && step.deed == DEED_SET && !set_words(scenario, &step)) {
		fail(scenario, step.line, STR("what is set has no such value"));
		scenario->broken = true;
	} else if (!empty && step.deed != DEED_SET) {
		take_step(scenario, &step);
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

/* At one instant: the world first, then what is written, in the order of the file, then what is expected. */
static int rank(const struct event *event)
{
	if (!event->step)
		return 1;
	enum scenario_deed deed = event->step->deed;
	return deed >= DEED_EXPECT ? 3 : deed == DEED_NTP || deed == DEED_SEES || deed == DEED_LOG ? 2 : 0;
}

static int in_order(const void *a, const void *b)
{
	const struct event *left = a, *right = b;
	if (left->at.ns != right->at.ns)
		return left->at.ns < right->at.ns ? -1 : 1;
	int order = rank(left) - rank(right);
	return order ? order : (left->order > right->order) - (left->order < right->order);
}

static void plan(struct scenario *scenario)
{
	scenario->events = arena_array(&scenario->arena, EVENTS_MAX, sizeof *scenario->events);
	add_events(scenario, NULL, (struct span){0}, CHATTER, scenario->end);
	for (size_t i = 0; i < scenario->steps_count; i++) {
		const struct scenario_step *step = &scenario->steps[i];
		add_events(scenario, step, step->at, step->every, step->until_given ? step->until : step->every.ns ? scenario->end : step->at);
	}
	if (scenario->events_count == EVENTS_MAX)
		fail(scenario, 0, STR("the story has too many events; what lies beyond was left out"));
	qsort(scenario->events, scenario->events_count, sizeof *scenario->events, in_order);
	for (size_t i = 0; i < scenario->events_count; i++) {
		const struct event *event = &scenario->events[i];
		if (!event->step)
			scenario_world_chatter(scenario->world, event->at);
		else if (event->step->deed < DEED_EXPECT)
			scenario_world_step(scenario->world, event->step, event->at);
	}
}

static void on_alert(void *context, const struct memory_alert *alert)
{
	struct scenario *scenario = context;
	scenario_judge_take(scenario->judge, alert);
}

/* Records in the order of their collection; an expectation is asked when all records that were collected by its time have been read. */
static void play(struct scenario *scenario)
{
	struct memory_options options = {.setup = &scenario->setup, .format = ALERT_JSON};
	struct memory_outputs outputs = {.context = scenario, .alert = on_alert};
	struct metrics *metrics = metrics_new();
	struct memory *memory = memory_new(&options, &outputs, metrics);
	size_t count, next = 0;
	plan(scenario);
	const struct scenario_record *records = scenario_world_records(scenario->world, &count);
	memory_open(memory, STR("auto"));
	for (size_t i = 0; i < scenario->events_count; i++) {
		const struct event *event = &scenario->events[i];
		if (!event->step || event->step->deed < DEED_EXPECT)
			continue;
		struct instant now = instant_plus(scenario->begin, event->at);
		for (; next < count && !instant_before(now, records[next].collected); next++) {
			struct merge_line line = {.bytes = records[next].bytes, .file = scenario->file, .number = next + 1, .whole_size = records[next].bytes.size, .ordinal = next};
			memory_record(memory, &line, INSTANT_NONE);
		}
		memory_round(memory);
		scenario_judge_ask(scenario->judge, event->step, fail, scenario);
	}
	memory_free(memory);
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
	scenario->setup = *setup;
	scenario->steps = arena_array(&scenario->arena, STEPS_MAX, sizeof *scenario->steps);
	instant_in_message(STR(BEGIN), &scenario->begin);
	scenario->world = scenario_world_new();
	int status = each_line(path, LINE_BYTES_MAX, take_line, scenario);
	if (status == EXIT_FINE && !scenario->broken) {
		scenario_world_begin(scenario->world, scenario->begin);
		scenario->judge = scenario_judge_new(scenario->begin);
		play(scenario);
		scenario_judge_free(scenario->judge);
	}
	scenario_world_free(scenario->world);
	arena_release(&scenario->arena);
	free(scenario);
	return status;
}
