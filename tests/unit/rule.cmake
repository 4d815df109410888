unit_test(rule FILES rule.c LINK rule)
