unit_test(match FILES match.c LINK match)
unit_test(rule FILES rule.c LINK rule)
unit_test(sigma FILES sigma.c LINK match)
