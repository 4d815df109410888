#include "pages.h"

#include <inttypes.h>
#include <stdlib.h>

#include "skewline/web.h"

struct pages {
	const struct metrics *metrics;
	const struct kafka_stages *stages;
	struct web_page items[2]; /* the server looks at them as long as it lives */
	struct web *web;
};

static void add_gauge(struct buffer *out, const char *name, const char *help, uint64_t value)
{
	buffer_printf(out, "# HELP skewline_%s %s\n# TYPE skewline_%s gauge\nskewline_%s %" PRIu64 "\n", name, help, name, name, value);
}

static unsigned write_metrics(void *context, struct buffer *out)
{
	struct pages *pages = context;
	struct correlate_figures figures;
	struct instant clock = kafka_stages_clock(pages->stages);
	kafka_stages_figures(pages->stages, &figures);
	metrics_write(pages->metrics, out);
	add_gauge(out, "hosts", "Hosts known to the correlate partitions of this process", figures.hosts);
	add_gauge(out, "suspects", "Hosts whose whole window is kept", figures.suspects);
	add_gauge(out, "incidents_open", "Incidents that are not resolved", figures.incidents_open);
	add_gauge(out, "hosts_bytes", "Memory of the hosts", figures.bytes);
	if (instant_known(clock))
		add_gauge(out, "clock_seconds", "Lowest clock of the correlate partitions, reference time since 1970", (uint64_t)instant_unix_s(clock));
	return 200;
}

static unsigned write_health(void *context, struct buffer *out)
{
	struct pages *pages = context;
	bool fine = kafka_stages_healthy(pages->stages);
	buffer_add_str(out, fine ? STR("ok\n") : STR("not connected\n"));
	return fine ? 200 : 503;
}

struct pages *pages_open(struct str listen, const struct metrics *metrics, const struct kafka_stages *stages, struct buffer *out_error)
{
	if (!listen.size)
		return NULL;
	struct pages *pages = calloc(1, sizeof *pages);
	if (!pages)
		abort();
	pages->metrics = metrics;
	pages->stages = stages;
	pages->items[0] = (struct web_page){"/metrics", "text/plain; version=0.0.4", write_metrics, pages};
	pages->items[1] = (struct web_page){"/healthz", "text/plain", write_health, pages};
	pages->web = web_open(listen, pages->items, 2, out_error);
	if (pages->web)
		return pages;
	free(pages);
	return NULL;
}

unsigned pages_port(const struct pages *pages)
{
	return web_port(pages->web);
}

void pages_close(struct pages *pages)
{
	if (!pages)
		return;
	web_close(pages->web);
	free(pages);
}
