/* bare_consumer BOOTSTRAP TOPIC COUNT: the least that a librdkafka client can do with COUNT records: fetch them and look at nothing.
 *
 * The yardstick of `skewline run`: whatever a consumer does beyond this is its own doing. Batches of 1,000 from one queue are
 * librdkafka's cheapest way; all partitions from their beginning, no group. Prints {"records","bytes"}. */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH 1000

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
	char error[256];
	if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) {
		fprintf(stderr, "%s\n", error);
		exit(2);
	}
}

static rd_kafka_queue_t *queue_of_all_partitions(rd_kafka_t *client, rd_kafka_topic_t *topic)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_resp_err_t error = rd_kafka_metadata(client, 0, topic, &metadata, 10000);
	if (error || metadata->topic_cnt != 1 || metadata->topics[0].err) {
		fprintf(stderr, "could not get metadata: %s\n", rd_kafka_err2str(error));
		exit(3);
	}
	rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
	for (int i = 0; i < metadata->topics[0].partition_cnt; i++)
		if (rd_kafka_consume_start_queue(topic, metadata->topics[0].partitions[i].id, RD_KAFKA_OFFSET_BEGINNING, queue)) {
			fprintf(stderr, "could not start partition %d\n", i);
			exit(3);
		}
	rd_kafka_metadata_destroy(metadata);
	return queue;
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: bare_consumer BOOTSTRAP TOPIC COUNT\n");
		return 2;
	}
	char error[256];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	set(conf, "bootstrap.servers", argv[1]);
	rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
	if (!client) {
		fprintf(stderr, "%s\n", error);
		return 3;
	}
	rd_kafka_topic_t *topic = rd_kafka_topic_new(client, argv[2], NULL);
	rd_kafka_queue_t *queue = queue_of_all_partitions(client, topic);
	unsigned long long wanted = strtoull(argv[3], NULL, 10), records = 0, bytes = 0;
	rd_kafka_message_t *batch[BATCH];
	for (int quiet = 0; records < wanted && quiet < 30;) {
		ssize_t count = rd_kafka_consume_batch_queue(queue, 1000, batch, BATCH);
		quiet = count > 0 ? 0 : quiet + 1;
		for (ssize_t i = 0; i < count; i++) {
			if (!batch[i]->err) {
				records++;
				bytes += batch[i]->len;
			}
			rd_kafka_message_destroy(batch[i]);
		}
	}
	printf("{\"records\":%llu,\"bytes\":%llu}\n", records, bytes);
	return records == wanted ? 0 : 3; /* left as it is: taking the client down is not part of the job */
}
