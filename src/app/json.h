/* Members of a JSON object, written by hand into a buffer: `,"name":value`. The first member belongs to the opening brace. */
#ifndef APP_JSON_H
#define APP_JSON_H

#include "skewline/buffer.h"
#include "skewline/time.h"

void json_text(struct buffer *out, const char *name, struct str value);
void json_text_or_null(struct buffer *out, const char *name, struct str value); /* null when empty */
void json_bool(struct buffer *out, const char *name, bool value);
void json_number(struct buffer *out, const char *name, int64_t value);
/* Seconds, exact: from integers, no rounding by a double. */
void json_seconds(struct buffer *out, const char *name, struct span value);
void json_none(struct buffer *out, const char *name);
void json_time(struct buffer *out, const char *name, struct instant at); /* null when unknown */
/* At most so many bytes as text under `name` (whole characters), or as base64 under `name`_base64 when they are no UTF-8. */
void json_bytes(struct buffer *out, const char *name, struct str bytes, size_t most);
void base64_add(struct buffer *out, struct str bytes);

#endif
