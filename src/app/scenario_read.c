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

static bool duration(struct reader *reader, struct span *out)
{
	static const struct { struct str unit; double seconds; } units[] = {{{"ms", 2}, 1e-3}, {{"us", 2}, 1e-6}, {{"s", 1}, 1}, {{"m", 1}, 60}, {{"h", 1}, 3600},
		{{"d", 1}, 86400}};
	struct str word;
	if (!next(reader, &word, "a time like 90s"))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		double number;
		if (str_ends(word, units[i].unit) && str_to_double(str_first(word, word.size - units[i].unit.size), &number)) {
			*out = span_of_seconds(number * units[i].seconds);
			return true;
		}
	}
	return refuse(reader, "'%.*s' is no time; write 90s, 5m, 2h, 1d or 250ms", STR_ARGS(word));
}

static bool whole(struct reader *reader, int64_t *out)
{
	struct str word;
	if (!next(reader, &word, "a number"))
		return false;
	return str_to_int64(word, out) || refuse(reader, "'%.*s' is no whole number", STR_ARGS(word));
}

static bool leap_word(struct reader *reader, struct str *out)
{
	struct str word;
	if (!next(reader, &word, "normal, insert or delete"))
		return false;
	*out = str_equal(word, STR("insert")) ? STR("Insert second") : str_equal(word, STR("delete")) ? STR("Delete second") : STR("Normal");
	return str_equal(*out, STR("Normal")) == str_equal(word, STR("normal")) || refuse(reader, "leap is normal, insert or delete");
}

static bool unknown(struct reader *reader, struct str word, const struct str *words, size_t count)
{
	struct str near = diag_nearest(word, words, count);
	return near.size ? refuse(reader, "unknown word '%.*s'; did you mean '%.*s'?", STR_ARGS(word), STR_ARGS(near))
		: refuse(reader, "unknown word '%.*s'", STR_ARGS(word));
}

static bool ntp(struct reader *reader, struct scenario_ntp *out)
{
	static const struct str names[] = {{"offset", 6}, {"bound", 5}, {"source", 6}, {"sources", 7}, {"stratum", 7}, {"leap", 4}, {"unsynchronised", 14}};
	*out = (struct scenario_ntp){.bound = SPAN_MS(1), .source = STR("10.0.0.1"), .leap = STR("Normal"), .sources = 3, .stratum = 3};
	while (reader->at < reader->count) {
		bool fine = taken(reader, "offset") ? duration(reader, &out->offset) : taken(reader, "bound") ? duration(reader, &out->bound)
			: taken(reader, "source") ? next(reader, &out->source, "a source's name") : taken(reader, "sources") ? whole(reader, &out->sources)
			: taken(reader, "stratum") ? whole(reader, &out->stratum) : taken(reader, "leap") ? leap_word(reader, &out->leap)
			: taken(reader, "unsynchronised") ? (out->unsynchronised = true)
			: unknown(reader, reader->words[reader->at], names, sizeof names / sizeof names[0]);
		if (!fine)
			return false;
	}
	return true;
}

static bool host_deed(struct reader *reader, struct scenario_step *out)
{
	static const struct str names[] = {{"clock", 5}, {"ntp", 3}, {"log", 3}, {"quiet", 5}, {"talks", 5}};
	struct str word;
	if (!next(reader, &out->name, "the host's name") || !next(reader, &word, "clock, ntp, log, quiet or talks"))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_equal(word, names[i])) {
			out->deed = (enum scenario_deed)i;
			return i == DEED_CLOCK ? duration(reader, &out->clock) : i == DEED_NTP ? ntp(reader, &out->ntp)
				: i == DEED_LOG ? next(reader, &out->text, "the text of the line") : true;
		}
	return unknown(reader, word, names, sizeof names / sizeof names[0]);
}

static bool expectation(struct reader *reader, struct scenario_step *out)
{
	static const struct str names[] = {{"direction", 9}, {"cause", 5}, {"confidence", 10}, {"severity", 8}, {"state", 5}, {"kind", 4}, {"correlated", 10}};
	out->deed = taken(reader, "no") ? DEED_EXPECT_NONE : DEED_EXPECT;
	if (!taken(reader, "incident"))
		return refuse(reader, "`expect incident NAME` or `expect no incident NAME` is wanted");
	if (!next(reader, &out->name, "whom the incident suspects"))
		return false;
	while (out->deed == DEED_EXPECT && reader->at < reader->count) {
		struct str key = reader->words[reader->at++], value;
		bool known = false;
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			known = known || str_equal(key, names[i]);
		if (!known)
			return unknown(reader, key, names, sizeof names / sizeof names[0]);
		if (!next(reader, &value, "what is expected"))
			return false;
		out->words[out->words_count++] = key;
		out->words[out->words_count++] = value;
	}
	return true;
}

static bool when(struct reader *reader, struct scenario_step *out)
{
	if (taken(reader, "at"))
		return duration(reader, &out->at);
	if (!taken(reader, "every"))
		return refuse(reader, "a line begins with `at TIME` or `every TIME`");
	if (!duration(reader, &out->every))
		return false;
	if (out->every.ns < SPAN_MS(10).ns)
		return refuse(reader, "not more often than every 10ms");
	if (taken(reader, "from") && !duration(reader, &out->at))
		return false;
	out->until_given = taken(reader, "until");
	return !out->until_given || duration(reader, &out->until);
}

bool scenario_read(struct str line, unsigned number, struct arena *arena, struct scenario_step *out, bool *out_empty, struct str *out_reason)
{
	struct reader reader = {.arena = arena};
	*out = (struct scenario_step){.line = number};
	bool fine = split(&reader, line);
	*out_empty = fine && reader.count == 0;
	if (*out_empty)
		return true;
	fine = fine && when(&reader, out);
	if (fine)
		fine = taken(&reader, "host") ? host_deed(&reader, out) : taken(&reader, "expect") ? expectation(&reader, out)
			: refuse(&reader, "`host` or `expect` is wanted after the time");
	if (fine && reader.at < reader.count)
		fine = refuse(&reader, "'%.*s' is too much", STR_ARGS(reader.words[reader.at]));
	*out_reason = reader.reason;
	return fine;
}
