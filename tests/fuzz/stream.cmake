fuzz_target(line_file LINK stream PkgConfig::zlib PkgConfig::libzstd)
