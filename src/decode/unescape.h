/* The text of a JSON string: a view of the input where it has no escapes, else undone into the arena. A lone surrogate becomes U+FFFD. */
#ifndef DECODE_UNESCAPE_H
#define DECODE_UNESCAPE_H

#include "scan.h"

struct str unescaped(struct scan_value value, struct arena *arena);

#endif
