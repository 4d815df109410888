#include "kafka_stages.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "observe_on_kafka.h"
#include "correlate_on_kafka.h"

enum { OBSERVE, CORRELATE, STAGES };

struct worker {
	struct kafka_stages *stages;
	pthread_t thread;
	bool started;
	_Atomic bool failed, connected;
	_Atomic unsigned generation;   /* of the setup that it works with */
	int status;
};

struct kafka_stages {
	struct kafka_stages_options options;
	struct arena arena;
	_Atomic bool stop;
	_Atomic int64_t clock;
	int64_t looked_at; /* our clock, seconds; the correlate thread's */
	struct { _Atomic uint64_t hosts, suspects, incidents_open, bytes; } figures;
	_Atomic unsigned generation;
	struct setup *_Atomic setup;
	struct worker workers[STAGES];
};

struct str own_topic(struct arena *arena, const struct config *config, const char *what)
{
	return arena_printf(arena, "%.*s-%s", STR_ARGS(config->instance), what);
}

struct str member_name(const struct app_request *request, const struct config *config, struct arena *arena)
{
	const char *environment = getenv("SKEWLINE_MEMBER");
	char host[256] = "1";
	if (request->member.size)
		return request->member;
	if (config->member.size)
		return config->member;
	if (environment && *environment)
		return str_of(environment);
	gethostname(host, sizeof host - 1);
	return arena_copy(arena, str_of(host));
}

static void log_text(const struct config *config, int level, const char *room, struct str text)
{
	static const enum log_level LEVELS[] = {LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO};
	log_line(config, LEVELS[level < 0 || level > 2 ? 0 : level], room, "%.*s", STR_ARGS(text));
}

/* One stage's life: run its stream until told to stop, or until it cannot go on. `look` publishes what others may see; false, with a
 * reason: it cannot go on. */
static void work(struct worker *worker, const char *room, struct stream *stream, const struct stream_handler *handler, void (*renew)(void *, struct setup *),
	bool (*look)(struct kafka_stages *, void *, struct buffer *))
{
	struct kafka_stages *stages = worker->stages;
	struct buffer text = {0};
	while (!atomic_load(&stages->stop)) {
		unsigned generation = atomic_load(&stages->generation);
		if (generation != atomic_load(&worker->generation)) {
			renew(handler->context, atomic_load(&stages->setup));
			atomic_store(&worker->generation, generation);
		}
		enum stream_status status = stream_run_once(stream, handler, &text);
		atomic_store(&worker->connected, status == STREAM_OK);
		bool fine = status != STREAM_FATAL && (!look || look(stages, handler->context, &text));
		if (fine)
			continue;
		log_text(&atomic_load(&stages->setup)->config, 0, room, buffer_str(&text));
		worker->status = EXIT_ENVIRONMENT;
		break;
	}
	stream_close(stream, handler);
	buffer_release(&text);
}

static bool look_at_correlate(struct kafka_stages *stages, void *stage, struct buffer *out_text)
{
	struct str broken = correlate_on_kafka_broken(stage);
	int64_t second = instant_unix_s(wall_clock());
	atomic_store(&stages->clock, correlate_on_kafka_clock(stage).ns);
	if (second != stages->looked_at) { /* counting costs a walk over all hosts */
		stages->looked_at = second;
		struct correlate_figures figures;
		correlate_on_kafka_figures(stage, &figures);
		atomic_store(&stages->figures.hosts, figures.hosts);
		atomic_store(&stages->figures.suspects, figures.suspects);
		atomic_store(&stages->figures.incidents_open, figures.incidents_open);
		atomic_store(&stages->figures.bytes, figures.bytes);
	}
	if (!broken.size)
		return true;
	buffer_reset(out_text);
	buffer_add_str(out_text, broken);
	return false;
}

static void *observe_thread(void *context)
{
	struct worker *worker = context;
	struct kafka_stages *stages = worker->stages;
	struct buffer error = {0};
	struct observe_on_kafka *stage = observe_on_kafka_open(&stages->options, &error);
	if (stage)
		work(worker, "observe", observe_on_kafka_stream(stage), observe_on_kafka_handler(stage), observe_on_kafka_renew, NULL);
	else {
		log_text(&stages->options.setup->config, 0, "observe", buffer_str(&error));
		worker->status = EXIT_USAGE;
	}
	observe_on_kafka_close(stage);
	buffer_release(&error);
	atomic_store(&worker->failed, worker->status != EXIT_FINE);
	return NULL;
}

