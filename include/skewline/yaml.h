/* A positioned tree over libyaml's events, for rules and config only: every node knows its line and column.
 *
 * Anchors and aliases resolve (with a cap on nodes against bombs); duplicate keys, tags, a second document and a file over 1 MiB are errors. */
#ifndef SKEWLINE_YAML_H
#define SKEWLINE_YAML_H

#include "skewline/diag.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	unsigned line, column;    /* from 1 */
	struct str text;          /* scalar */
	bool plain;               /* scalar written without quotes: null, true, 12 may be meant */
	struct str key;           /* in a map: the key of this node, with its place */
	unsigned key_line, key_column;
	bool key_quoted;
	struct yaml_node *first, *next; /* children; siblings */
	size_t count;
};

/* NULL after an error, which was added to `diags`. `out_text` gets the file's bytes (for source lines). */
struct yaml_node *yaml_load(struct str path, struct arena *arena, struct diag_list *diags, struct str *out_text);
/* The file's bytes alone; false after an error, which was added. */
bool yaml_read(struct str path, struct arena *arena, struct diag_list *diags, struct str *out_text);
struct yaml_node *yaml_parse(struct str path, struct str text, struct arena *arena, struct diag_list *diags);
const struct yaml_node *yaml_get(const struct yaml_node *map, struct str key); /* NULL: absent or not a map */
bool yaml_is_null(const struct yaml_node *node);
bool yaml_bool(const struct yaml_node *node, bool *out);

#endif
