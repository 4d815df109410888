/* The paths that a scan picks out, as a tree, and the way down it by a key of the text. */
#ifndef DECODE_SCAN_TREE_H
#define DECODE_SCAN_TREE_H

#include <endian.h>
#include <string.h>

#include "skewline/arena.h"

/* A key as numbers, so that comparing takes no call: its first and its last eight bytes (a key of eight or less: all of it and 0). */
struct key_print {
	uint64_t head, tail;
};

struct node {
	struct str name;
	struct key_print print;
	struct node *first, *sibling;   /* children, in order of arrival */
	struct node **slots;            /* the children by slot_of, no two in one; NULL: a leaf */
	uint64_t factor;                /* for which that is so */
	unsigned shift;
	bool deep;                      /* some child has children: a key with dots may lead there */
	int32_t path; /* -1: only a way to others */
};

/* Path i ends at a node with that number. */
void tree_build(struct node *root, const struct str *paths, size_t count, struct arena *arena);
/* From `node` down a key that may hold dots itself. `end`: up to where the text may be read. NULL: none of our paths leads there. */
const struct node *tree_follow(const struct node *node, struct str key, const char *end);

#endif
