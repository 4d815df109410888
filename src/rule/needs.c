#include "needs.h"

static struct rule_need *new_need(struct arena *arena, enum rule_need_kind kind)
{
	struct rule_need *need = arena_zalloc(arena, sizeof *need);
	need->kind = kind;
	return need;
}

struct rule_need *need_text(struct arena *arena, struct str text)
{
	if (text.size < SHORTEST)
		return NULL;
	struct rule_need *need = new_need(arena, RULE_NEED_TEXT);
	need->text = arena_copy(arena, str_first(text, LITERAL_MAX));
	return need;
}

struct rule_need *need_of_program(struct rule_need *need)
{
	for (struct rule_need *child = need ? need->first : NULL; child; child = child->next)
		need_of_program(child);
	if (need)
		need->of_program = true;
	return need;
}

struct rule_need *need_field(struct arena *arena, size_t field)
{
	struct rule_need *need = new_need(arena, RULE_NEED_FIELD);
	need->field = field;
	return need;
}

static void append(struct rule_need *parent, struct rule_need *child)
{
	struct rule_need **tail = &parent->first;
	while (*tail)
		tail = &(*tail)->next;
	*tail = child;
}

/* A parent of the kind, with one of that kind dissolved in it. */
static struct rule_need *join(struct arena *arena, enum rule_need_kind kind, struct rule_need *a, struct rule_need *b)
{
	struct rule_need *parent = a->kind == kind ? a : new_need(arena, kind);
	if (parent != a)
		append(parent, a);
	append(parent, b->kind == kind ? b->first : b);
	return parent;
}

struct rule_need *need_and(struct arena *arena, struct rule_need *a, struct rule_need *b)
{
	return !a ? b : !b ? a : join(arena, RULE_NEED_ALL, a, b);
}

/* Where `one` stands, `other` stands in it, as a word where it is to be one. */
static bool says(const struct rule_need *one, const struct rule_need *other)
{
	if (other->kind != RULE_NEED_TEXT || one->of_program != other->of_program)
		return false;
	if (!other->begins_word && !other->ends_word)
		return str_find(one->text, other->text) >= 0;
	return str_equal(one->text, other->text) && one->begins_word >= other->begins_word && one->ends_word >= other->ends_word;
}

/* Where a shorter text of the same choice stands in it, a longer one says nothing more. */
static bool implied(const struct rule_need *one, const struct rule_need *choice)
{
	if (one->kind != RULE_NEED_TEXT)
		return false;
	if (choice->kind == RULE_NEED_TEXT)
		return says(one, choice);
	for (const struct rule_need *child = choice->first; child && choice->kind == RULE_NEED_ANY; child = child->next)
		if (says(one, child))
			return true;
	return false;
}

struct rule_need *need_or(struct arena *arena, struct rule_need *a, struct rule_need *b)
{
	if (!a || !b)
		return NULL;
	return implied(b, a) ? a : implied(a, b) ? b : join(arena, RULE_NEED_ANY, a, b);
}

size_t need_sure(const struct rule_need *need)
{
	if (!need || need->kind == RULE_NEED_FIELD)
		return 0;
	if (need->kind == RULE_NEED_TEXT)
		return need->text.size < RULE_NEED_SEARCHED || need->of_program ? 0 : need->text.size;
	size_t sure = need_sure(need->first);
	for (const struct rule_need *child = need->first->next; child; child = child->next) {
		size_t one = need_sure(child);
		sure = (need->kind == RULE_NEED_ALL) == (one > sure) ? one : sure;
	}
	return sure;
}

bool need_searchable(const struct rule_need *need)
{
	if (!need || need->kind == RULE_NEED_FIELD)
		return need;
	if (need->kind == RULE_NEED_TEXT)
		return need->text.size >= RULE_NEED_SEARCHED;
	for (const struct rule_need *child = need->first; child; child = child->next)
		if (need_searchable(child) == (need->kind == RULE_NEED_ALL))
			return need->kind == RULE_NEED_ALL;
	return need->kind == RULE_NEED_ANY;
}
