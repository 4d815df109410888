#include "scanner.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "allocate.h"
#include "skewline/table.h"

enum { BITS = 18, PIECE_BITS = 15 };

/* Where a literal is found: five bytes of it, or all four of a short one. */
struct entry {
	uint64_t piece;
	uint32_t literal, offset; /* of the piece in it */
};

struct scanner {
	uint64_t bitmap[(1 << BITS) / 64];       /* 4-grams of pieces */
	uint64_t pieces[(1 << PIECE_BITS) / 64]; /* pieces: what this does not know is none of ours */
	struct literal *literals;
	size_t count, capacity;
	struct table by_text;
	struct entry *entries;
	uint32_t *buckets; /* by the piece's hash: its first entry; the next bucket's is where they end */
	unsigned bucket_bits;
};

static struct str text_of(const void *rows, uint32_t index)
{
	return ((const struct literal *)rows)[index].text;
}

static uint32_t load(const char *at)
{
	uint32_t gram;
	memcpy(&gram, at, sizeof gram);
	return gram | 0x20202020u;
}

/* Eight bytes, the first one lowest. */
static uint64_t load_eight(const char *at)
{
	uint64_t eight;
	memcpy(&eight, at, sizeof eight);
	return le64toh(eight) | 0x2020202020202020u;
}

/* The lower five or four of eight bytes, marked as the one or the other. */
static uint64_t five_of(uint64_t eight)
{
	return eight & 0xFFFFFFFFFFu;
}

static uint64_t four_of(uint64_t eight)
{
	return (eight & 0xFFFFFFFFu) | 1ull << 63;
}

static uint64_t piece_hash(uint64_t piece)
{
	return (piece ^ piece >> 29) * 0x9FB21C651E98DF25u;
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
	free(scanner->buckets);
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

static void add_gram(struct scanner *scanner, uint32_t gram)
{
	uint32_t bit = hash(gram, BITS);
	scanner->bitmap[bit / 64] |= 1ull << (bit % 64);
}

static struct entry entry_of(struct scanner *scanner, const struct sample *sample, uint32_t literal)
{
	struct str text = scanner->literals[literal].text;
	unsigned price;
	char bytes[8] = {0};
	if (text.size > 4) {
		size_t at = cheapest_five(sample, text, &price);
		add_gram(scanner, load(text.data + at));
		add_gram(scanner, load(text.data + at + 1));
		memcpy(bytes, text.data + at, 5);
		return (struct entry){five_of(load_eight(bytes)), literal, (uint32_t)at};
	}
	add_gram(scanner, load(text.data));
	memcpy(bytes + 1, text.data, 3);
	for (unsigned byte = 0; byte < 256; byte++) {
		bytes[0] = (char)byte;
		if (byte & 0x20)
			add_gram(scanner, load(bytes));
	}
	memcpy(bytes, text.data, 4);
	return (struct entry){four_of(load_eight(bytes)), literal, 0};
}

static size_t bucket_of(const struct scanner *scanner, uint64_t hashed)
{
	return (size_t)(hashed >> (64 - scanner->bucket_bits));
}

/* Each bucket is counted, then its entries are put in place. */
void scanner_build(struct scanner *scanner, const struct sample *sample)
{
	struct entry *unsorted = zeroed(scanner->count, sizeof *unsorted);
	scanner->bucket_bits = 4;
	while ((size_t)1 << scanner->bucket_bits < scanner->count * 2)
		scanner->bucket_bits++;
	scanner->entries = zeroed(scanner->count, sizeof *scanner->entries);
	scanner->buckets = zeroed(((size_t)1 << scanner->bucket_bits) + 1, sizeof *scanner->buckets);
	for (uint32_t i = 0; i < scanner->count; i++) {
		unsorted[i] = entry_of(scanner, sample, i);
		uint64_t hashed = piece_hash(unsorted[i].piece), bit = hashed >> (64 - PIECE_BITS);
		scanner->pieces[bit / 64] |= 1ull << (bit % 64);
		scanner->buckets[bucket_of(scanner, hashed)]++;
	}
	for (size_t i = 1; i <= (size_t)1 << scanner->bucket_bits; i++)
		scanner->buckets[i] += scanner->buckets[i - 1];
	for (size_t i = scanner->count; i > 0; i--)
		scanner->entries[--scanner->buckets[bucket_of(scanner, piece_hash(unsorted[i - 1].piece))]] = unsorted[i - 1];
	free(unsorted);
}

/* ---- searching ---- */

static bool wordy(char byte)
{
	return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte == '_';
}

static bool stands_at(struct str text, size_t at, const struct literal *literal)
{
	size_t end = at + literal->text.size;
	if (end > text.size || (literal->begins_word && at > 0 && wordy(text.data[at - 1])) || (literal->ends_word && end < text.size && wordy(text.data[end])))
		return false;
	for (size_t i = 0; i < literal->text.size; i++)
		if (ascii_lower(text.data[at + i]) != literal->text.data[i])
			return false;
	return true;
}

/* A piece that stands at `at`, which may lie a byte before the text. */
static inline void look_at(const struct scanner *scanner, struct str text, ptrdiff_t at, uint64_t piece, void (*found)(void *context, uint32_t literal),
	void *context)
{
	uint64_t hashed = piece_hash(piece), bit = hashed >> (64 - PIECE_BITS);
	if (!(scanner->pieces[bit / 64] >> (bit % 64) & 1))
		return;
	const uint32_t *bucket = &scanner->buckets[bucket_of(scanner, hashed)];
	for (const struct entry *entry = &scanner->entries[bucket[0]], *end = &scanner->entries[bucket[1]]; entry < end; entry++)
		if (entry->piece == piece && at >= (ptrdiff_t)entry->offset && stands_at(text, (size_t)(at - (ptrdiff_t)entry->offset), &scanner->literals[entry->literal]))
			found(context, entry->literal);
}

/* The eight bytes from one before `at` on; blanks beyond the text, which stands_at sees through. */
static uint64_t around(struct str text, size_t at)
{
	char bytes[8] = {0};
	if (at >= 1 && text.size - at >= 7)
		return load_eight(text.data + at - 1);
	for (size_t i = at ? 0 : 1; i < sizeof bytes && at + i - 1 < text.size; i++)
		bytes[i] = text.data[at + i - 1];
	return load_eight(bytes);
}

/* Of a gram at `at`: it may be the first or the second of five bytes, or that of a short literal, which may also begin a byte later. */
static void look(const struct scanner *scanner, struct str text, size_t at, void (*found)(void *context, uint32_t literal), void *context)
{
	uint64_t eight = around(text, at);
	ptrdiff_t here = (ptrdiff_t)at;
	look_at(scanner, text, here - 1, five_of(eight), found, context);
	look_at(scanner, text, here, five_of(eight >> 8), found, context);
	look_at(scanner, text, here, four_of(eight >> 8), found, context);
	look_at(scanner, text, here + 1, four_of(eight >> 16), found, context);
}

void scanner_search(const struct scanner *scanner, struct str text, void (*found)(void *context, uint32_t literal), void *context)
{
	for (size_t i = 0; i + 4 <= text.size; i += 2) {
		uint32_t bit = hash(load(text.data + i), BITS);
		if (scanner->bitmap[bit / 64] >> (bit % 64) & 1)
			look(scanner, text, i, found, context);
	}
}
