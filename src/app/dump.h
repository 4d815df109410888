/* Records of an own topic as lines, for `replay --stage` and `decode --format observation|state`:
 * {"partition":3,"key":"web-01","value":"<base64>"} */
#ifndef APP_DUMP_H
#define APP_DUMP_H

#include "skewline/arena.h"
#include "skewline/buffer.h"

void dump_write(uint32_t partition, struct str key, struct str value, struct buffer *out);
/* False with a reason. Key and value live in the arena. */
bool dump_read(struct str line, struct arena *arena, uint32_t *out_partition, struct str *out_key, struct str *out_value, struct str *out_reason);
void base64_add(struct buffer *out, struct str bytes);

#endif
