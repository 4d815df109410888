/* The hallway: opens the doors between rooms and decides nothing. Every command is one function here; `run`, `replay`, `demo`,
 * `explain` and `backtest` share the two stages (src/app/observe_stage.h, correlate_stage.h) and differ in what they connect
 * them to. Results go to stdout, everything else to stderr; a command returns its exit code. */
#ifndef SKEWLINE_APP_H
#define SKEWLINE_APP_H

#include "skewline/alert.h"
#include "skewline/config.h"
#include "skewline/metric.h"

enum app_exit { EXIT_FINE = 0, EXIT_FINDINGS = 1, EXIT_USAGE = 2, EXIT_ENVIRONMENT = 3 };
enum app_stages { STAGE_ALL, STAGE_OBSERVE, STAGE_CORRELATE };
enum app_output { OUTPUT_AUTO, OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_OCSF, OUTPUT_HEC };

/* What the command line said. Texts point into argv; empty = not given. */
struct app_request {
	struct str config;           /* -c FILE */
	struct str *rules;           /* --rules DIR, any number */
	size_t rules_count;
	struct str *files;           /* operands */
	size_t files_count;
	struct str format;           /* --format */
	struct str rejects;          /* --rejects FILE */
	struct str host, incident;   /* explain */
	struct str baseline, candidate; /* backtest */
	struct str junit;            /* test */
	struct str member;           /* run */
	struct str listen;           /* demo: where the embedded broker is announced; run: metrics address */
	struct str feed;             /* demo: produce the fleet to this broker instead */
	enum app_stages stage;
	enum app_output output;
	uint64_t seed;
	bool all, once, keep;
};

int app_run(const struct app_request *request);
int app_replay(const struct app_request *request);
int app_match(const struct app_request *request);
int app_decode(const struct app_request *request);
int app_check(const struct app_request *request);
int app_test(const struct app_request *request);
int app_explain(const struct app_request *request);
int app_backtest(const struct app_request *request);
int app_demo(const struct app_request *request);
int app_version(const struct app_request *request);

#endif
