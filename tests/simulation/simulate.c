/* simulate RULES FIRST LAST [OPEN]    judge these seeds; failing ones print themselves. OPEN: a file of seeds with the complaints that
 *                                     are known, open defects, one a line. Exit 1: a seed has a complaint of a kind not listed for it
 * simulate RULES --list FILE          judge the seeds that a file keeps
 * simulate RULES --story SEED [HOST]  tell one seed so that a person can follow it, with the trace of a host */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "judge.h"

static double processor_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint32_t partitions_of(uint64_t seed)
{
	static const uint32_t counts[] = {1, 2, 3, 4};
	return counts[seed % 4];
}

enum { AGAIN_EVERY = 8 };

/* Two runs must be equal to the byte: of every eighth seed, since it takes as long again. */
static void judge_seed(struct engine *engine, uint64_t seed, struct score *score, struct buffer *complaints)
{
	struct simulation *s = simulation_new(seed);
	struct telling first = {0}, second = {0};
	engine_run(engine, s, partitions_of(seed), NULL, &first);
	if (seed % AGAIN_EVERY == 0) {
		engine_run(engine, s, partitions_of(seed), NULL, &second);
		if (!str_equal(buffer_str(&first.text), buffer_str(&second.text)))
			buffer_printf(complaints, "two runs differ\n");
	}
	struct truth *truth = truth_new(s);
	judge(truth, &first, score, complaints);
	truth_free(truth);
	telling_release(&first);
	telling_release(&second);
	simulation_free(s);
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

static void print_score(struct score *score, unsigned failed, double seconds)
{
	qsort(score->delays, score->delays_count, sizeof *score->delays, by_size);
	double median = score->delays_count ? score->delays[score->delays_count / 2] : 0, late = score->delays_count ? score->delays[score->delays_count * 9 / 10] : 0,
		worst = score->delays_count ? score->delays[score->delays_count - 1] : 0;
	printf("%u seeds, %u with complaints; %.1f ms each\n", score->seeds, failed, seconds * 1e3 / (score->seeds ? score->seeds : 1));
	printf("faults due %u, found %u; told after median %.0f s, 90 %% %.0f s, worst %.0f s\n", score->due, score->found, median, late, worst);
	printf("revisions %u: side right %u, interval right %u, cause right %u; resolved %u, left open %u\n", score->revisions, score->sides, score->intervals, score->causes,
		score->resolved, score->cures);
	printf("false alarms: clock %u, health %u, source %u, reference %u\n", score->false_clock, score->false_health, score->false_source, score->false_reference);
}

struct seed {
	uint64_t number;
	unsigned kinds; /* of the complaints listed for it, as bits */
};
struct seeds {
	struct seed *items;
	size_t count, capacity;
};

/* The kinds of complaint, as bits; a text is of the first kind whose words it holds. */
static unsigned kind_of(const char *complaint)
{
	static const char *const words[] = {"FALSE ALARM", "MISSED", "too wide", ": cause ", ": told ahead, but", ": told behind, but", ": told ", "stays open", "revision"};
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(complaint, words[i]))
			return 1U << i;
	return 1U << 31;
}

/* One a line, with a complaint of it behind. */
static struct seeds seeds_read(const char *path)
{
	struct seeds seeds = {0};
	char line[400], *end;
	FILE *file = fopen(path, "r");
	if (!file) {
		perror(path);
		exit(2);
	}
	while (fgets(line, sizeof line, file)) {
		uint64_t seed = strtoull(line, &end, 10);
		if (end == line)
			continue;
		if (seeds.count == seeds.capacity) {
			seeds.capacity = seeds.capacity ? 2 * seeds.capacity : 64;
			seeds.items = realloc(seeds.items, seeds.capacity * sizeof *seeds.items);
			if (!seeds.items)
				abort();
		}
		seeds.items[seeds.count++] = (struct seed){seed, kind_of(line)};
	}
	fclose(file);
	return seeds;
}

/* Every complaint of a seed, a line each, is of a kind that is listed for it. */
static bool seeds_know(const struct seeds *seeds, uint64_t seed, struct str complaints)
{
	unsigned listed = 0;
	char line[400];
	struct str one;
	for (size_t i = 0; i < seeds->count; i++)
		listed |= seeds->items[i].number == seed ? seeds->items[i].kinds : 0;
	if (!complaints.size)
		return listed != 0;
	while (str_split(&complaints, '\n', &one)) {
		snprintf(line, sizeof line, "%.*s", STR_ARGS(one));
		if (one.size && !(listed & kind_of(line)))
			return false;
	}
	return true;
}

struct jury {
	struct engine *engine;
	const char *program, *rules;
	struct seeds open;
	struct score score;
	unsigned failed, known;
};

static void judge_one(struct jury *jury, uint64_t seed)
{
	struct buffer complaints = {0};
	judge_seed(jury->engine, seed, &jury->score, &complaints);
	bool open = seeds_know(&jury->open, seed, buffer_str(&complaints)), bad = complaints.size > 0;
	if (bad)
		printf("seed %" PRIu64 "%s (%s %s --story %" PRIu64 ")\n%.*s", seed, open ? ", known" : "", jury->program, jury->rules, seed, STR_ARGS(buffer_str(&complaints)));
	else if (open)
		printf("seed %" PRIu64 " is mended: strike it off the list of open ones\n", seed);
	jury->failed += bad && !open;
	jury->known += bad && open;
	buffer_release(&complaints);
}

