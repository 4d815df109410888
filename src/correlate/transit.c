/* Transit: how far a host's own stamps lay above the reference times at which its records were seen. No record arrives before it
 * was written, so theta >= x for every one of them; the bound is the third largest (verdict.md 2.1). */
#include <stdlib.h>
#include <string.h>

#include "room.h"

#define CELL_NS (10 * S_NS)

/* A stream is a program as one topic carries it; which partitions its records fell into says nothing about its clock. */
static struct str topic_of(struct str input)
{
	size_t size = input.size;
	while (size && input.data[size - 1] != '/')
		size--;
	return size ? str_first(input, size - 1) : input;
}

static int oldest_stream(const struct correlate_partition *p, const struct host *host)
{
	int oldest = 0;
	for (int i = 1; i < host->streams_count; i++) {
		const struct stream *a = &host->streams[i], *b = &host->streams[oldest];
		int order = str_compare(name_str(p, a->name), name_str(p, b->name));
		order = order ? order : str_compare(name_str(p, a->input), name_str(p, b->input));
		if (a->last < b->last || (a->last == b->last && order < 0))
			oldest = i;
	}
	return oldest;
}

static int stream_index(struct correlate_partition *p, struct host *host, struct str name, struct str input)
{
	input = topic_of(input);
	for (int i = 0; i < host->streams_count; i++)
		if (str_equal(name_str(p, host->streams[i].name), name) && str_equal(name_str(p, host->streams[i].input), input))
			return i;
	int at = host->streams_count < STREAMS_MAX ? host->streams_count++ : oldest_stream(p, host);
	struct stream *stream = &host->streams[at];
	if (stream->name || stream->input) { /* makes room: its cells go with it */
		host->slim.known = false;
		uint16_t kept = 0;
		for (uint16_t i = 0; i < host->cells_count; i++)
			if (host->cells[i].stream != at)
				host->cells[kept++] = host->cells[i];
		host->cells_count = kept;
	}
	name_set(p, &stream->name, name);
	name_set(p, &stream->input, input);
	stream->grain = S_NS;
	stream->last = NONE;
	stream->clock_rows = false;
	return at;
}

/* A copy of a record, delivered again, is the same value: it is no second witness. */
static void add_top(struct cell *cell, struct value value)
{
	int at = cell->top_count;
	for (int i = 0; i < at; i++)
		if (cell->top[i].x == value.x && cell->top[i].at == value.at)
			return;
	if (at == TRANSIT_TOP && value.x <= cell->top[--at].x)
		return;
	if (cell->top_count < TRANSIT_TOP)
		cell->top_count++;
	for (; at > 0 && cell->top[at - 1].x < value.x; at--)
		cell->top[at] = cell->top[at - 1];
	cell->top[at] = value;
}

void cells_reserve(struct host *host, unsigned count)
{
	if (count <= host->cells_capacity)
		return;
	unsigned capacity = host->cells_capacity ? host->cells_capacity : 4;
	while (capacity < count)
		capacity *= 2;
	host->cells = realloc(host->cells, capacity * sizeof *host->cells);
	if (!host->cells)
		abort();
	host->cells_capacity = (uint16_t)capacity;
}

static void insert_cell(struct host *host, const struct cell *cell)
{
	uint16_t at = host->cells_count;
	while (at > 0 && (host->cells[at - 1].start > cell->start
			|| (host->cells[at - 1].start == cell->start && host->cells[at - 1].stream > cell->stream)))
		at--;
	const struct slim *slim = &host->slim;
	host->slim.known = slim->known && at == host->cells_count && cell->start >= slim->newest && cell->top[0].x < slim->logs;
	if (at > 0 && host->cells[at - 1].start == cell->start && host->cells[at - 1].stream == cell->stream) {
		host->slim.known = false;
		struct cell *same = &host->cells[at - 1]; /* closed early once */
		same->count += cell->count;
		if (cell->low < same->low)
			same->low = cell->low;
		for (int i = 0; i < cell->top_count; i++)
			add_top(same, cell->top[i]);
		return;
	}
	if (host->cells_count == CELLS_MAX) { /* the oldest makes room */
		if (at == 0)
			return;
		memmove(host->cells, host->cells + 1, (size_t)(host->cells_count - 1) * sizeof *host->cells);
		host->cells_count--;
		at--;
	}
	cells_reserve(host, host->cells_count + 1U);
	memmove(host->cells + at + 1, host->cells + at, (size_t)(host->cells_count - at) * sizeof *host->cells);
	host->cells[at] = *cell;
	host->cells_count++;
}

