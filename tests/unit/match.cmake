unit_test(match FILES match.c LINK match)
unit_test(sigma FILES sigma.c LINK match)
# No cmocka: it also runs by hand with a million messages.
add_executable(same_hits same_hits.c)
target_link_libraries(same_hits PRIVATE skewline_match)
target_compile_definitions(same_hits PRIVATE SOURCE_DIR="${PROJECT_SOURCE_DIR}")
add_test(NAME same_hits COMMAND same_hits 5000)
add_custom_target(differential COMMAND same_hits 1000000 DEPENDS same_hits USES_TERMINAL)
