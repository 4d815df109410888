#include "correlate_stage.h"

#include <assert.h>
#include <stdlib.h>

struct correlate_stage {
	const struct correlate_settings *settings;
	uint32_t count;
	struct correlate_partition **partitions; /* NULL: not assigned */
	struct correlate_outputs outputs;
	struct metrics *metrics;
	struct effects effects;
	struct arena arena;   /* of one record */
	struct buffer packed;
	bool limit_said[METRIC_COUNT];
};

struct correlate_stage *correlate_stage_new(const struct correlate_settings *settings, uint32_t partitions, const struct correlate_outputs *outputs,
	struct metrics *metrics)
{
	struct correlate_stage *stage = calloc(1, sizeof *stage);
	if (!stage)
		abort();
	stage->settings = settings;
	stage->count = partitions;
	stage->partitions = calloc(partitions, sizeof *stage->partitions);
	if (!stage->partitions)
		abort();
	stage->outputs = *outputs;
	stage->metrics = metrics;
	return stage;
}

void correlate_stage_free(struct correlate_stage *stage)
{
	if (!stage)
		return;
	for (uint32_t i = 0; i < stage->count; i++)
		correlate_stage_revoke(stage, i);
	effects_release(&stage->effects);
	arena_release(&stage->arena);
	buffer_release(&stage->packed);
	free(stage->partitions);
	free(stage);
}

void correlate_stage_settings(struct correlate_stage *stage, const struct correlate_settings *settings)
{
	stage->settings = settings;
	for (uint32_t i = 0; i < stage->count; i++)
		if (stage->partitions[i])
			correlate_partition_settings(stage->partitions[i], settings);
}

void correlate_stage_revoke(struct correlate_stage *stage, uint32_t partition)
{
	assert(partition < stage->count);
	if (stage->partitions[partition])
		correlate_partition_free(stage->partitions[partition]);
	stage->partitions[partition] = NULL;
}

void correlate_stage_assign(struct correlate_stage *stage, uint32_t partition)
{
	correlate_stage_revoke(stage, partition);
	stage->partitions[partition] = correlate_partition_new(stage->settings, partition, stage->count);
}

bool correlate_stage_restore(struct correlate_stage *stage, uint32_t partition, struct str key, struct str value, struct str *out_reason)
{
	return correlate_restore(stage->partitions[partition], key, value, out_reason);
}

void correlate_stage_restored(struct correlate_stage *stage, uint32_t partition)
{
	correlate_restored(stage->partitions[partition]);
}

static void send_feedback(struct correlate_stage *stage, uint32_t partition, const struct observation *observation)
{
	buffer_reset(&stage->packed);
	bool fits = observation_pack(observation, &stage->packed);
	assert(fits && "feedback is capped");
	metric_add(stage->metrics, METRIC_FEEDBACK_WRITTEN, 1);
	stage->outputs.feedback(stage->outputs.context, partition, observation->subject, buffer_str(&stage->packed));
}

/* All findings are counted; those of a limit are worth a word. */
static void take_finding(struct correlate_stage *stage, const struct effect *effect)
{
	enum metric metric = metric_of_finding(str_of(effect->finding.name));
	bool limit = metric == METRIC_FINDING_HOSTS_MAX || metric == METRIC_FINDING_SUSPECTS_MAX || metric == METRIC_FINDING_FEEDBACK_DROPPED;
	metric_add(stage->metrics, metric, 1);
	if (!limit || stage->limit_said[metric])
		return;
	stage->limit_said[metric] = true;
	buffer_reset(&stage->packed);
	buffer_printf(&stage->packed, "%.*s: %.*s (said once; counted as skewline_finding_%s_total)", STR_ARGS(effect->finding.subject), STR_ARGS(effect->finding.detail),
		effect->finding.name);
	stage->outputs.limit(stage->outputs.context, buffer_str(&stage->packed));
}

static void carry_out(struct correlate_stage *stage, uint32_t partition, const struct effect *effect)
{
	const struct correlate_outputs *outputs = &stage->outputs;
	switch (effect->kind) {
	case EFFECT_ALERT:
		metric_add(stage->metrics, METRIC_ALERTS_WRITTEN, 1);
		outputs->alert(outputs->context, effect->alert);
		break;
	case EFFECT_FEEDBACK: send_feedback(stage, effect->feedback.partition, effect->feedback.observation); break;
	case EFFECT_TRUST:
		metric_add(stage->metrics, METRIC_TRUST_WRITTEN, 1);
		outputs->trust(outputs->context, effect->trust);
		break;
	case EFFECT_STATE:
		if (!outputs->state)
			break;
		metric_add(stage->metrics, METRIC_STATE_WRITTEN, 1);
		outputs->state(outputs->context, partition, effect->state.key, effect->state.value, effect->state.tombstone);
		break;
	case EFFECT_FINDING: take_finding(stage, effect); break;
	case EFFECT_TRACE:
		if (outputs->trace)
			outputs->trace(outputs->context, effect->trace.at, effect->trace.host, effect->trace.text);
		break;
	}
}

static void carry_out_all(struct correlate_stage *stage, uint32_t partition)
{
	for (size_t i = 0; i < stage->effects.count; i++)
		carry_out(stage, partition, &stage->effects.items[i]);
	effects_reset(&stage->effects);
}

void correlate_stage_record(struct correlate_stage *stage, uint32_t partition, struct str key, struct str value)
{
	struct observation observation;
	struct str reason;
	assert(partition < stage->count && stage->partitions[partition]);
	arena_reset(&stage->arena);
	metric_add(stage->metrics, METRIC_OBSERVATIONS_READ, 1);
	if (!observation_unpack(value, key, &stage->arena, &observation, &reason)) {
		metric_add(stage->metrics, METRIC_OBSERVATIONS_REFUSED, 1);
		stage->outputs.refused(stage->outputs.context, partition, reason);
		return;
	}
	correlate_step(stage->partitions[partition], &observation, &stage->effects);
	carry_out_all(stage, partition);
}

void correlate_stage_observation(struct correlate_stage *stage, uint32_t partition, const struct observation *observation)
{
	assert(partition < stage->count && stage->partitions[partition]);
	metric_add(stage->metrics, METRIC_OBSERVATIONS_READ, 1);
	correlate_step(stage->partitions[partition], observation, &stage->effects);
	carry_out_all(stage, partition);
}

void correlate_stage_flush(struct correlate_stage *stage)
{
	for (uint32_t i = 0; i < stage->count; i++) {
		if (!stage->partitions[i])
			continue;
		correlate_flush(stage->partitions[i], &stage->effects);
		carry_out_all(stage, i);
	}
}

struct instant correlate_stage_clock(const struct correlate_stage *stage)
{
	struct instant lowest = INSTANT_NONE;
	for (uint32_t i = 0; i < stage->count; i++) {
		if (!stage->partitions[i])
			continue;
		struct instant clock = correlate_clock(stage->partitions[i]);
		if (!instant_known(clock))
			return INSTANT_NONE;
		lowest = instant_known(lowest) ? instant_min(lowest, clock) : clock;
	}
	return lowest;
}

void correlate_stage_figures(const struct correlate_stage *stage, struct correlate_figures *out)
{
	*out = (struct correlate_figures){0};
	for (uint32_t i = 0; i < stage->count; i++) {
		struct correlate_figures one;
		if (!stage->partitions[i])
			continue;
		correlate_figures(stage->partitions[i], &one);
		out->hosts += one.hosts;
		out->suspects += one.suspects;
		out->incidents_open += one.incidents_open;
		out->bytes += one.bytes;
	}
}
