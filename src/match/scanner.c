#include "scanner.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "allocate.h"
#include "skewline/table.h"

enum { BITS = 18, BUCKET_BITS = 13, STRIDE = 2, AT_ONCE = 8 };

/* What the eight bytes from one before a gram on must be, where that gram is this one of a literal. */
struct entry {
	uint64_t bytes, mask;
	uint32_t literal;
	int32_t offset; /* of the gram in the literal; -1: one byte before it */
};

struct scanner {
	uint64_t bitmap[(1 << BITS) / 64];           /* 4-grams */
	uint32_t buckets[(1 << BUCKET_BITS) + 1];    /* by the upper part of a gram's bit: its first entry; the next bucket's is where they end */
	struct entry *entries;
	size_t entries_count, entries_capacity;
	struct literal *literals;
	size_t count, capacity;
	struct table by_text;
};

static struct str text_of(const void *rows, uint32_t index)
{
	return ((const struct literal *)rows)[index].text;
}

#define FOLD 0x2020202020202020u

static uint32_t load(const char *at)
{
	uint32_t gram;
	memcpy(&gram, at, sizeof gram);
	return le32toh(gram) | (uint32_t)FOLD;
}

/* Eight bytes, the first one lowest. */
static uint64_t load_eight(const char *at)
{
	uint64_t eight;
	memcpy(&eight, at, sizeof eight);
	return le64toh(eight);
}

static uint32_t bit_of(uint32_t gram)
{
	return (gram * 0x9E3779B1u) >> (32 - BITS);
}

