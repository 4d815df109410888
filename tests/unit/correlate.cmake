unit_test(correlate FILES correlate.c world.c LINK correlate alert observation incident base)
target_compile_options(test_correlate PRIVATE -Wno-conversion)
add_test(NAME correlate_symbols COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/correlate_symbols.sh $<TARGET_FILE:skewline_correlate> ${CMAKE_CURRENT_SOURCE_DIR}/correlate_symbols.txt)
