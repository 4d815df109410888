/* Numbers and texts of the state as bytes, and back: one walk writes and reads, so that what is written is what is read.
 *
 * Most of a host's numbers are nothing at most times, and most others are whole micro- or milliseconds near each other. So a token is:
 *   0 .. 15    one to sixteen zeros          16 .. 23   one to eight NONEs
 *   24 .. 127  the numbers 1 to 104          otherwise  a larger number: as many ones as bytes follow, a zero and the highest bits
 *                                                       fill the first byte, the rest follows with the lowest byte first
 * A signed number is written as zig-zag(number / scale) * 4 + 0, 1 or 2 for the scales 1, 1,000 and 1,000,000; 3 stands before one
 * that is too large for that. Every number comes back as it was. */
#ifndef CORRELATE_CODER_H
#define CORRELATE_CODER_H

#include "room.h"

enum { ZEROS_MAX = 16, NONES_MAX = 8, FIRST_NONE = ZEROS_MAX, FIRST_NUMBER = ZEROS_MAX + NONES_MAX, NEAR_MAX = 128 - FIRST_NUMBER };

struct coder {
	struct buffer *out; /* writing; NULL: reading */
	const uint8_t *at, *end; /* what is still to be read */
	bool inside;        /* for the partition's own memory, where names and sources are numbers; else for the changelog */
	int64_t base;       /* times are written as their distance from it */
	unsigned run;       /* of zeros or NONEs: to be written, or still to be given */
	bool run_of_none;
	bool bad;           /* what was read is no such record */
};
struct coder coder_reading(struct str in, bool inside);
void walk_text(struct coder *coder, struct owned *value);
void walk_raw(struct coder *coder, void *bytes, size_t size); /* behind a number that is not 0 */
void walk_name(struct coder *coder, struct correlate_partition *p, uint32_t *number); /* a text that many hosts share */
uint32_t walk_count(struct coder *coder, uint32_t count, uint32_t most); /* more: bad, and 0 */
void coder_end(struct coder *coder); /* writing: the record is complete */
/* A bare varint, as protobuf has it. */
void varint_put(struct buffer *out, uint64_t value);
uint64_t varint_get(struct coder *coder);
/* The rare tokens of the walks below. */
void put_number(struct coder *coder, uint64_t value); /* not 0 */
void put_signed(struct coder *coder, int64_t value);  /* not 0, not NONE */
uint64_t get_run(struct coder *coder);
uint64_t get_number(struct coder *coder);
int64_t unfold(struct coder *coder, uint64_t token);

static inline void put_nothing(struct coder *coder, bool none)
{
	if (coder->run && (coder->run_of_none != none || coder->run == (none ? (unsigned)NONES_MAX : (unsigned)ZEROS_MAX)))
		coder_end(coder);
	coder->run_of_none = none;
	coder->run++;
}

/* 0: nothing, of the kind that run_of_none tells. */
static inline uint64_t get_token(struct coder *coder)
{
	if (coder->run) {
		coder->run--;
		return 0;
	}
	if (coder->at == coder->end) {
		coder->bad = true;
		return coder->run_of_none = false, 0;
	}
	if (*coder->at < FIRST_NUMBER)
		return get_run(coder);
	coder->run_of_none = false;
	return *coder->at < 128 ? *coder->at++ - FIRST_NUMBER + 1U : get_number(coder);
}

static inline uint64_t walk_u64(struct coder *coder, uint64_t value)
{
	if (!coder->out) {
		value = get_token(coder);
		coder->bad = coder->bad || (!value && coder->run_of_none);
	} else if (value) {
		put_number(coder, value);
	} else {
		put_nothing(coder, false);
	}
	return value;
}

static inline int64_t walk_i64(struct coder *coder, int64_t value)
{
	if (!coder->out) {
		uint64_t token = get_token(coder);
		return token ? unfold(coder, token) : coder->run_of_none ? NONE : 0;
	}
	if (value == 0 || value == NONE)
		put_nothing(coder, value == NONE);
	else
		put_signed(coder, value);
	return value;
}

/* As the distance from `base`; NONE stays NONE. */
static inline int64_t walk_from(struct coder *coder, int64_t value, int64_t base)
{
	if (coder->out && value == NONE)
		return walk_i64(coder, NONE);
	int64_t distance = walk_i64(coder, (int64_t)((uint64_t)value - (uint64_t)base));
	return distance == NONE ? NONE : (int64_t)((uint64_t)base + (uint64_t)distance);
}

#define I64(field) field = walk_i64(coder, field)
#define T(field) field = walk_from(coder, field, coder->base)
#define U(field) field = (__typeof__(field))walk_u64(coder, (uint64_t)field)
#define B(field) field = walk_u64(coder, field) != 0

#endif
