/* Warnings about rules that need the config, or a clock: beside those of rule_set_review. */
#ifndef APP_REVIEW_H
#define APP_REVIEW_H

#include "setup.h"

void review_rules(struct setup *setup);

#endif
