/* A file whose records are lines ("-": stdin; .gz and .zst as they are), one after the other. */
#ifndef APP_LINES_H
#define APP_LINES_H

#include "skewline/str.h"

struct file_line {
	struct str file, bytes;
	uint64_t number;     /* from 1, blank lines counted */
	uint64_t whole_size; /* of the line, a carriage return before its end included */
	bool cut;            /* `bytes` is only its head: the line was longer than record_bytes_max */
};

/* Calls `take` for every line that is not blank, until it returns false. EXIT_FINE, or EXIT_ENVIRONMENT after a message on stderr. */
int each_line(struct str file, size_t record_bytes_max, bool (*take)(void *context, const struct file_line *line), void *context);
/* What is wrong with a record of which only the head, `most` bytes, was kept. */
enum { TOO_LONG_MAX = 96 };
struct str too_long(uint64_t whole_size, size_t most, char out[TOO_LONG_MAX]);

#endif
