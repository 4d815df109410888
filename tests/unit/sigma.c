/* Every construct of the Sigma specification (rules 2.0.0, modifiers appendix 2.1.0) as a small rule: what is supported matches and does
 * not match as the specification says, what is not is refused at its place. Expectations are the specification's words, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "skewline/buffer.h"
#include "skewline/match.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static struct rule_set *load(const char *logsource, const char *detection, struct buffer *text, struct diag_list *diags)
{
	buffer_reset(text);
	buffer_printf(text, "title: t\nid: 00000000-0000-4000-8000-000000000000\nlogsource: %s\ndetection:\n%s\n"
		"skewline: {class: cert_expired, issuer: ca, subject: self, direction: ahead}\n", logsource, detection);
	return rule_set_parse(STR("r.yml"), buffer_str(text), NULL, diags);
}

/* Whether a JSON record, through the decoder, is a hit. */
static bool hits(const struct rule_set *set, const char *members)
{
	struct decoder_options options = {.format = STR("auto"), .record_bytes_max = 1 << 20};
	struct buffer json = {0};
	struct record_list records;
	struct hit_list list;
	options.wanted_fields = rule_set_fields(set, &options.wanted_fields_count);
	struct decoder *decoder = decoder_new(&options);
	struct matcher *matcher = matcher_new(set);
	buffer_printf(&json, "{\"host\":{\"name\":\"h1\"},%s}", members);
	decode(decoder, buffer_str(&json), &(struct envelope){.transport = INSTANT_NONE}, &records);
	assert_int_equal(records.items[0].kind, RECORD_LOG);
	match_record(matcher, &records.items[0], true, &list);
	bool found = list.count > 0;
	match_record_slow(matcher, &records.items[0], true, &list);
	assert_int_equal(list.count > 0, found);
	buffer_release(&json);
	matcher_free(matcher);
	decoder_free(decoder);
	return found;
}

struct row {
	const char *what, *detection, *yes, *no; /* NULL: nothing to try */
};