void transit_take(struct correlate_partition *p, struct host *host, const struct observation *observation)
{
	const struct transit_observation *transit = &observation->transit;
	int index = stream_index(p, host, transit->stream, observation->input);
	struct stream *stream = &host->streams[index];
	if (transit->grain.ns > 0 && transit->grain.ns < stream->grain)
		stream->grain = transit->grain.ns;
	host->slim.known = host->slim.known && stream->clock_rows == transit->clock_rows;
	stream->clock_rows = stream->clock_rows || transit->clock_rows;
	if (transit->start.ns > stream->last)
		stream->last = transit->start.ns;
	struct cell cell = {.start = transit->start.ns, .low = transit->lowest.ns, .count = transit->count, .stream = (uint8_t)index};
	bool cut = false;
	for (uint32_t i = 0; i < transit->top_count && i < TRANSIT_TOP; i++) {
		struct value value = {transit->top[i].x.ns, transit->top[i].reference.ns};
		if ((host->transit_from == NONE || value.at >= host->transit_from) && !sample_of_before_step(p, host, value.x, value.at))
			add_top(&cell, value);
		else
			cut = true;
	}
	if (!cell.top_count)
		return;
	if (cut) { /* the clock was set in this bucket: its lowest may be of before */
		cell.low = cell.top[cell.top_count - 1].x;
		cell.count = cell.top_count;
	}
	insert_cell(host, &cell);
}

void transit_restart(struct host *host, int64_t from)
{
	host->transit_from = from;
	transit_drop_above(host, NONE, from);
	host->over_since = NONE;
}

/* Drops every value above `limit` (NONE: all) that is older than `before`. */
void transit_drop_above(struct host *host, int64_t limit, int64_t before)
{
	uint16_t kept = 0;
	if (limit != NONE && transit_highest(host) <= limit)
		return;
	for (uint16_t i = 0; i < host->cells_count; i++) {
		struct cell cell = host->cells[i];
		uint8_t tops = 0;
		for (int k = 0; k < cell.top_count; k++)
			if (cell.top[k].at >= before || (limit != NONE && cell.top[k].x <= limit))
				cell.top[tops++] = cell.top[k];
		if (!tops)
			continue;
		if (tops < cell.top_count && (cell.low > cell.top[tops - 1].x || limit == NONE))
			cell.low = cell.top[tops - 1].x;
		cell.top_count = tops;
		host->cells[kept++] = cell;
	}
	host->cells_count = kept;
	host->slim.known = false;
}

void transit_age(struct correlate_partition *p, struct host *host, int64_t now)
{
	int64_t oldest = now - p->settings->window.ns - CELL_NS;
	uint16_t first = 0;
	while (first < host->cells_count && host->cells[first].start < oldest)
		first++;
	if (!first)
		return;
	memmove(host->cells, host->cells + first, (size_t)(host->cells_count - first) * sizeof *host->cells);
	host->cells_count = (uint16_t)(host->cells_count - first);
	host->slim.known = false;
}

static void keep_largest(int64_t largest[VALUES_MIN], int64_t x)
{
	if (x <= largest[VALUES_MIN - 1])
		return;
	for (int n = 0; n < VALUES_MIN; n++)
		if (x > largest[n]) {
			int64_t other = largest[n];
			largest[n] = x;
			x = other;
		}
}

