/* The second stage with its doors: records of the observations topic in, effects out. Kafka and memory use it alike. */
#ifndef APP_CORRELATE_STAGE_H
#define APP_CORRELATE_STAGE_H

#include "skewline/correlate.h"
#include "skewline/metric.h"

struct correlate_outputs {
	void *context;
	void (*alert)(void *context, const struct incident_revision *revision);
	void (*trust)(void *context, const struct trust_record *trust);
	/* A record for another (or the same) observations partition. */
	void (*feedback)(void *context, uint32_t partition, struct str key, struct str value);
	void (*state)(void *context, uint32_t partition, struct str key, struct str value, bool tombstone); /* may be NULL */
	void (*trace)(void *context, struct instant at, struct str host, struct str text);                   /* may be NULL */
	/* A record that is no observation. */
	void (*refused)(void *context, uint32_t partition, struct str reason);
	/* A limit is reached, and something is not watched: said once for each limit. */
	void (*limit)(void *context, struct str text);
};

struct correlate_stage;
struct correlate_stage *correlate_stage_new(const struct correlate_settings *settings, uint32_t partitions, const struct correlate_outputs *outputs,
	struct metrics *metrics);
void correlate_stage_free(struct correlate_stage *stage);
/* Reloaded thresholds, overrides, silences: `settings` must stay alive until the next change. */
void correlate_stage_settings(struct correlate_stage *stage, const struct correlate_settings *settings);

/* Takes up a partition, empty; forgets what it held. */
void correlate_stage_assign(struct correlate_stage *stage, uint32_t partition);
void correlate_stage_revoke(struct correlate_stage *stage, uint32_t partition);
bool correlate_stage_restore(struct correlate_stage *stage, uint32_t partition, struct str key, struct str value, struct str *out_reason);
void correlate_stage_restored(struct correlate_stage *stage, uint32_t partition);
void correlate_stage_record(struct correlate_stage *stage, uint32_t partition, struct str key, struct str value);
/* The same, without its wire form. */
void correlate_stage_observation(struct correlate_stage *stage, uint32_t partition, const struct observation *observation);
/* Before a commit: the state of everything touched. */
void correlate_stage_flush(struct correlate_stage *stage);
/* The lowest clock of the assigned partitions; INSTANT_NONE while one has none. */
struct instant correlate_stage_clock(const struct correlate_stage *stage);
void correlate_stage_figures(const struct correlate_stage *stage, struct correlate_figures *out);

#endif
