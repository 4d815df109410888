/* `check`: every error and warning of config and rules, and the config that is in force. */
#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "output.h"
#include "review.h"

static void add_diag(struct buffer *out, const struct diag *diag)
{
	buffer_printf(out, "{\"level\":\"%s\"", diag->level == DIAG_ERROR ? "error" : "warning");
	json_text(out, "file", diag->file);
	json_number(out, "line", diag->line);
	json_number(out, "column", diag->column);
	json_text(out, "message", diag->message);
	json_text_or_null(out, "hint", diag->hint);
	buffer_add_str(out, STR("}\n"));
}

static void add_summary(struct buffer *out, const struct setup *setup, struct str config)
{
	buffer_printf(out, "{\"level\":\"summary\",\"errors\":%zu,\"warnings\":%zu,\"rules\":%zu,\"ruleset_hash\":\"%016" PRIx64 "\"", setup->diags.errors,
		setup->diags.warnings, rule_set_count(setup->rules), rule_set_hash(setup->rules));
	json_text(out, "config", config);
	buffer_add_str(out, STR("}\n"));
}

/* Valid YAML when there is nothing to complain about. */
static void add_text(struct buffer *out, const struct setup *setup, struct str config)
{
	diag_print(&setup->diags, out);
	if (!setup->diags.count)
		buffer_add_str(out, config);
	buffer_printf(out, "# %zu rules, %zu error%s, %zu warning%s\n", rule_set_count(setup->rules), setup->diags.errors, setup->diags.errors == 1 ? "" : "s",
		setup->diags.warnings, setup->diags.warnings == 1 ? "" : "s");
}

/* For machines on stdout, for people on stderr. */
static void add_json(struct buffer *out, const struct setup *setup, struct str config)
{
	struct buffer text = {0};
	for (size_t i = 0; i < setup->diags.count; i++)
		add_diag(out, &setup->diags.items[i]);
	add_summary(out, setup, config);
	diag_print(&setup->diags, &text);
	fwrite(text.data ? text.data : "", 1, text.size, stderr);
	buffer_release(&text);
}

int app_check(const struct app_request *request)
{
	struct setup setup;
	struct buffer out = {0}, config = {0};
	setup_load(request, &setup);
	review_rules(&setup);
	config_print(&setup.config, &config);
	(output_choice(request->output) == OUTPUT_TEXT ? add_text : add_json)(&out, &setup, buffer_str(&config));
	int status = setup.diags.errors ? EXIT_FINDINGS : EXIT_FINE;
	if (!output_line(buffer_str(&out)) || !output_flush())
		status = EXIT_ENVIRONMENT;
	buffer_release(&out);
	buffer_release(&config);
	setup_release(&setup);
	return status;
}
