/* The hallway: opens the doors between rooms and decides nothing. `run`, `replay`, `demo`, `explain` and `backtest` share it. */
#ifndef SKEWLINE_APP_H
#define SKEWLINE_APP_H

#include "skewline/alert.h"
#include "skewline/config.h"
#include "skewline/metric.h"

enum app_exit { EXIT_FINE = 0, EXIT_FINDINGS = 1, EXIT_USAGE = 2, EXIT_ENVIRONMENT = 3 };
enum app_stages { STAGE_ALL, STAGE_OBSERVE, STAGE_CORRELATE };

#endif