static void *correlate_thread(void *context)
{
	struct worker *worker = context;
	struct kafka_stages *stages = worker->stages;
	struct buffer error = {0};
	struct correlate_on_kafka *stage = correlate_on_kafka_open(&stages->options, &error);
	if (stage)
		work(worker, "correlate", correlate_on_kafka_stream(stage), correlate_on_kafka_handler(stage), correlate_on_kafka_renew, look_at_correlate);
	else {
		log_text(&stages->options.setup->config, 0, "correlate", buffer_str(&error));
		worker->status = EXIT_USAGE;
	}
	correlate_on_kafka_close(stage);
	buffer_release(&error);
	atomic_store(&worker->failed, worker->status != EXIT_FINE);
	return NULL;
}

struct kafka_stages *kafka_stages_start(const struct kafka_stages_options *options)
{
	struct kafka_stages *stages = calloc(1, sizeof *stages);
	if (!stages)
		abort();
	stages->options = *options;
	stages->options.member = arena_copy(&stages->arena, options->member);
	atomic_store(&stages->clock, INSTANT_NONE.ns);
	atomic_store(&stages->setup, options->setup);
	for (int i = 0; i < STAGES; i++) {
		struct worker *worker = &stages->workers[i];
		worker->stages = stages;
		if ((options->stage == STAGE_OBSERVE && i == CORRELATE) || (options->stage == STAGE_CORRELATE && i == OBSERVE))
			continue;
		if (pthread_create(&worker->thread, NULL, i == OBSERVE ? observe_thread : correlate_thread, worker) != 0)
			abort();
		worker->started = true;
	}
	return stages;
}

struct instant kafka_stages_clock(const struct kafka_stages *stages)
{
	return (struct instant){atomic_load(&((struct kafka_stages *)(uintptr_t)stages)->clock)};
}

void kafka_stages_figures(const struct kafka_stages *given, struct correlate_figures *out)
{
	struct kafka_stages *stages = (struct kafka_stages *)(uintptr_t)given;
	*out = (struct correlate_figures){.hosts = (uint32_t)atomic_load(&stages->figures.hosts), .suspects = (uint32_t)atomic_load(&stages->figures.suspects),
		.incidents_open = (uint32_t)atomic_load(&stages->figures.incidents_open), .bytes = atomic_load(&stages->figures.bytes)};
}

bool kafka_stages_failed(const struct kafka_stages *stages)
{
	for (int i = 0; i < STAGES; i++)
		if (stages->workers[i].started && atomic_load(&((struct kafka_stages *)(uintptr_t)stages)->workers[i].failed))
			return true;
	return false;
}

bool kafka_stages_healthy(const struct kafka_stages *stages)
{
	for (int i = 0; i < STAGES; i++)
		if (stages->workers[i].started && !atomic_load(&((struct kafka_stages *)(uintptr_t)stages)->workers[i].connected))
			return false;
	return !kafka_stages_failed(stages);
}

void kafka_stages_reload(struct kafka_stages *stages, struct setup *setup)
{
	atomic_store(&stages->setup, setup);
	unsigned generation = atomic_fetch_add(&stages->generation, 1) + 1;
	for (int i = 0; i < STAGES; i++)
		while (stages->workers[i].started && !atomic_load(&stages->workers[i].failed) && atomic_load(&stages->workers[i].generation) != generation)
			usleep(1000);
}

int kafka_stages_stop(struct kafka_stages *stages)
{
	int status = EXIT_FINE;
	atomic_store(&stages->stop, true);
	for (int i = 0; i < STAGES; i++) {
		if (!stages->workers[i].started)
			continue;
		pthread_join(stages->workers[i].thread, NULL);
		if (stages->workers[i].status > status)
			status = stages->workers[i].status;
	}
	arena_release(&stages->arena);
	free(stages);
	return status;
}
