#include "skewline/observe.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "guard.h"
#include "mask.h"
#include "resume.h"

enum { FORMATS_MAX = 64 };

struct observer {
	struct observe_settings settings;
	const struct rule_set *rules;
	struct matcher *matcher;
	struct { struct str format; struct decoder *decoder; } decoders[FORMATS_MAX];
	size_t decoders_count;
	uint32_t generation; /* of the decoders: counts how often they were dropped */
	struct arena names;
};

struct input_partition {
	struct observer *observer;
	struct arena arena;
	struct str topic, name;     /* name: "topic/partition" */
	int32_t partition;
	struct str format;
	struct decoder *decoder;    /* for the format, of the generation in which it was looked up */
	uint32_t generation;
	enum reference_choice choice;
	struct guard guard;
	struct guard at_first;      /* as it was before the first record of the oldest open bucket */
	int64_t first;              /* its offset; -1: no bucket is open */
	int64_t next;               /* the offset after the last record taken in */
	int64_t emitted;            /* records below are emitted already and only rebuild buckets */
	struct instant epoch;       /* the 10 s in which the open buckets were opened */
	bool progress_due;
	struct buckets buckets;
};

static struct decoder *decoder_for(struct observer *observer, struct str format)
{
	for (size_t i = 0; i < observer->decoders_count; i++)
		if (str_equal(observer->decoders[i].format, format))
			return observer->decoders[i].decoder;
	assert(observer->decoders_count < FORMATS_MAX);
	struct decoder_options options = {.format = arena_copy(&observer->names, format), .record_bytes_max = observer->settings.record_bytes_max};
	options.wanted_fields = rule_set_fields(observer->rules, &options.wanted_fields_count);
	struct decoder *decoder = decoder_new(&options);
	assert(decoder && "the config checked the format's name");
	observer->decoders[observer->decoders_count].format = options.format;
	observer->decoders[observer->decoders_count++].decoder = decoder;
	return decoder;
}

static struct decoder *decoder_of(struct input_partition *input)
{
	if (!input->decoder || input->generation != input->observer->generation) {
		input->decoder = decoder_for(input->observer, input->format);
		input->generation = input->observer->generation;
	}
	return input->decoder;
}

static void drop_decoders(struct observer *observer)
{
	observer->generation++;
	for (size_t i = 0; i < observer->decoders_count; i++)
		decoder_free(observer->decoders[i].decoder);
	observer->decoders_count = 0;
	arena_reset(&observer->names);
}

struct observer *observer_new(const struct observe_settings *settings, const struct rule_set *rules)
{
	struct observer *observer = calloc(1, sizeof *observer);
	if (!observer)
		abort();
	observer->settings = *settings;
	observer->rules = rules;
	observer->matcher = matcher_new(rules);
	return observer;
}

void observer_free(struct observer *observer)
{
	if (!observer)
		return;
	drop_decoders(observer);
	matcher_free(observer->matcher);
	arena_release(&observer->names);
	free(observer);
}

void observer_set_rules(struct observer *observer, const struct rule_set *rules)
{
	drop_decoders(observer); /* the fields that rules ask for may differ */
	matcher_free(observer->matcher);
	observer->rules = rules;
	observer->matcher = matcher_new(rules);
}

struct input_partition *input_partition_new(struct observer *observer, struct str topic, int32_t partition, struct str format,
	enum reference_choice choice, struct str resume)
{
	struct input_partition *input = calloc(1, sizeof *input);
	if (!input)
		abort();
	input->observer = observer;
	input->topic = arena_copy(&input->arena, topic);
	input->name = arena_printf(&input->arena, "%.*s/%d", STR_ARGS(topic), (int)partition);
	input->partition = partition;
	input->format = arena_copy(&input->arena, format);
	input->choice = choice;
	input->first = -1;
	input->next = -1;
	input->epoch = INSTANT_NONE;
	buckets_init(&input->buckets, observer->settings.buckets_max);
	if (!resume_read(resume, &input->guard, &input->emitted)) {
		guard_init(&input->guard);
		input->emitted = INT64_MIN;
	}
	input->at_first = input->guard;
	if (instant_known(input->guard.time))
		input->epoch = bucket_start(input->guard.time);
	return input;
}

void input_partition_free(struct input_partition *input)
{
	if (!input)
		return;
	buckets_release(&input->buckets);
	arena_release(&input->arena);
	free(input);
}

static bool has_transit(const struct input_partition *input)
{
	return input->guard.kind != REFERENCE_OWN && input->guard.kind != REFERENCE_UNKNOWN;
}

