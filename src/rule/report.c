/* How faults are said: at which line and column, with which hint. */
#include "build.h"

#include <stdarg.h>

static void add(struct build *build, enum diag_level level, unsigned line, unsigned column, struct str hint, const char *format, va_list arguments)
{
	build->errors += level == DIAG_ERROR;
	diag_vadd(build->diags, level, build->path, build->text, line, column, hint, format, arguments);
}

/* The column of a byte of a scalar's text: it is looked for where the scalar stands in the file; where quoting or folding hides it, the
 * scalar's own beginning is the answer. */
static unsigned column_inside(const struct build *build, const struct yaml_node *scalar, size_t offset)
{
	struct str rest = build->text, line = STR_NONE;
	unsigned column = scalar->column;
	for (unsigned i = 0; i < scalar->line; i++)
		if (!str_split(&rest, '\n', &line))
			return column;
	size_t at = 0; /* the byte of the line at the scalar's first character */
	for (unsigned seen = 1; seen < column && at < line.size; at++)
		seen += at + 1 >= line.size || ((unsigned char)line.data[at + 1] & 0xC0) != 0x80;
	char quote = at < line.size && !scalar->plain ? line.data[at] : 0;
	unsigned found = column + (quote != 0);
	at += quote != 0;
	for (size_t i = 0; i < offset && i < scalar->text.size; i++, at++) {
		if (at < line.size && quote && line.data[at] == quote && quote == '\'') {
			at++; /* '' stands for ' */
			found++;
		} else if (at < line.size && quote == '"' && line.data[at] == '\\') {
			at++;
			found++;
		}
		if (at >= line.size || line.data[at] != scalar->text.data[i])
			return column;
		found += ((unsigned char)line.data[at] & 0xC0) != 0x80;
	}
	return found;
}

void fault_at(struct build *build, unsigned line, unsigned column, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(build, DIAG_ERROR, line, column, hint, format, arguments);
	va_end(arguments);
}

void fault(struct build *build, const struct yaml_node *node, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(build, DIAG_ERROR, node->line, node->column, hint, format, arguments);
	va_end(arguments);
}

void fault_key(struct build *build, const struct yaml_node *node, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(build, DIAG_ERROR, node->key_line ? node->key_line : node->line, node->key_line ? node->key_column : node->column, hint, format, arguments);
	va_end(arguments);
}

void fault_inside(struct build *build, const struct yaml_node *scalar, size_t offset, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(build, DIAG_ERROR, scalar->line, column_inside(build, scalar, offset), hint, format, arguments);
	va_end(arguments);
}

void warn(struct build *build, const struct yaml_node *node, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(build, DIAG_WARNING, node->line, node->column, hint, format, arguments);
	va_end(arguments);
}

void warn_key(struct build *build, const struct yaml_node *node, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(build, DIAG_WARNING, node->key_line, node->key_column, hint, format, arguments);
	va_end(arguments);
}

void warn_inside(struct build *build, const struct yaml_node *scalar, size_t offset, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(build, DIAG_WARNING, scalar->line, column_inside(build, scalar, offset), hint, format, arguments);
	va_end(arguments);
}

struct str hint_nearest(struct build *build, struct str word, const struct str *words, size_t count)
{
	struct str nearest = diag_nearest(word, words, count);
	if (nearest.size)
		return arena_printf(&build->set->arena, "did you mean '%.*s'?", STR_ARGS(nearest));
	struct buffer list = {0};
	for (size_t i = 0; i < count && i < 32; i++)
		buffer_printf(&list, "%s%.*s", i ? ", " : "one of: ", STR_ARGS(words[i]));
	struct str hint = arena_copy(&build->set->arena, buffer_str(&list));
	buffer_release(&list);
	return hint;
}

bool choice(struct build *build, const struct yaml_node *node, const struct str *names, size_t count, int *out)
{
	for (size_t i = 0; node->kind == YAML_SCALAR && i < count; i++) {
		if (!str_equal(node->text, names[i]))
			continue;
		*out = (int)i;
		return true;
	}
	fault(build, node, hint_nearest(build, node->text, names, count), "'%.*s' is no value of `%.*s`", STR_ARGS(str_cut_utf8(node->text, 60)),
		STR_ARGS(node->key));
	return false;
}

bool known_keys(struct build *build, const struct yaml_node *map, const struct str *names, size_t count)
{
	bool sound = true;
	if (map->kind != YAML_MAP) {
		fault(build, map, hint_nearest(build, STR_NONE, names, count), "`%.*s` must be a map", STR_ARGS(map->key));
		return false;
	}
	for (const struct yaml_node *node = map->first; node; node = node->next) {
		bool known = false;
		for (size_t i = 0; i < count; i++)
			known = known || str_equal(node->key, names[i]);
		if (!known)
			fault_key(build, node, hint_nearest(build, node->key, names, count), "unknown key '%.*s'", STR_ARGS(node->key));
		sound = sound && known;
	}
	return sound;
}
