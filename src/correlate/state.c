/* The state of a partition as records of a compacted topic, and back. One codec walks each struct both ways, so that what is written is
 * what is read. A record is a protobuf message { 1: version, 2: partitions, 3: body }; the body is a run of bits (coder.h) in the order of
 * the walk, and belongs to the version. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "coder.h"

enum { STATE_VERSION = 11 };

/* Most of what may be told of a host is not to be told of most hosts: one bit for all of it. Reading, it then stays as it was reset. */
static bool present(struct coder *coder, bool told)
{
	B(told);
	return told;
}

static void range(struct coder *coder, struct range *value)
{
	I64(value->low);
	I64(value->high);
}

static void incident(struct coder *coder, struct incident *i)
{
	T(i->opened);
	if (i->opened == NONE) { /* there has been none: nothing else is set */
		if (!coder->out)
			incident_reset(i);
		return;
	}
	B(i->active);
	U(i->kind);
	U(i->state);
	U(i->severity);
	U(i->cause);
	U(i->direction);
	B(i->correlated);
	B(i->inhibited);
	U(i->revision);
	T(i->resolved);
	range(coder, &i->worst);
	range(coder, &i->latest);
	B(i->worst_known);
	T(i->good_since);
	T(i->said_at);
	I64(i->said_distance);
	I64(i->back_off);
	U(i->said_cause);
	B(i->turned);
	B(i->hushed);
	U(i->said_affected);
	U(i->reopened);
	I64(i->low);
	T(i->low_at);
	I64(i->step);
	B(i->measured);
	B(i->by_label);
	B(i->before_telemetry);
	B(i->told_open);
	range(coder, &i->told);
	I64(i->told_at);
}

/* `newest`: start of the host's newest cell, which is mostly this stream's. */
static void stream(struct coder *coder, struct correlate_partition *p, struct stream *s, int64_t newest)
{
	walk_name(coder, p, &s->name);
	walk_name(coder, p, &s->input);
	I64(s->grain);
	s->last = walk_from(coder, s->last, newest);
	B(s->clock_rows);
}

/* Cells one behind the other, as columns: of one host they differ little. A cell's values descend: each but the first is told by how far it
 * lies below the one before, and its lowest by how far below the last. */
enum { GROUP = 16 };
struct cell_columns {
	int64_t starts[GROUP], firsts[GROUP], lows[GROUP], falls[GROUP * (TRANSIT_TOP - 1)], times[GROUP * TRANSIT_TOP];
	size_t falls_count, times_count;
};

static void cell_to_columns(struct cell_columns *out, size_t index, const struct cell *c, int64_t before)
{
	out->starts[index] = c->start - before;
	out->firsts[index] = c->top[0].x;
	for (int i = 0; i < c->top_count; i++) {
		out->times[out->times_count++] = c->top[i].at - c->start;
		if (i)
			out->falls[out->falls_count++] = c->top[i - 1].x - c->top[i].x;
	}
	out->lows[index] = c->top[c->top_count - 1].x - c->low;
}

static void cell_from_columns(struct cell_columns *in, size_t index, struct cell *c, int64_t before)
{
	c->start = before + in->starts[index];
	c->top[0].x = in->firsts[index];
	for (int i = 0; i < c->top_count; i++) {
		c->top[i].at = c->start + in->times[in->times_count++];
		if (i)
			c->top[i].x = c->top[i - 1].x - in->falls[in->falls_count++];
	}
	c->low = c->top[c->top_count - 1].x - in->lows[index];
}

static void cell_group(struct coder *coder, struct cell *cells, size_t count, int64_t before)
{
	struct cell_columns columns = {0};
	size_t values = 0;
	int64_t first = before;
	for (size_t i = 0; i < count; i++) {
		struct cell *c = &cells[i];
		U(c->count);
		c->stream = (uint8_t)walk_bits(coder, c->stream, 3);
		c->top_count = (uint8_t)walk_bits(coder, c->top_count, 2);
		coder->bad = coder->bad || !c->top_count;
		values += c->top_count;
		if (coder->out)
			cell_to_columns(&columns, i, c, first);
		first = c->start;
	}
	if (coder->bad)
		return;
	walk_column(coder, columns.starts, count);
	walk_column(coder, columns.firsts, count);
	walk_column(coder, columns.falls, values - count);
	walk_column(coder, columns.times, values);
	walk_column(coder, columns.lows, count);
	columns.falls_count = columns.times_count = 0;
	for (size_t i = 0; i < count && !coder->out; i++)
		cell_from_columns(&columns, i, &cells[i], i ? cells[i - 1].start : before);
}

