/* What must be there for a rule to match, as a tree that the loader grows in the set's arena. */
#ifndef RULE_NEEDS_H
#define RULE_NEEDS_H

#include "build.h"

enum { SHORTEST = 3, LITERAL_MAX = 32 };

/* Cut at LITERAL_MAX; NULL when the text is too short to be looked for. */
struct rule_need *need_text(struct arena *arena, struct str text);
/* The same tree, of texts in the program's name. */
struct rule_need *need_of_program(struct rule_need *need);
struct rule_need *need_field(struct arena *arena, size_t field);
/* Both hold; NULL says nothing. Children are taken over. */
struct rule_need *need_and(struct arena *arena, struct rule_need *a, struct rule_need *b);
/* One of them holds: nothing is known when nothing is known of one. */
struct rule_need *need_or(struct arena *arena, struct rule_need *a, struct rule_need *b);
/* Bytes of text that are sure to stand in a message that matches, and long enough to be searched for. */
size_t need_sure(const struct rule_need *need);
/* Whether every match holds something that can be searched for: shorter texts can only be asked about. */
bool need_searchable(const struct rule_need *need);

/* Of a regular expression; NULL where it is not understood. */
struct rule_need *need_of_pattern(struct arena *arena, struct str pattern);
/* An anchor that the text before or behind it contradicts; its place. */
bool pattern_impossible(struct str pattern, uint32_t flags, size_t *out_offset);

#endif
