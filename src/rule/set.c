#define PCRE2_CODE_UNIT_WIDTH 8
#include "load.h"

#include <dirent.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 10000, FOLDER_DEPTH_MAX = 16 };

struct file_list {
	struct arena arena;
	struct str *items;
	size_t count, capacity;
};

static void add_file(struct file_list *list, struct str path)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 64;
		list->items = realloc(list->items, list->capacity * sizeof *list->items);
		if (!list->items)
			abort();
	}
	list->items[list->count++] = arena_copy(&list->arena, path);
}

static bool is_yaml(struct str name)
{
	return str_ends(name, STR(".yml")) || str_ends(name, STR(".yaml"));
}

static void collect(struct file_list *list, struct str path, unsigned depth, struct diag_list *diags)
{
	struct stat status;
	struct str name = arena_copy(&list->arena, path);
	if (stat(name.data, &status) != 0) {
		diag_add(diags, DIAG_ERROR, path, STR_NONE, 0, 0, STR("say where the rules are with --rules DIR or `rules:`"), "no such file or folder");
		return;
	}
	if (!S_ISDIR(status.st_mode)) {
		add_file(list, path);
		return;
	}
	DIR *folder = depth < FOLDER_DEPTH_MAX ? opendir(name.data) : NULL;
	if (!folder) {
		diag_add(diags, DIAG_ERROR, path, STR_NONE, 0, 0, STR("look at its permissions; 16 levels are followed"), "could not open the folder");
		return;
	}
	for (struct dirent *entry; (entry = readdir(folder)) && list->count < FILES_MAX;) {
		struct str child = arena_printf(&list->arena, "%.*s/%s", STR_ARGS(path), entry->d_name);
		bool inner = entry->d_name[0] != '.' && stat(child.data, &status) == 0 && S_ISDIR(status.st_mode);
		if (inner)
			collect(list, child, depth + 1, diags);
		else if (entry->d_name[0] != '.' && is_yaml(child))
			add_file(list, child);
	}
	closedir(folder);
}

static int by_name(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static struct rule_set *empty_set(void)
{
	struct rule_set *set = calloc(1, sizeof *set);
	if (!set)
		abort();
	return set;
}

struct rule_set *rule_set_parse(struct str path, struct str text, const struct rule_options *options, struct diag_list *diags)
{
	struct rule_set *set = empty_set();
	rule_load_text(set, path, text, options, diags);
	return set;
}

struct rule_set *rule_set_load(const struct str *paths, size_t count, const struct rule_options *options, struct diag_list *diags)
{
	struct rule_set *set = empty_set();
	struct file_list list = {0};
	for (size_t i = 0; i < count; i++) {
		size_t before = list.count;
		collect(&list, paths[i], 0, diags);
		/* the order within a folder is the names', whatever the file system says */
		if (list.count > before)
			qsort(list.items + before, list.count - before, sizeof *list.items, by_name);
	}
	for (size_t i = 0; i < list.count; i++)
		rule_load_file(set, list.items[i], options, diags);
	free(list.items);
	arena_release(&list.arena);
	return set;
}

void rule_leaf_release(const struct rule_leaf *leaf)
{
	if (leaf->regex)
		pcre2_code_free(leaf->regex->code);
}

void rule_set_free(struct rule_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->rules[i].leaves_count; j++)
			rule_leaf_release(&set->rules[i].leaves[j]);
	free(set->rules);
	arena_release(&set->arena);
	free(set);
}

uint64_t rule_set_hash(const struct rule_set *set)
{
	return set->hash;
}

size_t rule_set_count(const struct rule_set *set)
{
	return set->count;
}

const struct rule *rule_set_rule(const struct rule_set *set, size_t index)
{
	return &set->rules[index];
}

const struct str *rule_set_fields(const struct rule_set *set, size_t *out_count)
{
	*out_count = set->fields_count;
	return set->fields;
}
