#include "sieve.h"

#include <stdlib.h>

#include "grams.h"
#include "allocate.h"
#include "sample.h"

struct node {
	bool any;      /* of what follows, else all of it */
	bool certain;  /* some of "any" is said elsewhere */
	uint32_t texts, texts_count;       /* into probes */
	uint32_t children, children_count; /* into nodes */
};

struct sieve {
	struct node *nodes;
	size_t nodes_count, nodes_capacity;
	struct grams_probe *probes;
	size_t probes_count, probes_capacity;
	struct grams grams;                /* of the text */
	uint16_t times[1 << GRAMS_BITS];   /* of each piece in ordinary text */
};

struct sieve *sieve_new(void)
{
	struct sieve *sieve = zeroed(1, sizeof *sieve);
	for (size_t i = 0; i < sample_lines(); i++) {
		struct str line = sample_line(i);
		for (size_t j = 0; j + 3 <= line.size; j++)
			sieve->times[grams_hash(line.data + j)]++;
	}
	return sieve;
}

void sieve_free(struct sieve *sieve)
{
	if (!sieve)
		return;
	free(sieve->nodes);
	free(sieve->probes);
	free(sieve);
}

static uint32_t new_node(struct sieve *sieve)
{
	sieve->nodes = grown(sieve->nodes, sieve->nodes_count, &sieve->nodes_capacity, sizeof *sieve->nodes);
	return (uint32_t)sieve->nodes_count++;
}

/* Begins with the rarest piece. */
static void add_probe(struct sieve *sieve, struct str text)
{
	struct grams_probe probe = grams_probe_of(text);
	for (size_t i = 0; i + 3 <= text.size; i++) {
		uint16_t piece = grams_hash(text.data + i);
		probe.bits[0] = sieve->times[piece] < sieve->times[probe.bits[0]] ? piece : probe.bits[0];
	}
	sieve->probes = grown(sieve->probes, sieve->probes_count, &sieve->probes_capacity, sizeof *sieve->probes);
	sieve->probes[sieve->probes_count++] = probe;
}

enum place { IN_TEXT, IN_NODE, ELSEWHERE };

static enum place place_of(const struct rule_need *need)
{
	if (need->kind == RULE_NEED_FIELD || (need->kind == RULE_NEED_TEXT && need->of_program))
		return ELSEWHERE;
	return need->kind == RULE_NEED_TEXT ? IN_TEXT : IN_NODE;
}

/* Texts of one node stand side by side, and so do its children. */
static void fill(struct sieve *sieve, uint32_t at, const struct rule_need *children, bool any)
{
	struct node node = {.any = any, .texts = (uint32_t)sieve->probes_count, .children = (uint32_t)sieve->nodes_count};
	for (const struct rule_need *child = children; child; child = child->next)
		switch (place_of(child)) {
		case IN_TEXT:
			add_probe(sieve, child->text);
			node.texts_count++;
			break;
		case IN_NODE:
			new_node(sieve);
			node.children_count++;
			break;
		case ELSEWHERE:
			node.certain = node.certain || any;
			break;
		}
	sieve->nodes[at] = node;
	uint32_t next = node.children;
	for (const struct rule_need *child = children; child; child = child->next)
		if (place_of(child) == IN_NODE)
			fill(sieve, next++, child->first, child->kind == RULE_NEED_ANY);
}

uint32_t sieve_add(struct sieve *sieve, const struct rule_need *need)
{
	struct rule_need alone = *need;
	uint32_t tree = new_node(sieve);
	alone.next = NULL;
	if (place_of(need) == IN_NODE)
		fill(sieve, tree, need->first, need->kind == RULE_NEED_ANY);
	else
		fill(sieve, tree, &alone, false);
	return tree;
}

void sieve_read(struct sieve *sieve, struct str text)
{
	grams_of_text(&sieve->grams, text);
}

bool sieve_holds(const struct sieve *sieve, uint32_t tree)
{
	const struct node *node = &sieve->nodes[tree];
	if (node->certain)
		return true;
	const struct grams_probe *probe = &sieve->probes[node->texts];
	for (uint32_t i = 0; i < node->texts_count; i++)
		if (grams_may_hold(&sieve->grams, probe[i]) == node->any)
			return node->any;
	for (uint32_t i = 0; i < node->children_count; i++)
		if (sieve_holds(sieve, node->children + i) == node->any)
			return node->any;
	return !node->any;
}
