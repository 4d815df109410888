/* Hosts awake and asleep (struct host_row in room.h). Suspects stay awake; of the quiet ones those do that were asked for lately. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "room.h"

/* Its bytes begin right behind the last field. */
#define ROW_SIZE offsetof(struct host_row, bytes)
enum { ROW_PACKED_MAX = (1 << 17) - 1, ROW_NAME_MAX = (1 << 9) - 1 };

struct host_row *host_row(const struct correlate_partition *p, uint32_t index)
{
	return p->hosts.items[index];
}

struct str host_row_name(const struct host_row *row)
{
	return (struct str){row->bytes, row->name_size};
}

int64_t host_row_due(const struct host_row *row)
{
	return row->awake ? row->host->due : row->due;
}

/* ---- what a host holds ---- */
void host_reset(struct host *host)
{
	host->first = host->now = host->last = host->transit_from = host->lag = host->over_since = host->reference_time = host->reference_since = NONE;
	host->first_contradiction = host->unexplained_at = host->stepped_at = host->set_time_at = host->jump_at = host->daemon_set_at = host->jump_before = host->moved_behind_at = NONE;
	host->due = host->armed = host->leap_at = host->heard = host->counted_at = host->hold_since = host->cleared_at = host->said_of_peer = host->trust_from = host->good_at = NONE;
	for (int i = 0; i < HOST_FINDINGS; i++)
		host->finding_at[i] = NONE;
	host->tags.said = NONE;
	host->rhythm.median = NONE;
	incident_reset(&host->incident);
}

/* All but its names, which whoever sleeps still holds, and the room for its cells. */
static void empty(struct host *host)
{
	for (int i = 0; i < host->symptoms_count; i++)
		symptom_release(&host->symptoms[i]);
	for (int i = 0; i < host->accusations_count; i++)
		accusation_release(&host->accusations[i]);
	free(host->symptoms);
	free(host->accusations);
	free(host->digests[0]);
	free(host->digests[1]);
	owned_clear(&host->name);
	owned_clear(&host->address);
	owned_clear(&host->full);
}

void host_release(struct host *host)
{
	empty(host);
	free(host->cells);
}

/* A host of this row that nothing is known of. */
static void begin(struct host *host, const struct host_row *row, uint32_t index)
{
	struct cell *cells = host->cells;
	uint16_t capacity = host->cells_capacity;
	memset(host, 0, sizeof *host);
	host->cells = cells;
	host->cells_capacity = capacity;
	owned_set(&host->name, host_row_name(row));
	host->index = index;
	host_reset(host);
}

void host_forget(struct correlate_partition *p, struct host *host)
{
	uint32_t index = host->index, place = host->place;
	int64_t due = host->due, armed = host->armed;
	for (int i = 0; i < host->streams_count; i++) {
		name_set(p, &host->streams[i].name, STR_NONE);
		name_set(p, &host->streams[i].input, STR_NONE);
	}
	name_set(p, &host->telemetry_input, STR_NONE);
	name_set(p, &host->log_input, STR_NONE);
	name_set(p, &host->selected, STR_NONE);
	empty(host);
	begin(host, host_row(p, index), index);
	host->place = place;
	host->due = due;
	host->armed = armed;
}

/* ---- the circle of those that may sleep ---- */
static void leave(struct correlate_partition *p, struct host *host)
{
	struct host *last = p->awake[--p->awake_count];
	p->awake[host->place - 1] = last;
	last->place = host->place;
	host->place = 0;
}

static void join(struct correlate_partition *p, struct host *host)
{
	if (p->awake_count == p->awake_capacity) {
		p->awake_capacity = p->awake_capacity ? p->awake_capacity * 2 : 64;
		p->awake = realloc(p->awake, p->awake_capacity * sizeof(struct host *));
		if (!p->awake)
			abort();
	}
	p->awake[p->awake_count++] = host;
	host->place = p->awake_count;
}

void host_settle(struct correlate_partition *p, struct host *host)
{
	if (host->place && host->suspect)
		leave(p, host);
	else if (!host->place && !host->suspect)
		join(p, host);
}

/* ---- falling asleep, and waking ---- */
enum { SPARE_MAX = 4, SPARE_CELLS_MAX = 32, ROW_GRAIN = 16 };

/* Memory for one more; of the last that fell asleep, with room for cells as it had. */
static struct host *host_new(struct correlate_partition *p)
{
	return p->spare_count ? p->spare[--p->spare_count] : cleared(sizeof(struct host));
}

