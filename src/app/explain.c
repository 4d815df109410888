/* `explain`: a replay of which only one host's story is told, by the engine's own words: what it weighed, what it found, what it said. */
#include <stdio.h>

#include "json.h"
#include "memory.h"
#include "output.h"

struct explanation {
	enum app_output output;
	struct str host, incident; /* incident may be empty: all of the host's */
	struct buffer line, last; /* last: what was told before, not to be told twice in a row */
	struct buffer gate;       /* the last word on why there is no incident */
	uint64_t alerts, records;  /* records: observations about the host */
};

static void on_trace(void *context, struct instant at, struct str host, struct str text)
{
	struct explanation *told = context;
	struct buffer *out = &told->line;
	char time[INSTANT_TEXT_MAX];
	if (str_equal(text, buffer_str(&told->last)))
		return;
	buffer_reset(&told->last);
	buffer_add_str(&told->last, text);
	if (str_starts(text, STR("no incident: "))) {
		buffer_reset(&told->gate);
		buffer_add_str(&told->gate, text);
	}
	buffer_reset(out);
	if (told->output == OUTPUT_TEXT) {
		buffer_printf(out, "%.*s  %.*s", STR_ARGS(instant_text(at, time)), STR_ARGS(text));
	} else {
		buffer_add_str(out, STR("{\"kind\":\"trace\""));
		json_time(out, "at", at);
		json_text(out, "host", host);
		json_text(out, "text", text);
		buffer_add_byte(out, '}');
	}
	output_line(buffer_str(out));
}

/* Two spellings of one name: the same, or one is the other's first label. */
static bool same_host(struct str a, struct str b)
{
	struct str shorter = a.size < b.size ? a : b, longer = a.size < b.size ? b : a;
	bool label = str_starts(longer, shorter) && longer.size > shorter.size && longer.data[shorter.size] == '.' && !subject_is_address(longer);
	return str_equal(a, b) || (label && str_find_byte(shorter, '.') < 0);
}

static void on_alert(void *context, const struct memory_alert *alert)
{
	struct explanation *told = context;
	if (!same_host(alert->head.suspect, told->host) || (told->incident.size && !str_equal(alert->head.id, told->incident)))
		return;
	told->alerts++;
	output_alert(alert->text, output_alert_format(told->output));
}

static void on_observation(void *context, uint32_t partition, struct str key, struct str value)
{
	struct explanation *told = context;
	(void)partition, (void)value;
	told->records += same_host(key, told->host);
}

/* What was not found is an answer too. */
static void conclude(const struct explanation *told)
{
	if (told->alerts)
		return;
	if (!told->records)
		fprintf(stderr, "skewline: no record speaks of '%.*s'; `skewline decode FILE` shows which hosts the records name\n", STR_ARGS(told->host));
	else if (told->incident.size)
		fprintf(stderr, "skewline: this input gives no incident %.*s (%llu observations of its suspect)\n", STR_ARGS(told->incident), (unsigned long long)told->records);
	else
		fprintf(stderr, "skewline: %llu observations of %.*s; %.*s\n", (unsigned long long)told->records, STR_ARGS(told->host),
			STR_ARGS(told->gate.size ? buffer_str(&told->gate) : STR("no incident: nothing in them speaks of its clock")));
}

/* "<suspect>-<second of opening>" -> the suspect. */
static struct str suspect_of(struct str incident)
{
	size_t size = incident.size;
	while (size > 0 && incident.data[size - 1] >= '0' && incident.data[size - 1] <= '9')
		size--;
	return size > 1 && size < incident.size && incident.data[size - 1] == '-' ? str_first(incident, size - 1) : STR_NONE;
}

int app_explain(const struct app_request *request)
{
	struct explanation told = {.output = output_choice(request->output), .incident = request->incident};
	char name[256];
	size_t size;
	told.host = request->incident.size ? suspect_of(request->incident) : request->host;
	if (!told.host.size) {
		fprintf(stderr, request->incident.size ? "skewline: --incident wants an id as alerts write it: web-01-1795399200\n" : "skewline: say --host NAME or --incident ID\n");
		return EXIT_USAGE;
	}
	if (host_name_normalise(told.host, name, &size))
		told.host = (struct str){name, size};
	struct setup setup;
	int status = setup_open(request, &setup);
	if (status == EXIT_FINE)
		status = setup_format(request);
	if (status == EXIT_FINE) {
		struct memory_options options = {.setup = &setup, .format = output_alert_format(told.output), .trace_host = told.host};
		struct memory_outputs outputs = {.context = &told, .alert = on_alert, .observation = on_observation, .trace = on_trace};
		struct metrics *metrics = metrics_new();
		struct memory *memory = memory_new(&options, &outputs, metrics);
		status = memory_files(memory, request->files, request->files_count, request->format);
		memory_free(memory);
		metrics_free(metrics);
		if (!output_flush())
			status = EXIT_ENVIRONMENT;
		conclude(&told);
	}
	buffer_release(&told.line);
	buffer_release(&told.last);
	buffer_release(&told.gate);
	setup_release(&setup);
	return status;
}
