#include "skewline/feedback.h"

#include <string.h>

#include "feedback.pb-c.h"
#include "messages.h"

typedef Skewline__Feedback Message; /* the generated names are unreadable otherwise */

static ProtobufCBinaryData bytes_of(struct str text)
{
	return (ProtobufCBinaryData){text.size, (uint8_t *)(uintptr_t)text.data};
}

static struct str str_of_bytes(ProtobufCBinaryData bytes, struct arena *arena)
{
	return arena_copy(arena, (struct str){(const char *)bytes.data, bytes.len});
}

static void interval_out(struct interval interval, Skewline__Interval *out)
{
	skewline__interval__init(out);
	out->low = interval.low.ns;
	out->high = interval.high.ns;
}

/* An absent or reversed interval says nothing, hence allows everything. */
static struct interval interval_in(const Skewline__Interval *in)
{
	return in && in->low <= in->high ? (struct interval){{in->low}, {in->high}} : INTERVAL_ANY;
}

static void counts_out(const struct stance_counts *counts, Skewline__StanceCounts *out)
{
	skewline__stance_counts__init(out);
	out->agree_recent = counts->agree_recent;
	out->contradict_recent = counts->contradict_recent;
	out->agree_hour = counts->agree_hour;
	out->contradict_hour = counts->contradict_hour;
	out->unshown = counts->unshown;
	out->falseticker = counts->falseticker;
	out->behind = counts->behind;
	out->orphans = counts->orphans;
}

static struct stance_counts counts_in(const Skewline__StanceCounts *in)
{
	return in ? (struct stance_counts){in->agree_recent, in->contradict_recent, in->agree_hour, in->contradict_hour, in->unshown, in->behind, in->falseticker, in->orphans}
		: (struct stance_counts){0};
}

/* ---- packing: the message's parts live in one room on the stack, nothing is allocated ---- */

struct parts {
	Message message;
	Skewline__Interval interval;
	Skewline__StanceCounts counts;
	ProtobufCBinaryData hosts[FEEDBACK_NAMES_MAX];
	int32_t bins[2][FEEDBACK_BINS_MAX];
	uint32_t bin_counts[2][FEEDBACK_BINS_MAX];
	Skewline__FaultPart faults[FEEDBACK_FAULT_PARTS_MAX];
	Skewline__FaultPart *fault_rows[FEEDBACK_FAULT_PARTS_MAX];
	Skewline__OpenClock open[FEEDBACK_OPEN_MAX];
	Skewline__OpenClock *open_rows[FEEDBACK_OPEN_MAX];
	Skewline__Interval open_theta[FEEDBACK_OPEN_MAX];
	Skewline__AheadIssuer issuers[FEEDBACK_ISSUERS_MAX];
	Skewline__AheadIssuer *issuer_rows[FEEDBACK_ISSUERS_MAX];
	union {
		Skewline__Stances stances;
		Skewline__Accusation accusation;
		Skewline__Unexplained unexplained;
		Skewline__Calibration calibration;
		Skewline__SourceVerdict source;
		Skewline__FleetVerdict fleet;
		Skewline__PeerVerdict peer;
	} body;
};

static void stances_out(const struct feedback_stances *from, struct parts *to)
{
	Skewline__Stances *out = &to->body.stances;
	skewline__stances__init(out);
	counts_out(&from->counts, &to->counts);
	interval_out(from->phi, &to->interval);
	out->counts = &to->counts;
	out->phi = &to->interval;
	out->n_hosts = from->hosts_count < FEEDBACK_NAMES_MAX ? from->hosts_count : FEEDBACK_NAMES_MAX;
	for (size_t i = 0; i < out->n_hosts; i++)
		to->hosts[i] = bytes_of(from->hosts[i]);
	out->hosts = to->hosts;
	to->message.body_case = SKEWLINE__FEEDBACK__BODY_STANCES;
	to->message.stances = out;
}

static void accusation_out(const struct feedback_accusation *from, struct parts *to)
{
	Skewline__Accusation *out = &to->body.accusation;
	skewline__accusation__init(out);
	interval_out(from->theta, &to->interval);
	out->accuser = bytes_of(from->accuser);
	out->issuer = from->issuer;
	out->symptom_class = from->class;
	out->accuser_good = from->accuser_good;
	out->theta = &to->interval;
	out->two_branches = from->two_branches;
	out->magnitude_known = from->magnitude_known;
	out->magnitude = from->magnitude.ns;
	out->stamped = from->stamped;
	out->forwarded = from->forwarded;
	out->reference = from->reference.ns;
	out->host_said = from->host_said.ns;
	out->rule = bytes_of(from->rule);
	out->title = bytes_of(from->title);
	out->sample = bytes_of(from->sample);
	out->topic = bytes_of(from->coordinates.topic);
	out->partition = from->coordinates.partition;
	out->offset = from->coordinates.offset;
	to->message.body_case = SKEWLINE__FEEDBACK__BODY_ACCUSATION;
	to->message.accusation = out;
}

