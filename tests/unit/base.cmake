unit_test(base FILES base.c LINK base)
