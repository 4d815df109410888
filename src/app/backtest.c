/* `backtest`: two rule sets over the same files. Incidents that appear, vanish or change, each with its evidence. */
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "memory.h"
#include "output.h"

/* The last revision of an incident. */
struct outcome {
	struct incident_revision head;
	struct str text;
	size_t partner; /* index on the other side, or SIZE_MAX */
};

struct side {
	struct arena arena;
	struct outcome *items;
	size_t count, capacity;
};

static struct outcome *find(struct side *side, struct str id)
{
	for (size_t i = 0; i < side->count; i++)
		if (str_equal(side->items[i].head.id, id))
			return &side->items[i];
	if (side->count == side->capacity) {
		side->capacity = side->capacity ? side->capacity * 2 : 64;
		side->items = realloc(side->items, side->capacity * sizeof *side->items);
		if (!side->items)
			abort();
	}
	return &side->items[side->count++];
}

static void on_alert(void *context, const struct memory_alert *alert)
{
	struct side *side = context;
	struct outcome *outcome = find(side, alert->head.id);
	*outcome = (struct outcome){alert->head, arena_copy(&side->arena, alert->text), SIZE_MAX};
	outcome->head.id = arena_copy(&side->arena, alert->head.id);
	outcome->head.suspect = arena_copy(&side->arena, alert->head.suspect);
	outcome->head.inhibited_by = arena_copy(&side->arena, alert->head.inhibited_by);
}

/* The rules are replaced, all else is as the config says. */
static int run_side(const struct app_request *request, struct str rules, enum alert_format format, struct side *side)
{
	struct app_request own = *request;
	struct setup setup;
	own.rules = &rules;
	own.rules_count = 1;
	int status = setup_open(&own, &setup);
	if (status == EXIT_FINE) {
		struct memory_options options = {.setup = &setup, .format = format};
		struct memory_outputs outputs = {.context = side, .alert = on_alert};
		struct metrics *metrics = metrics_new();
		struct memory *memory = memory_new(&options, &outputs, metrics);
		status = memory_files(memory, request->files, request->files_count, request->format);
		memory_free(memory);
		metrics_free(metrics);
	}
	setup_release(&setup);
	return status;
}

/* Of one id; else the same suspect's next free incident of the same kind: other rules may open it at another moment. */
static void pair(struct side *baseline, struct side *candidate, bool by_id)
{
	for (size_t i = 0; i < baseline->count; i++)
		for (size_t j = 0; j < candidate->count && baseline->items[i].partner == SIZE_MAX; j++) {
			struct outcome *old = &baseline->items[i], *new = &candidate->items[j];
			bool same = by_id ? str_equal(old->head.id, new->head.id) : old->head.kind == new->head.kind && str_equal(old->head.suspect, new->head.suspect);
			if (new->partner != SIZE_MAX || !same)
				continue;
			old->partner = j;
			new->partner = i;
		}
}

static bool same_interval(struct interval a, struct interval b)
{
	return a.low.ns == b.low.ns && a.high.ns == b.high.ns;
}

/* Names of what differs, as they stand in an alert; empty: nothing. */
static void differences(const struct incident_revision *a, const struct incident_revision *b, struct buffer *out)
{
	const struct { const char *name; bool differs; } rows[] = {
		{"cause", a->cause != b->cause},
		{"direction", a->direction != b->direction},
		{"severity", a->severity != b->severity},
		{"state", a->state != b->state},
		{"confidence", a->confidence != b->confidence},
		{"correlated", a->correlated != b->correlated},
		{"offset", a->offset_known != b->offset_known || !same_interval(a->now, b->now)},
		{"opened", a->opened.ns != b->opened.ns},
		{"resolved", a->resolved.ns != b->resolved.ns},
		{"inhibited_by", a->inhibited_by.size != 0 && b->inhibited_by.size == 0},
		{"inhibited_by", a->inhibited_by.size == 0 && b->inhibited_by.size != 0},
		{"affected", a->affected_total != b->affected_total},
		{"symptoms", a->causal_symptoms != b->causal_symptoms || a->weak_symptoms != b->weak_symptoms || a->symmetric_symptoms != b->symmetric_symptoms},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].differs)
			buffer_printf(out, "%s%s", out->size ? " " : "", rows[i].name);
}

