#include "text.h"

#include <string.h>

size_t text_ascii(struct str text)
{
	size_t i = 0;
	for (uint64_t word; i + sizeof word <= text.size; i += sizeof word) {
		memcpy(&word, text.data + i, sizeof word);
		if (word & 0x8080808080808080u)
			break;
	}
	while (i < text.size && (unsigned char)text.data[i] < 0x80)
		i++;
	return i;
}

bool text_is_valid(struct str text)
{
	return text_ascii(text) == text.size || str_is_utf8(text, NULL);
}

struct str text_made_valid(struct str text, struct buffer *scratch)
{
	size_t bad;
	buffer_reset(scratch);
	buffer_add_str(scratch, text);
	struct str rest = buffer_str(scratch);
	while (!str_is_utf8(rest, &bad)) {
		scratch->data[scratch->size - rest.size + bad] = '?';
		rest = str_from(rest, bad + 1);
	}
	return buffer_str(scratch);
}

bool text_hides_literals(struct str text)
{
	static const struct str folding[] = {{"\xC5\xBF", 2}, {"\xE2\x84\xAA", 3}};
	for (size_t i = text_ascii(text); i < text.size; i++)
		for (size_t j = 0; (unsigned char)text.data[i] >= 0x80 && j < 2; j++)
			if (str_starts(str_from(text, i), folding[j]))
				return true;
	return false;
}
