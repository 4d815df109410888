/* The two stages on Kafka: each with a stream of its own, on a thread of its own. `run` and `demo` differ in what stands around them. */
#ifndef APP_KAFKA_STAGES_H
#define APP_KAFKA_STAGES_H

#include "correlate_stage.h"
#include "observe_stage.h"

struct kafka_stages;
struct kafka_stages_options {
	struct setup *setup;          /* taken over by kafka_stages_reload, else the caller's */
	enum app_stages stage;
	struct str member;
	bool embedded;                /* the demo's broker */
	struct span pace, pace_wall;  /* of the observe stage when it catches up */
	struct metrics *metrics;
	enum alert_format format;     /* of the alerts on stdout */
	void *context;
	void (*alert)(void *context, struct str text, enum alert_format format); /* durable; on the correlate thread */
};

struct kafka_stages *kafka_stages_start(const struct kafka_stages_options *options);
/* The lowest clock of the correlate partitions that this process holds; INSTANT_NONE: none yet. */
struct instant kafka_stages_clock(const struct kafka_stages *stages);
/* What those partitions hold. */
void kafka_stages_figures(const struct kafka_stages *stages, struct correlate_figures *out);
/* True when a stage has stopped by itself: it said why. */
bool kafka_stages_failed(const struct kafka_stages *stages);
/* Fine: connected and committing, or idle. */
bool kafka_stages_healthy(const struct kafka_stages *stages);
/* Both stages go over to new rules and settings; waits until they have. The old setup may be released afterwards. */
void kafka_stages_reload(struct kafka_stages *stages, struct setup *setup);
/* Finish the transaction, leave the group. EXIT_FINE, or what a failed stage asks for. */
int kafka_stages_stop(struct kafka_stages *stages);
struct str member_name(const struct app_request *request, const struct config *config, struct arena *arena);
/* "<instance>-observations", "<instance>-state" */
struct str own_topic(struct arena *arena, const struct config *config, const char *what);

#endif
