/* One pass over a JSON text: validates all of it (RFC 8259, UTF-8, nesting <= 64) and picks out the values of a few dotted paths.
 *
 * {"host":{"name":"a"}} and {"host.name":"a"} are the same path. A key that occurs twice: the last one counts. Of an array the
 * first scalar counts. Values are views of the input; a string with escapes is undone only when somebody asks (unescape.h).
 * No allocation, no recursion on input beyond the cap, no read outside the view. */
#ifndef DECODE_SCAN_H
#define DECODE_SCAN_H

#include "skewline/arena.h"

enum scan_kind { SCAN_ABSENT, SCAN_STRING, SCAN_NUMBER, SCAN_TRUE, SCAN_FALSE, SCAN_NULL };

struct scan_value {
	enum scan_kind kind;
	bool escaped;    /* a string with a backslash in it */
	struct str text; /* of a string: without its quotes */
};

enum scan_result { SCAN_OK, SCAN_BAD, SCAN_DEEP, SCAN_TRUNCATED, SCAN_BAD_UTF8 };

/* Paths compiled into a tree. Path i fills values[i]. It remembers what keys came after which (scan_shape.h), which makes the next scan faster
 * and never different. */
struct scan_paths;
struct scan_paths *scan_paths_new(const struct str *paths, size_t count, struct arena *arena);

/* `values` has one entry per path and is cleared here. `out_offset` gets the offset of the first wrong byte. `text` must be
 * an object, else SCAN_BAD at its first byte. */
enum scan_result scan_object(struct scan_paths *paths, struct str text, struct scan_value *values, size_t count, size_t *out_offset);

#endif
