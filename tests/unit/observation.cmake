unit_test(observation FILES observation.c LINK observation)