static const struct row ROWS[] = {
	{"equality is of the whole field", "  a: {f.x: abc}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"abc\"}", "\"message\":\"m\",\"f\":{\"x\":\"abcd\"}"},
	{"values are case-insensitive", "  a: {f.x: aBc}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"AbC\"}", "\"message\":\"m\",\"f\":{\"x\":\"xAbC\"}"},
	{"numbers are values", "  a: {f.x: 4624}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":4624}", "\"message\":\"m\",\"f\":{\"x\":46240}"},
	{"a list of values is any of them", "  a: {f.x: [one, two]}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"two\"}", "\"message\":\"m\",\"f\":{\"x\":\"three\"}"},
	{"a map is all of it", "  a: {f.x: 1, f.y: 2}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":1,\"y\":2}", "\"message\":\"m\",\"f\":{\"x\":1,\"y\":3}"},
	{"a list of maps is any of them", "  a:\n    - {f.x: 1}\n    - {f.y: 2}\n  condition: a", "\"message\":\"m\",\"f\":{\"y\":2}", "\"message\":\"m\",\"f\":{\"y\":1}"},
	{"keywords: any of a list", "  a: [clock wrong, skewed]\n  condition: a", "\"message\":\"the CLOCK WRONG here\"", "\"message\":\"the clock is wrong\""},
	{"keywords: one text", "  a: 'skewed'\n  condition: a", "\"message\":\"is skewed.\"", "\"message\":\"is skew.\""},
	{"keywords with |all", "  a:\n    '|all': [clock, skewed]\n  condition: a", "\"message\":\"skewed is the clock\"", "\"message\":\"the clock is wrong\""},
	{"* is any length", "  a: {f.x: 'a*d'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"a\\nbc d\"}", "\"message\":\"m\",\"f\":{\"x\":\"abcde\"}"},
	{"* may be nothing", "  a: {f.x: 'a*d'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"ad\"}", "\"message\":\"m\",\"f\":{\"x\":\"bad\"}"},
	{"? is one character", "  a: {f.x: 'prog?.exe'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"progA.exe\"}", "\"message\":\"m\",\"f\":{\"x\":\"prog.exe\"}"},
	{"? is one character beyond ASCII", "  a: {f.x: 'a?b'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"a\xC3\xA9" "b\"}", "\"message\":\"m\",\"f\":{\"x\":\"a12b\"}"},
	{"wildcards in keywords", "  a: ['clock*wrong']\n  condition: a", "\"message\":\"a clock is wrong!\"", "\"message\":\"wrong clock\""},
	{"a plain backslash", "  a: {f.x: 'C:\\Windows'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"C:\\\\Windows\"}", "\"message\":\"m\",\"f\":{\"x\":\"C:Windows\"}"},
	{"two backslashes are one", "  a: {f.x: 'C:\\\\Windows'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"C:\\\\Windows\"}", "\"message\":\"m\",\"f\":{\"x\":\"C:\\\\\\\\Windows\"}"},
	{"\\* is a star", "  a: {f.x: 'a\\*b'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"a*b\"}", "\"message\":\"m\",\"f\":{\"x\":\"aXb\"}"},
	{"\\? is a question mark", "  a: {f.x: 'a\\?b'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"a?b\"}", "\"message\":\"m\",\"f\":{\"x\":\"aXb\"}"},
	{"\\\\* is a backslash and a wildcard", "  a: {f.x: 'a\\\\*'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"a\\\\bc\"}", "\"message\":\"m\",\"f\":{\"x\":\"abc\"}"},
	{"\\\\\\* is a backslash and a star", "  a: {f.x: 'a\\\\\\*b'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"a\\\\*b\"}", "\"message\":\"m\",\"f\":{\"x\":\"a\\\\Xb\"}"},
	{"three backslashes are two", "  a: {f.x: 'a\\\\\\b'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"a\\\\\\\\b\"}", "\"message\":\"m\",\"f\":{\"x\":\"a\\\\b\"}"},
	{"four backslashes are two", "  a: {f.x: 'a\\\\\\\\b'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"a\\\\\\\\b\"}", "\"message\":\"m\",\"f\":{\"x\":\"a\\\\b\"}"},
	{"an empty value", "  a: {f.x: ''}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"\"}", "\"message\":\"m\",\"f\":{\"x\":\"b\"}"},
	{"null: the field is not there", "  a: {f.x: null}\n  condition: a", "\"message\":\"m\",\"f\":{}", "\"message\":\"m\",\"f\":{\"x\":\"b\"}"},
	{"null: the field is null", "  a: {f.x: null}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":null}", "\"message\":\"m\",\"f\":{\"x\":\"\"}"},
	{"not null", "  a: {f.y: 1}\n  b: {f.x: null}\n  condition: a and not b", "\"message\":\"m\",\"f\":{\"x\":1,\"y\":1}", "\"message\":\"m\",\"f\":{\"y\":1}"},
	{"exists", "  a: {f.x|exists: true}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"\"}", "\"message\":\"m\",\"f\":{}"},
	{"exists, be it null", "  a: {f.x|exists: true}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":null}", "\"message\":\"m\""},
	{"exists: false", "  a: {f.x|exists: false}\n  condition: a", "\"message\":\"m\"", "\"message\":\"m\",\"f\":{\"x\":null}"},
	{"contains", "  a: {f.x|contains: bc}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"abcd\"}", "\"message\":\"m\",\"f\":{\"x\":\"acbd\"}"},
	{"startswith", "  a: {f.x|startswith: ab}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"ABc\"}", "\"message\":\"m\",\"f\":{\"x\":\"cab\"}"},
	{"endswith", "  a: {f.x|endswith: bc}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"aBC\"}", "\"message\":\"m\",\"f\":{\"x\":\"bca\"}"},
	{"all", "  a: {f.x|contains|all: [ab, cd]}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"cd ab\"}", "\"message\":\"m\",\"f\":{\"x\":\"ab\"}"},
	{"cased", "  a: {f.x|cased: aB}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"aB\"}", "\"message\":\"m\",\"f\":{\"x\":\"ab\"}"},
	{"contains, cased", "  a: {f.x|contains|cased: aB}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"xaBx\"}", "\"message\":\"m\",\"f\":{\"x\":\"xabx\"}"},
	{"re is case-sensitive and unanchored", "  a: {f.x|re: 'b[0-9]{2}'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"ab12\"}", "\"message\":\"m\",\"f\":{\"x\":\"aB12\"}"},
	{"re: anchors, alternation, quantifiers, groups", "  a: {f.x|re: '^(a|b)+c?$'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"abab\"}", "\"message\":\"m\",\"f\":{\"x\":\"abcc\"}"},
	{"re|i", "  a: {f.x|re|i: 'ab+c'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"ABBC\"}", "\"message\":\"m\",\"f\":{\"x\":\"AC\"}"},
	{"re|m: ^ at each line", "  a: {f.x|re|m: '^b$'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"a\\nb\\nc\"}", "\"message\":\"m\",\"f\":{\"x\":\"a\\nbb\\nc\"}"},
	{"without m ^ is the text's beginning", "  a: {f.x|re: '^b'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"b\"}", "\"message\":\"m\",\"f\":{\"x\":\"a\\nb\"}"},
	{"re|s: a dot is a newline too", "  a: {f.x|re|s: 'a.b'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"a\\nb\"}", "\"message\":\"m\",\"f\":{\"x\":\"a\\n\\nb\"}"},
	{"without s a dot is no newline", "  a: {f.x|re: 'a.b'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"a b\"}", "\"message\":\"m\",\"f\":{\"x\":\"a\\nb\"}"},
	{"re|i|m|s together", "  a: {f.x|re|i|m|s: '^A.C$'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"x\\na\\nc\"}", "\"message\":\"m\",\"f\":{\"x\":\"xa\\nc\"}"},
	{"lt", "  a: {f.x|lt: 5}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":4.9}", "\"message\":\"m\",\"f\":{\"x\":5}"},
	{"lte", "  a: {f.x|lte: 5}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":5}", "\"message\":\"m\",\"f\":{\"x\":5.1}"},
	{"gt", "  a: {f.x|gt: 5}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"6\"}", "\"message\":\"m\",\"f\":{\"x\":5}"},
	{"gte", "  a: {f.x|gte: -5}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":-5}", "\"message\":\"m\",\"f\":{\"x\":\"many\"}"},
	{"cidr, IPv4", "  a: {f.x|cidr: 10.0.0.0/8}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"10.255.0.1\"}", "\"message\":\"m\",\"f\":{\"x\":\"11.0.0.1\"}"},
	{"cidr, IPv6", "  a: {f.x|cidr: 2001:db8::/32}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"2001:db8:1::9\"}", "\"message\":\"m\",\"f\":{\"x\":\"2001:db9::1\"}"},
	{"and", "  a: {f.x: 1}\n  b: {f.y: 1}\n  condition: a and b", "\"message\":\"m\",\"f\":{\"x\":1,\"y\":1}", "\"message\":\"m\",\"f\":{\"x\":1}"},
	{"or", "  a: {f.x: 1}\n  b: {f.y: 1}\n  condition: a or b", "\"message\":\"m\",\"f\":{\"y\":1}", "\"message\":\"m\",\"f\":{\"x\":2}"},
	{"not", "  a: {f.x: 1}\n  b: {f.y: 1}\n  condition: a and not b", "\"message\":\"m\",\"f\":{\"x\":1}", "\"message\":\"m\",\"f\":{\"x\":1,\"y\":1}"},
	{"and binds more than or", "  a: {f.x: 1}\n  b: {f.y: 1}\n  c: {f.z: 1}\n  condition: a or b and c", "\"message\":\"m\",\"f\":{\"x\":1}", "\"message\":\"m\",\"f\":{\"y\":1}"},
	{"not binds more than and", "  a: {f.x: 1}\n  b: {f.y: 1}\n  condition: not a and b", "\"message\":\"m\",\"f\":{\"y\":1}", "\"message\":\"m\",\"f\":{\"x\":1}"},
	{"parentheses", "  a: {f.x: 1}\n  b: {f.y: 1}\n  c: {f.z: 1}\n  condition: (a or b) and c", "\"message\":\"m\",\"f\":{\"x\":1,\"z\":1}", "\"message\":\"m\",\"f\":{\"x\":1}"},
	{"1 of x*", "  x1: {f.x: 1}\n  x2: {f.y: 1}\n  y: {f.z: 1}\n  condition: 1 of x*", "\"message\":\"m\",\"f\":{\"y\":1}", "\"message\":\"m\",\"f\":{\"z\":1}"},
	{"all of x*", "  x1: {f.x: 1}\n  x2: {f.y: 1}\n  condition: all of x*", "\"message\":\"m\",\"f\":{\"x\":1,\"y\":1}", "\"message\":\"m\",\"f\":{\"y\":1}"},
	{"* anywhere in the pattern", "  a_one_z: {f.x: 1}\n  a_two: {f.y: 1}\n  condition: 1 of a*_z", "\"message\":\"m\",\"f\":{\"x\":1}", "\"message\":\"m\",\"f\":{\"y\":1}"},
	{"not 1 of x*", "  a: {f.z: 1}\n  x1: {f.x: 1}\n  x2: {f.y: 1}\n  condition: a and not 1 of x*", "\"message\":\"m\",\"f\":{\"z\":1}", "\"message\":\"m\",\"f\":{\"z\":1,\"y\":1}"},
	{"1 of them", "  a: {f.x: 1}\n  b: {f.y: 1}\n  condition: 1 of them", "\"message\":\"m\",\"f\":{\"y\":1}", "\"message\":\"m\",\"f\":{\"y\":2}"},
	{"all of them, but those with an underscore", "  a: {f.x: 1}\n  _b: {f.y: 1}\n  condition: all of them", "\"message\":\"m\",\"f\":{\"x\":1}", "\"message\":\"m\",\"f\":{\"y\":1}"},
	{"a list of conditions is any of them", "  a: {f.x: 1}\n  b: {f.y: 1}\n  condition:\n    - a\n    - b", "\"message\":\"m\",\"f\":{\"y\":1}", "\"message\":\"m\",\"f\":{\"z\":1}"},
	{"taxonomy: EventID", "  a: {EventID: 4616}\n  condition: a", "\"message\":\"m\",\"event\":{\"code\":\"4616\"}", "\"message\":\"m\",\"event\":{\"code\":\"46\"}"},
	{"the program", "  a: {process.name: sshd}\n  condition: a", "\"message\":\"m\",\"process\":{\"name\":\"sshd\"}", "\"message\":\"m\",\"process\":{\"name\":\"cron\"}"},
	{"characters of regular expressions are texts", "  a: {f.x|contains: 'a.(b)+[c]'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"xa.(B)+[c]x\"}", "\"message\":\"m\",\"f\":{\"x\":\"aXbc\"}"},
	{"case beyond ASCII", "  a: {f.x: 'M\xC3\x9CLLER'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"m\xC3\xBCller\"}", "\"message\":\"m\",\"f\":{\"x\":\"muller\"}"},
	{"\\p{..}", "  a: {f.x|re: '^\\p{Lu}\\p{Ll}+$'}\n  condition: a", "\"message\":\"m\",\"f\":{\"x\":\"\xC3\x89t\xC3\xA9\"}", "\"message\":\"m\",\"f\":{\"x\":\"\xC3\xA9t\xC3\xA9\"}"},
};

