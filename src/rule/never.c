/* Conditions that no record can fulfil. */
#include "build.h"

enum { PARTS_MAX = 128 };

struct parts {
	uint32_t nodes[PARTS_MAX]; /* all of which must hold */
	size_t count;
};

static void gather(const struct build *build, uint32_t index, unsigned depth, struct parts *parts)
{
	const struct rule_node *node = &build->nodes[index];
	for (uint32_t i = 0; node->kind == RULE_NODE_AND && i < node->count && depth < 40; i++)
		gather(build, node->first_child + i, depth + 1, parts);
	if (node->kind != RULE_NODE_AND && parts->count < PARTS_MAX)
		parts->nodes[parts->count++] = index;
}

static bool same(const struct build *build, uint32_t a, uint32_t b, unsigned depth)
{
	const struct rule_node *x = &build->nodes[a], *y = &build->nodes[b];
	if (x->kind != y->kind || x->count != y->count || depth > 40)
		return false;
	if (x->kind == RULE_NODE_LEAF)
		return x->leaf == y->leaf;
	for (uint32_t i = 0; i < x->count; i++)
		if (!same(build, x->first_child + i, y->first_child + i, depth + 1))
			return false;
	return true;
}

/* The leaf asks for one whole text. */
static const struct rule_leaf *exact(const struct build *build, uint32_t index)
{
	const struct rule_node *node = &build->nodes[index];
	const struct rule_leaf *leaf = node->kind == RULE_NODE_LEAF ? &build->leaves[node->leaf] : NULL;
	if (!leaf || leaf->operation != RULE_REGEX || leaf->own || !str_starts(leaf->pattern, STR("\\A")) || !str_ends(leaf->pattern, STR("\\z"))
		|| str_find(leaf->pattern, STR("(?s:.")) >= 0)
		return NULL;
	return leaf;
}

static bool at_odds(const struct build *build, uint32_t a, uint32_t b)
{
	const struct rule_leaf *x = exact(build, a), *y = exact(build, b);
	return x && y && x->field == y->field && x->wanted == y->wanted && !str_equal_folded(x->pattern, y->pattern);
}

void warn_never(struct build *build, uint32_t root, const struct yaml_node *condition)
{
	struct parts parts = {.count = 0};
	gather(build, root, 0, &parts);
	for (size_t i = 0; i < parts.count; i++)
		for (size_t j = 0; j < parts.count; j++) {
			const struct rule_node *veto = &build->nodes[parts.nodes[j]];
			if (veto->kind == RULE_NODE_NOT && same(build, parts.nodes[i], veto->first_child, 0)) {
				warn(build, condition, STR("take one of them out"), "the condition can never hold: it asks for a search and against it");
				return;
			}
			if (j > i && at_odds(build, parts.nodes[i], parts.nodes[j])) {
				const struct rule_leaf *leaf = exact(build, parts.nodes[j]), *first = exact(build, parts.nodes[i]);
				diag_add(build->diags, DIAG_WARNING, build->path, build->text, leaf->line, leaf->column, STR("a list of values means any of them"),
					"no record can reach this rule: `%.*s` cannot be '%.*s' (line %u) and '%.*s'", STR_ARGS(leaf->key), STR_ARGS(first->value), first->line,
					STR_ARGS(leaf->value));
				return;
			}
		}
}
