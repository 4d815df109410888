#include "lines.h"

#include <inttypes.h>
#include <stdio.h>

#include "meter.h"
#include "skewline/app.h"
#include "skewline/stream.h"

int each_line(struct str path, size_t record_bytes_max, bool (*take)(void *context, const struct file_line *line), void *context)
{
	struct buffer error = {0};
	struct line_file *file = line_file_open(path, record_bytes_max, &error);
	struct file_line line = {.file = path};
	struct meter meter;
	uint64_t bytes = 0, records = 0;
	meter_start(&meter, meter_bytes(&path, 1));
	while (file && line_file_next(file, &line.bytes, &line.number, &line.whole_size, &error)) {
		line.cut = line.whole_size > record_bytes_max;
		bytes += line.whole_size + 1;
		if (++records % 4096 == 0)
			meter_show(&meter, records, bytes);
		if (str_trim(line.bytes).size && !take(context, &line))
			break;
	}
	meter_end(&meter, records, bytes);
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
