/* The body of a state record, sound or not, then an hour of time: nothing breaks, and what is written then can be restored. */
#include "fuzz.h"
#include "skewline/correlate.h"

enum { PARTITIONS = 3 };

static const struct str KEYS[] = {{"h/web-01", 8}, {"partition", 9}, {"fleet", 5}, {"s/10.0.0.1", 10}, {"q/kdc-01", 8}, {"a/10.0.0.9", 10}, {"f/1", 3},
	{"x/none", 6}};

static void step(struct correlate_partition *partition, int64_t at_s, struct effects *effects)
{
	struct progress_entry entry = {.input = STR("t/0"), .reference = instant_of_seconds(at_s), .transit = true, .reference_kind = REFERENCE_COLLECTED,
		.telemetry = true, .records = 5};
	struct observation observation = {.kind = OBSERVATION_PROGRESS, .subject = STR("*"), .reference = entry.reference,
		.reference_kind = REFERENCE_COLLECTED, .host_said = INSTANT_NONE, .input = entry.input, .progress = {1, &entry}};
	correlate_step(partition, &observation, effects);
}

/* Every record written can be restored. */
static void check_written(const struct correlate_settings *settings, const struct effects *effects)
{
	struct correlate_partition *again = correlate_partition_new(settings, 0, PARTITIONS);
	struct str reason;
	for (size_t i = 0; i < effects->count; i++)
		if (effects->items[i].kind == EFFECT_STATE && !effects->items[i].state.tombstone)
			HOLDS(correlate_restore(again, effects->items[i].state.key, effects->items[i].state.value, &reason));
	correlate_restored(again);
	correlate_partition_free(again);
}

/* The body as a record of the version that this program writes: what stands before the size of a body that it wrote itself. */
static void record_of(const struct correlate_settings *settings, struct str body, struct buffer *out)
{
	struct effects effects = {0};
	struct correlate_partition *partition = correlate_partition_new(settings, 0, PARTITIONS);
	step(partition, 1795396815, &effects);
	correlate_flush(partition, &effects);
	const struct effect *own = effects.items;
	while (own->kind != EFFECT_STATE)
		own++;
	buffer_add_str(out, str_first(own->state.value, 5)); /* version and partitions, one byte each, and the tag of the body */
	size_t size = body.size;
	for (; size >= 128; size >>= 7)
		buffer_add_byte(out, (char)(size | 128));
	buffer_add_byte(out, (char)size);
	buffer_add_str(out, body);
	correlate_partition_free(partition);
	effects_release(&effects);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct correlate_settings settings;
	struct effects effects = {0};
	struct buffer json = {0}, record = {0};
	struct str reason = STR_NONE;
	struct str key = KEYS[fuzz_choice(&data, &size, sizeof KEYS / sizeof KEYS[0])];
	correlate_settings_default(&settings);
	if (str_equal(key, STR("x/none")))
		buffer_add_str(&record, fuzz_text(data, size));
	else
		record_of(&settings, fuzz_text(data, size), &record);
	correlate_state_json(key, buffer_str(&record), &json);
	struct correlate_partition *partition = correlate_partition_new(&settings, 0, PARTITIONS);
	bool sound = correlate_restore(partition, key, buffer_str(&record), &reason);
	HOLDS(sound || reason.size);
	if (sound) {
		correlate_restored(partition);
		for (int64_t at = 1795396815; at < 1795396815 + 3600; at += 120)
			step(partition, at, &effects);
		correlate_flush(partition, &effects);
		check_written(&settings, &effects);
	}
	correlate_partition_free(partition);
	effects_release(&effects);
	buffer_release(&json);
	buffer_release(&record);
	return 0;
}
