/* The text beside a committed offset: what can be read is written as it was read, and the guard that it gives can be used. */
#include "fuzz.h"
#include "resume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guard guard, again;
	int64_t emitted, emitted_again;
	struct buffer first = {0}, second = {0};
	struct instant at = {1795396815 * SECOND_NS}, out;
	if (!resume_read(fuzz_text(data, size), &guard, &emitted))
		return 0;
	resume_write(&guard, emitted, &first);
	HOLDS(first.size <= 512 && resume_read(buffer_str(&first), &again, &emitted_again) && emitted == emitted_again);
	resume_write(&again, emitted_again, &second);
	HOLDS(str_equal(buffer_str(&first), buffer_str(&second)));
	for (int i = 0; i < 12; i++) {
		guard_choose(&guard, CHOICE_AUTO, false, true);
		guard_peek(&guard, at);
		struct instant before = guard.time;
		guard_take(&guard, at, STR("host"), &out);
		HOLDS(!guard.settled || !instant_known(before) || !instant_before(guard.time, before)); /* never back */
		at = instant_plus(at, SPAN_S(5));
	}
	buffer_release(&first);
	buffer_release(&second);
	return 0;
}
