/* A line of a dump of an own topic: what can be read is written as a line that reads the same. */
#include "dump.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct buffer line = {0};
	struct dump_record first, second;
	struct str reason = STR_NONE;
	bool fine = dump_read(fuzz_text(data, size), &arena, &first, &reason);
	HOLDS(fine || reason.size);
	if (fine) {
		dump_write(&first, &line);
		HOLDS(dump_read(buffer_str(&line), &arena, &second, &reason));
		HOLDS(first.partition == second.partition && first.tombstone == second.tombstone && str_equal(first.key, second.key) && str_equal(first.value, second.value));
	}
	buffer_release(&line);
	arena_release(&arena);
	return 0;
}
