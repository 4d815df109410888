#include "axis.h"

#include <stdlib.h>
#include <string.h>

/* One of the hosts that spoke last. */
struct member {
	uint64_t host, turn; /* of its last line that says when it was written */
	int64_t said_ns;
};

struct held {
	struct merge_line line; /* its bytes lie in `bytes` */
	struct buffer bytes;
	uint64_t turn;
};

struct axis {
	struct merge *merge;
	axis_stamp_of stamp_of;
	void *context;
	struct held *ring; /* of AXIS_LINES; NULL: nothing is held back */
	size_t first, count, bytes;
	bool ended, handed_out; /* the first of the ring is with the caller */
	struct member members[AXIS_HOSTS];
	size_t members_count;
	uint64_t turn;
};

struct axis *axis_new(struct merge *merge, axis_stamp_of stamp_of, void *context)
{
	struct axis *axis = calloc(1, sizeof *axis);
	if (!axis)
		abort();
	*axis = (struct axis){.merge = merge, .stamp_of = stamp_of, .context = context};
	if (merge_ordered(merge))
		return axis; /* nothing is held back */
	axis->ring = calloc(AXIS_LINES, sizeof *axis->ring);
	if (!axis->ring)
		abort();
	return axis;
}

void axis_free(struct axis *axis)
{
	if (!axis)
		return;
	for (size_t i = 0; axis->ring && i < AXIS_LINES; i++)
		buffer_release(&axis->ring[i].bytes);
	free(axis->ring);
	free(axis);
}

/* A new host takes the place of the one that has been silent longest. */
static void speaks(struct axis *axis, uint64_t host, struct instant said)
{
	size_t slot = 0, silent = 0;
	for (; slot < axis->members_count && axis->members[slot].host != host; slot++)
		if (axis->members[slot].turn < axis->members[silent].turn)
			silent = slot;
	if (slot == axis->members_count)
		slot = axis->members_count < AXIS_HOSTS ? axis->members_count++ : silent;
	axis->members[slot] = (struct member){host, axis->turn, said.ns};
}

static int by_value(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return (left > right) - (left < right);
}

/* Three of four hosts have spoken since: what is stale or behind is then less than half of the stamps. */
static struct instant time_of(const struct axis *axis, uint64_t turn)
{
	int64_t said[AXIS_HOSTS];
	size_t since = 0;
	for (size_t i = 0; i < axis->members_count; i++) {
		since += axis->members[i].turn > turn;
		said[i] = axis->members[i].said_ns;
	}
	if (axis->members_count < AXIS_HOSTS_LEAST || since * 4 < axis->members_count * 3)
		return INSTANT_NONE;
	qsort(said, axis->members_count, sizeof *said, by_value);
	return (struct instant){said[axis->members_count / 2]};
}

/* Who has said nothing for as long as lines are held back is not waited for. */
static void forget_silent(struct axis *axis, uint64_t turn)
{
	size_t kept = 0;
	for (size_t i = 0; i < axis->members_count; i++)
		if (axis->members[i].turn > turn)
			axis->members[kept++] = axis->members[i];
	axis->members_count = kept;
}

static bool read_one(struct axis *axis, struct buffer *out_error)
{
	struct held *held = &axis->ring[(axis->first + axis->count) % AXIS_LINES];
	uint64_t host;
	struct instant said;
	if (!merge_next(axis->merge, &held->line, out_error))
		return false;
	buffer_reset(&held->bytes);
	buffer_add_str(&held->bytes, held->line.bytes);
	held->line.bytes = buffer_str(&held->bytes);
	held->turn = ++axis->turn;
	axis->count++;
	axis->bytes += held->line.bytes.size;
	if (!held->line.cut && axis->stamp_of(axis->context, held->line.bytes, &host, &said))
		speaks(axis, host, said);
	return true;
}

static void hand_back(struct axis *axis)
{
	struct held *held = &axis->ring[axis->first];
	axis->bytes -= held->line.bytes.size;
	if (held->bytes.capacity > AXIS_BYTES / AXIS_LINES * 4)
		buffer_release(&held->bytes);
	axis->first = (axis->first + 1) % AXIS_LINES;
	axis->count--;
	axis->handed_out = false;
}

bool axis_next(struct axis *axis, struct merge_line *out, struct instant *out_time, struct buffer *out_error)
{
	*out_time = INSTANT_NONE;
	if (!axis->ring)
		return merge_next(axis->merge, out, out_error);
	if (axis->handed_out)
		hand_back(axis);
	for (;;) {
		if (axis->count)
			*out_time = time_of(axis, axis->ring[axis->first].turn);
		bool full = axis->count == AXIS_LINES || axis->bytes >= AXIS_BYTES;
		if (instant_known(*out_time) || full || axis->ended)
			break;
		axis->ended = !read_one(axis, out_error);
	}
	if (!axis->count)
		return false;
	if (!instant_known(*out_time) && !axis->ended) {
		forget_silent(axis, axis->ring[axis->first].turn);
		*out_time = time_of(axis, axis->ring[axis->first].turn);
	}
	*out = axis->ring[axis->first].line;
	return axis->handed_out = true;
}
