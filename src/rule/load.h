#ifndef RULE_LOAD_H
#define RULE_LOAD_H

#include "build.h"

/* One file, or its text, into the set: its faults into `diags`, its rule into the set when it has none. */
void rule_load_file(struct rule_set *set, struct str path, const struct rule_options *options, struct diag_list *diags);
void rule_load_text(struct rule_set *set, struct str path, struct str text, const struct rule_options *options, struct diag_list *diags);
void rule_leaf_release(const struct rule_leaf *leaf);

#endif
