/* The `skewline:` block: what a match means for a clock; and the tests beside it. */
#include "build.h"

#include <string.h>

static bool choice(struct build *build, const struct yaml_node *node, const struct str *names, size_t count, int *out)
{
	for (size_t i = 0; node->kind == YAML_SCALAR && i < count; i++) {
		if (!str_equal(node->text, names[i]))
			continue;
		*out = (int)i;
		return true;
	}
	fault(build, node, hint_nearest(build, node->text, names, count), "'%.*s' is no value of `%.*s`", STR_ARGS(node->text), STR_ARGS(node->key));
	return false;
}

static bool known_keys(struct build *build, const struct yaml_node *map, const struct str *names, size_t count)
{
	bool sound = true;
	if (map->kind != YAML_MAP) {
		fault(build, map, STR_NONE, "`%.*s` must be a map", STR_ARGS(map->key));
		return false;
	}
	for (const struct yaml_node *node = map->first; node; node = node->next) {
		bool known = false;
		for (size_t i = 0; i < count; i++)
			known = known || str_equal(node->key, names[i]);
		if (!known)
			fault_key(build, node, hint_nearest(build, node->key, names, count), "unknown key '%.*s'", STR_ARGS(node->key));
		sound = sound && known;
	}
	return sound;
}

/* A named group of the detection's regular expressions. */
static uint8_t group_of(struct build *build, const struct yaml_node *node)
{
	for (size_t i = 0; node->kind == YAML_SCALAR && i < build->rule.groups_count; i++) {
		if (!str_equal(build->rule.groups[i], node->text))
			continue;
		build->group_used[i] = true;
		return (uint8_t)i;
	}
	fault(build, node, hint_nearest(build, node->text, build->rule.groups, build->rule.groups_count),
		"no regular expression of the detection has a group named '%.*s'", STR_ARGS(node->text));
	return RULE_NO_GROUP;
}

static void pair(struct build *build, const struct yaml_node *node, uint8_t *out_first, uint8_t *out_second)
{
	if (node->kind != YAML_LIST || node->count != 2) {
		fault(build, node, STR("write [first, second]"), "`%.*s` takes two named groups", STR_ARGS(node->key));
		return;
	}
	*out_first = group_of(build, node->first);
	*out_second = group_of(build, node->first->next);
}

static void read_unit(struct build *build, const struct yaml_node *node, struct span *out, uint8_t *out_group)
{
	static const int64_t units_ns[] = {1, 1000, 1000000, SECOND_NS, 60 * SECOND_NS, 3600 * SECOND_NS, 86400 * SECOND_NS};
	static const struct str names[] = {{"ns", 2}, {"us", 2}, {"ms", 2}, {"s", 1}, {"min", 3}, {"h", 1}, {"d", 1}};
	const struct yaml_node *group = yaml_get(node, STR("group"));
	if (group && out_group) {
		*out_group = group_of(build, group);
		return;
	}
	int index;
	if (choice(build, node, names, 7, &index))
		*out = (struct span){units_ns[index]};
}

