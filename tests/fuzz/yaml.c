/* Any text as YAML: a tree whose places lie in the text, or an error with its place; never both. */
#include "fuzz.h"
#include "skewline/yaml.h"

static void check(const struct yaml_node *node, unsigned lines, unsigned depth)
{
	size_t count = 0;
	HOLDS(depth <= 65 && node->line >= 1 && node->line <= lines + 1 && node->column >= 1);
	for (const struct yaml_node *child = node->first; child; child = child->next, count++) {
		HOLDS(node->kind != YAML_SCALAR && (node->kind == YAML_MAP) == (child->key_line > 0));
		if (node->kind == YAML_MAP)
			HOLDS(yaml_get(node, child->key) == child); /* keys are unique */
		check(child, lines, depth + 1);
	}
	HOLDS(count == node->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct diag_list diags = {0};
	struct str text = fuzz_text(data, size);
	unsigned lines = 1;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r' || data[i] >= 0x80; /* YAML breaks lines at U+0085, U+2028 and U+2029 too */
	const struct yaml_node *root = yaml_parse(STR("fuzz.yaml"), text, &arena, &diags);
	HOLDS((root != NULL) == (diags.errors == 0));
	if (root)
		check(root, lines, 0);
	diag_release(&diags);
	arena_release(&arena);
	return 0;
}