/* The third largest value of all that are kept, and of application logs. */
static void measure(struct host *host)
{
	int64_t all[VALUES_MIN] = {INT64_MIN, INT64_MIN, INT64_MIN}, logs[VALUES_MIN] = {INT64_MIN, INT64_MIN, INT64_MIN};
	for (uint16_t i = 0; i < host->cells_count; i++) {
		const struct cell *cell = &host->cells[i];
		bool log = !host->streams[cell->stream].clock_rows;
		for (int k = 0; k < cell->top_count && cell->top[k].x > logs[VALUES_MIN - 1]; k++) { /* they descend, and no log is above all */
			keep_largest(all, cell->top[k].x);
			if (log)
				keep_largest(logs, cell->top[k].x);
		}
	}
	host->slim = (struct slim){.known = true, .newest = NONE, .all = all[VALUES_MIN - 1], .logs = logs[VALUES_MIN - 1]};
}

/* A quiet host keeps the cells of its three largest values (of all streams, and of application logs), and the newest. Where what has come
 * since is none of the largest, only what was newest until then can go. */
void transit_slim(struct host *host)
{
	if (host->cells_count <= VALUES_MIN)
		return;
	if (!host->slim.known)
		measure(host);
	struct slim *slim = &host->slim;
	uint16_t from = host->cells_count;
	while (from > 0 && host->cells[from - 1].start >= slim->newest)
		from--;
	int64_t newest = host->cells[host->cells_count - 1].start;
	uint16_t kept = from;
	for (uint16_t i = from; i < host->cells_count; i++) {
		const struct cell *cell = &host->cells[i];
		bool log = !host->streams[cell->stream].clock_rows;
		if (cell->start != newest && cell->top[0].x < slim->all && !(log && cell->top[0].x >= slim->logs))
			continue;
		if (kept < i)
			host->cells[kept] = *cell;
		kept++;
	}
	host->cells_count = kept;
	slim->newest = newest;
}

/* The third largest value of application logs, aged: what calibrates the usual delay. NONE: fewer than three. */
int64_t transit_log_low(const struct host *host, int64_t now, int64_t window)
{
	int64_t largest[VALUES_MIN] = {INT64_MIN, INT64_MIN, INT64_MIN};
	for (uint16_t i = 0; i < host->cells_count; i++) {
		const struct stream *stream = &host->streams[host->cells[i].stream];
		for (int k = 0; !stream->clock_rows && k < host->cells[i].top_count; k++) {
			struct value value = host->cells[i].top[k];
			if (value.at < now - window)
				continue;
			int64_t age = now > value.at ? now - value.at : 0;
			keep_largest(largest, value.x - stream->grain - age / 1000000 * RATE_PPM);
		}
	}
	return largest[VALUES_MIN - 1];
}

int64_t transit_highest(const struct host *host)
{
	int64_t highest = INT64_MIN;
	for (uint16_t i = 0; i < host->cells_count; i++)
		highest = host->cells[i].top[0].x > highest ? host->cells[i].top[0].x : highest;
	return highest;
}

/* What counts of one cell: its values aged and less their grain (NONE: does not count), and between what they lie. All of a cell's places are
 * walked, taken or not: which are taken is chance, and a wrong guess of the processor costs more than the place. */
struct heard {
	const struct cell *cell;
	int64_t x[TRANSIT_TOP], at[TRANSIT_TOP];
	uint32_t count;
	int64_t low, high;     /* of x */
	int64_t first, newest; /* of at */
};

static void sum_up(struct heard *heard)
{
	int64_t low = INT64_MAX, high = INT64_MIN, first = INT64_MAX, newest = INT64_MIN;
	uint32_t count = 0;
	for (int k = 0; k < TRANSIT_TOP; k++) {
		int64_t x = heard->x[k], at = heard->at[k];
		bool counts = x != NONE;
		count += counts;
		low = counts && x < low ? x : low;
		high = counts && x > high ? x : high;
		first = counts && at < first ? at : first;
		newest = counts && at > newest ? at : newest;
	}
	heard->count = count;
	heard->low = low;
	heard->high = high;
	heard->first = first;
	heard->newest = newest;
}

/* Without what lies below `least`, above `most`, or is older than `since`. */
static struct heard part_of(const struct heard *heard, int64_t least, int64_t most, int64_t since)
{
	struct heard part = *heard;
	for (int k = 0; k < TRANSIT_TOP; k++)
		part.x[k] = part.x[k] >= least && part.x[k] <= most && part.at[k] >= since ? part.x[k] : NONE;
	sum_up(&part);
	return part;
}

