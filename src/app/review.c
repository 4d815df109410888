#include "review.h"

#include <time.h>

#include "skewline/match.h"

static int64_t thread_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* What a rule costs that is asked about every record; the best of some rounds, because the first ones warm up. */
static int64_t price_ns(const struct rule_set *rules, size_t index)
{
	int64_t best = INT64_MAX;
	for (int round = 0; round < 5; round++) {
		int64_t start = thread_ns();
		int64_t lines = (int64_t)rule_try_on_sample(rules, index), each = (thread_ns() - start) / (lines ? lines : 1);
		best = each < best ? each : best;
	}
	return best;
}

/* Formats of text lines have no fields but the built-in ones. */
static bool only_text(const struct config *config)
{
	static const struct str texts[] = {{"rfc3164", 7}, {"rfc5424", 7}, {"rsyslog-fileformat", 18}, {"chronyc-tracking", 16}, {"chronyc-sources", 15}};
	size_t known = 0;
	for (size_t i = 0; i < config->inputs_count; i++)
		for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++)
			known += str_equal(config->inputs[i].format, texts[j]);
	return config->inputs_count && known == config->inputs_count;
}

/* Whether no record without further fields can have what the rule needs. */
static bool needs_field(const struct rule_need *need)
{
	if (!need || need->kind == RULE_NEED_TEXT)
		return false;
	bool all = need->kind == RULE_NEED_ALL, some = false, every = true;
	for (const struct rule_need *child = need->first; child; child = child->next) {
		bool one = needs_field(child);
		some = some || one;
		every = every && one;
	}
	return need->kind == RULE_NEED_FIELD || (all ? some : every);
}

void review_rules(struct setup *setup)
{
	bool texts = only_text(&setup->config);
	rule_set_review(setup->rules, &setup->diags);
	for (size_t i = 0; i < rule_set_count(setup->rules); i++) {
		const struct rule *rule = rule_set_rule(setup->rules, i);
		if (!rule->need)
			diag_add(&setup->diags, DIAG_WARNING, rule->info.file, rule->text, rule->detection_line, rule->detection_column,
				STR("give each alternative a text of four or more characters that must stand in the message"),
				"nothing can be looked for in this rule's messages: it is asked about every record, about %lld ns each", (long long)price_ns(setup->rules, i));
		if (texts && needs_field(rule->need))
			diag_add(&setup->diags, DIAG_WARNING, rule->info.file, rule->text, rule->detection_line, rule->detection_column,
				STR("read an input of JSON records, or ask for `message`"), "no input can reach this rule: it asks for a field, and every input's format is a line of text");
	}
	diag_sort(&setup->diags);
}
