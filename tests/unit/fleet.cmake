# Compiled by itself: the fleet needs nothing of the app room but base.
unit_test(fleet FILES fleet.c ${PROJECT_SOURCE_DIR}/src/app/fleet.c ${PROJECT_SOURCE_DIR}/src/app/fleet_records.c
  ${PROJECT_SOURCE_DIR}/src/app/fleet_telemetry.c LINK base observation PkgConfig::jansson)
target_link_libraries(test_fleet PRIVATE m)
