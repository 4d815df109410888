/* Config and rules, loaded and checked: what every command starts with. */
#ifndef APP_SETUP_H
#define APP_SETUP_H

#include "skewline/app.h"
#include "skewline/rule.h"

struct setup {
	struct arena arena;
	struct config config;
	struct rule_set *rules;
	struct str *rule_paths;
	size_t rule_paths_count;
	struct diag_list diags; /* of both, sorted */
	struct alert_settings alerts;
};

/* Loads the config (built-in defaults without -c) and the rules (--rules, else the config's, else the shipped ones). Never
 * fails: what is wrong stands in `diags`. */
void setup_load(const struct app_request *request, struct setup *out);
/* The same, and prints what is wrong to stderr: EXIT_FINE, or EXIT_USAGE when it cannot be used. */
int setup_open(const struct app_request *request, struct setup *out);
/* The config alone, without rules. */
int setup_config(const struct app_request *request, struct setup *out);
/* EXIT_FINE when --format names a format that we know; else says which is nearest. */
int setup_format(const struct app_request *request);
void setup_release(struct setup *setup);
/* The folder of the shipped rules: beside the install prefix of the binary, or in the source tree. Empty: not found. */
struct str shipped_rules(struct arena *arena);

#endif
