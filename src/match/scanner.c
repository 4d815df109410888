#include "scanner.h"

#include <stdlib.h>
#include <string.h>

enum { BITS = 18 };

struct entry {
	uint32_t gram;    /* four bytes | 0x20202020 */
	uint32_t literal;
	int32_t offset;   /* of the gram in it; -1: it begins one byte earlier */
	uint32_t next;    /* index + 1 */
};

struct scanner {
	uint64_t bitmap[(1 << BITS) / 64];
	struct str *literals;
	size_t count, capacity;
	struct entry *entries;
	size_t entries_count, entries_capacity;
	uint32_t *buckets; /* index + 1 */
	unsigned bucket_bits;
};

static void *grown(void *items, size_t *capacity, size_t size)
{
	*capacity = *capacity ? *capacity * 2 : 256;
	items = realloc(items, *capacity * size);
	if (!items)
		abort();
	return items;
}

static uint32_t load(const char *at)
{
	uint32_t gram;
	memcpy(&gram, at, sizeof gram);
	return gram | 0x20202020u;
}

static uint32_t hash(uint32_t gram, unsigned bits)
{
	return (gram * 0x9E3779B1u) >> (32 - bits);
}

/* ---- prices ---- */

/* How common a byte is in log text, in tenths of a bit of surprise: decides between what the sample does not hold. */
static unsigned surprise(char byte)
{
	static const unsigned letters[26] = {36, 60, 52, 45, 30, 58, 56, 44, 38, 90, 72, 46, 53, 38, 37, 57, 100, 40, 39, 34, 51, 66, 62, 85, 59, 95};
	if (byte >= 'a' && byte <= 'z')
		return letters[byte - 'a'];
	return byte == ' ' ? 25 : byte >= '0' && byte <= '9' ? 45 : 60;
}

static unsigned price_of_five(const struct sample *sample, struct str five)
{
	unsigned surprises = 0;
	for (size_t i = 0; i < five.size; i++)
		surprises += surprise(five.data[i]);
	return (sample_grams(sample, five.data) + sample_grams(sample, five.data + five.size - 4)) * 1000 + (surprises < 500 ? 500 - surprises : 0);
}

static size_t cheapest_five(const struct sample *sample, struct str literal, unsigned *out_price)
{
	size_t best = 0;
	*out_price = price_of_five(sample, str_first(literal, 5));
	for (size_t i = 1; i + 5 <= literal.size; i++) {
		unsigned price = price_of_five(sample, (struct str){literal.data + i, 5});
		if (price < *out_price) {
			*out_price = price;
			best = i;
		}
	}
	return best;
}

unsigned literal_price(const struct sample *sample, struct str literal)
{
	unsigned price;
	cheapest_five(sample, literal, &price);
	return price + sample_times(sample, literal) * 5000 + (literal.size == 4 ? sample_times(sample, str_first(literal, 3)) * 1000 + 500 : 0);
}

/* ---- building ---- */

struct scanner *scanner_new(void)
{
	struct scanner *scanner = calloc(1, sizeof *scanner);
	if (!scanner)
		abort();
	return scanner;
}

void scanner_free(struct scanner *scanner)
{
	if (!scanner)
		return;
	free(scanner->literals);
	free(scanner->entries);
	free(scanner->buckets);
	free(scanner);
}

uint32_t scanner_add(struct scanner *scanner, struct str literal)
{
	for (size_t i = 0; i < scanner->count; i++)
		if (str_equal(scanner->literals[i], literal))
			return (uint32_t)i;
	if (scanner->count == scanner->capacity)
		scanner->literals = grown(scanner->literals, &scanner->capacity, sizeof *scanner->literals);
	scanner->literals[scanner->count] = literal;
	return (uint32_t)scanner->count++;
}

static void add_gram(struct scanner *scanner, uint32_t literal, uint32_t gram, int32_t offset)
{
	if (scanner->entries_count == scanner->entries_capacity)
		scanner->entries = grown(scanner->entries, &scanner->entries_capacity, sizeof *scanner->entries);
	uint32_t bit = hash(gram, BITS);
	scanner->bitmap[bit / 64] |= 1ull << (bit % 64);
	scanner->entries[scanner->entries_count++] = (struct entry){gram, literal, offset, 0};
}

static void add_grams(struct scanner *scanner, const struct sample *sample, uint32_t literal)
{
	struct str text = scanner->literals[literal];
	unsigned price;
	char early[4];
	if (text.size > 4) {
		size_t at = cheapest_five(sample, text, &price);
		add_gram(scanner, literal, load(text.data + at), (int32_t)at);
		add_gram(scanner, literal, load(text.data + at + 1), (int32_t)at + 1);
		return;
	}
	add_gram(scanner, literal, load(text.data), 0);
	memcpy(early + 1, text.data, 3);
	for (unsigned byte = 0; byte < 256; byte++) {
		early[0] = (char)byte;
		if (byte & 0x20)
			add_gram(scanner, literal, load(early), -1);
	}
}

void scanner_build(struct scanner *scanner, const struct sample *sample)
{
	for (uint32_t i = 0; i < scanner->count; i++)
		add_grams(scanner, sample, i);
	scanner->bucket_bits = 4;
	while ((size_t)1 << scanner->bucket_bits < scanner->entries_count * 2)
		scanner->bucket_bits++;
	scanner->buckets = calloc((size_t)1 << scanner->bucket_bits, sizeof *scanner->buckets);
	if (!scanner->buckets)
		abort();
	for (size_t i = 0; i < scanner->entries_count; i++) {
		uint32_t *bucket = &scanner->buckets[hash(scanner->entries[i].gram, scanner->bucket_bits)];
		scanner->entries[i].next = *bucket;
		*bucket = (uint32_t)i + 1;
	}
}

/* ---- searching ---- */

static bool stands_at(struct str text, size_t at, struct str literal)
{
	if (at > text.size || text.size - at < literal.size)
		return false;
	for (size_t i = 0; i < literal.size; i++)
		if (ascii_lower(text.data[at + i]) != literal.data[i])
			return false;
	return true;
}

static void look(const struct scanner *scanner, struct str text, size_t at, uint32_t gram, void (*found)(void *context, uint32_t literal), void *context)
{
	for (uint32_t index = scanner->buckets[hash(gram, scanner->bucket_bits)]; index; index = scanner->entries[index - 1].next) {
		const struct entry *entry = &scanner->entries[index - 1];
		if (entry->gram == gram && (int64_t)at >= entry->offset && stands_at(text, (size_t)((int64_t)at - entry->offset), scanner->literals[entry->literal]))
			found(context, entry->literal);
	}
}

void scanner_search(const struct scanner *scanner, struct str text, void (*found)(void *context, uint32_t literal), void *context)
{
	for (size_t i = 0; i + 4 <= text.size; i += 2) {
		uint32_t gram = load(text.data + i), bit = hash(gram, BITS);
		if (scanner->bitmap[bit / 64] >> (bit % 64) & 1)
			look(scanner, text, i, gram, found, context);
	}
}
