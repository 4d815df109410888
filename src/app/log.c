#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static const char *const NAMES[] = {"error", "warning", "info"};

struct instant wall_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){now.tv_sec * SECOND_NS + now.tv_nsec};
}

void log_line(const struct config *config, enum log_level level, const char *room, const char *format, ...)
{
	char text[INSTANT_TEXT_MAX];
	struct str time = instant_text(instant_of_unix_ms(instant_unix_ms(wall_clock())), text);
	struct buffer said = {0}, line = {0};
	va_list arguments;
	va_start(arguments, format);
	buffer_vprintf(&said, format, arguments);
	va_end(arguments);
	if (config && config->log == LOG_JSON) {
		buffer_printf(&line, "{\"time\":\"%.*s\",\"level\":\"%s\",\"room\":\"%s\",\"message\":", STR_ARGS(time), NAMES[level], room);
		buffer_add_json(&line, buffer_str(&said));
		buffer_add_byte(&line, '}');
	} else {
		buffer_printf(&line, "%.*s %s %s: %.*s", STR_ARGS(time), NAMES[level], room, STR_ARGS(buffer_str(&said)));
	}
	fprintf(stderr, "%s\n", line.data);
	buffer_release(&said);
	buffer_release(&line);
}
