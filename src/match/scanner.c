#include "scanner.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 18 };

/* A literal where one of its grams (four bytes | 0x20202020) stands. */
struct entry {
	uint64_t window, mask; /* what the eight bytes from two before the gram hold of it */
	uint32_t gram;
	uint32_t literal;
	int32_t offset;        /* of the gram in it; -1: it begins one byte later */
};

struct scanner {
	uint64_t bitmap[(1 << BITS) / 64];
	struct str *literals;
	size_t count, capacity;
	struct entry *entries;
	size_t entries_count, entries_capacity;
	uint32_t *buckets; /* by the gram's hash: its first entry; the next bucket's is where they end */
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

/* Eight bytes, the first one lowest. */
static uint64_t load_window(const char *at)
{
	uint64_t window;
	memcpy(&window, at, sizeof window);
	return le64toh(window) | 0x2020202020202020u;
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

static unsigned price_of_five(struct sample *sample, struct str five)
{
	unsigned surprises = 0;
	for (size_t i = 0; i < five.size; i++)
		surprises += surprise(five.data[i]);
	return (sample_grams(sample, five.data) + sample_grams(sample, five.data + five.size - 4)) * 1000 + (surprises < 500 ? 500 - surprises : 0);
}

static size_t cheapest_five(struct sample *sample, struct str literal, unsigned *out_price)
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

unsigned literal_price(struct sample *sample, struct str literal)
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

struct str scanner_literal(const struct scanner *scanner, uint32_t literal)
{
	return scanner->literals[literal];
}

static void add_gram(struct scanner *scanner, uint32_t literal, uint32_t gram, int32_t offset)
{
	if (scanner->entries_count == scanner->entries_capacity)
		scanner->entries = grown(scanner->entries, &scanner->entries_capacity, sizeof *scanner->entries);
	uint32_t bit = hash(gram, BITS);
	scanner->bitmap[bit / 64] |= 1ull << (bit % 64);
	struct entry *entry = &scanner->entries[scanner->entries_count++];
	*entry = (struct entry){.gram = gram, .literal = literal, .offset = offset};
	struct str text = scanner->literals[literal];
	for (int i = 0; i < 8; i++) {
		int64_t at = offset - 2 + i;
		if (at < 0 || (size_t)at >= text.size)
			continue;
		entry->window |= (uint64_t)((unsigned char)text.data[at] | 0x20) << (8 * i);
		entry->mask |= (uint64_t)0xFF << (8 * i);
	}
}

static void add_grams(struct scanner *scanner, struct sample *sample, uint32_t literal)
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

/* By bucket: counted, then put in place. */
static void sort_entries(struct scanner *scanner)
{
	size_t buckets = (size_t)1 << scanner->bucket_bits, count = scanner->entries_count;
	struct entry *sorted = calloc(count ? count : 1, sizeof *sorted);
	scanner->buckets = calloc(buckets + 1, sizeof *scanner->buckets);
	if (!scanner->buckets || !sorted)
		abort();
	for (size_t i = 0; i < count; i++)
		scanner->buckets[hash(scanner->entries[i].gram, scanner->bucket_bits)]++;
	for (size_t i = 1; i <= buckets; i++)
		scanner->buckets[i] += scanner->buckets[i - 1];
	for (size_t i = count; i > 0; i--)
		sorted[--scanner->buckets[hash(scanner->entries[i - 1].gram, scanner->bucket_bits)]] = scanner->entries[i - 1];
	free(scanner->entries);
	scanner->entries = sorted;
}

void scanner_build(struct scanner *scanner, struct sample *sample)
{
	for (uint32_t i = 0; i < scanner->count; i++)
		add_grams(scanner, sample, i);
	scanner->bucket_bits = 4;
	while ((size_t)1 << scanner->bucket_bits < scanner->entries_count * 2)
		scanner->bucket_bits++;
	sort_entries(scanner);
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

/* Where no eight bytes surround the gram, at the text's edges, the window is left to stands_at. */
static void look(const struct scanner *scanner, struct str text, size_t at, uint32_t gram, void (*found)(void *context, uint32_t literal), void *context)
{
	const uint32_t *bucket = &scanner->buckets[hash(gram, scanner->bucket_bits)];
	bool inside = at >= 2 && text.size - at >= 6;
	uint64_t window = inside ? load_window(text.data + at - 2) : 0;
	for (const struct entry *entry = &scanner->entries[bucket[0]], *end = &scanner->entries[bucket[1]]; entry < end; entry++) {
		if (inside ? (window & entry->mask) != entry->window : gram != entry->gram)
			continue;
		if ((int64_t)at >= entry->offset && stands_at(text, (size_t)((int64_t)at - entry->offset), scanner->literals[entry->literal]))
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
