fuzz_target(scan LINK decode PkgConfig::jansson)
fuzz_target(decode LINK decode)
fuzz_target(chronyc LINK decode m)
fuzz_target(time_text LINK decode)
