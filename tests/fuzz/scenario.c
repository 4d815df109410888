/* Lines of the scenario language: read, blank, or refused with a reason. */
#include "fuzz.h"
#include "scenario_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct str rest = fuzz_text(data, size), line;
	for (unsigned number = 1; str_split(&rest, '\n', &line); number++) {
		struct scenario_step step;
		struct str reason = STR_NONE;
		bool empty = false;
		if (!scenario_read(line, number, &arena, &step, &empty, &reason)) {
			HOLDS(reason.size);
			continue;
		}
		HOLDS(empty || (step.line == number && step.deed <= DEED_EXPECT_NONE && step.words_count <= SCENARIO_WORDS_MAX && step.words_count % 2 == 0));
		HOLDS(step.every.ns == 0 || step.every.ns >= 10000000);
	}
	arena_release(&arena);
	return 0;
}
