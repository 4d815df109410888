#include "sieve.h"

#include <stdlib.h>

#include "allocate.h"
#include "grams.h"
#include "sample.h"

/* One text of a tree, and where to go on, whether it may stand there or not. */
struct test {
	struct grams_probe probe;
	uint32_t yes, no; /* another test, SIEVE_YES or SIEVE_NO */
};

struct sieve {
	struct test *tests;
	size_t count, capacity;
	struct grams grams;              /* of the text */
	uint16_t times[1 << GRAMS_BITS]; /* of each piece, the lines of ordinary text that hold it */
};

struct sieve *sieve_new(void)
{
	struct sieve *sieve = zeroed(1, sizeof *sieve);
	for (size_t i = 0; i < sample_lines(); i++) {
		grams_of_text(&sieve->grams, sample_line(i));
		for (size_t word = 0; word < (1 << GRAMS_BITS) / 64; word++)
			for (uint64_t bits = sieve->grams.bits[word]; bits; bits &= bits - 1)
				sieve->times[word * 64 + (size_t)__builtin_ctzll(bits)]++;
	}
	return sieve;
}

void sieve_free(struct sieve *sieve)
{
	if (!sieve)
		return;
	free(sieve->tests);
	free(sieve);
}

/* Begins with the rarest piece. */
static struct grams_probe probe_of(const struct sieve *sieve, const struct rule_need *need)
{
	struct grams_probe probe = grams_probe_of(need->text, need->begins_word, need->ends_word);
	for (size_t i = 0; i + 3 <= need->text.size; i++) {
		uint16_t piece = grams_hash(need->text.data + i);
		probe.bits[0] = sieve->times[piece] < sieve->times[probe.bits[0]] ? piece : probe.bits[0];
	}
	return probe;
}

struct weighed {
	const struct rule_need *need;
	size_t tests;
};

static bool is_certain(const struct rule_need *need, const struct rule_need *certain)
{
	return need == certain || need->kind == RULE_NEED_FIELD || (need->kind == RULE_NEED_TEXT && need->of_program);
}

static size_t tests_of(const struct rule_need *need, const struct rule_need *certain)
{
	size_t tests = need->kind == RULE_NEED_TEXT;
	for (const struct rule_need *child = need->first; child; child = child->next)
		tests += tests_of(child, certain);
	return is_certain(need, certain) ? 0 : tests;
}

static int by_tests(const void *a, const void *b)
{
	const struct weighed *left = a, *right = b;
	return (left->tests > right->tests) - (left->tests < right->tests);
}

/* The children, those that ask for little first. To be freed. */
static struct weighed *children_of(const struct rule_need *need, const struct rule_need *certain, size_t *out_count)
{
	struct weighed *children = NULL;
	size_t count = 0, capacity = 0;
	for (const struct rule_need *child = need->first; child; child = child->next) {
		children = grown(children, count, &capacity, sizeof *children);
		children[count++] = (struct weighed){child, tests_of(child, certain)};
	}
	qsort(children, count, sizeof *children, by_tests);
	*out_count = count;
	return children;
}

/* From the last child to the first: each must know where the next one begins. */
static uint32_t add(struct sieve *sieve, const struct rule_need *need, const struct rule_need *certain, uint32_t yes, uint32_t no)
{
	if (is_certain(need, certain))
		return yes;
	if (need->kind == RULE_NEED_TEXT) {
		sieve->tests = grown(sieve->tests, sieve->count, &sieve->capacity, sizeof *sieve->tests);
		sieve->tests[sieve->count] = (struct test){probe_of(sieve, need), yes, no};
		return (uint32_t)sieve->count++;
	}
	bool any = need->kind == RULE_NEED_ANY;
	uint32_t next = any ? no : yes;
	size_t count;
	struct weighed *children = children_of(need, certain, &count);
	for (size_t i = count; i > 0; i--)
		next = add(sieve, children[i - 1].need, certain, any ? yes : next, any ? next : no);
	free(children);
	return next;
}

uint32_t sieve_add(struct sieve *sieve, const struct rule_need *need, const struct rule_need *certain)
{
	return add(sieve, need, certain, SIEVE_YES, SIEVE_NO);
}

void sieve_read(struct sieve *sieve, struct str text)
{
	grams_of_text(&sieve->grams, text);
}

bool sieve_holds(const struct sieve *sieve, uint32_t tree)
{
	while (tree < SIEVE_NO) {
		const struct test *test = &sieve->tests[tree];
		tree = grams_may_hold(&sieve->grams, test->probe) ? test->yes : test->no;
	}
	return tree == SIEVE_YES;
}
