/* A scenario: a short story of hosts and their clocks, told in virtual time, run through the shipped stages. docs/scenarios.md has the
 * language; scenario_read.h the steps, scenario_world.h what they make. What is expected is asked of the alerts as the public sees them. */
#ifndef APP_SCENARIO_H
#define APP_SCENARIO_H

#include "setup.h"

/* Calls `failed` for each expectation that does not hold and for each line that cannot be read. EXIT_FINE, or EXIT_ENVIRONMENT after a
 * message on stderr: the file cannot be read. */
int scenario_run(const struct setup *setup, struct str path, void (*failed)(void *context, struct str file, unsigned line, struct str text), void *context);

#endif
