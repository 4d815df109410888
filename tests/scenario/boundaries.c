/* boundaries RULES... -- STORY...: does a story hold every number of the verdict to its value, from both sides?
 *
 * A story names the constants that it is about in its comments (`# GAP: ...`). Each of them is made a fifth smaller, then a quarter larger, and
 * of the stories that name it one at least must fail each time: a number that may be either without any story minding has no story. The counts
 * (enumerators) are a part of the code's shape and cannot be bent here; a story must name them. `--all` asks every story, to see who minds what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

struct story {
	struct str path;
	char *text;
};

static void on_failure(void *context, struct str file, unsigned line, struct str text)
{
	(void)file, (void)line, (void)text;
	*(bool *)context = true;
}

static bool fails(const struct setup *setup, struct str path)
{
	bool failed = false;
	if (scenario_run(setup, path, on_failure, &failed) != EXIT_FINE)
		exit(EXIT_ENVIRONMENT);
	return failed;
}

static char *text_of(struct str path)
{
	FILE *file = fopen(path.data, "r");
	char *text = calloc(1, 1 << 16);
	if (!file || !text || !fread(text, 1, (1 << 16) - 1, file)) {
		perror(path.data);
		exit(EXIT_ENVIRONMENT);
	}
	fclose(file);
	return text;
}

static bool word_byte(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || byte == '_';
}

/* In a comment, as a word of its own. */
static bool names(const struct story *story, const char *name)
{
	size_t size = strlen(name);
	for (const char *at = story->text; (at = strstr(at, name)); at += size) {
		if ((at > story->text && word_byte(at[-1])) || word_byte(at[size]))
			continue;
		const char *line = at;
		while (line > story->text && line[-1] != '\n')
			line--;
		if (*line == '#')
			return true;
	}
	return false;
}

/* A story that fails as it is proves nothing when a number is bent. */
static int failing(const struct setup *setup, const struct story *stories, size_t count, const char *name)
{
	int all = 0;
	for (size_t i = 0; i < count; i++) {
		bool fault = names(&stories[i], name) && fails(setup, stories[i].path);
		if (fault)
			printf("%s: %.*s fails as it is\n", name, STR_ARGS(stories[i].path));
		all += fault;
	}
	return all;
}

/* How many of the stories that speak of it mind that constant `which` has this value. */
static int minding(const struct setup *setup, const struct story *stories, size_t count, size_t which, const char *name, int64_t ns, bool all)
{
	int minds = 0;
	for (size_t i = 0; i < count; i++) {
		if (!all && !names(&stories[i], name))
			continue;
		struct setup bent = *setup;
		bent.config.correlate.constants[which].ns = ns;
		if (which == C_SYMPTOM_AGE)
			bent.config.correlate.window.ns = ns;
		bool failed = fails(&bent, stories[i].path);
		if (failed && all)
			printf("    %.*s\n", STR_ARGS(stories[i].path));
		minds += failed;
	}
	return minds;
}

static int named(const struct story *stories, size_t count, const char *name)
{
	int stories_of_it = 0;
	for (size_t i = 0; i < count; i++)
		stories_of_it += names(&stories[i], name);
	return stories_of_it;
}

int main(int argc, char **argv)
{
	static const struct { const char *name; int64_t ns; } NUMBERS[] = {
#define X(id, ns, reason) {#id, ns},
		CONSTANTS(X)
#undef X
	};
	static const char *const COUNTS_NAMES[] = {
#define X(id, value, reason) #id,
		COUNTS(X)
#undef X
	};
	struct str rules[8];
	struct app_request request = {.rules = rules};
	struct setup setup;
	int at = 1, faults = 0;
	bool all = at < argc && strcmp(argv[at], "--all") == 0;
	for (at += all; at < argc && strcmp(argv[at], "--") != 0 && request.rules_count < 8; at++)
		rules[request.rules_count++] = str_of(argv[at]);
	size_t count = argc > at + 1 ? (size_t)(argc - at - 1) : 0;
	struct story *stories = calloc(count + 1, sizeof *stories);
	if (!count || !stories || setup_open(&request, &setup) != EXIT_FINE)
		return EXIT_USAGE;
	for (size_t i = 0; i < count; i++) {
		stories[i].path = str_of(argv[at + 1 + (int)i]);
		stories[i].text = text_of(stories[i].path);
	}
	for (size_t i = 0; i < CONSTANT_COUNT; i++) {
		if (i == C_STUCK || i == C_BOUND_UNKNOWN) /* a story has one input, and its telemetry states its bound: tests/unit/correlate.c */
			continue;
		const char *name = NUMBERS[i].name;
		faults += failing(&setup, stories, count, name);
		int smaller = minding(&setup, stories, count, i, name, NUMBERS[i].ns / 5 * 4, all);
		if (all)
			printf("%s: %d mind that it is smaller; larger:\n", name, smaller);
		int larger = minding(&setup, stories, count, i, name, NUMBERS[i].ns / 4 * 5, all);
		printf("%s: named by %d, %d mind that it is smaller, %d that it is larger%s\n", name, named(stories, count, name), smaller, larger,
			smaller && larger ? "" : ": NO STORY ON BOTH SIDES");
		faults += !smaller || !larger;
	}
	for (size_t i = 0; i < sizeof COUNTS_NAMES / sizeof COUNTS_NAMES[0]; i++)
		if (!named(stories, count, COUNTS_NAMES[i])) {
			printf("%s: NO STORY NAMES IT\n", COUNTS_NAMES[i]);
			faults++;
		}
	for (size_t i = 0; i < count; i++)
		free(stories[i].text);
	free(stories);
	setup_release(&setup);
	printf("%d without a story\n", faults);
	return faults ? EXIT_FINDINGS : EXIT_FINE;
}
