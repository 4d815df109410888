/* `test`: the tests that stand beside rules, and scenario files. */
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "output.h"
#include "scenario.h"
#include "setup.h"
#include "skewline/match.h"

struct failure {
	struct str suite, name, file, text; /* suite: "rules" or "scenarios" */
	unsigned line;
};

struct testing {
	struct arena arena;
	struct failure *items;
	size_t count, capacity;
	size_t rules_run, scenarios_run;
};

static void add(struct testing *testing, struct str suite, struct str name, struct str file, unsigned line, struct str text)
{
	if (testing->count == testing->capacity) {
		testing->capacity = testing->capacity ? testing->capacity * 2 : 32;
		testing->items = realloc(testing->items, testing->capacity * sizeof *testing->items);
		if (!testing->items)
			abort();
	}
	struct arena *arena = &testing->arena;
	testing->items[testing->count++] = (struct failure){suite, arena_copy(arena, name), arena_copy(arena, file), arena_copy(arena, text), line};
}

static void on_rule(void *context, const struct rule *rule, const struct rule_test *test, struct str text)
{
	add(context, STR("rules"), rule->info.title, rule->info.file, test->line, text);
}

static void on_scenario(void *context, struct str file, unsigned line, struct str text)
{
	add(context, STR("scenarios"), file, file, line, text);
}

static void put_failures(const struct testing *testing, enum app_output output)
{
	struct buffer line = {0};
	for (size_t i = 0; i < testing->count; i++) {
		const struct failure *failure = &testing->items[i];
		buffer_reset(&line);
		if (output == OUTPUT_TEXT) {
			buffer_printf(&line, "%.*s:%u: failed: %.*s: %.*s", STR_ARGS(failure->file), failure->line, STR_ARGS(failure->name), STR_ARGS(failure->text));
		} else {
			buffer_add_str(&line, STR("{\"kind\":\"failure\""));
			json_text(&line, "suite", failure->suite);
			json_text(&line, "name", failure->name);
			json_text(&line, "file", failure->file);
			json_number(&line, "line", failure->line);
			json_text(&line, "text", failure->text);
			buffer_add_byte(&line, '}');
		}
		output_line(buffer_str(&line));
	}
	buffer_reset(&line);
	if (output == OUTPUT_TEXT)
		buffer_printf(&line, "%zu rule tests, %zu scenarios, %zu failed", testing->rules_run, testing->scenarios_run, testing->count);
	else
		buffer_printf(&line, "{\"kind\":\"summary\",\"rule_tests\":%zu,\"scenarios\":%zu,\"failed\":%zu}", testing->rules_run, testing->scenarios_run, testing->count);
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

static void add_suite(struct buffer *out, const struct testing *testing, struct str suite, size_t run)
{
	size_t failed = 0;
	for (size_t i = 0; i < testing->count; i++)
		failed += str_equal(testing->items[i].suite, suite);
	buffer_printf(out, "  <testsuite name=\"%.*s\" tests=\"%zu\" failures=\"%zu\">\n", STR_ARGS(suite), run, failed);
	for (size_t i = 0; i < testing->count; i++) {
		const struct failure *failure = &testing->items[i];
		if (!str_equal(failure->suite, suite))
			continue;
		buffer_add_str(out, STR("    <testcase classname=\""));
		add_xml(out, failure->file);
		buffer_add_str(out, STR("\" name=\""));
		add_xml(out, failure->name);
		buffer_printf(out, ", line %u\"><failure message=\"", failure->line);
		add_xml(out, failure->text);
		buffer_add_str(out, STR("\"/></testcase>\n"));
	}
	for (size_t i = failed; i < run; i++)
		buffer_printf(out, "    <testcase classname=\"%.*s\" name=\"passed %zu\"/>\n", STR_ARGS(suite), i - failed + 1);
	buffer_add_str(out, STR("  </testsuite>\n"));
}

static int write_junit(const struct testing *testing, struct str path)
{
	struct buffer out = {0};
	buffer_printf(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%zu\" failures=\"%zu\">\n", testing->rules_run + testing->scenarios_run,
		testing->count);
	add_suite(&out, testing, STR("rules"), testing->rules_run);
	add_suite(&out, testing, STR("scenarios"), testing->scenarios_run);
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
		testing.rules_run = rule_tests_run(setup.rules, on_rule, &testing);
		for (size_t i = 0; i < request->files_count && status == EXIT_FINE; i++, testing.scenarios_run++)
			status = scenario_run(&setup, request->files[i], on_scenario, &testing);
	}
	if (status == EXIT_FINE) {
		put_failures(&testing, output_choice(request->output));
		status = testing.count ? EXIT_FINDINGS : EXIT_FINE;
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
