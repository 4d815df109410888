/* What `explain` prints: the evidence as it was weighed, what agreed, what was removed and why, and the gate or the rung at which the host
 * stands. Written by the engine while it judges, from the very verdict that it acts on. Said when its shape changes, not for every number. */
#include "room.h"

static const char *const PROOFS[] = {"none", "claimed (telemetry alone)", "corroborated (two witnesses)", "proved (its own stamps)"};

/* Why nothing is opened, and what would. */
static const struct { const char *why, *would; } GATES[GATE_COUNT] = {
	[GATE_OPENS] = {"it is opened", ""},
	[GATE_NOTHING] = {"there is nothing to agree on", "a clock sample, three stamps, or a text of another clock"},
	[GATE_WITHIN] = {"the interval reaches back within the limit", "an interval that lies wholly beyond it"},
	[GATE_NO_PROOF] = {"no witness proves it", "telemetry, stamps of two programs that lie ahead, or a lag of 3 s together with two other clocks' 'not yet valid'"},
	[GATE_LEAP] = {"an announced leap second explains it", "more than a second beyond the bound, or the other side"},
	[GATE_SILENCED] = {"the operator's silence covers this host", "its end"},
	[GATE_UNSEEN] = {"telemetry says ahead, but fewer than three stamps have been seen", "a third stamp that shows it"},
	[GATE_CONVERGING] = {"telemetry shows that it is being corrected", "an offset that does not reach the limit within ten minutes"},
	[GATE_ONE_SAMPLE] = {"one bad sample blames nobody", "a second one"},
	[GATE_TELEMETRY_STANDS] = {"stamps alone do not outvote telemetry that stands", "the next sample, which confirms or contradicts them"},
	[GATE_FIRST] = {"the host was seen first less than two minutes ago", "the same evidence then"},
	[GATE_COLLECTOR] = {"the collector of its records is at fault", "stamps beyond what the collector lacks"},
	[GATE_REFERENCE] = {"a fault of the reference must have time to show", "two minutes in which it does not"},
	[GATE_ISSUERS] = {"right hosts must have time to say that the issuers are ahead", "two minutes in which none does"},
};

static void add_side(struct buffer *out, int64_t side)
{
	if (side == OPEN_LOW || side == OPEN_HIGH)
		buffer_add_str(out, STR("open"));
	else
		buffer_printf(out, "%+.3f", (double)side / 1e9);
}

static void add_range(struct buffer *out, struct range range)
{
	buffer_add_byte(out, '[');
	add_side(out, range.low);
	buffer_add_str(out, STR(", "));
	add_side(out, range.high);
	buffer_add_str(out, STR("] s"));
}

static void add_name(struct buffer *out, const struct host *host, const struct item *item)
{
	switch (item->kind) {
	case ITEM_NTP: buffer_add_str(out, STR("ntp")); break;
	case ITEM_TRANSIT: buffer_add_str(out, STR("transit")); break;
	case ITEM_PEERS: buffer_add_str(out, STR("peers")); break;
	case ITEM_ACCUSATION: buffer_printf(out, "accused by %.*s", STR_ARGS(owned_str(&host->accusations[item->index].accuser))); break;
	case ITEM_SYMPTOM:
	case ITEM_DAEMON: {
		const struct symptom *symptom = &host->symptoms[item->index];
		buffer_printf(out, "%.*s x%u", STR_ARGS(symptom->peer.size ? owned_str(&symptom->peer) : ISSUER_NAMES[symptom->issuer]), symptom->count);
		break;
	}
	}
}

static void add_rows(struct buffer *out, const struct correlate_partition *p, const struct host *host, const struct verdict *v)
{
	for (size_t i = 0; i < v->items_count; i++) {
		const struct item *item = &v->items[i];
		buffer_add_str(out, i ? STR("; ") : STR_NONE);
		add_name(out, host, item);
		for (int k = 0; k < item->allowed.count; k++) {
			buffer_add_str(out, k ? STR(" or ") : STR(" "));
			add_range(out, item->allowed.part[k]);
		}
		buffer_printf(out, " %s", item->removed ? "removed: its own stamps were later" : item->agrees ? "agrees" : "disagrees");
	}
	for (int i = 0; i < host->symptoms_count; i++)
		if (symptom_refuted(p, &host->symptoms[i], v->now))
			buffer_printf(out, "%s%.*s x%u does not vote: what it dates lies beyond this host's own stamps", v->items_count ? "; " : "",
				STR_ARGS(ISSUER_NAMES[host->symptoms[i].issuer]), host->symptoms[i].count);
	if (v->claim.present && !v->claim.votes)
		buffer_printf(out, "%sntp %+.3f s does not vote: %s", v->items_count ? "; " : "", (double)v->claim.offset / 1e9, !v->claim.unconvicted ? "its sources are convicted"
			: v->claim.superseded ? "newer stamps exceed it" : !v->claim.stands ? "nothing shows it in the records" : "it contradicts the host's own stamps");
	if (!v->bound.known)
		buffer_printf(out, "%sno delivery bound: fewer than three stamps agree", v->items_count || v->claim.present ? "; " : "");
}

/* Only what would change the reading of it. */
static uint64_t shape_of(const struct host *host, const struct verdict *v, enum gate gate)
{
	uint64_t shape = (uint64_t)gate << 8 | (uint64_t)v->proof << 4 | (uint64_t)host->incident.active << 1 | (v->claim.votes ? 1 : 0);
	shape = shape << 8 | (uint64_t)host->incident.cause << 3 | (uint64_t)host->incident.state;
	for (size_t i = 0; i < v->items_count; i++)
		shape = shape * 31 + (uint64_t)v->items[i].kind * 4 + (v->items[i].removed ? 2 : 0) + (v->items[i].agrees ? 1 : 0);
	shape = shape * 31 + host->symptoms_count;
	return shape * 2 + 1; /* never 0: nothing told yet */
}

void trace_verdict(struct correlate_partition *p, struct host *host, const struct verdict *v, enum gate gate)
{
	if (!tracing(p, host) || host->traced == shape_of(host, v, gate))
		return;
	const struct incident *incident = &host->incident;
	struct buffer text = {0};
	host->traced = shape_of(host, v, gate);
	add_rows(&text, p, host, v);
	trace_say(p, host, v->now, "evidence: %.*s", STR_ARGS(buffer_str(&text)));
	buffer_reset(&text);
	add_range(&text, v->range);
	if (v->agreed)
		trace_say(p, host, v->now, "agreed: %.*s by %u vote%s; proof: %s", STR_ARGS(buffer_str(&text)), v->classes, v->classes == 1 ? "" : "s", PROOFS[v->proof]);
	if (incident->active)
		trace_say(p, host, v->now, "open: %s incident, rung %d of the ladder (%s)%s", incident_kind_name(incident->kind), cause_rung(incident->cause), cause_name(incident->cause),
			incident->good_since == NONE ? "" : "; what may acquit says that it is right");
	else
		trace_say(p, host, v->now, "no incident: %s (limit %.3f s); it would take %s", GATES[gate].why, (double)thresholds_of(p, host).warning.ns / 1e9, GATES[gate].would);
	buffer_release(&text);
}