static void unexplained_out(const struct feedback_unexplained *from, struct parts *to)
{
	Skewline__Unexplained *out = &to->body.unexplained;
	skewline__unexplained__init(out);
	out->host = bytes_of(from->host);
	out->value = from->value.ns;
	out->unvouched = from->unvouched;
	out->moved = from->moved;
	to->message.body_case = SKEWLINE__FEEDBACK__BODY_UNEXPLAINED;
	to->message.unexplained = out;
}

static size_t histogram_out(const struct calibration_bin_count *from, size_t count, int32_t *bins, uint32_t *counts)
{
	count = count < FEEDBACK_BINS_MAX ? count : FEEDBACK_BINS_MAX;
	for (size_t i = 0; i < count; i++) {
		bins[i] = from[i].bin;
		counts[i] = from[i].count;
	}
	return count;
}

static void calibration_out(const struct feedback_calibration *from, struct parts *to)
{
	Skewline__Calibration *out = &to->body.calibration;
	skewline__calibration__init(out);
	out->standing = from->census.standing;
	out->announcing = from->census.announcing;
	out->fresh = from->census.fresh;
	out->n_lag_bins = out->n_lag_counts = histogram_out(from->lag, from->lag_count, to->bins[0], to->bin_counts[0]);
	out->n_excess_bins = out->n_excess_counts = histogram_out(from->excess, from->excess_count, to->bins[1], to->bin_counts[1]);
	out->lag_bins = to->bins[0];
	out->lag_counts = to->bin_counts[0];
	out->excess_bins = to->bins[1];
	out->excess_counts = to->bin_counts[1];
	to->message.body_case = SKEWLINE__FEEDBACK__BODY_CALIBRATION;
	to->message.calibration = out;
}

static void source_out(const struct feedback_source *from, struct parts *to)
{
	Skewline__SourceVerdict *out = &to->body.source;
	skewline__source_verdict__init(out);
	counts_out(&from->counts, &to->counts);
	interval_out(from->phi, &to->interval);
	out->counts = &to->counts;
	out->phi = &to->interval;
	out->convicted = from->convicted;
	out->since = from->since.ns;
	out->incident = bytes_of(from->incident);
	out->cause = from->cause;
	to->message.body_case = SKEWLINE__FEEDBACK__BODY_SOURCE;
	to->message.source = out;
}

static Skewline__OpenClock *clock_out(const struct feedback_open *from, Skewline__OpenClock *out, Skewline__Interval *theta)
{
	skewline__open_clock__init(out);
	interval_out(from->theta, theta);
	out->host = bytes_of(from->host);
	out->open = from->open;
	out->first = from->first;
	out->theta = theta;
	out->since = from->since.ns;
	return out;
}

static Skewline__AheadIssuer *issuer_out(const struct feedback_issuer *from, Skewline__AheadIssuer *out)
{
	skewline__ahead_issuer__init(out);
	out->issuer = from->issuer;
	out->ahead = from->ahead.ns;
	out->seen = from->seen.ns;
	return out;
}