static uint32_t bucket_of(uint32_t bit)
{
	return bit >> (BITS - BUCKET_BITS);
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

/* A blank stands for whatever is no word: the sample knows nothing better. */
static unsigned times(const struct sample *sample, struct literal literal)
{
	char bytes[64] = " ";
	struct str text = str_first(literal.text, sizeof bytes - 2);
	size_t from = literal.begins_word ? 0 : 1, size = 1 + text.size;
	memcpy(bytes + 1, text.data, text.size);
	if (literal.ends_word && text.size == literal.text.size)
		bytes[size++] = ' ';
	return sample_times(sample, (struct str){bytes + from, size - from});
}

unsigned literal_price(const struct sample *sample, struct literal literal)
{
	unsigned price;
	cheapest_five(sample, literal.text, &price);
	return price + times(sample, literal) * 5000 + (literal.text.size == 4 ? sample_threes(sample, literal.text.data) * 1000 + 500 : 0);
}

/* ---- building ---- */

struct scanner *scanner_new(void)
{
	struct scanner *scanner = zeroed(1, sizeof *scanner);
	table_init(&scanner->by_text, 0, text_of, NULL);
	return scanner;
}

void scanner_free(struct scanner *scanner)
{
	if (!scanner)
		return;
	table_release(&scanner->by_text);
	free(scanner->literals);
	free(scanner->entries);
	free(scanner);
}

uint32_t scanner_add(struct scanner *scanner, struct literal literal)
{
	uint32_t known = table_find(&scanner->by_text, literal.text);
	if (known != TABLE_NONE) {
		scanner->literals[known].begins_word &= literal.begins_word;
		scanner->literals[known].ends_word &= literal.ends_word;
		return known;
	}
	scanner->literals = grown(scanner->literals, scanner->count, &scanner->capacity, sizeof *scanner->literals);
	scanner->by_text.rows = scanner->literals;
	scanner->literals[scanner->count] = literal;
	table_insert(&scanner->by_text, literal.text, (uint32_t)scanner->count);
	return (uint32_t)scanner->count++;
}

struct str scanner_literal(const struct scanner *scanner, uint32_t literal)
{
	return scanner->literals[literal].text;
}

static uint32_t bit_of_entry(const struct entry *entry)
{
	return bit_of((uint32_t)(entry->bytes >> 8));
}

/* `before`: the gram's first byte, where it is none of the literal's. */
static void add_entry(struct scanner *scanner, uint32_t literal, int32_t offset, char before)
{
	struct str text = scanner->literals[literal].text;
	char bytes[8] = {0, before}, mask[8] = {0};
	for (int32_t i = 0; i < 8; i++) {
		int32_t at = offset - 1 + i;
		if (at >= 0 && (size_t)at < text.size) {
			bytes[i] = text.data[at];
			mask[i] = (char)0xFF;
		}
	}
	struct entry entry = {load_eight(bytes) | FOLD, load_eight(mask), literal, offset};
	uint32_t bit = bit_of_entry(&entry);
	scanner->bitmap[bit / 64] |= 1ull << (bit % 64);
	scanner->entries = grown(scanner->entries, scanner->entries_count, &scanner->entries_capacity, sizeof *scanner->entries);
	scanner->entries[scanner->entries_count++] = entry;
}

static void add_entries(struct scanner *scanner, const struct sample *sample, uint32_t literal)
{
	unsigned price;
	struct str text = scanner->literals[literal].text;
	int32_t offset = text.size > 4 ? (int32_t)cheapest_five(sample, text, &price) : 0;
	add_entry(scanner, literal, offset, 0);
	if (text.size > 4) {
		add_entry(scanner, literal, offset + 1, 0);
		return;
	}
	for (unsigned byte = 0; byte < 0xC0; byte++) /* what can stand before a letter: none of the bytes that begin a longer sequence */
		if (byte & 0x20)
			add_entry(scanner, literal, -1, (char)byte);
}

/* Each bucket is counted, then its entries are put in place. */
static void sort_entries(struct scanner *scanner)
{
	size_t count = scanner->entries_count;
	struct entry *sorted = zeroed(count, sizeof *sorted);
	for (size_t i = 0; i < count; i++)
		scanner->buckets[bucket_of(bit_of_entry(&scanner->entries[i]))]++;
	for (size_t i = 1; i <= (size_t)1 << BUCKET_BITS; i++)
		scanner->buckets[i] += scanner->buckets[i - 1];
	for (size_t i = count; i > 0; i--)
		sorted[--scanner->buckets[bucket_of(bit_of_entry(&scanner->entries[i - 1]))]] = scanner->entries[i - 1];
	free(scanner->entries);
	scanner->entries = sorted;
	scanner->entries_capacity = count;
}

void scanner_build(struct scanner *scanner, const struct sample *sample)
{
	for (uint32_t i = 0; i < scanner->count; i++)
		add_entries(scanner, sample, i);
	sort_entries(scanner);
}

/* ---- searching ---- */

static bool stands_at(struct str text, size_t at, const struct literal *literal)
{
	size_t end = at + literal->text.size;
	if (end > text.size || (literal->begins_word && at > 0 && ascii_is_word(text.data[at - 1])) || (literal->ends_word && end < text.size && ascii_is_word(text.data[end])))
		return false;
	for (size_t i = 0; i < literal->text.size; i++)
		if (ascii_lower(text.data[at + i]) != literal->text.data[i])
			return false;
	return true;
}

/* The eight bytes from one before `at` on; blanks beyond the text, which stands_at sees through. */
static uint64_t around_edge(struct str text, size_t at)
{
	char bytes[8] = {0};
	for (size_t i = at ? 0 : 1; i < sizeof bytes && at + i - 1 < text.size; i++)
		bytes[i] = text.data[at + i - 1];
	return load_eight(bytes) | FOLD;
}

static inline uint64_t around(struct str text, size_t at)
{
	return __builtin_expect(at >= 1 && text.size - at >= 7, 1) ? load_eight(text.data + at - 1) | FOLD : around_edge(text, at);
}

static inline bool agrees(const struct entry *entry, uint64_t eight)
{
	return !((eight ^ entry->bytes) & entry->mask);
}

/* Entries of which one at least agrees with the eight bytes around `at`. */
__attribute__((noinline)) static void compare(const struct scanner *scanner, const struct entry *entry, const struct entry *end, struct str text, size_t at, void (*found)(void *context, uint32_t literal), void *context)
{
	uint64_t eight = around(text, at);
	for (; entry < end; entry++)
		if (agrees(entry, eight) && (ptrdiff_t)at >= entry->offset && stands_at(text, (size_t)((ptrdiff_t)at - entry->offset), &scanner->literals[entry->literal]))
			found(context, entry->literal);
}

/* The gram at `at` is a literal's. Most often no more of it stands there: this much needs no call. */
__attribute__((noinline)) static void look(const struct scanner *scanner, struct str text, size_t at, void (*found)(void *context, uint32_t literal), void *context)
{
	uint64_t eight = around(text, at);
	const uint32_t *bucket = &scanner->buckets[bucket_of(bit_of((uint32_t)(eight >> 8)))];
	const struct entry *entry = &scanner->entries[bucket[0]], *end = &scanner->entries[bucket[1]];
	while (entry < end && !agrees(entry, eight))
		entry++;
	if (entry < end)
		compare(scanner, entry, end, text, at, found, context);
}

static inline bool may_stand(const struct scanner *scanner, const char *at)
{
	uint32_t bit = bit_of(load(at));
	return scanner->bitmap[bit / 64] >> (bit % 64) & 1;
}

void scanner_search(const struct scanner *scanner, struct str text, void (*found)(void *context, uint32_t literal), void *context)
{
	size_t at = 0;
	for (; at + STRIDE * AT_ONCE + 2 <= text.size; at += STRIDE * AT_ONCE)
		for (size_t i = 0; i < STRIDE * AT_ONCE; i += STRIDE) /* unrolled */
			if (may_stand(scanner, text.data + at + i))
				look(scanner, text, at + i, found, context);
	for (; at + 4 <= text.size; at += STRIDE)
		if (may_stand(scanner, text.data + at))
			look(scanner, text, at, found, context);
}
