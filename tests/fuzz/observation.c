/* What can be unpacked can be packed, comes back the same, and prints as JSON. */
#include <jansson.h>

#include "fuzz.h"
#include "skewline/observation.h"

static bool unpack(struct str bytes, struct arena *arena, struct observation *out)
{
	struct str reason = STR_NONE;
	bool known = observation_unpack(bytes, STR("web-01"), arena, out, &reason);
	HOLDS(known || reason.size);
	return known;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct buffer first = {0}, second = {0}, text = {0};
	struct observation observation;
	if (unpack(fuzz_text(data, size), &arena, &observation) && observation_pack(&observation, &first)) {
		HOLDS(first.size <= OBSERVATION_BYTES_MAX);
		HOLDS(unpack(buffer_str(&first), &arena, &observation) && observation_pack(&observation, &second));
		HOLDS(str_equal(buffer_str(&first), buffer_str(&second)));
		observation_print_json(&observation, &text);
		json_t *document = json_loadb(text.data, text.size, JSON_ALLOW_NUL, NULL);
		HOLDS(json_is_object(document));
		json_decref(document);
	}
	buffer_release(&first);
	buffer_release(&second);
	buffer_release(&text);
	arena_release(&arena);
	return 0;
}
