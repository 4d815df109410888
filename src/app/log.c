#include "log.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *const NAMES[] = {"error", "warning", "info"};

static struct instant wall_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){now.tv_sec * SECOND_NS + now.tv_nsec / 1000000 * 1000000};
}

static void write_json(struct str time, enum log_level level, const char *room, const struct buffer *text)
{
	json_t *line = json_pack("{s:s%, s:s, s:s, s:s%}", "time", time.data, time.size, "level", NAMES[level], "room", room, "message",
		text->data ? text->data : "", text->size);
	char *bytes = line ? json_dumps(line, JSON_COMPACT) : NULL;
	if (bytes)
		fprintf(stderr, "%s\n", bytes);
	free(bytes);
	json_decref(line);
}

void log_line(const struct config *config, enum log_level level, const char *room, const char *format, ...)
{
	char text[INSTANT_TEXT_MAX];
	struct str time = instant_text(wall_clock(), text);
	struct buffer line = {0};
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	buffer_reserve(&line, size > 0 ? (size_t)size : 0);
	vsnprintf(line.data, (size_t)size + 1, format, again);
	va_end(again);
	line.size = size > 0 ? (size_t)size : 0;
	if (config && config->log == LOG_JSON)
		write_json(time, level, room, &line);
	else
		fprintf(stderr, "%.*s %s %s: %s\n", STR_ARGS(time), NAMES[level], room, line.data);
	buffer_release(&line);
}
