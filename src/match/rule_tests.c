#include <math.h>
#include <stdlib.h>

#include "skewline/match.h"
#include "why.h"

static void add_member(struct buffer *out, struct str name, struct str value)
{
	buffer_add_byte(out, ',');
	buffer_add_json(out, name);
	buffer_add_byte(out, ':');
	buffer_add_json(out, value);
}

/* A test's fields come to the matcher the way a record's do: as JSON through the decoder. What the rule's logsource demands is there
 * unless the test says otherwise. */
static void document(const struct rule *rule, const struct rule_test *test, struct buffer *out)
{
	bool sourced = !rule->source.given;
	buffer_reset(out);
	buffer_add_str(out, STR("{\"host\":{\"name\":\"test-host\"},\"@timestamp\":\"2026-11-23T02:00:00.000Z\",\"message\":"));
	buffer_add_json(out, test->message);
	for (size_t i = 0; i < test->fields_count; i++) {
		add_member(out, test->fields[i], test->values[i]);
		sourced = sourced || str_equal(test->fields[i], rule->source.name);
	}
	if (!sourced)
		add_member(out, rule->source.name, rule->source.value.size ? rule->source.value : STR("any"));
	buffer_add_byte(out, '}');
}

static bool near(struct span got, double want)
{
	return fabs(span_seconds(got) - want) <= 0.001 + fabs(want) * 1e-6;
}

static void compare(const struct rule_test *test, const struct hit *hit, struct buffer *out)
{
	if (test->direction_given && hit->direction != test->direction)
		buffer_printf(out, "direction %s, want %s; ", direction_name(hit->direction), direction_name(test->direction));
	if (test->subject_given && hit->subject != test->subject)
		buffer_printf(out, "subject %s, want %s; ", symptom_subject_name(hit->subject), symptom_subject_name(test->subject));
	if (test->issuer_given && hit->issuer != test->issuer)
		buffer_printf(out, "issuer %s, want %s; ", issuer_name(hit->issuer), issuer_name(test->issuer));
	if (test->magnitude_given && (hit->magnitude_kind == MAGNITUDE_NONE || !near(hit->magnitude, test->magnitude_s)))
		buffer_printf(out, "magnitude %s %.9g s, want %.9g s; ", magnitude_kind_name(hit->magnitude_kind), span_seconds(hit->magnitude), test->magnitude_s);
	if (test->step_given && (!hit->step_known || !near(hit->step, test->step_s)))
		buffer_printf(out, "step %.9g s%s, want %.9g s; ", span_seconds(hit->step), hit->step_known ? "" : " (unknown)", test->step_s);
	if (test->peer_given && !str_equal(hit->peer, test->peer))
		buffer_printf(out, "peer '%.*s', want '%.*s'; ", STR_ARGS(hit->peer), STR_ARGS(test->peer));
}

struct runner {
	const struct rule_set *set;
	struct matcher *matcher;
	struct decoder *decoder;
	struct evaluator *evaluator;
	struct buffer record, text, detail;
};

static const struct hit *hit_of(const struct hit_list *hits, size_t rule)
{
	for (size_t i = 0; i < hits->count; i++)
		if (hits->items[i].rule_index == rule)
			return &hits->items[i];
	return NULL;
}

/* Another rule that speaks for the class in this one's place. */
static const struct rule_info *winner(struct runner *runner, size_t index, const struct record *record)
{
	struct hit_list hits;
	match_record(runner->matcher, record, false, &hits);
	for (size_t i = 0; i < hits.count; i++)
		if (hits.items[i].class == rule_set_rule(runner->set, index)->info.class && hits.items[i].rule_index != index)
			return hits.items[i].rule;
	return NULL;
}

/* False: the test fails, and `out` says why. */
static bool one_test(struct runner *runner, size_t index, const struct rule_test *test, struct rule_failure *out)
{
	const struct rule *rule = rule_set_rule(runner->set, index);
	struct record_list records;
	struct hit_list hits;
	buffer_reset(&runner->text);
	buffer_reset(&runner->detail);
	document(rule, test, &runner->record);
	decode(runner->decoder, buffer_str(&runner->record), &(struct envelope){.transport = INSTANT_NONE}, &records);
	match_record(runner->matcher, &records.items[0], true, &hits);
	const struct hit *mine = hit_of(&hits, index);
	*out = (struct rule_failure){.rule = rule, .test = test};
	if (test->match != (mine != NULL)) {
		buffer_add_str(&runner->text, test->match ? STR("the rule does not match") : STR("the rule matches"));
		explain_rule(runner->evaluator, rule, &records.items[0], &runner->detail);
	} else if (mine) {
		out->direction = test->direction_given && mine->direction != test->direction;
		compare(test, mine, &runner->text);
		out->winner = runner->text.size ? NULL : winner(runner, index, &records.items[0]);
		if (out->winner)
			buffer_printf(&runner->text, "shadowed by the rule '%.*s'", STR_ARGS(out->winner->title));
	}
	out->text = buffer_str(&runner->text);
	out->detail = buffer_str(&runner->detail);
	return !runner->text.size;
}

size_t rule_tests_run(const struct rule_set *set, void (*failed)(void *context, const struct rule_failure *failure),
	void (*passed)(void *context, const struct rule *rule, const struct rule_test *test), void *context)
{
	struct decoder_options options = {.format = STR("auto"), .record_bytes_max = 1 << 20};
	options.wanted_fields = rule_set_fields(set, &options.wanted_fields_count);
	struct runner runner = {.set = set, .matcher = matcher_new(set), .decoder = decoder_new(&options), .evaluator = evaluator_new()};
	struct rule_failure failure;
	size_t count = 0;
	for (size_t i = 0; i < rule_set_count(set); i++) {
		const struct rule *rule = rule_set_rule(set, i);
		for (size_t j = 0; j < rule->tests_count; j++, count++) {
			if (!one_test(&runner, i, &rule->tests[j], &failure))
				failed(context, &failure);
			else if (passed)
				passed(context, rule, &rule->tests[j]);
		}
	}
	buffer_release(&runner.record);
	buffer_release(&runner.text);
	buffer_release(&runner.detail);
	evaluator_free(runner.evaluator);
	matcher_free(runner.matcher);
	decoder_free(runner.decoder);
	return count;
}