/* Below this the values of a host prove nothing while and where a collector was at fault: they may be of it. NONE: the host is not of that collector,
 * as its telemetry shows; without telemetry any host may be. */
static int64_t bar_of(const struct correlate_partition *p, const struct host *host, const struct fleet_part *part)
{
	const struct sample *claim = sample_claim(host);
	int64_t reach = part->value + 3 * S_NS + part->value / 50;
	if (!claim)
		return reach;
	for (int i = 0; i < host->samples_count; i++)
		if (sample_of_part(p, &host->samples[i], part))
			return ns_add(claim->offset, claim->bound + reach);
	return NONE;
}

/* A fault of the reference, whole or of a part, may explain a value `x` seen at `at`. */
static bool voided(const struct correlate_partition *p, const int64_t *bars, int64_t x, int64_t at)
{
	bool fault = refers_to_fault(p, at);
	for (int n = 0; n < p->knowledge.parts_count; n++)
		fault = fault || (at >= p->knowledge.parts[n].from && at <= p->knowledge.parts[n].to && x < bars[n]);
	return fault;
}

static bool at_fault(const struct correlate_partition *p)
{
	return p->knowledge.parts_count || p->knowledge.fault_from != NONE;
}

/* The values that prove something or, `void_ones`, those that prove nothing because their reference was at fault. */
static size_t collect(const struct correlate_partition *p, const struct host *host, int64_t now, int64_t from, int64_t to, bool void_ones, struct heard *out)
{
	size_t count = 0;
	int64_t oldest = now - p->settings->window.ns, bars[FEEDBACK_FAULT_PARTS_MAX];
	bool faults = at_fault(p);
	for (int n = 0; n < p->knowledge.parts_count; n++)
		bars[n] = bar_of(p, host, &p->knowledge.parts[n]);
	oldest = from != NONE && from >= oldest ? from + 1 : oldest;
	to = to == NONE ? INT64_MAX : to;
	for (uint16_t i = 0; i < host->cells_count; i++) {
		const struct cell *cell = &host->cells[i];
		int64_t grain = host->streams[cell->stream].grain;
		struct heard *heard = &out[count];
		heard->cell = cell;
		for (int k = 0; k < TRANSIT_TOP; k++) {
			int64_t at = cell->top[k].at, age = now > at ? now - at : 0, x = cell->top[k].x - grain;
			bool counts = (k < cell->top_count) & (at >= oldest) & (at <= to);
			heard->at[k] = at;
			heard->x[k] = counts && (faults && voided(p, bars, x, at)) == void_ones ? x - age / 1000000 * RATE_PPM : NONE;
		}
		sum_up(heard);
		count += heard->count > 0;
	}
	return count;
}

/* The largest values that lie within a tolerance of the largest: what would prove "ahead" if it is no stray. */
struct group {
	size_t members;
	int64_t top, floor;   /* the largest and the least of them */
	int64_t third;        /* the VALUES_MIN-th largest: the bound */
	int64_t first, newest; /* when */
};

/* How one stream stands to the claim "the clock reads at least v - tol ahead". */
struct stand {
	uint32_t cells, inside, records;
	uint32_t denying; /* of its cells that no delay reconciles with the claim */
	int64_t low, high, newest;
	int64_t lowest; /* of its cells whole, what they hold of before the claim included */
	uint32_t astray; /* cells with records further below the claim than the window is long; the least of the others: */
	int64_t near, nearest; /* of low, of lowest */
};

