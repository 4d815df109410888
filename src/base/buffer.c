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

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	assert(size >= 0);
	buffer_reserve(buffer, (size_t)size);
	vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
	va_end(again);
	buffer->size += (size_t)size;
}

struct str buffer_str(const struct buffer *buffer)
{
	return (struct str){buffer->data, buffer->size};
}
