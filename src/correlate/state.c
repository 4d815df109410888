/* The state of a partition as records of a compacted topic, and back. One codec walks each struct both ways, so that what is written is
 * what is read. A record is a protobuf message { 1: version, 2: partitions, 3: body }; the body is a run of zig-zag varints and
 * length-prefixed texts in the order of the walk, and belongs to the version. */
#include <stdlib.h>
#include <string.h>

#include "room.h"

enum { STATE_VERSION = 5 };

struct coder {
	struct buffer *out; /* writing; NULL: reading */
	struct str in;
	bool bad;
};

static void put(struct buffer *out, uint64_t value)
{
	for (; value >= 128; value >>= 7)
		buffer_add_byte(out, (char)(value | 128));
	buffer_add_byte(out, (char)value);
}

static uint64_t get(struct coder *coder)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (!coder->in.size)
			break;
		uint8_t byte = (uint8_t)coder->in.data[0];
		coder->in = str_from(coder->in, 1);
		value |= (uint64_t)(byte & 127) << shift;
		if (byte < 128)
			return value;
	}
	coder->bad = true;
	return 0;
}

static uint64_t walk_u64(struct coder *coder, uint64_t value)
{
	if (!coder->out)
		return get(coder);
	put(coder->out, value);
	return value;
}

