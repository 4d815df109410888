#include "scenario_judge.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "skewline/decode.h"

struct seen {
	struct str id, suspect;
	json_t *newest;     /* its last revision */
	struct instant opened;
	int64_t revisions;
	bool named;         /* an expectation speaks of its suspect */
};

struct scenario_judge {
	struct arena arena;
	struct instant begin;
	struct seen *incidents;
	size_t count, capacity;
	/* of the running question */
	unsigned line;
	void (*fail)(void *context, unsigned line, struct str text);
	void *context;
};

struct scenario_judge *scenario_judge_new(struct instant begin)
{
	struct scenario_judge *judge = calloc(1, sizeof *judge);
	if (!judge)
		abort();
	judge->begin = begin;
	return judge;
}

void scenario_judge_free(struct scenario_judge *judge)
{
	for (size_t i = 0; i < judge->count; i++)
		json_decref(judge->incidents[i].newest);
	free(judge->incidents);
	arena_release(&judge->arena);
	free(judge);
}

void scenario_judge_take(struct scenario_judge *judge, const struct memory_alert *alert)
{
	size_t i = 0;
	while (i < judge->count && !str_equal(judge->incidents[i].id, alert->head.id))
		i++;
	if (i == judge->capacity) {
		judge->capacity = judge->capacity ? judge->capacity * 2 : 16;
		judge->incidents = realloc(judge->incidents, judge->capacity * sizeof *judge->incidents);
		if (!judge->incidents)
			abort();
	}
	if (i == judge->count)
		judge->incidents[judge->count++] = (struct seen){.id = arena_copy(&judge->arena, alert->head.id), .suspect = arena_copy(&judge->arena, alert->head.suspect),
			.opened = alert->head.opened};
	struct seen *seen = &judge->incidents[i];
	json_decref(seen->newest);
	seen->newest = json_loadb(alert->text.data, alert->text.size, 0, NULL);
	if (!seen->newest)
		abort();
	seen->revisions++;
}

__attribute__((format(printf, 2, 3))) static void fail(struct scenario_judge *judge, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct str text = arena_vprintf(&judge->arena, format, arguments);
	va_end(arguments);
	judge->fail(judge->context, judge->line, text);
}

/* ---- reading one revision ---- */
static json_t *own(const struct seen *seen)
{
	return json_object_get(seen->newest, "skewline");
}

static struct str word_at(json_t *object, const char *key)
{
	return str_of(json_string_value(json_object_get(object, key)));
}

static double side(json_t *object, const char *key, double open)
{
	json_t *value = json_object_get(object, key);
	return json_is_number(value) ? json_number_value(value) : open;
}

static bool list_has(json_t *list, struct str wanted, const char *key)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *item = json_array_get(list, i);
		bool same = str_equal(str_of(json_string_value(key ? json_object_get(item, key) : item)), wanted);
		if (same && (!key || json_is_true(json_object_get(item, "agrees"))))
			return true;
	}
	return false;
}

static int64_t incidents_of(const struct scenario_judge *judge, struct str suspect)
{
	int64_t count = 0;
	for (size_t i = 0; i < judge->count; i++)
		count += str_equal_folded(judge->incidents[i].suspect, suspect);
	return count;
}

static struct seen *newest(struct scenario_judge *judge, struct str suspect, bool open_only)
{
	struct seen *found = NULL;
	for (size_t i = 0; i < judge->count; i++) {
		struct seen *seen = &judge->incidents[i];
		bool fits = str_equal_folded(seen->suspect, suspect) && !(open_only && str_equal(word_at(own(seen), "state"), STR("resolved")));
		if (fits && (!found || instant_before(found->opened, seen->opened)))
			found = seen;
	}
	return found;
}

/* ---- one question ---- */
static bool span_of(struct scenario_judge *judge, struct str word, double *out)
{
	struct span span = {0};
	if (scenario_span(word, &span)) {
		*out = span_seconds(span);
		return true;
	}
	fail(judge, "'%.*s' is no time", STR_ARGS(word));
	return false;
}

static void ask_interval(struct scenario_judge *judge, const struct seen *seen, json_t *interval, const struct str *words)
{
	double low = side(interval, "low_s", -INFINITY), high = side(interval, "high_s", INFINITY), a, b = 0;
	bool between = str_equal(words[0], STR("between"));
	if (!span_of(judge, words[1], &a) || (between && !span_of(judge, words[2], &b)))
		return;
	bool holds = between ? low >= a && high <= b : low <= a && a <= high && (isfinite(low) || isfinite(high));
	if (!holds)
		fail(judge, "incident %.*s: its interval is %.9g .. %.9g s, want %.*s %.*s", STR_ARGS(seen->id), low, high, STR_ARGS(words[0]), STR_ARGS(words[1]));
}

static void ask_number(struct scenario_judge *judge, const struct seen *seen, struct str key, struct str wanted, int64_t got, bool most)
{
	int64_t number;
	if (!str_to_int64(wanted, &number))
		fail(judge, "'%.*s' is no whole number", STR_ARGS(wanted));
	else if (most ? got > number : got != number)
		fail(judge, "incident %.*s: %.*s %lld, want %s%lld", STR_ARGS(seen->id), STR_ARGS(key), (long long)got, most ? "at most " : "", (long long)number);
}