static void add_cell(struct stand *stand, const struct heard *heard, int64_t since, int64_t floor, int64_t widest)
{
	const struct cell *cell = heard->cell;
	bool whole = cell->start >= since;
	int64_t low = whole && cell->low < heard->low ? cell->low : heard->low, high = heard->high;
	stand->cells++;
	stand->lowest = cell->low < stand->lowest ? cell->low : stand->lowest;
	stand->astray += cell->low < floor - widest;
	stand->near = low < stand->near && low >= floor - widest ? low : stand->near;
	stand->nearest = cell->low < stand->nearest && cell->low >= floor - widest ? cell->low : stand->nearest;
	stand->inside += high >= floor && high - low <= widest; /* records further apart than the window: one of them is astray, or very late */
	stand->records += whole ? cell->count : (uint32_t)heard->count;
	stand->low = low < stand->low ? low : stand->low;
	stand->high = high > stand->high ? high : stand->high;
}

/* A record that by the claim would be later than any can be, and by a right clock was written after the claim began, denies it. */
static bool denies(const struct correlate_partition *p, const struct heard *heard, int64_t floor, int64_t since)
{
	bool denied = false;
	for (int k = 0; heard->high < floor && heard->low < floor - K(LATEST) && k < TRANSIT_TOP; k++)
		denied = denied || (heard->x[k] != NONE && heard->x[k] < floor - K(LATEST) && ns_add(heard->at[k], heard->x[k]) > since);
	return denied;
}

static void count_stands(const struct correlate_partition *p, const struct host *host, const struct heard *all, size_t count, int64_t floor,
	int64_t since, struct stand stands[STREAMS_MAX])
{
	for (int i = 0; i < host->streams_count; i++)
		stands[i] = (struct stand){.low = INT64_MAX, .near = INT64_MAX, .lowest = INT64_MAX, .nearest = INT64_MAX, .high = INT64_MIN, .newest = INT64_MIN};
	for (size_t i = 0; i < count; i++) {
		const struct heard *heard = &all[i];
		struct heard part;
		if (heard->first < since) {
			part = part_of(heard, INT64_MIN + 1, INT64_MAX, since);
			heard = &part;
		}
		if (!heard->count)
			continue;
		struct stand *stand = &stands[heard->cell->stream];
		stand->newest = heard->newest > stand->newest ? heard->newest : stand->newest;
		stand->denying += denies(p, heard, floor, since);
		add_cell(stand, heard, since, floor, p->settings->window.ns + CELL_NS);
	}
}

static bool stands_for(const struct stand *stand)
{
	return stand->records >= VALUES_MIN && stand->inside * 2 > stand->cells && stand->inside > VALUES_MIN * stand->denying;
}

/* Late is never against, until it is later than the window is long: only a prompt stream, or one that far below, can contradict. */
static bool can_contradict(const struct correlate_partition *p, const struct stand *stand, int64_t floor)
{
	return stand->high - stand->low <= K(TOLERANCE) || stand->high < floor - p->settings->window.ns - CELL_NS;
}

static bool stands_against(const struct correlate_partition *p, const struct stand *stand, int64_t since, int64_t floor)
{
	return stand->records >= VALUES_MIN && !stands_for(stand) && stand->newest >= since + S_NS && can_contradict(p, stand, floor);
}

/* However little it said, it takes from the claim the proof by one program alone; so does that program itself, if a quarter of its buckets lie elsewhere. */
static bool disputes(const struct correlate_partition *p, const struct stand *stand, int64_t floor)
{
	return stand->inside ? stand->inside * 4 < stand->cells * 3 : stand->records && can_contradict(p, stand, floor);
}

/* Programs that said too little to speak alone speak together: they share one clock. `silent`: those alone that reach the claim in no bucket. */
static struct stand quiet_ones(const struct stand stands[STREAMS_MAX], int count, bool silent)
{
	struct stand rest = {.low = INT64_MAX, .high = INT64_MIN, .newest = INT64_MIN};
	for (int i = 0; i < count; i++) {
		const struct stand *stand = &stands[i];
		if (!stand->cells || stand->records >= VALUES_MIN || (silent && stand->inside))
			continue;
		rest.cells += stand->cells;
		rest.inside += stand->inside;
		rest.records += stand->records;
		rest.denying += stand->denying;
		rest.low = stand->low < rest.low ? stand->low : rest.low;
		rest.high = stand->high > rest.high ? stand->high : rest.high;
		rest.newest = stand->newest > rest.newest ? stand->newest : rest.newest;
	}
	return rest;
}