static void supported(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		struct buffer text = {0};
		struct diag_list diags = {0};
		struct rule_set *set = load("{category: application}", ROWS[i].detection, &text, &diags);
		if (diags.errors)
			fail_msg("%s: %.*s", ROWS[i].what, STR_ARGS(diags.items[0].message));
		if (!hits(set, ROWS[i].yes))
			fail_msg("%s: no hit on %s", ROWS[i].what, ROWS[i].yes);
		if (hits(set, ROWS[i].no))
			fail_msg("%s: a hit on %s", ROWS[i].what, ROWS[i].no);
		rule_set_free(set);
		diag_release(&diags);
		buffer_release(&text);
	}
}

/* Lines count from the rule's first: the detection's first search stands in line 5. */
static const struct { const char *detection, *message; unsigned line, column; } REFUSED[] = {
	{"  a: {f.x|windash: -x}\n  condition: a", "Sigma's modifier 'windash' is not supported", 5, 11},
	{"  a: {f.x|contains|windash: -x}\n  condition: a", "Sigma's modifier 'windash' is not supported", 5, 20},
	{"  a: {f.x|base64: x}\n  condition: a", "Sigma's modifier 'base64' is not supported", 5, 11},
	{"  a: {f.x|base64offset|contains: x}\n  condition: a", "Sigma's modifier 'base64offset' is not supported", 5, 11},
	{"  a: {f.x|utf16: x}\n  condition: a", "Sigma's modifier 'utf16' is not supported", 5, 11},
	{"  a: {f.x|utf16le: x}\n  condition: a", "Sigma's modifier 'utf16le' is not supported", 5, 11},
	{"  a: {f.x|utf16be: x}\n  condition: a", "Sigma's modifier 'utf16be' is not supported", 5, 11},
	{"  a: {f.x|wide: x}\n  condition: a", "Sigma's modifier 'wide' is not supported", 5, 11},
	{"  a: {f.x|expand: '%x%'}\n  condition: a", "Sigma's modifier 'expand' is not supported", 5, 11},
	{"  a: {f.x|fieldref: f.y}\n  condition: a", "Sigma's modifier 'fieldref' is not supported", 5, 11},
	{"  a: {f.x|neq: 1}\n  condition: a", "Sigma's modifier 'neq' is not supported", 5, 11},
	{"  a: {f.x|minute: 1}\n  condition: a", "Sigma's modifier 'minute' is not supported", 5, 11},
	{"  a: {f.x|hour: 1}\n  condition: a", "Sigma's modifier 'hour' is not supported", 5, 11},
	{"  a: {f.x|day: 1}\n  condition: a", "Sigma's modifier 'day' is not supported", 5, 11},
	{"  a: {f.x|week: 1}\n  condition: a", "Sigma's modifier 'week' is not supported", 5, 11},
	{"  a: {f.x|month: 1}\n  condition: a", "Sigma's modifier 'month' is not supported", 5, 11},
	{"  a: {f.x|year: 1}\n  condition: a", "Sigma's modifier 'year' is not supported", 5, 11},
	{"  a: {f.x|all: one}\n  condition: a", "`all` needs a list of values", 5, 16},
	{"  a: {f.x|contains|re: one}\n  condition: a", "'re' is a second way of comparing", 5, 20},
	{"  a: {f.x|i: one}\n  condition: a", "the modifier 'i' belongs behind 're'", 5, 11},
	{"  a: {f.x|re|cased: one}\n  condition: a", "`cased` does not go with this way of comparing", 5, 14},
	{"  a: {'f.x|wide': one}\n  condition: a", "Sigma's modifier 'wide' is not supported", 5, 12},
	{"  a: [x]\n  condition: a | count() by f.x > 5", "aggregations are not supported: '|'", 6, 16},
	{"  a: [x]\n  condition: a | near b", "aggregations are not supported: '|'", 6, 16},
	{"  a: [x]\n  timeframe: 5m\n  condition: a", "`timeframe` is not supported", 6, 3},
	{"  a: [x]\n  condition: 2 of them", "no search of the detection is named '2'", 6, 14},
	{"  a: [x]\n  condition: 1 of b*", "no search of the detection fits 'b*'", 6, 19},
};

