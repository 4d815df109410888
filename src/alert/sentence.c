/* The causal sentence: who, how far, why we say so, and why it is so. Written for somebody who has not read anything else. */
#include "parts.h"

bool open_low(struct interval interval)
{
	return interval.low.ns == SPAN_OPEN_LOW.ns;
}

bool open_high(struct interval interval)
{
	return interval.high.ns == SPAN_OPEN_HIGH.ns;
}

static double seconds(struct span span)
{
	return span_seconds(span_abs(span));
}

void add_size(struct buffer *out, struct span span)
{
	double s = seconds(span);
	if (s < 1)
		buffer_printf(out, "%.0f ms", s * 1e3);
	else if (s < 120)
		buffer_printf(out, s < 10 ? "%.2f s" : "%.1f s", s);
	else if (s < 7200)
		buffer_printf(out, "%.0f min %.0f s", (double)(int64_t)(s / 60), s - 60 * (double)(int64_t)(s / 60));
	else if (s < 172800)
		buffer_printf(out, "%.0f h %.0f min", (double)(int64_t)(s / 3600), (double)(int64_t)((s - 3600 * (double)(int64_t)(s / 3600)) / 60));
	else
		buffer_printf(out, "%.1f days", s / 86400);
}

bool add_offset(struct buffer *out, struct interval interval, struct span estimate, bool estimate_known, enum direction direction)
{
	const char *side = direction_name(direction);
	if (direction == DIRECTION_UNKNOWN)
		return false;
	struct span near = direction == DIRECTION_AHEAD ? interval.low : interval.high;
	bool far_open = direction == DIRECTION_AHEAD ? open_high(interval) : open_low(interval);
	if (estimate_known) {
		add_size(out, estimate);
		buffer_printf(out, " %s", side);
		return true;
	}
	if (near.ns == INT64_MIN || near.ns == INT64_MAX)
		return false;
	if (far_open)
		buffer_add_str(out, STR("at least "));
	add_size(out, near);
	buffer_printf(out, " %s", side);
	return true;
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

static void add_proof(struct buffer *out, const struct incident_revision *r)
{
	const char *glue = ": ";
	if (r->ntp_agrees) {
		buffer_printf(out, "%stelemetry says %+.6g s (bound %.3g s)", glue, span_seconds(r->ntp_offset), span_seconds(r->ntp_bound));
		glue = ", ";
	}
	if (r->confidence == CONFIDENCE_HIGH) {
		buffer_printf(out, "%sits records carry stamps later than the moment they were seen", glue);
		glue = ", ";
	}
	if (r->causal_symptoms) {
		buffer_printf(out, "%s%u message%s of %u other clock%s say its clock has not reached theirs", glue, r->causal_symptoms,
			r->causal_symptoms == 1 ? "" : "s", r->causal_issuers, r->causal_issuers == 1 ? "" : "s");
		glue = ", ";
	}
	if (r->symmetric_symptoms) {
		buffer_printf(out, "%s%u message%s report a difference", glue, r->symmetric_symptoms, r->symmetric_symptoms == 1 ? "" : "s");
		glue = ", ";
	}
	if (r->weak_symptoms)
		buffer_printf(out, "%s%u symptom%s without a measure, such as expiry", glue, r->weak_symptoms, r->weak_symptoms == 1 ? "" : "s");
}

static void add_source_name(struct buffer *out, const struct incident_revision *r)
{
	if (r->source.size)
		buffer_printf(out, " (%.*s)", STR_ARGS(r->source));
}

static void add_cause(struct buffer *out, const struct incident_revision *r)
{
	if (r->kind == INCIDENT_SOURCE) {
		buffer_add_str(out, r->severity == SEVERITY_CRITICAL
			? STR("What its clients claim of their clocks is contradicted by their own records: they look perfectly synchronised to a wrong time.")
			: STR("What it says of a client's clock shows nowhere in that client's records, or other sources outvote it."));
		return;
	}
	switch (r->cause) {
	case CAUSE_REFERENCE_FAULT:
		buffer_add_str(out, STR("Hosts that their own time sources prove right all show the same excess, so the clock that stamps arrivals is behind; nobody else is accused."));
		break;
	case CAUSE_PEER: buffer_add_str(out, STR("Other hosts, proved right, name this one; its own telemetry does not decide.")); break;
	case CAUSE_SHARED_SOURCE:
		buffer_add_str(out, STR("Its time source"));
		add_source_name(out, r);
		buffer_add_str(out, STR(" is wrong for several hosts: they look perfectly synchronised to a wrong time."));
		break;
	case CAUSE_FALSE_SYNC:
		buffer_add_str(out, STR("Its time source"));
		add_source_name(out, r);
		buffer_add_str(out, STR(" contradicts the host's own records: it is synchronised to a wrong time."));
		break;
	case CAUSE_NO_TELEMETRY: buffer_add_str(out, STR("No time telemetry comes from it, so nothing corrects or reports it.")); break;
	case CAUSE_UNSYNCHRONISED: buffer_add_str(out, STR("Its time daemon is not synchronised (leap status, local or orphan reference).")); break;
	case CAUSE_SOURCE_LOSS: buffer_add_str(out, STR("Its time daemon reaches none of its sources.")); break;
	case CAUSE_DEAD_RTC: buffer_add_str(out, STR("The date it shows is that of a dead real-time clock battery or a GPS week rollover.")); break;
	case CAUSE_TAMPER: buffer_add_str(out, STR("Somebody set the clock (a set-time event was logged) while its time daemon was not stepping it.")); break;
	case CAUSE_TIME_ZONE: buffer_add_str(out, STR("The offset is a whole number of quarter hours: local time was taken for UTC, or the reverse.")); break;
	case CAUSE_STEP:
		buffer_add_str(out, STR("The clock was stepped"));
		if (r->step.ns) {
			buffer_add_str(out, STR(" by "));
			add_size(out, r->step);
			buffer_add_str(out, r->step.ns > 0 ? STR(" forward") : STR(" back"));
		}
		buffer_add_str(out, STR("."));
		break;
	case CAUSE_DRIFT:
		buffer_printf(out, "It drifts by %+.1f ppm", r->drift_ppm);
		if (r->next_limit_in.ns > 0)
			buffer_printf(out, " and reaches %.0f ms in about %.1f h", span_seconds(r->next_limit) * 1e3, span_seconds(r->next_limit_in) / 3600);
		buffer_add_str(out, STR("; nothing corrects it."));
		break;
	case CAUSE_UNCORRECTED: buffer_add_str(out, STR("Its time daemon knows the offset and does not correct it.")); break;
	case CAUSE_FEW_SOURCES:
		buffer_printf(out, "It has %d usable time source%s: one that goes wrong would go unnoticed.", r->sources_usable, r->sources_usable == 1 ? "" : "s");
		break;
	case CAUSE_LEAP: buffer_add_str(out, STR("It announces a leap second out of season, or nearly alone.")); break;
	case CAUSE_NTP_SILENT: buffer_add_str(out, STR("Its time telemetry stopped while that of others goes on.")); break;
	case CAUSE_UNKNOWN:
	case CAUSE_COUNT: buffer_add_str(out, STR("The cause is not known.")); break;
	}
}

static void add_end(struct buffer *out, const struct incident_revision *r)
{
	if (r->kind == INCIDENT_CLOCK)
		buffer_printf(out, "'s clock is right again (%s).", r->ntp_stands ? "its time sources and its records agree" : "its records say so");
	else
		buffer_add_str(out, STR(" is well again."));
	if (!r->worst.low.ns && !r->worst.high.ns)
		return;
	struct buffer worst = {0};
	enum direction side = !open_low(r->worst) && r->worst.low.ns > 0 ? DIRECTION_AHEAD : !open_high(r->worst) && r->worst.high.ns < 0 ? DIRECTION_BEHIND : DIRECTION_UNKNOWN;
	if (add_offset(&worst, r->worst, (struct span){0}, false, side))
		buffer_printf(out, " At worst it was %.*s.", STR_ARGS(buffer_str(&worst)));
	buffer_release(&worst);
	buffer_add_byte(out, ' ');
}

void alert_sentence(const struct incident_revision *r, struct buffer *out)
{
	add_who(out, r);
	if (r->state == STATE_RESOLVED) {
		add_end(out, r);
		buffer_add_str(out, STR(" It was: "));
		add_cause(out, r);
		return;
	}
	if (r->state == STATE_UNKNOWN) {
		buffer_add_str(out, STR(" has fallen silent; whether its clock is right again is unknown. "));
		add_cause(out, r);
		return;
	}
	struct buffer offset = {0};
	if (r->kind == INCIDENT_HEALTH) {
		buffer_add_str(out, STR(" may lose the right time. "));
	} else if (r->offset_known && add_offset(&offset, r->now, r->estimate, r->estimate_known, r->direction)) {
		buffer_printf(out, " is %.*s", STR_ARGS(buffer_str(&offset)));
		if (r->kind == INCIDENT_CLOCK)
			add_proof(out, r);
		buffer_add_str(out, STR(". "));
	} else {
		buffer_add_str(out, STR(" is wrong; by how much is not known. "));
	}
	buffer_release(&offset);
	add_cause(out, r);
	if (r->affected_total > 1)
		buffer_printf(out, " %u hosts are affected.", r->affected_total);
	if (r->inhibited_by.size)
		buffer_printf(out, " Explained by incident %.*s.", STR_ARGS(r->inhibited_by));
}
