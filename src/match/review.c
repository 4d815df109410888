/* What only matching can show of a rule set: warnings for `check`. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "allocate.h"
#include "hostile.h"
#include "prefilter.h"
#include "sample.h"
#include "skewline/match.h"
#include "text.h"
#include "why.h"

enum { HOSTILE_BYTES = 4000, COMMON_SHARE = 10 }; /* common: in one ordinary line of so many */

static void warn_at(struct diag_list *diags, const struct rule *rule, unsigned line, unsigned column, struct str hint, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
static void warn_at(struct diag_list *diags, const struct rule *rule, unsigned line, unsigned column, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	diag_vadd(diags, DIAG_WARNING, rule->info.file, rule->text, line, column, hint, format, arguments);
	va_end(arguments);
}

static void on_failed(void *context, const struct rule_failure *failure)
{
	struct diag_list *diags = context;
	const struct rule *rule = failure->rule;
	if (failure->winner)
		warn_at(diags, rule, failure->test->line, failure->test->column, STR("raise `priority` of the rule that should speak, or narrow the other"),
			"the test is shadowed: the rule '%.*s' speaks for this message", STR_ARGS(failure->winner->title));
	else if (failure->direction)
		warn_at(diags, rule, rule->direction_line, rule->direction_column, STR("change the direction, or the test"),
			"the direction contradicts the rule's own test in line %u", failure->test->line);
}

struct trial {
	struct evaluator *evaluator;
	const struct rule_leaf *leaf;
	struct buffer worst; /* the text that was too much */
};

static bool try(void *context, struct str text)
{
	struct trial *trial = context;
	int result = evaluate_regex(trial->evaluator, trial->leaf->regex, text);
	if (result >= 0 || result == PCRE2_ERROR_NOMATCH || !text_is_valid(text))
		return true;
	buffer_add_str(&trial->worst, str_first(text, 40));
	return false;
}

static void warn_costly(struct evaluator *evaluator, const struct rule *rule, struct diag_list *diags)
{
	for (size_t i = 0; i < rule->leaves_count; i++) {
		struct trial trial = {.evaluator = evaluator, .leaf = &rule->leaves[i]};
		if (trial.leaf->operation != RULE_REGEX)
			continue;
		hostile_texts(trial.leaf->pattern, HOSTILE_BYTES, try, &trial);
		if (trial.worst.size)
			warn_at(diags, rule, trial.leaf->line, trial.leaf->column, STR("let no repeated part hold another, and give each an end: `.{0,80}` for `.*`"),
				"the regular expression backtracks beyond its limits on %d bytes that begin '%.*s'", HOSTILE_BYTES, STR_ARGS(buffer_str(&trial.worst)));
		buffer_release(&trial.worst);
	}
}

/* How many ordinary lines hold a text that is looked for in a rule's messages. */
struct common {
	size_t line;
	struct { size_t lines, last; struct str literal; } *rules;
};

static void on_literal(void *context, uint32_t rule, struct str literal)
{
	struct common *common = context;
	common->rules[rule].lines += common->rules[rule].last != common->line;
	common->rules[rule].last = common->line;
	common->rules[rule].literal = literal;
}

static void warn_common(const struct rule_set *set, struct diag_list *diags)
{
	struct prefilter *prefilter = prefilter_new(set);
	struct common common = {.rules = zeroed(rule_set_count(set), sizeof *common.rules)};
	for (common.line = 1; common.line <= sample_lines(); common.line++)
		prefilter_look(prefilter, sample_line(common.line - 1), on_literal, &common);
	for (size_t i = 0; i < rule_set_count(set); i++) {
		const struct rule *rule = rule_set_rule(set, i);
		if (common.rules[i].lines * COMMON_SHARE > sample_lines())
			warn_at(diags, rule, rule->detection_line, rule->detection_column, STR("let a rarer text stand in each alternative, two words in a row for instance"),
				"what can be looked for in this rule's messages stands in %zu of %zu ordinary lines ('%.*s'), which costs time on each such record",
				common.rules[i].lines, sample_lines(), STR_ARGS(common.rules[i].literal));
	}
	free(common.rules);
	prefilter_free(prefilter);
}

void rule_set_review(const struct rule_set *set, struct diag_list *diags)
{
	struct evaluator *evaluator = evaluator_new();
	for (size_t i = 0; i < rule_set_count(set); i++)
		warn_costly(evaluator, rule_set_rule(set, i), diags);
	evaluator_free(evaluator);
	warn_common(set, diags);
	rule_tests_run(set, on_failed, NULL, diags);
}

size_t rule_try_on_sample(const struct rule_set *set, size_t index)
{
	struct evaluator *evaluator = evaluator_new();
	struct captures captures;
	bool limited = false;
	size_t lines = sample_lines();
	for (size_t i = 0; i < lines; i++) {
		struct record record = {.kind = RECORD_LOG, .host_said = INSTANT_NONE, .collected = INSTANT_NONE, .message = sample_line(i)};
		evaluate(evaluator, rule_set_rule(set, index), &record, NULL, &captures, &limited);
	}
	evaluator_free(evaluator);
	return lines;
}
