/* An incident as it stands -> one revision with its evidence, in the arena of the effects. Also the trust record of a host. */
#include <string.h>

#include "room.h"

static struct interval interval_of(struct range range)
{
	return (struct interval){{range.low}, {range.high}};
}

static struct instant instant_or_none(int64_t at)
{
	return (struct instant){at};
}

void incident_id(struct effects *out, struct str suspect, const struct incident *incident, struct str *out_id)
{
	*out_id = arena_printf(&out->arena, "%.*s-%lld", STR_ARGS(suspect), (long long)instant_unix_s((struct instant){incident->opened}));
}

static struct str copy(struct correlate_partition *p, const struct owned *text)
{
	return arena_copy(&p->out->arena, owned_str(text));
}

/* "topic/3/1234" back into its parts. */
static struct coordinates coordinates_of(struct correlate_partition *p, const struct owned *text)
{
	struct str whole = owned_str(text);
	ptrdiff_t cuts[2] = {-1, -1};
	for (ptrdiff_t i = (ptrdiff_t)whole.size - 1, n = 1; i >= 0 && n >= 0; i--)
		if (whole.data[i] == '/')
			cuts[n--] = i;
	struct coordinates out = {.offset = -1};
	int64_t partition = 0;
	if (cuts[0] < 0)
		return out;
	out.topic = arena_copy(&p->out->arena, str_first(whole, (size_t)cuts[0]));
	str_to_int64(str_from(whole, (size_t)cuts[1] + 1), &out.offset);
	str_to_int64((struct str){whole.data + cuts[0] + 1, (size_t)(cuts[1] - cuts[0] - 1)}, &partition);
	out.partition = (int32_t)partition;
	return out;
}

static void set_allowed(struct evidence *row, const struct allowed *allowed, int64_t point)
{
	struct range part = allowed->part[0];
	if (allowed_holds(allowed, point))
		part = allowed_part(allowed, point);
	else if (allowed->count == 2 && range_distance(allowed->part[1], point) < range_distance(part, point))
		part = allowed->part[1];
	row->interval = interval_of(part);
	row->two_branches = allowed->count == 2;
}

static void say_symptom(struct evidence *row, const struct symptom *symptom)
{
	row->symptom = true;
	row->class = symptom->class;
	row->issuer = symptom->issuer;
	row->shape = symptom->shape;
}

static struct evidence row_of_item(struct correlate_partition *p, const struct host *host, const struct verdict *v, const struct item *item)
{
	struct evidence row = {.reference = INSTANT_NONE, .host_said = INSTANT_NONE, .votes = !item->removed, .agrees = item->agrees, .count = 1};
	if (item->removed)
		row.note = STR("impossible: the host's own stamps were later");
	set_allowed(&row, &item->allowed, v->point);
	switch (item->kind) {
	case ITEM_NTP:
		row.kind = STR("ntp");
		row.reference = (struct instant){v->claim.at};
		row.title = arena_printf(&p->out->arena, "offset %+.6f s against %.*s", (double)v->claim.offset / 1e9, STR_ARGS(name_str(p, host->selected)));
		break;
	case ITEM_TRANSIT:
		row.kind = STR("transit");
		row.reference = (struct instant){v->bound.newest};
		row.title = arena_printf(&p->out->arena, "records stamped up to %+.3f s after they were seen", (double)v->bound.low / 1e9);
		row.interval.high = SPAN_OPEN_HIGH;
		break;
	case ITEM_PEERS:
		row.kind = STR("peers");
		row.count = v->hub_peers;
		row.title = arena_printf(&p->out->arena, "it differs from %u hosts that are proved right%s", v->hub_peers, v->hub_alike ? ", by the same amount" : "");
		break;
	case ITEM_SYMPTOM:
	case ITEM_DAEMON: {
		const struct symptom *symptom = &host->symptoms[item->index];
		bool named = symptom->peer.size && symptom->issuer != ISSUER_CA;
		row.kind = arena_printf(&p->out->arena, "%s:%.*s", item->kind == ITEM_DAEMON && named ? "ntp" : "peer",
			STR_ARGS(named ? owned_str(&symptom->peer) : ISSUER_NAMES[symptom->issuer]));
		row.reference = (struct instant){symptom->last};
		row.host_said = instant_or_none(symptom->host_said);
		row.count = symptom->count;
		say_symptom(&row, symptom);
		row.rule = copy(p, &symptom->rule);
		row.title = copy(p, &symptom->title);
		row.sample = copy(p, &symptom->sample);
		row.coordinates = coordinates_of(p, &symptom->coordinates);
		break;
	}
	case ITEM_ACCUSATION: {
		const struct accusation *accusation = &host->accusations[item->index];
		row.kind = arena_printf(&p->out->arena, "peer:%.*s", STR_ARGS(owned_str(&accusation->accuser)));
		row.accuser = true;
		row.reference = (struct instant){accusation->at};
		row.host_said = instant_or_none(accusation->host_said);
		row.rule = copy(p, &accusation->rule);
		row.title = copy(p, &accusation->title);
		row.sample = copy(p, &accusation->sample);
		row.coordinates = coordinates_of(p, &accusation->coordinates);
		break;
	}
	}
	return row;
}

