/* Evidence of one host -> the offset that most of it allows, and how well that is proved (verdict.md 2 and 3). */
#include <string.h>

#include "room.h"

/* ---- the operator's data ---- */
bool glob_matches(struct str pattern, struct str text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, mark = 0;
	while (t < text.size) {
		if (p < pattern.size && pattern.data[p] == '*') {
			star = p++;
			mark = t;
		} else if (p < pattern.size && (pattern.data[p] == '?' || ascii_lower(pattern.data[p]) == ascii_lower(text.data[t]))) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.size && pattern.data[p] == '*')
		p++;
	return p == pattern.size;
}

struct thresholds thresholds_of(const struct correlate_partition *p, const struct host *host)
{
	const struct correlate_settings *settings = p->settings;
	for (size_t i = 0; i < settings->overrides_count; i++)
		if (host_called(host, settings->overrides[i].match))
			return settings->overrides[i].thresholds;
	return settings->thresholds;
}

const struct expected_offset *expected_of(const struct correlate_partition *p, const struct host *host, int64_t now)
{
	for (size_t i = 0; i < p->settings->expected_count; i++) {
		const struct expected_offset *expected = &p->settings->expected[i];
		if (host_called(host, expected->host) && (!instant_known(expected->until) || now < expected->until.ns))
			return expected;
	}
	return NULL;
}

static bool lasts(const struct silence *silence, int64_t now)
{
	return !instant_known(silence->until) || now < silence->until.ns;
}

bool silenced(const struct correlate_partition *p, struct str name, int64_t now)
{
	for (size_t i = 0; i < p->settings->silences_count; i++)
		if (lasts(&p->settings->silences[i], now) && glob_matches(p->settings->silences[i].host, name))
			return true;
	return false;
}

bool host_silenced(const struct correlate_partition *p, const struct host *host, int64_t now)
{
	for (size_t i = 0; i < p->settings->silences_count; i++)
		if (lasts(&p->settings->silences[i], now) && host_called(host, p->settings->silences[i].host))
			return true;
	return false;
}

/* Was the reference itself at fault at that time? Its values stay void afterwards. */
bool refers_to_fault(const struct correlate_partition *p, int64_t at)
{
	const struct fleet_knowledge *known = &p->knowledge;
	return known->fault_from != NONE && at >= known->fault_from && (known->fault || known->fault_to == NONE || at <= known->fault_to);
}

/* ---- the claim ---- */
static void weigh_claim(struct correlate_partition *p, const struct host *host, struct verdict *v)
{
	const struct sample *sample = sample_claim(host);
	if (!sample || v->now - sample->at > v->patience)
		return;
	bool steady;
	int64_t rate = sample_slew_ppb(host, &steady);
	if (rate < 0)
		rate = RATE_PPM * 1000;
	else if (!steady && rate > RATE_PPM * 1000)
		rate = RATE_PPM * 1000;
	int64_t taken = sample_taken(sample), age = v->now > taken ? v->now - taken : 0;
	double widened = (double)rate * 1e-9 * (double)(age + v->wide);
	bool unconvicted = !host->false_sync && !sources_convicted(p, host);
	v->claim = (struct claim){.present = true, .unconvicted = unconvicted, .stands = unconvicted && !sample->unshown, .at = sample->at,
		.offset = sample->offset, .bound = sample->bound + (int64_t)widened};
}

static void weigh_bound(struct correlate_partition *p, struct host *host, struct verdict *v)
{
	int64_t limit = thresholds_of(p, host).warning.ns, upper = v->claim.offset + v->claim.bound;
	int64_t consequence = v->claim.stands && upper + K(GAP) > limit ? upper + K(GAP) : limit;
	v->bound = transit_bound(p, host, v->now, consequence, NONE, NONE);
	if (!v->claim.present || !v->claim.unconvicted)
		return;
	const struct sample *sample = sample_claim(host);
	v->claim.stands = !sample_unshown_now(p, host, v->claim.bound, &v->bound);
	if (!v->claim.stands)
		return;
	v->claim.superseded = v->bound.known && v->bound.low > upper + K(GAP);
	v->claim.votes = !v->claim.superseded && (!sample->contradicts || sample_settled(p, sample, v->now));
	int64_t low = v->claim.offset - v->claim.bound, beyond = v->bound.low - low;
	bool finer = sample->bound > K(GAP) && v->bound.low <= sample->offset + sample->bound;
	if (!v->claim.votes || !v->bound.known || beyond <= 0 || finer)
		return;
	v->bound.low = low; /* stamps are not the better clock: what they say beyond what it measured is no bound, nor is what they say to less than a second */
	v->bound.spread += beyond;
}

