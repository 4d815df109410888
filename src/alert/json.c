/* The machine forms: ECS as the contract says it, OCSF Detection Finding, Splunk HEC; and the trust record. */
#include <jansson.h>
#include <stdlib.h>

#include "parts.h"

static json_t *text_of(struct str text)
{
	json_t *value = json_stringn(text.data ? text.data : "", text.size);
	if (value)
		return value;
	return json_string(""); /* not UTF-8: every text was cut and checked before */
}

static json_t *time_of(struct instant at)
{
	char text[INSTANT_TEXT_MAX];
	return instant_known(at) ? text_of(instant_text(at, text)) : json_null();
}

static json_t *seconds_of(struct span span)
{
	return span.ns == INT64_MIN || span.ns == INT64_MAX ? json_null() : json_real(span_seconds(span));
}

static json_t *buffer_text(struct buffer *buffer)
{
	json_t *value = text_of(buffer_str(buffer));
	buffer_release(buffer);
	return value;
}

static json_t *row_of(const struct evidence *row)
{
	struct buffer coordinates = {0};
	json_t *out = json_object();
	json_object_set_new(out, "kind", text_of(row->kind));
	json_object_set_new(out, "reference", time_of(row->reference));
	json_object_set_new(out, "host_said", time_of(row->host_said));
	json_object_set_new(out, "low_s", seconds_of(row->interval.low));
	json_object_set_new(out, "high_s", seconds_of(row->interval.high));
	json_object_set_new(out, "agrees", json_boolean(row->agrees));
	json_object_set_new(out, "votes", json_boolean(row->votes));
	json_object_set_new(out, "count", json_integer(row->count));
	if (row->two_branches)
		json_object_set_new(out, "two_branches", json_true());
	if (row->rule.size)
		json_object_set_new(out, "rule", text_of(row->rule));
	if (row->title.size)
		json_object_set_new(out, "title", text_of(row->title));
	if (row->sample.size)
		json_object_set_new(out, "sample", text_of(row->sample));
	if (row->coordinates.topic.size) {
		buffer_printf(&coordinates, "%.*s/%d/%lld", STR_ARGS(row->coordinates.topic), row->coordinates.partition, (long long)row->coordinates.offset);
		json_object_set_new(out, "coordinates", buffer_text(&coordinates));
	}
	if (row->note.size)
		json_object_set_new(out, "note", text_of(row->note));
	return out;
}

static json_t *interval_into(json_t *out, bool known, struct interval interval)
{
	json_object_set_new(out, "low_s", known ? seconds_of(interval.low) : json_null());
	json_object_set_new(out, "high_s", known ? seconds_of(interval.high) : json_null());
	return out;
}

static json_t *event_of(const struct incident_revision *r, const struct alert_settings *settings)
{
	struct buffer id = {0}, reference = {0};
	json_t *out = json_object();
	buffer_printf(&id, "%.*s:%u", STR_ARGS(r->id), r->revision);
	add_reference(&reference, r, settings);
	json_object_set_new(out, "kind", json_string("alert"));
	json_object_set_new(out, "id", buffer_text(&id));
	json_object_set_new(out, "action", json_string(incident_action_name(r->action)));
	json_object_set_new(out, "category", json_pack("[s]", "host"));
	json_object_set_new(out, "type", json_pack("[s]", "info"));
	json_object_set_new(out, "severity", json_integer(r->severity == SEVERITY_CRITICAL ? 73 : 47));
	json_object_set_new(out, "start", time_of(r->opened));
	if (instant_known(r->resolved))
		json_object_set_new(out, "end", time_of(r->resolved));
	json_object_set_new(out, "reference", buffer_text(&reference));
	return out;
}

