/* load_topic BOOTSTRAP TOPIC PARTITIONS FILE: makes the topic and produces the file's lines, keyed by host.name, LZ4. */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
	char error[256];
	if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) {
		fprintf(stderr, "%s\n", error);
		exit(2);
	}
}

static void make_topic(rd_kafka_t *client, const char *name, int partitions)
{
	char error[256];
	rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, partitions, 1, error, sizeof error);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
	rd_kafka_CreateTopics(client, &topic, 1, NULL, queue);
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 30000);
	size_t count = 0;
	const rd_kafka_topic_result_t **results = event ? rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count) : NULL;
	if (count != 1 || rd_kafka_topic_result_error(results[0])) {
		fprintf(stderr, "could not make topic %s: %s\n", name, count == 1 ? rd_kafka_topic_result_error_string(results[0]) : "no answer from the broker");
		exit(3);
	}
	rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_NewTopic_destroy(topic);
}

static void count_failure(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
	(void)client;
	if (message->err)
		++*(size_t *)opaque;
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: load_topic BOOTSTRAP TOPIC PARTITIONS FILE\n");
		return 2;
	}
	char error[256];
	size_t failed = 0, produced = 0;
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	set(conf, "bootstrap.servers", argv[1]);
	set(conf, "compression.type", "lz4");
	set(conf, "linger.ms", "50");
	set(conf, "batch.size", "900000");
	rd_kafka_conf_set_dr_msg_cb(conf, count_failure);
	rd_kafka_conf_set_opaque(conf, &failed);
	rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
	FILE *file = fopen(argv[4], "r");
	if (!client || !file) {
		fprintf(stderr, "could not start: %s\n", client ? argv[4] : error);
		return 3;
	}
	make_topic(client, argv[2], atoi(argv[3]));
	char *line = NULL;
	size_t capacity = 0;
	for (ssize_t size; (size = getline(&line, &capacity, file)) > 0; produced++) {
		if (line[size - 1] == '\n')
			line[--size] = 0;
		const char *host = strstr(line, "\"host\":{\"name\":\""), *key = host ? host + 16 : "";
		rd_kafka_resp_err_t status;
		while ((status = rd_kafka_producev(client, RD_KAFKA_V_TOPIC(argv[2]), RD_KAFKA_V_KEY(key, strcspn(key, "\"")), RD_KAFKA_V_VALUE(line, (size_t)size),
					RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END)) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
			rd_kafka_poll(client, 50);
		if (status) {
			fprintf(stderr, "could not produce: %s\n", rd_kafka_err2str(status));
			return 3;
		}
		rd_kafka_poll(client, 0);
	}
	if (rd_kafka_flush(client, 60000) || failed) {
		fprintf(stderr, "%zu records were not delivered\n", failed);
		return 3;
	}
	printf("{\"records\":%zu}\n", produced);
	return 0;
}
