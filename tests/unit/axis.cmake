# Compiled by itself: the axis needs nothing of the app room but a merge, and the test makes one.
unit_test(axis FILES axis.c ${PROJECT_SOURCE_DIR}/src/app/axis.c LINK base)
