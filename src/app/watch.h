/* Notices that rule files changed. The names, sizes and times of all files are looked at, not a kernel's events: that works on every file
 * system, on links that are swapped (ConfigMaps) and on network mounts. A change counts when two looks in a row agree on it, so that a file
 * is not read while it is being written. */
#ifndef APP_WATCH_H
#define APP_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "skewline/str.h"

struct watch {
	uint64_t loaded, seen; /* fingerprints: of what is in force, of the last look */
};

struct watch watch_of(const struct str *paths, size_t count);
/* One look. True once for each change. */
bool watch_changed(struct watch *watch, const struct str *paths, size_t count);

#endif
