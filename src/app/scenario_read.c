#include "scenario_read.h"

#include "skewline/diag.h"

struct reader {
	struct arena *arena;
	struct str words[SCENARIO_WORDS_MAX];
	size_t count, at;
	struct str reason;
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct reader *reader, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	if (!reader->reason.size)
		reader->reason = arena_vprintf(reader->arena, format, arguments);
	va_end(arguments);
	return false;
}

/* Words between blanks; "quoted", with \" and \\ inside. */
static bool split(struct reader *reader, struct str line)
{
	size_t at = 0;
	for (;;) {
		while (at < line.size && (line.data[at] == ' ' || line.data[at] == '\t' || line.data[at] == '\r'))
			at++;
		if (at == line.size || line.data[at] == '#')
			return true;
		if (reader->count == SCENARIO_WORDS_MAX)
			return refuse(reader, "more than %d words", SCENARIO_WORDS_MAX);
		bool quoted = line.data[at] == '"';
		char *word = arena_alloc(reader->arena, line.size - at + 1);
		size_t size = 0;
		for (at += quoted; at < line.size; at++) {
			char byte = line.data[at];
			if (quoted ? byte == '"' : byte == ' ' || byte == '\t')
				break;
			if (quoted && byte == '\\' && at + 1 < line.size)
				byte = line.data[++at];
			word[size++] = byte;
		}
		if (quoted && at++ == line.size)
			return refuse(reader, "the quotation mark is not closed");
		reader->words[reader->count++] = (struct str){word, size};
	}
}

static bool next(struct reader *reader, struct str *out, const char *wanted)
{
	if (reader->at == reader->count)
		return refuse(reader, "%s is missing", wanted);
	*out = reader->words[reader->at++];
	return true;
}

static bool taken(struct reader *reader, const char *word)
{
	bool here = reader->at < reader->count && str_equal(reader->words[reader->at], str_of(word));
	reader->at += here;
	return here;
}

bool scenario_span(struct str word, struct span *out)
{
	static const struct { struct str unit; double seconds; } units[] = {{{"ms", 2}, 1e-3}, {{"us", 2}, 1e-6}, {{"s", 1}, 1}, {{"m", 1}, 60}, {{"h", 1}, 3600},
		{{"d", 1}, 86400}};
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		double number;
		if (str_ends(word, units[i].unit) && str_to_double(str_first(word, word.size - units[i].unit.size), &number)) {
			*out = span_of_seconds(number * units[i].seconds);
			return true;
		}
	}
	return false;
}

static bool duration(struct reader *reader, struct span *out)
{
	struct str word;
	return next(reader, &word, "a time like 90s")
		&& (scenario_span(word, out) || refuse(reader, "'%.*s' is no time; write 90s, 5m, 2h, 1d or 250ms", STR_ARGS(word)));
}

static bool whole(struct reader *reader, int64_t *out)
{
	struct str word;
	return next(reader, &word, "a number") && (str_to_int64(word, out) || refuse(reader, "'%.*s' is no whole number", STR_ARGS(word)));
}

/* "60ppm" or "3%", by its unit: the number before it. */
static bool amount(struct reader *reader, struct str unit, const char *example, double *out)
{
	struct str word;
	if (!next(reader, &word, example))
		return false;
	return (str_ends(word, unit) && str_to_double(str_first(word, word.size - unit.size), out)) || refuse(reader, "'%.*s': write %s", STR_ARGS(word), example);
}

static bool unknown(struct reader *reader, struct str word, const struct str *words, size_t count)
{
	struct str near = diag_nearest(word, words, count);
	return near.size ? refuse(reader, "unknown word '%.*s'; did you mean '%.*s'?", STR_ARGS(word), STR_ARGS(near))
		: refuse(reader, "unknown word '%.*s'", STR_ARGS(word));
}

