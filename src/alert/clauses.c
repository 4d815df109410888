/* The parts of the causal sentence that depend on what was found: what proves it, and why it is so. */
#include "parts.h"

/* ---- what other clocks said ---- */
/* Artefacts by what is said of them. */
enum saying { NOT_YET_VALID, OF_THE_FUTURE, EXPIRED, SAYING_COUNT };
static const char *const SAYINGS[SAYING_COUNT] = {"'not yet valid'", "'in the future'", "'expired'"};

struct artefact {
	enum symptom_class class;
	enum saying saying;
	const char *one, *many;
};
static const struct artefact ARTEFACTS[] = {
	{CLASS_CERT_NOT_YET_VALID, NOT_YET_VALID, "a certificate", "certificates"}, {CLASS_TOKEN_NOT_YET_VALID, NOT_YET_VALID, "a token", "tokens"},
	{CLASS_KERBEROS_SKEW, NOT_YET_VALID, "a ticket", "tickets"}, {CLASS_FUTURE_TIMESTAMP, OF_THE_FUTURE, "a stamp", "stamps"},
	{CLASS_DISTRIBUTED_CLOCK, OF_THE_FUTURE, "a cluster message", "cluster messages"}, {CLASS_CERT_EXPIRED, EXPIRED, "a certificate", "certificates"},
	{CLASS_TOKEN_EXPIRED, EXPIRED, "a token", "tokens"},
};
enum { ARTEFACTS_COUNT = sizeof ARTEFACTS / sizeof ARTEFACTS[0] };

static bool speaks(const struct evidence *row, const struct artefact *artefact)
{
	bool weak = row->shape == SHAPE_WEAK, expiry = artefact->saying == EXPIRED;
	return row->symptom && row->agrees && row->class == artefact->class && weak == expiry && (expiry || row->shape == SHAPE_CAUSAL);
}

static uint64_t count_of(const struct incident_revision *r, const struct artefact *artefact)
{
	uint64_t count = 0;
	for (size_t i = 0; i < r->evidence_count; i++)
		count += speaks(&r->evidence[i], artefact) ? r->evidence[i].count : 0;
	return count;
}

/* Different voices behind one saying: rows of one issuer are one. */
static uint64_t issuers_of(const struct incident_revision *r, enum saying saying)
{
	uint64_t count = 0;
	for (size_t i = 0; i < r->evidence_count; i++) {
		bool said = false, again = false;
		for (size_t k = 0; k < ARTEFACTS_COUNT; k++)
			said = said || (ARTEFACTS[k].saying == saying && speaks(&r->evidence[i], &ARTEFACTS[k]));
		for (size_t k = 0; k < i; k++)
			again = again || (r->evidence[k].symptom && r->evidence[k].agrees && str_equal(r->evidence[k].kind, r->evidence[i].kind));
		count += said && !again;
	}
	return count;
}

static const char *glue(bool *some)
{
	const char *text = *some ? ", " : "";
	*some = true;
	return text;
}

static void add_saying(struct buffer *out, const struct incident_revision *r, enum saying saying, bool *some)
{
	uint64_t total = 0, kinds = 0, issuers = issuers_of(r, saying), named = 0;
	for (size_t i = 0; i < ARTEFACTS_COUNT; i++)
		if (ARTEFACTS[i].saying == saying && count_of(r, &ARTEFACTS[i])) {
			total += count_of(r, &ARTEFACTS[i]);
			kinds++;
		}
	if (!total)
		return;
	buffer_add_str(out, str_of(glue(some)));
	for (size_t i = 0; i < ARTEFACTS_COUNT; i++) {
		uint64_t count = ARTEFACTS[i].saying == saying ? count_of(r, &ARTEFACTS[i]) : 0;
		if (!count)
			continue;
		buffer_add_str(out, named == 0 ? STR_NONE : named + 1 == kinds ? STR(" and ") : STR(", "));
		named++;
		if (count == 1)
			buffer_add_str(out, str_of(ARTEFACTS[i].one));
		else
			add_things(out, count, "", ARTEFACTS[i].many);
	}
	if (issuers > 1) {
		buffer_add_str(out, STR(" from "));
		add_things(out, issuers, "issuer", "issuers");
	}
	buffer_printf(out, " %s %s here", total == 1 ? "was" : "were", SAYINGS[saying]);
}

/* ---- who measured a difference, who accuses ---- */
static void add_differences(struct buffer *out, const struct incident_revision *r, bool *some)
{
	uint64_t kerberos = 0, other = 0;
	for (size_t i = 0; i < r->evidence_count; i++) {
		const struct evidence *row = &r->evidence[i];
		bool difference = row->symptom && row->agrees && (row->shape == SHAPE_SYMMETRIC || row->shape == SHAPE_VALUE) && row->issuer != ISSUER_DAEMON;
		kerberos += difference && row->class == CLASS_KERBEROS_SKEW ? row->count : 0;
		other += difference && row->class != CLASS_KERBEROS_SKEW ? row->count : 0;
	}
	if (kerberos) {
		buffer_add_str(out, str_of(glue(some)));
		buffer_add_str(out, STR("Kerberos refused "));
		add_things(out, kerberos, "request for clock skew", "requests for clock skew");
	}
	if (other) {
		buffer_add_str(out, str_of(glue(some)));
		add_things(out, other, "message reports", "messages report");
		buffer_add_str(out, STR(" such a difference"));
	}
}