/* ---- one seed, told ---- */
static void tell_host(const struct simulation *s, int h)
{
	static const char *const daemons[] = {"no daemon", "chronyd slews", "chronyd may step", "chronyd without the right to set the clock"};
	static const char *const shippings[] = {"prompt", "relayed", "late", "in batches"};
	const struct sim_host *host = &s->hosts[h];
	printf("  %-8s %s%s, sources", host->name, daemons[host->daemon], host->telemetry ? "" : ", no telemetry");
	for (int i = 0; i < host->sources_count; i++) {
		char name[20];
		sim_source_name(host->sources[i], name);
		printf(" %s", name);
	}
	printf("; %d programs, logs %s", host->streams, shippings[host->shipping]);
	if (host->lag > 0)
		printf(" (%.1f s)", host->lag);
	printf(", telemetry rows %+.1f s, %d digits%s%s, collector %d", host->ntp_lag, host->digits, host->rounds ? " rounded" : "", host->duplicates > 0 ? ", delivers twice" : "",
		host->collector);
	if (host->strays > 0)
		printf(", stray stamps %+.0f s", host->stray_by);
	if (host->zone_stream >= 0)
		printf(", program %d stamps %+.0f s", host->zone_stream, host->zone_by);
	printf("\n");
}

static void tell_theta(const struct simulation *s)
{
	printf("theta every 300 s:\n");
	for (int h = 0; h < s->hosts_count; h++) {
		printf("  %-8s", s->hosts[h].name);
		for (int second = 0; second < s->seconds; second += 300)
			printf(" %.4g", s->theta[h][second]);
		printf("\n");
	}
}

static int tell(struct engine *engine, uint64_t seed, const char *host)
{
	struct simulation *s = simulation_new(seed);
	struct telling telling = {0};
	struct score score = {0};
	struct buffer complaints = {0};
	printf("seed %" PRIu64 ": %d hosts, %d s from %" PRId64 ", %d collectors%s\n", seed, s->hosts_count, s->seconds, s->begin_s, s->collectors_count,
		s->leap_season ? ", a leap second" : "");
	for (int h = 0; h < s->hosts_count; h++)
		tell_host(s, h);
	for (int i = 0; i < s->faults_count; i++) {
		const struct sim_fault *fault = &s->faults[i];
		char name[20];
		sim_source_name(fault->subject, name);
		printf("%.0f .. %.0f: %s, %s, %g\n", fault->from, fault->to, fault->kind == FAULT_SOURCE_WRONG ? name : fault->kind == FAULT_COLLECTOR ? "a collector" : s->hosts[fault->subject].name,
			sim_fault_name(fault->kind), fault->size);
	}
	tell_theta(s);
	engine_run(engine, s, partitions_of(seed), host, &telling);
	for (size_t i = 0; i < telling.count; i++) {
		const struct told *told = &telling.items[i];
		printf("%7.0f %-18s %-8s %-9s r%u %-8s %-15s %-7s [%+.4f, %+.4f]%s\n", told->at, told->suspect, incident_action_name(told->action), incident_kind_name(told->kind),
			told->revision, incident_state_name(told->state), cause_name(told->cause), direction_name(told->direction), told->low, told->high, told->inhibited ? " inhibited" : "");
	}
	struct truth *truth = truth_new(s);
	judge(truth, &telling, &score, &complaints);
	printf("%.*s", STR_ARGS(buffer_str(&complaints)));
	print_score(&score, complaints.size > 0, 0);
	bool bad = complaints.size > 0;
	truth_free(truth);
	telling_release(&telling);
	buffer_release(&complaints);
	simulation_free(s);
	return bad;
}

int main(int count, char **arguments)
{
	if (count < 4) {
		fprintf(stderr, "usage: %s RULES FIRST LAST [OPEN] | RULES --list FILE | RULES --story SEED [HOST]\n", arguments[0]);
		return 2;
	}
	struct diag_list diags = {0};
	struct str path = str_of(arguments[1]);
	struct rule_set *rules = rule_set_load(&path, 1, NULL, &diags);
	if (diags.errors || !rule_set_count(rules)) {
		fprintf(stderr, "%s: the rules cannot be used\n", arguments[1]);
		return 2;
	}
	static struct jury jury;
	jury = (struct jury){.engine = engine_new(rules), .program = arguments[0], .rules = arguments[1]};
	if (strcmp(arguments[2], "--story") == 0) {
		jury.failed = (unsigned)tell(jury.engine, strtoull(arguments[3], NULL, 10), count > 4 ? arguments[4] : NULL);
	} else {
		double begin = processor_seconds();
		struct seeds listed = {0};
		if (strcmp(arguments[2], "--list") == 0)
			listed = seeds_read(arguments[3]);
		else if (count > 4)
			jury.open = seeds_read(arguments[4]);
		for (size_t i = 0; i < listed.count; i++)
			judge_one(&jury, listed.items[i].number);
		if (strcmp(arguments[2], "--list") != 0)
			for (uint64_t seed = strtoull(arguments[2], NULL, 10), last = strtoull(arguments[3], NULL, 10); seed <= last; seed++)
				judge_one(&jury, seed);
		print_score(&jury.score, jury.failed + jury.known, processor_seconds() - begin);
		free(listed.items);
	}
	free(jury.open.items);
	engine_free(jury.engine);
	rule_set_free(rules);
	diag_release(&diags);
	return jury.failed > 0;
}
