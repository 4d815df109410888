/* The causal sentence: who, how far, what proves it, why. Written for somebody who has not read anything else.
 *
 *     open      WHO is SIZE SIDE (RANGE): PROOF; WHY.
 *     resolved  WHO is right again: it was SIZE SIDE at worst; WHY, in the past.
 *     unknown   WHO has fallen silent: it was SIZE SIDE when it last spoke; WHY, in the past.
 * Health incidents have no size: WHO: WHY. A clause that has nothing to say is left out with its mark. */
#include "parts.h"

static bool is_host(const struct incident_revision *r)
{
	return r->kind == INCIDENT_CLOCK || r->kind == INCIDENT_HEALTH;
}

static void add_who(struct buffer *out, const struct incident_revision *r)
{
	if (r->kind == INCIDENT_REFERENCE)
		buffer_add_str(out, STR("The reference clock (broker or collector)"));
	else if (r->kind == INCIDENT_SOURCE)
		buffer_printf(out, "Time source %.*s", STR_ARGS(str_from(r->suspect, 4)));
	else
		buffer_printf(out, "%.*s", STR_ARGS(r->suspect));
}

/* The core of an orphan group: nobody's time but its own. */
static bool is_core(const struct incident_revision *r)
{
	return r->kind == INCIDENT_SOURCE && r->cause == CAUSE_UNSYNCHRONISED;
}

/* "30.0 s behind", "at least 70.0 s ahead"; false, nothing added: the interval has no side. */
static bool add_offset(struct buffer *out, struct interval interval, const struct span *estimate, enum direction direction)
{
	if (direction == DIRECTION_UNKNOWN)
		return false;
	bool ahead = direction == DIRECTION_AHEAD;
	struct span near = ahead ? interval.low : interval.high;
	if (!estimate && (near.ns == INT64_MIN || near.ns == INT64_MAX))
		return false;
	if (!estimate && (ahead ? open_high(interval) : open_low(interval)))
		buffer_add_str(out, STR("at least "));
	add_size(out, estimate ? *estimate : near);
	buffer_printf(out, " %s", direction_name(direction));
	return true;
}

static enum direction side_of(struct interval interval)
{
	return !open_low(interval) && interval.low.ns > 0 ? DIRECTION_AHEAD : !open_high(interval) && interval.high.ns < 0 ? DIRECTION_BEHIND : DIRECTION_UNKNOWN;
}

/* ---- how far, now ---- */
static void add_now(struct buffer *out, const struct incident_revision *r)
{
	bool closed = r->offset_known && !open_low(r->now) && !open_high(r->now);
	struct buffer offset = {0};
	if (r->expected.ns && closed) {
		buffer_add_str(out, STR(" is not where it is expected: "));
		add_seconds(out, r->expected, r->expected);
		buffer_add_str(out, STR(" is meant, but it stands at "));
		add_seconds(out, r->estimate, (struct span){r->now.high.ns - r->now.low.ns});
	} else if (r->offset_known && add_offset(&offset, r->now, r->estimate_known ? &r->estimate : NULL, r->direction)) {
		buffer_printf(out, " is %.*s", STR_ARGS(buffer_str(&offset)));
	} else if (is_core(r)) {
		buffer_add_str(out, STR(" serves its own clock"));
	} else if (r->kind == INCIDENT_SOURCE) {
		buffer_add_str(out, STR(" is in doubt"));
	} else {
		buffer_add_str(out, STR(" is wrong, by how much and on which side is not known"));
	}
	if (offset.size && closed) {
		buffer_add_str(out, STR(" ("));
		add_range(out, r->now);
		buffer_add_byte(out, ')');
	}
	buffer_release(&offset);
}

/* ---- how far, once ---- */
static void add_then(struct buffer *out, struct interval then, const struct span *estimate, const char *when)
{
	struct buffer offset = {0};
	bool known = add_offset(&offset, then, estimate, side_of(then));
	buffer_add_str(out, STR(": "));
	if (known)
		buffer_printf(out, "it was %.*s %s; ", STR_ARGS(buffer_str(&offset)), when);
	buffer_release(&offset);
}

/* The size nearest to the truth that an interval tells: its middle. */
static struct span middle_of(struct interval interval)
{
	return (struct span){interval.low.ns + (interval.high.ns - interval.low.ns) / 2};
}

static void add_past(struct buffer *out, const struct incident_revision *r)
{
	bool resolved = r->state == STATE_RESOLVED, clock = r->kind != INCIDENT_HEALTH;
	struct interval then = resolved ? r->worst : r->now;
	bool closed = !open_low(then) && !open_high(then);
	struct span middle = closed ? middle_of(then) : (struct span){0};
	if (!resolved)
		buffer_add_str(out, STR(" has fallen silent"));
	else
		buffer_add_str(out, is_core(r) ? STR(" no longer serves its own clock") : clock ? STR(" is right again") : STR(" is well again"));
	if (clock)
		add_then(out, then, closed ? &middle : NULL, resolved ? "at worst" : "when it last spoke");
	else
		buffer_add_str(out, STR(": "));
}

/* ---- what stands behind a source's or the reference's incident ---- */
static void add_many(struct buffer *out, const struct incident_revision *r, bool now)
{
	if (r->kind == INCIDENT_REFERENCE)
		buffer_printf(out, "hosts that their own time sources %s right all %s the same excess", now ? "prove" : "proved", now ? "show" : "showed");
	else if (is_core(r))
		buffer_printf(out, "its clients %s with each other, but their chain %s at a local clock that nothing %s", now ? "agree" : "agreed", now ? "ends" : "ended", now ? "corrects" : "corrected");
	else if (r->contradicted)
		buffer_printf(out, "what its clients claim of their clocks %s contradicted by their own records", now ? "is" : "was");
	else if (r->outvoted)
		buffer_printf(out, "the other sources of its clients %s it", now ? "outvote" : "outvoted");
	else
		buffer_printf(out, "what it %s of a client's clock %s nowhere in that client's records", now ? "says" : "said", now ? "shows" : "showed");
}

static void add_affected(struct buffer *out, const struct incident_revision *r, bool now)
{
	if (r->affected_total < 1 || is_host(r))
		return;
	buffer_add_str(out, STR("; "));
	add_things(out, r->affected_total, now ? "host is affected" : "host was affected", now ? "hosts are affected" : "hosts were affected");
}

void alert_sentence(const struct incident_revision *r, struct buffer *out)
{
	bool now = r->state == STATE_OPEN;
	add_who(out, r);
	if (!now)
		add_past(out, r);
	else if (r->kind != INCIDENT_HEALTH)
		add_now(out, r);
	if (!is_host(r)) {
		if (now)
			buffer_add_str(out, STR(": "));
		add_many(out, r, now);
		add_affected(out, r, now);
	} else {
		struct buffer proof = {0};
		if (now && r->kind == INCIDENT_CLOCK && add_proof(&proof, r))
			buffer_printf(out, ": %.*s; ", STR_ARGS(buffer_str(&proof)));
		else if (now)
			buffer_add_str(out, STR(": "));
		add_why(out, r, now ? PRESENT : PAST);
		buffer_release(&proof);
	}
	buffer_add_byte(out, '.');
	if (r->inhibited_by.size)
		buffer_printf(out, " Explained by incident %.*s.", STR_ARGS(r->inhibited_by));
}