/* Time servers that the host asked, and that its telemetry does not rest on. */
static void add_servers(struct buffer *out, const struct incident_revision *r, bool *some)
{
	uint64_t servers = 0;
	for (size_t i = 0; i < r->evidence_count; i++)
		servers += r->evidence[i].symptom && r->evidence[i].agrees && r->evidence[i].issuer == ISSUER_DAEMON && str_starts(r->evidence[i].kind, STR("ntp:"));
	if (!servers)
		return;
	buffer_add_str(out, str_of(glue(some)));
	add_things(out, servers, "time server that it asked says so", "time servers that it asked say so");
}

static void add_accusers(struct buffer *out, const struct incident_revision *r, bool *some)
{
	uint64_t accusers = 0;
	for (size_t i = 0; i < r->evidence_count; i++) {
		const struct evidence *row = &r->evidence[i];
		accusers += row->agrees && row->accuser;
		if (!row->agrees || !str_equal(row->kind, STR("peers")))
			continue;
		buffer_add_str(out, str_of(glue(some)));
		add_things(out, row->count, "host that is proved right differs", "hosts that are proved right differ");
		buffer_add_str(out, STR(" from it"));
	}
	if (!accusers)
		return;
	buffer_add_str(out, str_of(glue(some)));
	add_things(out, accusers, "host that is proved right says so", "hosts that are proved right say so");
}

bool add_proof(struct buffer *out, const struct incident_revision *r)
{
	bool some = false;
	add_saying(out, r, NOT_YET_VALID, &some);
	add_saying(out, r, OF_THE_FUTURE, &some);
	add_differences(out, r, &some);
	add_accusers(out, r, &some);
	add_servers(out, r, &some);
	if (r->ntp_agrees) {
		buffer_printf(out, some ? ", NTP agrees (" : "NTP says so (");
		some = true;
		add_seconds(out, r->ntp_offset, (struct span){2 * r->ntp_bound.ns});
		buffer_add_str(out, STR(" +- "));
		add_size(out, r->ntp_bound);
		buffer_add_byte(out, ')');
	}
	if (r->confidence == CONFIDENCE_HIGH)
		buffer_printf(out, "%sits records carry stamps later than their arrival", glue(&some));
	else if (r->direction == DIRECTION_BEHIND && !r->ntp_agrees && r->lags)
		buffer_printf(out, "%sits records lag by as much", glue(&some));
	add_saying(out, r, EXPIRED, &some);
	return some;
}

/* ---- why ---- */
static void add_source(struct buffer *out, const struct incident_revision *r)
{
	if (r->source.size)
		buffer_add_str(out, r->source);
	else
		buffer_add_str(out, STR("a time source"));
}

static void add_limit(struct buffer *out, struct span limit)
{
	if (limit.ns < SECOND_NS)
		buffer_printf(out, "%.0f ms", span_seconds(limit) * 1e3);
	else
		buffer_printf(out, "%.0f s", span_seconds(limit));
}

/* "in 34 to 36 h", "in 2.0 days at the earliest": in the unit that suits the later time, rounded apart so that the truth stays inside. */
static void add_forecast(struct buffer *out, const struct forecast *forecast)
{
	bool open = forecast->latest.ns == SPAN_OPEN_HIGH.ns;
	double earliest = span_seconds(forecast->earliest), latest = open ? earliest : span_seconds(forecast->latest);
	double unit = latest < 120 ? 1 : latest < 7200 ? 60 : latest < 259200 ? 3600 : 86400;
	int decimals = unit > 60 && latest / unit < 9.95 ? 1 : 0;
	double steps = decimals ? 10 : 1, from = (double)(int64_t)(earliest / unit * steps) / steps, to = (double)(int64_t)(latest / unit * steps) / steps;
	to += to < latest / unit ? 1 / steps : 0;
	buffer_printf(out, " in %.*f", decimals, from);
	if (!open && to > from)
		buffer_printf(out, " to %.*f", decimals, to);
	buffer_printf(out, " %s%s", unit < 2 ? "s" : unit < 61 ? "min" : unit < 3601 ? "h" : "days", open ? " at the earliest" : "");
}

static void add_drift(struct buffer *out, const struct incident_revision *r, enum tense tense)
{
	const char *verb = r->drift_ppm > 0 ? tense == PRESENT ? "gains" : "gained" : tense == PRESENT ? "loses" : "lost";
	double ppm = r->drift_ppm > 0 ? r->drift_ppm : -r->drift_ppm;
	buffer_printf(out, "it %s %.*f ppm and nothing %s it", verb, ppm < 9.95 ? 1 : 0, ppm, tense == PRESENT ? "corrects" : "corrected");
	if (tense == PAST || r->forecast.limit.ns == 0)
		return;
	buffer_add_str(out, STR("; it reaches "));
	add_limit(out, r->forecast.limit);
	add_forecast(out, &r->forecast);
}

