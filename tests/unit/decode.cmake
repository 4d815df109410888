unit_test(decode FILES decode.c LINK decode)
unit_test(scan FILES scan.c LINK decode PkgConfig::jansson)