/* By how many more programs, the quiet ones together as one, are for the claim than against it. */
static int votes_for(const struct correlate_partition *p, const struct stand stands[STREAMS_MAX], int count, const struct group *group)
{
	struct stand rest = quiet_ones(stands, count, false), silent = quiet_ones(stands, count, true);
	int votes = (int)stands_for(&rest) - (int)stands_against(p, &silent, group->first, group->floor);
	for (int i = 0; i < count; i++)
		votes += (int)stands_for(&stands[i]) - (int)stands_against(p, &stands[i], group->first, group->floor);
	return votes;
}

/* How far apart records arrive: by the promptest stream of the claim that has shown it (*out_shown); until one has, by all of them. `whole`: by all that
 * the host sent, what is astray included. */
static int64_t spread_of(const struct correlate_partition *p, const struct stand stands[STREAMS_MAX], int count, bool whole, bool *out_shown)
{
	int64_t least = INT64_MAX, low = INT64_MAX, high = INT64_MIN;
	for (int i = 0; i < count; i++) {
		const struct stand *stand = &stands[i];
		bool trim = !whole && stand->astray < VALUES_MIN; /* so few do no harm; more are late, or of before a step */
		int64_t mine = trim ? stand->near : stand->low, all = trim ? stand->nearest : stand->lowest;
		if (!stand->cells || (!stand->inside && !whole))
			continue;
		if (stand->inside && stand->records >= 5 && stand->cells >= 4 && stand->high - mine < least)
			least = stand->high - mine;
		low = all < low ? all : low;
		high = stand->high > high ? stand->high : high;
	}
	*out_shown = least != INT64_MAX;
	if (!*out_shown)
		least = low == INT64_MAX ? 0 : high - low;
	return least <= K(TOLERANCE) ? 0 : least;
}

static struct bound made_bound(const struct correlate_partition *p, const struct host *host, const struct group *group,
	const struct stand stands[STREAMS_MAX])
{
	bool shown;
	struct bound bound = {.known = true, .low = group->third, .first = group->first, .newest = group->newest,
		.reach = spread_of(p, stands, host->streams_count, true, &shown)};
	int64_t spread = spread_of(p, stands, host->streams_count, false, &shown);
	struct stand rest = quiet_ones(stands, host->streams_count, false);
	bool together = stands_for(&rest);
	for (int i = 0; i < host->streams_count; i++) {
		if (stands[i].inside && host->streams[i].grain > bound.grain)
			bound.grain = host->streams[i].grain;
		bound.disputed = bound.disputed || disputes(p, &stands[i], group->floor);
		if (!stands_for(&stands[i]) && !(together && stands[i].inside && stands[i].records < VALUES_MIN))
			continue;
		bound.streams++;
		bound.log_stream = bound.log_stream || !host->streams[i].clock_rows;
	}
	bound.moment = group->newest - group->first < CELL_NS && !shown;
	/* A handful of records of one moment tell nothing of the delay: it may be a first batch. */
	bound.spread = bound.moment ? p->settings->window.ns : spread;
	bound.reach = bound.moment ? p->settings->window.ns : bound.reach;
	return bound;
}

/* The values of at least `least`. From the newest on: they are aged least, so that the largest come first. */
static void group_from(const struct heard *all, size_t count, int64_t least, struct group *out)
{
	int64_t top[VALUES_MIN] = {INT64_MIN, INT64_MIN, INT64_MIN};
	struct group group = {.floor = INT64_MAX, .first = INT64_MAX, .newest = INT64_MIN};
	for (size_t i = count; i-- > 0;) {
		const struct heard *heard = &all[i];
		struct heard part;
		if (heard->high < least)
			continue;
		if (heard->low < least) {
			part = part_of(heard, least, INT64_MAX, INT64_MIN);
			heard = &part;
		}
		for (int k = 0; heard->high > top[VALUES_MIN - 1] && k < TRANSIT_TOP; k++)
			keep_largest(top, heard->x[k]); /* NONE is the least of all */
		group.members += heard->count;
		group.floor = heard->low < group.floor ? heard->low : group.floor;
		group.first = heard->first < group.first ? heard->first : group.first;
		group.newest = heard->newest > group.newest ? heard->newest : group.newest;
	}
	group.top = top[0];
	group.third = top[VALUES_MIN - 1];
	*out = group;
}