static void cells(struct coder *coder, struct host *h)
{
	h->cells_count = (uint16_t)walk_count(coder, h->cells_count, CELLS_MAX);
	if (!coder->out)
		cells_reserve(h, h->cells_count);
	int64_t before = coder->base - coder->base % S_NS;
	for (uint16_t i = 0; i < h->cells_count && !coder->bad; i = (uint16_t)(i + GROUP)) {
		size_t left = h->cells_count - i;
		cell_group(coder, &h->cells[i], left < GROUP ? left : GROUP, before);
		before = h->cells[i + (left < GROUP ? left : GROUP) - 1].start;
	}
	if (coder->bad)
		h->cells_count = 0;
}

/* What a sample mostly says as its neighbour does. */
static void sample_manner(struct coder *coder, struct sample *s, const struct sample *next)
{
	bool otherwise = s->grain != next->grain || s->usable != next->usable || s->reached != next->reached || s->state != next->state
		|| s->leap != next->leap || s->contradicts || s->unshown;
	if (!present(coder, otherwise)) {
		s->grain = next->grain;
		s->usable = next->usable;
		s->reached = next->reached;
		s->state = next->state;
		s->leap = next->leap;
		s->contradicts = s->unshown = false;
		return;
	}
	I64(s->grain);
	s->usable = (int32_t)walk_u64(coder, (uint32_t)(s->usable + 1)) - 1;
	s->reached = (int32_t)walk_u64(coder, (uint32_t)(s->reached + 1)) - 1;
	U(s->state);
	U(s->leap);
	B(s->contradicts);
	B(s->unshown);
}

/* Half as much again as the distance of its samples, in whole seconds; 0: unknown. A host that dozes knows it as it was. */
static uint32_t fresh_s(const struct host *h)
{
	int64_t fresh = h->rhythm.median == NONE ? 0 : h->rhythm.median / 2 * 3 / S_NS;
	return h->dozing ? h->fresh_s : fresh < FRESH_S_MAX ? (uint32_t)fresh : FRESH_S_MAX;
}

static void newest_sample(struct coder *coder, struct host *h)
{
	h->samples_count = (uint8_t)walk_count(coder, h->samples_count, SAMPLES_MAX);
	if (!h->samples_count)
		return;
	struct sample *s = &h->samples[h->samples_count - 1];
	T(s->at);
	I64(s->offset);
	I64(s->bound);
	I64(s->x);
	sample_manner(coder, s, &(struct sample){0});
	coder->base = s->at;
	if (coder->inside)
		h->fresh_s = (uint32_t)walk_u64(coder, coder->out ? fresh_s(h) : 0);
}

/* From the one before the newest back, as columns: they come about once a minute. Most of the bounds have been forgotten (samples_forget). */
#define MINUTE (60 * S_NS)
static void older_samples(struct coder *coder, struct host *h)
{
	int64_t distances[SAMPLES_MAX] = {0}, offsets[SAMPLES_MAX] = {0}, xs[SAMPLES_MAX] = {0}, bounds[SAMPLES_MAX] = {0};
	bool bounded[SAMPLES_MAX] = {0};
	size_t count = h->samples_count ? h->samples_count - 1U : 0, known = 0;
	struct sample *newest = h->samples + count;
	for (size_t i = 0; i < count && coder->out; i++) {
		const struct sample *s = newest - 1 - i;
		distances[i] = s[1].at - s->at - MINUTE;
		offsets[i] = s->offset;
		xs[i] = s->x;
		bounded[i] = s->bound != 0;
		bounds[known] = s->bound;
		known += bounded[i];
	}
	walk_column(coder, distances, count);
	walk_column(coder, offsets, count);
	walk_column(coder, xs, count);
	known = 0;
	for (size_t i = 0; i < count; i++) {
		B(bounded[i]);
		known += bounded[i];
	}
	walk_column(coder, bounds, known);
	known = 0;
	for (size_t i = 0; i < count; i++) {
		struct sample *s = newest - 1 - i;
		if (!coder->out) {
			s->at = s[1].at - distances[i] - MINUTE;
			s->offset = offsets[i];
			s->x = xs[i];
			s->bound = bounded[i] ? bounds[known] : 0;
			known += bounded[i];
		}
		sample_manner(coder, s, s + 1);
	}
	if (!coder->out)
		samples_changed(h);
}

