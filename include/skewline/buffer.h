/* A growing run of bytes that it owns. Out of memory aborts: the uncommitted transaction makes that safe. */
#ifndef SKEWLINE_BUFFER_H
#define SKEWLINE_BUFFER_H

#include <stdarg.h>

#include "skewline/str.h"

struct buffer {
	char *data; /* always NUL-terminated behind `size` once anything was added */
	size_t size;
	size_t capacity;
};

void buffer_reset(struct buffer *buffer);   /* empty, memory kept */
void buffer_release(struct buffer *buffer); /* empty, memory freed; usable again */
void buffer_reserve(struct buffer *buffer, size_t more);
void buffer_add(struct buffer *buffer, const void *bytes, size_t size);
void buffer_add_str(struct buffer *buffer, struct str text);
void buffer_add_byte(struct buffer *buffer, char byte);
__attribute__((format(printf, 2, 3))) void buffer_printf(struct buffer *buffer, const char *format, ...);
__attribute__((format(printf, 2, 0))) void buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments);
/* As a JSON string with its quotes; bytes that are no UTF-8 become U+FFFD. */
void buffer_add_json(struct buffer *buffer, struct str text);
/* For a terminal: control characters (C0, DEL and C1) become blanks, so that what a record says cannot steer it. */
void buffer_add_shown(struct buffer *buffer, struct str text);
struct str buffer_str(const struct buffer *buffer);

#endif
