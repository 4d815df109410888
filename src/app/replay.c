/* `replay`: recorded input through the two stages; alerts on stdout. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "memory.h"
#include "output.h"
#include "skewline/stream.h"

enum { REJECT_BYTES_MAX = 64 << 10 };

struct replay {
	FILE *rejects;
	uint64_t rejected[REJECT_REASON_COUNT];
	struct buffer line;
	struct metrics *metrics;
};

static void on_alert(void *context, const struct memory_alert *alert)
{
	(void)context;
	output_line(alert->text);
}

static void on_observation(void *context, uint32_t partition, struct str key, struct str value)
{
	struct replay *replay = context;
	buffer_reset(&replay->line);
	dump_write(partition, key, value, &replay->line);
	output_line(buffer_str(&replay->line));
}

/* One line a reject: the reason, where it stood, and its bytes (base64 where they are no UTF-8). */
static void on_reject(void *context, const struct input_record *record, struct str file, uint64_t line, enum reject_reason reason, struct str detail)
{
	struct replay *replay = context;
	replay->rejected[reason]++;
	if (!replay->rejects)
		return;
	struct str value = str_first(record->value, REJECT_BYTES_MAX);
	struct buffer *out = &replay->line;
	buffer_reset(out);
	buffer_printf(out, "{\"reason\":\"%s\",\"detail\":", reject_reason_name(reason));
	buffer_add_json(out, detail);
	buffer_add_str(out, STR(",\"file\":"));
	buffer_add_json(out, file);
	buffer_printf(out, ",\"line\":%" PRIu64 ",\"length\":%zu,", line, record->value.size);
	struct str whole = str_is_utf8(value, NULL) ? value : str_cut_utf8(value, value.size);
	if (str_is_utf8(whole, NULL)) {
		buffer_add_str(out, STR("\"value\":"));
		buffer_add_json(out, whole);
	} else {
		buffer_add_str(out, STR("\"value_base64\":\""));
		base64_add(out, value);
		buffer_add_byte(out, '"');
	}
	buffer_add_str(out, STR("}\n"));
	fwrite(out->data, 1, out->size, replay->rejects);
}

static void on_note(void *context, struct str text)
{
	(void)context;
	fprintf(stderr, "skewline: %.*s\n", STR_ARGS(text));
}

static void say_rejects(const struct replay *replay, const struct app_request *request)
{
	uint64_t all = 0;
	struct buffer text = {0};
	for (int i = 0; i < REJECT_REASON_COUNT; i++) {
		all += replay->rejected[i];
		if (replay->rejected[i])
			buffer_printf(&text, "%s%s %" PRIu64, text.size ? ", " : "", reject_reason_name((enum reject_reason)i), replay->rejected[i]);
	}
	if (all)
		fprintf(stderr, "skewline: %" PRIu64 " record%s rejected (%s)%s\n", all, all == 1 ? "" : "s", text.data,
			request->rejects.size ? "" : "; --rejects FILE keeps them");
	buffer_release(&text);
}

/* Lines of a dump of the observations topic, in offset order per partition. */
static int correlate_dump(struct memory *memory, const struct app_request *request, uint32_t partitions)
{
	struct buffer error = {0};
	struct arena arena = {0};
	for (size_t i = 0; i < request->files_count && !error.size; i++) {
		struct line_file *file = line_file_open(request->files[i], 1 << 20, &error);
		struct str line, key, value, reason = STR_NONE;
		uint64_t number, size;
		while (file && line_file_next(file, &line, &number, &size, &error)) {
			uint32_t partition;
			arena_reset(&arena);
			if (dump_read(line, &arena, &partition, &key, &value, &reason) && partition < partitions) {
				memory_observation(memory, partition, key, value);
				continue;
			}
			buffer_printf(&error, "%.*s:%" PRIu64 ": %.*s", STR_ARGS(request->files[i]), number, STR_ARGS(reason.size ? reason : STR("partition beyond `partitions`")));
			break;
		}
		line_file_close(file);
	}
	memory_end(memory);
	if (error.size)
		fprintf(stderr, "skewline: %s\n", error.data);
	int status = error.size ? EXIT_ENVIRONMENT : EXIT_FINE;
	buffer_release(&error);
	arena_release(&arena);
	return status;
}

int app_replay(const struct app_request *request)
{
	struct setup setup;
	int status = setup_open(request, &setup);
	struct replay replay = {.metrics = metrics_new()};
	if (status == EXIT_FINE && request->rejects.size) {
		replay.rejects = fopen(request->rejects.data, "w");
		if (!replay.rejects) {
			perror(request->rejects.data);
			status = EXIT_ENVIRONMENT;
		}
	}
	if (status == EXIT_FINE) {
		struct memory_outputs outputs = {.context = &replay, .alert = on_alert, .reject = on_reject, .note = on_note,
			.observation = request->stage == STAGE_OBSERVE ? on_observation : NULL};
		struct memory *memory = memory_new(&setup, output_alert_format(output_choice(request->output)), request->stage, &outputs, replay.metrics);
		status = request->stage == STAGE_CORRELATE ? correlate_dump(memory, request, setup.config.partitions)
			: memory_files(memory, request->files, request->files_count, request->format);
		memory_free(memory);
		say_rejects(&replay, request);
	}
	if (replay.rejects && fclose(replay.rejects) != 0) {
		perror(request->rejects.data);
		status = EXIT_ENVIRONMENT;
	}
	if (!output_flush())
		status = EXIT_ENVIRONMENT;
	buffer_release(&replay.line);
	metrics_free(replay.metrics);
	setup_release(&setup);
	return status;
}