/* ---- the other clocks ---- */
static struct allowed both(const struct allowed *a, const struct allowed *b)
{
	struct allowed out = {0};
	for (int i = 0; i < a->count; i++)
		for (int k = 0; k < b->count && out.count < 2; k++) {
			struct range part = range_cut(a->part[i], b->part[k]);
			if (!range_empty(part))
				out.part[out.count++] = part;
		}
	return out;
}

/* One clock speaks once: a named one that stamps by its name, in whatever role it is met; any other by its kind. */
static bool same_clock(const struct symptom *a, const struct symptom *b)
{
	if (a->peer.size && peer_stamps(a->issuer) && peer_stamps(b->issuer))
		return str_equal(owned_str(&a->peer), owned_str(&b->peer));
	return a->issuer == b->issuer && (a->issuer == ISSUER_CA || str_equal(owned_str(&a->peer), owned_str(&b->peer)));
}

bool symptom_refuted(const struct correlate_partition *p, const struct symptom *symptom, int64_t now)
{
	return symptom_is_causal_behind(symptom) && symptom->highest != NONE && symptom->highest > K(CAUSAL_SLACK)
		&& symptom->highest_at >= now - K(SYMPTOM_AGE);
}

static bool widely_accused(const struct correlate_partition *p, const struct symptom *symptom)
{
	const struct peer_knowledge *peer = symptom->peer.size ? peer_find(p, owned_str(&symptom->peer)) : NULL;
	return peer && peer->good_accusers >= 2;
}

/* What a time daemon says without naming a server, or of one that the telemetry rests on, is the telemetry's own witness again; a convicted
 * server is none. */
static bool speaks_for_itself(const struct correlate_partition *p, const struct host *host, const struct symptom *symptom)
{
	int32_t server = symptom->peer.size ? source_find(p, owned_str(&symptom->peer)) : NO_SOURCE;
	if (server != NO_SOURCE && source_at(p, server)->convicted)
		return false;
	bool followed = server == NO_SOURCE ? !symptom->peer.size : str_equal(owned_str(&symptom->peer), name_str(p, host->selected));
	for (int i = 0; i < host->sources_count && server != NO_SOURCE; i++)
		followed = followed || (host->sources[i].source == server && host_source_used(&host->sources[i]));
	return !followed || !host->telemetry_seen;
}

/* A right peer that this host complains of. */
static bool right_peer(const struct correlate_partition *p, const struct symptom *symptom, int64_t now)
{
	const struct peer_knowledge *peer = symptom->peer.size && peer_stamps(symptom->issuer) ? peer_find(p, owned_str(&symptom->peer)) : NULL;
	return peer && peer->good && peer->at != NONE && peer->at >= now - K(SYMPTOM_AGE);
}

/* An ahead clock always shows in its own stamps: what lies further ahead than they allow is void. */
static struct allowed shown_by_stamps(const struct verdict *v, struct allowed allowed)
{
	struct allowed out = {0};
	for (int i = 0; i < allowed.count; i++)
		if (allowed.part[i].low <= 0 || !v->bound.known || ns_add(v->bound.low, v->wide + spread_shown(&v->bound)) >= allowed.part[i].low)
			out.part[out.count++] = allowed.part[i];
	return out;
}