static void host_source(struct coder *coder, struct correlate_partition *p, struct host_source *s)
{
	if (coder->inside) {
		U(s->source);
	} else {
		struct owned name = {0};
		if (coder->out)
			owned_set(&name, owned_str(&source_at(p, s->source)->name));
		walk_text(coder, &name);
		if (!coder->out && !coder->bad)
			s->source = source_intern(p, owned_str(&name));
		coder->bad = coder->bad || s->source == NO_SOURCE;
		owned_clear(&name);
	}
	T(s->seen);
	T(s->agreed);
	U(s->state);
	bool odd = s->contradicted != NONE || s->unshown_since != NONE || s->falseticker_since != NONE || s->orphan_since != NONE || s->phi != NONE || s->behind;
	if (!present(coder, odd)) {
		s->contradicted = s->unshown_since = s->falseticker_since = s->orphan_since = s->phi = NONE;
		s->behind = false;
		return;
	}
	T(s->contradicted);
	T(s->unshown_since);
	T(s->falseticker_since);
	T(s->orphan_since);
	I64(s->phi);
	B(s->behind);
}

static void symptom(struct coder *coder, struct symptom *s)
{
	U(s->class);
	U(s->issuer);
	U(s->subject);
	U(s->direction);
	U(s->shape);
	walk_text(coder, &s->peer);
	T(s->first);
	T(s->last);
	U(s->count);
	I64(s->magnitude);
	T(s->magnitude_at);
	I64(s->highest);
	T(s->highest_at);
	I64(s->fitting);
	T(s->fitting_at);
	T(s->host_said);
	T(s->accused_at);
	walk_text(coder, &s->rule);
	walk_text(coder, &s->title);
	walk_text(coder, &s->sample);
	walk_text(coder, &s->coordinates);
	coder->bad = coder->bad || s->class >= CLASS_COUNT || s->issuer >= ISSUER_COUNT || s->shape > SHAPE_VALUE;
}

static void accusation(struct coder *coder, struct accusation *a)
{
	walk_text(coder, &a->accuser);
	B(a->two_branches);
	B(a->good);
	B(a->stamped);
	U(a->class);
	U(a->issuer);
	I64(a->magnitude);
	range(coder, &a->theta);
	T(a->at);
	T(a->host_said);
	walk_text(coder, &a->rule);
	walk_text(coder, &a->title);
	walk_text(coder, &a->sample);
	walk_text(coder, &a->coordinates);
}

static void host_transit(struct coder *coder, struct correlate_partition *p, struct host *h)
{
	cells(coder, h);
	int64_t newest = h->cells_count ? h->cells[h->cells_count - 1].start : coder->base;
	h->streams_count = (uint8_t)walk_count(coder, h->streams_count, STREAMS_MAX);
	for (int i = 0; i < h->streams_count; i++)
		stream(coder, p, &h->streams[i], newest);
}

static void host_telemetry(struct coder *coder, struct correlate_partition *p, struct host *h)
{
	older_samples(coder, h);
	T(h->reference_time);
	T(h->heard);
	walk_name(coder, p, &h->telemetry_input);
	walk_name(coder, p, &h->selected);
	T(h->counted_at);
	U(h->stratum);
	T(h->reference_since);
	h->poll = walk_from(coder, h->poll, POLL_GUESS_S * S_NS);
	U(h->reference_same);
	B(h->synchronised_once);
	B(h->telemetry_seen);
}

