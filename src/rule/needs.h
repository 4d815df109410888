/* What must stand in a message for a rule to match: clauses, each a set of texts (or record fields) of which one is there in every match. */
#ifndef RULE_NEEDS_H
#define RULE_NEEDS_H

#include "build.h"

enum { SHORTEST = 4, SET_MAX = 64, LITERAL_MAX = 32 };

struct literal {
	char text[LITERAL_MAX];
	size_t size;
};
struct clause {
	size_t count;
	struct literal items[SET_MAX];
	size_t fields_count;
	size_t fields[RULE_FIELDS_MAX];
};
/* Best first: longer texts are rarer, texts are rarer than fields, which a whole stream may have; of equals the smaller set. */
struct needs {
	size_t count;
	struct clause clauses[RULE_CLAUSES_MAX];
};

void needs_add(struct needs *needs, const struct clause *clause); /* "and": keeps the best */
void needs_add_text(struct needs *needs, const char *text, size_t size);
void needs_or(struct needs *needs, const struct needs *other);    /* one of the two holds */
/* Of a regular expression; nothing where it is not understood. */
void needs_of_pattern(struct str pattern, struct needs *out);
/* An anchor that the text before or behind it contradicts; its place. */
bool pattern_impossible(struct str pattern, uint32_t flags, size_t *out_offset);

#endif
