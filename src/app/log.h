/* One line per state change on stderr: `TIME LEVEL room: text`, or the same as JSON. Never one per event. */
#ifndef APP_LOG_H
#define APP_LOG_H

#include "skewline/config.h"

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO };

__attribute__((format(printf, 4, 5))) void log_line(const struct config *config, enum log_level level, const char *room, const char *format, ...);
struct instant wall_clock(void);

#endif
