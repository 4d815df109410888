/* A sample: short, whole characters, no control characters; and a password behind whatever stood before it is never in it. */
#include "fuzz.h"
#include "mask.h"
#include "skewline/buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[SAMPLE_BYTES_MAX + 4];
	struct str text = fuzz_text(data, size), sample = mask_sample(text, out);
	HOLDS(sample.size <= SAMPLE_BYTES_MAX);
	HOLDS(!str_is_utf8(text, NULL) || size > 4 * SAMPLE_BYTES_MAX || str_is_utf8(sample, NULL));
	for (size_t i = 0; i < sample.size; i++)
		HOLDS((unsigned char)sample.data[i] >= ' ' && sample.data[i] != 0x7F);
	if (str_find(text, STR("yzzy-3-plug")) >= 0)
		return 0;
	struct buffer longer = {0};
	buffer_add_str(&longer, text);
	buffer_add_str(&longer, STR(" password=Xyzzy-3-plugh login"));
	HOLDS(str_find(mask_sample(buffer_str(&longer), out), STR("yzzy-3-plug")) < 0);
	buffer_release(&longer);
	return 0;
}
