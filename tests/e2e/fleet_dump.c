/* fleet_dump SEED START FOLDER: the demo's fleet as files: FOLDER/logs.ndjson, FOLDER/ntp.ndjson (one value a line, in order of
 * delivery) and FOLDER/truth.ndjson (one fault a line). START: seconds since 1970. */
#include <stdio.h>
#include <stdlib.h>

#include "../../src/app/fleet.h"

static FILE *file_in(const char *folder, const char *name)
{
	char path[4096];
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		exit(2);
	FILE *file = fopen(path, "w");
	if (!file) {
		perror(path);
		exit(3);
	}
	return file;
}

static void print_names(FILE *out, const char *key, const struct str *names, size_t count)
{
	fprintf(out, ",\"%s\":[", key);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\"%.*s\"", i ? "," : "", STR_ARGS(names[i]));
	fputc(']', out);
}

/* Names and words of the fleet need no escapes: letters, digits, blanks and simple punctuation. */
static void print_fault(FILE *out, const struct fleet_fault *fault)
{
	char onset[INSTANT_TEXT_MAX];
	struct str onset_text = instant_text(fault->onset, onset);
	fprintf(out, "{\"words\":\"%.*s\",\"lookalike\":%s,\"direction\":\"%s\",\"offset_s\":%.3f,\"onset\":\"%.*s\"", STR_ARGS(fault->words),
		fault->lookalike ? "true" : "false", direction_name(fault->direction), fault->offset_s, STR_ARGS(onset_text));
	print_names(out, "suspects", fault->suspects, fault->suspects_count);
	print_names(out, "affected", fault->affected, fault->affected_count);
	fprintf(out, ",\"causes\":[");
	for (size_t i = 0; fault->causes[i]; i++)
		fprintf(out, "%s\"%s\"", i ? "," : "", fault->causes[i]);
	fprintf(out, "]}\n");
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: fleet_dump SEED START FOLDER\n");
		return 2;
	}
	struct fleet *fleet = fleet_new(strtoull(argv[1], NULL, 10), instant_of_seconds(strtoll(argv[2], NULL, 10)));
	FILE *logs = file_in(argv[3], "logs.ndjson"), *ntp = file_in(argv[3], "ntp.ndjson"), *truth = file_in(argv[3], "truth.ndjson");
	struct fleet_record record;
	while (fleet_next(fleet, &record)) {
		FILE *out = str_equal(record.topic, STR(FLEET_TOPIC_NTP)) ? ntp : logs;
		fwrite(record.value.data, 1, record.value.size, out);
		fputc('\n', out);
	}
	size_t count;
	const struct fleet_fault *faults = fleet_truth(fleet, &count);
	for (size_t i = 0; i < count; i++)
		print_fault(truth, &faults[i]);
	fleet_free(fleet);
	int failed = fclose(logs) | fclose(ntp) | fclose(truth);
	return failed ? 3 : 0;
}