static void host_spare(struct correlate_partition *p, struct host *host)
{
	if (host->cells_capacity > SPARE_CELLS_MAX) {
		free(host->cells);
		host->cells = NULL;
		host->cells_capacity = 0;
	}
	if (!p->spare)
		p->spare = cleared(SPARE_MAX * sizeof(struct host *));
	if (p->spare_count < SPARE_MAX) {
		p->spare[p->spare_count++] = host;
		return;
	}
	free(host->cells);
	free(host);
}

void hosts_spare_free(struct correlate_partition *p)
{
	while (p->spare_count) {
		free(p->spare[--p->spare_count]->cells);
		free(p->spare[p->spare_count]);
	}
	free(p->spare);
}

static bool doubted(const struct host *host)
{
	return host->incident.active || host->contradictions || host->unexplained_at != NONE;
}

/* It has more to say of a source than that it agrees. */
static bool outspoken(const struct host *host)
{
	bool speaks = false;
	for (int i = 0; i < host->sources_count; i++) {
		const struct host_source *mine = &host->sources[i];
		speaks = speaks || mine->contradicted != NONE || mine->unshown_since != NONE || mine->falseticker_since != NONE || mine->orphan_since != NONE;
	}
	return speaks;
}

/* What the allocator gives in any case: it counts in 16 bytes, and 8 of the first are its own. */
static size_t in_grains(size_t size)
{
	return (size + 8 + ROW_GRAIN - 1) / ROW_GRAIN * ROW_GRAIN - 8;
}

/* The row of a host that falls asleep; most are about as long as the last time. */
static struct host_row *row_for(struct correlate_partition *p, uint32_t index, size_t packed_size)
{
	struct host_row *row = host_row(p, index);
	size_t had = in_grains(ROW_SIZE + row->name_size + row->packed_size), needs = in_grains(ROW_SIZE + row->name_size + packed_size);
	if (row->packed_size && had == needs)
		return row;
	row = realloc(row, needs);
	if (!row)
		abort();
	return p->hosts.items[index] = row;
}

static struct str packed_of(const struct host_row *row)
{
	return (struct str){row->bytes + row->name_size, row->packed_size};
}

static void sleep(struct correlate_partition *p, struct host *host)
{
	struct host_row *row = host_row(p, host->index);
	buffer_reset(&p->packed);
	host_pack(p, host, str_from(packed_of(row), host->dozing ? host->rest : 0), &p->packed);
	struct str packed = buffer_str(&p->packed);
	timer_sleeps(p, host);
	row = row_for(p, host->index, packed.size);
	memcpy(row->bytes + row->name_size, packed.data, packed.size);
	assert(packed.size <= ROW_PACKED_MAX); /* a state record holds 16 KiB */
	row->packed_size = packed.size & ROW_PACKED_MAX;
	row->awake = false;
	row->due = host->due;
	if (!host->dozing) {
		row->open = host->incident.active;
		row->doubted = doubted(host);
		row->outspoken = outspoken(host);
		row->has_full = host->full.size > 0;
	}
	leave(p, host);
	empty(host);
	host_spare(p, host);
}

static void doze(struct correlate_partition *p, uint32_t index, struct host *out)
{
	const struct host_row *row = host_row(p, index);
	begin(out, row, index);
	out->due = row->due;
	struct str rest = host_unpack_standing(p, packed_of(row), out);
	out->dozing = true;
	out->rest = (uint32_t)(row->packed_size - rest.size);
}

static void wake(struct correlate_partition *p, struct host *host)
{
	if (!host->dozing)
		return;
	host->dozing = false;
	host_unpack_rest(p, str_from(packed_of(host_row(p, host->index)), host->rest), host);
}

static struct host *dozing_at(struct correlate_partition *p, uint32_t index)
{
	struct host_row *row = host_row(p, index);
	if (!row->awake) {
		struct host *host = host_new(p);
		doze(p, index, host);
		row->host = host;
		row->awake = true;
		timer_wakes(p, host);
		host_settle(p, host);
	}
	row->host->asked = true;
	return row->host;
}

struct host *host_doze(struct correlate_partition *p, struct str name)
{
	uint32_t index = table_find(&p->hosts.table, name);
	return index == TABLE_NONE ? NULL : dozing_at(p, index);
}

struct host *host_at(struct correlate_partition *p, uint32_t index)
{
	struct host *host = dozing_at(p, index);
	wake(p, host);
	return host;
}

