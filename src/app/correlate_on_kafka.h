/* The correlate stage behind a stream: observations in; alerts, trust, feedback and state out, in one transaction. */
#ifndef APP_CORRELATE_ON_KAFKA_H
#define APP_CORRELATE_ON_KAFKA_H

#include "kafka_stages.h"

struct correlate_on_kafka;
struct correlate_on_kafka *correlate_on_kafka_open(const struct kafka_stages_options *options, struct buffer *out_error);
void correlate_on_kafka_close(struct correlate_on_kafka *stage); /* the stream has been closed */
struct stream *correlate_on_kafka_stream(struct correlate_on_kafka *stage);
const struct stream_handler *correlate_on_kafka_handler(struct correlate_on_kafka *stage);
void correlate_on_kafka_renew(void *stage, struct setup *setup);
/* Why its state cannot be used; empty: it can. */
struct str correlate_on_kafka_broken(struct correlate_on_kafka *stage);
void correlate_on_kafka_figures(struct correlate_on_kafka *stage, struct correlate_figures *out);
struct instant correlate_on_kafka_clock(struct correlate_on_kafka *stage);

#endif
