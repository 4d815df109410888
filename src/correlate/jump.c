/* Lines that say that the clock was set: by somebody (a set-time event) or by the time daemon itself, which also says by how much. Such a
 * number alone moves nothing; together with a fall of the delivery bound by as much it proves that the clock moved (verdict.md 2.3). */
#include "room.h"

enum { JUMP_LEAST_S = 3 }; /* a smaller step hides in the usual delay */

void jump_take(struct correlate_partition *p, struct host *host, const struct observation *observation)
{
	const struct jump_observation *jump = &observation->jump;
	int64_t at = observation->reference.ns;
	if (jump->set_time_event && (host->set_time_at == NONE || at > host->set_time_at))
		host->set_time_at = at;
	if (!jump->set_time_event && (host->daemon_set_at == NONE || at > host->daemon_set_at))
		host->daemon_set_at = at;
	if (jump->step_known && jump->step.ns < -JUMP_LEAST_S * S_NS && (host->jump_at == NONE || at > host->jump_at)) {
		struct bound before = transit_bound(p, host, at, INT64_MAX, NONE, at);
		host->jump_step = before.known ? jump->step.ns : 0;
		host->jump_before = before.low;
	}
	if (host->jump_at == NONE || at > host->jump_at)
		host->jump_at = at;
	trace_say(p, host, at, "jump line: %s%s%+.3f s", jump->set_time_event ? "set-time event, " : "", jump->step_known ? "step " : "no value, ",
		(double)jump->step.ns / 1e9);
}

/* A daemon's step back and a fall of the bound by as much, within two samples of each other: the clock moved. What was seen before says
 * nothing of it now; if it seemed right before, it is behind now. */
void jump_look(struct correlate_partition *p, struct host *host, int64_t now)
{
	if (!host->jump_step || now > host->jump_at + HOLD_SAMPLES * sample_interval(p, host)) {
		host->jump_step = 0;
		return;
	}
	struct bound after = transit_bound(p, host, now, INT64_MAX, host->jump_at, NONE);
	int64_t fell = ns_add(after.low, -host->jump_before);
	if (!after.known || ns_abs(fell - host->jump_step) > wide_of(p) + K(CAUSAL_SLACK))
		return;
	bool was_right = host->jump_before > -K(LAG_MIN) && host->jump_before < thresholds_of(p, host).warning.ns;
	host->stepped_at = host->jump_at;
	host->step = host->jump_step;
	host->moved_behind_at = was_right ? host->jump_at : NONE;
	host->jump_step = 0;
	transit_restart(host, host->jump_at);
	symptoms_clear(host);
	host->cleared_at = host->jump_at;
	trace_say(p, host, now, "the daemon's step of %+.3f s shows in the records: the transit window and the symptoms start anew", (double)host->step / 1e9);
}