static void close_buckets(struct input_partition *input, bool silent, const struct observe_sink *sink)
{
	for (size_t i = 0; i < input->buckets.count && !silent; i++) {
		const struct bucket *bucket = &input->buckets.rows[i];
		struct observation observation = {.kind = OBSERVATION_TRANSIT, .subject = bucket->host, .reference = bucket->last,
			.reference_kind = input->guard.kind, .host_said = INSTANT_NONE, .input = input->name,
			.coordinates = {input->topic, input->partition, input->first}, .transit = bucket->transit};
		sink->observation(sink->context, &observation);
	}
	buckets_clear(&input->buckets);
	input->first = -1;
}

/* What the input says of itself: fixed references and refused jumps, once per change. */
static void note(struct input_partition *input, bool silent, const struct observe_sink *sink, const char *text)
{
	if (!silent && sink->note)
		sink->note(sink->context, input->name, str_of(text));
}

static const char *kind_note(enum reference_kind kind)
{
	switch (kind) {
	case REFERENCE_APPENDED: return "reference time: appended (the topic is LogAppendTime)";
	case REFERENCE_COLLECTED: return "reference time: collected (the records carry their pipeline's own clock)";
	case REFERENCE_ARRIVAL: return "reference time: arrival (our own clock on receipt; the topic's CreateTime is the producers' and no reference)";
	case REFERENCE_CONSENSUS: return "reference time: consensus (the median of what five hosts or more stamped next)";
	case REFERENCE_OWN: return "reference time: own (the records order themselves; no transit evidence)";
	case REFERENCE_UNKNOWN: break;
	}
	return "reference time: unknown";
}

static struct instant own_reference(const struct input_partition *input, const struct input_record *in, const struct record *record)
{
	switch (input->guard.kind) {
	case REFERENCE_APPENDED: return in->appended;
	case REFERENCE_COLLECTED: return record->collected;
	case REFERENCE_ARRIVAL: return in->arrival;
	default: return record->host_said;
	}
}

/* Files without `collected`: own until the first record with a consensus; one without it then has no reference. */
static struct instant file_reference(struct input_partition *input, const struct input_record *in, const struct record *record, bool silent,
	const struct observe_sink *sink)
{
	if (instant_known(in->consensus) && input->guard.kind == REFERENCE_OWN) {
		input->guard.kind = REFERENCE_CONSENSUS;
		note(input, silent, sink, kind_note(REFERENCE_CONSENSUS));
	}
	return input->guard.kind == REFERENCE_CONSENSUS ? in->consensus : record->host_said;
}

struct placed {
	struct instant reference;
	bool transit; /* the reference is the record's own and gives transit evidence */
};

static struct placed place(struct input_partition *input, const struct input_record *in, const struct record *record, bool silent,
	const struct observe_sink *sink)
{
	if (guard_choose(&input->guard, input->choice, instant_known(in->appended), instant_known(record->collected)))
		note(input, silent, sink, kind_note(input->guard.kind));
	bool file = input->guard.kind == REFERENCE_OWN || input->guard.kind == REFERENCE_CONSENSUS;
	struct instant own = file ? file_reference(input, in, record, silent, sink) : own_reference(input, in, record);
	struct placed placed = {.transit = has_transit(input)};
	bool was_refusing = instant_known(input->guard.jump.at);
	enum guard_verdict verdict = guard_take(&input->guard, own, record->host, &placed.reference);
	if (verdict == GUARD_REFUSED && !was_refusing)
		note(input, silent, sink, "a record's reference time lies more than 60 s ahead and nothing confirms it yet: it takes the input's current time");
	placed.transit = placed.transit && (verdict == GUARD_TAKEN || verdict == GUARD_LATE);
	return placed;
}

/* What a second delivery shares with the first, whatever was stamped on its way: when it was written, by whom, and its words. */
static uint64_t digest_of(const struct input_record *in, const struct record *record)
{
	if (!record->message.size || !instant_known(record->host_said))
		return str_hash(in->value, 1) | 1;
	return str_hash(record->message, str_hash(record->program, (uint64_t)record->host_said.ns)) | 1;
}

static void fill(const struct input_partition *input, const struct input_record *in, const struct record *record, struct placed placed,
	uint64_t digest, struct str sample, struct observation *out)
{
	*out = (struct observation){.subject = record->host, .reference = placed.reference, .reference_kind = input->guard.kind,
		.host_said = record->host_said, .digest = digest, .input = input->name, .coordinates = in->coordinates, .sample = sample,
		.program = record->program, .address = record->address};
	if (instant_known(record->host_said))
		out->stamp = (struct stamp){placed.transit, instant_minus(record->host_said, placed.reference), record->grain};
}

