/* What a rule's detection demands of every message that it matches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "skewline/buffer.h"
#include "skewline/rule.h"

/* "(a|b)" any of them, "a&b" all, "+f" the field f, "@p" in the program's name. */
static void add_need(const struct rule_set *set, const struct rule_need *need, struct buffer *out)
{
	size_t fields_count;
	const struct str *fields = rule_set_fields(set, &fields_count);
	if (!need)
		return;
	if (need->kind == RULE_NEED_TEXT)
		buffer_printf(out, "%s%.*s", need->of_program ? "@" : "", STR_ARGS(need->text));
	else if (need->kind == RULE_NEED_FIELD)
		buffer_printf(out, "+%.*s", STR_ARGS(fields[need->field]));
	buffer_add_str(out, need->kind == RULE_NEED_ANY ? STR("(") : STR(""));
	for (const struct rule_need *child = need->first; child; child = child->next) {
		add_need(set, child, out);
		buffer_add_str(out, !child->next ? STR("") : need->kind == RULE_NEED_ANY ? STR("|") : STR("&"));
	}
	buffer_add_str(out, need->kind == RULE_NEED_ANY ? STR(")") : STR(""));
}

static void clauses(void **state)
{
	(void)state;
	static const struct { const char *detection; const char *want; } rows[] = {
		{"a:\n    message|re: 'clock (?:skew|drift) of (?P<v>\\d+)'\n  condition: a", "clock &(skew|drift)& of "},
		{"a:\n    message|re: '(?:first thing|second thing) x?'\n  condition: a", "(first thing|second thing)"},
		{"a:\n    message|re: 'abc?defghi'\n  condition: a", "(abdefghi|abcdefghi)"},
		{"a:\n    message|re: '(?i)Clock Skew+ed'\n  condition: a", "clock skew"},
		{"a:\n    message|re: 'x|longer text'\n  condition: a", ""},
		{"a:\n    message|re: '(?=lookahead)x'\n  condition: a", ""},
		{"a:\n    message|re: '(?<!behind )clock'\n  condition: a", "clock"},
		{"a:\n    message|re: '(a)\\1234 clock'\n  condition: a", " clock"},
		{"a:\n    message|re: 'clock{0,3}x time{2} (?:more)?'\n  condition: a", "cloc&x time"},
		{"a:\n    message|re: 'four|alpha four'\n  condition: a", "four"},
		{"a:\n    message|re: 'not[ _-]yet ?valid'\n  condition: a", "(not yetvalid|not_yetvalid|not-yetvalid|not yet valid|not_yet valid|not-yet valid)"},
		{"a:\n    message|re: '[Cc]lock[\\d]skew'\n  condition: a", "clock&skew"},
		{"a:\n    message|re: '(?x)a b c d e f'\n  condition: a", ""},
		{"a:\n    message|re: '\\Qa.b\\E long text'\n  condition: a", ""},
		{"a:\n    message|re: '\\p{Lu}pper \\x41\\x{42}cdef'\n  condition: a", "pper &cdef"},
		{"a:\n    message|re: 'gr\u00fcn clock'\n  condition: a", "n clock"},
		{"a:\n    message|contains: [Alpha Beta, gamma]\n  b: [longest of all]\n  condition: a and not b", "(alpha beta|gamma)"},
		{"a:\n    message|contains: 'wild*card here'\n  condition: a", "wild&card here"},
		{"a: [sure text]\n  b:\n    process.name: x\n  condition: a or b", ""},
		{"a: [sure text]\n  b:\n    process.name: Ntpd\n  condition: a or b", "(sure text|@ntpd)"},
		{"a: [ntpd is here]\n  b:\n    process.name|re|i: '^(?:ntpd|ptp4l)$'\n  condition: a and b", "ntpd is here&(@ntpd|@ptp4l)"},
		{"a: [ntpd is here]\n  b:\n    process.name: ntpd\n  condition: a or b", "(ntpd is here|@ntpd)"},
		{"a:\n    message|re: '(?:jwt|token) expired'\n  condition: a", "(jwt|token)& expired"},
		{"a:\n    message|re: 'jwt|token'\n  condition: a", ""},
		{"a:\n    message|re: 'jwt'\n  condition: a", ""},
		{"a: [sure text]\n  b:\n    event.code: '4616'\n  condition: a or b", "(sure text|+event.code)"},
		{"a: [sure text]\n  b:\n    event.code: '4616'\n  condition: a and b", "sure text&+event.code"},
		{"a:\n    x.y|exists: true\n    z: [1, 2]\n  condition: a", "+x.y&(+z|+z)"},
		{"a:\n    x.y|exists: false\n  condition: a", ""},
		{"a:\n    z: null\n  b: [sure text]\n  condition: a or b", ""},
		{"a:\n    z: 1\n  condition: not a", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buffer text = {0}, joined = {0};
		struct diag_list diags = {0};
		buffer_printf(&text, "title: t\nid: 00000000-0000-4000-8000-000000000000\nlogsource: {category: application}\ndetection:\n  %s\n"
			"skewline: {class: cert_expired, issuer: ca, subject: self, direction: ahead}\n", rows[i].detection);
		struct rule_set *set = rule_set_parse(STR("r.yml"), buffer_str(&text), NULL, &diags);
		assert_int_equal(diags.errors, 0);
		assert_int_equal(rule_set_count(set), 1);
		add_need(set, rule_set_rule(set, 0)->need, &joined);
		assert_string_equal(joined.data ? joined.data : "", rows[i].want);
		rule_set_free(set);
		diag_release(&diags);
		buffer_release(&text);
		buffer_release(&joined);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(clauses)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