static void fleet_out(const struct feedback_fleet *from, struct parts *to)
{
	Skewline__FleetVerdict *out = &to->body.fleet;
	skewline__fleet_verdict__init(out);
	out->wide_known = from->wide_known;
	out->wide = from->wide.ns;
	out->standing = from->census.standing;
	out->announcing = from->census.announcing;
	out->fresh = from->census.fresh;
	out->fault = from->fault;
	out->fault_from = from->fault_from.ns;
	out->fault_to = from->fault_to.ns;
	out->fault_value = from->fault_value.ns;
	out->n_parts = from->parts_count < FEEDBACK_FAULT_PARTS_MAX ? from->parts_count : FEEDBACK_FAULT_PARTS_MAX;
	for (size_t i = 0; i < out->n_parts; i++) {
		skewline__fault_part__init(&to->faults[i]);
		to->faults[i].from = from->parts[i].from.ns;
		to->faults[i].to = from->parts[i].to.ns;
		to->faults[i].value = from->parts[i].value.ns;
		to->fault_rows[i] = &to->faults[i];
	}
	out->parts = to->fault_rows;
	out->open_count = from->open_count;
	out->n_open = from->open_kept < FEEDBACK_OPEN_MAX ? from->open_kept : FEEDBACK_OPEN_MAX;
	for (size_t i = 0; i < out->n_open; i++)
		to->open_rows[i] = clock_out(&from->open[i], &to->open[i], &to->open_theta[i]);
	out->open = to->open_rows;
	out->n_issuers = from->issuers_count < FEEDBACK_ISSUERS_MAX ? from->issuers_count : FEEDBACK_ISSUERS_MAX;
	for (size_t i = 0; i < out->n_issuers; i++)
		to->issuer_rows[i] = issuer_out(&from->issuers[i], &to->issuers[i]);
	out->issuers = to->issuer_rows;
	out->incident = bytes_of(from->incident);
	to->message.body_case = SKEWLINE__FEEDBACK__BODY_FLEET;
	to->message.fleet = out;
}

static void peer_out(const struct feedback_peer *from, struct parts *to)
{
	Skewline__PeerVerdict *out = &to->body.peer;
	skewline__peer_verdict__init(out);
	interval_out(from->theta, &to->interval);
	out->peer = bytes_of(from->peer);
	out->known = from->known;
	out->good = from->good;
	out->theta = &to->interval;
	out->good_accusers = from->good_accusers;
	out->incident = bytes_of(from->incident);
	to->message.body_case = SKEWLINE__FEEDBACK__BODY_PEER;
	to->message.peer = out;
}

bool feedback_pack(const struct feedback *feedback, struct buffer *out)
{
	struct parts parts;
	skewline__feedback__init(&parts.message);
	parts.message.version = FEEDBACK_VERSION;
	parts.message.hop = feedback->hop;
	parts.message.partition = feedback->partition;
	parts.message.cause = feedback->cause.ns;
	switch (feedback->kind) {
	case FEEDBACK_STANCES: stances_out(&feedback->stances, &parts); break;
	case FEEDBACK_ACCUSATION: accusation_out(&feedback->accusation, &parts); break;
	case FEEDBACK_ADDRESS:
		parts.message.body_case = SKEWLINE__FEEDBACK__BODY_ADDRESS_HOST;
		parts.message.address_host = bytes_of(feedback->address_host);
		break;
	case FEEDBACK_UNEXPLAINED: unexplained_out(&feedback->unexplained, &parts); break;
	case FEEDBACK_CALIBRATION: calibration_out(&feedback->calibration, &parts); break;
	case FEEDBACK_OPEN:
		parts.message.body_case = SKEWLINE__FEEDBACK__BODY_OPEN;
		parts.message.open = clock_out(&feedback->open, &parts.open[0], &parts.open_theta[0]);
		break;
	case FEEDBACK_ISSUER:
		parts.message.body_case = SKEWLINE__FEEDBACK__BODY_ISSUER;
		parts.message.issuer = issuer_out(&feedback->issuer, &parts.issuers[0]);
		break;
	case FEEDBACK_SOURCE: source_out(&feedback->source, &parts); break;
	case FEEDBACK_FLEET: fleet_out(&feedback->fleet, &parts); break;
	case FEEDBACK_PEER: peer_out(&feedback->peer, &parts); break;
	default: return false;
	}
	size_t size = skewline__feedback__get_packed_size(&parts.message);
	buffer_reserve(out, size);
	out->size += skewline__feedback__pack(&parts.message, (uint8_t *)out->data + out->size);
	out->data[out->size] = 0;
	return true;
}

/* ---- unpacking ---- */

static bool stances_in(const Skewline__Stances *in, struct arena *arena, struct feedback *out)
{
	if (in->n_hosts > FEEDBACK_NAMES_MAX)
		return false;
	struct str *hosts = arena_array(arena, in->n_hosts, sizeof *hosts);
	for (size_t i = 0; i < in->n_hosts; i++)
		hosts[i] = str_of_bytes(in->hosts[i], arena);
	out->kind = FEEDBACK_STANCES;
	out->stances = (struct feedback_stances){counts_in(in->counts), interval_in(in->phi), in->n_hosts, hosts};
	return true;
}

