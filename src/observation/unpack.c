#include "skewline/feedback.h"

#include "messages.h"
#include "observation.pb-c.h"

typedef Skewline__Observation Message;

static struct str copy(ProtobufCBinaryData bytes, struct arena *arena)
{
	return bytes.len ? arena_copy(arena, (struct str){(const char *)bytes.data, bytes.len}) : STR_NONE;
}

static void unpack_clock(const Skewline__Clock *in, struct arena *arena, struct clock_observation *out)
{
	*out = (struct clock_observation){.fields = in->fields, .offset = {in->offset}, .root_delay = {in->root_delay},
		.root_dispersion = {in->root_dispersion}, .bound = {in->bound}, .leap = (enum leap)in->leap, .synchronised = in->synchronised,
		.stratum = in->stratum, .reference_id = copy(in->reference_id, arena), .source = copy(in->source, arena),
		.reference_time = {in->reference_time}, .poll = {in->poll}, .sources_usable = in->sources_usable,
		.sources_reached = in->sources_reached};
}

static void unpack_source(const Skewline__Source *in, struct arena *arena, struct source_observation *out)
{
	*out = (struct source_observation){.source = copy(in->source, arena), .state = (char)in->state, .reached = in->reached,
		.stratum = in->stratum, .offset_known = in->offset_known, .offset = {in->offset}, .error = {in->error}};
}

static bool unpack_symptom(const Skewline__Symptom *in, struct arena *arena, struct symptom_observation *out)
{
	*out = (struct symptom_observation){.class = (enum symptom_class)in->symptom_class, .issuer = (enum issuer)in->issuer,
		.subject = (enum symptom_subject)in->subject, .direction = (enum direction)in->direction, .shape = (enum symptom_shape)in->shape,
		.magnitude_kind = (enum magnitude_kind)in->magnitude_kind, .magnitude = {in->magnitude}, .leeway = {in->leeway},
		.peer = copy(in->peer, arena), .rule = copy(in->rule, arena), .title = copy(in->title, arena), .runbook = copy(in->runbook, arena),
		.technique = copy(in->technique, arena), .ruleset = in->ruleset};
	return in->symptom_class < CLASS_COUNT && in->issuer < ISSUER_COUNT && in->subject <= SYMPTOM_EITHER && in->direction <= DIRECTION_BEHIND
		&& in->shape <= SHAPE_VALUE && in->magnitude_kind <= MAGNITUDE_AT_LEAST && in->magnitude >= 0;
}

static bool unpack_transit(const Skewline__Transit *in, struct arena *arena, struct transit_observation *out)
{
	if (in->n_top < 1 || in->n_top > TRANSIT_TOP)
		return false;
	*out = (struct transit_observation){.stream = copy(in->stream, arena), .start = {in->start}, .count = in->count,
		.top_count = (uint32_t)in->n_top, .lowest = {in->lowest}, .grain = {in->grain}, .clock_rows = in->clock_rows};
	for (size_t i = 0; i < in->n_top; i++) {
		if (!instant_sound((struct instant){in->top[i]->reference}))
			return false;
		out->top[i].x = (struct span){in->top[i]->x};
		out->top[i].reference = (struct instant){in->top[i]->reference};
	}
	return instant_sound(out->start);
}

static bool unpack_progress(const Skewline__Progress *in, struct arena *arena, struct progress_observation *out)
{
	if (in->n_entries > PROGRESS_ENTRIES_MAX)
		return false;
	struct progress_entry *entries = arena_array(arena, in->n_entries + 1, sizeof *entries);
	for (size_t i = 0; i < in->n_entries; i++) {
		const Skewline__ProgressEntry *from = in->entries[i];
		if (from->reference_kind > REFERENCE_OWN || from->reference == INSTANT_NONE.ns || !instant_sound((struct instant){from->reference}))
			return false;
		entries[i] = (struct progress_entry){.input = copy(from->input, arena), .reference = {from->reference}, .idle = from->idle,
			.transit = from->transit, .reference_kind = (enum reference_kind)from->reference_kind, .telemetry = from->telemetry,
			.records = from->records, .other = from->other, .timeless = from->timeless};
	}
	*out = (struct progress_observation){in->n_entries, entries};
	return true;
}

