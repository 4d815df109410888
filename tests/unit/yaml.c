/* Positions, kinds and refusals of the tree over YAML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "skewline/yaml.h"

static void tree(void **state)
{
	(void)state;
	struct arena arena = {0};
	struct diag_list diags = {0};
	struct yaml_node *root = yaml_parse(STR("f"), STR("title: x\nlist:\n  - 1\n  - 'true'\nbase: &b {k: v}\nmore: *b\nempty:\n"), &arena, &diags);
	assert_non_null(root);
	assert_int_equal(diags.count, 0);
	const struct yaml_node *list = yaml_get(root, STR("list"));
	assert_true(list->kind == YAML_LIST && list->count == 2 && list->key_line == 2 && list->key_column == 1 && list->line == 3 && list->column == 3);
	assert_true(list->first->plain && !list->first->next->plain && list->first->next->line == 4 && list->first->next->column == 5);
	bool value;
	assert_false(yaml_bool(list->first->next, &value));
	assert_true(str_equal(yaml_get(yaml_get(root, STR("more")), STR("k"))->text, STR("v")));
	assert_true(yaml_is_null(yaml_get(root, STR("empty"))));
	assert_null(yaml_get(root, STR("absent")));
	diag_release(&diags);
	arena_release(&arena);
}

static void refusals(void **state)
{
	(void)state;
	static const struct { const char *in, *want; unsigned line, column; } rows[] = {
		{"a: 1\nb: 2\na: 3\n", "the key 'a' stands twice, first in line 1", 3, 1},
		{"a: !!str 1\n", "tags are not supported", 1, 4},
		{"a: 1\n---\nb: 2\n", "a second document", 2, 1},
		{"a: *nowhere\n", "an alias without its anchor", 1, 4},
		{"a: [1, 2\n", "did not find expected ',' or ']'", 2, 1},
		{"a:\n\tb: 1\n", "found character that cannot start any token", 2, 1},
		{"", "the file is empty", 0, 0},
		{"? [x]\n: 1\n", "a key must be a plain text", 1, 3},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena arena = {0};
		struct diag_list diags = {0};
		assert_null(yaml_parse(STR("f"), str_of(rows[i].in), &arena, &diags));
		assert_int_equal(diags.errors, 1);
		if (!str_equal(diags.items[0].message, str_of(rows[i].want)) || diags.items[0].line != rows[i].line || diags.items[0].column != rows[i].column)
			fail_msg("%s: %.*s at %u:%u", rows[i].in, STR_ARGS(diags.items[0].message), diags.items[0].line, diags.items[0].column);
		diag_release(&diags);
		arena_release(&arena);
	}
}

/* Ten levels of ten aliases each would be 10^10 nodes. */
static void bomb(void **state)
{
	(void)state;
	struct buffer text = {0};
	struct arena arena = {0};
	struct diag_list diags = {0};
	buffer_add_str(&text, STR("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"));
	for (int i = 1; i < 10; i++)
		buffer_printf(&text, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
			i - 1, i - 1, i - 1);
	assert_null(yaml_parse(STR("f"), buffer_str(&text), &arena, &diags));
	assert_int_equal(diags.errors, 1);
	assert_true(arena.total < 64 << 20);
	diag_release(&diags);
	buffer_release(&text);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(tree), cmocka_unit_test(refusals), cmocka_unit_test(bomb)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
