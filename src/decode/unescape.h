/* The text of a JSON string: a view of the input where it has no escapes, else undone into the arena. A lone surrogate becomes U+FFFD. */
#ifndef DECODE_UNESCAPE_H
#define DECODE_UNESCAPE_H

#include "scan.h"

struct str escapes_undone(struct str text, struct arena *arena);

static inline struct str unescaped(struct scan_value value, struct arena *arena)
{
	return value.escaped ? escapes_undone(value.text, arena) : value.text;
}

#endif
