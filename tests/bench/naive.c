/* naive PATTERNS FILE: the program that one writes in an afternoon: jansson's tree, strptime, and each PCRE2 pattern in turn.
 *
 * The same job as the other contestants: per record the host, the program, the message, both times; x = @timestamp -
 * event.ingested; the offset in a row of `chronyc tracking`, otherwise which of the patterns are in the message; per host and ten minutes
 * of event.ingested: records, records with a hit, the largest x and |offset|. Suspicious: a hit, and x or |offset| over 50 ms.
 * Prints one line of sums, by which the contestants are compared. PATTERNS: lines whose last tab-separated field is a pattern. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <pcre2.h>
#include <search.h>
#include <stdbool.h>
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

struct span {
	struct span *older;
	double start; /* s */
	uint64_t records, hits;
	double x, far;
};

struct host {
	struct span *spans;
};

struct sums {
	uint64_t records, hits, hosts, suspicious;
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
	wanted = (ENTRY){strdup(name), host};
	if (!hsearch_r(wanted, ENTER, &found, table))
		abort();
	sums->hosts++;
	return host;
}

static struct span *span_of(struct host *host, double at)
{
	double start = floor(at / 600) * 600;
	for (struct span *span = host->spans; span; span = span->older)
		if (span->start == start)
			return span;
	struct span *span = malloc(sizeof *span);
	*span = (struct span){host->spans, start, 0, 0, -INFINITY, 0};
	return host->spans = span;
}

static bool is_suspicious(const struct span *span)
{
	return span->hits && (span->x > 0.050 || span->far > 0.050);
}

/* The fifth column: by how much the system clock is off. */
static double offset_in(const char *row)
{
	for (int column = 1; column < 5 && row; column++)
		row = strchr(row, ',') ? strchr(row, ',') + 1 : NULL;
	return row ? fabs(strtod(row, NULL)) : 0;
}

static void take(const struct matcher *matcher, struct hsearch_data *table, struct sums *sums, const char *line, size_t size)
{
	json_t *record = json_loadb(line, size, 0, NULL);
	if (!record)
		return;
	const json_t *event = json_object_get(record, "event");
	const char *name = json_string_value(json_object_get(json_object_get(record, "host"), "name"));
	const char *message = json_string_value(json_object_get(record, "message"));
	const char *dataset = json_string_value(json_object_get(event, "dataset"));
	double ingested = seconds(json_string_value(json_object_get(event, "ingested")));
	double x = round((seconds(json_string_value(json_object_get(record, "@timestamp"))) - ingested) * 1000) / 1000; /* a millisecond is what is written */
	if (name && message) {
		struct span *span = span_of(host_named(table, name, sums), ingested);
		bool ntp = dataset && strcmp(dataset, "chrony.tracking") == 0;
		size_t length = strlen(message), hits = 0;
		for (size_t i = 0; !ntp && i < matcher->count; i++)
			hits += pcre2_jit_match(matcher->codes[i], (PCRE2_SPTR)message, length, 0, 0, matcher->data, NULL) >= 0;
		double far = ntp ? offset_in(message) : 0;
		bool was = is_suspicious(span);
		span->records++;
		span->hits += hits > 0;
		sums->records++;
		sums->hits += hits > 0;
		if (x > span->x)
			span->x = x;
		if (far > span->far)
			span->far = far;
		sums->suspicious += !was && is_suspicious(span);
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
	printf("{\"records\":%" PRIu64 ",\"hits\":%" PRIu64 ",\"hosts\":%" PRIu64 ",\"x_s\":%.3f,\"suspicious\":%" PRIu64 "}\n", sums.records, sums.hits, sums.hosts, sums.x, sums.suspicious);
	return 0;
}
