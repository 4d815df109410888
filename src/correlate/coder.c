/* The tokens of the state (coder.h). */
#include "coder.h"

enum { ZEROS_MAX = 16, NONES_MAX = 8, FIRST_NONE = ZEROS_MAX, FIRST_NUMBER = ZEROS_MAX + NONES_MAX, NEAR_MAX = 128 - FIRST_NUMBER, NAMES_MAX = 1 << 16 };

void varint_put(struct buffer *out, uint64_t value)
{
	for (; value >= 128; value >>= 7)
		buffer_add_byte(out, (char)(value | 128));
	buffer_add_byte(out, (char)value);
}

uint64_t varint_get(struct coder *coder)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64 && coder->in.size; shift += 7) {
		uint8_t byte = (uint8_t)coder->in.data[0];
		coder->in = str_from(coder->in, 1);
		value |= (uint64_t)(byte & 127) << shift;
		if (byte < 128)
			return value;
	}
	coder->bad = true;
	return 0;
}

/* ---- runs of nothing ---- */
void coder_end(struct coder *coder)
{
	if (coder->run)
		buffer_add_byte(coder->out, (char)((coder->run_of_none ? FIRST_NONE : 0) + coder->run - 1));
	coder->run = 0;
}

static void put_nothing(struct coder *coder, bool none)
{
	if (coder->run && (coder->run_of_none != none || coder->run == (none ? NONES_MAX : ZEROS_MAX)))
		coder_end(coder);
	coder->run_of_none = none;
	coder->run++;
}

static void put_number(struct coder *coder, uint64_t value)
{
	coder_end(coder);
	if (value <= NEAR_MAX) {
		buffer_add_byte(coder->out, (char)(value + FIRST_NUMBER - 1));
	} else if (value < 128) {
		buffer_add_byte(coder->out, (char)(value | 128));
		buffer_add_byte(coder->out, 0);
	} else {
		varint_put(coder->out, value);
	}
}

/* 0: zero, or *out_none. */
static uint64_t get_token(struct coder *coder, bool *out_none)
{
	if (!coder->run) {
		uint8_t byte = coder->in.size ? (uint8_t)coder->in.data[0] : 255;
		if (byte >= 128)
			return *out_none = false, varint_get(coder);
		coder->in = str_from(coder->in, 1);
		if (byte >= FIRST_NUMBER)
			return *out_none = false, byte - FIRST_NUMBER + 1U;
		coder->run_of_none = byte >= FIRST_NONE;
		coder->run = byte - (coder->run_of_none ? FIRST_NONE : 0U) + 1U;
	}
	coder->run--;
	*out_none = coder->run_of_none;
	return 0;
}

/* ---- numbers ---- */
uint64_t walk_u64(struct coder *coder, uint64_t value)
{
	bool none = false;
	if (!coder->out)
		value = get_token(coder, &none);
	else if (value)
		put_number(coder, value);
	else
		put_nothing(coder, false);
	coder->bad = coder->bad || none;
	return value;
}

static void put_signed(struct coder *coder, int64_t value)
{
	unsigned scale = value % 1000000 == 0 ? 2U : value % 1000 == 0 ? 1U : 0U;
	value /= scale == 2 ? 1000000 : scale == 1 ? 1000 : 1;
	uint64_t folded = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
	if (folded < (uint64_t)1 << 62) {
		put_number(coder, folded << 2 | scale);
	} else {
		put_number(coder, 3);
		put_number(coder, folded);
	}
}

int64_t walk_i64(struct coder *coder, int64_t value)
{
	bool none = false;
	if (coder->out) {
		if (value == 0 || value == NONE)
			put_nothing(coder, value == NONE);
		else
			put_signed(coder, value);
		return value;
	}
	static const int64_t SCALES[] = {1, 1000, 1000000, 1};
	uint64_t token = get_token(coder, &none);
	if (none || !token)
		return none ? NONE : 0;
	uint64_t folded = (token & 3) == 3 ? walk_u64(coder, 0) : token >> 2;
	if (__builtin_mul_overflow((int64_t)(folded >> 1) ^ -(int64_t)(folded & 1), SCALES[token & 3], &value))
		coder->bad = true;
	return value;
}

int64_t walk_from(struct coder *coder, int64_t value, int64_t base)
{
	if (coder->out && value == NONE)
		return walk_i64(coder, NONE);
	int64_t distance = walk_i64(coder, (int64_t)((uint64_t)value - (uint64_t)base));
	return distance == NONE ? NONE : (int64_t)((uint64_t)base + (uint64_t)distance);
}

uint32_t walk_count(struct coder *coder, uint32_t count, uint32_t most)
{
	uint64_t value = walk_u64(coder, count);
	if (value > most)
		coder->bad = true;
	return coder->bad ? 0 : (uint32_t)value;
}

/* ---- texts ---- */
void walk_text(struct coder *coder, struct owned *value)
{
	uint64_t size = walk_u64(coder, value->size);
	if (coder->out) {
		buffer_add_str(coder->out, owned_str(value));
		return;
	}
	if (size > coder->in.size) {
		coder->bad = true;
		return;
	}
	owned_set(value, str_first(coder->in, size));
	coder->in = str_from(coder->in, size);
}

/* The number of a name, beginning with 1; 0: no more are numbered. */
static uint32_t number_of(struct correlate_partition *p, struct str name)
{
	uint32_t index = table_find(&p->names.table, name);
	if (index != TABLE_NONE)
		return index + 1;
	if (p->names.count >= NAMES_MAX)
		return 0;
	struct owned *copy = cleared(sizeof *copy);
	owned_set(copy, name);
	return rows_add(&p->names, owned_str(copy), copy) + 1;
}

void walk_name(struct coder *coder, struct owned *value)
{
	struct correlate_partition *p = coder->inside;
	uint64_t number = 0;
	if (p && coder->out && value->size)
		number = number_of(p, owned_str(value));
	if (p)
		number = walk_u64(coder, number);
	if (!number)
		walk_text(coder, value);
	else if (!coder->out)
		owned_set(value, owned_str(p->names.items[number - 1]));
}
