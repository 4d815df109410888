#include "engine.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "skewline/alert.h"
#include "skewline/observe.h"

enum { PARTITIONS_MAX = 12 };

struct engine {
	struct observer *observer;
	struct correlate_settings settings;
	/* of one run */
	const struct simulation *simulation;
	uint32_t count;
	struct correlate_partition *partitions[PARTITIONS_MAX];
	struct input_partition *inputs[SIM_INPUTS];
	double spoke[SIM_INPUTS];
	bool idle[SIM_INPUTS];
	struct effects effects;
	struct telling *out;
};

void telling_release(struct telling *telling)
{
	free(telling->items);
	buffer_release(&telling->text);
	*telling = (struct telling){0};
}

struct engine *engine_new(const struct rule_set *rules)
{
	struct engine *engine = calloc(1, sizeof *engine);
	if (!engine)
		abort();
	struct observe_settings settings = {.record_bytes_max = 1 << 20, .buckets_max = 1 << 16};
	engine->observer = observer_new(&settings, rules);
	correlate_settings_default(&engine->settings);
	return engine;
}

void engine_free(struct engine *engine)
{
	observer_free(engine->observer);
	effects_release(&engine->effects);
	free(engine);
}

static double seconds_of(struct span span)
{
	return span.ns == INT64_MIN ? -INFINITY : span.ns == INT64_MAX ? INFINITY : span_seconds(span);
}

static void copy_text(char *out, size_t size, struct str text)
{
	snprintf(out, size, "%.*s", STR_ARGS(text));
}

static void take_alert(struct engine *engine, const struct incident_revision *r)
{
	static const struct alert_settings settings = {.runbook_base = {"r/", 2}, .product_version = {"t", 1}};
	struct telling *telling = engine->out;
	if (telling->count == telling->capacity) {
		telling->capacity = telling->capacity ? 2 * telling->capacity : 32;
		telling->items = realloc(telling->items, telling->capacity * sizeof *telling->items);
		if (!telling->items)
			abort();
	}
	struct told *told = &telling->items[telling->count++];
	*told = (struct told){.revision = r->revision, .kind = r->kind, .state = r->state, .action = r->action, .severity = r->severity, .cause = r->cause, .direction = r->direction,
		.offset_known = r->offset_known, .inhibited = r->inhibited_by.size > 0, .low = seconds_of(r->now.low), .high = seconds_of(r->now.high),
		.at = span_seconds(instant_minus(r->at, instant_of_seconds(engine->simulation->begin_s)))};
	copy_text(told->id, sizeof told->id, r->id);
	copy_text(told->suspect, sizeof told->suspect, r->suspect);
	copy_text(told->source, sizeof told->source, r->source);
	alert_write(r, ALERT_JSON, &settings, &telling->text);
	buffer_add_byte(&telling->text, '\n');
}

static void step(struct engine *engine, uint32_t partition, const struct observation *observation);

/* Feedback is what the effects are about to be read for: it goes round after they have been carried out. */
static void carry_out(struct engine *engine)
{
	struct effects effects = engine->effects;
	engine->effects = (struct effects){0};
	for (size_t i = 0; i < effects.count; i++) {
		const struct effect *effect = &effects.items[i];
		if (effect->kind == EFFECT_ALERT)
			take_alert(engine, effect->alert);
		else if (effect->kind == EFFECT_TRACE)
			fprintf(stderr, "%9.1f %.*s: %.*s\n", span_seconds(instant_minus(effect->trace.at, instant_of_seconds(engine->simulation->begin_s))), STR_ARGS(effect->trace.host),
				STR_ARGS(effect->trace.text));
	}
	for (size_t i = 0; i < effects.count; i++)
		if (effects.items[i].kind == EFFECT_FEEDBACK)
			step(engine, effects.items[i].feedback.partition, effects.items[i].feedback.observation);
	effects_release(&engine->effects);
	engine->effects = effects;
	effects_reset(&engine->effects);
}

static void step(struct engine *engine, uint32_t partition, const struct observation *observation)
{
	correlate_step(engine->partitions[partition], observation, &engine->effects);
	if (engine->effects.count)
		carry_out(engine);
}

static void on_observation(void *context, const struct observation *observation)
{
	struct engine *engine = context;
	step(engine, observation_partition(observation->subject, engine->count), observation);
}

static void on_reject(void *context, const struct input_record *record, enum reject_reason reason, struct str detail)
{
	(void)context, (void)reason;
	fprintf(stderr, "rejected: %.*s: %.*s\n", STR_ARGS(detail), STR_ARGS(record->value));
	abort(); /* the simulation writes sound records */
}

static void progress(struct engine *engine, int input)
{
	struct progress_entry entry;
	if (!observe_progress(engine->inputs[input], &entry))
		return;
	struct observation observation = {.kind = OBSERVATION_PROGRESS, .subject = STR("*"), .reference = entry.reference, .reference_kind = entry.reference_kind,
		.host_said = INSTANT_NONE, .input = entry.input, .progress = {.count = 1, .entries = &entry}};
	for (uint32_t i = 0; i < engine->count; i++)
		step(engine, i, &observation);
}

static void begin(struct engine *engine, const struct simulation *s, uint32_t partitions)
{
	static const char *const topics[SIM_INPUTS] = {"ntp", "logs", "logs"};
	engine->simulation = s;
	engine->count = partitions;
	for (uint32_t i = 0; i < partitions; i++)
		engine->partitions[i] = correlate_partition_new(&engine->settings, i, partitions);
	for (int i = 0; i < SIM_INPUTS; i++) {
		engine->inputs[i] = input_partition_new(engine->observer, str_of(topics[i]), i > 1, STR("auto"), CHOICE_COLLECTED, STR_NONE);
		engine->spoke[i] = 0;
		engine->idle[i] = false;
	}
}

static void end(struct engine *engine)
{
	for (uint32_t i = 0; i < engine->count; i++)
		correlate_partition_free(engine->partitions[i]);
	for (int i = 0; i < SIM_INPUTS; i++)
		input_partition_free(engine->inputs[i]);
}

void engine_run(struct engine *engine, const struct simulation *s, uint32_t partitions, const char *trace_host, struct telling *out)
{
	assert(partitions <= PARTITIONS_MAX);
	const struct observe_sink sink = {.context = engine, .observation = on_observation, .reject = on_reject};
	int64_t offsets[SIM_INPUTS] = {0};
	engine->out = out;
	engine->settings.trace = trace_host != NULL;
	engine->settings.trace_host = trace_host ? str_of(trace_host) : STR_NONE;
	begin(engine, s, partitions);
	for (size_t i = 0; i < s->records_count; i++) {
		const struct sim_record *record = &s->records[i];
		for (int k = 0; k < SIM_INPUTS; k++)
			if (!engine->idle[k] && record->arrived > engine->spoke[k] + 10) {
				observe_idle(engine->inputs[k], &sink);
				progress(engine, k);
				engine->idle[k] = true;
			}
		struct input_record in = {.value = {s->text + record->text, record->size}, .coordinates = {STR("t"), record->input, offsets[record->input]++},
			.appended = INSTANT_NONE, .created = INSTANT_NONE, .arrival = INSTANT_NONE, .consensus = INSTANT_NONE};
		observe_record(engine->inputs[record->input], &in, &sink);
		progress(engine, record->input);
		engine->spoke[record->input] = record->arrived;
		engine->idle[record->input] = false;
	}
	for (int k = 0; k < SIM_INPUTS; k++) {
		observe_end(engine->inputs[k], &sink);
		progress(engine, k);
	}
	end(engine);
}
