/* `demo`: the whole thing on librdkafka's embedded broker, or the fleet alone to a real one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fleet.h"
#include "kafka_stages.h"
#include "log.h"
#include "output.h"
#include "pages.h"
#include "signals.h"
#include "skewline/stream.h"

enum { PARTITIONS = 4, ONCE_SECONDS_MAX = 60, END_SECONDS = 30 }; /* the last progress of an input lies up to 5 s before its last record */

/* ---- the fleet ---- */
static int feed(struct fleet *fleet, struct str bootstrap, bool own_pace, struct buffer *out_error)
{
	struct stream_feeder *feeder = stream_feeder_open(bootstrap, out_error);
	struct fleet_record record;
	bool fine = feeder != NULL;
	while (fine && !signals_stop() && fleet_next(fleet, &record)) {
		if (own_pace && instant_before(wall_clock(), record.collected))
			fine = stream_feeder_flush(feeder, out_error); /* a broker that is not there shows at once */
		while (own_pace && fine && !signals_stop() && instant_before(wall_clock(), record.collected))
			usleep(20000);
		fine = fine && stream_feeder_send(feeder, record.topic, -1, record.key, record.value, out_error);
	}
	fine = fine && stream_feeder_flush(feeder, out_error);
	stream_feeder_close(feeder);
	return fine ? EXIT_FINE : EXIT_ENVIRONMENT;
}

static void say_truth(const struct fleet *fleet)
{
	size_t count;
	const struct fleet_fault *faults = fleet_truth(fleet, &count);
	fprintf(stderr, "\nWhat was wrong in this fleet of %d minutes:\n", FLEET_MINUTES);
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "  %s %.*s\n", faults[i].lookalike ? "(only looks wrong)" : "-", STR_ARGS(faults[i].words));
}

static int feed_only(const struct app_request *request)
{
	struct buffer error = {0};
	signals_watch();
	struct fleet *fleet = fleet_new(request->seed, wall_clock());
	fprintf(stderr, "skewline: feeding %zu records to %.*s over %d minutes, topics %s and %s\n", fleet_size(fleet), STR_ARGS(request->feed), FLEET_MINUTES, FLEET_TOPIC_LOGS,
		FLEET_TOPIC_NTP);
	int status = feed(fleet, request->feed, true, &error);
	if (error.size)
		fprintf(stderr, "skewline: %s: %.*s\n", error.data, STR_ARGS(request->feed));
	else
		say_truth(fleet);
	fleet_free(fleet);
	buffer_release(&error);
	return status;
}

/* ---- the broker ---- */
/* A pause before each: two requests on each other's heels may make librdkafka 2.0.2's embedded broker sleep for a second. */
static bool make_topic(struct embedded_broker *broker, struct str name, uint32_t partitions)
{
	usleep(3000);
	return embedded_broker_topic(broker, name, partitions);
}

static bool make_topics(struct embedded_broker *broker, const struct config *config, struct arena *arena)
{
	return make_topic(broker, STR(FLEET_TOPIC_LOGS), PARTITIONS) && make_topic(broker, STR(FLEET_TOPIC_NTP), 1)
		&& make_topic(broker, own_topic(arena, config, "observations"), config->partitions)
		&& make_topic(broker, own_topic(arena, config, "state"), config->partitions) && make_topic(broker, config->outputs.alerts, 1)
		&& make_topic(broker, config->outputs.trust, 1) && (!config->outputs.rejects.size || make_topic(broker, config->outputs.rejects, 1));
}

static void configure(struct setup *setup, struct str address)
{
	struct config *config = &setup->config;
	struct arena *arena = &setup->arena;
	config->kafka = arena_array(arena, 1, sizeof *config->kafka);
	config->kafka[0] = (struct stream_property){STR("bootstrap.servers"), arena_copy(arena, address)};
	config->kafka_count = 1;
	config->inputs = arena_array(arena, 2, sizeof *config->inputs);
	config->inputs[0] = (struct config_input){STR(FLEET_TOPIC_NTP), STR("auto"), CHOICE_AUTO};
	config->inputs[1] = (struct config_input){STR(FLEET_TOPIC_LOGS), STR("auto"), CHOICE_AUTO};
	config->inputs_count = 2;
	config->partitions = PARTITIONS;
}

static void on_alert(void *context, struct str text, enum alert_format format)
{
	(void)context;
	output_alert(text, format);
	output_flush();
}