static bool has_item(const struct verdict *v, int symptom)
{
	for (size_t i = 0; i < v->items_count; i++)
		if ((v->items[i].kind == ITEM_SYMPTOM || v->items[i].kind == ITEM_DAEMON) && v->items[i].index == symptom)
			return true;
	return false;
}

/* Does a symptom without a vote of its own fit the direction? Expiry agrees with ahead (contract). */
static bool weak_agrees(const struct symptom *symptom, const struct verdict *v)
{
	bool expiry = symptom->class == CLASS_CERT_EXPIRED || symptom->class == CLASS_TOKEN_EXPIRED;
	return expiry && v->direction == DIRECTION_AHEAD && symptom->subject != SYMPTOM_PEER;
}

static struct evidence row_of_rest(struct correlate_partition *p, const struct host *host, const struct verdict *v, int index)
{
	const struct symptom *symptom = &host->symptoms[index];
	struct allowed allowed = symptom_allows(p, symptom);
	struct evidence row = {.kind = STR("count"), .reference = {symptom->last}, .host_said = instant_or_none(symptom->host_said),
		.interval = INTERVAL_ANY, .agrees = weak_agrees(symptom, v), .count = symptom->count, .rule = copy(p, &symptom->rule),
		.title = copy(p, &symptom->title), .sample = copy(p, &symptom->sample), .coordinates = coordinates_of(p, &symptom->coordinates)};
	say_symptom(&row, symptom);
	if (allowed.count && symptom->subject != SYMPTOM_PEER) { /* said with the vote of the same clock */
		set_allowed(&row, &allowed, v->point);
		row.agrees = v->agreed && allowed_holds(&allowed, v->point);
	}
	row.note = symptom_refuted(p, symptom, v->now) ? STR("what it dates lies beyond this host's own stamps: its issuer's clock or the credential is at fault")
		: symptom->shape == SHAPE_WEAK ? STR("a consequence, no measure of the clock") : STR("speaks with another row's voice, or of another clock");
	return row;
}

/* Another host's text that named nobody and fits this incident alone: it has no vote. */
static bool meant(const struct accusation *accusation, const struct verdict *v)
{
	struct allowed allowed = accusation_allows(accusation);
	return accusation->good && !accusation->stamped && v->agreed && allowed_holds(&allowed, v->point);
}

static struct evidence row_of_meant(struct correlate_partition *p, const struct accusation *accusation, const struct verdict *v)
{
	struct evidence row = {.kind = arena_printf(&p->out->arena, "peer:%.*s", STR_ARGS(owned_str(&accusation->accuser))), .reference = {accusation->at},
		.host_said = instant_or_none(accusation->host_said), .agrees = meant(accusation, v), .count = 1, .symptom = true, .class = accusation->class,
		.issuer = accusation->issuer, .shape = SHAPE_VALUE, .rule = copy(p, &accusation->rule), .title = copy(p, &accusation->title),
		.sample = copy(p, &accusation->sample), .coordinates = coordinates_of(p, &accusation->coordinates),
		.note = STR("it names nobody, and of all open incidents its number fits this one alone")};
	struct allowed allowed = accusation_allows(accusation);
	set_allowed(&row, &allowed, v->point);
	return row;
}

