#include "read.h"
#include "instant.h"

#include <math.h>
#include <string.h>

/* Seconds of a unit word, 0 when it is none. */
static double unit_seconds(struct str word)
{
	static const struct { const char *names; double seconds; } units[] = {
		{"ns nanosecond nanoseconds nsec nanos", 1e-9}, {"us usec usecs microsecond microseconds micros \xC2\xB5s \xCE\xBCs", 1e-6},
		{"ms msec msecs millisecond milliseconds millis", 1e-3}, {"s sec secs second seconds", 1}, {"m min mins minute minutes", 60},
		{"h hr hrs hour hours", 3600}, {"d day days", 86400}, {"w week weeks", 604800}, {"mo month months", 2629746}, {"y yr yrs year years", 31556952},
	};
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		struct str names = str_of(units[i].names), name;
		while (str_split(&names, ' ', &name))
			if (str_equal_folded(name, word))
				return units[i].seconds;
	}
	return 0;
}

static bool digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static size_t span_of(struct str text, size_t at, bool number)
{
	size_t size = 0;
	for (; at + size < text.size; size++) {
		char byte = text.data[at + size];
		bool part = number ? digit(byte) || byte == '.' : ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (unsigned char)byte >= 0x80;
		if (!part)
			break;
	}
	return size;
}

/* hh:mm:ss[.fraction] at `at`; its size, 0 when there is none. */
static size_t clock_at(struct str text, size_t at, double *out)
{
	double parts[3];
	size_t start = at;
	for (int i = 0; i < 3; i++) {
		size_t size = span_of(text, at, true);
		if (!size || !str_to_double((struct str){text.data + at, size}, &parts[i]))
			return 0;
		at += size;
		if (i < 2 && (at >= text.size || text.data[at++] != ':'))
			return 0;
	}
	*out = parts[0] * 3600 + parts[1] * 60 + parts[2];
	return at - start;
}

/* ISO 8601 behind its P: the letters are the units, M twice. */
static bool iso_duration(struct str text, double *out_seconds)
{
	static const struct { char letter; bool time; double seconds; } units[] = {{'Y', false, 31556952}, {'M', false, 2629746}, {'W', false, 604800},
		{'D', false, 86400}, {'H', true, 3600}, {'M', true, 60}, {'S', true, 1}};
	bool time = false, any = false;
	double total = 0, value;
	while (text.size) {
		if (text.data[0] == 'T' && !time) {
			time = true;
			text = str_from(text, 1);
			continue;
		}
		size_t size = span_of(text, 0, true), unit = 0;
		if (!size || size == text.size || !str_to_double(str_first(text, size), &value))
			return false;
		while (unit < 7 && (units[unit].letter != text.data[size] || units[unit].time != time))
			unit++;
		if (unit == 7)
			return false;
		total += value * units[unit].seconds;
		any = true;
		text = str_from(text, size + 1);
	}
	*out_seconds = total;
	return any;
}

bool duration_in_message(struct str text, double *out_seconds)
{
	double total = 0;
	bool any = false;
	text = str_trim(text);
	struct str unsigned_text = text.size && (text.data[0] == '-' || text.data[0] == '+') ? str_from(text, 1) : text;
	if (unsigned_text.size > 1 && unsigned_text.data[0] == 'P' && iso_duration(str_from(unsigned_text, 1), out_seconds))
		return true;
	for (size_t at = 0; at < text.size;) {
		if (!digit(text.data[at])) {
			at++;
			continue;
		}
		double value;
		size_t size = clock_at(text, at, &value);
		if (size) {
			total += value;
			any = true;
			at += size;
			continue;
		}
		size = span_of(text, at, true);
		if (!str_to_double((struct str){text.data + at, size}, &value))
			return false;
		at += size;
		while (at < text.size && text.data[at] == ' ')
			at++;
		size_t word = span_of(text, at, false);
		double unit = unit_seconds((struct str){text.data + at, word});
		if (unit == 0)
			return false;
		total += value * unit;
		any = true;
		at += word;
	}
	*out_seconds = total;
	return any;
}

static struct str group(const struct captures *captures, uint8_t index)
{
	return index == RULE_NO_GROUP ? STR_NONE : captures->groups[index];
}

/* A number with an optional sign, a Unicode minus, and commas or blanks between thousands. */
static bool number_in(struct str text, double *out)
{
	char plain[48];
	size_t size = 0;
	text = str_trim(text);
	if (str_starts(text, STR("\xE2\x88\x92"))) {
		plain[size++] = '-';
		text = str_from(text, 3);
	}
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == ',' || text.data[i] == ' ')
			continue;
		if (size == sizeof plain)
			return false;
		plain[size++] = text.data[i];
	}
	return str_to_double((struct str){plain, size}, out);
}

/* Seconds of the unit that the text names, or that the rule gives; 0 when the text names none that is known. */
static double unit_of(const struct captures *captures, uint8_t named, struct span given)
{
	return named == RULE_NO_GROUP ? span_seconds(given) : unit_seconds(group(captures, named));
}

static bool instant_of(const struct rule *rule, const struct captures *captures, uint8_t index, struct instant nearby, struct instant *out)
{
	return index != RULE_NO_GROUP && instant_read(captures->groups[index], rule->reading.formats[index], nearby, out);
}