static void read_magnitude(struct build *build, const struct yaml_node *block)
{
	static const struct str keys[] = {{"kind", 4}, {"value", 5}, {"unit", 4}, {"duration", 8}, {"between", 7}, {"until", 5}, {"constant_s", 10}};
	struct rule_reading *reading = &build->rule.reading;
	int kind;
	if (!known_keys(build, block, keys, 7))
		return;
	unsigned ways = 0;
	for (const struct yaml_node *node = block->first; node; node = node->next) {
		bool way = true;
		if (str_equal(node->key, STR("value"))) {
			reading->magnitude = RULE_MAGNITUDE_NUMBER;
			reading->value = group_of(build, node);
		} else if (str_equal(node->key, STR("duration"))) {
			reading->magnitude = RULE_MAGNITUDE_DURATION;
			reading->value = group_of(build, node);
		} else if (str_equal(node->key, STR("between"))) {
			reading->magnitude = RULE_MAGNITUDE_BETWEEN;
			pair(build, node, &reading->value, &reading->other);
		} else if (str_equal(node->key, STR("until"))) {
			reading->magnitude = RULE_MAGNITUDE_UNTIL;
			reading->value = group_of(build, node);
		} else if (str_equal(node->key, STR("constant_s"))) {
			double seconds = 0;
			reading->magnitude = RULE_MAGNITUDE_CONSTANT;
			if (!str_to_double(node->text, &seconds) || seconds <= 0)
				fault(build, node, STR_NONE, "`constant_s` must be a number of seconds above 0");
			reading->constant = span_of_seconds(seconds);
		} else {
			way = false;
		}
		ways += way;
	}
	if (ways != 1)
		fault_key(build, block, STR("keep exactly one of value, duration, between, until, constant_s"), "`magnitude` is read in %u ways", ways);
	const struct yaml_node *unit = yaml_get(block, STR("unit")), *kind_node = yaml_get(block, STR("kind"));
	if (reading->magnitude == RULE_MAGNITUDE_NUMBER && !unit)
		fault_key(build, block, STR("add `unit: s`"), "`value` needs a `unit`");
	if (unit)
		read_unit(build, unit, &reading->unit, &reading->unit_group);
	reading->magnitude_kind = MAGNITUDE_AT_LEAST;
	if (kind_node && choice(build, kind_node, MAGNITUDE_KIND_NAMES, 3, &kind))
		reading->magnitude_kind = (enum magnitude_kind)kind;
}

static void read_words(struct build *build, const struct yaml_node *list, enum direction direction)
{
	struct rule_reading *reading = &build->rule.reading;
	for (const struct yaml_node *word = list->kind == YAML_LIST ? list->first : list; word; word = list->kind == YAML_LIST ? word->next : NULL) {
		if (reading->words_count == RULE_WORDS_MAX) {
			fault(build, word, STR_NONE, "more than 8 words");
			return;
		}
		reading->words[reading->words_count].word = word->text;
		reading->words[reading->words_count++].direction = direction;
	}
}

static void read_direction(struct build *build, const struct yaml_node *node)
{
	static const struct str keys[] = {{"by_sign", 7}, {"positive", 8}, {"by_order", 8}, {"first_earlier", 13}, {"by_word", 7}, {"ahead", 5}, {"behind", 6}};
	struct rule_reading *reading = &build->rule.reading;
	int direction;
	if (node->kind == YAML_SCALAR) {
		if (choice(build, node, DIRECTION_NAMES, 3, &direction))
			build->rule.info.direction = (enum direction)direction;
		return;
	}
	if (!known_keys(build, node, keys, 7))
		return;
	const struct yaml_node *sign = yaml_get(node, STR("by_sign")), *order = yaml_get(node, STR("by_order")), *word = yaml_get(node, STR("by_word"));
	const struct yaml_node *means = yaml_get(node, sign ? STR("positive") : STR("first_earlier"));
	if (!!sign + !!order + !!word != 1) {
		fault_key(build, node, STR("keep one of by_sign, by_order, by_word"), "`direction` is decided in more or less than one way");
		return;
	}
	if (word) {
		reading->decides = RULE_DIRECTION_BY_WORD;
		reading->word = group_of(build, word);
		for (const struct yaml_node *list = node->first; list; list = list->next)
			if (list != word)
				read_words(build, list, str_equal(list->key, STR("ahead")) ? DIRECTION_AHEAD : DIRECTION_BEHIND);
		return;
	}
	if (!means || !choice(build, means, DIRECTION_NAMES, 3, &direction)) {
		fault_key(build, node, STR_NONE, "`direction` needs `%s: ahead` or `behind`", sign ? "positive" : "first_earlier");
		return;
	}
	reading->positive = (enum direction)direction;
	reading->decides = sign ? RULE_DIRECTION_BY_SIGN : RULE_DIRECTION_BY_ORDER;
	if (sign)
		reading->sign = group_of(build, sign);
	else
		pair(build, order, &reading->order[0], &reading->order[1]);
}