static void unsupported(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(REFUSED); i++) {
		struct buffer text = {0};
		struct diag_list diags = {0};
		struct rule_set *set = load("{category: application}", REFUSED[i].detection, &text, &diags);
		assert_int_equal(rule_set_count(set), 0);
		if (diags.errors != 1 || !str_equal(diags.items[0].message, str_of(REFUSED[i].message)) || diags.items[0].line != REFUSED[i].line
			|| diags.items[0].column != REFUSED[i].column)
			fail_msg("%s: %zu errors, '%.*s' at %u:%u", REFUSED[i].detection, diags.errors, STR_ARGS(diags.items[0].message), diags.items[0].line, diags.items[0].column);
		assert_true(diags.items[0].hint.size > 0);
		rule_set_free(set);
		diag_release(&diags);
		buffer_release(&text);
	}
}

static void logsources(void **state)
{
	(void)state;
	static const char *const any = "  a: [skewed]\n  condition: a";
	static const struct { const char *logsource, *detection, *yes, *no; unsigned warnings; } rows[] = {
		{"{category: application}", any, "\"message\":\"skewed\"", NULL, 0},
		{"{product: linux, service: sshd}", any, "\"message\":\"skewed\",\"process\":{\"name\":\"sshd\"}", "\"message\":\"skewed\",\"process\":{\"name\":\"cron\"}", 0},
		{"{service: sshd}", any, "\"message\":\"skewed\",\"process\":{\"name\":\"sshd\"}", "\"message\":\"skewed\"", 0},
		{"{product: linux, service: syslog}", any, "\"message\":\"skewed\",\"process\":{\"name\":\"cron\"}", NULL, 0},
		{"{product: windows, service: security}", any, "\"message\":\"skewed\",\"winlog\":{\"channel\":\"Security\"}", "\"message\":\"skewed\",\"winlog\":{\"channel\":\"System\"}", 0},
		{"{product: windows}", any, "\"message\":\"skewed\",\"winlog\":{\"channel\":\"System\"}", "\"message\":\"skewed\"", 0},
		{"{product: windows, service: security}", "  a: {Status: '0x25'}\n  condition: a",
			"\"message\":\"m\",\"winlog\":{\"channel\":\"Security\",\"event_data\":{\"Status\":\"0x25\"}}", "\"message\":\"m\",\"winlog\":{\"channel\":\"Security\"},\"Status\":\"0x25\"", 0},
		{"{product: windows, service: dhcp}", any, "\"message\":\"skewed\",\"winlog\":{\"channel\":\"X\"}", NULL, 1},
		{"{category: process_creation}", any, "\"message\":\"skewed\"", NULL, 1},
		{"{product: zeek}", any, "\"message\":\"skewed\"", NULL, 1},
		{"{category: application, definition: all}", any, "\"message\":\"skewed\"", NULL, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buffer text = {0};
		struct diag_list diags = {0};
		struct rule_set *set = load(rows[i].logsource, rows[i].detection, &text, &diags);
		assert_int_equal(diags.errors, 0);
		if (diags.warnings != rows[i].warnings)
			fail_msg("%s: %zu warnings", rows[i].logsource, diags.warnings);
		if (!hits(set, rows[i].yes) || (rows[i].no && hits(set, rows[i].no)))
			fail_msg("%s", rows[i].logsource);
		rule_set_free(set);
		diag_release(&diags);
		buffer_release(&text);
	}
}

/* Aliases of the config come before the names that we know. */
static void aliases(void **state)
{
	(void)state;
	static const struct rule_alias renames[] = {{{"Status", 6}, {"win.status", 10}}, {{"EventID", 7}, {"id", 2}}, {{"text", 4}, {"message", 7}}};
	const struct rule_options options = {renames, COUNT(renames)};
	struct diag_list diags = {0};
	struct rule_set *set = rule_set_parse(STR("r.yml"), STR("title: t\nid: 00000000-0000-4000-8000-000000000000\nlogsource: {category: application}\n"
		"detection:\n  a: {Status: '0x25', EventID: 7, text|contains: skew}\n  condition: a\n"
		"skewline: {class: cert_expired, issuer: ca, subject: self, direction: ahead}\n"), &options, &diags);
	assert_int_equal(diags.count, 0);
	assert_true(hits(set, "\"message\":\"a skew\",\"id\":7,\"win\":{\"status\":\"0x25\"}"));
	assert_false(hits(set, "\"message\":\"a skew\",\"event\":{\"code\":7},\"Status\":\"0x25\""));
	rule_set_free(set);
	diag_release(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(supported), cmocka_unit_test(unsupported), cmocka_unit_test(logsources), cmocka_unit_test(aliases)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
