fuzz_target(rule LINK match)