/* One of the values that are as large as `top`: the earliest. */
static void drop_one(struct heard *all, size_t count, int64_t top)
{
	struct heard *from = NULL;
	int which = 0;
	for (size_t i = 0; i < count; i++)
		for (int k = 0; all[i].high == top && k < TRANSIT_TOP; k++)
			if (all[i].x[k] == top && (!from || all[i].at[k] < from->at[which])) {
				from = &all[i];
				which = k;
			}
	from->x[which] = NONE;
	sum_up(from);
}

/* Drops the values that stand alone at the top; false when no group of VALUES_MIN is left below them. */
static bool next_group(const struct correlate_partition *p, struct heard *all, size_t count, struct group *out)
{
	for (;;) {
		group_from(all, count, INT64_MIN, out);
		if (!out->members)
			return false;
		int64_t tolerance = ns_abs(out->top) / 1000 > K(TOLERANCE) ? ns_abs(out->top) / 1000 : K(TOLERANCE);
		if (out->floor < out->top - tolerance)
			group_from(all, count, out->top - tolerance, out);
		if (out->members >= VALUES_MIN)
			return true;
		drop_one(all, count, out->top);
	}
}

/* No three lie together, as in a batch of a program that says little: none of them accuses the clock, and the third largest is still a bound.
 * Telemetry needs no bound so weak. */
static struct bound scattered(const struct correlate_partition *p, const struct host *host, int64_t now, int64_t consequence, int64_t from, int64_t to)
{
	struct heard all[CELLS_MAX + 1];
	struct stand stands[STREAMS_MAX];
	struct group group;
	size_t count = collect(p, host, now, from, to, false, all);
	for (size_t i = 0; i < count; i++)
		all[i] = part_of(&all[i], INT64_MIN + 1, consequence, INT64_MIN);
	group_from(all, count, INT64_MIN, &group);
	if (group.members < VALUES_MIN || sample_claim(host))
		return (struct bound){.low = OPEN_LOW, .first = NONE, .newest = NONE};
	count_stands(p, host, all, count, group.floor, group.first, stands);
	return made_bound(p, host, &group, stands);
}

struct bound transit_bound(struct correlate_partition *p, const struct host *host, int64_t now, int64_t consequence, int64_t from, int64_t to)
{
	struct heard all[2 * CELLS_MAX + 1];
	struct group group;
	size_t count = collect(p, host, now, from, to, false, all), total = count;
	bool stray = false;
	int64_t stray_value = 0;
	if (at_fault(p)) /* what proves nothing still denies what lies far above it */
		total += collect(p, host, now, from, to, true, all + count);
	while (next_group(p, all, count, &group)) {
		struct stand stands[STREAMS_MAX];
		count_stands(p, host, all, total, group.floor, group.first, stands);
		int votes = group.top > consequence ? votes_for(p, stands, host->streams_count, &group) : 1;
		if (votes > 0) {
			struct bound bound = made_bound(p, host, &group, stands);
			bound.stray_stamps = stray;
			bound.stray_value = stray_value;
			return bound;
		}
		if (votes < 0 && !stray) {
			stray = true;
			stray_value = group.top;
		}
		for (size_t i = 0; i < count; i++)
			if (all[i].high >= group.floor)
				all[i] = part_of(&all[i], INT64_MIN + 1, group.floor - 1, INT64_MIN);
	}
	struct bound bound = scattered(p, host, now, consequence, from, to);
	bound.stray_stamps = stray;
	bound.stray_value = stray_value;
	return bound;
}

/* Would this bucket, if it were true, say something? A quiet host is judged only then. */
bool transit_threatens(struct correlate_partition *p, const struct host *host, const struct observation *observation)
{
	int64_t limit = thresholds_of(p, host).warning.ns;
	return observation->transit.top_count && observation->transit.top[0].x.ns - observation->transit.grain.ns > limit;
}
