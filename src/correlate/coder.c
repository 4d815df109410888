/* The bits of the state (coder.h). */
#include "coder.h"

void varint_put(struct buffer *out, uint64_t value)
{
	for (; value >= 128; value >>= 7)
		buffer_add_byte(out, (char)(value | 128));
	buffer_add_byte(out, (char)value);
}

uint64_t varint_get(struct coder *coder)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64 && coder->at < coder->end; shift += 7) {
		uint8_t byte = *coder->at++;
		value |= (uint64_t)(byte & 127) << shift;
		if (byte < 128)
			return value;
	}
	coder->bad = true;
	return 0;
}

struct coder coder_reading(struct str in, bool inside)
{
	const uint8_t *at = (const uint8_t *)in.data;
	return (struct coder){.at = at, .end = in.size ? at + in.size : at, .inside = inside};
}

uint64_t bits_near_end(const struct coder *coder)
{
	uint64_t word = 0;
	for (ptrdiff_t i = 0; i < coder->end - coder->at; i++)
		word |= (uint64_t)coder->at[i] << 8 * i;
	return word >> coder->held;
}

void coder_align(struct coder *coder)
{
	if (coder->held)
		walk_bits(coder, 0, 8 - coder->held);
	if (coder->out)
		buffer_add(coder->out, NULL, 0); /* ends it with a zero, which may not have been written yet */
}

static unsigned width_of(uint64_t value)
{
	return value ? 64U - (unsigned)__builtin_clzll(value) : 0;
}

static uint64_t walk_wide(struct coder *coder, uint64_t value, unsigned width)
{
	if (width <= BITS_MOST)
		return walk_bits(coder, value, width);
	uint64_t low = walk_bits(coder, value & UINT32_MAX, 32);
	return low | walk_bits(coder, value >> 32, width - 32) << 32;
}

/* ---- numbers ---- */
enum { CLASSES = 7 };
static const uint8_t CLASS_BITS[CLASSES] = {0, 2, 6, 12, 20, 32, 64};
/* A count of a class is told as what it lies above those of the classes below: 1 to 4, 5 to 68 and so on; the last class as it is. */
static const uint64_t CLASS_FROM[CLASSES] = {0, 1, 5, 69, 4165, 1052741, 0};

uint64_t walk_count_above(struct coder *coder, uint64_t value)
{
	unsigned class = 1;
	if (coder->out) {
		while (class < CLASSES - 1 && value >= CLASS_FROM[class] + ((uint64_t)1 << CLASS_BITS[class]))
			class++;
		put_bits(coder, ((uint64_t)1 << class) - 1, class + (class < CLASSES - 1));
	} else {
		class = (unsigned)__builtin_ctzll(~peek_bits(coder) | (uint64_t)1 << (CLASSES - 1));
		skip_bits(coder, class + (class < CLASSES - 1));
	}
	return CLASS_FROM[class] + walk_wide(coder, value - CLASS_FROM[class], CLASS_BITS[class]);
}

enum { UNIT_NONE = 3 };
static const int64_t UNITS[] = {1, 1000, 1000000, 1000000000};

static void put_signed(struct coder *coder, int64_t value)
{
	if (value == NONE) {
		put_bits(coder, 1 | UNIT_NONE << 1, 3);
		return;
	}
	unsigned unit = value % UNITS[1] ? 0 : value % UNITS[2] ? 1 : 2;
	value /= UNITS[unit];
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
	unsigned width = width_of(size);
	put_bits(coder, 1 | unit << 1 | (width - 1) << 3 | (uint64_t)(value < 0) << 9, 10);
	walk_wide(coder, size ^ (uint64_t)1 << (width - 1), width - 1);
}

static int64_t get_signed(struct coder *coder)
{
	uint64_t head = peek_bits(coder);
	unsigned unit = head >> 1 & 3, width = (head >> 3 & 63) + 1;
	if (unit == UNIT_NONE) {
		skip_bits(coder, 3);
		return NONE;
	}
	skip_bits(coder, 10);
	uint64_t size = walk_wide(coder, 0, width - 1) | (uint64_t)1 << (width - 1);
	int64_t value;
	if (size > INT64_MAX || __builtin_mul_overflow((int64_t)size, UNITS[unit], &value)) {
		coder->bad = true;
		return 0;
	}
	return head >> 9 & 1 ? -value : value;
}

int64_t walk_signed(struct coder *coder, int64_t value)
{
	if (!coder->out)
		return get_signed(coder);
	put_signed(coder, value);
	return value;
}

