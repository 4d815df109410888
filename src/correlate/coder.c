/* The tokens of the state (coder.h). */
#include <endian.h>
#include <string.h>

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

/* ---- tokens ---- */
static inline void put_byte(struct coder *coder, uint8_t byte)
{
	coder->out->data[coder->out->size++] = (char)byte;
}

static inline void put_run(struct coder *coder)
{
	if (coder->run)
		put_byte(coder, (uint8_t)((coder->run_of_none ? (unsigned)FIRST_NONE : 0U) + coder->run - 1));
	coder->run = 0;
}

/* For the longest token, a run before it and the end of a text. */
static inline void make_room(struct coder *coder)
{
	if (coder->out->capacity - coder->out->size < 16)
		buffer_reserve(coder->out, 512);
}

void coder_end(struct coder *coder)
{
	make_room(coder);
	put_run(coder);
	coder->out->data[coder->out->size] = 0;
}

uint64_t get_run(struct coder *coder)
{
	unsigned byte = *coder->at++;
	coder->run_of_none = byte >= FIRST_NONE;
	coder->run = byte - (coder->run_of_none ? (unsigned)FIRST_NONE : 0U);
	return 0;
}

void put_number(struct coder *coder, uint64_t value)
{
	make_room(coder);
	put_run(coder);
	if (value <= NEAR_MAX) {
		put_byte(coder, (uint8_t)(value + FIRST_NUMBER - 1));
		return;
	}
	unsigned bits = 64U - (unsigned)__builtin_clzll(value), more = bits <= 14 ? 1 : bits > 56 ? 8 : (bits - 1) / 7;
	unsigned length = 0xFF00U >> more & 0xFFU; /* as many ones */
	put_byte(coder, (uint8_t)(length | (more < 7 ? value >> 8 * more : 0)));
	uint64_t low = htole64(value);
	memcpy(coder->out->data + coder->out->size, &low, sizeof low); /* those above it are written over or cut */
	coder->out->size += more;
}

uint64_t get_number(struct coder *coder)
{
	unsigned first = *coder->at++, more = (unsigned)__builtin_clz(~first << 24 | 1U << 23);
	uint64_t value = 0;
	if (more > (size_t)(coder->end - coder->at)) {
		coder->bad = true;
		coder->at = coder->end;
		return 0;
	}
	if (coder->end - coder->at >= 8)
		memcpy(&value, coder->at, sizeof value);
	else
		memcpy(&value, coder->at, more);
	coder->at += more;
	value = le64toh(value);
	if (more == 8)
		return value;
	uint64_t above = (uint64_t)1 << 8 * more;
	return (value & (above - 1)) | (uint64_t)(first & 0x7FU >> more) * above;
}

void put_signed(struct coder *coder, int64_t value)
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

int64_t unfold(struct coder *coder, uint64_t token)
{
	static const int64_t SCALES[] = {1, 1000, 1000000, 1};
	uint64_t folded = (token & 3) == 3 ? get_token(coder) : token >> 2;
	int64_t value;
	if (__builtin_mul_overflow((int64_t)(folded >> 1) ^ -(int64_t)(folded & 1), SCALES[token & 3], &value))
		coder->bad = true;
	return value;
}

/* ---- numbers and texts ---- */
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

void walk_raw(struct coder *coder, void *bytes, size_t size)
{
	if (coder->out) {
		buffer_add(coder->out, bytes, size);
	} else if (coder->bad || size > (size_t)(coder->end - coder->at)) {
		coder->bad = true;
	} else {
		memcpy(bytes, coder->at, size);
		coder->at += size;
	}
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