static void ask_opened(struct scenario_judge *judge, const struct seen *seen, const struct str *words)
{
	double from, until, at = span_seconds(instant_minus(seen->opened, judge->begin));
	if (span_of(judge, words[1], &from) && span_of(judge, words[2], &until) && (at < from || at > until))
		fail(judge, "incident %.*s: opened at %.1f s, want %.*s to %.*s", STR_ARGS(seen->id), at, STR_ARGS(words[1]), STR_ARGS(words[2]));
}

static void ask_word(struct scenario_judge *judge, const struct seen *seen, struct str key, struct str wanted)
{
	json_t *skewline = own(seen);
	char name[32];
	struct str got;
	if (str_equal(key, STR("direction")))
		got = word_at(json_object_get(skewline, "offset"), "direction");
	else if (str_equal(key, STR("correlated")))
		got = json_is_true(json_object_get(skewline, "correlated")) ? STR("yes") : STR("no");
	else {
		size_t size = key.size < sizeof name - 1 ? key.size : sizeof name - 1;
		for (size_t i = 0; i < size; i++)
			name[i] = key.data[i];
		name[size] = 0;
		got = word_at(skewline, name);
	}
	if (!str_equal(got, wanted))
		fail(judge, "incident %.*s: %.*s %.*s, want %.*s", STR_ARGS(seen->id), STR_ARGS(key), STR_ARGS(got), STR_ARGS(wanted));
}

static void ask_inhibited(struct scenario_judge *judge, const struct seen *seen, struct str wanted)
{
	struct str by = word_at(own(seen), "inhibited_by");
	bool fits = str_equal(wanted, STR("no")) ? by.size == 0 : by.size > wanted.size && str_starts(by, wanted) && by.data[wanted.size] == '-';
	if (!fits)
		fail(judge, "incident %.*s: inhibited by '%.*s', want %.*s", STR_ARGS(seen->id), STR_ARGS(by), STR_ARGS(wanted));
}

/* The value words of a key begin at words[1]; gives how many words were read. */
static size_t ask(struct scenario_judge *judge, const struct seen *seen, const struct str *words)
{
	struct str key = words[0], value = words[1];
	json_t *skewline = own(seen);
	if (str_equal(key, STR("contains")) || str_equal(key, STR("between")))
		ask_interval(judge, seen, json_object_get(skewline, "offset"), words);
	else if (str_equal(key, STR("worst")))
		ask_interval(judge, seen, json_object_get(skewline, "worst"), words);
	else if (str_equal(key, STR("affected")))
		ask_number(judge, seen, key, value, json_integer_value(json_object_get(skewline, "affected_count")), false);
	else if (str_equal(key, STR("revisions")))
		ask_number(judge, seen, key, value, seen->revisions, true);
	else if (str_equal(key, STR("times")))
		ask_number(judge, seen, key, value, incidents_of(judge, seen->suspect), false);
	else if (str_equal(key, STR("opened")))
		ask_opened(judge, seen, words);
	else if (str_equal(key, STR("inhibited")))
		ask_inhibited(judge, seen, value);
	else if (str_equal(key, STR("affects")) && !list_has(json_object_get(skewline, "affected"), value, NULL))
		fail(judge, "incident %.*s does not list %.*s", STR_ARGS(seen->id), STR_ARGS(value));
	else if (str_equal(key, STR("evidence")) && !list_has(json_object_get(skewline, "evidence"), value, "kind"))
		fail(judge, "incident %.*s has no agreeing evidence %.*s", STR_ARGS(seen->id), STR_ARGS(value));
	else if (str_equal(key, STR("says")) && str_find(word_at(seen->newest, "message"), value) < 0)
		fail(judge, "incident %.*s says '%.*s', want '%.*s'", STR_ARGS(seen->id), STR_ARGS(word_at(seen->newest, "message")), STR_ARGS(value));
	else if (!str_equal(key, STR("affects")) && !str_equal(key, STR("evidence")) && !str_equal(key, STR("says")))
		ask_word(judge, seen, key, value);
	return str_equal(key, STR("between")) || str_equal(key, STR("opened")) ? 3 : 2;
}

static void name_suspect(struct scenario_judge *judge, struct str suspect)
{
	for (size_t i = 0; i < judge->count; i++)
		if (str_equal_folded(judge->incidents[i].suspect, suspect))
			judge->incidents[i].named = true;
}

static void tell(struct scenario_judge *judge, const struct seen *seen, const char *why)
{
	json_t *skewline = own(seen);
	struct str cause = word_at(skewline, "cause"), direction = word_at(json_object_get(skewline, "offset"), "direction");
	fail(judge, "incident %.*s (%.*s, %.*s), %s", STR_ARGS(seen->id), STR_ARGS(cause), STR_ARGS(direction), why);
}

void scenario_judge_ask(struct scenario_judge *judge, const struct scenario_step *step, void (*report)(void *context, unsigned line, struct str text), void *context)
{
	judge->fail = report;
	judge->context = context;
	judge->line = step->line;
	if (step->deed == DEED_EXPECT_NO_OTHER) {
		for (size_t i = 0; i < judge->count; i++)
			if (!judge->incidents[i].named)
				tell(judge, &judge->incidents[i], "of which no expectation speaks");
		return;
	}
	const struct seen *seen = newest(judge, step->name, step->deed == DEED_EXPECT_NONE);
	if (step->deed == DEED_EXPECT_NONE) {
		if (seen)
			tell(judge, seen, "though none is expected");
		return;
	}
	name_suspect(judge, step->name);
	if (!seen)
		fail(judge, "no incident on %.*s", STR_ARGS(step->name));
	for (size_t i = 0; seen && i < step->words_count;)
		i += ask(judge, seen, step->words + i);
}