static void read_peer(struct build *build, const struct yaml_node *node)
{
	const struct yaml_node *group = yaml_get(node, STR("group")), *field = yaml_get(node, STR("field"));
	if (!group == !field) {
		fault_key(build, node, STR("write `peer: {group: NAME}` or `peer: {field: NAME}`"), "`peer` must name a group or a field");
		return;
	}
	if (group)
		build->rule.reading.peer = group_of(build, group);
	build->rule.reading.peer_is_field = field != NULL;
	if (field)
		build->rule.reading.peer_wanted = wanted_field(build, field->text);
}

static void read_jump(struct build *build, const struct yaml_node *node)
{
	static const struct str keys[] = {{"step", 4}, {"unit", 4}, {"positive", 8}, {"set_time", 8}, {"before", 6}, {"after", 5}};
	static const struct str ways[] = {{"backward", 8}, {"forward", 7}};
	struct rule_reading *reading = &build->rule.reading;
	build->rule.info.jump = true;
	if (!known_keys(build, node, keys, 6))
		return;
	reading->step_forward = true;
	reading->step_unit = SPAN_S(1);
	for (const struct yaml_node *one = node->first; one; one = one->next) {
		int way;
		if (str_equal(one->key, STR("step")))
			reading->step = group_of(build, one);
		else if (str_equal(one->key, STR("before")))
			reading->step_before = group_of(build, one);
		else if (str_equal(one->key, STR("after")))
			reading->step_after = group_of(build, one);
		else if (str_equal(one->key, STR("unit")))
			read_unit(build, one, &reading->step_unit, NULL);
		else if (str_equal(one->key, STR("positive")) && choice(build, one, ways, 2, &way))
			reading->step_forward = way == 1;
		else if (str_equal(one->key, STR("set_time")) && !yaml_bool(one, &build->rule.info.set_time_event))
			fault(build, one, STR_NONE, "`set_time` takes true or false");
	}
}

/* Where the block is silent: what the class says by itself. */
static enum symptom_shape usual_shape(const struct rule_info *info, const struct rule_reading *reading)
{
	switch (info->class) {
	case CLASS_CERT_NOT_YET_VALID: case CLASS_TOKEN_NOT_YET_VALID: case CLASS_FUTURE_TIMESTAMP: return SHAPE_CAUSAL;
	case CLASS_KERBEROS_SKEW: return SHAPE_SYMMETRIC;
	case CLASS_DISTRIBUTED_CLOCK: return reading->magnitude_kind == MAGNITUDE_EXACT ? SHAPE_VALUE : SHAPE_WEAK;
	default: return SHAPE_WEAK;
	}
}

static void read_seconds(struct build *build, const struct yaml_node *node, struct span *out)
{
	double seconds;
	if (str_to_double(node->text, &seconds) && seconds >= 0)
		*out = span_of_seconds(seconds);
	else
		fault(build, node, STR_NONE, "'%.*s' is no number of seconds", STR_ARGS(node->text));
}

static void read_key(struct build *build, const struct yaml_node *node, bool *out_shaped)
{
	struct rule_info *info = &build->rule.info;
	int value;
	if (str_equal(node->key, STR("class"))) {
		if (choice(build, node, SYMPTOM_CLASS_NAMES, CLASS_COUNT, &value))
			info->class = (enum symptom_class)value;
	} else if (str_equal(node->key, STR("issuer"))) {
		if (choice(build, node, ISSUER_NAMES + 1, ISSUER_COUNT - 1, &value))
			info->issuer = (enum issuer)(value + 1);
	} else if (str_equal(node->key, STR("subject"))) {
		if (choice(build, node, SYMPTOM_SUBJECT_NAMES, 3, &value))
			info->subject = (enum symptom_subject)value;
	} else if (str_equal(node->key, STR("shape"))) {
		*out_shaped = choice(build, node, SYMPTOM_SHAPE_NAMES, 4, &value);
		if (*out_shaped)
			info->shape = (enum symptom_shape)value;
	} else if (str_equal(node->key, STR("direction"))) {
		read_direction(build, node);
	} else if (str_equal(node->key, STR("magnitude"))) {
		read_magnitude(build, node);
	} else if (str_equal(node->key, STR("leeway_s"))) {
		read_seconds(build, node, &info->leeway);
	} else if (str_equal(node->key, STR("peer"))) {
		read_peer(build, node);
	} else if (str_equal(node->key, STR("jump"))) {
		read_jump(build, node);
	} else if (str_equal(node->key, STR("runbook"))) {
		info->runbook = node->text;
	} else if (str_equal(node->key, STR("attack"))) {
		info->technique = node->text;
	} else if (str_equal(node->key, STR("priority"))) {
		int64_t priority;
		if (!str_to_int64(node->text, &priority) || priority < 0 || priority > 100)
			fault(build, node, STR_NONE, "`priority` is a number from 0 to 100");
		else
			info->specificity = (int)priority * 1000;
	}
}

