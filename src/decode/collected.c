#include "skewline/decode.h"
#include "time_text.h"

/* What stands behind "ingested". The letters are looked for without their quotes, which stand everywhere. */
static struct str behind_name(struct str value)
{
	static const struct str name = {"ingested", 8};
	for (struct str rest = value;;) {
		ptrdiff_t at = str_find(rest, name);
		if (at < 0)
			return STR_NONE;
		bool quoted = at > 0 && rest.data[at - 1] == '"';
		rest = str_from(rest, (size_t)at + name.size);
		if (quoted && rest.size && rest.data[0] == '"')
			return str_from(rest, 1);
	}
}

/* The stamp there, when it is a plain string. A quote within a string is escaped, so the name cannot be met there. */
static bool at_a_glance(struct str value, struct instant *out)
{
	struct str rest = behind_name(value);
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