/* The hub (3.3): who differs from several right peers is the suspect. Their words are one vote. */
static void add_hub(struct correlate_partition *p, const struct host *host, struct verdict *v)
{
	struct allowed joint = allowed_range(OPEN_LOW, OPEN_HIGH);
	int64_t least = INT64_MAX, most = NONE, slack = thresholds_of(p, host).warning.ns;
	unsigned peers = 0;
	for (int i = 0; i < host->symptoms_count; i++) {
		const struct symptom *symptom = &host->symptoms[i];
		struct allowed allowed = symptom_allows(p, symptom);
		if (!allowed.count || !right_peer(p, symptom, v->now))
			continue;
		bool again = false;
		for (int k = 0; k < i; k++)
			again = again || (right_peer(p, &host->symptoms[k], v->now) && str_equal(owned_str(&host->symptoms[k].peer), owned_str(&symptom->peer)));
		peers += !again;
		for (int k = 0; k < allowed.count; k++) { /* the peer is right within the limit */
			allowed.part[k].low = ns_add(allowed.part[k].low, -slack);
			allowed.part[k].high = ns_add(allowed.part[k].high, slack);
		}
		joint = both(&joint, &allowed);
		least = symptom->magnitude < least ? symptom->magnitude : least; /* NONE is the least of all */
		most = symptom->magnitude > most ? symptom->magnitude : most;
	}
	joint = shown_by_stamps(v, joint);
	if (peers < HUB_MIN || !joint.count)
		return;
	v->hub_peers = peers;
	v->hub_alike = least != NONE && most - least <= K(CAUSAL_SLACK) + most / 1000;
	v->items[v->items_count++] = (struct item){.kind = ITEM_PEERS, .allowed = joint};
}

static void add_symptom(struct correlate_partition *p, const struct host *host, int index, struct verdict *v)
{
	const struct symptom *symptom = &host->symptoms[index];
	bool daemon = symptom->issuer == ISSUER_DAEMON;
	if (symptom->subject == SYMPTOM_PEER || widely_accused(p, symptom) || (daemon && !speaks_for_itself(p, host, symptom)))
		return;
	if (symptom_refuted(p, symptom, v->now) || (v->hub_peers && right_peer(p, symptom, v->now)))
		return;
	struct allowed allowed = symptom_allows(p, symptom);
	if (allowed.count == 2)
		allowed = shown_by_stamps(v, allowed);
	if (!allowed.count)
		return;
	for (size_t i = 0; i < v->items_count; i++) {
		struct item *item = &v->items[i];
		if ((item->kind != ITEM_SYMPTOM && item->kind != ITEM_DAEMON) || !same_clock(&host->symptoms[item->index], symptom))
			continue;
		struct allowed joint = both(&item->allowed, &allowed);
		item->causal = item->causal || symptom_is_causal_behind(symptom);
		item->unmeasured = item->unmeasured && symptom->magnitude == NONE;
		item->allowed = joint.count ? joint : symptom->last >= host->symptoms[item->index].last ? allowed : item->allowed;
		return;
	}
	v->items[v->items_count++] = (struct item){.kind = daemon ? ITEM_DAEMON : ITEM_SYMPTOM, .index = index, .allowed = allowed,
		.causal = symptom_is_causal_behind(symptom), .unmeasured = symptom->magnitude == NONE};
}

static void add_accusation(const struct host *host, int index, struct verdict *v)
{
	const struct accusation *accusation = &host->accusations[index];
	if (!accusation->good || !accusation->stamped)
		return;
	struct allowed allowed = shown_by_stamps(v, accusation_allows(accusation));
	if (allowed.count)
		v->items[v->items_count++] = (struct item){.kind = ITEM_ACCUSATION, .index = index, .allowed = allowed};
}

/* How far ahead a clock may be whose records take the usual time; the bound was lowered by the grain of their stamps. */
static int64_t soft_upper(const struct verdict *v)
{
	return v->bound.low + v->bound.grain + v->wide + v->bound.spread;
}

static void gather(struct correlate_partition *p, const struct host *host, struct verdict *v)
{
	if (v->claim.votes)
		v->items[v->items_count++] = (struct item){.kind = ITEM_NTP,
			.allowed = allowed_range(v->claim.offset - v->claim.bound, v->claim.offset + v->claim.bound)};
	if (v->bound.known)
		v->items[v->items_count++] = (struct item){.kind = ITEM_TRANSIT,
			.allowed = allowed_range(v->bound.low, soft_upper(v))};
	add_hub(p, host, v);
	for (int i = 0; i < host->symptoms_count; i++)
		add_symptom(p, host, i, v);
	for (int i = 0; i < host->accusations_count; i++)
		add_accusation(host, i, v);
	for (size_t i = 0; v->bound.known && i < v->items_count; i++) {
		struct item *item = &v->items[i];
		int64_t floor = item->kind == ITEM_NTP ? v->bound.low - K(GAP) : v->bound.low;
		item->removed = item->allowed.part[item->allowed.count - 1].high < floor;
	}
}

