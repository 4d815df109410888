/* Numbers and texts of the state as bytes, and back: one walk writes and reads, so that what is written is what is read.
 *
 * Most of a host's numbers are nothing at most times, and most others are whole micro- or milliseconds near each other. So a token is:
 *   0 .. 15    one to sixteen zeros          16 .. 23   one to eight NONEs
 *   24 .. 127  the numbers 1 to 104          otherwise  a little-endian base-128 varint, whose first byte is at least 128
 * A signed number is written as zig-zag(number / scale) * 4 + 0, 1 or 2 for the scales 1, 1,000 and 1,000,000; 3 stands before one
 * that is too large for that. Every number comes back as it was. */
#ifndef CORRELATE_CODER_H
#define CORRELATE_CODER_H

#include "room.h"

struct coder {
	struct buffer *out; /* writing; NULL: reading */
	struct str in;
	struct correlate_partition *inside; /* for this partition's own memory: shared names are numbers; NULL: for the changelog */
	int64_t base;       /* times are written as their distance from it */
	unsigned run;       /* of zeros or NONEs: to be written, or still to be given */
	bool run_of_none;
	bool bad;           /* what was read is no such record */
};
uint64_t walk_u64(struct coder *coder, uint64_t value);
int64_t walk_i64(struct coder *coder, int64_t value);
int64_t walk_from(struct coder *coder, int64_t value, int64_t base); /* as its distance; NONE stays NONE */
void walk_text(struct coder *coder, struct owned *value);
void walk_name(struct coder *coder, struct owned *value); /* a text that many hosts share */
uint32_t walk_count(struct coder *coder, uint32_t count, uint32_t most); /* more: bad, and 0 */
void coder_end(struct coder *coder); /* writing: the record is complete */
/* A bare varint, as protobuf has it. */
void varint_put(struct buffer *out, uint64_t value);
uint64_t varint_get(struct coder *coder);

#define I64(field) field = walk_i64(coder, field)
#define T(field) field = walk_from(coder, field, coder->base)
#define U(field) field = (__typeof__(field))walk_u64(coder, (uint64_t)field)
#define B(field) field = walk_u64(coder, field) != 0

#endif
