/* naive PATTERNS FILE: the program that one writes in an afternoon: jansson's tree, strptime, and each PCRE2 pattern in turn.
 *
 * The same job as the other contestants: per record the host, the program, the message, both times; x = @timestamp -
 * event.ingested; which of the patterns are in the message; per host: records, records with a hit, the largest x.
 * Prints one line of sums, by which the contestants are compared. PATTERNS: lines whose last tab-separated field is a pattern. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <pcre2.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATTERNS_MAX 1000

struct matcher {
	pcre2_code *codes[PATTERNS_MAX];
	size_t count;
	pcre2_match_data *data;
};

struct host {
	uint64_t records, hits;
	double x;
};

struct sums {
	uint64_t records, hits, hosts;
	double x;
};

static void load(struct matcher *matcher, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[1024];
	if (!file) {
		perror(path);
		exit(3);
	}
	while (fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = 0;
		const char *tab = strrchr(line, '\t');
		if (*line == '#' || !*line)
			continue;
		int error;
		size_t at;
		pcre2_code *code = matcher->count < PATTERNS_MAX ? pcre2_compile((PCRE2_SPTR)(tab ? tab + 1 : line), PCRE2_ZERO_TERMINATED, PCRE2_CASELESS, &error, &at, NULL) : NULL;
		if (!code || pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) != 0) {
			fprintf(stderr, "cannot compile: %s\n", line);
			exit(2);
		}
		matcher->codes[matcher->count++] = code;
	}
	fclose(file);
	matcher->data = pcre2_match_data_create(16, NULL);
}

static double seconds(const char *text)
{
	struct tm tm = {0};
	const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	return rest ? (double)timegm(&tm) + (*rest == '.' ? strtod(rest, NULL) : 0) : NAN;
}

static struct host *host_named(struct hsearch_data *table, const char *name, struct sums *sums)
{
	ENTRY *found, wanted = {.key = (char *)(uintptr_t)name};
	if (hsearch_r(wanted, FIND, &found, table))
		return found->data;
	struct host *host = calloc(1, sizeof *host);
	host->x = -INFINITY;
	wanted = (ENTRY){strdup(name), host};
	if (!hsearch_r(wanted, ENTER, &found, table))
		abort();
	sums->hosts++;
	return host;
}

static void take(const struct matcher *matcher, struct hsearch_data *table, struct sums *sums, const char *line, size_t size)
{
	json_t *record = json_loadb(line, size, 0, NULL);
	if (!record)
		return;
	const json_t *event = json_object_get(record, "event");
	const char *name = json_string_value(json_object_get(json_object_get(record, "host"), "name"));
	const char *message = json_string_value(json_object_get(record, "message"));
	double x = seconds(json_string_value(json_object_get(record, "@timestamp"))) - seconds(json_string_value(json_object_get(event, "ingested")));
	if (name && message) {
		struct host *host = host_named(table, name, sums);
		size_t length = strlen(message), hits = 0;
		for (size_t i = 0; i < matcher->count; i++)
			hits += pcre2_jit_match(matcher->codes[i], (PCRE2_SPTR)message, length, 0, 0, matcher->data, NULL) >= 0;
		host->records++;
		host->hits += hits > 0;
		sums->records++;
		sums->hits += hits > 0;
		if (x > host->x)
			host->x = x;
		if (x > sums->x)
			sums->x = x;
	}
	json_decref(record);
}

int main(int argc, char **argv)
{
	static struct matcher matcher;
	if (argc != 3) {
		fprintf(stderr, "usage: naive PATTERNS FILE\n");
		return 2;
	}
	load(&matcher, argv[1]);
	FILE *file = fopen(argv[2], "r");
	if (!file) {
		perror(argv[2]);
		return 3;
	}
	struct hsearch_data table = {0};
	hcreate_r(4096, &table);
	struct sums sums = {.x = -INFINITY};
	char *line = NULL;
	size_t capacity = 0;
	for (ssize_t size; (size = getline(&line, &capacity, file)) > 0;)
		take(&matcher, &table, &sums, line, (size_t)size);
	printf("{\"records\":%" PRIu64 ",\"hits\":%" PRIu64 ",\"hosts\":%" PRIu64 ",\"x_s\":%.3f}\n", sums.records, sums.hits, sums.hosts, sums.x);
	return 0;
}
