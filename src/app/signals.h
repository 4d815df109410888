/* SIGTERM and SIGINT ask for an orderly end, SIGHUP for a reload. */
#ifndef APP_SIGNALS_H
#define APP_SIGNALS_H

#include <stdbool.h>

void signals_watch(void);
bool signals_stop(void);

#endif
