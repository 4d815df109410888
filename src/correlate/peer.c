/* Peers: whom a text names, and what a host that is proved right says of another's clock (verdict.md 3.3). */
#include <stdlib.h>
#include <string.h>

#include "room.h"

static struct str cut_port(struct str name)
{
	if (name.size && name.data[0] == '[') {
		ptrdiff_t end = str_find_byte(name, ']');
		return end > 0 ? (struct str){name.data + 1, (size_t)end - 1} : name;
	}
	ptrdiff_t colon = str_find_byte(name, ':');
	if (colon > 0 && str_find_byte(str_from(name, (size_t)colon + 1), ':') < 0)
		return str_first(name, (size_t)colon);
	return name;
}

/* The name behind what a text wrote, folded into `out`. Empty: unnamed (nothing, a loopback address, no name at all). */
struct str peer_key(struct str as_written, char out[SUBJECT_BYTES_MAX])
{
	struct str name = str_trim(as_written);
	if (str_starts(name, STR("host/")))
		name = str_from(name, 5);
	ptrdiff_t at = str_find_byte(name, '@');
	if (at >= 0)
		name = str_first(name, (size_t)at);
	if (str_starts(name, STR("::ffff:")))
		name = str_from(name, 7);
	name = cut_port(name);
	while (name.size && (name.data[name.size - 1] == '$' || name.data[name.size - 1] == '.'))
		name.size--;
	if (name.size > 255)
		name.size = 0;
	for (size_t i = 0; i < name.size; i++)
		out[i] = ascii_lower(name.data[i]);
	struct str folded = {out, name.size};
	bool loopback = str_starts(folded, STR("127.")) || str_equal(folded, STR("::1")) || str_equal(folded, STR("localhost"));
	return loopback ? STR_NONE : folded;
}

void accusation_release(struct accusation *accusation)
{
	owned_clear(&accusation->accuser);
	owned_clear(&accusation->rule);
	owned_clear(&accusation->title);
	owned_clear(&accusation->sample);
	owned_clear(&accusation->coordinates);
	*accusation = (struct accusation){0};
}

static void remove_at(struct host *host, int at)
{
	accusation_release(&host->accusations[at]);
	memmove(host->accusations + at, host->accusations + at + 1, (size_t)(host->accusations_count - at - 1) * sizeof *host->accusations);
	if (--host->accusations_count)
		return;
	free(host->accusations);
	host->accusations = NULL;
}

void accusations_age(struct correlate_partition *p, struct host *host, int64_t now)
{
	for (int i = host->accusations_count - 1; i >= 0; i--)
		if (host->accusations[i].at < now - K(SYMPTOM_AGE))
			remove_at(host, i);
}

const struct peer_knowledge *peer_find(const struct correlate_partition *p, struct str name)
{
	return rows_find(&p->peers, name);
}

/* ---- hop 1: a host that is proved right accuses; any other only asks how its peer stands ---- */
/* Does the named one stamp what it issues? Who presents a certificate did not date it. */
bool peer_stamps(enum issuer issuer)
{
	return issuer != ISSUER_NONE && issuer != ISSUER_CA && issuer != ISSUER_REPO && issuer != ISSUER_DAEMON;
}

/* theta_peer = theta_self - J, the branch above zero first where there are two. */
static void turn_round(const struct allowed *j, struct range self, struct feedback_accusation *out)
{
	struct range part = j->part[0];
	out->two_branches = j->count == 2;
	struct range theta = {part.high == OPEN_HIGH ? OPEN_LOW : ns_add(self.low, -part.high), part.low == OPEN_LOW ? OPEN_HIGH : ns_add(self.high, -part.low)};
	out->theta = (struct interval){{theta.low}, {theta.high}};
}

struct allowed accusation_allows(const struct accusation *accusation)
{
	struct range theta = accusation->theta;
	if (accusation->two_branches && theta.low > 0)
		return (struct allowed){2, {{theta.high == OPEN_HIGH ? OPEN_LOW : -theta.high, -theta.low}, theta}};
	return allowed_range(theta.low, theta.high);
}