static bool unpack_feedback(const Message *message, struct arena *arena, const struct feedback **out)
{
	struct feedback *feedback = arena_zalloc(arena, sizeof *feedback);
	*out = feedback;
	return feedback_unpack((struct str){(const char *)message->feedback.data, message->feedback.len}, arena, feedback) && instant_sound(feedback->cause);
}

static bool unpack_body(const Message *in, struct arena *arena, struct observation *out)
{
	switch (in->body_case) {
	case SKEWLINE__OBSERVATION__BODY_CLOCK:
		out->kind = OBSERVATION_CLOCK;
		unpack_clock(in->clock, arena, &out->clock);
		return in->clock->leap <= LEAP_UNSYNCHRONISED;
	case SKEWLINE__OBSERVATION__BODY_SOURCE:
		out->kind = OBSERVATION_SOURCE;
		unpack_source(in->source, arena, &out->source);
		return true;
	case SKEWLINE__OBSERVATION__BODY_SYMPTOM:
		out->kind = OBSERVATION_SYMPTOM;
		return unpack_symptom(in->symptom, arena, &out->symptom);
	case SKEWLINE__OBSERVATION__BODY_JUMP:
		out->kind = OBSERVATION_JUMP;
		out->jump = (struct jump_observation){in->jump->step_known, {in->jump->step}, in->jump->set_time_event, copy(in->jump->rule, arena),
			copy(in->jump->title, arena)};
		return true;
	case SKEWLINE__OBSERVATION__BODY_TRANSIT:
		out->kind = OBSERVATION_TRANSIT;
		return unpack_transit(in->transit, arena, &out->transit);
	case SKEWLINE__OBSERVATION__BODY_PROGRESS:
		out->kind = OBSERVATION_PROGRESS;
		return unpack_progress(in->progress, arena, &out->progress);
	case SKEWLINE__OBSERVATION__BODY_FEEDBACK:
		out->kind = OBSERVATION_FEEDBACK;
		return unpack_feedback(in, arena, &out->feedback);
	case SKEWLINE__OBSERVATION__BODY_FINDING:
		out->kind = OBSERVATION_FINDING;
		out->finding = (struct finding_observation){copy(in->finding->name, arena), copy(in->finding->detail, arena)};
		return true;
	case SKEWLINE__OBSERVATION__BODY__NOT_SET:
	default: return false;
	}
}

static void unpack_head(const Message *in, struct str key, struct arena *arena, struct observation *out)
{
	*out = (struct observation){.subject = arena_copy(arena, key), .reference = {in->reference},
		.reference_kind = (enum reference_kind)in->reference_kind,
		.host_said = in->host_said_known ? (struct instant){in->host_said} : INSTANT_NONE, .stamp = {in->stamped, {in->x}, {in->grain}},
		.digest = in->digest, .input = copy(in->input, arena), .coordinates = {copy(in->topic, arena), in->partition, in->offset},
		.sample = copy(in->sample, arena), .program = copy(in->program, arena), .address = copy(in->address, arena)};
}

bool observation_unpack(struct str bytes, struct str key, struct arena *arena, struct observation *out, struct str *out_reason)
{
	if (bytes.size > OBSERVATION_BYTES_MAX || !key.size || key.size > SUBJECT_BYTES_MAX) {
		*out_reason = STR("not an observation: its size or its key is out of bounds");
		return false;
	}
	ProtobufCAllocator in_arena = messages_in(arena);
	Message *message = skewline__observation__unpack(&in_arena, bytes.size, (const uint8_t *)bytes.data);
	if (!message) {
		*out_reason = STR("not an observation: the bytes are no such message");
		return false;
	}
	bool known = message->version == OBSERVATION_VERSION && message->reference_kind <= REFERENCE_OWN;
	struct observation observation;
	if (known) {
		unpack_head(message, key, arena, &observation);
		known = unpack_body(message, arena, &observation) && instant_sound(observation.reference) && instant_sound(observation.host_said);
		if (known)
			*out = observation;
		else
			*out_reason = STR("not an observation: a field is out of bounds");
	} else {
		*out_reason = arena_printf(arena, "an observation of version %u; this program knows version %d: update it", (unsigned)message->version,
			OBSERVATION_VERSION);
	}
	return known;
}
