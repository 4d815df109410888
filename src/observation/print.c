#include "skewline/feedback.h"

#include <inttypes.h>

/* Members as ,"name":value; the first comma is the opening brace's business. */
static void text_member(struct buffer *out, const char *name, struct str value)
{
	if (!value.size)
		return;
	buffer_printf(out, ",\"%s\":", name);
	buffer_add_json(out, value);
}

static void name_member(struct buffer *out, const char *name, const char *value)
{
	buffer_printf(out, ",\"%s\":\"%s\"", name, value);
}

static void time_member(struct buffer *out, const char *name, struct instant at)
{
	char text[INSTANT_TEXT_MAX];
	if (instant_known(at))
		buffer_printf(out, ",\"%s\":\"%.*s\"", name, STR_ARGS(instant_text(at, text)));
}

/* Seconds with nine digits, from integers: no rounding by a double. */
static void span_member(struct buffer *out, const char *name, struct span span)
{
	uint64_t size = span.ns < 0 ? 0 - (uint64_t)span.ns : (uint64_t)span.ns;
	buffer_printf(out, ",\"%s\":%s%" PRIu64 ".%09" PRIu64, name, span.ns < 0 ? "-" : "", (uint64_t)(size / SECOND_NS), (uint64_t)(size % SECOND_NS));
}

static void bool_member(struct buffer *out, const char *name, bool value)
{
	buffer_printf(out, ",\"%s\":%s", name, value ? "true" : "false");
}

static void print_clock(const struct clock_observation *clock, struct buffer *out)
{
	if (clock->fields & CLOCK_OFFSET)
		span_member(out, "offset_s", clock->offset);
	if (clock->fields & CLOCK_ROOT_DELAY)
		span_member(out, "root_delay_s", clock->root_delay);
	if (clock->fields & CLOCK_ROOT_DISPERSION)
		span_member(out, "root_dispersion_s", clock->root_dispersion);
	if (clock->fields & CLOCK_BOUND)
		span_member(out, "bound_s", clock->bound);
	if (clock->fields & CLOCK_LEAP)
		name_member(out, "leap", leap_name(clock->leap));
	if (clock->fields & CLOCK_SYNCHRONISED)
		bool_member(out, "synchronised", clock->synchronised);
	if (clock->fields & CLOCK_STRATUM)
		buffer_printf(out, ",\"stratum\":%d", (int)clock->stratum);
	text_member(out, "reference_id", clock->reference_id);
	text_member(out, "source", clock->source);
	if (clock->fields & CLOCK_REFERENCE_TIME)
		time_member(out, "reference_time", clock->reference_time);
	if (clock->fields & CLOCK_POLL)
		span_member(out, "poll_s", clock->poll);
	if (clock->fields & CLOCK_SOURCES_USABLE)
		buffer_printf(out, ",\"sources_usable\":%d", (int)clock->sources_usable);
	if (clock->fields & CLOCK_SOURCES_REACHED)
		buffer_printf(out, ",\"sources_reached\":%d", (int)clock->sources_reached);
}

static void print_source(const struct source_observation *source, struct buffer *out)
{
	char state[2] = {source->state, 0};
	text_member(out, "source", source->source);
	text_member(out, "state", str_of(state));
	bool_member(out, "reached", source->reached);
	buffer_printf(out, ",\"stratum\":%d", (int)source->stratum);
	if (source->offset_known) {
		span_member(out, "offset_s", source->offset);
		span_member(out, "error_s", source->error);
	}
}

static void print_symptom(const struct symptom_observation *symptom, struct buffer *out)
{
	name_member(out, "class", symptom_class_name(symptom->class));
	name_member(out, "issuer", issuer_name(symptom->issuer));
	name_member(out, "of", symptom_subject_name(symptom->subject));
	name_member(out, "direction", direction_name(symptom->direction));
	name_member(out, "shape", symptom_shape_name(symptom->shape));
	name_member(out, "magnitude", magnitude_kind_name(symptom->magnitude_kind));
	if (symptom->magnitude_kind != MAGNITUDE_NONE)
		span_member(out, "magnitude_s", symptom->magnitude);
	text_member(out, "peer", symptom->peer);
	text_member(out, "rule", symptom->rule);
	text_member(out, "title", symptom->title);
	buffer_printf(out, ",\"ruleset\":\"%016" PRIx64 "\"", symptom->ruleset);
}

