/* Records of an own topic as lines, for `replay --stage` and `decode --format observation|state`:
 * {"partition":3,"key":"web-01","value":"<base64>"}; the value of a tombstone is null. */
#ifndef APP_DUMP_H
#define APP_DUMP_H

#include "skewline/arena.h"
#include "skewline/buffer.h"

struct dump_record {
	uint32_t partition;
	struct str key, value;
	bool tombstone;
};

void dump_write(const struct dump_record *record, struct buffer *out);
/* False with a reason. Key and value live in the arena. */
bool dump_read(struct str line, struct arena *arena, struct dump_record *out, struct str *out_reason);

#endif
