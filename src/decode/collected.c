#include "skewline/decode.h"
#include "time_text.h"

/* The stamp behind "ingested", when it is a plain string. A quote within a string is escaped, so the name cannot be met there. */
static bool at_a_glance(struct str value, struct instant *out)
{
	static const struct str name = {"\"ingested\"", 10};
	ptrdiff_t at = str_find(value, name);
	struct str rest = at < 0 ? STR_NONE : str_from(value, (size_t)at + name.size);
	while (rest.size && (rest.data[0] == ' ' || rest.data[0] == ':'))
		rest = str_from(rest, 1);
	ptrdiff_t end = rest.size && rest.data[0] == '"' ? str_find_byte(str_from(rest, 1), '"') : -1;
	struct stamp_text stamp;
	if (end < 0 || time_rfc3339(str_first(str_from(rest, 1), (size_t)end), &stamp) != TIME_OK)
		return false;
	*out = stamp.at;
	return true;
}

struct instant decode_collected(struct decoder *decoder, struct str value, const struct envelope *envelope)
{
	struct instant collected;
	struct record_list records;
	if (at_a_glance(value, &collected))
		return collected;
	decode(decoder, value, envelope, &records);
	return records.items[0].kind == RECORD_REJECTED ? INSTANT_NONE : records.items[0].collected;
}
