/* The `skewline:` block: what a match means for a clock. */
#include "build.h"

const struct str INSTANT_FORMAT_NAMES[] = {{"auto", 4}, {"rfc3339", 7}, {"rfc2822", 7}, {"epoch_s", 7}, {"epoch_ms", 8}, {"epoch_us", 8}, {"epoch_ns", 8},
	{"x509", 4}, {"packed", 6}, {"asctime", 7}, {"go", 2}, {"month_first", 11}, {"day_first", 9}, {"syslog", 6}};

/* A named group of the detection's regular expressions. */
static uint8_t group_of(struct build *build, const struct yaml_node *node)
{
	for (size_t i = 0; node->kind == YAML_SCALAR && i < build->rule.groups_count; i++) {
		if (!str_equal(build->rule.groups[i], node->text))
			continue;
		build->groups[i].read = true;
		return (uint8_t)i;
	}
	struct str hint = build->rule.groups_count ? hint_nearest(build, node->text, build->rule.groups, build->rule.groups_count)
		: STR("name a group in a regular expression of the detection: (?P<name>...)");
	fault(build, node, hint, "no regular expression of the detection has a group named '%.*s'", STR_ARGS(str_cut_utf8(node->text, 60)));
	return RULE_NO_GROUP;
}

/* A group that is read as an instant. */
static uint8_t instant_of(struct build *build, const struct yaml_node *node)
{
	uint8_t group = group_of(build, node);
	if (group != RULE_NO_GROUP)
		build->groups[group].instant = true;
	return group;
}

static void pair(struct build *build, const struct yaml_node *node, uint8_t *out_first, uint8_t *out_second)
{
	if (node->kind != YAML_LIST || node->count != 2) {
		fault(build, node, STR("write [first, second]"), "`%.*s` takes two named groups", STR_ARGS(node->key));
		return;
	}
	*out_first = instant_of(build, node->first);
	*out_second = instant_of(build, node->first->next);
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
			reading->value = instant_of(build, node);
		} else if (str_equal(node->key, STR("constant_s"))) {
			double seconds = 0;
			reading->magnitude = RULE_MAGNITUDE_CONSTANT;
			if (!str_to_double(node->text, &seconds) || seconds <= 0)
				fault(build, node, STR("write seconds, such as 300"), "`constant_s` must be a number of seconds above 0");
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
			fault(build, word, STR("write rules of their own"), "more than 8 words");
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
		if (!means)
			fault_key(build, node, STR("say which way the clock is off then"), "`direction` needs `%s: ahead` or `behind`", sign ? "positive" : "first_earlier");
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
			reading->step_before = instant_of(build, one);
		else if (str_equal(one->key, STR("after")))
			reading->step_after = instant_of(build, one);
		else if (str_equal(one->key, STR("unit")))
			read_unit(build, one, &reading->step_unit, &reading->step_unit_group);
		else if (str_equal(one->key, STR("positive")) && choice(build, one, ways, 2, &way))
			reading->step_forward = way == 1;
		else if (str_equal(one->key, STR("set_time")) && !yaml_bool(one, &build->rule.info.set_time_event))
			fault(build, one, STR("write `set_time: true`"), "`set_time` takes true or false");
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
		fault(build, node, STR("write seconds, such as 300"), "'%.*s' is no number of seconds", STR_ARGS(str_cut_utf8(node->text, 60)));
}

/* One format for every instant of the rule, or a map of groups. */
static void read_formats(struct build *build, const struct yaml_node *node)
{
	struct rule_reading *reading = &build->rule.reading;
	int format;
	if (node->kind != YAML_MAP) {
		for (size_t i = 0; choice(build, node, INSTANT_FORMAT_NAMES, INSTANT_FORMATS, &format) && i < RULE_GROUPS_MAX; i++)
			reading->formats[i] = (enum instant_format)format;
		return;
	}
	for (const struct yaml_node *one = node->first; one; one = one->next) {
		struct yaml_node name = *one;
		name.kind = YAML_SCALAR;
		name.text = one->key;
		name.line = one->key_line;
		name.column = one->key_column;
		uint8_t group = group_of(build, &name);
		if (group != RULE_NO_GROUP && choice(build, one, INSTANT_FORMAT_NAMES, INSTANT_FORMATS, &format))
			reading->formats[group] = (enum instant_format)format;
	}
}

