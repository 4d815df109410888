fuzz_target(resume LINK observe)
fuzz_target(mask LINK observe)