static int64_t walk_i64(struct coder *coder, int64_t value)
{
	uint64_t folded = walk_u64(coder, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
	return (int64_t)(folded >> 1) ^ -(int64_t)(folded & 1);
}

/* A time written as its distance from `base`: small numbers. */
static int64_t walk_from(struct coder *coder, int64_t value, int64_t base)
{
	int64_t sum, distance = walk_i64(coder, coder->out ? value - base : 0);
	if (!__builtin_add_overflow(distance, base, &sum))
		return sum;
	coder->bad = true;
	return base;
}

#define I64(field) field = walk_i64(coder, field)
#define U(field) field = (__typeof__(field))walk_u64(coder, (uint64_t)field)
#define B(field) field = walk_u64(coder, field) != 0

static void text(struct coder *coder, struct owned *value)
{
	uint64_t size = walk_u64(coder, value->size);
	if (coder->out) {
		buffer_add_str(coder->out, owned_str(value));
		return;
	}
	if (size > coder->in.size) {
		coder->bad = true;
		return;
	}
	owned_set(value, str_first(coder->in, size));
	coder->in = str_from(coder->in, size);
}

static void range(struct coder *coder, struct range *value)
{
	I64(value->low);
	I64(value->high);
}

/* A count that the reader bounds. */
static uint32_t counted(struct coder *coder, uint32_t count, uint32_t most)
{
	uint64_t value = walk_u64(coder, count);
	if (value > most)
		coder->bad = true;
	return coder->bad ? 0 : (uint32_t)value;
}

static void incident(struct coder *coder, struct incident *i)
{
	B(i->active);
	U(i->kind);
	U(i->state);
	U(i->severity);
	U(i->cause);
	U(i->direction);
	B(i->correlated);
	B(i->inhibited);
	I64(i->opened);
	U(i->revision);
	I64(i->resolved);
	range(coder, &i->worst);
	range(coder, &i->latest);
	B(i->worst_known);
	I64(i->good_since);
	I64(i->said_at);
	I64(i->said_distance);
	I64(i->back_off);
	U(i->said_affected);
	U(i->reopened);
	I64(i->low);
	I64(i->low_at);
	I64(i->step);
	B(i->measured);
	B(i->by_label);
	B(i->before_telemetry);
}

static void stream(struct coder *coder, struct stream *s)
{
	text(coder, &s->name);
	text(coder, &s->input);
	I64(s->grain);
	I64(s->last);
	B(s->clock_rows);
}

static void cell(struct coder *coder, struct cell *c, int64_t base)
{
	c->start = walk_from(coder, c->start, base);
	I64(c->low);
	U(c->count);
	U(c->stream);
	c->top_count = (uint8_t)counted(coder, c->top_count, TRANSIT_TOP);
	for (int i = 0; i < c->top_count; i++) {
		I64(c->top[i].x);
		c->top[i].at = walk_from(coder, c->top[i].at, c->start);
	}
	if (c->stream >= STREAMS_MAX || !c->top_count)
		coder->bad = true;
}

static void sample(struct coder *coder, struct sample *s)
{
	I64(s->at);
	I64(s->offset);
	I64(s->bound);
	I64(s->x);
	I64(s->grain);
	I64(s->reference_time);
	s->usable = (int32_t)walk_i64(coder, s->usable);
	s->reached = (int32_t)walk_i64(coder, s->reached);
	U(s->state);
	U(s->leap);
	B(s->contradicts);
	B(s->unshown);
}

static void host_source(struct coder *coder, struct correlate_partition *p, struct host_source *s)
{
	struct owned name = {0};
	if (coder->out)
		owned_set(&name, owned_str(&source_at(p, s->source)->name));
	text(coder, &name);
	if (!coder->out && !coder->bad)
		s->source = source_intern(p, owned_str(&name));
	coder->bad = coder->bad || s->source == NO_SOURCE;
	owned_clear(&name);
	I64(s->seen);
	I64(s->agreed);
	I64(s->contradicted);
	I64(s->unshown_since);
	I64(s->falseticker_since);
	I64(s->phi);
	B(s->behind);
	U(s->state);
}

static void symptom(struct coder *coder, struct symptom *s)
{
	U(s->class);
	U(s->issuer);
	U(s->subject);
	U(s->direction);
	U(s->shape);
	text(coder, &s->peer);
	I64(s->last);
	U(s->count);
	I64(s->magnitude);
	I64(s->highest);
	I64(s->highest_at);
	I64(s->fitting);
	I64(s->fitting_at);
	I64(s->host_said);
	I64(s->accused_at);
	text(coder, &s->rule);
	text(coder, &s->title);
	text(coder, &s->sample);
	text(coder, &s->coordinates);
	coder->bad = coder->bad || s->class >= CLASS_COUNT || s->issuer >= ISSUER_COUNT || s->shape > SHAPE_VALUE;
}

static void accusation(struct coder *coder, struct accusation *a)
{
	text(coder, &a->accuser);
	B(a->two_branches);
	B(a->good);
	B(a->stamped);
	I64(a->magnitude);
	range(coder, &a->theta);
	I64(a->at);
	I64(a->host_said);
	text(coder, &a->rule);
	text(coder, &a->title);
	text(coder, &a->sample);
	text(coder, &a->coordinates);
}

static void host_transit(struct coder *coder, struct host *h)
{
	h->streams_count = (uint8_t)counted(coder, h->streams_count, STREAMS_MAX);
	for (int i = 0; i < h->streams_count; i++)
		stream(coder, &h->streams[i]);
	uint16_t cells = (uint16_t)counted(coder, h->cells_count, CELLS_MAX);
	if (!coder->out) {
		h->cells = calloc(cells ? cells : 1, sizeof *h->cells);
		if (!h->cells)
			abort();
		h->cells_count = h->cells_capacity = cells;
	}
	for (int i = 0; i < cells; i++)
		cell(coder, &h->cells[i], i ? h->cells[i - 1].start : 0);
	I64(h->transit_from);
	I64(h->lag);
	I64(h->over_since);
}

static void host_telemetry(struct coder *coder, struct correlate_partition *p, struct host *h)
{
	h->samples_count = (uint8_t)counted(coder, h->samples_count, SAMPLES_MAX);
	for (int i = 0; i < h->samples_count; i++)
		sample(coder, &h->samples[i]);
	I64(h->heard);
	text(coder, &h->telemetry_input);
	text(coder, &h->log_input);
	h->sources_count = (uint8_t)counted(coder, h->sources_count, HOST_SOURCES_MAX);
	for (int i = 0; i < h->sources_count; i++)
		host_source(coder, p, &h->sources[i]);
	text(coder, &h->selected);
	I64(h->counted_at);
	U(h->unsynchronised);
	U(h->bad);
	U(h->contradictions);
	U(h->unshown);
	U(h->few);
	U(h->lost);
	U(h->leap_odd);
	U(h->unapproved);
	h->stratum = (int32_t)walk_i64(coder, h->stratum);
	I64(h->reference_since);
	I64(h->poll);
	U(h->reference_same);
	B(h->synchronised_once);
	B(h->telemetry_seen);
	I64(h->first_contradiction);
	I64(h->unexplained_at);
	B(h->false_sync);
	B(h->proved_behind);
	I64(h->stepped_at);
	I64(h->step);
	I64(h->set_time_at);
	I64(h->daemon_set_at);
	I64(h->jump_at);
	I64(h->jump_step);
	I64(h->jump_before);
	I64(h->moved_behind_at);
	I64(h->leap_at);
	h->leap_sign = (int8_t)walk_i64(coder, h->leap_sign);
	I64(h->hold_since);
	I64(h->cleared_at);
}

static void digests(struct coder *coder, struct digests **ring)
{
	uint32_t count = counted(coder, *ring ? (*ring)->count : 0, DIGESTS_MAX);
	if (!*ring && count)
		*ring = cleared(sizeof **ring);
	if (!count) {
		walk_u64(coder, 0);
		return;
	}
	struct digests *d = *ring;
	d->count = (uint8_t)count;
	for (int i = 0; i < d->count; i++)
		U(d->all[i]);
	d->next = (uint8_t)counted(coder, d->next, DIGESTS_MAX - 1);
}

static void host_walk(struct coder *coder, struct correlate_partition *p, struct host *h)
{
	text(coder, &h->address);
	text(coder, &h->full);
	B(h->short_seen);
	B(h->label_by_address);
	B(h->label_shared);
	B(h->suspect);
	I64(h->first);
	I64(h->now);
	I64(h->last);
	I64(h->due);
	U(h->reference_kind);
	U(h->ruleset);
	host_transit(coder, h);
	host_telemetry(coder, p, h);
	for (int i = 0; i < 2; i++)
		digests(coder, &h->digests[i]);
	h->symptoms_count = (uint8_t)counted(coder, h->symptoms_count, SYMPTOMS_MAX);
	if (!coder->out && h->symptoms_count)
		h->symptoms = cleared(SYMPTOMS_MAX * sizeof *h->symptoms);
	for (int i = 0; i < h->symptoms_count; i++)
		symptom(coder, &h->symptoms[i]);
	h->accusations_count = (uint8_t)counted(coder, h->accusations_count, ACCUSATIONS_MAX);
	if (!coder->out && h->accusations_count)
		h->accusations = cleared(ACCUSATIONS_MAX * sizeof *h->accusations);
	for (int i = 0; i < h->accusations_count; i++)
		accusation(coder, &h->accusations[i]);
	I64(h->said_of_peer);
	U(h->said_good);
	incident(coder, &h->incident);
	U(h->trust);
	I64(h->trust_from);
	I64(h->good_at);
	B(h->trust_known);
	range(coder, &h->trust_range);
	for (int i = 0; i < HOST_FINDINGS; i++)
		I64(h->finding_at[i]);
}

static void counts(struct coder *coder, struct stance_counts *c)
{
	U(c->agree_recent);
	U(c->contradict_recent);
	U(c->agree_hour);
	U(c->contradict_hour);
	U(c->unshown);
	U(c->falseticker);
	U(c->behind);
}

static void source_walk(struct coder *coder, struct correlate_partition *p, struct source *s)
{
	B(s->known);
	B(s->convicted);
	I64(s->heard);
	counts(coder, &s->counts);
	text(coder, &s->incident_id);
	B(s->told);
	B(s->dirty);
	if (!coder->out)
		p->dirty_sources = p->dirty_sources || s->dirty;
	counts(coder, &s->sum);
	range(coder, &s->sum_phi);
	B(s->guilty);
	I64(s->since);
	text(coder, &s->own_id);
	I64(s->majority_since);
	I64(s->lapsed_since);
	incident(coder, &s->incident);
	uint32_t reports = counted(coder, s->reports_count, p->count);
	if (!coder->out && reports) {
		s->reports = calloc(p->count, sizeof *s->reports);
		if (!s->reports)
			abort();
		s->reports_count = p->count;
	}
	for (uint32_t i = 0; i < reports; i++) {
		I64(s->reports[i].at);
		counts(coder, &s->reports[i].counts);
		range(coder, &s->reports[i].phi);
		text(coder, &s->reports[i].hosts);
	}
}

static void peer_walk(struct coder *coder, struct peer_knowledge *q)
{
	U(q->good_accusers);
	B(q->good);
	I64(q->at);
}

static void address_walk(struct coder *coder, struct address *a)
{
	text(coder, &a->hosts[0]);
	text(coder, &a->hosts[1]);
}

static void parts(struct coder *coder, struct fleet_part *list, uint8_t *count)
{
	*count = (uint8_t)counted(coder, *count, FEEDBACK_FAULT_PARTS_MAX);
	for (int i = 0; i < *count; i++) {
		I64(list[i].from);
		I64(list[i].to);
		I64(list[i].value);
	}
}

static void pending_walk(struct coder *coder, struct pending *w)
{
	I64(w->due);
	U(w->sequence);
	text(coder, &w->subject);
	text(coder, &w->value);
}

static void census(struct coder *coder, struct census *c)
{
	U(c->standing);
	U(c->announcing);
	U(c->fresh);
}

static void partition_walk(struct coder *coder, struct correlate_partition *p)
{
	I64(p->clock);
	I64(p->tick);
	if (!instant_sound((struct instant){p->clock}) || !instant_sound((struct instant){p->tick}))
		coder->bad = true;
	if (p->clock != NONE && span_abs(instant_minus((struct instant){p->clock}, (struct instant){p->tick})).ns > K(TICK))
		coder->bad = true; /* the ticks between them would never end */
	U(p->sequence);
	struct fleet_knowledge *k = &p->knowledge;
	B(k->wide_known);
	I64(k->wide);
	census(coder, &k->census);
	I64(k->counted_at);
	B(k->fault);
	I64(k->fault_from);
	I64(k->fault_to);
	parts(coder, k->parts, &k->parts_count);
	uint32_t inputs = counted(coder, p->inputs_count, 1 << 16);
	for (uint32_t i = 0; i < inputs && !coder->bad; i++) {
		struct input one = {.reference = NONE};
		if (coder->out)
			one = p->inputs[i];
		text(coder, &one.name);
		I64(one.reference);
		U(one.stalled);
		B(one.idle);
		if (coder->out)
			continue;
		struct input *input = input_make(p, owned_str(&one.name));
		one.name = (owned_clear(&one.name), input->name);
		*input = one;
	}
}

static void histogram(struct coder *coder, struct histogram *h)
{
	uint32_t count = counted(coder, h->count, FEEDBACK_BINS_MAX);
	if (!coder->out) {
		free(h->bins);
		h->bins = calloc(count + 1, sizeof *h->bins);
		if (!h->bins)
			abort();
		h->count = count;
	}
	for (uint32_t i = 0; i < count; i++) {
		h->bins[i].bin = (int32_t)walk_i64(coder, h->bins[i].bin);
		U(h->bins[i].count);
	}
}

static void fleet_walk(struct coder *coder, struct correlate_partition *p, struct fleet *f)
{
	for (uint32_t i = 0; i < p->count; i++) {
		histogram(coder, &f->lag[i]);
		histogram(coder, &f->excess[i]);
		census(coder, &f->census[i]);
	}
	I64(f->fault_from);
	I64(f->fault_to);
	I64(f->fault_value);
	f->unexplained_count = (uint16_t)counted(coder, f->unexplained_count, UNEXPLAINED_MAX);
	for (int i = 0; i < f->unexplained_count; i++) {
		text(coder, &f->unexplained[i].host);
		I64(f->unexplained[i].at);
		I64(f->unexplained[i].value);
	}
	parts(coder, f->parts, &f->parts_count);
	incident(coder, &f->incident);
}

/* ---- out ---- */
static void state_emit(struct correlate_partition *p, struct str key, struct buffer *body)
{
	struct buffer record = {0};
	buffer_add_byte(&record, 0x08);
	put(&record, STATE_VERSION);
	buffer_add_byte(&record, 0x10);
	put(&record, p->count);
	buffer_add_byte(&record, 0x1a);
	put(&record, body->size);
	buffer_add_str(&record, buffer_str(body));
	struct effect *effect = effect_add(p, EFFECT_STATE);
	effect->state.key = arena_copy(&p->out->arena, key);
	effect->state.value = arena_copy(&p->out->arena, buffer_str(&record));
	buffer_release(&record);
	buffer_reset(body);
}

static struct str key_of(struct correlate_partition *p, char kind, struct str name)
{
	return arena_printf(&p->out->arena, "%c/%.*s", kind, STR_ARGS(name));
}

static void flush_shared(struct correlate_partition *p, struct buffer *body, struct coder *coder)
{
	for (struct source *s = p->touched_sources; s; s = s->next_touched) {
		source_walk(coder, p, s);
		state_emit(p, key_of(p, 's', owned_str(&s->name)), body);
		s->touched = false;
	}
	for (struct peer_knowledge *q = p->touched_peers; q; q = q->next_touched) {
		peer_walk(coder, q);
		state_emit(p, key_of(p, 'q', owned_str(&q->name)), body);
		q->touched = false;
	}
	for (struct address *a = p->touched_addresses; a; a = a->next_touched) {
		address_walk(coder, a);
		state_emit(p, key_of(p, 'a', owned_str(&a->name)), body);
		a->touched = false;
	}
	p->touched_sources = NULL;
	p->touched_peers = NULL;
	p->touched_addresses = NULL;
	if (p->fleet && p->fleet->touched) {
		fleet_walk(coder, p, p->fleet);
		state_emit(p, STR("fleet"), body);
		p->fleet->touched = false;
	}
}

void correlate_flush(struct correlate_partition *p, struct effects *out)
{
	struct buffer body = {0};
	struct coder writer = {.out = &body}, *coder = &writer;
	p->out = out;
	for (struct host *h = p->touched_hosts; h; h = h->next_touched) {
		host_walk(coder, p, h);
		state_emit(p, key_of(p, 'h', owned_str(&h->name)), &body);
		h->touched = false;
	}
	p->touched_hosts = NULL;
	flush_shared(p, &body, coder);
	for (uint32_t i = 0; i < p->pending.count; i++) {
		struct pending *w = (struct pending *)(void *)p->pending.items + i;
		if (w->stored)
			continue;
		w->stored = true;
		pending_walk(coder, w);
		state_emit(p, pending_key(w, &out->arena), &body);
	}
	for (uint32_t i = 0; i < p->gone_count; i++) {
		struct effect *effect = effect_add(p, EFFECT_STATE);
		effect->state.key = arena_copy(&out->arena, owned_str(&p->gone[i]));
		effect->state.tombstone = true;
		owned_clear(&p->gone[i]);
	}
	p->gone_count = 0;
	if (p->touched) {
		partition_walk(coder, p);
		state_emit(p, STR("partition"), &body);
		p->touched = false;
	}
	buffer_release(&body);
}

/* ---- in ---- */
static bool open_record(struct str value, uint64_t *out_version, uint64_t *out_partitions, struct str *out_body)
{
	struct coder reader = {.in = value}, *coder = &reader;
	if (get(coder) != 0x08)
		return false;
	*out_version = get(coder);
	if (get(coder) != 0x10)
		return false;
	*out_partitions = get(coder);
	if (get(coder) != 0x1a)
		return false;
	uint64_t size = get(coder);
	*out_body = coder->in;
	return !coder->bad && size == coder->in.size;
}

static void take_host(struct coder *coder, struct correlate_partition *p, struct str name)
{
	struct host *host = host_make(p, name);
	if (!host) {
		coder->bad = true;
		return;
	}
	struct host fresh = {0};
	fresh.name = host->name;
	host->name = (struct owned){0};
	struct host *old = calloc(1, sizeof *old); /* what an earlier record of this key said */
	if (!old)
		abort();
	*old = *host;
	host_free(old);
	*host = fresh;
	host_reset(host);
	host_walk(coder, p, host);
}

static void take_fleet(struct coder *coder, struct correlate_partition *p)
{
	fleet_forget(p);
	fleet_walk(coder, p, fleet_here(p));
}

static void take_source(struct coder *coder, struct correlate_partition *p, struct str name)
{
	int32_t index = source_intern(p, name);
	if (index == NO_SOURCE) {
		coder->bad = true;
		return;
	}
	struct source *source = source_at(p, index);
	for (uint32_t i = 0; i < source->reports_count; i++)
		owned_clear(&source->reports[i].hosts);
	free(source->reports);
	source->reports = NULL;
	source->reports_count = 0;
	source_walk(coder, p, source);
}

bool correlate_restore(struct correlate_partition *p, struct str key, struct str value, struct str *out_reason)
{
	uint64_t version, partitions;
	struct coder reader = {0}, *coder = &reader;
	*out_reason = STR_NONE;
	if (!open_record(value, &version, &partitions, &reader.in))
		*out_reason = STR("not a state record");
	else if (version != STATE_VERSION)
		*out_reason = STR("a state record of another version: run the release that wrote it, or delete the state topic to start anew");
	else if (partitions != p->count)
		*out_reason = STR("the state was written for another number of partitions: the observations and state topics must keep theirs; delete both to start anew");
	if (out_reason->size)
		return false;
	struct str name = str_from(key, 2);
	if (str_equal(key, STR("partition")))
		partition_walk(coder, p);
	else if (str_equal(key, STR("fleet")))
		take_fleet(coder, p);
	else if (str_starts(key, STR("h/")))
		take_host(coder, p, name);
	else if (str_starts(key, STR("s/")))
		take_source(coder, p, name);
	else if (str_starts(key, STR("q/")) && peer_make(p, name))
		peer_walk(coder, peer_make(p, name));
	else if (str_starts(key, STR("a/")) && address_make(p, name))
		address_walk(coder, address_make(p, name));
	else if (str_starts(key, STR("f/"))) {
		struct pending pending = {.stored = true};
		pending_walk(coder, &pending);
		heap_push(&p->pending, &pending);
	} else
		coder->bad = true;
	if (coder->bad)
		*out_reason = STR("a state record whose body does not read to its end");
	return !coder->bad;
}

void correlate_restored(struct correlate_partition *p)
{
	p->suspects = 0;
	for (uint32_t i = 0; i < p->hosts.count; i++) {
		struct host *host = p->hosts.items[i];
		alias_learn(p, host);
		int64_t due = host->due;
		p->suspects += host->suspect;
		host->due = NONE;
		timer_set(p, host, due);
	}
}

bool correlate_state_json(struct str key, struct str value, struct buffer *out)
{
	uint64_t version, partitions;
	struct str body;
	if (!open_record(value, &version, &partitions, &body))
		return false;
	buffer_printf(out, "{\"key\":");
	buffer_add_json(out, key);
	buffer_printf(out, ",\"version\":%llu,\"partitions\":%llu,\"bytes\":%zu", (unsigned long long)version, (unsigned long long)partitions, body.size);
	if (str_starts(key, STR("h/")) && version == STATE_VERSION) {
		struct correlate_settings settings;
		correlate_settings_default(&settings);
		struct correlate_partition *p = correlate_partition_new(&settings, 0, (uint32_t)partitions);
		struct str reason;
		char text[INSTANT_TEXT_MAX];
		struct host *host = correlate_restore(p, key, value, &reason) ? host_find(p, str_from(key, 2)) : NULL;
		if (host) {
			buffer_printf(out, ",\"last\":\"%.*s\",\"suspect\":%s,\"samples\":%u,\"buckets\":%u,\"symptoms\":%u,\"incident\":",
				STR_ARGS(instant_text((struct instant){host->last}, text)), host->suspect ? "true" : "false", host->samples_count, host->cells_count,
				host->symptoms_count);
			if (host->incident.active)
				buffer_printf(out, "{\"opened\":\"%.*s\",\"revision\":%u,\"cause\":\"%s\"}", STR_ARGS(instant_text((struct instant){host->incident.opened}, text)),
					host->incident.revision, cause_name(host->incident.cause));
			else
				buffer_printf(out, "null");
		}
		correlate_partition_free(p);
	}
	buffer_add_byte(out, '}');
	return true;
}
