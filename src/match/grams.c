#include "grams.h"

#include <string.h>

static void add_words(struct grams *grams, struct str text)
{
	bool inside = false;
	for (size_t i = 0; i <= text.size; i++) {
		bool word = i < text.size && ascii_is_word(text.data[i]);
		if (word == inside)
			continue;
		if (word && i + 2 <= text.size)
			grams_add(grams, grams_hash_begin(text.data + i));
		else if (!word && i >= 2)
			grams_add(grams, grams_hash_end(text.data + i - 2));
		inside = word;
	}
}

void grams_of_text(struct grams *grams, struct str text)
{
	memset(grams, 0, sizeof *grams);
	size_t i = 0;
	for (; i + 4 <= text.size; i++)
		grams_add(grams, grams_hash_of(grams_load(text.data + i), 0x202020));
	if (i + 3 <= text.size)
		grams_add(grams, grams_hash(text.data + i));
	add_words(grams, text);
}

struct grams_probe grams_probe_of(struct str literal, bool begins_word, bool ends_word)
{
	size_t last = literal.size - 3;
	uint16_t begin = begins_word ? grams_hash_begin(literal.data) : grams_hash(literal.data);
	uint16_t end = ends_word ? grams_hash_end(literal.data + last + 1) : grams_hash(literal.data + last);
	return (struct grams_probe){{begin, begin, grams_hash(literal.data + last / 2), end}};
}
