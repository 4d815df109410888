/* `replay`: recorded input through the two stages; alerts on stdout. */
#include <inttypes.h>
#include <stdio.h>

#include "dump.h"
#include "json.h"
#include "lines.h"
#include "memory.h"
#include "output.h"

enum { REJECT_BYTES_MAX = 64 << 10 };

struct replay {
	enum alert_format format;
	FILE *rejects;
	uint64_t rejected[REJECT_REASON_COUNT];
	struct buffer line;
	/* of a dump */
	struct memory *memory;
	struct arena arena;
	uint32_t partitions;
	bool broken;
};

static void on_alert(void *context, const struct memory_alert *alert)
{
	struct replay *replay = context;
	output_alert(alert->text, replay->format);
}

static void on_observation(void *context, uint32_t partition, struct str key, struct str value)
{
	struct replay *replay = context;
	buffer_reset(&replay->line);
	dump_write(&(struct dump_record){partition, key, value, false}, &replay->line);
	output_line(buffer_str(&replay->line));
}

/* One line a reject: the reason, where it stood, and its bytes. */
static void on_reject(void *context, const struct merge_line *line, enum reject_reason reason, struct str detail)
{
	struct replay *replay = context;
	struct buffer *out = &replay->line;
	replay->rejected[reason]++;
	if (!replay->rejects)
		return;
	buffer_reset(out);
	buffer_printf(out, "{\"reason\":\"%s\"", reject_reason_name(reason));
	json_text(out, "detail", detail);
	json_text(out, "file", line->file);
	json_number(out, "line", (int64_t)line->number);
	json_number(out, "length", (int64_t)line->whole_size);
	json_bytes(out, "value", line->bytes, REJECT_BYTES_MAX);
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

static bool take_dumped(void *context, const struct file_line *line)
{
	struct replay *replay = context;
	struct dump_record record;
	struct str reason = STR("a partition beyond `partitions` of the config");
	arena_reset(&replay->arena);
	replay->broken = line->cut || !dump_read(line->bytes, &replay->arena, &record, &reason) || record.partition >= replay->partitions;
	if (replay->broken)
		fprintf(stderr, "skewline: %.*s:%" PRIu64 ": %.*s\n", STR_ARGS(line->file), line->number, STR_ARGS(reason));
	else if (!record.tombstone) /* see docs/kafka.md: what ends a lost transaction */
		memory_observation(replay->memory, record.partition, record.key, record.value);
	return !replay->broken;
}

/* Lines of a dump of the observations topic, in offset order within each partition. */
static int replay_dumps(struct replay *replay, const struct app_request *request)
{
	int status = EXIT_FINE;
	for (size_t i = 0; i < request->files_count && status == EXIT_FINE; i++) {
		status = each_line(request->files[i], 1 << 20, take_dumped, replay);
		if (replay->broken)
			status = EXIT_ENVIRONMENT;
	}
	memory_end(replay->memory);
	return status;
}

static int replay_all(struct replay *replay, const struct app_request *request, const struct setup *setup)
{
	struct memory_options options = {.setup = setup, .format = replay->format, .dump = request->stage == STAGE_CORRELATE};
	struct memory_outputs outputs = {.context = replay, .reject = on_reject, .note = on_note};
	if (request->stage == STAGE_OBSERVE)
		outputs.observation = on_observation;
	else
		outputs.alert = on_alert;
	struct metrics *metrics = metrics_new();
	replay->memory = memory_new(&options, &outputs, metrics);
	replay->partitions = setup->config.partitions;
	int status = options.dump ? replay_dumps(replay, request) : memory_files(replay->memory, request->files, request->files_count, request->format);
	memory_free(replay->memory);
	metrics_free(metrics);
	say_rejects(replay, request);
	return status;
}

int app_replay(const struct app_request *request)
{
	struct setup setup;
	struct replay replay = {.format = output_alert_format(output_choice(request->output))};
	int status = setup_open(request, &setup);
	if (status == EXIT_FINE)
		status = setup_format(request);
	if (status == EXIT_FINE && request->rejects.size) {
		replay.rejects = fopen(request->rejects.data, "w");
		if (!replay.rejects) {
			perror(request->rejects.data);
			status = EXIT_ENVIRONMENT;
		}
	}
	if (status == EXIT_FINE)
		status = replay_all(&replay, request, &setup);
	if (replay.rejects && fclose(replay.rejects) != 0) {
		perror(request->rejects.data);
		status = EXIT_ENVIRONMENT;
	}
	if (!output_flush())
		status = EXIT_ENVIRONMENT;
	buffer_release(&replay.line);
	arena_release(&replay.arena);
	setup_release(&setup);
	return status;
}
