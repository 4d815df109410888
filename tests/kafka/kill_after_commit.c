/* Loaded before librdkafka (LD_PRELOAD): the process whose number stands in the file KILL_PID_FILE is killed the moment commit number KILL_AFTER
 * of the stage KILL_STAGE has been answered, before the broker shows it to readers: a crash at the worst time, on purpose. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool of_the_stage(rd_kafka_t *client)
{
	char name[512] = "";
	size_t size = sizeof name;
	return rd_kafka_conf_get(rd_kafka_conf(client), "transactional.id", name, &size) == RD_KAFKA_CONF_OK && strstr(name, getenv("KILL_STAGE"));
}

rd_kafka_error_t *rd_kafka_commit_transaction(rd_kafka_t *client, int timeout_ms)
{
	static atomic_int answered;
	rd_kafka_error_t *(*commit)(rd_kafka_t *, int);
	*(void **)&commit = dlsym(RTLD_NEXT, "rd_kafka_commit_transaction");
	rd_kafka_error_t *error = commit(client, timeout_ms);
	if (!error && of_the_stage(client) && atomic_fetch_add(&answered, 1) + 1 == atoi(getenv("KILL_AFTER")))
		kill_named();
	return error;
}