static void host_troubles(struct coder *coder, struct host *h)
{
	if (present(coder, h->unsynchronised || h->bad || h->contradictions || h->unshown || h->few || h->lost || h->leap_odd || h->unapproved)) {
		U(h->unsynchronised);
		U(h->bad);
		U(h->contradictions);
		U(h->unshown);
		U(h->few);
		U(h->lost);
		U(h->leap_odd);
		U(h->unapproved);
	}
	bool moved = h->stepped_at != NONE || h->step || h->set_time_at != NONE || h->daemon_set_at != NONE || h->jump_at != NONE || h->jump_step
		|| h->jump_before != NONE || h->moved_behind_at != NONE || h->leap_at != NONE || h->leap_sign || h->cleared_at != NONE;
	bool doubted = h->first_contradiction != NONE || h->unexplained_at != NONE || h->false_sync || h->proved_behind || h->hold_since != NONE;
	if (!present(coder, moved || doubted))
		return;
	T(h->first_contradiction);
	T(h->unexplained_at);
	B(h->false_sync);
	B(h->proved_behind);
	T(h->stepped_at);
	I64(h->step);
	T(h->set_time_at);
	T(h->daemon_set_at);
	T(h->jump_at);
	I64(h->jump_step);
	I64(h->jump_before);
	T(h->moved_behind_at);
	T(h->leap_at);
	h->leap_sign = (int8_t)walk_i64(coder, h->leap_sign);
	T(h->hold_since);
	T(h->cleared_at);
}

static void digests(struct coder *coder, struct digests **ring)
{
	uint32_t count = walk_count(coder, *ring ? (*ring)->count : 0, DIGESTS_MAX);
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
	d->next = (uint8_t)walk_count(coder, d->next, DIGESTS_MAX - 1);
	T(d->last);
}

/* From the oldest on. */
static void tags(struct coder *coder, struct host *h)
{
	struct tags *t = &h->tags;
	const struct sample *last = sample_last(h);
	t->said = walk_from(coder, t->said, last && last->x != NONE ? ns_add(last->at, last->x) : coder->base);
	t->count = (uint8_t)walk_count(coder, t->count, TAGS_MAX);
	unsigned oldest = t->count == TAGS_MAX ? t->next : 0;
	for (unsigned i = 0; i < t->count; i++) {
		uint16_t *tag = &t->all[coder->out ? (oldest + i) % TAGS_MAX : i];
		*tag = (uint16_t)walk_bits(coder, *tag, 16);
	}
	if (!coder->out)
		t->next = t->count % TAGS_MAX;
}

static void host_words(struct coder *coder, struct host *h)
{
	h->symptoms_count = (uint8_t)walk_count(coder, h->symptoms_count, SYMPTOMS_MAX);
	if (!coder->out && h->symptoms_count)
		h->symptoms = cleared(SYMPTOMS_MAX * sizeof *h->symptoms);
	for (int i = 0; i < h->symptoms_count; i++)
		symptom(coder, &h->symptoms[i]);
	h->accusations_count = (uint8_t)walk_count(coder, h->accusations_count, ACCUSATIONS_MAX);
	if (!coder->out && h->accusations_count)
		h->accusations = cleared(ACCUSATIONS_MAX * sizeof *h->accusations);
	for (int i = 0; i < h->accusations_count; i++)
		accusation(coder, &h->accusations[i]);
	T(h->said_of_peer);
	U(h->said_good);
}

/* What is kept of a sleeping host besides: its times are near that. */
static int64_t base_of(const struct coder *coder, const struct host *h)
{
	return !coder->inside || h->due == NONE ? 0 : h->due - h->due % MS_NS;
}

/* What the tick asks of every host, how it stands to its sources and to the reference, and what a quiet one's stamps change. */
static void host_standing(struct coder *coder, struct correlate_partition *p, struct host *h)
{
	h->last = walk_from(coder, h->last, base_of(coder, h));
	coder->base = h->last == NONE ? 0 : h->last;
	T(h->first);
	walk_text(coder, &h->address);
	walk_text(coder, &h->full);
	if (present(coder, h->short_seen || h->label_by_address || h->label_shared || h->suspect)) {
		B(h->short_seen);
		B(h->label_by_address);
		B(h->label_shared);
		B(h->suspect);
	}
	U(h->reference_kind);
	walk_name(coder, p, &h->log_input);
	T(h->transit_from);
	host_transit(coder, p, h);
	newest_sample(coder, h);
	h->sources_count = (uint8_t)walk_count(coder, h->sources_count, HOST_SOURCES_MAX);
	for (int i = 0; i < h->sources_count; i++)
		host_source(coder, p, &h->sources[i]);
	coder_align(coder); /* the rest can be read alone */
}

