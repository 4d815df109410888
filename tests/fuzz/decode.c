/* Any bytes, as any format: at least one record, exactly one when it is rejected, and nothing in it that its header forbids. */
#include "fuzz.h"
#include "skewline/decode.h"

static bool is_host(struct str host)
{
	char again[256];
	size_t size;
	return host_name_normalise(host, again, &size) && str_equal(host, (struct str){again, size});
}

static void check_texts(const struct record *record)
{
	const struct str texts[] = {record->host, record->address, record->program, record->message, record->severity, record->detail,
		record->kind == RECORD_CLOCK_SAMPLE ? record->measures == MEASURES_SOURCE ? record->source.source : record->clock.source : STR_NONE};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		HOLDS(str_is_utf8(texts[i], NULL));
}

static void check_clock(const struct record *record)
{
	const struct clock_observation *clock = &record->clock;
	HOLDS(!(clock->fields & CLOCK_OFFSET) || clock->synchronised);
	HOLDS(!(clock->fields & CLOCK_STRATUM) || (clock->stratum >= 0 && clock->stratum <= 255));
	HOLDS(clock->leap <= LEAP_UNSYNCHRONISED);
	HOLDS(clock->fields & (CLOCK_OFFSET | CLOCK_LEAP | CLOCK_SYNCHRONISED)); /* a sample that says nothing is none */
}

static void check(const struct record *record)
{
	HOLDS(record->format && record->kind <= RECORD_REJECTED);
	check_texts(record);
	if (record->kind == RECORD_REJECTED) {
		HOLDS((size_t)record->reason < REJECT_REASON_COUNT && record->detail.size && !record->fields);
		return;
	}
	HOLDS(record->kind == RECORD_OTHER || is_host(record->host));
	HOLDS(!instant_known(record->host_said) || record->grain.ns > 0);
	HOLDS(record->kind != RECORD_LOG || record->message.size || record->fields == NULL);
	if (record->kind == RECORD_CLOCK_SAMPLE && record->measures == MEASURES_SYSTEM_CLOCK)
		check_clock(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str wanted[] = {{"message", 7}, {"winlog.event_data.Status", 24}};
	size_t formats;
	const char *const *names = decode_format_names(&formats);
	struct decoder_options options = {.format = str_of(names[fuzz_choice(&data, &size, formats)]), .record_bytes_max = 4096,
		.wanted_fields = wanted, .wanted_fields_count = 2};
	struct envelope envelope = {.key = STR("key-host"), .transport = {1795396815 * SECOND_NS}};
	struct decoder *decoder = decoder_new(&options);
	struct record_list records;
	struct str text;
	decode(decoder, fuzz_text(data, size), &envelope, &records);
	HOLDS(records.count >= 1);
	for (size_t i = 0; i < records.count; i++) {
		check(&records.items[i]);
		HOLDS(records.items[i].kind != RECORD_REJECTED || records.count == 1);
		for (size_t field = 0; field < 2; field++)
			HOLDS(!record_field(&records.items[i], field, &text) || str_is_utf8(text, NULL));
	}
	decode_collected(decoder, fuzz_text(data, size), &envelope);
	decoder_free(decoder);
	return 0;
}
