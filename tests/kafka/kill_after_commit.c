/* Loaded before librdkafka (LD_PRELOAD): the process whose number stands in the file KILL_PID_FILE is killed the moment commit number KILL_AFTER
 * has been answered, before the broker shows it to readers: a crash at the worst time, on purpose. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <librdkafka/rdkafka.h>

static void kill_named(void)
{
	FILE *file = fopen(getenv("KILL_PID_FILE"), "r");
	int pid;
	if (file && fscanf(file, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	if (file)
		fclose(file);
}

rd_kafka_error_t *rd_kafka_commit_transaction(rd_kafka_t *client, int timeout_ms)
{
	static atomic_int answered;
	rd_kafka_error_t *(*commit)(rd_kafka_t *, int);
	*(void **)&commit = dlsym(RTLD_NEXT, "rd_kafka_commit_transaction");
	rd_kafka_error_t *error = commit(client, timeout_ms);
	if (!error && atomic_fetch_add(&answered, 1) + 1 == atoi(getenv("KILL_AFTER")))
		kill_named();
	return error;
}