static bool is_technique(struct str text)
{
	for (size_t i = 0; i < text.size; i++)
		if (i == 0 ? text.data[i] != 'T' : i == 5 ? text.data[i] != '.' : text.data[i] < '0' || text.data[i] > '9')
			return false;
	return text.size == 5 || text.size == 9;
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
	} else if (str_equal(node->key, STR("only_if_earlier"))) {
		pair(build, node, &build->rule.reading.earlier[0], &build->rule.reading.earlier[1]);
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
		if (!is_technique(node->text))
			fault(build, node, STR("write it like T1070.006"), "'%.*s' is no technique of ATT&CK", STR_ARGS(str_cut_utf8(node->text, 60)));
	} else if (str_equal(node->key, STR("instant"))) {
		read_formats(build, node);
	} else if (str_equal(node->key, STR("priority"))) {
		int64_t priority;
		if (!str_to_int64(node->text, &priority) || priority < 0 || priority > 100)
			fault(build, node, STR("50 is usual, structural rules have 10"), "`priority` is a number from 0 to 100");
		else
			info->specificity = (int)priority * 1000;
	}
}

/* The text between the parentheses of a group of which the name stands at `offset`. */
static struct str inside_group(struct str pattern, size_t offset)
{
	ptrdiff_t close = str_find_byte(str_from(pattern, offset), '>');
	struct str rest = str_from(pattern, offset + (size_t)(close < 0 ? 0 : close + 1));
	unsigned depth = 1;
	for (size_t i = 0; i < rest.size; i++) {
		if (rest.data[i] == '\\')
			i++;
		else if (rest.data[i] == '(' || rest.data[i] == ')')
			depth += rest.data[i] == '(' ? 1u : -1u;
		if (depth == 0)
			return str_first(rest, i);
	}
	return rest;
}

static void warn_groups(struct build *build)
{
	for (size_t i = 0; i < build->rule.groups_count; i++) {
		const struct yaml_node *pattern = build->groups[i].pattern;
		size_t offset = build->groups[i].offset;
		if (!build->groups[i].read)
			warn_inside(build, pattern, offset, STR("use it, or write (?:...)"), "the group '%.*s' is never read", STR_ARGS(build->rule.groups[i]));
		else if (build->groups[i].instant && build->rule.reading.formats[i] == INSTANT_AUTO && str_find_byte(inside_group(pattern->text, offset), '/') >= 0)
			warn_inside(build, pattern, offset, STR("name it with `instant: month_first` or `instant: day_first`"),
				"the group '%.*s' may hold a date such as 3/4/2026, which can be read in two ways", STR_ARGS(build->rule.groups[i]));
	}
}

void build_block(struct build *build, const struct yaml_node *block)
{
	static const struct str keys[] = {{"class", 5}, {"issuer", 6}, {"subject", 7}, {"direction", 9}, {"shape", 5}, {"magnitude", 9}, {"leeway_s", 8},
		{"peer", 4}, {"jump", 4}, {"instant", 7}, {"runbook", 7}, {"attack", 6}, {"proves", 6}, {"tests", 5}, {"priority", 8},
		{"only_if_earlier", 15}};
	struct rule_reading *reading = &build->rule.reading;
	reading->unit_group = reading->step_unit_group = reading->peer = reading->step = reading->step_before = reading->step_after = RULE_NO_GROUP;
	reading->earlier[0] = reading->earlier[1] = RULE_NO_GROUP;
	bool shaped = false;
	if (!known_keys(build, block, keys, sizeof keys / sizeof keys[0]))
		return;
	for (const struct yaml_node *node = block->first; node; node = node->next)
		read_key(build, node, &shaped);
	const struct yaml_node *direction = yaml_get(block, STR("direction"));
	build->rule.direction_line = direction ? direction->line : 0;
	build->rule.direction_column = direction ? direction->column : 0;
	const struct { struct str key; const struct str *values; size_t count; } needed[] = {{STR("class"), SYMPTOM_CLASS_NAMES, CLASS_COUNT},
		{STR("issuer"), ISSUER_NAMES + 1, ISSUER_COUNT - 1}, {STR("subject"), SYMPTOM_SUBJECT_NAMES, 3}, {STR("direction"), DIRECTION_NAMES, 3}};
	for (size_t i = 0; i < 4; i++)
		if (!yaml_get(block, needed[i].key))
			fault_key(build, block, hint_nearest(build, STR_NONE, needed[i].values, needed[i].count), "`skewline` needs `%.*s`", STR_ARGS(needed[i].key));
	if (!shaped)
		build->rule.info.shape = usual_shape(&build->rule.info, reading);
	if (build->rule.info.shape == SHAPE_VALUE && reading->magnitude == RULE_MAGNITUDE_NONE)
		fault_key(build, block, STR("say how to read it with `magnitude`"), "the shape `value` needs a magnitude");
	if (!build->errors)
		warn_groups(build);
}
