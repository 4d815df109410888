#include "skewline/buffer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_reset(struct buffer *buffer)
{
	buffer->size = 0;
	if (buffer->data)
		buffer->data[0] = 0;
}

void buffer_release(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){0};
}

void buffer_reserve(struct buffer *buffer, size_t more)
{
	assert(more < SIZE_MAX / 2 - buffer->size);
	size_t need = buffer->size + more + 1;
	if (need <= buffer->capacity)
		return;
	size_t capacity = buffer->capacity ? buffer->capacity : 64;
	while (capacity < need)
		capacity *= 2;
	char *data = realloc(buffer->data, capacity);
	if (!data)
		abort();
	buffer->data = data;
	buffer->capacity = capacity;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t size)
{
	buffer_reserve(buffer, size);
	if (size)
		memcpy(buffer->data + buffer->size, bytes, size);
	buffer->size += size;
	buffer->data[buffer->size] = 0;
}

void buffer_add_str(struct buffer *buffer, struct str text)
{
	buffer_add(buffer, text.data, text.size);
}

void buffer_add_byte(struct buffer *buffer, char byte)
{
	buffer_add(buffer, &byte, 1);
}

void buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
{
	va_list again;
	va_copy(again, arguments);
	int size = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(size >= 0);
	buffer_reserve(buffer, (size_t)size);
	vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, arguments);
	buffer->size += (size_t)size;
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	buffer_vprintf(buffer, format, arguments);
	va_end(arguments);
}

static bool stands_for_itself(char byte)
{
	return (unsigned char)byte >= ' ' && byte != '"' && byte != '\\';
}

/* Text that is UTF-8. */
static void add_escaped(struct buffer *buffer, struct str text)
{
	while (text.size) {
		size_t plain = 0;
		while (plain < text.size && stands_for_itself(text.data[plain]))
			plain++;
		buffer_add(buffer, text.data, plain);
		text = str_from(text, plain);
		if (!text.size)
			break;
		unsigned char byte = (unsigned char)text.data[0];
		if (byte == '"' || byte == '\\')
			buffer_printf(buffer, "\\%c", byte);
		else if (byte == '\n')
			buffer_add_str(buffer, STR("\\n"));
		else
			buffer_printf(buffer, "\\u%04x", byte);
		text = str_from(text, 1);
	}
}

void buffer_add_json(struct buffer *buffer, struct str text)
{
	buffer_add_byte(buffer, '"');
	while (text.size) {
		size_t sound = text.size;
		str_is_utf8(text, &sound);
		add_escaped(buffer, str_first(text, sound));
		text = str_from(text, sound);
		if (text.size)
			buffer_add_str(buffer, STR("\\ufffd"));
		text = str_from(text, 1);
	}
	buffer_add_byte(buffer, '"');
}

struct str buffer_str(const struct buffer *buffer)
{
	return (struct str){buffer->data, buffer->size};
}

void buffer_add_shown(struct buffer *buffer, struct str text)
{
	for (size_t i = 0; i < text.size; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		bool second = byte == 0xC2 && i + 1 < text.size && ((unsigned char)text.data[i + 1] & 0xE0) == 0x80;
		buffer_add_byte(buffer, byte < ' ' || byte == 0x7F || second ? ' ' : text.data[i]);
		i += second;
	}
}