/* ---- columns ---- */
enum { BLOCK = 16, COLUMN_RAW = 63 }; /* RAW: 64 bits each */

struct column {
	unsigned unit, width;
	bool above; /* the least; else around zero, the sign in the lowest bit */
	int64_t least;
};

static uint64_t around_zero(int64_t value)
{
	return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static unsigned unit_of(const int64_t *values, size_t count)
{
	unsigned unit = 3;
	for (size_t i = 0; i < count; i++)
		while (values[i] % UNITS[unit])
			unit--;
	return unit;
}

static struct column plan(const int64_t *values, size_t count)
{
	struct column column = {.unit = unit_of(values, count)};
	int64_t least = values[0], most = values[0];
	for (size_t i = 1; i < count; i++) {
		least = values[i] < least ? values[i] : least;
		most = values[i] > most ? values[i] : most;
	}
	least /= UNITS[column.unit];
	most /= UNITS[column.unit];
	uint64_t left = around_zero(least), right = around_zero(most);
	unsigned narrow = width_of((uint64_t)most - (uint64_t)least), wide = width_of(left > right ? left : right);
	column.above = (size_t)narrow * count + 10 + width_of(left) < (size_t)wide * count;
	column.least = column.above ? least : 0;
	column.width = column.above ? narrow : wide;
	if (column.width > BITS_MOST)
		column = (struct column){.width = COLUMN_RAW};
	return column;
}

static void put_block(struct coder *coder, const int64_t *values, size_t count)
{
	struct column column = plan(values, count);
	put_bits(coder, column.unit | (unsigned)column.above << 2 | column.width << 3, 9);
	if (column.above)
		walk_i64(coder, column.least);
	for (size_t i = 0; i < count; i++) {
		int64_t value = values[i] / UNITS[column.unit];
		if (column.width == COLUMN_RAW)
			walk_wide(coder, (uint64_t)value, 64);
		else
			put_bits(coder, column.above ? (uint64_t)value - (uint64_t)column.least : around_zero(value), column.width);
	}
}

static void get_block(struct coder *coder, int64_t *values, size_t count)
{
	unsigned head = (unsigned)walk_bits(coder, 0, 9), width = head >> 3;
	struct column column = {.unit = head & 3, .above = head >> 2 & 1, .width = width};
	if (width > BITS_MOST && width != COLUMN_RAW)
		coder->bad = true;
	column.least = column.above ? walk_i64(coder, 0) : 0;
	for (size_t i = 0; i < count && !coder->bad; i++) {
		uint64_t bits = width == COLUMN_RAW ? walk_wide(coder, 0, 64) : walk_bits(coder, 0, width);
		int64_t value = width == COLUMN_RAW ? (int64_t)bits
			: column.above ? (int64_t)((uint64_t)column.least + bits) : (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
		if (__builtin_mul_overflow(value, UNITS[column.unit], &values[i]))
			coder->bad = true;
	}
}

void walk_column(struct coder *coder, int64_t *values, size_t count)
{
	for (size_t from = 0; from < count; from += BLOCK) {
		size_t part = count - from < BLOCK ? count - from : BLOCK;
		if (coder->out)
			put_block(coder, values + from, part);
		else
			get_block(coder, values + from, part);
	}
}

/* ---- texts ---- */
uint32_t walk_count(struct coder *coder, uint32_t count, uint32_t most)
{
	uint64_t value = walk_u64(coder, count);
	if (value > most)
		coder->bad = true;
	return coder->bad ? 0 : (uint32_t)value;
}

void walk_text(struct coder *coder, struct owned *value)
{
	uint64_t size = walk_u64(coder, value->size);
	if (!size && (coder->out || !coder->bad)) {
		owned_clear(value);
		return;
	}
	coder_align(coder);
	if (coder->out) {
		buffer_add_str(coder->out, owned_str(value));
		return;
	}
	if (coder->bad || size > (size_t)(coder->end - coder->at)) {
		coder->bad = true;
		return;
	}
	owned_set(value, (struct str){(const char *)coder->at, size});
	coder->at += size;
}

void walk_name(struct coder *coder, struct correlate_partition *p, uint32_t *number)
{
	if (coder->inside) {
		U(*number);
		return;
	}
	struct owned text = {0};
	if (coder->out)
		owned_set(&text, name_str(p, *number));
	walk_text(coder, &text);
	if (!coder->out)
		name_set(p, number, owned_str(&text));
	owned_clear(&text);
}
