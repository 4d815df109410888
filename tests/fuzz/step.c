/* Observations as they may stand on the topic, one after the other, each with its size in two bytes before it: the correlate stage goes on,
 * and the state that it writes can be restored. */
#include "fuzz.h"
#include "skewline/correlate.h"

enum { PARTITIONS = 3 };

static const struct str SUBJECTS[] = {{"web-01", 6}, {"*", 1}, {"ntp:10.0.0.1", 12}, {"ip:10.0.0.9", 11}, {"fleet", 5}, {"kdc-01", 6}};

static void check_state(const struct correlate_settings *settings, struct correlate_partition *partition)
{
	struct effects effects = {0};
	struct str reason;
	struct correlate_partition *again = correlate_partition_new(settings, 0, PARTITIONS);
	correlate_flush(partition, &effects);
	for (size_t i = 0; i < effects.count; i++)
		if (effects.items[i].kind == EFFECT_STATE && !effects.items[i].state.tombstone)
			HOLDS(correlate_restore(again, effects.items[i].state.key, effects.items[i].state.value, &reason));
	correlate_restored(again);
	correlate_partition_free(again);
	effects_release(&effects);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct correlate_settings settings;
	struct effects effects = {0};
	struct arena arena = {0};
	correlate_settings_default(&settings);
	struct correlate_partition *partition = correlate_partition_new(&settings, 0, PARTITIONS);
	for (struct str rest = fuzz_text(data, size); rest.size >= 3;) {
		struct observation observation;
		struct str reason;
		size_t length = (size_t)(unsigned char)rest.data[1] << 8 | (unsigned char)rest.data[2];
		struct str subject = SUBJECTS[(unsigned char)rest.data[0] % 6], bytes = str_first(str_from(rest, 3), length);
		rest = str_from(rest, 3 + bytes.size);
		if (observation_unpack(bytes, subject, &arena, &observation, &reason))
			correlate_step(partition, &observation, &effects);
		effects_reset(&effects);
		arena_reset(&arena);
	}
	check_state(&settings, partition);
	correlate_partition_free(partition);
	effects_release(&effects);
	arena_release(&arena);
	return 0;
}
