/* Which clocks have an open incident now, known on every partition, for one question: of whom does a text speak that says by how much another
 * clock is off and does not name it (verdict.md 3.3)? A host tells the fleet of its incident (hop 1), the fleet tells all (hop 2). Where more
 * are open than are kept, nobody can say that only one of them fits, and the text stays unnamed. */
#include <string.h>

#include "room.h"

enum { NAMES_BYTES_MAX = 2000 };

/* Would a text that fitted the interval as it was told no longer fit? */
static bool moved(struct range now, struct range told)
{
	int64_t middle = told.low + (told.high - told.low) / 2, slack = ns_abs(middle) / 1000 + 50 * MS_NS;
	return ns_abs(now.low - told.low) > slack || ns_abs(now.high - told.high) > slack;
}

void open_tell(struct correlate_partition *p, struct host *host, const struct verdict *v)
{
	struct incident *incident = &host->incident;
	const struct range range = incident->latest;
	bool open = incident->active && incident->kind == INCIDENT_CLOCK && incident->state == STATE_OPEN && incident->worst_known
		&& range.low != OPEN_LOW && range.high != OPEN_HIGH;
	bool news = open != incident->told_open || (open && moved(range, incident->told) && v->now >= incident->told_at + K(TICK));
	if (!news)
		return;
	struct feedback feedback = {.kind = FEEDBACK_OPEN, .hop = 1, .cause = {v->now}, .open = {.host = host_shown(host), .open = open,
		.first = open && !incident->told_open, .theta = {{range.low}, {range.high}}, .since = {host->good_at}}};
	feedback_send(p, observation_partition(STR("fleet"), p->count), STR("fleet"), &feedback);
	incident->told_open = open;
	incident->told = range;
	incident->told_at = v->now;
}

/* ---- on the fleet's own partition ---- */
static void forget(struct open_clocks *clocks, int at)
{
	owned_clear(&clocks->all[at].host);
	memmove(clocks->all + at, clocks->all + at + 1, (size_t)(clocks->kept - at - 1) * sizeof *clocks->all);
	memset(&clocks->all[--clocks->kept], 0, sizeof *clocks->all);
}

static void keep(struct open_clocks *clocks, const struct feedback_open *said)
{
	int at = 0;
	while (at < clocks->kept && !str_equal(owned_str(&clocks->all[at].host), said->host))
		at++;
	if (!said->open) {
		if (at < clocks->kept)
			forget(clocks, at);
		return;
	}
	if (at == FEEDBACK_OPEN_MAX)
		return;
	if (at == clocks->kept)
		clocks->kept++;
	owned_set(&clocks->all[at].host, said->host);
	clocks->all[at].theta = (struct range){said->theta.low.ns, said->theta.high.ns};
	clocks->all[at].since = said->since.ns;
}

void open_told(struct correlate_partition *p, const struct feedback *feedback)
{
	struct fleet *fleet = fleet_here(p);
	const struct feedback_open *said = &feedback->open;
	fleet->open.count += said->first;
	fleet->open.count -= !said->open && fleet->open.count > 0;
	keep(&fleet->open, said);
	fleet->touched = true;
}

void open_say(const struct open_clocks *clocks, struct feedback_fleet *out)
{
	size_t bytes = 0;
	out->open_count = clocks->count;
	for (int i = 0; i < clocks->kept && bytes + clocks->all[i].host.size <= NAMES_BYTES_MAX; i++) {
		const struct open_clock *one = &clocks->all[i];
		bytes += one->host.size;
		out->open[out->open_kept++] = (struct feedback_open){.host = owned_str(&one->host), .open = true, .theta = {{one->theta.low}, {one->theta.high}},
			.since = {one->since}};
	}
}

/* ---- hop 2: on every partition ---- */
void open_release(struct open_clocks *clocks)
{
	while (clocks->kept)
		forget(clocks, clocks->kept - 1);
	clocks->count = 0;
}

void open_known(struct correlate_partition *p, const struct feedback_fleet *said)
{
	struct open_clocks *clocks = &p->knowledge.open;
	open_release(clocks);
	clocks->count = said->open_count;
	for (size_t i = 0; i < said->open_kept; i++)
		keep(clocks, &said->open[i]);
}

struct str open_match(const struct correlate_partition *p, const struct allowed *theta, int64_t at)
{
	const struct open_clocks *clocks = &p->knowledge.open;
	const struct open_clock *found = NULL;
	if (clocks->count != clocks->kept)
		return STR_NONE;
	for (int i = 0; i < clocks->kept; i++) {
		const struct open_clock *one = &clocks->all[i];
		bool fits = false;
		for (int k = 0; k < theta->count; k++)
			fits = fits || !range_empty(range_cut(one->theta, theta->part[k]));
		if (!fits || (one->since != NONE && at < one->since))
			continue;
		if (found)
			return STR_NONE;
		found = one;
	}
	return found ? owned_str(&found->host) : STR_NONE;
}
