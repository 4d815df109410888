/* What texts say of clocks: symptoms by issuer. "Expired" never votes; a symptom alone never opens an incident. */
#include <stdlib.h>
#include <string.h>

#include "room.h"

void symptom_release(struct symptom *symptom)
{
	owned_clear(&symptom->peer);
	owned_clear(&symptom->rule);
	owned_clear(&symptom->title);
	owned_clear(&symptom->sample);
	owned_clear(&symptom->coordinates);
	*symptom = (struct symptom){0};
}

static void remove_at(struct host *host, int at)
{
	symptom_release(&host->symptoms[at]);
	memmove(host->symptoms + at, host->symptoms + at + 1, (size_t)(host->symptoms_count - at - 1) * sizeof *host->symptoms);
	if (--host->symptoms_count)
		return;
	free(host->symptoms);
	host->symptoms = NULL;
}

void symptoms_clear(struct host *host)
{
	while (host->symptoms_count)
		remove_at(host, host->symptoms_count - 1);
}

void symptoms_age(struct correlate_partition *p, struct host *host, int64_t now)
{
	for (int i = host->symptoms_count - 1; i >= 0; i--)
		if (host->symptoms[i].last < now - K(SYMPTOM_AGE))
			remove_at(host, i);
}

static bool same_voice(const struct symptom *symptom, const struct symptom_observation *said, struct str peer)
{
	return symptom->class == said->class && symptom->issuer == said->issuer && symptom->subject == said->subject
		&& symptom->direction == said->direction && symptom->shape == said->shape && str_equal(owned_str(&symptom->peer), peer);
}

/* The slot of this voice; the one that has been silent longest makes room. A weak voice never displaces one that votes. */
static struct symptom *slot_of(struct host *host, const struct symptom_observation *said, struct str peer, int64_t at)
{
	for (int i = 0; i < host->symptoms_count; i++)
		if (same_voice(&host->symptoms[i], said, peer))
			return &host->symptoms[i];
	if (host->symptoms_count == SYMPTOMS_MAX) {
		int oldest = -1;
		for (int i = 0; i < host->symptoms_count; i++) {
			const struct symptom *a = &host->symptoms[i];
			if (a->shape != SHAPE_WEAK && said->shape == SHAPE_WEAK)
				continue;
			if (oldest < 0 || (a->shape == SHAPE_WEAK) > (host->symptoms[oldest].shape == SHAPE_WEAK)
				|| ((a->shape == SHAPE_WEAK) == (host->symptoms[oldest].shape == SHAPE_WEAK) && a->last < host->symptoms[oldest].last))
				oldest = i;
		}
		if (oldest < 0)
			return NULL;
		remove_at(host, oldest);
	}
	if (!host->symptoms)
		host->symptoms = cleared(SYMPTOMS_MAX * sizeof *host->symptoms);
	struct symptom *symptom = &host->symptoms[host->symptoms_count++];
	*symptom = (struct symptom){.class = (uint8_t)said->class, .issuer = (uint8_t)said->issuer, .subject = (uint8_t)said->subject,
		.direction = (uint8_t)said->direction, .shape = (uint8_t)said->shape, .first = at, .last = at, .magnitude = NONE, .magnitude_at = NONE, .highest = NONE,
		.highest_at = NONE, .fitting = NONE, .fitting_at = NONE, .host_said = NONE, .accused_at = NONE};
	owned_set(&symptom->peer, peer);
	return symptom;
}

static void note_magnitude(struct correlate_partition *p, struct symptom *symptom, const struct observation *observation)
{
	const struct symptom_observation *said = &observation->symptom;
	int64_t at = observation->reference.ns;
	if (said->magnitude_kind == MAGNITUDE_NONE)
		return;
	int64_t magnitude = said->magnitude.ns;
	int64_t oldest = at - K(SYMPTOM_AGE);
	if (symptom->magnitude == NONE || symptom->shape == SHAPE_VALUE || magnitude > symptom->magnitude || symptom->magnitude_at < oldest) {
		symptom->magnitude = magnitude;
		symptom->magnitude_at = at;
	}
	if (!observation->stamp.known)
		return;
	int64_t e = ns_add(magnitude, observation->stamp.x.ns);
	if (symptom->highest == NONE || e >= symptom->highest || symptom->highest_at < oldest) {
		symptom->highest = e;
		symptom->highest_at = at;
	}
	if (e <= K(CAUSAL_SLACK) && (symptom->fitting == NONE || e >= symptom->fitting || symptom->fitting_at < oldest)) {
		symptom->fitting = e;
		symptom->fitting_at = at;
	}
}

