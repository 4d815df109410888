/* What must be there for a rule to match, over its condition tree. The matcher looks for it; a rule without any runs on every record. */
#include "needs.h"

/* Case folding beyond ASCII is left to the regular expression: only ASCII runs are sure. */
static void needs_of_text(struct str text, struct needs *out)
{
	char run[LITERAL_MAX];
	size_t size = 0;
	for (size_t i = 0; i < text.size; i++) {
		bool ascii = (unsigned char)text.data[i] < 0x80;
		if (!ascii || size == LITERAL_MAX) {
			needs_add_text(out, run, size);
			size = 0;
		}
		if (ascii)
			run[size++] = ascii_lower(text.data[i]);
	}
	needs_add_text(out, run, size);
}

static void needs_of_leaf(const struct build *build, uint32_t index, struct needs *out)
{
	const struct rule_leaf *leaf = &build->leaves[index];
	bool absent = leaf->operation == RULE_NULL || (leaf->operation == RULE_EXISTS && !leaf->exists);
	if (leaf->field == RULE_FIELD_WANTED && !absent)
		needs_add(out, &(struct clause){.fields_count = 1, .fields = {leaf->wanted}});
	else if (leaf->field == RULE_FIELD_MESSAGE && build->literals[index].size)
		needs_of_text(build->literals[index], out);
	else if (leaf->field == RULE_FIELD_MESSAGE && leaf->operation == RULE_REGEX)
		needs_of_pattern(leaf->pattern, out);
}

static void needs_of_node(const struct build *build, uint32_t index, unsigned depth, struct needs *out)
{
	const struct rule_node *node = &build->nodes[index];
	struct needs child;
	*out = (struct needs){0};
	if (node->kind == RULE_NODE_LEAF)
		needs_of_leaf(build, node->leaf, out);
	if (node->kind == RULE_NODE_LEAF || node->kind == RULE_NODE_NOT || depth > 40)
		return;
	for (uint32_t i = 0; i < node->count; i++) {
		needs_of_node(build, node->first_child + i, depth + 1, &child);
		if (node->kind == RULE_NODE_OR && i > 0)
			needs_or(out, &child);
		else
			for (size_t j = 0; j < child.count; j++)
				needs_add(out, &child.clauses[j]);
	}
}

static void keep_clause(struct build *build, const struct clause *from, struct rule_clause *out)
{
	struct arena *arena = &build->set->arena;
	struct str *texts = arena_array(arena, from->count, sizeof *texts);
	size_t *fields = arena_array(arena, from->fields_count, sizeof *fields);
	for (size_t i = 0; i < from->count; i++)
		texts[i] = arena_copy(arena, (struct str){from->items[i].text, from->items[i].size});
	for (size_t i = 0; i < from->fields_count; i++)
		fields[i] = from->fields[i];
	*out = (struct rule_clause){from->count, texts, from->fields_count, fields};
}

void build_literals(struct build *build, uint32_t root)
{
	struct needs needs;
	needs_of_node(build, root, 0, &needs);
	for (size_t i = 0; i < needs.count; i++)
		keep_clause(build, &needs.clauses[i], &build->rule.clauses[i]);
	build->rule.clauses_count = needs.count;
}
