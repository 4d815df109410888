# Files of the app room by themselves: they need nothing of it.
fuzz_target(scenario FILES ${PROJECT_SOURCE_DIR}/src/app/scenario_read.c LINK base)
fuzz_target(dump FILES ${PROJECT_SOURCE_DIR}/src/app/dump.c ${PROJECT_SOURCE_DIR}/src/app/json.c LINK base PkgConfig::jansson)
foreach(name scenario dump)
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src/app)
endforeach()
