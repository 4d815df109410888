#include "prefilter.h"

#include <stdlib.h>
#include <string.h>

enum { BITS = 17, BUCKETS = 4096 };

struct entry {
	uint32_t gram;   /* four bytes | 0x20202020 */
	uint32_t rule;
	struct str text; /* the literal, lower case */
	uint32_t offset; /* of the gram in it */
	uint32_t next;   /* index + 1 */
};

struct prefilter {
	uint64_t bitmap[(1 << BITS) / 64];
	uint32_t buckets[BUCKETS]; /* index + 1 */
	struct entry *entries;
	size_t count, capacity;
};

static uint32_t load(const char *at)
{
	uint32_t gram;
	memcpy(&gram, at, sizeof gram);
	return gram | 0x20202020u;
}

static uint32_t hash(uint32_t gram)
{
	return (gram * 0x9E3779B1u) >> (32 - BITS);
}

/* How common a byte is in log text, in tenths of a bit of surprise: letters as in English, blanks most of all. */
static unsigned surprise(char byte)
{
	static const unsigned letters[26] = {36, 60, 52, 45, 30, 58, 56, 44, 38, 90, 72, 46, 53, 38, 37, 57, 100, 40, 39, 34, 51, 66, 62, 85, 59, 95};
	if (byte >= 'a' && byte <= 'z')
		return letters[byte - 'a'];
	return byte == ' ' ? 25 : byte >= '0' && byte <= '9' ? 45 : 60;
}

static size_t rarest_five(struct str text)
{
	size_t best = 0;
	unsigned most = 0;
	for (size_t i = 0; i + 5 <= text.size; i++) {
		unsigned sum = 0;
		for (size_t j = 0; j < 5; j++)
			sum += surprise(text.data[i + j]);
		if (sum > most) {
			most = sum;
			best = i;
		}
	}
	return best;
}

static void add_gram(struct prefilter *prefilter, uint32_t rule, struct str text, size_t offset)
{
	if (prefilter->count == prefilter->capacity) {
		prefilter->capacity = prefilter->capacity ? prefilter->capacity * 2 : 256;
		prefilter->entries = realloc(prefilter->entries, prefilter->capacity * sizeof *prefilter->entries);
		if (!prefilter->entries)
			abort();
	}
	uint32_t gram = load(text.data + offset), bit = hash(gram);
	uint32_t *bucket = &prefilter->buckets[bit % BUCKETS];
	prefilter->entries[prefilter->count++] = (struct entry){gram, rule, text, (uint32_t)offset, *bucket};
	*bucket = (uint32_t)prefilter->count;
	prefilter->bitmap[bit / 64] |= 1ull << (bit % 64);
}

struct prefilter *prefilter_new(const struct rule_set *set)
{
	struct prefilter *prefilter = calloc(1, sizeof *prefilter);
	if (!prefilter)
		abort();
	for (size_t i = 0; i < rule_set_count(set); i++) {
		const struct rule_literals *literals = &rule_set_rule(set, i)->literals;
		for (size_t j = 0; j < literals->count; j++) {
			size_t at = rarest_five(literals->texts[j]);
			add_gram(prefilter, (uint32_t)i, literals->texts[j], at);
			add_gram(prefilter, (uint32_t)i, literals->texts[j], at + 1);
		}
	}
	return prefilter;
}

void prefilter_free(struct prefilter *prefilter)
{
	if (prefilter)
		free(prefilter->entries);
	free(prefilter);
}

static bool stands_at(struct str text, size_t at, struct str literal)
{
	if (at > text.size || text.size - at < literal.size)
		return false;
	for (size_t i = 0; i < literal.size; i++)
		if (ascii_lower(text.data[at + i]) != literal.data[i])
			return false;
	return true;
}

void prefilter_scan(const struct prefilter *prefilter, struct str text, void (*candidate)(void *context, uint32_t rule), void *context)
{
	for (size_t i = 0; i + 4 <= text.size; i += 2) {
		uint32_t gram = load(text.data + i), bit = hash(gram);
		if (!(prefilter->bitmap[bit / 64] >> (bit % 64) & 1))
			continue;
		for (uint32_t index = prefilter->buckets[bit % BUCKETS]; index; index = prefilter->entries[index - 1].next) {
			const struct entry *entry = &prefilter->entries[index - 1];
			if (entry->gram == gram && i >= entry->offset && stands_at(text, i - entry->offset, entry->text))
				candidate(context, entry->rule);
		}
	}
}

bool prefilter_blind(struct str text)
{
	for (size_t i = 0; i < text.size; i++) {
		uint64_t word;
		if (text.size - i >= sizeof word) {
			memcpy(&word, text.data + i, sizeof word);
			if (!(word & 0x8080808080808080u)) {
				i += sizeof word - 1;
				continue;
			}
		}
		unsigned char byte = (unsigned char)text.data[i];
		if (byte < 0x80)
			continue;
		if ((byte == 0xC5 && i + 1 < text.size && (unsigned char)text.data[i + 1] == 0xBF)
			|| (byte == 0xE2 && i + 2 < text.size && (unsigned char)text.data[i + 1] == 0x84 && (unsigned char)text.data[i + 2] == 0xAA))
			return true;
	}
	return false;
}