static bool leap_word(struct reader *reader, struct str *out)
{
	struct str word = STR_NONE;
	if (!next(reader, &word, "normal, insert or delete"))
		return false;
	*out = str_equal(word, STR("insert")) ? STR("Insert second") : str_equal(word, STR("delete")) ? STR("Delete second") : STR("Normal");
	return str_equal(*out, STR("Normal")) == str_equal(word, STR("normal")) || refuse(reader, "leap is normal, insert or delete");
}

static bool ntp(struct reader *reader, struct scenario_ntp *out)
{
	static const struct str names[] = {{"offset", 6}, {"bound", 5}, {"source", 6}, {"sources", 7}, {"stratum", 7}, {"leap", 4}, {"unsynchronised", 14},
		{"local", 5}, {"heard", 5}, {"delay", 5}};
	*out = (struct scenario_ntp){.bound = SPAN_MS(1), .source = STR("10.0.0.1"), .leap = STR("Normal"), .sources = -1, .stratum = 3, .heard = SPAN_S(10)};
	while (reader->at < reader->count) {
		bool fine = taken(reader, "offset") ? (out->offset_given = true) && duration(reader, &out->offset) : taken(reader, "bound") ? duration(reader, &out->bound)
			: taken(reader, "source") ? next(reader, &out->source, "a source's name") : taken(reader, "sources") ? (out->sources_untold = taken(reader, "untold")) || whole(reader, &out->sources)
			: taken(reader, "stratum") ? whole(reader, &out->stratum) : taken(reader, "leap") ? leap_word(reader, &out->leap)
			: taken(reader, "unsynchronised") ? (out->unsynchronised = true) : taken(reader, "local") ? (out->local = true)
			: taken(reader, "heard") ? ((out->heard_then = taken(reader, "at")), duration(reader, &out->heard))
			: taken(reader, "delay") ? (out->delay_given = true) && duration(reader, &out->delay)
			: unknown(reader, reader->words[reader->at], names, sizeof names / sizeof names[0]);
		if (!fine)
			return false;
	}
	if (out->sources < 0)
		out->sources = out->unsynchronised || out->local ? 0 : 3;
	return true;
}

static bool log_line(struct reader *reader, struct scenario_step *out)
{
	static const struct str names[] = {{"program", 7}, {"delay", 5}};
	out->other = STR("app");
	out->first.ns = -1; /* the host's own */
	if (!next(reader, &out->text, "the text of the line"))
		return false;
	while (reader->at < reader->count) {
		bool fine = taken(reader, "program") ? next(reader, &out->other, "a program's name") : taken(reader, "delay") ? duration(reader, &out->first)
			: unknown(reader, reader->words[reader->at], names, sizeof names / sizeof names[0]);
		if (!fine)
			return false;
	}
	return true;
}

static bool sees(struct reader *reader, struct scenario_step *out)
{
	if (!next(reader, &out->text, "a source's name") || !next(reader, &out->other, "its state: * + - ? x ~"))
		return false;
	out->flag = taken(reader, "offset");
	return !out->flag || duration(reader, &out->first);
}

static bool grain(struct reader *reader, struct scenario_step *out)
{
	out->flag = taken(reader, "rounded");
	return duration(reader, &out->first);
}

