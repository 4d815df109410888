/* The observe stage behind a stream: input topics in, observations and rejects out. */
#ifndef APP_OBSERVE_ON_KAFKA_H
#define APP_OBSERVE_ON_KAFKA_H

#include "kafka_stages.h"

struct observe_on_kafka;
struct observe_on_kafka *observe_on_kafka_open(const struct kafka_stages_options *options, struct buffer *out_error);
void observe_on_kafka_close(struct observe_on_kafka *stage); /* the stream has been closed */
struct stream *observe_on_kafka_stream(struct observe_on_kafka *stage);
const struct stream_handler *observe_on_kafka_handler(struct observe_on_kafka *stage);
void observe_on_kafka_renew(void *stage, struct setup *setup);

#endif