static void emit_hits(struct input_partition *input, const struct hit_list *hits, struct observation *observation, const struct observe_sink *sink)
{
	for (size_t i = 0; i < hits->count; i++) {
		const struct hit *hit = &hits->items[i];
		if (hit->rule->jump) {
			observation->kind = OBSERVATION_JUMP;
			observation->jump = (struct jump_observation){hit->step_known, hit->step, hit->rule->set_time_event, hit->rule->id, hit->rule->title};
		} else {
			observation->kind = OBSERVATION_SYMPTOM;
			observation->symptom = (struct symptom_observation){hit->class, hit->issuer, hit->subject, hit->direction, hit->shape,
				hit->magnitude_kind, hit->magnitude, hit->rule->leeway, hit->peer, hit->rule->id, hit->rule->title, hit->rule->runbook,
				hit->rule->technique, rule_set_hash(input->observer->rules)};
		}
		sink->observation(sink->context, observation);
	}
}

/* A rule that gave up is counted; one that is suspended for it is worth a word. */
static void tell_troubles(const struct input_partition *input, const struct hit_list *hits, const struct observe_sink *sink)
{
	char text[400];
	for (size_t i = 0; i < hits->troubles_count; i++) {
		const struct rule_trouble *trouble = &hits->troubles[i];
		if (sink->limited)
			sink->limited(sink->context, trouble);
		if (!trouble->suspended)
			continue;
		int size = snprintf(text, sizeof text, "the rule '%.*s' (%.*s) is SUSPENDED until the next reload: it exceeded its match limits in %llu of %llu tries; "
			"`skewline check` shows why", STR_ARGS(str_cut_utf8(trouble->rule->title, 120)), STR_ARGS(trouble->rule->id), (unsigned long long)trouble->limited,
			(unsigned long long)trouble->tries);
		if (sink->note && size > 0)
			sink->note(sink->context, input->name, (struct str){text, (size_t)size < sizeof text ? (size_t)size : sizeof text - 1});
	}
}

static void emit(struct input_partition *input, const struct input_record *in, const struct record *record, struct placed placed,
	uint64_t *digest, const struct observe_sink *sink)
{
	char sample[SAMPLE_BYTES_MAX + 4];
	struct observation observation;
	bool clock = record->kind == RECORD_CLOCK_SAMPLE;
	struct hit_list hits = {0};
	if (!clock) { /* the rare case decides: digest and sample cost only what matched */
		match_record(input->observer->matcher, record, false, &hits);
		tell_troubles(input, &hits, sink);
		if (!hits.count)
			return;
	}
	if (!*digest)
		*digest = digest_of(in, record);
	struct str text = record->message.size ? record->message : record->raw;
	fill(input, in, record, placed, *digest, clock ? STR_NONE : mask_sample(text, sample), &observation); /* a clock sample says it all itself */
	if (!clock) {
		emit_hits(input, &hits, &observation, sink);
		return;
	}
	if (record->measures == MEASURES_SOURCE) {
		observation.kind = OBSERVATION_SOURCE;
		observation.source = record->source;
	} else {
		observation.kind = OBSERVATION_CLOCK;
		observation.clock = record->clock;
	}
	sink->observation(sink->context, &observation);
}

static bool same_host(const struct record *a, const struct record *b)
{
	return str_equal(a->host, b->host) && str_equal(a->program, b->program);
}

/* One record counts once: in a bucket, as a reject, as other, or as timeless. */
static void count(struct input_partition *input, const struct record *record, struct placed placed)
{
	bool clock = record->kind == RECORD_CLOCK_SAMPLE;
	input->guard.records++;
	input->guard.telemetry = input->guard.telemetry || clock;
	if (!instant_known(record->host_said) || !placed.transit) {
		input->guard.timeless++;
		return;
	}
	buckets_add(&input->buckets, record->host, record->program, placed.reference, instant_minus(record->host_said, placed.reference),
		record->grain, clock);
}

static void note_progress(struct input_partition *input)
{
	if (!instant_known(input->guard.time) || !input->guard.settled)
		return;
	if (!instant_known(input->guard.progress) || instant_minus(input->guard.time, input->guard.progress).ns >= SPAN_S(5).ns)
		input->progress_due = true;
}