static void add_json(struct buffer *out, const char *change, const struct outcome *old, const struct outcome *new, struct str differing)
{
	const struct outcome *either = new ? new : old;
	struct str word;
	bool first = true;
	buffer_printf(out, "{\"change\":\"%s\"", change);
	json_text(out, "incident", either->head.id);
	json_text(out, "suspect", either->head.suspect);
	buffer_add_str(out, STR(",\"differs\":["));
	for (; str_split(&differing, ' ', &word); first = false)
		buffer_printf(out, "%s\"%.*s\"", first ? "" : ",", STR_ARGS(word));
	buffer_printf(out, "],\"baseline\":%.*s,\"candidate\":", STR_ARGS(old ? old->text : STR("null")));
	buffer_add_str(out, new ? new->text : STR("null"));
	buffer_add_byte(out, '}');
}

static void add_text(struct buffer *out, const char *change, const struct outcome *old, const struct outcome *new, struct str differing)
{
	const struct outcome *either = new ? new : old;
	buffer_printf(out, "%s %.*s%s%.*s\n", change, STR_ARGS(either->head.id), differing.size ? ": " : "", STR_ARGS(differing));
	if (old)
		buffer_printf(out, "- %.*s\n", STR_ARGS(str_trim(old->text)));
	if (new)
		buffer_printf(out, "+ %.*s\n", STR_ARGS(str_trim(new->text)));
}

struct verdicts {
	enum app_output output;
	struct buffer line, differing;
	size_t appear, vanish, change, same;
};

static void tell(struct verdicts *verdicts, const struct outcome *old, const struct outcome *new)
{
	buffer_reset(&verdicts->differing);
	if (old && new)
		differences(&old->head, &new->head, &verdicts->differing);
	if (old && new && !verdicts->differing.size) {
		verdicts->same++;
		return;
	}
	const char *change = !old ? "appears" : !new ? "vanishes" : "changes";
	*(!old ? &verdicts->appear : !new ? &verdicts->vanish : &verdicts->change) += 1;
	buffer_reset(&verdicts->line);
	(verdicts->output == OUTPUT_TEXT ? add_text : add_json)(&verdicts->line, change, old, new, buffer_str(&verdicts->differing));
	output_line(buffer_str(&verdicts->line));
}

static int compare(const struct app_request *request, struct side *baseline, struct side *candidate)
{
	struct verdicts verdicts = {.output = output_choice(request->output)};
	pair(baseline, candidate, true);
	pair(baseline, candidate, false);
	for (size_t i = 0; i < baseline->count; i++)
		tell(&verdicts, &baseline->items[i], baseline->items[i].partner == SIZE_MAX ? NULL : &candidate->items[baseline->items[i].partner]);
	for (size_t i = 0; i < candidate->count; i++)
		if (candidate->items[i].partner == SIZE_MAX)
			tell(&verdicts, NULL, &candidate->items[i]);
	fprintf(stderr, "skewline: %zu appear, %zu vanish, %zu change, %zu stay as they are\n", verdicts.appear, verdicts.vanish, verdicts.change, verdicts.same);
	buffer_release(&verdicts.line);
	buffer_release(&verdicts.differing);
	return output_flush() ? EXIT_FINE : EXIT_ENVIRONMENT;
}

static void release(struct side *side)
{
	free(side->items);
	arena_release(&side->arena);
}

int app_backtest(const struct app_request *request)
{
	struct side baseline = {0}, candidate = {0};
	enum app_output output = output_choice(request->output);
	if (!request->baseline.size || !request->candidate.size) {
		fprintf(stderr, "skewline: say --baseline DIR|FILE and --candidate DIR|FILE\n");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < request->files_count; i++)
		if (str_equal(request->files[i], STR("-"))) {
			fprintf(stderr, "skewline: backtest reads its input twice and cannot read stdin\n");
			return EXIT_USAGE;
		}
	int status = setup_format(request);
	enum alert_format format = output_alert_format(output);
	if (status == EXIT_FINE)
		status = run_side(request, request->baseline, format, &baseline);
	if (status == EXIT_FINE)
		status = run_side(request, request->candidate, format, &candidate);
	if (status == EXIT_FINE)
		status = compare(request, &baseline, &candidate);
	release(&baseline);
	release(&candidate);
	return status;
}