static bool accusation_in(const Skewline__Accusation *in, struct arena *arena, struct feedback *out)
{
	if (in->issuer >= ISSUER_COUNT || in->symptom_class >= CLASS_COUNT || in->magnitude < 0)
		return false;
	out->kind = FEEDBACK_ACCUSATION;
	out->accusation = (struct feedback_accusation){.accuser = str_of_bytes(in->accuser, arena), .issuer = (enum issuer)in->issuer,
		.class = (enum symptom_class)in->symptom_class, .accuser_good = in->accuser_good, .theta = interval_in(in->theta),
		.two_branches = in->two_branches, .magnitude_known = in->magnitude_known, .magnitude = {in->magnitude}, .stamped = in->stamped,
		.forwarded = in->forwarded, .reference = {in->reference}, .host_said = {in->host_said}, .rule = str_of_bytes(in->rule, arena),
		.title = str_of_bytes(in->title, arena), .sample = str_of_bytes(in->sample, arena),
		.coordinates = {str_of_bytes(in->topic, arena), in->partition, in->offset}};
	return true;
}

static bool histogram_in(size_t bins_count, const int32_t *bins, size_t counts_count, const uint32_t *counts, struct arena *arena,
	size_t *out_count, const struct calibration_bin_count **out)
{
	if (bins_count != counts_count || bins_count > FEEDBACK_BINS_MAX)
		return false;
	struct calibration_bin_count *rows = arena_array(arena, bins_count, sizeof *rows);
	for (size_t i = 0; i < bins_count; i++)
		rows[i] = (struct calibration_bin_count){bins[i], counts[i]};
	*out_count = bins_count;
	*out = rows;
	return true;
}

static bool calibration_in(const Skewline__Calibration *in, struct arena *arena, struct feedback *out)
{
	struct feedback_calibration body = {.census = {in->standing, in->announcing, in->fresh}};
	if (!histogram_in(in->n_lag_bins, in->lag_bins, in->n_lag_counts, in->lag_counts, arena, &body.lag_count, &body.lag)
		|| !histogram_in(in->n_excess_bins, in->excess_bins, in->n_excess_counts, in->excess_counts, arena, &body.excess_count, &body.excess))
		return false;
	out->kind = FEEDBACK_CALIBRATION;
	out->calibration = body;
	return true;
}

static bool source_in(const Skewline__SourceVerdict *in, struct arena *arena, struct feedback *out)
{
	if (in->cause >= CAUSE_COUNT)
		return false;
	out->kind = FEEDBACK_SOURCE;
	out->source = (struct feedback_source){counts_in(in->counts), in->convicted, {in->since}, interval_in(in->phi),
		str_of_bytes(in->incident, arena), (enum cause)in->cause};
	return true;
}

static struct feedback_open clock_in(const Skewline__OpenClock *in, struct arena *arena)
{
	return (struct feedback_open){str_of_bytes(in->host, arena), in->open, in->first, interval_in(in->theta), {in->since}};
}

static bool issuer_in(const Skewline__AheadIssuer *in, struct feedback_issuer *out)
{
	*out = (struct feedback_issuer){(enum issuer)in->issuer, {in->ahead}, {in->seen}};
	return in->issuer < ISSUER_COUNT && in->ahead >= 0;
}

static bool fleet_in(const Skewline__FleetVerdict *in, struct arena *arena, struct feedback *out)
{
	if (in->n_parts > FEEDBACK_FAULT_PARTS_MAX || in->n_open > FEEDBACK_OPEN_MAX || in->n_issuers > FEEDBACK_ISSUERS_MAX)
		return false;
	struct feedback_fleet body = {.wide_known = in->wide_known, .wide = {in->wide}, .census = {in->standing, in->announcing, in->fresh}, .fault = in->fault,
		.fault_from = {in->fault_from}, .fault_to = {in->fault_to}, .fault_value = {in->fault_value}, .parts_count = in->n_parts,
		.incident = str_of_bytes(in->incident, arena)};
	for (size_t i = 0; i < in->n_parts; i++)
		body.parts[i] = (struct reference_fault_part){{in->parts[i]->from}, {in->parts[i]->to}, {in->parts[i]->value}};
	body.open_count = in->open_count;
	for (size_t i = 0; i < in->n_open; i++)
		body.open[body.open_kept++] = clock_in(in->open[i], arena);
	for (size_t i = 0; i < in->n_issuers; i++)
		if (!issuer_in(in->issuers[i], &body.issuers[body.issuers_count++]))
			return false;
	out->kind = FEEDBACK_FLEET;
	out->fleet = body;
	return true;
}