/* Its times are near the newest sample's, which stays the same while a host dozes. */
static void host_rest(struct coder *coder, struct correlate_partition *p, struct host *h)
{
	const struct sample *last = sample_last(h);
	h->now = walk_from(coder, h->now, last ? last->at : base_of(coder, h));
	coder->base = last ? last->at : h->now == NONE ? 0 : h->now;
	if (!coder->inside)
		T(h->due);
	U(h->ruleset);
	I64(h->lag);
	T(h->over_since);
	host_telemetry(coder, p, h);
	host_troubles(coder, h);
	tags(coder, h);
	bool known = present(coder, h->digests[0] || h->digests[1]);
	for (int i = 0; known && i < 2; i++)
		digests(coder, &h->digests[i]);
	if (present(coder, h->symptoms_count || h->accusations_count || h->said_of_peer != NONE || h->said_good))
		host_words(coder, h);
	incident(coder, &h->incident);
	U(h->trust);
	T(h->trust_from);
	h->good_at = walk_from(coder, h->good_at, h->now);
	B(h->trust_known);
	range(coder, &h->trust_range);
	bool found = false;
	for (int i = 0; i < HOST_FINDINGS; i++)
		found = found || h->finding_at[i] != NONE;
	found = present(coder, found);
	for (int i = 0; found && i < HOST_FINDINGS; i++)
		T(h->finding_at[i]);
	if (coder->inside)
		U(h->traced);
	coder->base = 0;
}

static void host_walk(struct coder *coder, struct correlate_partition *p, struct host *h)
{
	host_standing(coder, p, h);
	host_rest(coder, p, h);
}

void host_pack(struct correlate_partition *p, struct host *host, struct str rest, struct buffer *out)
{
	struct coder coder = {.out = out, .inside = true};
	host_standing(&coder, p, host);
	if (host->dozing)
		buffer_add_str(out, rest);
	else
		host_rest(&coder, p, host);
	coder_align(&coder);
}

struct str host_unpack_standing(struct correlate_partition *p, struct str packed, struct host *out)
{
	struct coder coder = coder_reading(packed, true);
	host_standing(&coder, p, out);
	assert(!coder.bad); /* we wrote it ourselves */
	return (struct str){(const char *)coder.at, (size_t)(coder.end - coder.at)};
}

void host_unpack_rest(struct correlate_partition *p, struct str packed, struct host *out)
{
	struct coder coder = coder_reading(packed, true);
	host_rest(&coder, p, out);
	coder_align(&coder);
	assert(!coder.bad && coder.at == coder.end);
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
	U(c->orphans);
}

static void source_walk(struct coder *coder, struct correlate_partition *p, struct source *s)
{
	B(s->known);
	B(s->convicted);
	I64(s->heard);
	counts(coder, &s->counts);
	walk_text(coder, &s->incident_id);
	U(s->incident_cause);
	B(s->told);
	B(s->dirty);
	if (!coder->out)
		p->dirty_sources = p->dirty_sources || s->dirty;
	counts(coder, &s->sum);
	range(coder, &s->sum_phi);
	B(s->guilty);
	I64(s->since);
	walk_text(coder, &s->own_id);
	I64(s->majority_since);
	I64(s->lapsed_since);
	incident(coder, &s->incident);
	uint32_t reports = walk_count(coder, s->reports_count, p->count);
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
		walk_text(coder, &s->reports[i].hosts);
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
	walk_text(coder, &a->hosts[0]);
	walk_text(coder, &a->hosts[1]);
}

