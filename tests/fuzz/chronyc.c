/* chronyc's rows against a reader of their columns by strtod: the sign is turned for System time and kept for a source's offset. */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "skewline/decode.h"

static double column(struct str row, int number)
{
	char text[512];
	struct str part = STR_NONE;
	for (int i = 0; i <= number; i++)
		HOLDS(str_split(&row, ',', &part));
	part = str_first(part, sizeof text - 1);
	memcpy(text, part.data, part.size);
	text[part.size] = 0;
	return strtod(text, NULL);
}

static bool near(struct span got, double want)
{
	return fabs(span_seconds(got) - want) <= 1e-9 + fabs(want) * 1e-15;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decoder_options options = {.format = STR("auto")};
	struct envelope envelope = {.key = STR("host"), .transport = INSTANT_NONE};
	struct decoder *decoder = decoder_new(&options);
	struct record_list records;
	if (size < 400 && !memchr(data, 0, size)) {
		decode(decoder, fuzz_text(data, size), &envelope, &records);
		const struct record *record = records.items;
		bool sample = record->kind == RECORD_CLOCK_SAMPLE && str_equal(record->raw, fuzz_text(data, size)) && str_equal(record->host, STR("host"));
		if (sample && record->measures == MEASURES_SOURCE && record->source.offset_known)
			HOLDS(near(record->source.offset, column(record->message, 7)) && near(record->source.error, column(record->message, 9)));
		if (sample && record->measures == MEASURES_SYSTEM_CLOCK && (record->clock.fields & CLOCK_OFFSET)) {
			HOLDS(near(record->clock.offset, -column(record->message, 4)));
			HOLDS(near(record->clock.root_delay, column(record->message, 10)) && near(record->clock.root_dispersion, column(record->message, 11)));
		}
	}
	decoder_free(decoder);
	return 0;
}