/* Two instants of one text; one without a year is near the other, or near the record's own stamp. */
static bool two_instants(const struct rule *rule, const struct captures *captures, const struct record *record, uint8_t a, uint8_t b, struct instant *out_a, struct instant *out_b)
{
	if (instant_of(rule, captures, a, INSTANT_NONE, out_a))
		return instant_of(rule, captures, b, *out_a, out_b);
	if (instant_of(rule, captures, b, INSTANT_NONE, out_b))
		return instant_of(rule, captures, a, *out_b, out_a);
	return instant_of(rule, captures, a, record->host_said, out_a) && instant_of(rule, captures, b, record->host_said, out_b);
}

static bool magnitude_of(const struct rule *rule, const struct captures *captures, const struct record *record, double *out)
{
	const struct rule_reading *reading = &rule->reading;
	struct instant a, b;
	double value;
	switch (reading->magnitude) {
	case RULE_MAGNITUDE_NONE: return false;
	case RULE_MAGNITUDE_CONSTANT: *out = span_seconds(reading->constant); return true;
	case RULE_MAGNITUDE_DURATION: return duration_in_message(group(captures, reading->value), out);
	case RULE_MAGNITUDE_NUMBER: {
		double unit = unit_of(captures, reading->unit_group, reading->unit);
		if (unit == 0 || !number_in(group(captures, reading->value), &value))
			return false;
		*out = fabs(value) * unit;
		return true;
	}
	case RULE_MAGNITUDE_BETWEEN:
		if (!two_instants(rule, captures, record, reading->value, reading->other, &a, &b))
			return false;
		*out = fabs(span_seconds(instant_minus(a, b)));
		return true;
	case RULE_MAGNITUDE_UNTIL:
		if (!instant_known(record->host_said) || !instant_of(rule, captures, reading->value, record->host_said, &a))
			return false;
		*out = fabs(span_seconds(instant_minus(a, record->host_said)));
		return true;
	}
	return false;
}

static enum direction opposite(enum direction direction)
{
	return direction == DIRECTION_AHEAD ? DIRECTION_BEHIND : direction == DIRECTION_BEHIND ? DIRECTION_AHEAD : DIRECTION_UNKNOWN;
}

static enum direction direction_of(const struct rule *rule, const struct captures *captures, const struct record *record)
{
	const struct rule_reading *reading = &rule->reading;
	struct instant a, b;
	double value;
	switch (reading->decides) {
	case RULE_DIRECTION_FIXED: return rule->info.direction;
	case RULE_DIRECTION_BY_SIGN:
		if (!number_in(group(captures, reading->sign), &value) || value == 0)
			return DIRECTION_UNKNOWN;
		return value > 0 ? reading->positive : opposite(reading->positive);
	case RULE_DIRECTION_BY_ORDER:
		if (!two_instants(rule, captures, record, reading->order[0], reading->order[1], &a, &b) || a.ns == b.ns)
			return DIRECTION_UNKNOWN;
		return instant_before(a, b) ? reading->positive : opposite(reading->positive);
	case RULE_DIRECTION_BY_WORD:
		for (size_t i = 0; i < reading->words_count; i++)
			if (str_equal_folded(group(captures, reading->word), reading->words[i].word))
				return reading->words[i].direction;
		return DIRECTION_UNKNOWN;
	}
	return DIRECTION_UNKNOWN;
}

static void read_step(const struct rule *rule, const struct captures *captures, const struct record *record, struct hit *out)
{
	const struct rule_reading *reading = &rule->reading;
	double value, unit = unit_of(captures, reading->step_unit_group, reading->step_unit);
	struct instant before, after;
	if (reading->step != RULE_NO_GROUP && unit != 0 && number_in(group(captures, reading->step), &value)) {
		out->step = span_of_seconds(value * unit * (reading->step_forward ? 1 : -1));
		out->step_known = true;
	} else if (two_instants(rule, captures, record, reading->step_before, reading->step_after, &before, &after)) {
		out->step = instant_minus(after, before);
		out->step_known = true;
	}
}

bool read_in_order(const struct rule *rule, const struct captures *captures, const struct record *record)
{
	const uint8_t *earlier = rule->reading.earlier;
	struct instant a, b;
	return earlier[0] == RULE_NO_GROUP || (two_instants(rule, captures, record, earlier[0], earlier[1], &a, &b) && instant_before(a, b));
}

void read_hit(const struct rule *rule, const struct captures *captures, const struct record *record, struct hit *out)
{
	const struct rule_reading *reading = &rule->reading;
	double seconds;
	*out = (struct hit){.rule = &rule->info, .class = rule->info.class, .subject = rule->info.subject, .shape = rule->info.shape, .issuer = rule->info.issuer,
		.direction = direction_of(rule, captures, record)};
	if (magnitude_of(rule, captures, record, &seconds)) {
		out->magnitude_kind = reading->magnitude_kind;
		out->magnitude = span_of_seconds(seconds);
	}
	if (out->shape == SHAPE_VALUE && out->magnitude_kind == MAGNITUDE_NONE)
		out->shape = SHAPE_WEAK; /* the value could not be read: it counts, it does not vote */
	if (reading->peer_is_field)
		record_field(record, reading->peer_wanted, &out->peer);
	else
		out->peer = str_first(group(captures, reading->peer), SUBJECT_BYTES_MAX);
	if (rule->info.jump)
		read_step(rule, captures, record, out);
}
