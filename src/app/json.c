#include "json.h"

#include <inttypes.h>
#include <stdio.h>

void json_text(struct buffer *out, const char *name, struct str value)
{
	buffer_printf(out, ",\"%s\":", name);
	buffer_add_json(out, value);
}

void json_text_or_null(struct buffer *out, const char *name, struct str value)
{
	if (value.size)
		json_text(out, name, value);
	else
		json_none(out, name);
}

void json_bool(struct buffer *out, const char *name, bool value)
{
	buffer_printf(out, ",\"%s\":%s", name, value ? "true" : "false");
}

void json_number(struct buffer *out, const char *name, int64_t value)
{
	buffer_printf(out, ",\"%s\":%" PRId64, name, value);
}

void json_seconds(struct buffer *out, const char *name, struct span value)
{
	uint64_t size = value.ns < 0 ? 0 - (uint64_t)value.ns : (uint64_t)value.ns;
	char fraction[16];
	int digits = 9;
	snprintf(fraction, sizeof fraction, "%09" PRIu64, size % (uint64_t)SECOND_NS);
	while (digits > 1 && fraction[digits - 1] == '0')
		digits--;
	buffer_printf(out, ",\"%s\":%s%" PRIu64 ".%.*s", name, value.ns < 0 ? "-" : "", size / (uint64_t)SECOND_NS, digits, fraction);
}

void json_none(struct buffer *out, const char *name)
{
	buffer_printf(out, ",\"%s\":null", name);
}

void json_time(struct buffer *out, const char *name, struct instant at)
{
	char text[INSTANT_TEXT_MAX];
	if (instant_known(at))
		buffer_printf(out, ",\"%s\":\"%.*s\"", name, STR_ARGS(instant_text(at, text)));
	else
		json_none(out, name);
}

void json_bytes(struct buffer *out, const char *name, struct str bytes, size_t most)
{
	struct str whole = str_cut_utf8(bytes, most);
	if (str_is_utf8(whole, NULL)) {
		json_text(out, name, whole);
		return;
	}
	buffer_printf(out, ",\"%s_base64\":\"", name);
	base64_add(out, str_first(bytes, most));
	buffer_add_byte(out, '"');
}

void base64_add(struct buffer *out, struct str bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < bytes.size; i += 3) {
		uint32_t word = 0;
		size_t left = bytes.size - i < 3 ? bytes.size - i : 3;
		char four[4];
		for (size_t k = 0; k < 3; k++)
			word = word << 8 | (k < left ? (uint8_t)bytes.data[i + k] : 0U);
		for (size_t k = 0; k < 4; k++)
			four[k] = k <= left ? digits[word >> (18 - 6 * k) & 63] : '=';
		buffer_add(out, four, sizeof four);
	}
}
