/* A scenario: a short story of hosts and their clocks, told in virtual time, run through the shipped stages.
 *
 *     # a client of nobody, 400 s fast
 *     at 0s                  host web1  clock +400s
 *     every 60s              host web1  ntp offset +400s
 *     at 10s                 host web1  log "krb5: Clock skew too great"
 *     at 10m                 expect incident web1 direction ahead cause uncorrected
 *     at 10m                 expect no incident web2
 *
 * Lines are `at TIME` or `every TIME [from TIME] [until TIME]`, then what happens:
 *   host NAME clock OFFSET   how far its clock is off from now on, positive = ahead; it shifts every stamp that the host writes
 *   host NAME ntp ...        a sample of its time daemon: offset, bound, source NAME, sources COUNT, stratum N, leap normal|insert|delete,
 *                            unsynchronised. Without an offset the daemon has noticed nothing
 *   host NAME log "TEXT"     one line of a program called app
 *   host NAME quiet | talks  every host writes one plain line each 10 s, from the start, unless it is told to be quiet
 *   expect incident NAME ... the newest incident on NAME that was published by now; may ask for direction, cause, confidence, severity, state, kind,
 *                            correlated yes|no
 *   expect no incident NAME  none that is not resolved
 * Times and offsets: 90s, 5m, 2h, 1d, 250ms, -30s. Comments begin with #. The story ends with its last `at` or `until`. */
#ifndef APP_SCENARIO_H
#define APP_SCENARIO_H

#include "setup.h"

/* Calls `failed` for each expectation that does not hold and for each line that cannot be read. EXIT_FINE, or EXIT_ENVIRONMENT after a
 * message on stderr: the file cannot be read. */
int scenario_run(const struct setup *setup, struct str path, void (*failed)(void *context, struct str file, unsigned line, struct str text), void *context);

#endif