static void keep_coordinates(const struct coordinates *coordinates, struct owned *out)
{
	struct buffer text = {0};
	buffer_printf(&text, "%.*s/%d/%lld", STR_ARGS(str_first(coordinates->topic, 249)), coordinates->partition, (long long)coordinates->offset);
	owned_set(out, buffer_str(&text));
	buffer_release(&text);
}

/* Later than the host's logs usually are, which its telemetry may overtake, by more than words count. */
static bool comes_from_long_ago(struct correlate_partition *p, const struct host *host, const struct observation *observation)
{
	int64_t at = observation->reference.ns, x = observation->stamp.x.ns + K(SYMPTOM_AGE);
	if (!observation->stamp.known || x >= transit_highest(host))
		return false;
	struct bound bound = transit_bound(p, host, at, INT64_MAX, NONE, NONE);
	int64_t logs = transit_log_low(host, at, p->settings->window.ns);
	return bound.known && x < bound.low - bound.reach && (logs == INT64_MIN || x < logs - bound.reach);
}

void symptom_take(struct correlate_partition *p, struct host *host, const struct observation *observation)
{
	const struct symptom_observation *said = &observation->symptom;
	if (host->cleared_at != NONE && observation->reference.ns < host->cleared_at)
		return; /* of the clock before it was set */
	if (comes_from_long_ago(p, host, observation))
		return; /* whatever it says is not of now */
	char folded[SUBJECT_BYTES_MAX];
	struct str peer = peer_key(said->peer, folded);
	struct symptom *symptom = slot_of(host, said, peer, observation->reference.ns);
	if (!symptom)
		return;
	symptom->count++;
	note_magnitude(p, symptom, observation);
	if (said->ruleset)
		host->ruleset = said->ruleset;
	if (observation->reference.ns < symptom->last)
		return;
	symptom->last = observation->reference.ns;
	symptom->host_said = instant_known(observation->host_said) ? observation->host_said.ns : NONE;
	owned_set(&symptom->rule, said->rule);
	owned_set(&symptom->title, said->title);
	owned_set(&symptom->sample, observation->sample);
	keep_coordinates(&observation->coordinates, &symptom->coordinates);
}

/* +1: the logging clock is said to be ahead of the issuer's, -1: behind, 0: not said. A text about the peer says the reverse. */
static int side_of(const struct symptom *symptom)
{
	if (symptom->subject == SYMPTOM_EITHER || symptom->direction == DIRECTION_UNKNOWN)
		return 0;
	bool ahead = (symptom->direction == DIRECTION_AHEAD) == (symptom->subject == SYMPTOM_SELF);
	return ahead ? 1 : -1;
}

bool symptom_is_causal_behind(const struct symptom *symptom)
{
	return symptom->shape == SHAPE_CAUSAL && side_of(symptom) < 0;
}

/* What it allows for theta_self - theta_issuer (verdict.md 2). Empty: it says nothing. */
struct allowed symptom_allows(const struct correlate_partition *p, const struct symptom *symptom)
{
	int64_t m = symptom->magnitude;
	int side = side_of(symptom);
	if (symptom->shape == SHAPE_WEAK)
		return (struct allowed){0};
	if (symptom->shape == SHAPE_SYMMETRIC)
		return m == NONE ? (struct allowed){0} : allowed_outside(m - K(CAUSAL_SLACK));
	if (symptom->shape == SHAPE_VALUE) {
		if (m == NONE)
			return (struct allowed){0};
		int64_t slack = m / 1000 + 50 * MS_NS;
		return side ? allowed_range(side * m - slack, side * m + slack) : allowed_either(m, slack);
	}
	if (!side)
		return (struct allowed){0};
	if (m != NONE && m < K(CAUSAL_SLACK))
		return (struct allowed){0}; /* less than the rounding of what it compares: two right clocks differ by as much */
	int64_t least = m != NONE ? m - K(CAUSAL_SLACK) : symptom->count >= 2 ? K(CAUSAL_LEAST) : 0;
	return side < 0 ? allowed_range(OPEN_LOW, -least) : allowed_range(least, OPEN_HIGH);
}
