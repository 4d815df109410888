#include "skewline/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { FILE_MAX = 1 << 20, NODES_MAX = 100000, DEPTH_MAX = 64, ANCHORS_MAX = 256 };

struct loader {
	yaml_parser_t parser;
	struct str path, text;
	struct arena *arena;
	struct diag_list *diags;
	struct { struct str name; struct yaml_node *node; } anchors[ANCHORS_MAX];
	size_t anchors_count;
	size_t nodes;
	yaml_mark_t last_quote; /* where the last quoted text began, and the line in which it ended */
	size_t last_quote_end;
};

static unsigned line_of(yaml_mark_t mark)
{
	return (unsigned)mark.line + 1;
}

static unsigned column_of(yaml_mark_t mark)
{
	return (unsigned)mark.column + 1;
}

static void complain(struct loader *loader, yaml_mark_t mark, const char *hint, const char *what)
{
	diag_add(loader->diags, DIAG_ERROR, loader->path, loader->text, line_of(mark), column_of(mark), str_of(hint), "%s", what);
}

/* libyaml says what it met; what the author most likely did: */
static const char *remedy(const char *problem)
{
	static const struct { const char *part, *hint; } remedies[] = {
		{"cannot start any token", "YAML indents with blanks, never with tabs; a value that starts with @, ` or % needs quotes"},
		{"mapping values are not allowed", "quote a text that holds a colon and a blank: 'like: this'"},
		{"unknown escape character", "write regular expressions in single quotes: '\\d+'"},
		{"expected alphabetic or numeric character", "quote a text that begins with * or &: '*like this'"},
		{"did not find expected key", "indent the keys of a map, and the items of a list, alike; within single quotes a quote is written twice: 'isn''t'"},
		{"could not find expected ':'", "a key ends in a colon and a blank"},
		{"unexpected end of stream", "close the quote"},
		{"expected ',' or ']'", "close the list with ], and quote a text that holds [ ] { } or ,"},
		{"expected ',' or '}'", "close the map with }, and quote a text that holds [ ] { } or ,"},
		{"expected node content", "a value is missing, or a text that begins with one of , ] } needs quotes"},
		{"expected '-' indicator", "indent the items of a list alike, and keys less than them"},
		{"block sequence entries are not allowed", "begin the list in a line of its own"},
		{"UTF-8", "save the file as UTF-8"},
		{"control characters", "take them out; a regular expression writes them as \\x1b"},
	};
	for (size_t i = 0; problem && i < sizeof remedies / sizeof remedies[0]; i++)
		if (strstr(problem, remedies[i].part))
			return remedies[i].hint;
	return NULL;
}

static bool next_event(struct loader *loader, yaml_event_t *event)
{
	if (yaml_parser_parse(&loader->parser, event)) {
		bool quoted = event->type == YAML_SCALAR_EVENT && event->data.scalar.style & (YAML_SINGLE_QUOTED_SCALAR_STYLE | YAML_DOUBLE_QUOTED_SCALAR_STYLE);
		loader->last_quote = quoted ? event->start_mark : loader->last_quote;
		loader->last_quote_end = quoted ? event->end_mark.line : loader->last_quote_end;
		return true;
	}
	const yaml_parser_t *parser = &loader->parser;
	yaml_mark_t mark = parser->problem_mark;
	if (parser->error == YAML_READER_ERROR) { /* the reader knows only the byte */
		mark = (yaml_mark_t){0};
		for (size_t i = 0; i < parser->problem_offset && i < loader->text.size; i++) {
			mark.column = loader->text.data[i] == '\n' ? 0 : mark.column + 1;
			mark.line += loader->text.data[i] == '\n';
		}
	}
	const yaml_mark_t *quote = &loader->last_quote;
	if (loader->last_quote_end > quote->line && parser->problem && strstr(parser->problem, "did not find expected key")) {
		diag_add(loader->diags, DIAG_ERROR, loader->path, loader->text, line_of(*quote), column_of(*quote), STR("close the quote where the text ends"),
			"the quote that begins here is closed only in line %zu", loader->last_quote_end + 1);
		return false;
	}
	bool open_quote = parser->context && parser->problem && strstr(parser->context, "quoted scalar") && strstr(parser->problem, "unexpected end of stream");
	complain(loader, open_quote ? parser->context_mark : mark, remedy(parser->problem), open_quote ? "the quote is never closed" : parser->problem ? parser->problem : "not YAML");
	return false;
}

static struct yaml_node *add_node(struct loader *loader, enum yaml_kind kind, yaml_mark_t mark)
{
	if (++loader->nodes > NODES_MAX) {
		if (loader->nodes == NODES_MAX + 1)
			complain(loader, mark, "split the file", "more than 100000 nodes");
		return NULL;
	}
	struct yaml_node *node = arena_zalloc(loader->arena, sizeof *node);
	node->kind = kind;
	node->line = line_of(mark);
	node->column = column_of(mark);
	return node;
}

