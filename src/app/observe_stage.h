/* The first stage with its doors: input partitions in, packed observations and rejects out. Kafka, files and memory use it alike. */
#ifndef APP_OBSERVE_STAGE_H
#define APP_OBSERVE_STAGE_H

#include "skewline/metric.h"
#include "skewline/observe.h"
#include "setup.h"

struct observe_outputs {
	void *context;
	/* Both stages in one place: the observation itself, valid during the call. Set, it replaces `observation`. */
	void (*direct)(void *context, uint32_t partition, const struct observation *observation);
	/* One observation as a record of the observations topic. */
	void (*observation)(void *context, uint32_t partition, struct str key, struct str value);
	void (*reject)(void *context, const struct input_record *record, enum reject_reason reason, struct str detail);
	void (*note)(void *context, struct str input, struct str text);
};

struct observe_stage;
struct observe_stage *observe_stage_new(const struct config *config, const struct rule_set *rules, uint32_t partitions,
	const struct observe_outputs *outputs, struct metrics *metrics);
void observe_stage_free(struct observe_stage *stage);
void observe_stage_rules(struct observe_stage *stage, const struct rule_set *rules);
/* The number of observations partitions, once it is known; before the first record. */
void observe_stage_partitions(struct observe_stage *stage, uint32_t partitions);

/* Takes up an input partition; `resume` as committed. Forgets an earlier one of that name. */
struct input_partition *observe_stage_assign(struct observe_stage *stage, struct str topic, int32_t partition, struct str format,
	enum reference_choice choice, struct str resume);
void observe_stage_revoke(struct observe_stage *stage, struct str topic, int32_t partition);
struct input_partition *observe_stage_input(struct observe_stage *stage, struct str topic, int32_t partition); /* NULL: not assigned */

void observe_stage_record(struct observe_stage *stage, struct input_partition *input, const struct input_record *record);
void observe_stage_idle(struct observe_stage *stage, struct input_partition *input);
void observe_stage_end(struct observe_stage *stage, struct input_partition *input);

#endif
