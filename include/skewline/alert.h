/* One incident revision -> what a reader reads. Knows incidents and jansson, no transport. */
#ifndef SKEWLINE_ALERT_H
#define SKEWLINE_ALERT_H

#include "skewline/buffer.h"
#include "skewline/incident.h"

enum alert_format { ALERT_TEXT, ALERT_JSON, ALERT_OCSF, ALERT_HEC };

struct alert_settings {
	struct str runbook_base;  /* put before "<cause>.md", e.g. "https://…/runbooks/" or "docs/runbooks/" */
	struct str product_version;
};

/* Appends one document (JSON forms: one line, no line feed; text: several lines). */
void alert_write(const struct incident_revision *revision, enum alert_format format, const struct alert_settings *settings,
	struct buffer *out);
/* The causal sentence with its numbers, without a line feed. */
void alert_sentence(const struct incident_revision *revision, struct buffer *out);
void alert_trust_write(const struct trust_record *trust, struct buffer *out);

#endif