static void list_evidence(struct correlate_partition *p, const struct host *host, const struct verdict *v, struct incident_revision *out)
{
	struct evidence *rows = arena_array(&p->out->arena, EVIDENCE_MAX, sizeof *rows);
	size_t count = 0;
	for (size_t i = 0; i < v->items_count && count < EVIDENCE_MAX; i++)
		rows[count++] = row_of_item(p, host, v, &v->items[i]);
	if (v->claim.present && !v->claim.votes && count < EVIDENCE_MAX)
		rows[count++] = (struct evidence){.kind = STR("ntp"), .reference = {v->claim.at}, .host_said = INSTANT_NONE,
			.interval = {{v->claim.offset - v->claim.bound}, {v->claim.offset + v->claim.bound}}, .count = 1,
			.note = !v->claim.unconvicted ? STR("its sources are convicted") : v->claim.superseded ? STR("newer stamps exceed it") : STR("it contradicts the host's own stamps")};
	if (host->jump_at != NONE && v->now - host->jump_at <= K(SYMPTOM_AGE) && count < EVIDENCE_MAX)
		rows[count++] = (struct evidence){.kind = STR("jump"), .reference = {host->jump_at}, .host_said = INSTANT_NONE, .interval = INTERVAL_ANY,
			.count = 1, .agrees = true, .note = host->set_time_at == host->jump_at ? STR("the clock was set") : STR("the clock jumped")};
	for (int i = 0; i < host->accusations_count && count < EVIDENCE_MAX; i++)
		if (host->accusations[i].good && !host->accusations[i].stamped)
			rows[count++] = row_of_meant(p, &host->accusations[i], v);
	for (int i = 0; i < host->symptoms_count && count < EVIDENCE_MAX; i++)
		if (!has_item(v, i))
			rows[count++] = row_of_rest(p, host, v, i);
	out->evidence = rows;
	out->evidence_count = count;
}

/* The mission's join: a text agrees with the offset, and telemetry or a proof of its own measures it. */
bool is_correlated(const struct host *host, const struct verdict *v)
{
	bool agrees = false;
	if (host->incident.kind != INCIDENT_CLOCK || v->direction == DIRECTION_UNKNOWN || !(v->ntp_agrees || v->ahead_proved || v->behind_proved))
		return false;
	for (int i = 0; i < host->symptoms_count; i++)
		agrees = agrees || (host->symptoms[i].shape == SHAPE_WEAK && weak_agrees(&host->symptoms[i], v));
	for (int i = 0; i < host->accusations_count; i++)
		agrees = agrees || meant(&host->accusations[i], v);
	for (size_t i = 0; i < v->items_count; i++)
		agrees = agrees || (v->items[i].agrees && (v->items[i].kind == ITEM_SYMPTOM || v->items[i].kind == ITEM_ACCUSATION || v->items[i].kind == ITEM_PEERS));
	return agrees;
}

static void count_symptoms(const struct host *host, struct incident_revision *out)
{
	for (int i = 0; i < host->symptoms_count; i++) {
		const struct symptom *symptom = &host->symptoms[i];
		if (symptom->shape == SHAPE_WEAK)
			out->weak_symptoms += symptom->count;
		else if (symptom->shape == SHAPE_CAUSAL)
			out->causal_symptoms += symptom->count;
		else if (symptom->issuer != ISSUER_DAEMON)
			out->symmetric_symptoms += symptom->count;
	}
}

/* By how much the clock gains or loses: by telemetry; where there is none by how the delivery bound has moved since the incident began, which
 * the delay may blur by its whole width. */
static bool rate_of(const struct host *host, const struct verdict *v, struct rate *out)
{
	const struct incident *incident = &host->incident;
	if (incident->cause == CAUSE_DRIFT)
		return drift_of(host, out);
	if (v->claim.present || incident->low_at == NONE || !v->bound.known)
		return false;
	double blur = (double)(v->wide + v->bound.spread) / 1e9;
	struct point points[] = {{0, (double)incident->low / 1e9, (double)incident->low / 1e9 + blur},
		{(double)(v->now - incident->low_at) / 1e9, (double)v->bound.low / 1e9, (double)v->bound.low / 1e9 + blur}};
	return rate_fit(points, 2, out) && (out->low > 0 || out->high < 0);
}

