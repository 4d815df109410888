/* The tests that stand beside a rule. */
#include "build.h"

static void test_expectation(struct build *build, const struct yaml_node *node, struct rule_test *test)
{
	int value;
	if (str_equal(node->key, STR("direction"))) {
		test->direction_given = choice(build, node, DIRECTION_NAMES, 3, &value);
		test->direction = test->direction_given ? (enum direction)value : DIRECTION_UNKNOWN;
	} else if (str_equal(node->key, STR("subject"))) {
		test->subject_given = choice(build, node, SYMPTOM_SUBJECT_NAMES, 3, &value);
		test->subject = test->subject_given ? (enum symptom_subject)value : SYMPTOM_SELF;
	} else if (str_equal(node->key, STR("issuer"))) {
		test->issuer_given = choice(build, node, ISSUER_NAMES, ISSUER_COUNT, &value);
		test->issuer = test->issuer_given ? (enum issuer)value : ISSUER_NONE;
	} else if (str_equal(node->key, STR("magnitude_s"))) {
		test->magnitude_given = str_to_double(node->text, &test->magnitude_s);
		if (!test->magnitude_given)
			fault(build, node, STR("write seconds, such as 1.5"), "'%.*s' is no number", STR_ARGS(str_cut_utf8(node->text, 60)));
	} else if (str_equal(node->key, STR("step_s"))) {
		test->step_given = str_to_double(node->text, &test->step_s);
		if (!test->step_given)
			fault(build, node, STR("write seconds, such as 1.5"), "'%.*s' is no number", STR_ARGS(str_cut_utf8(node->text, 60)));
	} else if (str_equal(node->key, STR("peer"))) {
		test->peer_given = true;
		test->peer = node->text;
	}
}

static void test_fields(struct build *build, const struct yaml_node *map, struct rule_test *test)
{
	struct str *fields = arena_array(&build->set->arena, map->count + 1, sizeof *fields);
	struct str *values = arena_array(&build->set->arena, map->count + 1, sizeof *values);
	if (map->kind != YAML_MAP)
		fault(build, map, STR("write `fields: {event.code: '4616'}`"), "`fields` must be a map");
	for (const struct yaml_node *node = map->first; map->kind == YAML_MAP && node; node = node->next) {
		if (node->kind != YAML_SCALAR)
			fault(build, node, STR("give the field one text"), "a field's value must be a text");
		fields[test->fields_count] = record_name(build, node->key);
		values[test->fields_count++] = node->text;
	}
	test->fields = fields;
	test->values = values;
}

static void one_test(struct build *build, const struct yaml_node *map, struct rule_test *test)
{
	static const struct str keys[] = {{"match", 5}, {"no_match", 8}, {"fields", 6}, {"direction", 9}, {"subject", 7}, {"issuer", 6}, {"magnitude_s", 11},
		{"step_s", 6}, {"peer", 4}};
	if (map->kind != YAML_MAP) {
		fault(build, map, STR("write `- match: 'a message'` or `- no_match: 'a message'`"), "a test must be a map");
		return;
	}
	if (!known_keys(build, map, keys, sizeof keys / sizeof keys[0]))
		return;
	const struct yaml_node *yes = yaml_get(map, STR("match")), *no = yaml_get(map, STR("no_match"));
	if (!yes == !no) {
		fault(build, map, STR("write `- match: 'a message'` or `- no_match: 'a message'`"), "a test has either `match` or `no_match`");
		return;
	}
	test->match = yes != NULL;
	test->message = (yes ? yes : no)->text;
	test->line = (yes ? yes : no)->line;
	test->column = (yes ? yes : no)->column;
	if ((yes ? yes : no)->kind != YAML_SCALAR)
		fault(build, yes ? yes : no, STR("quote a text that holds : or {"), "a test's message must be a text");
	for (const struct yaml_node *node = map->first; node; node = node->next) {
		if (str_equal(node->key, STR("fields")))
			test_fields(build, node, test);
		else if (node != yes && node != no)
			test_expectation(build, node, test);
	}
}

void build_tests(struct build *build, const struct yaml_node *tests)
{
	if (tests->kind != YAML_LIST) {
		fault(build, tests, STR("write `- match: '...'` lines"), "`tests` must be a list");
		return;
	}
	struct rule_test *rows = arena_array(&build->set->arena, tests->count + 1, sizeof *rows);
	size_t count = 0;
	for (const struct yaml_node *node = tests->first; node; node = node->next)
		one_test(build, node, &rows[count++]);
	build->rule.tests = rows;
	build->rule.tests_count = count;
}
