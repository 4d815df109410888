/* `match`: one message a line in, one line out per rule hit. */
#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "lines.h"
#include "output.h"
#include "setup.h"
#include "skewline/match.h"

struct matching {
	enum app_output output;
	bool all;
	struct decoder *decoder;
	struct matcher *matcher;
	struct buffer line;
};

static void add_hit(struct buffer *out, const struct hit *hit, uint64_t number)
{
	buffer_printf(out, "{\"record\":%" PRIu64, number);
	json_text(out, "rule", hit->rule->id);
	json_text(out, "title", hit->rule->title);
	json_text(out, "class", SYMPTOM_CLASS_NAMES[hit->class]);
	json_text(out, "direction", DIRECTION_NAMES[hit->direction]);
	json_text(out, "subject", SYMPTOM_SUBJECT_NAMES[hit->subject]);
	if (hit->magnitude_kind == MAGNITUDE_NONE)
		json_none(out, "magnitude_s");
	else
		json_seconds(out, "magnitude_s", hit->magnitude);
	json_text(out, "magnitude", MAGNITUDE_KIND_NAMES[hit->magnitude_kind]);
	json_text_or_null(out, "issuer", hit->issuer == ISSUER_NONE ? STR_NONE : ISSUER_NAMES[hit->issuer]);
	json_text_or_null(out, "peer", hit->peer);
	if (hit->step_known)
		json_seconds(out, "step_s", hit->step);
	buffer_add_byte(out, '}');
}

static void add_text(struct buffer *out, const struct hit *hit, uint64_t number)
{
	buffer_printf(out, "%6" PRIu64 " %-20.*s %.*s %.*s", number, STR_ARGS(SYMPTOM_CLASS_NAMES[hit->class]), STR_ARGS(SYMPTOM_SUBJECT_NAMES[hit->subject]),
		STR_ARGS(DIRECTION_NAMES[hit->direction]));
	if (hit->magnitude_kind != MAGNITUDE_NONE)
		buffer_printf(out, " %s%.9g s", hit->magnitude_kind == MAGNITUDE_AT_LEAST ? "at least " : "", span_seconds(hit->magnitude));
	if (hit->step_known)
		buffer_printf(out, " step %+.9g s", span_seconds(hit->step));
	if (hit->peer.size) {
		buffer_add_str(out, STR(" peer "));
		buffer_add_shown(out, hit->peer);
	}
	buffer_printf(out, "  %.*s", STR_ARGS(hit->rule->title));
}

static void put_hits(struct matching *matching, const struct record *record, uint64_t number)
{
	struct hit_list hits;
	match_record(matching->matcher, record, matching->all, &hits);
	for (size_t i = 0; i < hits.troubles_count; i++)
		fprintf(stderr, "skewline: line %" PRIu64 ": the rule '%.*s' gave up at its match limit%s\n", number, STR_ARGS(hits.troubles[i].rule->title),
			hits.troubles[i].suspended ? " once too often: it is asked no more" : "");
	for (size_t i = 0; i < hits.count; i++) {
		buffer_reset(&matching->line);
		(matching->output == OUTPUT_TEXT ? add_text : add_hit)(&matching->line, &hits.items[i], number);
		output_line(buffer_str(&matching->line));
	}
}

/* A line that is no record of a shipper is a bare message; a document that is sound but no log says nothing. */
static bool take_line(void *context, const struct file_line *line)
{
	struct matching *matching = context;
	struct envelope envelope = {.transport = INSTANT_NONE};
	struct record_list records;
	struct str text = str_trim(line->bytes);
	struct record bare = {.kind = RECORD_LOG, .format = "plain", .host_said = INSTANT_NONE, .collected = INSTANT_NONE, .message = text, .raw = text};
	decode(matching->decoder, line->bytes, &envelope, &records);
	bool log = false, document = text.data[0] == '{' && records.items[0].kind != RECORD_REJECTED;
	for (size_t i = 0; i < records.count; i++)
		if (records.items[i].kind == RECORD_LOG) {
			log = true;
			put_hits(matching, &records.items[i], line->number);
		}
	if (!log && !document)
		put_hits(matching, &bare, line->number);
	return true;
}

int app_match(const struct app_request *request)
{
	struct setup setup;
	int status = setup_open(request, &setup);
	if (status == EXIT_FINE) {
		struct matching matching = {.output = output_choice(request->output), .all = request->all};
		struct decoder_options options = {.format = STR("auto"), .record_bytes_max = setup.config.record_bytes_max};
		options.wanted_fields = rule_set_fields(setup.rules, &options.wanted_fields_count);
		matching.decoder = decoder_new(&options);
		matching.matcher = matcher_new(setup.rules);
		status = each_line(request->files[0], setup.config.record_bytes_max, take_line, &matching);
		if (!output_flush())
			status = EXIT_ENVIRONMENT;
		matcher_free(matching.matcher);
		decoder_free(matching.decoder);
		buffer_release(&matching.line);
	}
	setup_release(&setup);
	return status;
}