static void parts(struct coder *coder, struct fleet_part *list, uint8_t *count)
{
	*count = (uint8_t)walk_count(coder, *count, FEEDBACK_FAULT_PARTS_MAX);
	for (int i = 0; i < *count; i++) {
		I64(list[i].from);
		I64(list[i].to);
		I64(list[i].value);
	}
}

static void open_clocks(struct coder *coder, struct open_clocks *o)
{
	if (!coder->out)
		open_release(o);
	U(o->count);
	o->kept = (uint8_t)walk_count(coder, o->kept, FEEDBACK_OPEN_MAX);
	for (int i = 0; i < o->kept; i++) {
		walk_text(coder, &o->all[i].host);
		range(coder, &o->all[i].theta);
		I64(o->all[i].since);
	}
}

static void ahead_issuers(struct coder *coder, struct ahead_issuers *list)
{
	list->count = (uint8_t)walk_count(coder, list->count, FEEDBACK_ISSUERS_MAX);
	for (int i = 0; i < list->count; i++) {
		U(list->all[i].issuer);
		I64(list->all[i].ahead);
		I64(list->all[i].seen);
		coder->bad = coder->bad || list->all[i].issuer >= ISSUER_COUNT || list->all[i].ahead < 0;
	}
}

static void pending_walk(struct coder *coder, struct pending *w)
{
	I64(w->due);
	U(w->sequence);
	walk_text(coder, &w->subject);
	walk_text(coder, &w->value);
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
	B(p->suspects_full);
	struct fleet_knowledge *k = &p->knowledge;
	B(k->wide_known);
	I64(k->wide);
	census(coder, &k->census);
	I64(k->counted_at);
	B(k->fault);
	I64(k->fault_from);
	I64(k->fault_to);
	parts(coder, k->parts, &k->parts_count);
	open_clocks(coder, &k->open);
	ahead_issuers(coder, &k->issuers);
	uint32_t inputs = walk_count(coder, p->inputs_count, 1 << 16);
	for (uint32_t i = 0; i < inputs && !coder->bad; i++) {
		struct input one = {.reference = NONE};
		if (coder->out)
			one = p->inputs[i];
		walk_text(coder, &one.name);
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
	uint32_t count = walk_count(coder, h->count, FEEDBACK_BINS_MAX);
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
	f->unexplained_count = (uint16_t)walk_count(coder, f->unexplained_count, UNEXPLAINED_MAX);
	for (int i = 0; i < f->unexplained_count; i++) {
		walk_text(coder, &f->unexplained[i].host);
		I64(f->unexplained[i].at);
		I64(f->unexplained[i].value);
		B(f->unexplained[i].unvouched);
		B(f->unexplained[i].moved);
	}
	parts(coder, f->parts, &f->parts_count);
	open_clocks(coder, &f->open);
	ahead_issuers(coder, &f->issuers);
	incident(coder, &f->incident);
}

/* ---- out ---- */
static void state_emit(struct correlate_partition *p, struct coder *coder, struct str key)
{
	struct buffer *body = coder->out;
	coder_align(coder);
	struct buffer record = {0};
	buffer_add_byte(&record, 0x08);
	varint_put(&record, STATE_VERSION);
	buffer_add_byte(&record, 0x10);
	varint_put(&record, p->count);
	buffer_add_byte(&record, 0x1a);
	varint_put(&record, body->size);
	buffer_add_str(&record, buffer_str(body));
	struct effect *effect = effect_add(p, EFFECT_STATE);
	effect->state.key = arena_copy(&p->out->arena, key);
	effect->state.value = arena_copy(&p->out->arena, buffer_str(&record));
	buffer_release(&record);
	buffer_reset(body);
}

static struct str key_of(struct correlate_partition *p, char kind, struct str name)
{
	char *key = arena_array(&p->out->arena, name.size + 2, 1);
	key[0] = kind;
	key[1] = '/';
	memcpy(key + 2, name.data, name.size); /* whatever its bytes are, a zero too */
	return (struct str){key, name.size + 2};
}

static void flush_shared(struct correlate_partition *p, struct coder *coder)
{
	for (struct source *s = p->touched_sources; s; s = s->next_touched) {
		source_walk(coder, p, s);
		state_emit(p, coder, key_of(p, 's', owned_str(&s->name)));
		s->touched = false;
	}
	for (struct peer_knowledge *q = p->touched_peers; q; q = q->next_touched) {
		peer_walk(coder, q);
		state_emit(p, coder, key_of(p, 'q', owned_str(&q->name)));
		q->touched = false;
	}
	for (struct address *a = p->touched_addresses; a; a = a->next_touched) {
		address_walk(coder, a);
		state_emit(p, coder, key_of(p, 'a', owned_str(&a->name)));
		a->touched = false;
	}
	p->touched_sources = NULL;
	p->touched_peers = NULL;
	p->touched_addresses = NULL;
	if (p->fleet && p->fleet->touched) {
		fleet_walk(coder, p, p->fleet);
		state_emit(p, coder, STR("fleet"));
		p->fleet->touched = false;
	}
}

void correlate_flush(struct correlate_partition *p, struct effects *out)
{
	struct buffer body = {0};
	struct coder writer = {.out = &body}, *coder = &writer;
	struct host asleep = {0};
	p->out = out;
	for (uint32_t i = 0; i < p->touched_count; i++) {
		struct host *host = host_peek(p, p->touched_hosts[i], false, &asleep);
		host_walk(coder, p, host);
		state_emit(p, coder, key_of(p, 'h', owned_str(&host->name)));
		host_unpeek(host, &asleep);
		host_row(p, p->touched_hosts[i])->touched = false;
	}
	free(asleep.cells);
	p->touched_count = 0;
	flush_shared(p, coder);
	for (uint32_t i = 0; i < p->pending.count; i++) {
		struct pending *w = (struct pending *)(void *)p->pending.items + i;
		if (w->stored)
			continue;
		w->stored = true;
		pending_walk(coder, w);
		state_emit(p, coder, pending_key(w, &out->arena));
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
		state_emit(p, coder, STR("partition"));
		p->touched = false;
	}
	buffer_release(&body);
}

/* ---- in ---- */
static bool open_record(struct str value, uint64_t *out_version, uint64_t *out_partitions, struct str *out_body)
{
	struct coder reader = coder_reading(value, false), *coder = &reader;
	if (varint_get(coder) != 0x08)
		return false;
	*out_version = varint_get(coder);
	if (varint_get(coder) != 0x10)
		return false;
	*out_partitions = varint_get(coder);
	if (varint_get(coder) != 0x1a)
		return false;
	uint64_t size = varint_get(coder);
	*out_body = (struct str){(const char *)coder->at, (size_t)(coder->end - coder->at)};
	return !coder->bad && size == out_body->size;
}

static void take_host(struct coder *coder, struct correlate_partition *p, struct str name)
{
	struct host *host = name.size <= SUBJECT_BYTES_MAX ? host_make(p, name) : NULL;
	if (!host) {
		coder->bad = true;
		return;
	}
	host_forget(p, host); /* what an earlier record of this key said */
	host_walk(coder, p, host);
	host_settle(p, host);
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
	struct str body = STR_NONE;
	*out_reason = STR_NONE;
	if (!open_record(value, &version, &partitions, &body))
		*out_reason = STR("not a state record");
	else if (version != STATE_VERSION)
		*out_reason = STR("a state record of another version: run the release that wrote it, or delete the state topic to start anew");
	else if (partitions != p->count)
		*out_reason = STR("the state was written for another number of partitions: the observations and state topics must keep theirs; delete both to start anew");
	if (out_reason->size)
		return false;
	struct str name = str_from(key, 2);
	struct coder reader = coder_reading(body, false), *coder = &reader;
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
	hosts_rest(p);
	return !coder->bad;
}

void correlate_restored(struct correlate_partition *p)
{
	struct host asleep = {0};
	p->suspects = 0;
	for (uint32_t i = 0; i < p->hosts.count; i++) {
		const struct host_row *row = host_row(p, i);
		if (!row->awake && !row->has_full && !is_full_name(host_row_name(row)))
			continue; /* a quiet one under one name */
		struct host *host = host_peek(p, i, false, &asleep);
		alias_learn(p, host);
		p->suspects += host->suspect;
		host_unpeek(host, &asleep);
	}
	free(asleep.cells);
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
