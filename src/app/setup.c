#include "setup.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "skewline/decode.h"

static bool is_folder(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

struct str shipped_rules(struct arena *arena)
{
	static const char *const places[] = {"../share/skewline/rules", "../rules", "rules", "../../rules"};
	char path[4096];
	ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
	if (size <= 0)
		return STR_NONE;
	path[size] = 0;
	char *slash = strrchr(path, '/');
	if (!slash)
		return STR_NONE;
	*slash = 0;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct str folder = arena_printf(arena, "%s/%s", path, places[i]);
		if (is_folder(folder.data))
			return folder;
	}
	return is_folder(SKEWLINE_SOURCE_RULES) ? str_of(SKEWLINE_SOURCE_RULES) : STR_NONE; /* a build folder outside the tree */
}

static struct str beside(struct arena *arena, struct str config_file, struct str path)
{
	const char *slash = config_file.size ? memrchr(config_file.data, '/', config_file.size) : NULL;
	if (!path.size || path.data[0] == '/' || !slash)
		return path;
	return arena_printf(arena, "%.*s/%.*s", (int)(slash - config_file.data), config_file.data, STR_ARGS(path));
}

/* A rule path of the config is looked for beside the config file; one that is not there is a fault of the config, with its place. */
static void configured_rules(const struct app_request *request, struct setup *setup)
{
	const struct config *config = &setup->config;
	for (size_t i = 0; i < config->rules_count; i++) {
		struct config_place place = config->rules_places[i];
		struct str path = arena_copy(&setup->arena, beside(&setup->arena, request->config, config->rules[i]));
		if (path.size && access(path.data, F_OK) == 0)
			setup->rule_paths[setup->rule_paths_count++] = path;
		else if (path.size) /* an empty one was a fault before */
			diag_add(&setup->diags, DIAG_ERROR, config->file, config->text, place.line, place.column, STR("a path that does not begin with / is looked for beside this file"),
				"there is no rule file or folder '%.*s'", STR_ARGS(config->rules[i]));
	}
}

static void choose_rules(const struct app_request *request, struct setup *setup)
{
	size_t count = request->rules_count ? request->rules_count : setup->config.rules_count;
	setup->rule_paths = arena_array(&setup->arena, count ? count : 1, sizeof *setup->rule_paths);
	for (size_t i = 0; i < request->rules_count; i++)
		setup->rule_paths[setup->rule_paths_count++] = request->rules[i];
	if (!request->rules_count)
		configured_rules(request, setup);
	if (count)
		return;
	struct str shipped = shipped_rules(&setup->arena);
	if (shipped.size)
		setup->rule_paths[setup->rule_paths_count++] = shipped;
	else
		diag_add(&setup->diags, DIAG_ERROR, STR("rules"), STR_NONE, 0, 0, STR("say where they are with --rules DIR"),
			"the shipped rules were not found beside this program");
}

static void load_config(const struct app_request *request, struct setup *out)
{
	*out = (struct setup){0};
	if (request->config.size)
		config_load(request->config, &out->config, &out->diags);
	else
		config_default(&out->config);
}

void setup_load(const struct app_request *request, struct setup *out)
{
	load_config(request, out);
	choose_rules(request, out);
	struct rule_options options = {out->config.aliases, out->config.aliases_count};
	out->rules = rule_set_load(out->rule_paths, out->rule_paths_count, &options, &out->diags);
	out->alerts = (struct alert_settings){out->config.runbook_base, str_of(SKEWLINE_VERSION)};
	diag_sort(&out->diags);
}

static int refuse(struct setup *setup)
{
	if (!setup->diags.errors)
		return EXIT_FINE;
	struct buffer text = {0};
	diag_sort(&setup->diags);
	diag_print(&setup->diags, &text);
	fwrite(text.data, 1, text.size, stderr);
	fprintf(stderr, "skewline: %zu error%s in config or rules; nothing was started\n", setup->diags.errors, setup->diags.errors == 1 ? "" : "s");
	buffer_release(&text);
	return EXIT_USAGE;
}

int setup_open(const struct app_request *request, struct setup *out)
{
	setup_load(request, out);
	return refuse(out);
}

int setup_config(const struct app_request *request, struct setup *out)
{
	load_config(request, out);
	return refuse(out);
}

int setup_format(const struct app_request *request)
{
	size_t count;
	const char *const *names = decode_format_names(&count);
	struct arena arena = {0};
	struct str *words = arena_array(&arena, count + 1, sizeof *words);
	bool known = !request->format.size || str_equal(request->format, STR("auto"));
	for (size_t i = 0; i < count; i++) {
		words[i] = str_of(names[i]);
		known = known || str_equal(words[i], request->format);
	}
	words[count] = STR("auto");
	struct str near = diag_nearest(request->format, words, count + 1);
	if (!known)
		fprintf(stderr, "skewline: unknown format '%.*s'%s%.*s%s\n", STR_ARGS(request->format), near.size ? "; did you mean '" : "", STR_ARGS(near), near.size ? "'?" : "");
	arena_release(&arena);
	return known ? EXIT_FINE : EXIT_USAGE;
}

void setup_release(struct setup *setup)
{
	rule_set_free(setup->rules);
	config_release(&setup->config);
	diag_release(&setup->diags);
	arena_release(&setup->arena);
	*setup = (struct setup){0};
}
