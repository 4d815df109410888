/* `run`: the daemon. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kafka_stages.h"
#include "log.h"
#include "output.h"
#include "pages.h"
#include "signals.h"
#include "watch.h"

enum { TICK_US = 50000, TICKS_PER_LOOK = 20 };

static volatile sig_atomic_t signalled_stop, signalled_reload;

static void on_stop(int number)
{
	(void)number;
	signalled_stop = 1;
}

static void on_reload(int number)
{
	(void)number;
	signalled_reload = 1;
}

void signals_watch(void)
{
	struct sigaction stop = {.sa_handler = on_stop}, reload = {.sa_handler = on_reload};
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGHUP, &reload, NULL);
}

bool signals_stop(void)
{
	return signalled_stop != 0;
}

static void on_alert(void *context, struct str text, enum alert_format format)
{
	(void)context;
	output_alert(text, format);
	output_flush();
}

/* New rules and config, or the old ones and the reason. */
static struct setup *reload(const struct app_request *request, struct setup *old, struct kafka_stages *stages, struct metrics *metrics)
{
	struct setup *setup = calloc(1, sizeof *setup);
	if (!setup)
		abort();
	setup_load(request, setup);
	struct str restart = setup->diags.errors ? STR_NONE : config_needs_restart(&old->config, &setup->config);
	if (!setup->diags.errors && !restart.size) {
		kafka_stages_reload(stages, setup);
		log_line(&old->config, LEVEL_INFO, "app", "reloaded: %zu rules, rule set %016llx", rule_set_count(setup->rules), (unsigned long long)rule_set_hash(setup->rules));
		metric_add(metrics, METRIC_RELOADS, 1);
		return setup;
	}
	struct buffer text = {0};
	diag_print(&setup->diags, &text);
	fwrite(text.data ? text.data : "", 1, text.size, stderr);
	if (restart.size)
		log_line(&old->config, LEVEL_ERROR, "app", "needs a restart: %.*s; the old rules and config stay", STR_ARGS(restart));
	else
		log_line(&old->config, LEVEL_ERROR, "app", "%zu errors; the old rules and config stay", setup->diags.errors);
	metric_add(metrics, METRIC_RELOADS_FAILED, 1);
	buffer_release(&text);
	setup_release(setup);
	free(setup);
	return old;
}

/* Until told to stop, or a stage stops. Returns the setup in force. */
static struct setup *wait_for_signals(const struct app_request *request, struct setup *first, struct kafka_stages *stages, struct metrics *metrics)
{
	struct setup *setup = first;
	struct watch watch = watch_of(first->rule_paths, first->rule_paths_count);
	for (unsigned tick = 1; !signals_stop() && !kafka_stages_failed(stages); tick++) {
		usleep(TICK_US);
		bool changed = tick % TICKS_PER_LOOK == 0 && watch_changed(&watch, setup->rule_paths, setup->rule_paths_count);
		if (changed)
			log_line(&setup->config, LEVEL_INFO, "app", "rule files changed");
		if (!signalled_reload && !changed)
			continue;
		signalled_reload = 0;
		watch = watch_of(setup->rule_paths, setup->rule_paths_count); /* before the reload: what changes meanwhile is seen later */
		struct setup *renewed = reload(request, setup, stages, metrics);
		if (renewed != setup && setup != first) { /* the first config stays: topics, instance and outputs are read from it */
			setup_release(setup);
			free(setup);
		}
		setup = renewed;
	}
	return setup;
}

static int serve(const struct app_request *request, struct setup *first, struct metrics *metrics)
{
	struct arena arena = {0};
	struct buffer error = {0};
	struct kafka_stages_options options = {.setup = first, .stage = request->stage, .member = member_name(request, &first->config, &arena),
		.pace = SPAN_S(15), .pace_wall = SPAN_MS(100), .metrics = metrics, .format = output_alert_format(output_choice(request->output)), .alert = on_alert};
	signals_watch();
	struct kafka_stages *stages = kafka_stages_start(&options);
	struct pages *pages = pages_open(request->listen.size ? request->listen : first->config.listen, metrics, stages, &error);
	if (error.size)
		log_line(&first->config, LEVEL_ERROR, "web", "%s", error.data);
	else if (pages)
		log_line(&first->config, LEVEL_INFO, "web", "metrics on port %u", pages_port(pages));
	struct setup *setup = error.size ? first : wait_for_signals(request, first, stages, metrics);
	pages_close(pages);
	int status = kafka_stages_stop(stages);
	if (error.size)
		status = EXIT_ENVIRONMENT;
	log_line(&first->config, LEVEL_INFO, "app", status == EXIT_FINE ? "stopped" : "stopped after an error");
	if (setup != first) {
		setup_release(setup);
		free(setup);
	}
	buffer_release(&error);
	arena_release(&arena);
	return status;
}

int app_run(const struct app_request *request)
{
	struct setup setup;
	int status = setup_open(request, &setup);
	struct metrics *metrics = metrics_new();
	if (status == EXIT_FINE)
		status = serve(request, &setup, metrics);
	metrics_free(metrics);
	setup_release(&setup);
	return status;
}
