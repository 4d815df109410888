/* match_cost ROUNDS MESSAGES RULES...: what looking for the rules costs per message, for each rule folder, as JSON lines.
 *
 * MESSAGES is a file of one message a line. The folders take turns, round by round, so that a noisy neighbour hits all alike; the
 * median and the best round of the thread's CPU time are given. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "skewline/match.h"

enum { SETS_MAX = 16, ROUNDS_MAX = 101 };

struct contestant {
	const char *folder;
	struct rule_set *set;
	struct matcher *matcher;
	int64_t rounds_ns[ROUNDS_MAX];
	size_t hits;
};

static int64_t thread_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

static struct str *read_messages(const char *path, struct arena *arena, size_t *out_count)
{
	struct str *items = NULL;
	char *line = NULL;
	size_t count = 0, capacity = 0, room = 0;
	FILE *file = fopen(path, "r");
	for (ssize_t size; file && (size = getline(&line, &room, file)) > 0; count++) {
		if (count == capacity) {
			capacity = capacity ? capacity * 2 : 4096;
			items = realloc(items, capacity * sizeof *items);
			if (!items)
				abort();
		}
		items[count] = arena_copy(arena, str_trim((struct str){line, (size_t)size}));
	}
	free(line);
	if (file)
		fclose(file);
	*out_count = count;
	return items;
}

static bool take_up(struct contestant *contestant, const char *folder)
{
	struct str path = str_of(folder);
	struct diag_list diags = {0};
	contestant->folder = folder;
	contestant->set = rule_set_load(&path, 1, NULL, &diags);
	contestant->matcher = matcher_new(contestant->set);
	bool sound = diags.errors == 0 && rule_set_count(contestant->set) > 0;
	diag_release(&diags);
	return sound;
}

static int64_t round_of(struct contestant *contestant, const struct str *messages, size_t count)
{
	struct hit_list hits;
	contestant->hits = 0;
	int64_t start = thread_ns();
	for (size_t i = 0; i < count; i++) {
		struct record record = {.kind = RECORD_LOG, .host = STR("h"), .host_said = INSTANT_NONE, .collected = INSTANT_NONE, .message = messages[i]};
		match_record(contestant->matcher, &record, false, &hits);
		contestant->hits += hits.count;
	}
	return thread_ns() - start;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static void print(struct contestant *contestant, unsigned rounds, size_t count)
{
	qsort(contestant->rounds_ns, rounds, sizeof *contestant->rounds_ns, by_size);
	printf("{\"folder\":\"%s\",\"rules\":%zu,\"median_ns\":%.1f,\"best_ns\":%.1f,\"hits\":%zu}\n", contestant->folder, rule_set_count(contestant->set),
		(double)contestant->rounds_ns[rounds / 2] / (double)count, (double)contestant->rounds_ns[0] / (double)count, contestant->hits);
	matcher_free(contestant->matcher);
	rule_set_free(contestant->set);
}

int main(int argc, char **argv)
{
	static struct contestant contestants[SETS_MAX];
	struct arena arena = {0};
	size_t count;
	unsigned rounds = argc > 3 ? (unsigned)strtoul(argv[1], NULL, 10) : 0, sets = argc > 3 ? (unsigned)argc - 3 : 0;
	if (rounds < 1 || rounds > ROUNDS_MAX || sets > SETS_MAX) {
		fprintf(stderr, "usage: match_cost ROUNDS MESSAGES RULES...\n");
		return 2;
	}
	struct str *messages = read_messages(argv[2], &arena, &count);
	for (unsigned i = 0; i < sets; i++)
		if (!count || !take_up(&contestants[i], argv[i + 3])) {
			fprintf(stderr, "match_cost: no messages, or no sound rules in %s\n", argv[i + 3]);
			return 3;
		}
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned i = 0; i < sets; i++)
			contestants[i].rounds_ns[round] = round_of(&contestants[i], messages, count);
	for (unsigned i = 0; i < sets; i++)
		print(&contestants[i], rounds, count);
	free(messages);
	arena_release(&arena);
	return 0;
}
