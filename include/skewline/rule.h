/* Rule files -> one compiled, read-only rule set in one arena. Sigma syntax + one `skewline:` block (docs/rules.md).
 *
 * Loading reports every fault of every file and still returns the rules that were sound, so that `check` can go on; a caller
 * that needs a sound set refuses when diags->errors > 0. The set is immutable: any number of matchers may share it. */
#ifndef SKEWLINE_RULE_H
#define SKEWLINE_RULE_H

#include "skewline/diag.h"
#include "skewline/observation.h"

struct rule_set;

struct rule_info {
	struct str id, title, file, runbook, technique;
	enum symptom_class class;
	enum issuer issuer;
	enum symptom_subject subject;
	enum direction direction;
	enum symptom_shape shape;
	struct span leeway;
	bool jump;           /* a match is a jump of the clock (steps, set-time events), not a symptom of disagreement */
	bool set_time_event;
	int specificity;     /* order of rules within a class: higher wins; ties by id */
};

/* paths: directories (recursive, *.yml and *.yaml) or single files. Never NULL. */
struct rule_set *rule_set_load(const struct str *paths, size_t count, struct diag_list *diags);
void rule_set_free(struct rule_set *set);
uint64_t rule_set_hash(const struct rule_set *set); /* of all files' bytes, in order of their names: the same everywhere */
size_t rule_set_count(const struct rule_set *set);
const struct rule_info *rule_set_rule(const struct rule_set *set, size_t index);
/* The record fields that rules look at beside `message`: give them to decoder_options.wanted_fields. */
const struct str *rule_set_fields(const struct rule_set *set, size_t *out_count);

#endif
