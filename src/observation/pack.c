#include "skewline/feedback.h"

#include <assert.h>

#include "observation.pb-c.h"

/* Everything that hangs below the message, on the stack: packing allocates nothing but the output. */
struct parts {
	Skewline__Observation message;
	Skewline__Clock clock;
	Skewline__Source source;
	Skewline__Symptom symptom;
	Skewline__Jump jump;
	Skewline__Transit transit;
	Skewline__Top tops[TRANSIT_TOP], *top_rows[TRANSIT_TOP];
	Skewline__Progress progress;
	Skewline__ProgressEntry entries[PROGRESS_ENTRIES_MAX], *entry_rows[PROGRESS_ENTRIES_MAX];
	Skewline__Finding finding;
	struct buffer feedback;
};

static ProtobufCBinaryData bytes_of(struct str text)
{
	return (ProtobufCBinaryData){text.size, (uint8_t *)(uintptr_t)text.data};
}

static void pack_clock(const struct clock_observation *clock, struct parts *parts)
{
	Skewline__Clock *out = &parts->clock;
	skewline__clock__init(out);
	out->fields = clock->fields;
	out->offset = clock->offset.ns;
	out->root_delay = clock->root_delay.ns;
	out->root_dispersion = clock->root_dispersion.ns;
	out->bound = clock->bound.ns;
	out->leap = clock->leap;
	out->synchronised = clock->synchronised;
	out->stratum = clock->stratum;
	out->reference_id = bytes_of(clock->reference_id);
	out->source = bytes_of(clock->source);
	out->reference_time = clock->reference_time.ns;
	out->poll = clock->poll.ns;
	out->sources_usable = clock->sources_usable;
	out->sources_reached = clock->sources_reached;
	parts->message.body_case = SKEWLINE__OBSERVATION__BODY_CLOCK;
	parts->message.clock = out;
}

static void pack_source(const struct source_observation *source, struct parts *parts)
{
	Skewline__Source *out = &parts->source;
	skewline__source__init(out);
	out->source = bytes_of(source->source);
	out->state = (uint8_t)source->state;
	out->reached = source->reached;
	out->stratum = source->stratum;
	out->offset_known = source->offset_known;
	out->offset = source->offset.ns;
	out->error = source->error.ns;
	parts->message.body_case = SKEWLINE__OBSERVATION__BODY_SOURCE;
	parts->message.source = out;
}

static void pack_symptom(const struct symptom_observation *symptom, struct parts *parts)
{
	Skewline__Symptom *out = &parts->symptom;
	skewline__symptom__init(out);
	out->symptom_class = symptom->class;
	out->issuer = symptom->issuer;
	out->subject = symptom->subject;
	out->direction = symptom->direction;
	out->shape = symptom->shape;
	out->magnitude_kind = symptom->magnitude_kind;
	out->magnitude = symptom->magnitude.ns;
	out->leeway = symptom->leeway.ns;
	out->peer = bytes_of(str_first(symptom->peer, SUBJECT_BYTES_MAX));
	out->rule = bytes_of(str_first(symptom->rule, 64));
	out->title = bytes_of(str_cut_utf8(symptom->title, 256));
	out->runbook = bytes_of(str_first(symptom->runbook, 512));
	out->technique = bytes_of(str_first(symptom->technique, 32));
	out->ruleset = symptom->ruleset;
	parts->message.body_case = SKEWLINE__OBSERVATION__BODY_SYMPTOM;
	parts->message.symptom = out;
}

static void pack_jump(const struct jump_observation *jump, struct parts *parts)
{
	Skewline__Jump *out = &parts->jump;
	skewline__jump__init(out);
	out->step_known = jump->step_known;
	out->step = jump->step.ns;
	out->set_time_event = jump->set_time_event;
	out->rule = bytes_of(str_first(jump->rule, 64));
	out->title = bytes_of(str_cut_utf8(jump->title, 256));
	parts->message.body_case = SKEWLINE__OBSERVATION__BODY_JUMP;
	parts->message.jump = out;
}

static void pack_transit(const struct transit_observation *transit, struct parts *parts)
{
	Skewline__Transit *out = &parts->transit;
	skewline__transit__init(out);
	out->stream = bytes_of(str_first(transit->stream, 255));
	out->start = transit->start.ns;
	out->count = transit->count;
	assert(transit->top_count <= TRANSIT_TOP);
	for (uint32_t i = 0; i < transit->top_count; i++) {
		skewline__top__init(&parts->tops[i]);
		parts->tops[i].x = transit->top[i].x.ns;
		parts->tops[i].reference = transit->top[i].reference.ns;
		parts->top_rows[i] = &parts->tops[i];
	}
	out->n_top = transit->top_count;
	out->top = parts->top_rows;
	out->lowest = transit->lowest.ns;
	out->grain = transit->grain.ns;
	out->clock_rows = transit->clock_rows;
	parts->message.body_case = SKEWLINE__OBSERVATION__BODY_TRANSIT;
	parts->message.transit = out;
}

