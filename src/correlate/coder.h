/* Numbers and texts of the state as bits, and back: one walk writes and reads, so that what is written is what is read. Every number comes
 * back as it was. The lowest bit of a byte is the first.
 *
 * Most of a host's numbers are nothing at most times, and most others are whole micro- or milliseconds near each other:
 *   yes or no      1 bit
 *   a count        0; or for each class that it is too large for a 1, then a 0, and as many bits as its class has (2, 6, 12, 20, 32, 64)
 *   a signed one   0: nothing. Else a 1, two bits for its unit (1, 1,000 or 1,000,000, or 3: NONE), how many bits its size has less one
 *                  (6 bits), its sign, and the size without its highest bit
 *   a column       up to sixteen numbers of one meaning: two bits for their unit (1, 1,000, 1,000,000, 1,000,000,000), whether they are told as
 *                  what they lie above the least one, which then stands first, or around zero; for how many bits each (6), and they
 *   a text         its size, and from the next byte on its bytes */
#ifndef CORRELATE_CODER_H
#define CORRELATE_CODER_H

#include <string.h>

#include "room.h"

struct coder {
	struct buffer *out; /* writing; NULL: reading */
	const uint8_t *at, *end; /* what is still to be read */
	uint64_t bits;      /* to be written, fewer than eight */
	unsigned held;      /* how many they are; or, reading, how many of the next byte have been read */
	bool inside;        /* for the partition's own memory, where names and sources are numbers; else for the changelog */
	int64_t base;       /* times are written as their distance from it */
	bool bad;           /* what was read is no such record */
};
struct coder coder_reading(struct str in, bool inside);
void coder_align(struct coder *coder); /* on to the next byte; writing, the record may end here */
void walk_column(struct coder *coder, int64_t *values, size_t count);
void walk_text(struct coder *coder, struct owned *value);
void walk_name(struct coder *coder, struct correlate_partition *p, uint32_t *number); /* a text that many hosts share */
uint32_t walk_count(struct coder *coder, uint32_t count, uint32_t most); /* more: bad, and 0 */
/* A bare varint, as protobuf has it. */
void varint_put(struct buffer *out, uint64_t value);
uint64_t varint_get(struct coder *coder);

/* ---- bits ---- */
/* Of numbers that are not 0. */
uint64_t walk_count_above(struct coder *coder, uint64_t value);
int64_t walk_signed(struct coder *coder, int64_t value);
enum { BITS_MOST = 56 }; /* at a time: with those that are held they fill one word */
uint64_t bits_near_end(const struct coder *coder);

static inline void put_bits(struct coder *coder, uint64_t value, unsigned count)
{
	struct buffer *out = coder->out;
	if (out->capacity - out->size < 16)
		buffer_reserve(out, 512);
	uint64_t bits = coder->bits | value << coder->held;
	unsigned held = coder->held + count;
	uint8_t bytes[8];
	for (int i = 0; i < 8; i++) /* one store where the lowest byte comes first */
		bytes[i] = (uint8_t)(bits >> 8 * i);
	memcpy(out->data + out->size, bytes, sizeof bytes);
	out->size += held >> 3;
	coder->bits = bits >> (held & ~7U);
	coder->held = held & 7;
}

/* The next 57 bits at least; zeros behind the end. */
static inline uint64_t peek_bits(const struct coder *coder)
{
	if (coder->end - coder->at < 8)
		return bits_near_end(coder);
	uint64_t word = 0;
	for (int i = 0; i < 8; i++)
		word |= (uint64_t)coder->at[i] << 8 * i;
	return word >> coder->held;
}

static inline void skip_bits(struct coder *coder, unsigned count)
{
	size_t bits = coder->held + count;
	if (bits > 8 * (size_t)(coder->end - coder->at)) {
		coder->bad = true;
		coder->at = coder->end;
		coder->held = 0;
		return;
	}
	coder->at += bits >> 3;
	coder->held = bits & 7;
}

static inline uint64_t walk_bits(struct coder *coder, uint64_t value, unsigned count)
{
	if (coder->out) {
		put_bits(coder, value, count);
		return value;
	}
	value = peek_bits(coder) & (((uint64_t)1 << count) - 1);
	skip_bits(coder, count);
	return value;
}

/* ---- numbers: most are nothing, which is one bit ---- */
static inline bool walk_nothing(struct coder *coder, bool nothing)
{
	if (!coder->out)
		nothing = !(peek_bits(coder) & 1);
	if (nothing)
		walk_bits(coder, 0, 1);
	return nothing;
}

static inline uint64_t walk_u64(struct coder *coder, uint64_t value)
{
	return walk_nothing(coder, !value) ? 0 : walk_count_above(coder, value);
}

static inline int64_t walk_i64(struct coder *coder, int64_t value)
{
	return walk_nothing(coder, !value) ? 0 : walk_signed(coder, value);
}

/* As the distance from `base`; NONE stays NONE. */
static inline int64_t walk_from(struct coder *coder, int64_t value, int64_t base)
{
	if (coder->out && value == NONE)
		return walk_signed(coder, NONE);
	int64_t distance = walk_i64(coder, (int64_t)((uint64_t)value - (uint64_t)base));
	return distance == NONE ? NONE : (int64_t)((uint64_t)base + (uint64_t)distance);
}

#define I64(field) field = walk_i64(coder, field)
#define T(field) field = walk_from(coder, field, coder->base)
#define U(field) field = (__typeof__(field))walk_u64(coder, (uint64_t)field)
#define B(field) field = walk_bits(coder, field, 1) != 0

#endif