/* ---- agreement ---- */
static bool agree(struct verdict *v, const struct range *inside)
{
	struct allowed voters[ITEMS_MAX];
	size_t count = 0;
	int preferred = -1;
	for (size_t i = 0; i < v->items_count; i++) {
		if (v->items[i].removed)
			continue;
		struct allowed allowed = inside ? allowed_cut(v->items[i].allowed, *inside) : v->items[i].allowed;
		if (!allowed.count)
			continue;
		if (v->items[i].kind == ITEM_NTP)
			preferred = (int)count;
		voters[count++] = allowed;
	}
	int64_t floor = v->bound.known ? v->bound.low : OPEN_LOW;
	if (inside && floor > inside->high)
		floor = inside->high;
	if (!agree_point(voters, count, preferred, floor, &v->point, &v->tie))
		return false;
	struct range range = {floor, OPEN_HIGH};
	if (inside)
		range = range_cut(range, *inside);
	v->classes = 0;
	v->ntp_agrees = false;
	for (size_t i = 0; i < v->items_count; i++) {
		struct item *item = &v->items[i];
		item->agrees = !item->removed && allowed_holds(&item->allowed, v->point);
		if (!item->agrees)
			continue;
		struct range part = allowed_part(&item->allowed, v->point);
		if (item->unmeasured && v->claim.votes && part.high < 0)
			part.high = 0; /* beside telemetry a text without a number measures nothing */
		range = range_cut(range, part);
		v->classes++;
		v->ntp_agrees = v->ntp_agrees || item->kind == ITEM_NTP;
	}
	v->range = range;
	return true;
}

static int64_t apart(const struct verdict *v)
{
	return range_distance(v->range, v->expected);
}

/* Proof of "ahead" by delivery alone (2.1). */
static bool proves_ahead(struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	const struct bound *bound = &v->bound;
	if (!bound->known || bound->low <= thresholds_of(p, host).warning.ns)
		return false;
	if (bound->streams >= 2)
		return true;
	int64_t reach = bound->low + v->wide + spread_shown(bound);
	if (v->claim.votes && v->claim.offset + v->claim.bound >= bound->low && v->claim.offset - v->claim.bound <= reach)
		return true;
	int64_t quarter = 900 * S_NS, from = bound->low - S_NS / 2, to = bound->low + bound->grain + v->wide + 2 * S_NS;
	bool zone = to >= quarter && to / quarter * quarter >= from;
	return bound->streams == 1 && !bound->disputed && bound->newest - bound->first >= K(PROOF) && !zone;
}

/* Its number fits the lag: by the usual delay, but to a tenth, or any number would fit a small lag. */
static bool fits(const struct correlate_partition *p, const struct symptom *symptom, const struct verdict *v)
{
	int64_t delay = -v->bound.low / 10 < v->wide ? -v->bound.low / 10 : v->wide;
	return symptom->fitting != NONE && symptom->fitting_at >= v->now - K(SYMPTOM_AGE) && symptom->fitting >= -delay - K(CAUSAL_SLACK);
}

/* A named time server says that this clock is behind by just what its records lag. */
static bool server_fits(const struct correlate_partition *p, const struct host *host, const struct verdict *v, const struct item *item)
{
	const struct symptom *symptom = &host->symptoms[item->index];
	struct range lag = {v->bound.low, v->bound.low + v->wide + v->bound.spread};
	return symptom->peer.size && !item->removed && item->allowed.part[0].high < -K(LAG_MIN) && fits(p, symptom, v)
		&& !range_empty(range_cut(lag, item->allowed.part[0]));
}

/* Its lag is the one that it had while its telemetry called it right, and other clients of its sources, which are prompt, still show that they are. */
static bool as_late_as_ever(const struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	return v->claim.votes && host->lag != NONE && v->bound.low >= v->claim.offset - v->claim.bound - host->lag - K(GAP)
		&& sources_vouched(p, host, INT64_MAX, v->now);
}