static bool details(struct reader *reader, struct scenario_step *out)
{
	switch (out->deed) {
	case DEED_CLOCK: return duration(reader, &out->first) && (!taken(reader, "over") || duration(reader, &out->second));
	case DEED_DRIFT: return amount(reader, STR("ppm"), "a rate like 60ppm", &out->number);
	case DEED_NTP: return ntp(reader, &out->ntp);
	case DEED_SEES: return sees(reader, out);
	case DEED_LOG: return log_line(reader, out);
	case DEED_DELAY:
		if (!duration(reader, &out->first))
			return false;
		out->second = out->first;
		return !taken(reader, "to") || duration(reader, &out->second);
	case DEED_BATCH: return duration(reader, &out->first);
	case DEED_GRAIN: return grain(reader, out);
	case DEED_STRAY: return amount(reader, STR("%"), "a share like 3%", &out->number) && duration(reader, &out->first);
	case DEED_PROGRAM: return next(reader, &out->text, "a program's name")
		&& (taken(reader, "zone") || refuse(reader, "`program NAME zone OFFSET` is wanted")) && duration(reader, &out->first);
	case DEED_TWICE: return amount(reader, STR("%"), "a share like 10%", &out->number)
		&& (taken(reader, "after") || refuse(reader, "`twice SHARE after TIME` is wanted")) && duration(reader, &out->first);
	case DEED_THROUGH: return next(reader, &out->text, "a collector's name");
	case DEED_ADDRESS: return next(reader, &out->text, "an address");
	case DEED_NAMED: return next(reader, &out->text, "the name that it writes");
	default: return true;
	}
}

static bool host_deed(struct reader *reader, struct scenario_step *out)
{
	static const struct str names[DEED_HOST_COUNT] = {{"clock", 5}, {"drift", 5}, {"ntp", 3}, {"sees", 4}, {"log", 3}, {"quiet", 5}, {"talks", 5}, {"delay", 5},
		{"batch", 5}, {"grain", 5}, {"stray", 5}, {"program", 7}, {"twice", 5}, {"through", 7}, {"address", 7}, {"named", 5}};
	struct str word;
	if (!next(reader, &out->name, "the host's name") || !next(reader, &word, "what the host does"))
		return false;
	for (size_t i = 0; i < DEED_HOST_COUNT; i++)
		if (str_equal(word, names[i])) {
			out->deed = (enum scenario_deed)i;
			return details(reader, out);
		}
	return unknown(reader, word, names, DEED_HOST_COUNT);
}

/* source NAME clock OFFSET, collector NAME clock OFFSET */
static bool clock_of(struct reader *reader, enum scenario_deed deed, struct scenario_step *out)
{
	out->deed = deed;
	return next(reader, &out->name, "its name") && (taken(reader, "clock") || refuse(reader, "`clock OFFSET` is wanted")) && duration(reader, &out->first);
}

/* Keys of an expectation and how many words follow each. */
static const struct { struct str word; int values; } KEYS[] = {{{"direction", 9}, 1}, {{"cause", 5}, 1}, {{"confidence", 10}, 1}, {{"severity", 8}, 1},
	{{"state", 5}, 1}, {{"kind", 4}, 1}, {{"correlated", 10}, 1}, {{"contains", 8}, 1}, {{"between", 7}, 2}, {{"worst", 5}, 1}, {{"affects", 7}, 1},
	{{"affected", 8}, 1}, {{"inhibited", 9}, 1}, {{"revisions", 9}, 1}, {{"times", 5}, 1}, {{"opened", 6}, 2}, {{"says", 4}, 1}, {{"evidence", 8}, 1}};
enum { KEYS_COUNT = sizeof KEYS / sizeof KEYS[0] };

static bool expectation(struct reader *reader, struct scenario_step *out)
{
	struct str names[KEYS_COUNT];
	out->deed = taken(reader, "no") ? DEED_EXPECT_NONE : DEED_EXPECT;
	if (out->deed == DEED_EXPECT_NONE && taken(reader, "other")) {
		out->deed = DEED_EXPECT_NO_OTHER;
		return taken(reader, "incident") || refuse(reader, "`expect no other incident` is wanted");
	}
	if (!taken(reader, "incident"))
		return refuse(reader, "`expect incident NAME`, `expect no incident NAME` or `expect no other incident` is wanted");
	if (!next(reader, &out->name, "whom the incident suspects"))
		return false;
	while (out->deed == DEED_EXPECT && reader->at < reader->count) {
		int values = 0;
		struct str key = reader->words[reader->at++], value;
		for (size_t i = 0; i < KEYS_COUNT; i++) {
			names[i] = KEYS[i].word;
			values = str_equal(key, KEYS[i].word) ? KEYS[i].values : values;
		}
		if (!values)
			return unknown(reader, key, names, KEYS_COUNT);
		out->words[out->words_count++] = key;
		for (; values > 0; values--) {
			if (!next(reader, &value, "what is expected"))
				return false;
			out->words[out->words_count++] = value;
		}
	}
	return true;
}

