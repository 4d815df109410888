unit_test(line_file FILES line_file.c LINK stream PkgConfig::zlib PkgConfig::libzstd)
