#include "lines.h"

#include <inttypes.h>
#include <stdio.h>

#include "skewline/app.h"
#include "skewline/stream.h"

int each_line(struct str path, size_t record_bytes_max, bool (*take)(void *context, const struct file_line *line), void *context)
{
	struct buffer error = {0};
	struct line_file *file = line_file_open(path, record_bytes_max, &error);
	struct file_line line = {.file = path};
	while (file && line_file_next(file, &line.bytes, &line.number, &line.whole_size, &error)) {
		line.cut = line.whole_size > record_bytes_max;
		if (str_trim(line.bytes).size && !take(context, &line))
			break;
	}
	line_file_close(file);
	int status = error.size ? EXIT_ENVIRONMENT : EXIT_FINE;
	if (error.size)
		fprintf(stderr, "skewline: %s\n", error.data);
	buffer_release(&error);
	return status;
}

struct str too_long(uint64_t whole_size, size_t most, char out[TOO_LONG_MAX])
{
	int size = snprintf(out, TOO_LONG_MAX, "%" PRIu64 " bytes, the limit is %zu (limits.record_bytes_max)", whole_size, most);
	return (struct str){out, (size_t)size};
}
