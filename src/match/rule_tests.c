#include "skewline/match.h"

#include <math.h>

#include "skewline/buffer.h"

/* A test's fields come to the matcher the way a record's do: as JSON through the decoder. */
static void document(const struct rule_test *test, struct buffer *out)
{
	buffer_reset(out);
	buffer_add_str(out, STR("{\"host\":{\"name\":\"test-host\"},\"@timestamp\":\"2026-11-23T02:00:00.000Z\",\"message\":"));
	buffer_add_json(out, test->message);
	for (size_t i = 0; i < test->fields_count; i++) {
		buffer_add_byte(out, ',');
		buffer_add_json(out, test->fields[i]);
		buffer_add_byte(out, ':');
		buffer_add_json(out, test->values[i]);
	}
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

static void one_test(const struct rule_set *set, struct matcher *matcher, struct decoder *decoder, size_t index, const struct rule_test *test, struct buffer *scratch, struct buffer *out)
{
	struct record_list records;
	struct hit_list hits;
	const struct hit *mine = NULL;
	document(test, scratch);
	decode(decoder, buffer_str(scratch), &(struct envelope){.transport = INSTANT_NONE}, &records);
	match_record(matcher, &records.items[0], true, &hits);
	buffer_reset(out);
	for (size_t i = 0; i < hits.count; i++)
		if (hits.items[i].rule_index == index)
			mine = &hits.items[i];
	if (test->match && !mine)
		buffer_add_str(out, STR("the rule does not match"));
	else if (!test->match && mine)
		buffer_add_str(out, STR("the rule matches"));
	else if (mine)
		compare(test, mine, out);
	if (test->match && mine && !out->size) { /* another rule speaks for this class: the test proves nothing about this one */
		match_record(matcher, &records.items[0], false, &hits);
		for (size_t i = 0; i < hits.count; i++)
			if (hits.items[i].class == rule_set_rule(set, index)->info.class && hits.items[i].rule_index != index)
				buffer_printf(out, "shadowed by the rule '%.*s'", STR_ARGS(hits.items[i].rule->title));
	}
}

size_t rule_tests_run(const struct rule_set *set, void (*failed)(void *context, const struct rule *rule, const struct rule_test *test, struct str text),
	void *context)
{
	struct decoder_options options = {.format = STR("auto"), .record_bytes_max = 1 << 20};
	options.wanted_fields = rule_set_fields(set, &options.wanted_fields_count);
	struct decoder *decoder = decoder_new(&options);
	struct matcher *matcher = matcher_new(set);
	struct buffer scratch = {0}, text = {0};
	size_t count = 0;
	for (size_t i = 0; i < rule_set_count(set); i++) {
		const struct rule *rule = rule_set_rule(set, i);
		for (size_t j = 0; j < rule->tests_count; j++, count++) {
			one_test(set, matcher, decoder, i, &rule->tests[j], &scratch, &text);
			if (text.size)
				failed(context, rule, &rule->tests[j], buffer_str(&text));
		}
	}
	buffer_release(&scratch);
	buffer_release(&text);
	matcher_free(matcher);
	decoder_free(decoder);
	return count;
}