/* Of many more hosts than may be awake most fall asleep before they are asked for again, however long a few are kept. */
static uint32_t awake_most(const struct correlate_partition *p)
{
	uint32_t most = p->settings->awake_max;
	return p->hosts.count / 4 > most ? most / 16 : most;
}

/* The hand goes round: whom somebody has asked for since it passed last may stay for another round. */
void hosts_rest(struct correlate_partition *p)
{
	uint32_t most = awake_most(p);
	while (p->awake_count > most) {
		p->hand = p->hand < p->awake_count ? p->hand : 0;
		struct host *host = p->awake[p->hand];
		if (!host->asked) {
			sleep(p, host);
			continue;
		}
		host->asked = false;
		p->hand++;
	}
}

void hosts_tire(struct correlate_partition *p)
{
	for (uint32_t i = 0; i < p->awake_count;) {
		struct host *host = p->awake[i];
		if (!host->asked) {
			sleep(p, host); /* the last of them takes its place */
			continue;
		}
		host->asked = false;
		i++;
	}
}

struct host *host_peek(struct correlate_partition *p, uint32_t index, bool standing, struct host *scratch)
{
	struct host_row *row = host_row(p, index);
	struct host *host = row->awake ? row->host : scratch;
	if (!row->awake)
		doze(p, index, scratch);
	if (!standing || row->outspoken)
		wake(p, host);
	return host;
}

void host_peek_whole(struct correlate_partition *p, struct host *host)
{
	wake(p, host);
}

void host_unpeek(const struct host *host, struct host *scratch)
{
	if (host == scratch)
		empty(scratch);
}

/* ---- of any host, without waking it ---- */
bool host_doubted(const struct correlate_partition *p, uint32_t index)
{
	const struct host_row *row = host_row(p, index);
	return row->awake && !row->host->dozing ? doubted(row->host) : row->doubted;
}

bool host_open(const struct correlate_partition *p, uint32_t index)
{
	const struct host_row *row = host_row(p, index);
	return row->awake && !row->host->dozing ? row->host->incident.active : row->open;
}

uint64_t host_bytes(const struct correlate_partition *p, uint32_t index)
{
	const struct host_row *row = host_row(p, index);
	const struct host *host = row->host;
	uint64_t bytes = ROW_SIZE + row->name_size + row->packed_size;
	if (!row->awake)
		return bytes;
	bytes += sizeof *host + host->cells_capacity * sizeof *host->cells;
	bytes += host->symptoms ? SYMPTOMS_MAX * sizeof *host->symptoms : 0;
	bytes += host->accusations ? ACCUSATIONS_MAX * sizeof *host->accusations : 0;
	for (int i = 0; i < 2; i++)
		bytes += host->digests[i] ? sizeof *host->digests[i] : 0;
	return bytes;
}

/* ---- rows ---- */
struct host *host_find(struct correlate_partition *p, struct str name)
{
	uint32_t index = table_find(&p->hosts.table, name);
	return index == TABLE_NONE ? NULL : host_at(p, index);
}

struct host *host_make(struct correlate_partition *p, struct str name)
{
	struct host *host = host_find(p, name);
	if (host || p->hosts.count >= p->settings->hosts_max)
		return host;
	struct host_row *row = cleared(ROW_SIZE + name.size);
	assert(name.size <= ROW_NAME_MAX);
	row->name_size = name.size & ROW_NAME_MAX;
	memcpy(row->bytes, name.data, name.size);
	uint32_t index = rows_add(&p->hosts, host_row_name(row), row);
	row->awake = true;
	row->host = host = host_new(p);
	begin(host, row, index);
	host_settle(p, host);
	host->asked = true;
	return host;
}

void host_touch(struct correlate_partition *p, struct host *host)
{
	struct host_row *row = host_row(p, host->index);
	if (row->touched)
		return;
	row->touched = true;
	if (p->touched_count == p->touched_capacity) {
		p->touched_capacity = p->touched_capacity ? p->touched_capacity * 2 : 64;
		p->touched_hosts = realloc(p->touched_hosts, p->touched_capacity * sizeof *p->touched_hosts);
		if (!p->touched_hosts)
			abort();
	}
	p->touched_hosts[p->touched_count++] = host->index;
}

void host_row_free(struct host_row *row)
{
	if (row->awake) {
		host_release(row->host);
		free(row->host);
	}
	free(row);
}