/* `stamped`: else the text named nobody, and `peer` is whom alone it fits. */
static void accuse(struct correlate_partition *p, struct host *host, const struct verdict *v, struct symptom *symptom, bool good, struct str peer,
	bool stamped)
{
	struct allowed j = symptom_allows(p, symptom);
	struct buffer subject = {0};
	if (!j.count || host_called(host, peer))
		return;
	struct feedback feedback = {.kind = FEEDBACK_ACCUSATION, .hop = 1, .cause = {v->now}, .accusation = {.accuser = host_shown(host),
		.issuer = symptom->issuer, .class = symptom->class, .accuser_good = good, .magnitude_known = symptom->magnitude != NONE,
		.magnitude = {symptom->magnitude == NONE ? 0 : symptom->magnitude}, .stamped = stamped, .reference = {symptom->last},
		.host_said = {symptom->host_said}, .rule = owned_str(&symptom->rule), .title = owned_str(&symptom->title),
		.sample = owned_str(&symptom->sample), .coordinates = {.topic = owned_str(&symptom->coordinates), .partition = 0, .offset = 0}}};
	turn_round(&j, v->range, &feedback.accusation);
	buffer_printf(&subject, "%s%.*s", subject_is_address(peer) ? "ip:" : "", STR_ARGS(peer));
	feedback_send(p, observation_partition(buffer_str(&subject), p->count), buffer_str(&subject), &feedback);
	buffer_release(&subject);
	symptom->accused_at = v->now;
}

static bool contradicts_right_host(const struct correlate_partition *p, const struct host *host, const struct verdict *v, int index)
{
	const struct symptom *symptom = &host->symptoms[index];
	if (symptom->subject == SYMPTOM_PEER)
		return symptom->shape != SHAPE_WEAK;
	if (symptom_refuted(p, symptom, v->now))
		return true;
	for (size_t i = 0; i < v->items_count; i++)
		if (v->items[i].kind == ITEM_SYMPTOM && v->items[i].index == index)
			return !v->items[i].agrees;
	return false;
}

/* The complaint's own stamp still says that the clock is right, on either side: older ones may be of before it was led astray. */
static bool right_then(const struct correlate_partition *p, const struct verdict *v, const struct symptom *symptom)
{
	int64_t x = symptom->host_said == NONE ? NONE : ns_add(symptom->host_said - symptom->last, -v->expected);
	return v->good && x != NONE && x >= -v->wide && x <= K(GAP);
}

/* A right host's text says by how much some other clock is off: whose open incident fits, and nobody else's. */
static struct str unnamed_peer(const struct correlate_partition *p, const struct verdict *v, const struct symptom *symptom)
{
	struct allowed j = symptom_allows(p, symptom), theta = {0};
	if (symptom->shape != SHAPE_VALUE || symptom->issuer == ISSUER_DAEMON)
		return STR_NONE;
	for (int i = j.count - 1; i >= 0; i--)
		theta.part[theta.count++] = (struct range){ns_add(v->range.low, -j.part[i].high), ns_add(v->range.high, -j.part[i].low)};
	return open_match(p, &theta, symptom->last);
}

void peers_accuse(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	for (int i = 0; i < host->symptoms_count; i++) {
		struct symptom *symptom = &host->symptoms[i];
		bool good = right_then(p, v, symptom), named = symptom->peer.size > 0;
		bool news = symptom->accused_at == NONE || (symptom->last > symptom->accused_at && v->now >= symptom->accused_at + K(BACKOFF));
		if (news && good && contradicts_right_host(p, host, v, i))
			issuer_tell(p, symptom, v->now);
		if (!news || (named && !peer_stamps(symptom->issuer)) || (good ? !contradicts_right_host(p, host, v, i) : !named))
			continue;
		struct str peer = named ? owned_str(&symptom->peer) : unnamed_peer(p, v, symptom);
		if (peer.size)
			accuse(p, host, v, symptom, good, peer, named);
	}
}

/* ---- on the accused's partition ---- */
static struct str first_label(struct str name)
{
	ptrdiff_t dot = str_find_byte(name, '.');
	return dot > 0 ? str_first(name, (size_t)dot) : name;
}

static struct accusation *slot_of(struct host *host, const struct feedback_accusation *said)
{
	int oldest = 0;
	for (int i = 0; i < host->accusations_count; i++) {
		if (str_equal(owned_str(&host->accusations[i].accuser), said->accuser))
			return host->accusations[i].stamped && !said->stamped ? NULL : &host->accusations[i];
		if (host->accusations[i].at < host->accusations[oldest].at)
			oldest = i;
	}
	if (host->accusations_count == ACCUSATIONS_MAX && (!said->accuser_good || !said->stamped))
		return NULL; /* a question, or who named nobody, displaces nobody */
	if (host->accusations_count == ACCUSATIONS_MAX)
		remove_at(host, oldest);
	if (!host->accusations)
		host->accusations = cleared(ACCUSATIONS_MAX * sizeof *host->accusations);
	struct accusation *slot = &host->accusations[host->accusations_count++];
	*slot = (struct accusation){0};
	return slot;
}