struct stage_play {
	const struct app_request *request;
	struct setup *setup;
	struct fleet *fleet;
	struct instant start;
	struct embedded_broker *broker;
	struct metrics *metrics;
};

/* Until the correlate clocks have passed the fleet's end. */
static bool watch(const struct stage_play *play, const struct kafka_stages *stages)
{
	struct instant end = instant_plus(play->start, SPAN_S(FLEET_MINUTES * 60 - END_SECONDS)), began = wall_clock();
	while (!signals_stop() && !kafka_stages_failed(stages)) {
		struct instant clock = kafka_stages_clock(stages);
		if (instant_known(clock) && !instant_before(clock, end))
			return true;
		if (instant_minus(wall_clock(), began).ns > SPAN_S(ONCE_SECONDS_MAX).ns) {
			fprintf(stderr, "skewline: the embedded broker is too slow on this machine; what came so far stands above\n");
			return false;
		}
		usleep(10000);
	}
	return false;
}

static void stay(const struct stage_play *play, const struct kafka_stages *stages)
{
	fprintf(stderr, "\nThe broker stays up at %.*s (alerts: topic %.*s) until you stop this program.\n", STR_ARGS(embedded_broker_address(play->broker)),
		STR_ARGS(play->setup->config.outputs.alerts));
	while (!signals_stop() && !kafka_stages_failed(stages))
		usleep(100000);
}

/* The stages join their groups, which takes the embedded broker 3 s, while the fleet is being fed. */
static int perform(const struct stage_play *play, struct buffer *out_error)
{
	const struct app_request *request = play->request;
	struct kafka_stages_options options = {.setup = play->setup, .member = STR("demo"), .embedded = true, .pace = SPAN_S(10),
		.pace_wall = SPAN_MS(request->once ? 20 : 160), .metrics = play->metrics,
		.format = output_alert_format(request->output == OUTPUT_AUTO ? OUTPUT_TEXT : request->output), .alert = on_alert};
	struct kafka_stages *stages = kafka_stages_start(&options);
	struct pages *pages = pages_open(request->listen, play->metrics, stages, out_error);
	bool done = false;
	if (pages)
		fprintf(stderr, "skewline: metrics on port %u\n", pages_port(pages));
	fprintf(stderr, "skewline: %d minutes of a fleet of hosts, %zu records; a few seconds, please\n\n", FLEET_MINUTES, fleet_size(play->fleet));
	if (!out_error->size && feed(play->fleet, embedded_broker_address(play->broker), false, out_error) == EXIT_FINE)
		done = watch(play, stages);
	usleep(200000); /* what is on its way becomes durable */
	if (done)
		say_truth(play->fleet);
	if (done && request->keep)
		stay(play, stages);
	pages_close(pages);
	int status = kafka_stages_stop(stages);
	return status != EXIT_FINE ? status : done || signals_stop() ? EXIT_FINE : EXIT_ENVIRONMENT;
}

static int demonstrate(const struct app_request *request, struct setup *setup, struct metrics *metrics)
{
	struct buffer error = {0};
	struct instant start = instant_of_seconds(instant_unix_s(wall_clock()) / 60 * 60 - FLEET_MINUTES * 60 - 120);
	struct stage_play play = {request, setup, fleet_new(request->seed, start), start, embedded_broker_start(&error), metrics};
	int status = EXIT_ENVIRONMENT;
	signals_watch();
	if (play.broker) {
		configure(setup, embedded_broker_address(play.broker));
		fprintf(stderr, "skewline: embedded broker at %.*s: for demonstration only, nothing on it is durable\n", STR_ARGS(embedded_broker_address(play.broker)));
		if (make_topics(play.broker, &setup->config, &setup->arena))
			status = perform(&play, &error);
		else
			buffer_printf(&error, "cannot create topics on the embedded broker");
	}
	if (error.size)
		fprintf(stderr, "skewline: %s\n", error.data);
	embedded_broker_stop(play.broker);
	fleet_free(play.fleet);
	buffer_release(&error);
	return status;
}

int app_demo(const struct app_request *request)
{
	if (request->feed.size)
		return feed_only(request);
	struct setup setup;
	int status = setup_open(request, &setup);
	struct metrics *metrics = metrics_new();
	if (status == EXIT_FINE)
		status = demonstrate(request, &setup, metrics);
	metrics_free(metrics);
	setup_release(&setup);
	return status;
}
