/* Issuers that are ahead of time themselves: a text that says "not yet valid" seldom names who dated. A host that is proved right and meets such a text
 * shows that an issuer of this kind is ahead, and by how much (hop 1); the fleet tells all (hop 2), and for an hour nothing that this issuer may have dated
 * proves anybody's clock behind (verdict.md 3.1: an issuer accused by right hosts is no causal vote for anybody). */
#include <string.h>

#include "room.h"

static bool unnamed(const struct symptom *symptom)
{
	return !symptom->peer.size || !peer_stamps(symptom->issuer);
}

/* What an issuer with that lead dates is found so much ahead: by the lead, but for rounding, or by less as artefacts age. Of what is found less than a
 * quarter of it ahead it is no likely cause. A text without a number may be of any. */
static bool dates(const struct correlate_partition *p, const struct ahead_issuer *known, enum issuer issuer, int64_t ahead)
{
	return known->issuer == issuer && (ahead == 0 || (ahead <= known->ahead + known->ahead / 1000 + K(CAUSAL_SLACK) && ahead >= known->ahead / 4));
}

static int64_t lead_of(const struct symptom *symptom)
{
	return symptom->magnitude == NONE ? 0 : symptom->magnitude;
}

static const struct ahead_issuer *find(const struct correlate_partition *p, enum issuer issuer, int64_t ahead, int64_t since)
{
	for (int i = 0; i < p->knowledge.issuers.count; i++)
		if (p->knowledge.issuers.all[i].seen >= since && dates(p, &p->knowledge.issuers.all[i], issuer, ahead))
			return &p->knowledge.issuers.all[i];
	return NULL;
}

void issuer_tell(struct correlate_partition *p, struct symptom *symptom, int64_t now)
{
	if (!symptom_is_causal_behind(symptom) || !unnamed(symptom) || find(p, symptom->issuer, lead_of(symptom), symptom->last - K(RECENT)))
		return;
	struct feedback feedback = {.kind = FEEDBACK_ISSUER, .hop = 1, .cause = {now}, .issuer = {.issuer = symptom->issuer, .ahead = {lead_of(symptom)},
		.seen = {symptom->last}}};
	feedback_send(p, observation_partition(STR("fleet"), p->count), STR("fleet"), &feedback);
	symptom->accused_at = now;
}

/* One that is known already, as far as can be told, or the place of the one that was seen longest ago. */
static struct ahead_issuer *place_of(const struct correlate_partition *p, struct ahead_issuers *list, const struct ahead_issuer *said)
{
	struct ahead_issuer *oldest = NULL;
	for (int i = 0; i < list->count; i++) {
		struct ahead_issuer *one = &list->all[i];
		if (one->issuer == said->issuer && (said->ahead == 0) == (one->ahead == 0) && (dates(p, one, said->issuer, said->ahead) || dates(p, said, one->issuer, one->ahead)))
			return one;
		oldest = !oldest || one->seen < oldest->seen ? one : oldest;
	}
	if (list->count == FEEDBACK_ISSUERS_MAX)
		memset(oldest, 0, sizeof *oldest);
	return list->count == FEEDBACK_ISSUERS_MAX ? oldest : &list->all[list->count++];
}

void issuer_told(struct correlate_partition *p, const struct feedback *feedback)
{
	struct fleet *fleet = fleet_here(p);
	struct ahead_issuer said = {feedback->issuer.issuer, feedback->issuer.ahead.ns, feedback->issuer.seen.ns}, *one = place_of(p, &fleet->issuers, &said);
	one->issuer = said.issuer;
	one->ahead = said.ahead > one->ahead ? said.ahead : one->ahead;
	one->seen = said.seen > one->seen ? said.seen : one->seen;
	fleet->touched = true;
}

void issuers_say(const struct ahead_issuers *list, struct feedback_fleet *out)
{
	for (int i = 0; i < list->count; i++)
		out->issuers[out->issuers_count++] = (struct feedback_issuer){list->all[i].issuer, {list->all[i].ahead}, {list->all[i].seen}};
}

void issuers_known(struct correlate_partition *p, const struct feedback_fleet *said)
{
	struct ahead_issuers *list = &p->knowledge.issuers;
	list->count = 0;
	for (size_t i = 0; i < said->issuers_count; i++)
		list->all[list->count++] = (struct ahead_issuer){said->issuers[i].issuer, said->issuers[i].ahead.ns, said->issuers[i].seen.ns};
}

bool issuer_ahead(const struct correlate_partition *p, const struct symptom *symptom, int64_t lag)
{
	int64_t held = lag < 0 ? 0 : lag > K(LATEST) ? K(LATEST) : lag;
	return unnamed(symptom) && find(p, symptom->issuer, lead_of(symptom), symptom->last - K(MEMORY) - held);
}