static void forward(struct correlate_partition *p, struct str subject, const struct feedback *feedback, int64_t now)
{
	const struct address *address = rows_find(&p->addresses, str_from(subject, 3));
	const struct feedback_accusation *said = &feedback->accusation;
	bool known = address && address->hosts[0].size && !address->hosts[1].size;
	struct range theta = {said->theta.low.ns, said->theta.high.ns};
	struct accusation unnamed = {.two_branches = said->two_branches, .theta = theta};
	struct allowed allowed = accusation_allows(&unnamed);
	struct str host = known ? owned_str(&address->hosts[0]) : STR_NONE;
	if (!known && said->accuser_good && theta.low != OPEN_LOW && theta.high != OPEN_HIGH) /* nobody's address, or several hosts': as good as unnamed */
		host = open_match(p, &allowed, said->reference.ns);
	if (said->forwarded || !host.size)
		return;
	struct feedback on = *feedback;
	on.cause.ns = now;
	on.accusation.forwarded = true;
	on.accusation.stamped = said->stamped && known;
	feedback_send(p, observation_partition(host, p->count), host, &on);
}

void accusation_take(struct correlate_partition *p, struct str subject, const struct feedback *feedback, int64_t now)
{
	const struct feedback_accusation *said = &feedback->accusation;
	if (str_starts(subject, STR("ip:"))) {
		forward(p, subject, feedback, now);
		return;
	}
	struct host *host = host_of(p, subject, STR_NONE, said->accuser_good);
	struct accusation *slot = host ? slot_of(host, said) : NULL;
	if (!slot)
		return;
	owned_set(&slot->accuser, said->accuser);
	slot->two_branches = said->two_branches;
	slot->good = said->accuser_good;
	slot->stamped = said->stamped;
	slot->class = (uint8_t)said->class;
	slot->issuer = (uint8_t)said->issuer;
	slot->magnitude = said->magnitude_known ? said->magnitude.ns : NONE;
	slot->theta = (struct range){said->theta.low.ns, said->theta.high.ns};
	slot->at = said->reference.ns;
	slot->host_said = said->host_said.ns;
	owned_set(&slot->rule, said->rule);
	owned_set(&slot->title, said->title);
	owned_set(&slot->sample, said->sample);
	owned_set(&slot->coordinates, said->coordinates.topic);
	if (host->first == NONE)
		host->first = host->last = now;
	trace_say(p, host, now, "%s by %.*s", !said->stamped ? "meant, though not named," : said->accuser_good ? "accused" : "asked after", STR_ARGS(said->accuser));
	host_judge(p, host, now);
}

void address_told(struct correlate_partition *p, struct str name, struct str host, int64_t now)
{
	(void)now;
	struct address *address = address_make(p, name);
	if (!address)
		return;
	for (int i = 0; i < 2; i++) {
		if (str_equal(owned_str(&address->hosts[i]), host))
			return;
		if (address->hosts[i].size)
			continue;
		owned_set(&address->hosts[i], host);
		break;
	}
	address_touch(p, address);
}

/* ---- hop 2: how the accused stands, to everybody ---- */
void peer_tell(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	uint32_t accusers = 0;
	for (int i = 0; i < host->accusations_count; i++)
		accusers += host->accusations[i].good && host->accusations[i].stamped;
	uint8_t standing = (uint8_t)(1U + (v->good ? 1U : 0U) + 2U * (accusers > 2 ? 3U : accusers));
	if ((!host->accusations_count && host->said_of_peer == NONE) || (standing == host->said_good && v->now < host->said_of_peer + 5 * K(TICK)))
		return;
	struct feedback feedback = {.kind = FEEDBACK_PEER, .hop = 2, .cause = {v->now}, .peer = {.peer = owned_str(&host->name), .known = true,
		.good = v->good, .theta = {{v->range.low}, {v->range.high}}, .good_accusers = accusers}};
	if (host->incident.active)
		incident_id(p->out, host_shown(host), &host->incident, &feedback.peer.incident);
	feedback_send_all(p, owned_str(&host->name), &feedback);
	const struct owned *others[] = {&host->full, &host->address}; /* texts may name it so */
	for (size_t i = 0; i < 2; i++)
		if (others[i]->size) {
			feedback.peer.peer = owned_str(others[i]);
			feedback_send_all(p, owned_str(&host->name), &feedback);
		}
	host->said_of_peer = host->accusations_count ? v->now : NONE;
	host->said_good = standing;
}

static void know(struct correlate_partition *p, struct str name, const struct feedback *feedback)
{
	struct peer_knowledge *peer = peer_make(p, name);
	if (!peer)
		return;
	peer->good_accusers = feedback->peer.good_accusers;
	peer->good = feedback->peer.good;
	peer->at = feedback->cause.ns;
	peer_touch(p, peer);
}

void peer_known(struct correlate_partition *p, const struct feedback *feedback)
{
	struct str name = feedback->peer.peer;
	know(p, name, feedback);
	if (!subject_is_address(name) && first_label(name).size < name.size)
		know(p, first_label(name), feedback);
}
