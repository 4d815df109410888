/* `test`: the tests that stand beside rules, and scenario files. */
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "output.h"
#include "scenario.h"
#include "setup.h"
#include "skewline/match.h"

struct result {
	struct str suite, name, file; /* suite: "rules" or "scenarios" */
	struct str text, detail;      /* of a failure; empty text: passed */
	unsigned line;
};

struct testing {
	struct arena arena;
	struct result *items;
	size_t count, capacity;
	size_t failed, rules_run, scenarios_run;
};

static void add(struct testing *testing, struct result result)
{
	if (testing->count == testing->capacity) {
		testing->capacity = testing->capacity ? testing->capacity * 2 : 32;
		testing->items = realloc(testing->items, testing->capacity * sizeof *testing->items);
		if (!testing->items)
			abort();
	}
	struct arena *arena = &testing->arena;
	testing->failed += result.text.size > 0;
	testing->items[testing->count++] = (struct result){result.suite, arena_copy(arena, result.name), arena_copy(arena, result.file),
		arena_copy(arena, result.text), arena_copy(arena, result.detail), result.line};
}

static void on_failed_rule(void *context, const struct rule_failure *failure)
{
	const struct rule_info *info = &failure->rule->info;
	add(context, (struct result){STR("rules"), info->title, info->file, failure->text, failure->detail, failure->test->line});
}

static void on_passed_rule(void *context, const struct rule *rule, const struct rule_test *test)
{
	add(context, (struct result){STR("rules"), rule->info.title, rule->info.file, STR_NONE, STR_NONE, test->line});
}

static void on_scenario(void *context, struct str file, unsigned line, struct str text)
{
	add(context, (struct result){STR("scenarios"), file, file, text, STR_NONE, line});
}

static void add_failure(struct buffer *out, const struct result *failure, enum app_output output)
{
	if (output == OUTPUT_TEXT) {
		buffer_printf(out, "%.*s:%u: failed: %.*s: %.*s\n", STR_ARGS(failure->file), failure->line, STR_ARGS(failure->name), STR_ARGS(failure->text));
		buffer_add_str(out, failure->detail);
		out->size--; /* output_line ends the line */
		return;
	}
	buffer_add_str(out, STR("{\"kind\":\"failure\""));
	json_text(out, "suite", failure->suite);
	json_text(out, "name", failure->name);
	json_text(out, "file", failure->file);
	json_number(out, "line", failure->line);
	json_text(out, "text", failure->text);
	json_text_or_null(out, "detail", failure->detail);
	buffer_add_byte(out, '}');
}

static void put_failures(const struct testing *testing, enum app_output output)
{
	struct buffer line = {0};
	for (size_t i = 0; i < testing->count; i++) {
		buffer_reset(&line);
		if (!testing->items[i].text.size)
			continue;
		add_failure(&line, &testing->items[i], output);
		output_line(buffer_str(&line));
	}
	buffer_reset(&line);
	if (output == OUTPUT_TEXT)
		buffer_printf(&line, "%zu rule tests, %zu scenarios, %zu failed", testing->rules_run, testing->scenarios_run, testing->failed);
	else
		buffer_printf(&line, "{\"kind\":\"summary\",\"rule_tests\":%zu,\"scenarios\":%zu,\"failed\":%zu}", testing->rules_run, testing->scenarios_run, testing->failed);
	output_line(buffer_str(&line));
	buffer_release(&line);
}

/* XML 1.0 knows no control characters but these three, not even escaped. */
static void add_xml(struct buffer *out, struct str text)
{
	for (size_t i = 0; i < text.size; i++) {
		char byte = text.data[i];
		if (byte == '&' || byte == '<' || byte == '"')
			buffer_add_str(out, byte == '&' ? STR("&amp;") : byte == '<' ? STR("&lt;") : STR("&quot;"));
		else
			buffer_add_byte(out, (unsigned char)byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' ? '?' : byte);
	}
}

static void add_case(struct buffer *out, const struct result *result)
{
	buffer_add_str(out, STR("    <testcase classname=\""));
	add_xml(out, result->file);
	buffer_add_str(out, STR("\" name=\""));
	add_xml(out, result->name);
	buffer_printf(out, ", line %u\"", result->line);
	if (!result->text.size) {
		buffer_add_str(out, STR("/>\n"));
		return;
	}
	buffer_add_str(out, STR("><failure message=\""));
	add_xml(out, result->text);
	buffer_add_str(out, STR("\">"));
	add_xml(out, result->detail);
	buffer_add_str(out, STR("</failure></testcase>\n"));
}

static void add_suite(struct buffer *out, const struct testing *testing, struct str suite)
{
	size_t run = 0, failed = 0;
	for (size_t i = 0; i < testing->count; i++)
		if (str_equal(testing->items[i].suite, suite)) {
			run++;
			failed += testing->items[i].text.size > 0;
		}
	buffer_printf(out, "  <testsuite name=\"%.*s\" tests=\"%zu\" failures=\"%zu\">\n", STR_ARGS(suite), run, failed);
	for (size_t i = 0; i < testing->count; i++)
		if (str_equal(testing->items[i].suite, suite))
			add_case(out, &testing->items[i]);
	buffer_add_str(out, STR("  </testsuite>\n"));
}

static int write_junit(const struct testing *testing, struct str path)
{
	struct buffer out = {0};
	buffer_printf(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%zu\" failures=\"%zu\">\n", testing->count, testing->failed);
	add_suite(&out, testing, STR("rules"));
	add_suite(&out, testing, STR("scenarios"));
	buffer_add_str(&out, STR("</testsuites>\n"));
	FILE *file = fopen(path.data, "w");
	bool written = file && fwrite(out.data, 1, out.size, file) == out.size;
	written = (!file || fclose(file) == 0) && written;
	if (!written)
		perror(path.data);
	buffer_release(&out);
	return written ? EXIT_FINE : EXIT_ENVIRONMENT;
}

int app_test(const struct app_request *request)
{
	struct setup setup;
	struct testing testing = {0};
	int status = setup_open(request, &setup);
	if (status == EXIT_FINE) {
		testing.rules_run = rule_tests_run(setup.rules, on_failed_rule, on_passed_rule, &testing);
		for (size_t i = 0; i < request->files_count && status == EXIT_FINE; i++, testing.scenarios_run++) {
			size_t failed = testing.failed;
			status = scenario_run(&setup, request->files[i], on_scenario, &testing);
			if (status == EXIT_FINE && testing.failed == failed)
				on_scenario(&testing, request->files[i], 1, STR_NONE);
		}
	}
	if (status == EXIT_FINE) {
		put_failures(&testing, output_choice(request->output));
		status = testing.failed ? EXIT_FINDINGS : EXIT_FINE;
		if (request->junit.size && write_junit(&testing, request->junit) != EXIT_FINE)
			status = EXIT_ENVIRONMENT;
	}
	if (!output_flush())
		status = EXIT_ENVIRONMENT;
	free(testing.items);
	arena_release(&testing.arena);
	setup_release(&setup);
	return status;
}
