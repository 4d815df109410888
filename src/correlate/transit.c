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

static int stream_index(struct host *host, struct str name, struct str input)
{
	input = topic_of(input);
	int oldest = 0;
	for (int i = 0; i < host->streams_count; i++) {
		if (str_equal(owned_str(&host->streams[i].name), name) && str_equal(owned_str(&host->streams[i].input), input))
			return i;
		const struct stream *a = &host->streams[i], *b = &host->streams[oldest];
		int order = str_compare(owned_str(&a->name), owned_str(&b->name));
		order = order ? order : str_compare(owned_str(&a->input), owned_str(&b->input));
		if (a->last < b->last || (a->last == b->last && order < 0))
			oldest = i;
	}
	int at = host->streams_count < STREAMS_MAX ? host->streams_count++ : oldest;
	struct stream *stream = &host->streams[at];
	if (stream->name.size || stream->input.size) { /* makes room: its cells go with it */
		uint16_t kept = 0;
		for (uint16_t i = 0; i < host->cells_count; i++)
			if (host->cells[i].stream != at)
				host->cells[kept++] = host->cells[i];
		host->cells_count = kept;
	}
	owned_set(&stream->name, name);
	owned_set(&stream->input, input);
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

static void insert_cell(struct host *host, const struct cell *cell)
{
	uint16_t at = host->cells_count;
	while (at > 0 && (host->cells[at - 1].start > cell->start
			|| (host->cells[at - 1].start == cell->start && host->cells[at - 1].stream > cell->stream)))
		at--;
	if (at > 0 && host->cells[at - 1].start == cell->start && host->cells[at - 1].stream == cell->stream) {
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
	if (host->cells_count == host->cells_capacity) {
		host->cells_capacity = (uint16_t)(host->cells_capacity ? host->cells_capacity * 2 : 4);
		host->cells = realloc(host->cells, host->cells_capacity * sizeof *host->cells);
		if (!host->cells)
			abort();
	}
	memmove(host->cells + at + 1, host->cells + at, (size_t)(host->cells_count - at) * sizeof *host->cells);
	host->cells[at] = *cell;
	host->cells_count++;
}

void transit_take(struct correlate_partition *p, struct host *host, const struct observation *observation)
{
	(void)p;
	const struct transit_observation *transit = &observation->transit;
	int index = stream_index(host, transit->stream, observation->input);
	struct stream *stream = &host->streams[index];
	if (transit->grain.ns > 0 && transit->grain.ns < stream->grain)
		stream->grain = transit->grain.ns;
	stream->clock_rows = stream->clock_rows || transit->clock_rows;
	if (transit->start.ns > stream->last)
		stream->last = transit->start.ns;
	struct cell cell = {.start = transit->start.ns, .low = transit->lowest.ns, .count = transit->count, .stream = (uint8_t)index};
	bool cut = false;
	for (uint32_t i = 0; i < transit->top_count && i < TRANSIT_TOP; i++) {
		struct value value = {transit->top[i].x.ns, transit->top[i].reference.ns};
		if (host->transit_from == NONE || value.at >= host->transit_from)
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

/* A quiet host keeps the cells of its three largest values (of all streams, and of application logs), and the newest. */
void transit_slim(struct host *host)
{
	if (host->cells_count <= VALUES_MIN)
		return;
	int64_t all[VALUES_MIN] = {INT64_MIN, INT64_MIN, INT64_MIN}, logs[VALUES_MIN] = {INT64_MIN, INT64_MIN, INT64_MIN};
	for (uint16_t i = 0; i < host->cells_count; i++)
		for (int k = 0; k < host->cells[i].top_count; k++) {
			keep_largest(all, host->cells[i].top[k].x);
			if (!host->streams[host->cells[i].stream].clock_rows)
				keep_largest(logs, host->cells[i].top[k].x);
		}
	int64_t newest = host->cells[host->cells_count - 1].start;
	uint16_t kept = 0;
	for (uint16_t i = 0; i < host->cells_count; i++) {
		const struct cell *cell = &host->cells[i];
		bool log = !host->streams[cell->stream].clock_rows;
		if (cell->start == newest || cell->top[0].x >= all[VALUES_MIN - 1] || (log && cell->top[0].x >= logs[VALUES_MIN - 1]))
			host->cells[kept++] = *cell;
	}
	host->cells_count = kept;
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

struct entry {
	int64_t x, at; /* x aged and less its grain */
	uint16_t cell;
	bool dropped;
};

static size_t collect(const struct correlate_partition *p, const struct host *host, int64_t now, int64_t from, int64_t to, struct entry *out)
{
	size_t count = 0;
	int64_t oldest = now - p->settings->window.ns;
	for (uint16_t i = 0; i < host->cells_count; i++)
		for (int k = 0; k < host->cells[i].top_count; k++) {
			struct value value = host->cells[i].top[k];
			if (value.at < oldest || (from != NONE && value.at <= from) || (to != NONE && value.at > to))
				continue;
			int64_t age = now > value.at ? now - value.at : 0;
			int64_t x = value.x - host->streams[host->cells[i].stream].grain;
			if (p->knowledge.parts_count || p->knowledge.fault_from != NONE) {
				if (refers_to_fault(p, value.at))
					continue;
				bool barred = false;
				for (int n = 0; n < p->knowledge.parts_count; n++) {
					const struct fleet_part *part = &p->knowledge.parts[n];
					if (value.at >= part->from && value.at <= part->to && !sample_claim(host)
						&& x < part->value + 3 * S_NS + part->value / 50)
						barred = true;
				}
				if (barred)
					continue;
			}
			out[count++] = (struct entry){x - age / 1000000 * RATE_PPM, value.at, i, false};
		}
	return count;
}

/* How one stream stands to the claim "the clock reads at least v - tol ahead". */
struct stand {
	uint32_t cells, inside, records;
	uint32_t denying; /* of its cells that no delay reconciles with the claim */
	int64_t low, high, newest;
	int64_t lowest; /* of its cells whole, what they hold of before the claim included */
};

/* What the entries of one cell that count add to its stream's stand. */
static void add_cell(struct stand *stand, const struct cell *cell, int64_t since, int64_t low, int64_t high, uint32_t records, int64_t floor, int64_t widest)
{
	bool whole = cell->start >= since;
	if (whole && cell->low < low)
		low = cell->low;
	stand->cells++;
	stand->lowest = cell->low < stand->lowest ? cell->low : stand->lowest;
	stand->inside += high >= floor && high - low <= widest; /* records further apart than the window: one of them is astray, or very late */
	stand->records += whole ? cell->count : records;
	stand->low = low < stand->low ? low : stand->low;
	stand->high = high > stand->high ? high : stand->high;
}

/* A record that by the claim would be later than any can be, and by a right clock was written after the claim began, denies it. */
static void count_stands(const struct correlate_partition *p, const struct host *host, const struct entry *entries, size_t count, int64_t floor,
	int64_t since, int64_t widest, struct stand stands[STREAMS_MAX])
{
	for (int i = 0; i < host->streams_count; i++)
		stands[i] = (struct stand){.low = INT64_MAX, .lowest = INT64_MAX, .high = INT64_MIN, .newest = INT64_MIN};
	for (size_t i = 0; i < count;) { /* the entries of a cell stand together */
		uint16_t at = entries[i].cell;
		struct stand *stand = &stands[host->cells[at].stream];
		int64_t low = INT64_MAX, high = INT64_MIN;
		uint32_t records = 0;
		bool denies = false;
		for (; i < count && entries[i].cell == at; i++) {
			const struct entry *entry = &entries[i];
			if (entry->dropped || entry->at < since)
				continue;
			records++;
			low = entry->x < low ? entry->x : low;
			high = entry->x > high ? entry->x : high;
			stand->newest = entry->at > stand->newest ? entry->at : stand->newest;
			denies = denies || (entry->x < floor - K(LATEST) && ns_add(entry->at, entry->x) > since);
		}
		stand->denying += denies && high < floor;
		if (records)
			add_cell(stand, &host->cells[at], since, low, high, records, floor, widest);
	}
}

static bool stands_for(const struct stand *stand)
{
	return stand->inside * 2 > stand->cells && stand->inside > VALUES_MIN * stand->denying;
}

/* Late is never against, until it is later than the window is long: only a prompt stream, or one that far below, can contradict. */
static bool stands_against(const struct correlate_partition *p, const struct stand *stand, int64_t since, int64_t floor)
{
	bool prompt = stand->high - stand->low <= K(TOLERANCE), apart = stand->high < floor - p->settings->window.ns - CELL_NS;
	return stand->records >= 3 && !stands_for(stand) && stand->newest >= since + S_NS && (prompt || apart);
}

/* Programs that said too little to speak alone speak together: they share one clock. */
static bool rest_stands_against(const struct correlate_partition *p, const struct stand stands[STREAMS_MAX], int count, int64_t since, int64_t floor)
{
	struct stand rest = {.low = INT64_MAX, .high = INT64_MIN, .newest = INT64_MIN};
	for (int i = 0; i < count; i++) {
		const struct stand *stand = &stands[i];
		if (!stand->cells || stand->inside || stand->records >= 3)
			continue;
		rest.cells += stand->cells;
		rest.records += stand->records;
		rest.low = stand->low < rest.low ? stand->low : rest.low;
		rest.high = stand->high > rest.high ? stand->high : rest.high;
		rest.newest = stand->newest > rest.newest ? stand->newest : rest.newest;
	}
	return rest.cells && stands_against(p, &rest, since, floor);
}

/* How far apart the records of one clock arrive: by the promptest stream of the claim that has shown it (*out_shown); until one has, by all
 * that the host sent. */
static int64_t spread_of(const struct correlate_partition *p, const struct stand stands[STREAMS_MAX], int count, bool *out_shown)
{
	int64_t least = INT64_MAX, low = INT64_MAX, high = INT64_MIN;
	for (int i = 0; i < count; i++) {
		if (!stands[i].cells)
			continue;
		if (stands[i].inside && stands[i].records >= 5 && stands[i].cells >= 4 && stands[i].high - stands[i].low < least)
			least = stands[i].high - stands[i].low;
		if (stands[i].lowest < low)
			low = stands[i].lowest;
		if (stands[i].high > high)
			high = stands[i].high;
	}
	*out_shown = least != INT64_MAX;
	if (!*out_shown)
		least = low == INT64_MAX ? 0 : high - low;
	return least <= K(TOLERANCE) ? 0 : least;
}

/* The largest values that lie within a tolerance of the largest: what would prove "ahead" if it is no stray. */
struct group {
	int64_t floor;        /* the least of them */
	int64_t third;        /* the VALUES_MIN-th largest: the bound */
	int64_t first, newest; /* when */
};

static struct bound made_bound(const struct correlate_partition *p, const struct host *host, const struct group *group,
	const struct stand stands[STREAMS_MAX])
{
	bool shown;
	int64_t spread = spread_of(p, stands, host->streams_count, &shown);
	struct bound bound = {.known = true, .low = group->third, .first = group->first, .newest = group->newest};
	for (int i = 0; i < host->streams_count; i++) {
		if (stands[i].inside && host->streams[i].grain > bound.grain)
			bound.grain = host->streams[i].grain;
		if (!stands_for(&stands[i]))
			continue;
		bound.streams++;
		bound.log_stream = bound.log_stream || !host->streams[i].clock_rows;
	}
	bound.moment = group->newest - group->first < CELL_NS && !shown;
	/* A handful of records of one moment tell nothing of the delay: it may be a first batch. */
	bound.spread = bound.moment ? p->settings->window.ns : spread;
	return bound;
}

static struct entry *largest_entry(struct entry *entries, size_t count)
{
	struct entry *largest = NULL;
	for (size_t i = 0; i < count; i++) {
		struct entry *entry = &entries[i];
		if (!entry->dropped && (!largest || entry->x > largest->x || (entry->x == largest->x && entry->at < largest->at)))
			largest = entry;
	}
	return largest;
}

/* Drops the entries that stand alone at the top; false when no group of VALUES_MIN is left below them. */
static bool next_group(const struct correlate_partition *p, struct entry *entries, size_t count, int64_t *out_top, struct group *out)
{
	for (struct entry *top; (top = largest_entry(entries, count)); top->dropped = true) {
		int64_t tolerance = ns_abs(top->x) / 1000 > K(TOLERANCE) ? ns_abs(top->x) / 1000 : K(TOLERANCE);
		int64_t largest[VALUES_MIN] = {INT64_MIN, INT64_MIN, INT64_MIN};
		size_t members = 0;
		*out = (struct group){.floor = top->x, .first = INT64_MAX, .newest = INT64_MIN};
		for (size_t i = 0; i < count; i++) {
			const struct entry *entry = &entries[i];
			if (entry->dropped || entry->x < top->x - tolerance)
				continue;
			members++;
			keep_largest(largest, entry->x);
			out->floor = entry->x < out->floor ? entry->x : out->floor;
			out->first = entry->at < out->first ? entry->at : out->first;
			out->newest = entry->at > out->newest ? entry->at : out->newest;
		}
		out->third = largest[VALUES_MIN - 1];
		*out_top = top->x;
		if (members >= VALUES_MIN)
			return true;
	}
	return false;
}

struct bound transit_bound(struct correlate_partition *p, const struct host *host, int64_t now, int64_t consequence, int64_t from, int64_t to)
{
	struct entry entries[CELLS_MAX * TRANSIT_TOP];
	struct group group;
	size_t count = collect(p, host, now, from, to, entries);
	bool stray = false;
	int64_t stray_value = 0, top;
	while (next_group(p, entries, count, &top, &group)) {
		struct stand stands[STREAMS_MAX];
		count_stands(p, host, entries, count, group.floor, group.first, p->settings->window.ns + CELL_NS, stands);
		unsigned pro = 0, contra = 0;
		for (int i = 0; i < host->streams_count; i++) {
			pro += stands_for(&stands[i]);
			contra += stands_against(p, &stands[i], group.first, group.floor);
		}
		contra += rest_stands_against(p, stands, host->streams_count, group.first, group.floor);
		if (top <= consequence || pro > contra) {
			struct bound bound = made_bound(p, host, &group, stands);
			bound.stray_stamps = stray;
			bound.stray_value = stray_value;
			return bound;
		}
		if (pro < contra && !stray) {
			stray = true;
			stray_value = top;
		}
		for (size_t i = 0; i < count; i++)
			entries[i].dropped = entries[i].dropped || entries[i].x >= group.floor;
	}
	return (struct bound){.low = OPEN_LOW, .stray_stamps = stray, .stray_value = stray_value, .first = NONE, .newest = NONE};
}

/* Would this bucket, if it were true, say something? A quiet host is judged only then. */
bool transit_threatens(struct correlate_partition *p, const struct host *host, const struct observation *observation)
{
	int64_t limit = thresholds_of(p, host).warning.ns;
	return observation->transit.top_count && observation->transit.top[0].x.ns - observation->transit.grain.ns > limit;
}