static void add_step(struct buffer *out, const struct incident_revision *r)
{
	buffer_add_str(out, STR("the clock was stepped"));
	if (!r->step.ns)
		return;
	buffer_add_byte(out, ' ');
	add_size(out, r->step);
	buffer_add_str(out, r->step.ns > 0 ? STR(" forward") : STR(" back"));
}

static void add_reference_kind(struct buffer *out, const struct incident_revision *r, bool now)
{
	switch (r->telemetry) {
	case TELEMETRY_OWN_CLOCK:
		buffer_printf(out, now ? "its time daemon serves its own clock for want of a source" : "its time daemon served its own clock for want of a source");
		break;
	case TELEMETRY_ORPHAN:
		buffer_printf(out, "its time daemon %s ", now ? "follows" : "followed");
		add_source(out, r);
		buffer_printf(out, ", whose chain %s at a local clock (stratum %d)", now ? "ends" : "ended", r->stratum);
		break;
	case TELEMETRY_LOST_SYNC: buffer_printf(out, "its time daemon %s lost synchronisation", now ? "has" : "had"); break;
	case TELEMETRY_NONE:
	case TELEMETRY_ORDINARY:
	case TELEMETRY_NEVER_SYNC: buffer_printf(out, now ? "its time daemon is not synchronised" : "its time daemon was not synchronised"); break;
	}
}

static void add_usable(struct buffer *out, const struct incident_revision *r, bool now)
{
	if (!now) {
		buffer_add_str(out, STR("it had too few usable time sources"));
		return;
	}
	buffer_add_str(out, STR("it has "));
	add_things(out, r->sources_usable < 0 ? 0 : (uint64_t)r->sources_usable, "usable time source", "usable time sources");
	if (r->sources_usable == 1 && r->source.size)
		buffer_printf(out, " (%.*s)", STR_ARGS(r->source));
	buffer_add_str(out, STR(": one that goes wrong would go unnoticed"));
}

void add_why(struct buffer *out, const struct incident_revision *r, enum tense tense)
{
	bool now = tense == PRESENT;
	switch (r->cause) {
	case CAUSE_REFERENCE_FAULT: buffer_add_str(out, STR("nobody else is accused")); break;
	case CAUSE_PEER:
		if (r->telemetry == TELEMETRY_NONE)
			buffer_printf(out, "no time telemetry %s from it", now ? "comes" : "came");
		else
			buffer_printf(out, "its own telemetry %s not decide", now ? "does" : "did");
		break;
	case CAUSE_SHARED_SOURCE:
	case CAUSE_FALSE_SYNC:
		buffer_printf(out, "it %s ", now ? "follows" : "followed");
		add_source(out, r);
		buffer_printf(out, r->cause == CAUSE_SHARED_SOURCE ? ", which %s wrong for several hosts," : ", which %s wrong,", now ? "is" : "was");
		buffer_printf(out, " and %s synchronised", now ? "looks" : "looked");
		break;
	case CAUSE_NO_TELEMETRY: buffer_printf(out, "no time telemetry %s from it", now ? "comes" : "came"); break;
	case CAUSE_UNSYNCHRONISED: add_reference_kind(out, r, now); break;
	case CAUSE_SOURCE_LOSS: buffer_printf(out, "its time daemon %s none of its sources", now ? "reaches" : "reached"); break;
	case CAUSE_DEAD_RTC: buffer_printf(out, "its date %s that of a dead clock battery or of a GPS week rollover", now ? "is" : "was"); break;
	case CAUSE_TAMPER: buffer_printf(out, "somebody set the clock (a set-time event %s beside the step), not its time daemon", now ? "stands" : "stood"); break;
	case CAUSE_TIME_ZONE: buffer_printf(out, "that %s a whole number of quarter hours: local time %s taken for UTC, or the reverse", now ? "is" : "was", now ? "is" : "was"); break;
	case CAUSE_STEP: add_step(out, r); break;
	case CAUSE_DRIFT: add_drift(out, r, tense); break;
	case CAUSE_UNCORRECTED: buffer_printf(out, "nothing %s it", now ? "corrects" : "corrected"); break;
	case CAUSE_FEW_SOURCES: add_usable(out, r, now); break;
	case CAUSE_UNAPPROVED_SOURCE:
		buffer_printf(out, "it %s ", now ? "follows" : "followed");
		add_source(out, r);
		buffer_printf(out, ", which %s not an approved time source", now ? "is" : "was");
		break;
	case CAUSE_LEAP: buffer_printf(out, "it %s a leap second out of season or nearly alone", now ? "announces" : "announced"); break;
	case CAUSE_NTP_SILENT: buffer_printf(out, now ? "its time telemetry has stopped while that of others goes on" : "its time telemetry had stopped while that of others went on"); break;
	case CAUSE_UNKNOWN:
	case CAUSE_COUNT: buffer_printf(out, "the cause %s not known", now ? "is" : "was"); break;
	}
}