static bool anchor(struct loader *loader, const yaml_char_t *name, struct yaml_node *node, yaml_mark_t mark)
{
	if (!name)
		return true;
	if (loader->anchors_count == ANCHORS_MAX) {
		complain(loader, mark, "write the values out", "more than 256 anchors");
		return false;
	}
	loader->anchors[loader->anchors_count].name = arena_copy(loader->arena, str_of((const char *)name));
	loader->anchors[loader->anchors_count++].node = node;
	return true;
}

/* An alias is a copy of its node at its own place; the cap on nodes holds for copies too. */
static struct yaml_node *copy_node(struct loader *loader, const struct yaml_node *from, yaml_mark_t mark)
{
	struct yaml_node *node = add_node(loader, from->kind, mark);
	if (!node)
		return NULL;
	struct yaml_node **tail = &node->first;
	struct yaml_node saved = *node;
	*node = *from;
	node->next = NULL;
	node->first = NULL;
	node->key = STR_NONE;
	node->key_line = node->key_column = 0;
	node->line = saved.line;
	node->column = saved.column;
	for (const struct yaml_node *child = from->first; child; child = child->next) {
		struct yaml_node *copy = copy_node(loader, child, mark);
		if (!copy)
			return NULL;
		copy->key = child->key;
		copy->key_line = child->key_line;
		copy->key_column = child->key_column;
		copy->key_quoted = child->key_quoted;
		*tail = copy;
		tail = &copy->next;
	}
	return node;
}

static struct yaml_node *alias(struct loader *loader, const yaml_event_t *event)
{
	struct str name = str_of((const char *)event->data.alias.anchor);
	for (size_t i = loader->anchors_count; i > 0; i--)
		if (str_equal(loader->anchors[i - 1].name, name))
			return copy_node(loader, loader->anchors[i - 1].node, event->start_mark);
	complain(loader, event->start_mark, "quote a text that begins with *: '*like this*'", "an alias without its anchor");
	return NULL;
}

static struct yaml_node *build(struct loader *loader, const yaml_event_t *event, unsigned depth);

static bool refuse_tag(struct loader *loader, const yaml_char_t *tag, yaml_mark_t mark)
{
	if (!tag)
		return true;
	complain(loader, mark, "leave the tag out", "tags are not supported");
	return false;
}

static struct yaml_node *build_scalar(struct loader *loader, const yaml_event_t *event)
{
	struct yaml_node *node = add_node(loader, YAML_SCALAR, event->start_mark);
	if (!node || !refuse_tag(loader, event->data.scalar.tag, event->start_mark))
		return NULL;
	node->text = arena_copy(loader->arena, (struct str){(const char *)event->data.scalar.value, event->data.scalar.length});
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return anchor(loader, event->data.scalar.anchor, node, event->start_mark) ? node : NULL;
}

static struct yaml_node *build_list(struct loader *loader, const yaml_event_t *start, unsigned depth)
{
	struct yaml_node *list = add_node(loader, YAML_LIST, start->start_mark);
	struct yaml_node **tail = list ? &list->first : NULL;
	if (!list || !refuse_tag(loader, start->data.sequence_start.tag, start->start_mark))
		return NULL;
	for (;;) {
		yaml_event_t event;
		if (!next_event(loader, &event))
			return NULL;
		bool end = event.type == YAML_SEQUENCE_END_EVENT;
		struct yaml_node *item = end ? NULL : build(loader, &event, depth + 1);
		yaml_event_delete(&event);
		if (end)
			return anchor(loader, start->data.sequence_start.anchor, list, start->start_mark) ? list : NULL;
		if (!item)
			return NULL;
		*tail = item;
		tail = &item->next;
		list->count++;
	}
}

/* One key and its value; NULL after an error. */
static struct yaml_node *build_member(struct loader *loader, const struct yaml_node *map, const yaml_event_t *key, unsigned depth)
{
	if (key->type != YAML_SCALAR_EVENT) {
		complain(loader, key->start_mark, "quote a text that begins with [ or {", "a key must be a plain text");
		return NULL;
	}
	struct str name = arena_copy(loader->arena, (struct str){(const char *)key->data.scalar.value, key->data.scalar.length});
	if (yaml_get(map, name)) {
		diag_add(loader->diags, DIAG_ERROR, loader->path, loader->text, line_of(key->start_mark), column_of(key->start_mark), STR("join them, or give one another name"),
			"the key '%.*s' stands twice, first in line %u", STR_ARGS(name), yaml_get(map, name)->key_line);
		return NULL;
	}
	yaml_event_t event;
	if (!next_event(loader, &event))
		return NULL;
	struct yaml_node *value = build(loader, &event, depth + 1);
	yaml_event_delete(&event);
	if (!value)
		return NULL;
	value->key = name;
	value->key_line = line_of(key->start_mark);
	value->key_column = column_of(key->start_mark);
	value->key_quoted = key->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return value;
}

