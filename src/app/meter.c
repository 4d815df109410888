#include "meter.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double monotonic(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

uint64_t meter_bytes(const struct str *files, size_t count)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < count; i++) {
		struct stat status;
		bool plain = !str_ends(files[i], STR(".gz")) && !str_ends(files[i], STR(".zst"));
		if (!plain || stat(files[i].data, &status) != 0 || !S_ISREG(status.st_mode))
			return 0;
		bytes += (uint64_t)status.st_size;
	}
	return bytes;
}

void meter_start(struct meter *meter, uint64_t whole)
{
	*meter = (struct meter){.wanted = isatty(STDERR_FILENO) != 0, .started = monotonic(), .whole = whole};
}

static void show(struct meter *meter, uint64_t records, uint64_t done, double seconds)
{
	fprintf(stderr, "\r%" PRIu64 " records, %.0f a second", records, (double)records / seconds);
	if (meter->whole && done)
		fprintf(stderr, ", %3.0f %%, %.0f s left", 100.0 * (double)done / (double)meter->whole,
			done < meter->whole ? seconds * (double)(meter->whole - done) / (double)done : 0.0);
	fputs("\033[K", stderr);
	meter->showing = true;
}

void meter_show(struct meter *meter, uint64_t records, uint64_t done)
{
	if (!meter->wanted)
		return;
	double seconds = monotonic() - meter->started;
	if (seconds < 1 || seconds < meter->shown + 0.5)
		return;
	meter->shown = seconds;
	show(meter, records, done, seconds);
}

void meter_end(struct meter *meter, uint64_t records, uint64_t done)
{
	if (!meter->showing)
		return;
	show(meter, records, done, monotonic() - meter->started);
	fputc('\n', stderr);
}
