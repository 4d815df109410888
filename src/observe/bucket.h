/* Transit buckets of one input partition: (host, stream, 10 s of reference time) -> count, the three largest x with their
 * times, the smallest x, the finest grain.
 *
 * All buckets close together: when the partition's time leaves the 10 s in which they were opened, when it is idle, or at the
 * cap. So at the first record of the oldest open bucket no bucket was open, and re-reading from there rebuilds them exactly. */
#ifndef OBSERVE_BUCKET_H
#define OBSERVE_BUCKET_H

#include "skewline/observation.h"
#include "skewline/table.h"

#define BUCKET_SPAN SPAN_S(10)

struct bucket {
	struct str key;       /* host, 0, stream, 0, start */
	struct str host, stream;
	struct instant last;  /* the reference of the newest record in it */
	struct transit_observation transit;
};

struct buckets {
	struct arena arena;
	struct table table;
	struct bucket *rows;
	size_t count, capacity, most;
};

void buckets_init(struct buckets *buckets, size_t most);
void buckets_release(struct buckets *buckets);
bool buckets_full(const struct buckets *buckets);
void buckets_add(struct buckets *buckets, struct str host, struct str stream, struct instant reference, struct span x, struct span grain,
	bool clock_rows);
void buckets_clear(struct buckets *buckets);
/* Start of the 10 s that hold the instant. */
struct instant bucket_start(struct instant at);

#endif
