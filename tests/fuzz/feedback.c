/* Words between partitions: what can be unpacked can be packed and comes back the same. */
#include "fuzz.h"
#include "skewline/feedback.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct buffer first = {0}, second = {0};
	struct feedback feedback;
	if (feedback_unpack(fuzz_text(data, size), &arena, &feedback)) {
		HOLDS(feedback_pack(&feedback, &first));
		HOLDS(feedback_unpack(buffer_str(&first), &arena, &feedback) && feedback_pack(&feedback, &second));
		HOLDS(str_equal(buffer_str(&first), buffer_str(&second)));
		if (feedback.kind == FEEDBACK_CALIBRATION)
			for (size_t i = 0; i < feedback.calibration.excess_count; i++)
				HOLDS(calibration_value(feedback.calibration.excess[i].bin).ns != INT64_MIN);
	}
	buffer_release(&first);
	buffer_release(&second);
	arena_release(&arena);
	return 0;
}