static void pack_progress(const struct progress_observation *progress, struct parts *parts)
{
	skewline__progress__init(&parts->progress);
	assert(progress->count <= PROGRESS_ENTRIES_MAX);
	for (size_t i = 0; i < progress->count; i++) {
		const struct progress_entry *in = &progress->entries[i];
		Skewline__ProgressEntry *out = &parts->entries[i];
		skewline__progress_entry__init(out);
		out->input = bytes_of(in->input);
		out->reference = in->reference.ns;
		out->idle = in->idle;
		out->transit = in->transit;
		out->reference_kind = in->reference_kind;
		out->telemetry = in->telemetry;
		out->records = in->records;
		out->other = in->other;
		out->timeless = in->timeless;
		parts->entry_rows[i] = out;
	}
	parts->progress.n_entries = progress->count;
	parts->progress.entries = parts->entry_rows;
	parts->message.body_case = SKEWLINE__OBSERVATION__BODY_PROGRESS;
	parts->message.progress = &parts->progress;
}

static void pack_finding(const struct finding_observation *finding, struct parts *parts)
{
	skewline__finding__init(&parts->finding);
	parts->finding.name = bytes_of(str_first(finding->name, 64));
	parts->finding.detail = bytes_of(str_cut_utf8(finding->detail, 512));
	parts->message.body_case = SKEWLINE__OBSERVATION__BODY_FINDING;
	parts->message.finding = &parts->finding;
}

static bool pack_body(const struct observation *observation, struct parts *parts)
{
	switch (observation->kind) {
	case OBSERVATION_CLOCK: pack_clock(&observation->clock, parts); return true;
	case OBSERVATION_SOURCE: pack_source(&observation->source, parts); return true;
	case OBSERVATION_SYMPTOM: pack_symptom(&observation->symptom, parts); return true;
	case OBSERVATION_JUMP: pack_jump(&observation->jump, parts); return true;
	case OBSERVATION_TRANSIT: pack_transit(&observation->transit, parts); return true;
	case OBSERVATION_PROGRESS: pack_progress(&observation->progress, parts); return true;
	case OBSERVATION_FINDING: pack_finding(&observation->finding, parts); return true;
	case OBSERVATION_FEEDBACK:
		parts->message.body_case = SKEWLINE__OBSERVATION__BODY_FEEDBACK;
		if (!feedback_pack(observation->feedback, &parts->feedback))
			return false;
		parts->message.feedback = bytes_of(buffer_str(&parts->feedback));
		return true;
	}
	return false;
}

static void pack_head(const struct observation *in, Skewline__Observation *out)
{
	skewline__observation__init(out);
	out->version = OBSERVATION_VERSION;
	out->reference = in->reference.ns;
	out->reference_kind = in->reference_kind;
	out->host_said_known = instant_known(in->host_said);
	out->host_said = out->host_said_known ? in->host_said.ns : 0;
	out->stamped = in->stamp.known;
	out->x = in->stamp.x.ns;
	out->grain = in->stamp.grain.ns;
	out->digest = in->digest;
	out->input = bytes_of(str_first(in->input, 300));
	out->topic = bytes_of(str_first(in->coordinates.topic, 255));
	out->partition = in->coordinates.partition;
	out->offset = in->coordinates.offset;
	out->sample = bytes_of(str_cut_utf8(in->sample, SAMPLE_BYTES_MAX));
	out->program = bytes_of(str_first(in->program, 255));
	out->address = bytes_of(str_first(in->address, 64));
}

bool observation_pack(const struct observation *observation, struct buffer *out)
{
	struct parts parts;
	parts.feedback = (struct buffer){0};
	pack_head(observation, &parts.message);
	bool fits = pack_body(observation, &parts);
	size_t size = fits ? skewline__observation__get_packed_size(&parts.message) : 0;
	if (fits && size > OBSERVATION_BYTES_MAX) { /* the sample is the one thing that may be cut */
		size_t over = size - OBSERVATION_BYTES_MAX;
		size_t kept = observation->sample.size < SAMPLE_BYTES_MAX ? observation->sample.size : SAMPLE_BYTES_MAX;
		parts.message.sample = bytes_of(str_cut_utf8(observation->sample, kept > over ? kept - over : 0));
		size = skewline__observation__get_packed_size(&parts.message);
	}
	fits = fits && size <= OBSERVATION_BYTES_MAX;
	if (fits) {
		buffer_reserve(out, size);
		skewline__observation__pack(&parts.message, (uint8_t *)out->data + out->size);
		out->size += size;
		out->data[out->size] = 0;
	}
	buffer_release(&parts.feedback);
	return fits;
}