static json_t *own_of(const struct incident_revision *r)
{
	json_t *out = json_object(), *rows = json_array(), *affected = json_array();
	char hash[20];
	json_object_set_new(out, "incident", text_of(r->id));
	json_object_set_new(out, "revision", json_integer(r->revision));
	json_object_set_new(out, "state", json_string(incident_state_name(r->state)));
	json_object_set_new(out, "severity", json_string(severity_name(r->severity)));
	json_object_set_new(out, "kind", json_string(incident_kind_name(r->kind)));
	json_object_set_new(out, "cause", json_string(cause_name(r->cause)));
	json_object_set_new(out, "correlated", json_boolean(r->correlated));
	json_object_set_new(out, "confidence", json_string(confidence_name(r->confidence)));
	json_t *offset = json_object();
	json_object_set_new(offset, "estimate_s", r->offset_known && r->estimate_known ? seconds_of(r->estimate) : json_null());
	interval_into(offset, r->offset_known, r->now);
	json_object_set_new(offset, "direction", json_string(direction_name(r->direction)));
	json_object_set_new(out, "offset", offset);
	json_object_set_new(out, "worst", interval_into(json_object(), r->kind != INCIDENT_HEALTH, r->worst));
	if (r->drift_ppm < 0 || r->drift_ppm > 0)
		json_object_set_new(out, "drift_ppm", json_real(r->drift_ppm));
	if (r->forecast.limit.ns)
		json_object_set_new(out, "forecast", json_pack("{s:o,s:o,s:o}", "limit_s", seconds_of(r->forecast.limit), "earliest_s", seconds_of(r->forecast.earliest),
			"latest_s", seconds_of(r->forecast.latest)));
	json_object_set_new(out, "suspect", text_of(r->suspect));
	for (size_t i = 0; i < r->affected_count; i++)
		json_array_append_new(affected, text_of(r->affected[i]));
	json_object_set_new(out, "affected", affected);
	json_object_set_new(out, "affected_count", json_integer(r->affected_total));
	json_object_set_new(out, "opened", time_of(r->opened));
	if (instant_known(r->resolved))
		json_object_set_new(out, "resolved", time_of(r->resolved));
	if (r->inhibited_by.size)
		json_object_set_new(out, "inhibited_by", text_of(r->inhibited_by));
	for (size_t i = 0; i < r->evidence_count; i++)
		json_array_append_new(rows, row_of(&r->evidence[i]));
	json_object_set_new(out, "evidence", rows);
	for (int i = 0; i < 16; i++)
		hash[i] = "0123456789abcdef"[r->ruleset >> (60 - 4 * i) & 15];
	json_object_set_new(out, "ruleset_hash", json_stringn(hash, r->ruleset ? 16 : 0));
	json_object_set_new(out, "reference_time", json_string(reference_kind_name(r->reference_kind == REFERENCE_UNKNOWN ? REFERENCE_COLLECTED : r->reference_kind)));
	return out;
}

static json_t *sentence_of(const struct incident_revision *r)
{
	struct buffer text = {0};
	alert_sentence(r, &text);
	return buffer_text(&text);
}

static json_t *title_of(const struct incident_revision *r)
{
	struct buffer title = {0};
	buffer_printf(&title, "Clock skew: %s", cause_name(r->cause));
	return buffer_text(&title);
}

static json_t *ecs_of(const struct incident_revision *r, const struct alert_settings *settings)
{
	struct buffer id = {0};
	json_t *out = json_object(), *rule = json_object();
	json_object_set_new(out, "@timestamp", time_of(r->at));
	json_object_set_new(out, "ecs", json_pack("{s:s}", "version", "9.4.0"));
	json_object_set_new(out, "message", sentence_of(r));
	json_object_set_new(out, "event", event_of(r, settings));
	if (r->kind == INCIDENT_CLOCK || r->kind == INCIDENT_HEALTH)
		json_object_set_new(out, "host", json_pack("{s:o}", "name", text_of(r->suspect)));
	buffer_printf(&id, "skewline:%s", cause_name(r->cause));
	json_object_set_new(rule, "id", buffer_text(&id));
	json_object_set_new(rule, "name", title_of(r));
	json_object_set_new(rule, "ruleset", json_string("skewline"));
	json_object_set_new(out, "rule", rule);
	if (r->cause == CAUSE_TAMPER)
		json_object_set_new(out, "threat", json_pack("{s:s,s:{s:[s],s:[s]}}", "framework", "MITRE ATT&CK", "technique", "id", "T1070", "name",
			"Indicator Removal"));
	json_object_set_new(out, "skewline", own_of(r));
	return out;
}