/* What speaks for "behind" beside the lag. */
struct causes_of_lag {
	unsigned issuers, fitting, servers;
	int64_t heard[ISSUERS_MIN]; /* when the first issuers spoke first, ascending */
	int64_t fitted;        /* when the first of those whose number fits did */
	struct range range;
};

static void hear_issuer(const struct correlate_partition *p, const struct host *host, const struct verdict *v, const struct item *item, struct causes_of_lag *out)
{
	int64_t first = INT64_MAX;
	out->issuers++;
	struct range cut = range_cut(out->range, item->allowed.part[0]);
	if (!range_empty(cut))
		out->range = cut;
	for (int k = 0; k < host->symptoms_count; k++) {
		const struct symptom *symptom = &host->symptoms[k];
		if (!same_clock(symptom, &host->symptoms[item->index]) || !symptom_is_causal_behind(symptom))
			continue;
		first = symptom->first < first ? symptom->first : first;
		if (!fits(p, symptom, v))
			continue;
		out->fitting++;
		out->fitted = symptom->first < out->fitted ? symptom->first : out->fitted;
	}
	for (int k = 0; k < ISSUERS_MIN; k++)
		if (first < out->heard[k]) {
			int64_t other = out->heard[k];
			out->heard[k] = first;
			first = other;
		}
}

static struct causes_of_lag hear(const struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	struct causes_of_lag out = {.heard = {INT64_MAX, INT64_MAX}, .fitted = INT64_MAX, .range = {v->bound.low, soft_upper(v)}};
	for (size_t i = 0; i < v->items_count; i++) {
		const struct item *item = &v->items[i];
		if (item->kind == ITEM_DAEMON && server_fits(p, host, v, item)) {
			out.servers++;
			out.range = range_cut(out.range, item->allowed.part[0]);
		}
		if (item->kind != ITEM_SYMPTOM || !item->causal || item->removed)
			continue;
		const struct symptom *symptom = &host->symptoms[item->index];
		int64_t high = item->allowed.part[0].high;
		if (high > 0 || (high == 0 && symptom->magnitude != NONE))
			continue; /* it would be said of two right clocks */
		if (v->claim.votes && high >= v->claim.offset + sample_claim(host)->bound)
			continue; /* telemetry says the same itself: this does not outvote it */
		if (!issuer_ahead(p, symptom, -v->bound.low)) /* right hosts have not met it too */
			hear_issuer(p, host, v, item, &out);
	}
	return out;
}

/* Behind by a lag together with causality (3.1) or with the daemon's own step back (2.3); narrows `range` to what they allow. */
static bool proves_behind(struct correlate_partition *p, const struct host *host, struct verdict *v, struct range *range)
{
	v->hearsay_since = NONE;
	if (!v->bound.known || v->bound.low >= -K(LAG_MIN) || (v->claim.stands && v->claim.offset + v->claim.bound < -thresholds_of(p, host).warning.ns))
		return false; /* no lag, or telemetry says itself that the clock is behind, and by how much */
	if (v->claim.stands && (sample_risen_since(p, host, v->bound.newest) || sample_in_time(p, sample_claim(host))))
		return false;
	if (as_late_as_ever(p, host, v))
		return false;
	struct causes_of_lag why = hear(p, host, v);
	bool moved = host->moved_behind_at != NONE && v->now - host->moved_behind_at <= K(SYMPTOM_AGE) && !v->claim.votes;
	if (why.issuers < ISSUERS_MIN && !why.fitting && !why.servers && !moved)
		return false;
	if (!why.servers && !moved) /* by issuers alone */
		v->hearsay_since = why.fitted < why.heard[ISSUERS_MIN - 1] ? why.fitted : why.heard[ISSUERS_MIN - 1];
	*range = why.range;
	return range_distance(why.range, 0) > 0;
}

