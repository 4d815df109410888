#include "resume.h"

#include <inttypes.h>

enum { FIELDS = 23, VERSION = 1 };

/* One order for both directions. */
static void fields_of(struct guard *guard, int64_t *emitted, int64_t values[FIELDS], bool read)
{
	int64_t kind = guard->kind, fixed = guard->fixed, settled = guard->settled, telemetry = guard->telemetry, idle = guard->idle;
	int64_t trial = guard->trial, collected = guard->trial_collected;
	int64_t start_records = guard->start.records, jump_records = guard->jump.records;
	int64_t *places[FIELDS] = {emitted, &kind, &fixed, &trial, &collected, &guard->time.ns, &settled, &guard->start.at.ns,
		(int64_t *)&guard->start.hosts[0], (int64_t *)&guard->start.hosts[1], (int64_t *)&guard->start.hosts[2], &start_records,
		&guard->jump.at.ns, (int64_t *)&guard->jump.hosts[0], (int64_t *)&guard->jump.hosts[1], (int64_t *)&guard->jump.hosts[2], &jump_records,
		&guard->progress.ns, &idle, &telemetry, (int64_t *)&guard->records, (int64_t *)&guard->other, (int64_t *)&guard->timeless};
	for (size_t i = 0; i < FIELDS; i++) {
		if (read)
			*places[i] = values[i];
		else
			values[i] = *places[i];
	}
	guard->kind = (enum reference_kind)kind;
	guard->fixed = fixed;
	guard->settled = settled;
	guard->idle = idle;
	guard->telemetry = telemetry;
	guard->trial = (uint32_t)trial;
	guard->trial_collected = (uint32_t)collected;
	guard->start.records = (uint32_t)start_records;
	guard->jump.records = (uint32_t)jump_records;
}

void resume_write(const struct guard *guard, int64_t emitted, struct buffer *out)
{
	struct guard copy = *guard;
	int64_t values[FIELDS];
	fields_of(&copy, &emitted, values, false);
	buffer_printf(out, "skewline%d", VERSION);
	for (size_t i = 0; i < FIELDS; i++) /* hexadecimal two's complement: short and exact */
		buffer_printf(out, " %" PRIx64, (uint64_t)values[i]);
}

static bool hexadecimal(struct str text, int64_t *out)
{
	uint64_t value = 0;
	if (!text.size || text.size > 16)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		char byte = text.data[i];
		if (!((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f')))
			return false;
		value = value << 4 | (uint64_t)(byte <= '9' ? byte - '0' : byte - 'a' + 10);
	}
	*out = (int64_t)value;
	return true;
}

bool resume_read(struct str text, struct guard *out, int64_t *out_emitted)
{
	struct str part;
	int64_t values[FIELDS];
	if (!str_split(&text, ' ', &part) || !str_equal(part, STR("skewline1")))
		return false;
	for (size_t i = 0; i < FIELDS; i++)
		if (!str_split(&text, ' ', &part) || !hexadecimal(part, &values[i]))
			return false;
	if (text.data || values[1] < REFERENCE_UNKNOWN || values[1] > REFERENCE_OWN)
		return false;
	guard_init(out);
	fields_of(out, out_emitted, values, true);
	return true;
}