static bool body_in(const Message *in, struct arena *arena, struct feedback *out)
{
	switch (in->body_case) {
	case SKEWLINE__FEEDBACK__BODY_STANCES: return stances_in(in->stances, arena, out);
	case SKEWLINE__FEEDBACK__BODY_ACCUSATION: return accusation_in(in->accusation, arena, out);
	case SKEWLINE__FEEDBACK__BODY_ADDRESS_HOST:
		out->kind = FEEDBACK_ADDRESS;
		out->address_host = str_of_bytes(in->address_host, arena);
		return true;
	case SKEWLINE__FEEDBACK__BODY_UNEXPLAINED:
		out->kind = FEEDBACK_UNEXPLAINED;
		out->unexplained = (struct feedback_unexplained){str_of_bytes(in->unexplained->host, arena), {in->unexplained->value},
			in->unexplained->unvouched, in->unexplained->moved};
		return true;
	case SKEWLINE__FEEDBACK__BODY_CALIBRATION: return calibration_in(in->calibration, arena, out);
	case SKEWLINE__FEEDBACK__BODY_OPEN:
		out->kind = FEEDBACK_OPEN;
		out->open = clock_in(in->open, arena);
		return true;
	case SKEWLINE__FEEDBACK__BODY_ISSUER:
		out->kind = FEEDBACK_ISSUER;
		return issuer_in(in->issuer, &out->issuer);
	case SKEWLINE__FEEDBACK__BODY_SOURCE: return source_in(in->source, arena, out);
	case SKEWLINE__FEEDBACK__BODY_FLEET: return fleet_in(in->fleet, arena, out);
	case SKEWLINE__FEEDBACK__BODY_PEER:
		out->kind = FEEDBACK_PEER;
		out->peer = (struct feedback_peer){str_of_bytes(in->peer->peer, arena), in->peer->known, in->peer->good, interval_in(in->peer->theta),
			in->peer->good_accusers, str_of_bytes(in->peer->incident, arena)};
		return true;
	default: return false;
	}
}

bool feedback_unpack(struct str bytes, struct arena *arena, struct feedback *out)
{
	ProtobufCAllocator in_arena = messages_in(arena);
	Message *message = skewline__feedback__unpack(&in_arena, bytes.size, (const uint8_t *)bytes.data);
	if (!message)
		return false;
	struct feedback feedback = {.hop = message->hop, .partition = message->partition, .cause = {message->cause}};
	bool good = message->version == FEEDBACK_VERSION && (message->hop == 1 || message->hop == 2) && body_in(message, arena, &feedback);
	if (!good)
		return false;
	feedback.packed = arena_copy(arena, bytes);
	*out = feedback;
	return true;
}

/* ---- bins of x - o ---- */

#define FINE_NS 50000000LL /* 50 ms */
#define FINE_BINS 160      /* up to 8 s on each side */
#define OCTAVE_BINS 32

static int32_t coarse_bin(int64_t magnitude)
{
	int32_t octave = 0;
	int64_t scaled = magnitude / (FINE_NS * FINE_BINS / OCTAVE_BINS); /* 32 at 8 s */
	while (scaled >= 2 * OCTAVE_BINS) {
		scaled /= 2;
		octave++;
	}
	return FINE_BINS + octave * OCTAVE_BINS + (int32_t)(scaled - OCTAVE_BINS);
}

int32_t calibration_bin(struct span value)
{
	int64_t magnitude = span_abs(value).ns;
	int32_t bin = magnitude < FINE_NS * FINE_BINS ? (int32_t)(magnitude / FINE_NS) : coarse_bin(magnitude);
	return value.ns < 0 ? -bin - 1 : bin;
}

struct span calibration_value(int32_t bin)
{
	int32_t at = bin < 0 ? -(bin + 1) : bin;
	int64_t magnitude;
	if (at < FINE_BINS) {
		magnitude = at * FINE_NS + FINE_NS / 2;
	} else {
		int32_t octave = (at - FINE_BINS) / OCTAVE_BINS, step = (at - FINE_BINS) % OCTAVE_BINS;
		int64_t unit = FINE_NS * FINE_BINS / OCTAVE_BINS;
		if (octave > 30)
			octave = 30; /* 8 s * 2^30 = 270 years: the widest that int64 nanoseconds hold */
		magnitude = (int64_t)((uint64_t)(unit * (OCTAVE_BINS + step) + unit / 2) << octave);
		if (magnitude < 0)
			magnitude = INT64_MAX;
	}
	return (struct span){bin < 0 ? -magnitude : magnitude};
}
