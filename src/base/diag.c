#include "skewline/diag.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 240 }; /* bytes of a source line */

static struct str line_of(struct str text, unsigned line)
{
	struct str part = STR_NONE;
	for (unsigned i = 0; i < line; i++)
		if (!str_split(&text, '\n', &part))
			return STR_NONE;
	return part.size && part.data[part.size - 1] == '\r' ? str_first(part, part.size - 1) : part;
}

void diag_vadd(struct diag_list *list, enum diag_level level, struct str file, struct str text, unsigned line, unsigned column,
	struct str hint, const char *format, va_list arguments)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 16;
		list->items = realloc(list->items, list->capacity * sizeof *list->items);
		if (!list->items)
			abort();
	}
	list->items[list->count++] = (struct diag){level, arena_copy(&list->arena, file), line, column,
		arena_vprintf(&list->arena, format, arguments), arena_copy(&list->arena, hint), arena_copy(&list->arena, line_of(text, line))};
	*(level == DIAG_ERROR ? &list->errors : &list->warnings) += 1;
}

void diag_add(struct diag_list *list, enum diag_level level, struct str file, struct str text, unsigned line, unsigned column,
	struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	diag_vadd(list, level, file, text, line, column, hint, format, arguments);
	va_end(arguments);
}

static int by_place(const struct diag *a, const struct diag *b)
{
	int order = str_compare(a->file, b->file);
	if (order)
		return order;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->column == b->column ? 0 : a->column < b->column ? -1 : 1;
}

/* Insertion sort: stable, and a list is short or was already in order. */
void diag_sort(struct diag_list *list)
{
	for (size_t i = 1; i < list->count; i++) {
		struct diag item = list->items[i];
		size_t j = i;
		for (; j > 0 && by_place(&list->items[j - 1], &item) > 0; j--)
			list->items[j] = list->items[j - 1];
		list->items[j] = item;
	}
}

/* Blanks up to the column, tabs kept, so that the caret stands under its token however wide a tab is shown. */
static void print_caret(struct str source, unsigned column, struct buffer *out)
{
	buffer_add_str(out, STR("    "));
	for (size_t i = 0, character = 1; character < column && i < source.size; i++) {
		if (((unsigned char)source.data[i] & 0xC0) == 0x80)
			continue;
		buffer_add_byte(out, source.data[i] == '\t' ? '\t' : ' ');
		character++;
	}
	buffer_add_str(out, STR("^\n"));
}

/* A very long line is shown from a little before the column. */
static void print_source(struct str source, unsigned column, struct buffer *out)
{
	unsigned skipped = 0;
	for (unsigned skip = column > SHOWN / 2 && source.size > SHOWN ? column - SHOWN / 2 : 0; skipped < skip && source.size; skipped++) {
		size_t size = 1;
		while (size < source.size && ((unsigned char)source.data[size] & 0xC0) == 0x80)
			size++;
		source = str_from(source, size);
	}
	struct str shown = str_cut_utf8(source, SHOWN);
	buffer_printf(out, "    %.*s\n", STR_ARGS(shown));
	if (column)
		print_caret(shown, column - skipped, out);
}

void diag_print(const struct diag_list *list, struct buffer *out)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct diag *item = &list->items[i];
		buffer_add_str(out, item->file);
		if (item->line)
			buffer_printf(out, ":%u:%u", item->line, item->column);
		buffer_printf(out, ": %s: %.*s\n", item->level == DIAG_ERROR ? "error" : "warning", STR_ARGS(item->message));
		if (item->source.size)
			print_source(item->source, item->column, out);
		if (item->hint.size)
			buffer_printf(out, "    hint: %.*s\n", STR_ARGS(item->hint));
	}
}

void diag_release(struct diag_list *list)
{
	free(list->items);
	arena_release(&list->arena);
	*list = (struct diag_list){0};
}

struct str diag_nearest(struct str word, const struct str *words, size_t count)
{
	unsigned best = (unsigned)(word.size + 2) / 3;
	struct str nearest = STR_NONE;
	for (size_t i = 0; i < count; i++) {
		unsigned distance = str_distance(word, words[i], best);
		if (distance <= best && (!nearest.size || distance < best)) {
			best = distance;
			nearest = words[i];
		}
	}
	return nearest;
}
