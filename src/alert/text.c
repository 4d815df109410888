/* For a terminal. */
#include "parts.h"

void add_reference(struct buffer *out, const struct incident_revision *revision, const struct alert_settings *settings)
{
	buffer_printf(out, "%.*s%s.md", STR_ARGS(settings->runbook_base), cause_name(revision->cause));
}

static void add_side(struct buffer *out, struct span side)
{
	if (side.ns == INT64_MIN || side.ns == INT64_MAX)
		buffer_add_str(out, STR("open"));
	else
		buffer_printf(out, "%+.3f s", span_seconds(side));
}

static void add_row(struct buffer *out, const struct evidence *row)
{
	char time[INSTANT_TEXT_MAX];
	buffer_printf(out, "    %s %.*s", row->agrees ? "+" : "-", STR_ARGS(row->kind));
	if (!open_low(row->interval) || !open_high(row->interval)) {
		buffer_add_str(out, STR(" ["));
		add_side(out, row->interval.low);
		buffer_add_str(out, STR(" .. "));
		add_side(out, row->interval.high);
		buffer_add_byte(out, ']');
	}
	if (row->count > 1)
		buffer_printf(out, " x%u", row->count);
	if (instant_known(row->reference))
		buffer_printf(out, " at %.*s", STR_ARGS(instant_text(row->reference, time)));
	if (row->title.size)
		buffer_printf(out, ": %.*s", STR_ARGS(row->title));
	if (row->note.size)
		buffer_printf(out, " (%.*s)", STR_ARGS(row->note));
	buffer_add_byte(out, '\n');
	if (row->sample.size) {
		buffer_add_str(out, STR("        "));
		buffer_add_shown(out, str_cut_utf8(row->sample, 160));
		buffer_add_byte(out, '\n');
	}
}

void alert_text(const struct incident_revision *revision, const struct alert_settings *settings, struct buffer *out)
{
	char time[INSTANT_TEXT_MAX];
	const char *word = revision->state == STATE_RESOLVED ? "RESOLVED" : revision->state == STATE_UNKNOWN ? "UNKNOWN"
		: revision->severity == SEVERITY_CRITICAL ? "CRITICAL" : "WARNING";
	buffer_printf(out, "%.*s %s %s %.*s\n  ", STR_ARGS(instant_text(revision->at, time)), word, cause_name(revision->cause), STR_ARGS(revision->suspect));
	alert_sentence(revision, out);
	buffer_add_byte(out, '\n');
	if (revision->offset_known) {
		buffer_add_str(out, STR("  interval "));
		add_side(out, revision->now.low);
		buffer_add_str(out, STR(" .. "));
		add_side(out, revision->now.high);
		buffer_printf(out, ", confidence %s%s\n", confidence_name(revision->confidence), revision->correlated ? ", correlated" : "");
	}
	for (size_t i = 0; i < revision->evidence_count; i++)
		add_row(out, &revision->evidence[i]);
	buffer_printf(out, "  incident %.*s revision %u, runbook ", STR_ARGS(revision->id), revision->revision);
	add_reference(out, revision, settings);
	buffer_add_byte(out, '\n');
}
