/* The rejects topic: records that could not be read, as they came, with headers that say why and where they stood. */
#ifndef APP_REJECT_TOPIC_H
#define APP_REJECT_TOPIC_H

#include "skewline/observe.h"
#include "skewline/stream.h"

struct reject_topic;
/* The name must live on. */
struct reject_topic *reject_topic_new(struct str name);
void reject_topic_free(struct reject_topic *topic);
/* Inside handler calls of the stream. `record` is the reject's own, with its headers. Beyond 1,000 a second of one input partition it
 * is only counted... */
void reject_topic_put(struct reject_topic *topic, struct stream *stream, const struct stream_record *record, enum reject_reason reason, struct str detail);
/* ...and one record a transaction names the reasons and their ranges of offsets: what is not told before the commit would be lost by a
 * crash after it. */
void reject_topic_before_commit(struct reject_topic *topic, struct stream *stream);
/* The transaction was aborted: its records come again. */
void reject_topic_forget(struct reject_topic *topic);

#endif
