fuzz_target(observation LINK observation PkgConfig::jansson)
fuzz_target(feedback LINK observation)
