#include "dump.h"

#include <jansson.h>

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(struct buffer *out, struct str bytes)
{
	for (size_t i = 0; i < bytes.size; i += 3) {
		uint32_t word = 0;
		size_t left = bytes.size - i < 3 ? bytes.size - i : 3;
		for (size_t k = 0; k < 3; k++)
			word = word << 8 | (k < left ? (uint8_t)bytes.data[i + k] : 0U);
		for (size_t k = 0; k < 4; k++)
			buffer_add_byte(out, k <= left ? DIGITS[word >> (18 - 6 * k) & 63] : '=');
	}
}

static bool base64_read(struct str text, struct arena *arena, struct str *out)
{
	char *bytes = arena_alloc(arena, text.size + 1);
	size_t size = 0;
	uint32_t word = 0;
	unsigned bits = 0;
	while (text.size && text.data[text.size - 1] == '=')
		text.size--;
	for (size_t i = 0; i < text.size; i++) {
		ptrdiff_t digit = str_find_byte((struct str){DIGITS, 64}, text.data[i]);
		if (digit < 0)
			return false;
		word = word << 6 | (uint32_t)digit;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes[size++] = (char)(word >> bits & 255);
		}
	}
	*out = (struct str){bytes, size};
	return true;
}

void dump_write(uint32_t partition, struct str key, struct str value, struct buffer *out)
{
	buffer_printf(out, "{\"partition\":%u,\"key\":", partition);
	buffer_add_json(out, key);
	buffer_add_str(out, STR(",\"value\":\""));
	base64_add(out, value);
	buffer_add_str(out, STR("\"}"));
}

bool dump_read(struct str line, struct arena *arena, uint32_t *out_partition, struct str *out_key, struct str *out_value, struct str *out_reason)
{
	json_error_t error;
	json_t *document = json_loadb(line.data, line.size, 0, &error);
	json_t *partition = json_object_get(document, "partition"), *key = json_object_get(document, "key"), *value = json_object_get(document, "value");
	bool sound = json_is_integer(partition) && json_is_string(key) && json_is_string(value) && json_integer_value(partition) >= 0
		&& json_integer_value(partition) < 1 << 20;
	if (sound) {
		*out_partition = (uint32_t)json_integer_value(partition);
		*out_key = arena_copy(arena, (struct str){json_string_value(key), json_string_length(key)});
		sound = base64_read((struct str){json_string_value(value), json_string_length(value)}, arena, out_value);
	}
	if (!sound)
		*out_reason = STR("no line {\"partition\",\"key\",\"value\" in base64}");
	json_decref(document);
	return sound;
}