static void take_items(struct input_partition *input, const struct input_record *in, const struct record_list *records, bool silent,
	const struct observe_sink *sink)
{
	uint64_t digest = 0;
	for (size_t i = 0; i < records->count; i++) {
		const struct record *record = &records->items[i];
		if (!silent && sink->decoded)
			sink->decoded(sink->context, record);
		if (record->kind == RECORD_REJECTED) {
			if (!silent)
				sink->reject(sink->context, in, record->reason, record->detail);
			continue;
		}
		if (record->kind == RECORD_OTHER) {
			input->guard.other += i == 0;
			continue;
		}
		struct placed placed = place(input, in, record, silent, sink);
		struct instant epoch = instant_known(input->guard.time) ? bucket_start(input->guard.time) : INSTANT_NONE;
		if (input->epoch.ns != epoch.ns || buckets_full(&input->buckets)) {
			close_buckets(input, silent, sink);
			input->epoch = epoch;
		}
		if (i == 0 || !same_host(record, &records->items[i - 1]))
			count(input, record, placed);
		if (!silent && instant_known(placed.reference))
			emit(input, in, record, placed, &digest, sink);
	}
}

void observe_record(struct input_partition *input, const struct input_record *in, const struct observe_sink *sink)
{
	bool silent = in->coordinates.offset < input->emitted;
	struct guard before = input->guard;
	struct envelope envelope = {in->key, in->host, instant_known(input->guard.time) ? input->guard.time
		: instant_known(in->appended) ? in->appended : instant_known(in->arrival) ? in->arrival : in->created};
	struct record_list records;
	decode(decoder_of(input), in->value, &envelope, &records);
	bool was_idle = input->guard.idle;
	input->guard.idle = false;
	take_items(input, in, &records, silent, sink);
	input->next = in->coordinates.offset + 1;
	if (input->first < 0 && input->buckets.count) {
		input->first = in->coordinates.offset;
		input->at_first = before;
	}
	note_progress(input);
	input->progress_due = input->progress_due || was_idle;
	if (input->progress_due && silent) { /* said before: the counts start anew as they did then */
		struct progress_entry said;
		observe_progress(input, &said);
	}
}

void observe_idle(struct input_partition *input, const struct observe_sink *sink)
{
	if (input->next >= 0 && input->next < input->emitted)
		return;
	close_buckets(input, false, sink);
	input->progress_due = input->progress_due || (!input->guard.idle && instant_known(input->guard.time));
	input->guard.idle = true;
}

void observe_end(struct input_partition *input, const struct observe_sink *sink)
{
	close_buckets(input, false, sink);
	if (instant_known(input->guard.time))
		input->progress_due = true;
}

bool observe_progress(struct input_partition *input, struct progress_entry *out)
{
	if (!input->progress_due)
		return false;
	input->progress_due = false;
	*out = (struct progress_entry){.input = input->name, .reference = input->guard.time, .idle = input->guard.idle, .transit = has_transit(input),
		.reference_kind = input->guard.kind, .telemetry = input->guard.telemetry, .records = input->guard.records, .other = input->guard.other,
		.timeless = input->guard.timeless};
	input->guard.progress = input->guard.time;
	input->guard.records = input->guard.other = input->guard.timeless = 0;
	return true;
}

struct instant observe_collected(struct input_partition *input, const struct input_record *in)
{
	struct envelope envelope = {in->key, in->host, input->guard.time};
	return decode_collected(decoder_of(input), in->value, &envelope);
}

bool observe_peek_stamp(struct input_partition *input, const struct input_record *in, struct str *out_host, struct instant *out_said)
{
	struct envelope envelope = {in->key, in->host, input->guard.time};
	struct record_list records;
	decode(decoder_of(input), in->value, &envelope, &records);
	for (size_t i = 0; i < records.count; i++) {
		*out_host = records.items[i].host;
		*out_said = records.items[i].host_said;
		if (out_host->size && instant_known(*out_said) && records.items[i].kind != RECORD_REJECTED)
			return true;
	}
	return false;
}

struct instant observe_peek_reference(struct input_partition *input, const struct input_record *record)
{
	if (instant_known(record->appended) && (input->choice == CHOICE_AUTO || input->choice == CHOICE_APPENDED))
		return guard_peek(&input->guard, record->appended);
	if (input->guard.kind == REFERENCE_ARRIVAL)
		return guard_peek(&input->guard, record->arrival);
	return guard_peek(&input->guard, observe_collected(input, record));
}

int64_t input_partition_commit(struct input_partition *input, struct buffer *out_resume)
{
	int64_t done = input->next > input->emitted ? input->next : input->emitted;
	if (input->next < 0)
		return -1;
	buffer_reset(out_resume);
	resume_write(input->first >= 0 ? &input->at_first : &input->guard, done, out_resume);
	return input->first >= 0 ? input->first : input->next;
}
