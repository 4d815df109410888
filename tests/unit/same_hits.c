/* same_hits [COUNT [FILE...]]: the prefilter changes no hit. Each message is matched with it and by every rule's PCRE2 alone.
 *
 * Messages: those of the rules' own tests, of which each is damaged in some way (case, characters that fold to ASCII letters, cuts, doubling,
 * noise, bytes that are no UTF-8, pieces of two joined), and the lines of the files, as they are and damaged. The same count and files
 * give the same messages. Exit 1 at the first difference. The suite runs a few; `ninja differential` runs 1,000,000. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "skewline/buffer.h"
#include "skewline/match.h"

struct pool {
	struct arena arena;
	struct str *items;
	size_t count, capacity;
};

static void add(struct pool *pool, struct str text)
{
	if (pool->count == pool->capacity) {
		pool->capacity = pool->capacity ? pool->capacity * 2 : 1024;
		pool->items = realloc(pool->items, pool->capacity * sizeof *pool->items);
		if (!pool->items)
			abort();
	}
	pool->items[pool->count++] = arena_copy(&pool->arena, text);
}

static uint32_t next(uint64_t *seed) /* splitmix64, upper half */
{
	uint64_t z = *seed += 0x9E3779B97F4A7C15u;
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return (uint32_t)(z >> 32);
}

static const struct str *one(const struct pool *pool, uint64_t *seed)
{
	return &pool->items[next(seed) % pool->count];
}

static void noise(uint64_t *seed, struct buffer *out)
{
	for (uint32_t i = next(seed) % 40; i > 0; i--)
		buffer_add_byte(out, "abc %.:[]0123clock\t-/"[next(seed) % 21]);
}

enum damage { CASE, FOLDING, CUTS, DOUBLED, ACCENTS, BAD_BYTES, HALF, JOINED, DAMAGES };

static void add_damaged(uint64_t *seed, enum damage how, char byte, struct buffer *out)
{
	uint32_t dice = next(seed);
	bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
	if (how == CASE && letter && dice % 2)
		buffer_add_byte(out, byte ^ 0x20);
	else if (how == FOLDING && (byte | 0x20) == 's' && dice % 3 == 0)
		buffer_add_str(out, STR("\xC5\xBF")); /* U+017F folds to s */
	else if (how == FOLDING && (byte | 0x20) == 'k' && dice % 2)
		buffer_add_str(out, STR("\xE2\x84\xAA")); /* U+212A folds to k */
	else if (!(how == CUTS && dice % 30 == 0))
		buffer_add_byte(out, byte);
	if (how == ACCENTS && dice % 20 == 0)
		buffer_add_str(out, STR("\xC3\xA9"));
	if (how == BAD_BYTES && dice % 40 == 0)
		buffer_add_byte(out, (char)(0x80 + dice % 128));
}

static void vary(const struct pool *pool, uint64_t *seed, struct buffer *out)
{
	struct str text = *one(pool, seed);
	enum damage how = next(seed) % DAMAGES;
	buffer_reset(out);
	noise(seed, out);
	size_t from = how == HALF && text.size ? next(seed) % text.size : 0;
	for (size_t i = from; i < text.size; i++)
		add_damaged(seed, how, text.data[i], out);
	if (how == DOUBLED)
		buffer_add_str(out, text);
	if (how == JOINED)
		buffer_add_str(out, *one(pool, seed));
	noise(seed, out);
}

static bool same(struct matcher *matcher, const struct record *record, bool all, size_t *hits)
{
	struct hit copy[128];
	struct hit_list list;
	match_record_slow(matcher, record, all, &list);
	size_t count = list.count < 128 ? list.count : 128;
	memcpy(copy, list.items, count * sizeof *copy);
	match_record(matcher, record, all, &list);
	bool equal = list.count == count;
	for (size_t i = 0; equal && i < count; i++)
		equal = list.items[i].rule_index == copy[i].rule_index && list.items[i].direction == copy[i].direction && list.items[i].magnitude.ns == copy[i].magnitude.ns;
	if (!equal)
		printf("%zu hits, %zu without the prefilter: %.*s\n", list.count, count, STR_ARGS(record->message));
	*hits += count;
	return equal;
}

static void read_lines(struct pool *pool, const char *path)
{
	char *line = NULL;
	size_t capacity = 0;
	FILE *file = fopen(path, "r");
	for (ssize_t size; file && (size = getline(&line, &capacity, file)) > 0;)
		add(pool, str_trim((struct str){line, (size_t)size}));
	free(line);
	if (file)
		fclose(file);
}

static void read_tests(struct pool *pool, const struct rule_set *set)
{
	for (size_t i = 0; i < rule_set_count(set); i++)
		for (size_t j = 0; j < rule_set_rule(set, i)->tests_count; j++)
			add(pool, rule_set_rule(set, i)->tests[j].message);
}

/* Names that rules ask for, in other cases, in characters that fold to ASCII letters, as a part of others, not UTF-8; none. */
static const char *const programs[] = {"", "krb5kdc", "chronyd", "nginx", "NTPD", "\xC5\xBFntp", "\xE2\x84\xAArb5kdc", "my-ptp4l", "\xFFntpd", "kdc", "sntp"};

static bool run(const struct rule_set *set, const struct pool *pool, size_t count, size_t *hits)
{
	struct matcher *matcher = matcher_new(set);
	struct buffer message = {0};
	uint64_t seed = 7;
	bool sound = true;
	for (size_t i = 0; i < count + pool->count && sound; i++) {
		if (i >= pool->count)
			vary(pool, &seed, &message);
		struct record record = {.kind = RECORD_LOG, .host = STR("h"), .program = str_of(programs[i % (sizeof programs / sizeof *programs)]), .host_said = INSTANT_NONE,
			.collected = INSTANT_NONE, .message = i < pool->count ? pool->items[i] : buffer_str(&message)};
		sound = same(matcher, &record, i % 4 != 0, hits);
	}
	buffer_release(&message);
	matcher_free(matcher);
	return sound;
}

int main(int argc, char **argv)
{
	const struct str path = STR(SOURCE_DIR "/rules");
	struct diag_list diags = {0};
	struct rule_set *set = rule_set_load(&path, 1, NULL, &diags);
	struct pool pool = {0};
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000, hits = 0;
	read_tests(&pool, set);
	for (int i = 2; i < argc; i++)
		read_lines(&pool, argv[i]);
	bool sound = !diags.errors && pool.count && run(set, &pool, count, &hits);
	printf("%zu messages and %zu made of them, %zu rules, %zu hits: %s\n", pool.count, count, rule_set_count(set), hits, sound ? "the same" : "DIFFERENT");
	rule_set_free(set);
	diag_release(&diags);
	free(pool.items);
	arena_release(&pool.arena);
	return sound && hits > pool.count / 4 ? 0 : 1;
}
