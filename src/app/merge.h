/* Several files as one input: records in order of their `collected` time, ties by the record's bytes, however the records were
 * cut into files and the files were named. Files without `collected` come in the order given.
 *
 * A file may be out of order within itself by less than half of its window; a record displaced further comes late, as it would
 * on Kafka. Memory: MERGE_BYTES in all, shared by the files; of many files only those are open
 * whose time has come, so that an archive of thousands is no trouble. */
#ifndef APP_MERGE_H
#define APP_MERGE_H

#include "skewline/buffer.h"
#include "skewline/time.h"

struct merge_line {
	struct str bytes;
	struct str file;
	uint64_t number;     /* of the line in its file, from 1 */
	uint64_t whole_size; /* of the line */
	bool cut;            /* `bytes` is only its head: it was longer than record_bytes_max */
	/* Its place in the merged order. A line without a time takes that of the next one with a time: where it stands depends on how the
	 * records were cut into files, and nobody else's place may. */
	uint64_t ordinal;
};

struct merge;
/* Blank lines are no records. `key_of` gives the time to order by, INSTANT_NONE when the record has none. NULL with a text after a failure to open. */
struct merge *merge_open(const struct str *files, size_t count, size_t record_bytes_max,
	struct instant (*key_of)(void *context, struct str record), void *context, struct buffer *out_error);
/* False at the end, or after a read error (out_error not empty). The line is valid until the next call. */
bool merge_next(struct merge *merge, struct merge_line *out, struct buffer *out_error);
/* False: too few of the records have `collected`, and they come in the order given. */
bool merge_ordered(const struct merge *merge);
void merge_close(struct merge *merge);

#endif