/* OCSF 1.x Detection Finding (class 2004). */
static json_t *ocsf_of(const struct incident_revision *r, const struct alert_settings *settings)
{
	static const int STATUS[] = {1, 4, 0}; /* New, Resolved, Unknown */
	int activity = r->action == ACTION_OPEN ? 1 : r->state == STATE_RESOLVED ? 3 : 2;
	struct buffer uid = {0};
	json_t *out = json_object(), *finding = json_object(), *ecs = ecs_of(r, settings);
	buffer_printf(&uid, "%.*s", STR_ARGS(r->id));
	json_object_set_new(finding, "uid", buffer_text(&uid));
	json_object_set_new(finding, "title", title_of(r));
	json_object_set_new(finding, "desc", sentence_of(r));
	json_object_set_new(finding, "first_seen_time", json_integer(instant_unix_ms(r->opened)));
	json_object_set_new(finding, "last_seen_time", json_integer(instant_unix_ms(r->at)));
	json_object_set_new(out, "class_uid", json_integer(2004));
	json_object_set_new(out, "class_name", json_string("Detection Finding"));
	json_object_set_new(out, "category_uid", json_integer(2));
	json_object_set_new(out, "activity_id", json_integer(activity));
	json_object_set_new(out, "type_uid", json_integer(200400 + activity));
	json_object_set_new(out, "time", json_integer(instant_unix_ms(r->at)));
	json_object_set_new(out, "severity_id", json_integer(r->severity == SEVERITY_CRITICAL ? 5 : 3));
	json_object_set_new(out, "status_id", json_integer(STATUS[r->state]));
	json_object_set_new(out, "confidence_id", json_integer(1 + (int)r->confidence));
	json_object_set_new(out, "message", sentence_of(r));
	json_object_set_new(out, "finding_info", finding);
	json_object_set_new(out, "metadata", json_pack("{s:s,s:{s:s,s:s,s:o}}", "version", "1.3.0", "product", "name", "Skewline", "vendor_name", "Skewline",
		"version", text_of(settings->product_version)));
	if (r->kind == INCIDENT_CLOCK || r->kind == INCIDENT_HEALTH)
		json_object_set_new(out, "device", json_pack("{s:o,s:i}", "hostname", text_of(r->suspect), "type_id", 0));
	json_object_set_new(out, "unmapped", json_pack("{s:O}", "skewline", json_object_get(ecs, "skewline")));
	json_decref(ecs);
	return out;
}

static json_t *hec_of(const struct incident_revision *r, const struct alert_settings *settings)
{
	return json_pack("{s:f,s:o,s:s,s:s,s:o}", "time", (double)instant_unix_ms(r->at) / 1000, "host", text_of(r->suspect), "source", "skewline", "sourcetype",
		"skewline:alert", "event", ecs_of(r, settings));
}

static void dump(json_t *document, struct buffer *out)
{
	char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(15));
	if (!text)
		abort();
	buffer_add_str(out, str_of(text));
	free(text);
	json_decref(document);
}

void alert_write(const struct incident_revision *revision, enum alert_format format, const struct alert_settings *settings, struct buffer *out)
{
	switch (format) {
	case ALERT_TEXT: alert_text(revision, settings, out); break;
	case ALERT_JSON: dump(ecs_of(revision, settings), out); break;
	case ALERT_OCSF: dump(ocsf_of(revision, settings), out); break;
	case ALERT_HEC: dump(hec_of(revision, settings), out); break;
	}
}

void alert_trust_write(const struct trust_record *trust, struct buffer *out)
{
	static const char *const STATES[] = {"good", "bad", "unknown"};
	json_t *document = json_object();
	json_object_set_new(document, "host", text_of(trust->host));
	json_object_set_new(document, "from", time_of(trust->from));
	json_object_set_new(document, "to", time_of(trust->to));
	interval_into(document, trust->interval_known, trust->interval);
	json_object_set_new(document, "state", json_string(STATES[trust->state]));
	json_object_set_new(document, "incident", trust->incident.size ? text_of(trust->incident) : json_null());
	dump(document, out);
}
