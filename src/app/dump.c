#include "dump.h"

#include <jansson.h>

#include "json.h"

static int digit_of(char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	return byte == '+' ? 62 : byte == '/' ? 63 : -1;
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
		int digit = digit_of(text.data[i]);
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

void dump_write(const struct dump_record *record, struct buffer *out)
{
	buffer_printf(out, "{\"partition\":%u", record->partition);
	json_text(out, "key", record->key);
	if (record->tombstone) {
		buffer_add_str(out, STR(",\"value\":null}"));
		return;
	}
	buffer_add_str(out, STR(",\"value\":\""));
	base64_add(out, record->value);
	buffer_add_str(out, STR("\"}"));
}

bool dump_read(struct str line, struct arena *arena, struct dump_record *out, struct str *out_reason)
{
	json_error_t error;
	json_t *document = json_loadb(line.data, line.size, 0, &error);
	json_t *partition = json_object_get(document, "partition"), *key = json_object_get(document, "key"), *value = json_object_get(document, "value");
	bool sound = json_is_integer(partition) && json_is_string(key) && json_integer_value(partition) >= 0 && json_integer_value(partition) < 1 << 20;
	*out = (struct dump_record){.tombstone = json_is_null(value)};
	if (sound) {
		out->partition = (uint32_t)json_integer_value(partition);
		out->key = arena_copy(arena, (struct str){json_string_value(key), json_string_length(key)});
		sound = out->tombstone || (json_is_string(value) && base64_read((struct str){json_string_value(value), json_string_length(value)}, arena, &out->value));
	}
	if (!sound)
		*out_reason = STR("no line {\"partition\":N,\"key\":\"...\",\"value\":\"<base64>\"}");
	json_decref(document);
	return sound;
}