static void foretell(const struct correlate_partition *p, const struct host *host, const struct verdict *v, struct incident_revision *out)
{
	struct rate rate;
	struct thresholds thresholds = thresholds_of(p, host);
	const int64_t limits[] = {thresholds.warning.ns, thresholds.critical.ns, K(TOKEN_LEEWAY), K(KERBEROS)};
	if (!rate_of(host, v, &rate))
		return;
	out->drift_ppm = rate.estimate * 1e6;
	if (v->range.low == OPEN_LOW || v->range.high == OPEN_HIGH)
		return;
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		int64_t from = i < 2 ? v->expected : 0; /* the operator's limits count from where the clock is meant to be */
		double low = (double)(v->range.low - from) / 1e9, high = (double)(v->range.high - from) / 1e9, earliest, latest;
		if (!rate_reaches(&rate, low, high, (double)limits[i] / 1e9, &earliest, &latest))
			continue;
		if (out->forecast.limit.ns && earliest >= span_seconds(out->forecast.earliest))
			continue; /* another comes first */
		out->forecast = (struct forecast){{limits[i]}, span_of_seconds(earliest), latest < 0 ? SPAN_OPEN_HIGH : span_of_seconds(latest)};
	}
}

static enum telemetry telemetry_of(const struct host *host)
{
	const struct sample *last = sample_last(host);
	if (!last)
		return TELEMETRY_NONE;
	if (last->state == SAMPLE_LOCAL)
		return host->selected ? TELEMETRY_ORPHAN : TELEMETRY_OWN_CLOCK;
	if (last->state == SAMPLE_UNSYNCHRONISED)
		return host->synchronised_once ? TELEMETRY_LOST_SYNC : TELEMETRY_NEVER_SYNC;
	return TELEMETRY_ORDINARY;
}

static void describe_clock(struct correlate_partition *p, const struct host *host, const struct verdict *v, struct incident_revision *out)
{
	const struct incident *incident = &host->incident;
	struct thresholds limits = thresholds_of(p, host);
	bool silent = incident->state == STATE_UNKNOWN;
	struct range range = silent ? incident->latest : v->range;
	out->offset_known = silent ? incident->worst_known : v->agreed && !v->tie;
	out->now = out->offset_known ? interval_of(range) : INTERVAL_ANY;
	out->worst = incident->worst_known ? interval_of(incident->worst) : INTERVAL_ANY;
	out->limit = incident->severity == SEVERITY_CRITICAL && v->distance > limits.critical.ns ? limits.critical : limits.warning;
	if (out->offset_known && range.low != OPEN_LOW && range.high != OPEN_HIGH) {
		int64_t middle = range.low + (range.high - range.low) / 2;
		out->estimate_known = true;
		out->estimate.ns = v->ntp_agrees && range_holds(range, v->claim.offset) ? v->claim.offset : middle;
	}
	out->step.ns = incident->step;
	out->lags = v->bound.known && v->bound.low < -K(LAG_MIN);
	out->expected.ns = v->expected;
	foretell(p, host, v, out);
}

static struct str source_for(struct correlate_partition *p, const struct host *host)
{
	int32_t shared = shared_source_of(p, host);
	if (shared != NO_SOURCE)
		return copy(p, &source_at(p, shared)->name);
	for (int i = 0; i < host->sources_count; i++)
		if (host->sources[i].state == '*')
			return copy(p, &source_at(p, host->sources[i].source)->name);
	return arena_copy(&p->out->arena, name_str(p, host->selected));
}