static bool setting(struct reader *reader, struct scenario_step *out)
{
	static const struct str names[] = {{"begin", 5}, {"partitions", 10}, {"warning", 7}, {"critical", 8}, {"approved", 8}, {"expected", 8}, {"silence", 7}, {"leap", 4}};
	out->deed = DEED_SET;
	if (!next(reader, &out->name, "what is set"))
		return false;
	bool known = false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		known = known || str_equal(out->name, names[i]);
	while (known && reader->at < reader->count)
		out->words[out->words_count++] = reader->words[reader->at++];
	return known || unknown(reader, out->name, names, sizeof names / sizeof names[0]);
}

static bool when(struct reader *reader, struct scenario_step *out)
{
	if (taken(reader, "at"))
		return duration(reader, &out->at);
	if (!taken(reader, "every"))
		return refuse(reader, "a line begins with `at TIME`, `every TIME` or `set`");
	if (!duration(reader, &out->every))
		return false;
	if (out->every.ns < SPAN_MS(10).ns)
		return refuse(reader, "not more often than every 10ms");
	if (taken(reader, "from") && !duration(reader, &out->at))
		return false;
	out->until_given = taken(reader, "until");
	return !out->until_given || duration(reader, &out->until);
}

static bool timed(struct reader *reader, struct scenario_step *out)
{
	if (!when(reader, out))
		return false;
	if (taken(reader, "host"))
		return host_deed(reader, out);
	if (taken(reader, "source"))
		return clock_of(reader, DEED_SOURCE, out);
	if (taken(reader, "collector"))
		return clock_of(reader, DEED_COLLECTOR, out);
	return taken(reader, "expect") ? expectation(reader, out) : refuse(reader, "`host`, `source`, `collector` or `expect` is wanted after the time");
}

bool scenario_read(struct str line, unsigned number, struct arena *arena, struct scenario_step *out, bool *out_empty, struct str *out_reason)
{
	struct reader reader = {.arena = arena};
	*out = (struct scenario_step){.line = number};
	bool fine = split(&reader, line);
	*out_empty = fine && reader.count == 0;
	if (*out_empty)
		return true;
	fine = fine && (taken(&reader, "set") ? setting(&reader, out) : timed(&reader, out));
	if (fine && reader.at < reader.count)
		fine = refuse(&reader, "'%.*s' is too much", STR_ARGS(reader.words[reader.at]));
	*out_reason = reader.reason;
	return fine;
}

bool scenario_member(struct str pattern, size_t index, struct arena *arena, struct str *out)
{
	ptrdiff_t open = str_find_byte(pattern, '['), dash = str_find_byte(pattern, '-');
	int64_t first, last;
	if (open >= 0) { /* the dash inside the brackets */
		struct str inside = str_from(pattern, (size_t)open + 1);
		ptrdiff_t close = str_find_byte(inside, ']');
		dash = str_find_byte(inside, '-');
		if (dash > 0 && close > dash && str_to_int64(str_first(inside, (size_t)dash), &first)
			&& str_to_int64((struct str){inside.data + dash + 1, (size_t)(close - dash - 1)}, &last)) {
			if (first + (int64_t)index > last)
				return false;
			*out = arena_printf(arena, "%.*s%lld%.*s", (int)open, pattern.data, (long long)(first + (int64_t)index), STR_ARGS(str_from(inside, (size_t)close + 1)));
			return true;
		}
	}
	*out = pattern;
	return index == 0;
}