static void print_jump(const struct jump_observation *jump, struct buffer *out)
{
	if (jump->step_known)
		span_member(out, "step_s", jump->step);
	bool_member(out, "set_time_event", jump->set_time_event);
	text_member(out, "rule", jump->rule);
	text_member(out, "title", jump->title);
}

static void print_transit(const struct transit_observation *transit, struct buffer *out)
{
	text_member(out, "stream", transit->stream);
	time_member(out, "start", transit->start);
	buffer_printf(out, ",\"count\":%" PRIu32 ",\"top\":[", transit->count);
	for (uint32_t i = 0; i < transit->top_count; i++) {
		buffer_add_str(out, i ? STR(",{\"n\":") : STR("{\"n\":"));
		buffer_printf(out, "%" PRIu32, i + 1);
		span_member(out, "x_s", transit->top[i].x);
		time_member(out, "reference", transit->top[i].reference);
		buffer_add_byte(out, '}');
	}
	buffer_add_byte(out, ']');
	span_member(out, "lowest_s", transit->lowest);
	span_member(out, "grain_s", transit->grain);
	bool_member(out, "clock_rows", transit->clock_rows);
}

static void print_progress(const struct progress_observation *progress, struct buffer *out)
{
	buffer_add_str(out, STR(",\"entries\":["));
	for (size_t i = 0; i < progress->count; i++) {
		const struct progress_entry *entry = &progress->entries[i];
		buffer_add_str(out, i ? STR(",{\"input\":") : STR("{\"input\":"));
		buffer_add_json(out, entry->input);
		time_member(out, "reference", entry->reference);
		bool_member(out, "idle", entry->idle);
		bool_member(out, "transit", entry->transit);
		name_member(out, "reference_kind", reference_kind_name(entry->reference_kind));
		bool_member(out, "telemetry", entry->telemetry);
		buffer_printf(out, ",\"records\":%" PRIu64 ",\"other\":%" PRIu64 ",\"timeless\":%" PRIu64 "}", entry->records, entry->other, entry->timeless);
	}
	buffer_add_byte(out, ']');
}

static void print_feedback(const struct feedback *feedback, struct buffer *out)
{
	static const char *const names[FEEDBACK_KIND_COUNT] = {"", "stances", "accusation", "address", "unexplained", "calibration", "source", "fleet",
		"peer"};
	name_member(out, "feedback", names[feedback->kind]);
	buffer_printf(out, ",\"hop\":%" PRIu32 ",\"from_partition\":%" PRIu32, feedback->hop, feedback->partition);
	time_member(out, "cause", feedback->cause);
}

static void print_body(const struct observation *observation, struct buffer *out)
{
	switch (observation->kind) {
	case OBSERVATION_CLOCK: print_clock(&observation->clock, out); break;
	case OBSERVATION_SOURCE: print_source(&observation->source, out); break;
	case OBSERVATION_SYMPTOM: print_symptom(&observation->symptom, out); break;
	case OBSERVATION_JUMP: print_jump(&observation->jump, out); break;
	case OBSERVATION_TRANSIT: print_transit(&observation->transit, out); break;
	case OBSERVATION_PROGRESS: print_progress(&observation->progress, out); break;
	case OBSERVATION_FEEDBACK: print_feedback(observation->feedback, out); break;
	case OBSERVATION_FINDING:
		text_member(out, "finding", observation->finding.name);
		text_member(out, "detail", observation->finding.detail);
		break;
	}
}

void observation_print_json(const struct observation *observation, struct buffer *out)
{
	static const char *const kinds[] = {"", "clock", "source", "symptom", "jump", "transit", "progress", "feedback", "finding"};
	buffer_printf(out, "{\"kind\":\"%s\"", kinds[observation->kind]);
	text_member(out, "subject", observation->subject);
	time_member(out, "reference", observation->reference);
	name_member(out, "reference_kind", reference_kind_name(observation->reference_kind));
	time_member(out, "host_said", observation->host_said);
	if (observation->stamp.known) {
		span_member(out, "x_s", observation->stamp.x);
		span_member(out, "grain_s", observation->stamp.grain);
	}
	text_member(out, "input", observation->input);
	text_member(out, "program", observation->program);
	print_body(observation, out);
	text_member(out, "sample", observation->sample);
	buffer_add_byte(out, '}');
}
