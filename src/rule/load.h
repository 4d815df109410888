#ifndef RULE_LOAD_H
#define RULE_LOAD_H

#include "build.h"

/* One file into the set: its faults into `diags`, its rule into the set when it has none. */
void rule_load_file(struct rule_set *set, struct str path, struct diag_list *diags);
void rule_leaf_release(struct rule_leaf *leaf);

#endif
