/* What must be there for a rule to match, over its condition tree. The matcher looks for it; a rule without any runs on every record. */
#include "needs.h"

/* Case folding beyond ASCII is left to the regular expression: only ASCII runs are sure. */
static struct rule_need *need_of_text(struct arena *arena, struct str text)
{
	struct rule_need *need = NULL;
	char run[LITERAL_MAX];
	size_t size = 0;
	for (size_t i = 0; i <= text.size; i++) {
		bool ascii = i < text.size && (unsigned char)text.data[i] < 0x80;
		if (!ascii || size == LITERAL_MAX) {
			need = need_and(arena, need, need_text(arena, (struct str){run, size}));
			size = 0;
		}
		if (ascii)
			run[size++] = ascii_lower(text.data[i]);
	}
	return need;
}

static struct rule_need *need_of_leaf(struct build *build, uint32_t index)
{
	const struct rule_leaf *leaf = &build->leaves[index];
	bool absent = leaf->operation == RULE_NULL || (leaf->operation == RULE_EXISTS && !leaf->exists);
	if (leaf->field == RULE_FIELD_WANTED && !absent)
		return need_field(&build->set->arena, leaf->wanted);
	if ((leaf->field != RULE_FIELD_MESSAGE && leaf->field != RULE_FIELD_PROGRAM) || leaf->operation != RULE_REGEX)
		return NULL;
	struct str literal = build->literals[index];
	struct rule_need *need = literal.size ? need_of_text(&build->set->arena, literal) : need_of_pattern(&build->set->arena, leaf->pattern);
	return leaf->field == RULE_FIELD_PROGRAM ? need_of_program(need) : need;
}

static struct rule_need *need_of_node(struct build *build, uint32_t index, unsigned depth)
{
	const struct rule_node *node = &build->nodes[index];
	struct rule_need *need = NULL;
	if (node->kind == RULE_NODE_LEAF)
		return need_of_leaf(build, node->leaf);
	for (uint32_t i = 0; node->kind != RULE_NODE_NOT && i < node->count && depth < 40; i++) {
		struct rule_need *child = need_of_node(build, node->first_child + i, depth + 1);
		need = node->kind == RULE_NODE_AND ? need_and(&build->set->arena, need, child) : i == 0 ? child : need_or(&build->set->arena, need, child);
	}
	return need;
}

void build_literals(struct build *build, uint32_t root)
{
	for (uint32_t i = 0; i < build->leaves_count; i++)
		if (build->leaves[i].field == RULE_FIELD_MESSAGE)
			build->leaves[i].need = need_of_leaf(build, i);
	struct rule_need *need = need_of_node(build, root, 0);
	build->rule.need = need_searchable(need) ? need : NULL;
}