void revision_emit(struct correlate_partition *p, struct host *host, const struct verdict *v, enum incident_action action, struct str inhibited_by)
{
	const struct incident *incident = &host->incident;
	int64_t now = v->now;
	struct incident_revision *out = arena_zalloc(&p->out->arena, sizeof *out);
	struct str *affected = arena_zalloc(&p->out->arena, sizeof *affected);
	*affected = arena_copy(&p->out->arena, host_shown(host));
	incident_id(p->out, host_shown(host), incident, &out->id);
	out->revision = incident->revision;
	out->kind = incident->kind;
	out->state = incident->state;
	out->action = action;
	out->severity = incident->severity;
	out->cause = incident->cause;
	out->confidence = v->proof == PROOF_PROVED ? CONFIDENCE_HIGH : v->proof == PROOF_CORROBORATED ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	out->suspect = *affected;
	out->at = (struct instant){now};
	out->opened = (struct instant){incident->opened};
	out->resolved = incident->state == STATE_RESOLVED ? (struct instant){incident->resolved} : INSTANT_NONE;
	struct range shown = incident->state == STATE_UNKNOWN ? incident->latest : v->range;
	bool sided = incident->state == STATE_RESOLVED || (incident->direction == DIRECTION_AHEAD ? shown.low > 0 : shown.high < 0);
	out->direction = incident->kind == INCIDENT_CLOCK && !v->tie && sided ? incident->direction : DIRECTION_UNKNOWN;
	out->reference_kind = host->reference_kind;
	out->affected = affected;
	out->affected_count = out->affected_total = 1;
	out->inhibited_by = arena_copy(&p->out->arena, inhibited_by);
	out->ruleset = host->ruleset;
	out->now = out->worst = INTERVAL_ANY;
	out->source = source_for(p, host);
	const struct sample *last = sample_last(host);
	out->sources_usable = last ? last->usable : -1;
	out->limit = thresholds_of(p, host).warning;
	out->telemetry = telemetry_of(host);
	out->stratum = host->stratum;
	out->ntp_agrees = v->ntp_agrees;
	out->ntp_stands = v->claim.stands;
	out->ntp_offset.ns = v->claim.offset;
	out->ntp_bound.ns = v->claim.bound;
	if (incident->kind == INCIDENT_CLOCK)
		describe_clock(p, host, v, out);
	out->correlated = incident->correlated;
	count_symptoms(host, out);
	list_evidence(p, host, v, out);
	effect_add(p, EFFECT_ALERT)->alert = out;
	trace_say(p, host, now, "incident %.*s revision %u: %s, %s, cause %s", STR_ARGS(out->id), out->revision, incident_action_name(action),
		severity_name(out->severity), cause_name(out->cause));
}

/* ---- trust: how far this host's stamps can be believed, told on change ---- */
static void tell_trust(struct correlate_partition *p, const struct host *host, int state, int64_t from, int64_t to, bool known, struct range range, bool wrong)
{
	struct trust_record *out = arena_zalloc(&p->out->arena, sizeof *out);
	*out = (struct trust_record){.host = arena_copy(&p->out->arena, host_shown(host)), .from = {from}, .to = instant_or_none(to), .interval_known = known,
		.interval = interval_of(range), .state = state};
	if (wrong)
		incident_id(p->out, host_shown(host), &host->incident, &out->incident);
	effect_add(p, EFFECT_TRUST)->trust = out;
}

/* Bad since it was last proved good, not since that was noticed; good since what acquits began. The record that ends is told once more, closed. */
void trust_emit(struct correlate_partition *p, struct host *host, const struct verdict *v, int64_t now)
{
	const struct incident *incident = &host->incident;
	bool clock = incident->kind == INCIDENT_CLOCK, wrong = clock && incident->active, closed = clock && !incident->active && incident->resolved == now;
	int state = wrong && incident->state == STATE_OPEN ? TRUST_BAD : !wrong && v->good ? TRUST_GOOD : TRUST_UNKNOWN, was = host->trust - 1;
	bool between = state == TRUST_UNKNOWN && was == TRUST_GOOD && v->claim.stands; /* two proofs of good */
	if (state != was && !between && (was >= 0 || state != TRUST_UNKNOWN)) {
		int64_t from = state == TRUST_BAD ? (host->good_at != NONE ? host->good_at : host->first) : closed ? now - K(CALM) : now;
		if (from < host->trust_from)
			from = host->trust_from;
		if (was >= 0)
			tell_trust(p, host, was, host->trust_from, from, host->trust_known, host->trust_range, was == TRUST_BAD);
		host->trust = (uint8_t)(state + 1);
		host->trust_from = from;
		host->trust_known = v->agreed && !v->tie;
		host->trust_range = v->range;
		tell_trust(p, host, state, from, NONE, host->trust_known, v->range, state != TRUST_GOOD && wrong);
	}
	if (host->trust == TRUST_BAD + 1 && wrong) { /* the interval that it closes with is the widest that was agreed on */
		host->trust_known = incident->worst_known;
		host->trust_range = incident->worst;
	}
	if (v->good && !wrong)
		host->good_at = now;
}
