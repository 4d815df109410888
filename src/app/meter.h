/* The progress line on stderr: only on a terminal, only when the work is longer than a second. */
#ifndef APP_METER_H
#define APP_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "skewline/str.h"

struct meter {
	bool wanted, showing;
	double started, shown; /* our monotonic clock, seconds */
	uint64_t whole;        /* what `done` will be at the end; 0: unknown */
};

/* Of files that can be told; 0: not known (stdin, packed files). */
uint64_t meter_bytes(const struct str *files, size_t count);
void meter_start(struct meter *meter, uint64_t whole);
/* Cheap; call it every few thousand records. */
void meter_show(struct meter *meter, uint64_t records, uint64_t done);
void meter_end(struct meter *meter, uint64_t records, uint64_t done);

#endif
