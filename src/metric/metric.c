#include "skewline/metric.h"

#include <stdatomic.h>
#include <stdlib.h>

static const struct {
	const char *name, *help;
} TABLE[METRIC_COUNT] = {
#define X(id, name, help) {name, help},
	METRICS(X)
#undef X
};

struct metrics {
	_Atomic uint64_t values[METRIC_COUNT];
};

struct metrics *metrics_new(void)
{
	struct metrics *metrics = calloc(1, sizeof *metrics);
	if (!metrics)
		abort();
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	free(metrics);
}

void metric_add(struct metrics *metrics, enum metric metric, uint64_t count)
{
	atomic_fetch_add_explicit(&metrics->values[metric], count, memory_order_relaxed);
}

uint64_t metric_value(const struct metrics *metrics, enum metric metric)
{
	return atomic_load_explicit(&metrics->values[metric], memory_order_relaxed);
}

enum metric metric_of_finding(struct str name)
{
	for (int i = METRIC_FINDING_LATE_DELIVERY; i < METRIC_FINDING_OTHER; i++) {
		struct str metric = str_of(TABLE[i].name); /* finding_<name>_total */
		if (metric.size == name.size + 14 && str_starts(str_from(metric, 8), name))
			return (enum metric)i;
	}
	return METRIC_FINDING_OTHER;
}

void metrics_write(const struct metrics *metrics, struct buffer *out)
{
	for (int i = 0; i < METRIC_COUNT; i++)
		buffer_printf(out, "# HELP skewline_%s %s\n# TYPE skewline_%s counter\nskewline_%s %llu\n", TABLE[i].name, TABLE[i].help, TABLE[i].name,
			TABLE[i].name, (unsigned long long)metric_value(metrics, (enum metric)i));
}