static struct yaml_node *build_map(struct loader *loader, const yaml_event_t *start, unsigned depth)
{
	struct yaml_node *map = add_node(loader, YAML_MAP, start->start_mark);
	struct yaml_node **tail = map ? &map->first : NULL;
	if (!map || !refuse_tag(loader, start->data.mapping_start.tag, start->start_mark))
		return NULL;
	for (;;) {
		yaml_event_t key;
		if (!next_event(loader, &key))
			return NULL;
		bool end = key.type == YAML_MAPPING_END_EVENT;
		struct yaml_node *member = end ? NULL : build_member(loader, map, &key, depth);
		yaml_event_delete(&key);
		if (end)
			return anchor(loader, start->data.mapping_start.anchor, map, start->start_mark) ? map : NULL;
		if (!member)
			return NULL;
		*tail = member;
		tail = &member->next;
		map->count++;
	}
}

static struct yaml_node *build(struct loader *loader, const yaml_event_t *event, unsigned depth)
{
	if (depth > DEPTH_MAX) {
		complain(loader, event->start_mark, "write it flatter", "nested deeper than 64 levels");
		return NULL;
	}
	switch (event->type) {
	case YAML_SCALAR_EVENT: return build_scalar(loader, event);
	case YAML_SEQUENCE_START_EVENT: return build_list(loader, event, depth);
	case YAML_MAPPING_START_EVENT: return build_map(loader, event, depth);
	case YAML_ALIAS_EVENT: return alias(loader, event);
	default:
		complain(loader, event->start_mark, "write it behind the colon", "a value is missing");
		return NULL;
	}
}

/* Stream start, document start, one tree, document end, and nothing behind it. */
static struct yaml_node *build_document(struct loader *loader)
{
	struct yaml_node *root = NULL;
	for (bool done = false; !done;) {
		yaml_event_t event;
		if (!next_event(loader, &event))
			return NULL;
		bool sound = true;
		if (event.type == YAML_DOCUMENT_START_EVENT && root) {
			complain(loader, event.start_mark, "one document a file: split it into files", "a second document");
			sound = false;
		} else if (event.type == YAML_STREAM_END_EVENT) {
			done = true;
		} else if (event.type != YAML_STREAM_START_EVENT && event.type != YAML_DOCUMENT_START_EVENT && event.type != YAML_DOCUMENT_END_EVENT) {
			root = build(loader, &event, 0);
			sound = root != NULL;
		}
		yaml_event_delete(&event);
		if (!sound)
			return NULL;
	}
	if (!root)
		diag_add(loader->diags, DIAG_ERROR, loader->path, loader->text, 0, 0, STR("docs/ shows what belongs into it"), "the file is empty");
	return root;
}

struct yaml_node *yaml_parse(struct str path, struct str text, struct arena *arena, struct diag_list *diags)
{
	struct loader *loader = calloc(1, sizeof *loader);
	if (!loader || !yaml_parser_initialize(&loader->parser))
		abort();
	loader->path = path;
	loader->text = text;
	loader->arena = arena;
	loader->diags = diags;
	yaml_parser_set_input_string(&loader->parser, (const unsigned char *)(text.data ? text.data : ""), text.size);
	struct yaml_node *root = build_document(loader);
	yaml_parser_delete(&loader->parser);
	free(loader);
	return root;
}

bool yaml_read(struct str path, struct arena *arena, struct diag_list *diags, struct str *out_text)
{
	*out_text = STR_NONE;
	struct str name = arena_copy(arena, path);
	FILE *file = fopen(name.data, "rb");
	char *bytes = file ? malloc(FILE_MAX + 1) : NULL;
	size_t size = bytes ? fread(bytes, 1, FILE_MAX + 1, file) : 0;
	int problem = !bytes || ferror(file) ? errno : 0;
	if (file)
		fclose(file);
	if (problem)
		diag_add(diags, DIAG_ERROR, path, STR_NONE, 0, 0, STR_NONE, "could not read the file: %s", strerror(problem));
	else if (size > FILE_MAX)
		diag_add(diags, DIAG_ERROR, path, STR_NONE, 0, 0, STR("split it"), "larger than 1 MiB");
	else
		*out_text = arena_copy(arena, (struct str){bytes, size});
	free(bytes);
	return !problem && size <= FILE_MAX;
}

struct yaml_node *yaml_load(struct str path, struct arena *arena, struct diag_list *diags, struct str *out_text)
{
	return yaml_read(path, arena, diags, out_text) ? yaml_parse(path, *out_text, arena, diags) : NULL;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, struct str key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (const struct yaml_node *node = map->first; node; node = node->next)
		if (str_equal(node->key, key))
			return node;
	return NULL;
}

bool yaml_is_null(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && node->plain && (node->text.size == 0 || str_equal(node->text, STR("~")) || str_equal(node->text, STR("null")));
}

bool yaml_bool(const struct yaml_node *node, bool *out)
{
	if (node->kind != YAML_SCALAR || !node->plain)
		return false;
	bool yes = str_equal(node->text, STR("true")), no = str_equal(node->text, STR("false"));
	*out = yes;
	return yes || no;
}