void build_block(struct build *build, const struct yaml_node *block)
{
	static const struct str keys[] = {{"class", 5}, {"issuer", 6}, {"subject", 7}, {"direction", 9}, {"shape", 5}, {"magnitude", 9}, {"leeway_s", 8},
		{"peer", 4}, {"jump", 4}, {"runbook", 7}, {"attack", 6}, {"proves", 6}, {"tests", 5}, {"priority", 8}};
	struct rule_reading *reading = &build->rule.reading;
	reading->unit_group = reading->peer = reading->step = reading->step_before = reading->step_after = RULE_NO_GROUP;
	bool shaped = false;
	if (!known_keys(build, block, keys, sizeof keys / sizeof keys[0]))
		return;
	for (const struct yaml_node *node = block->first; node; node = node->next)
		read_key(build, node, &shaped);
	static const struct str needed[] = {{"class", 5}, {"issuer", 6}, {"subject", 7}, {"direction", 9}};
	for (size_t i = 0; i < 4; i++)
		if (!yaml_get(block, needed[i]))
			fault_key(build, block, STR("docs/rules.md explains it"), "`skewline` needs `%.*s`", STR_ARGS(needed[i]));
	if (!shaped)
		build->rule.info.shape = usual_shape(&build->rule.info, reading);
	if (build->rule.info.shape == SHAPE_VALUE && reading->magnitude == RULE_MAGNITUDE_NONE)
		fault_key(build, block, STR("say how to read it with `magnitude`"), "the shape `value` needs a magnitude");
	for (size_t i = 0; i < build->rule.groups_count; i++)
		if (!build->group_used[i])
			warn(build, block, STR("use it, or write (?:...)"), "the group '%.*s' is never read", STR_ARGS(build->rule.groups[i]));
}

/* ---- tests ---- */

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
			fault(build, node, STR_NONE, "'%.*s' is no number", STR_ARGS(node->text));
	} else if (str_equal(node->key, STR("step_s"))) {
		test->step_given = str_to_double(node->text, &test->step_s);
		if (!test->step_given)
			fault(build, node, STR_NONE, "'%.*s' is no number", STR_ARGS(node->text));
	} else if (str_equal(node->key, STR("peer"))) {
		test->peer_given = true;
		test->peer = node->text;
	}
}

static void test_fields(struct build *build, const struct yaml_node *map, struct rule_test *test)
{
	struct str *fields = arena_array(&build->set->arena, map->count + 1, sizeof *fields);
	struct str *values = arena_array(&build->set->arena, map->count + 1, sizeof *values);
	for (const struct yaml_node *node = map->first; map->kind == YAML_MAP && node; node = node->next) {
		fields[test->fields_count] = node->key;
		values[test->fields_count++] = node->text;
	}
	test->fields = fields;
	test->values = values;
}

static void one_test(struct build *build, const struct yaml_node *map, struct rule_test *test)
{
	static const struct str keys[] = {{"match", 5}, {"no_match", 8}, {"fields", 6}, {"direction", 9}, {"subject", 7}, {"issuer", 6}, {"magnitude_s", 11},
		{"step_s", 6}, {"peer", 4}};
	if (!known_keys(build, map, keys, sizeof keys / sizeof keys[0]))
		return;
	const struct yaml_node *yes = yaml_get(map, STR("match")), *no = yaml_get(map, STR("no_match"));
	if (!yes == !no) {
		fault(build, map, STR_NONE, "a test has either `match` or `no_match`");
		return;
	}
	test->match = yes != NULL;
	test->message = (yes ? yes : no)->text;
	test->line = (yes ? yes : no)->line;
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