/* 4d: two right hosts agree, or one whose number fits this host's own lag; or it is a hub that differs from all alike. */
static bool is_accused(const struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	unsigned count = 0;
	bool fitting = false, hub = false;
	for (size_t i = 0; i < v->items_count; i++) {
		const struct item *item = &v->items[i];
		if (!item->agrees)
			continue;
		hub = hub || (item->kind == ITEM_PEERS && v->hub_alike);
		if (item->kind != ITEM_ACCUSATION)
			continue;
		count++;
		int64_t magnitude = host->accusations[item->index].magnitude, e = magnitude == NONE ? NONE : ns_add(magnitude, v->bound.low);
		fitting = fitting || (e != NONE && v->bound.known && v->bound.low < -K(LAG_MIN) && e <= K(CAUSAL_SLACK) && e >= -v->wide - K(CAUSAL_SLACK));
	}
	return v->distance > 0 && (count >= 2 || fitting || hub);
}

static void judge_proof(struct correlate_partition *p, const struct host *host, struct verdict *v)
{
	v->distance = apart(v);
	v->direction = v->distance == 0 ? DIRECTION_UNKNOWN : v->range.low > v->expected ? DIRECTION_AHEAD : DIRECTION_BEHIND;
	bool doubtful = v->tie && v->range.low > 0;
	for (size_t i = 0; doubtful && i < v->items_count; i++) /* both branches are equally good */
		if (v->items[i].agrees && v->items[i].allowed.count < 2)
			doubtful = false;
	if (doubtful)
		v->direction = DIRECTION_UNKNOWN;
	else
		v->tie = false;
	v->accused = is_accused(p, host, v);
	if (v->direction == DIRECTION_AHEAD && v->ahead_proved)
		v->proof = PROOF_PROVED;
	else if ((v->ntp_agrees && v->classes >= 2) || (v->behind_proved && v->direction == DIRECTION_BEHIND) || v->accused)
		v->proof = PROOF_CORROBORATED;
	else
		v->proof = v->ntp_agrees ? PROOF_CLAIMED : PROOF_NONE;
	int64_t limit = thresholds_of(p, host).warning.ns;
	v->good = v->proof >= PROOF_CORROBORATED && v->range.low != OPEN_LOW && v->range.low >= v->expected - limit && v->range.high <= v->expected + limit;
}

static void look_at_symptoms(struct correlate_partition *p, const struct host *host, struct verdict *v)
{
	v->last_blocking = NONE;
	for (int i = 0; i < host->symptoms_count; i++) {
		const struct symptom *symptom = &host->symptoms[i];
		if (symptom->shape == SHAPE_WEAK || symptom->issuer == ISSUER_DAEMON || symptom->subject == SYMPTOM_PEER || widely_accused(p, symptom))
			continue;
		v->causal_or_symmetric = v->causal_or_symmetric || symptom->shape == SHAPE_CAUSAL || symptom->shape == SHAPE_SYMMETRIC;
		if (symptom->last > v->last_blocking)
			v->last_blocking = symptom->last;
	}
}

void verdict_weigh(struct correlate_partition *p, struct host *host, int64_t now, struct verdict *out)
{
	struct verdict *v = out;
	memset(v, 0, offsetof(struct verdict, items));
	v->now = now;
	v->wide = wide_of(p);
	v->patience = sample_patience(p, host);
	const struct expected_offset *expected = expected_of(p, host, now);
	v->expected = expected ? expected->offset.ns : 0;
	weigh_claim(p, host, v);
	weigh_bound(p, host, v);
	gather(p, host, v);
	look_at_symptoms(p, host, v);
	v->ahead_proved = proves_ahead(p, host, v);
	struct range behind;
	v->behind_proved = proves_behind(p, host, v, &behind);
	v->agreed = agree(v, NULL);
	if (!v->agreed)
		return;
	struct range ntp = {v->claim.offset - v->claim.bound, v->claim.offset + v->claim.bound};
	bool proof = (v->ahead_proved && v->range.low > 0) || v->behind_proved;
	if (v->claim.votes && !v->ntp_agrees && !proof)
		v->agreed = agree(v, &ntp) || agree(v, NULL);
	else if (v->behind_proved && (!v->ntp_agrees || v->range.low > behind.high)) {
		v->ntp_agrees = false;
		v->range = behind;
		v->point = behind.high;
		for (size_t i = 0; i < v->items_count; i++)
			v->items[i].agrees = !v->items[i].removed && allowed_holds(&v->items[i].allowed, v->point);
	}
	if (range_empty(v->range))
		v->range = (struct range){v->point, v->point};
	judge_proof(p, host, v);
}
