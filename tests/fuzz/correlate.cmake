fuzz_target(state LINK correlate alert observation incident base)
fuzz_target(step LINK correlate alert observation incident base)
