/* librdkafka's mock cluster as the demo's broker, and a plain producer for it or any other. */
#define _GNU_SOURCE
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdlib.h>
#include <string.h>

#include "skewline/stream.h"

struct embedded_broker {
	rd_kafka_t *client;
	rd_kafka_mock_cluster_t *cluster;
};

static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
	(void)client, (void)level, (void)facility, (void)text;
}

struct embedded_broker *embedded_broker_start(struct buffer *out_error)
{
	char error[512];
	struct embedded_broker *broker = calloc(1, sizeof *broker);
	if (!broker)
		abort();
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_conf_set_log_cb(conf, on_log);
	broker->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
	if (!broker->client)
		rd_kafka_conf_destroy(conf);
	else
		broker->cluster = rd_kafka_mock_cluster_new(broker->client, 1);
	if (broker->cluster)
		return broker;
	buffer_printf(out_error, "cannot start the embedded broker: %s", broker->client ? "no free port on loopback" : error);
	embedded_broker_stop(broker);
	return NULL;
}

bool embedded_broker_topic(struct embedded_broker *broker, struct str name, uint32_t partitions)
{
	char *text = strndup(name.data, name.size);
	if (!text)
		abort();
	rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(broker->cluster, text, (int)partitions, 1);
	free(text);
	return !code;
}

struct str embedded_broker_address(const struct embedded_broker *broker)
{
	return str_of(rd_kafka_mock_cluster_bootstraps(broker->cluster));
}

void embedded_broker_stop(struct embedded_broker *broker)
{
	if (!broker)
		return;
	if (broker->cluster)
		rd_kafka_mock_cluster_destroy(broker->cluster);
	if (broker->client)
		rd_kafka_destroy(broker->client);
	free(broker);
}

struct stream_feeder {
	rd_kafka_t *producer;
	uint64_t failed;
};

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *context)
{
	struct stream_feeder *feeder = context;
	(void)client;
	feeder->failed += message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
}

struct stream_feeder *stream_feeder_open(struct str bootstrap, struct buffer *out_error)
{
	char error[512];
	struct stream_feeder *feeder = calloc(1, sizeof *feeder);
	char *address = strndup(bootstrap.data ? bootstrap.data : "", bootstrap.size);
	if (!feeder || !address)
		abort();
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	bool set = rd_kafka_conf_set(conf, "bootstrap.servers", address, error, sizeof error) == RD_KAFKA_CONF_OK
		&& rd_kafka_conf_set(conf, "linger.ms", "5", error, sizeof error) == RD_KAFKA_CONF_OK
		&& rd_kafka_conf_set(conf, "message.timeout.ms", "30000", error, sizeof error) == RD_KAFKA_CONF_OK;
	free(address);
	rd_kafka_conf_set_opaque(conf, feeder);
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_conf_set_log_cb(conf, on_log);
	if (set)
		feeder->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
	if (feeder->producer)
		return feeder;
	rd_kafka_conf_destroy(conf);
	buffer_printf(out_error, "kafka: %s", error);
	free(feeder);
	return NULL;
}

bool stream_feeder_send(struct stream_feeder *feeder, struct str topic, int32_t partition, struct str key, struct str value, struct buffer *out_error)
{
	char name[256];
	size_t size = topic.size < sizeof name ? topic.size : sizeof name - 1;
	memcpy(name, topic.data, size);
	name[size] = 0;
	for (;;) {
		rd_kafka_resp_err_t code = rd_kafka_producev(feeder->producer, RD_KAFKA_V_TOPIC(name), RD_KAFKA_V_PARTITION(partition < 0 ? RD_KAFKA_PARTITION_UA : partition),
			RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data, key.size), RD_KAFKA_V_VALUE((void *)(uintptr_t)value.data, value.size), RD_KAFKA_V_END);
		rd_kafka_poll(feeder->producer, code == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 20 : 0);
		if (!code)
			return true;
		if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
			continue;
		buffer_printf(out_error, "cannot write to %s: %s", name, rd_kafka_err2str(code));
		return false;
	}
}

bool stream_feeder_flush(struct stream_feeder *feeder, struct buffer *out_error)
{
	rd_kafka_resp_err_t code = rd_kafka_flush(feeder->producer, 30000);
	if (code || feeder->failed)
		buffer_printf(out_error, "cannot deliver: %s", code ? rd_kafka_err2str(code) : "the broker refused records");
	return !code && !feeder->failed;
}

void stream_feeder_close(struct stream_feeder *feeder)
{
	if (!feeder)
		return;
	rd_kafka_destroy(feeder->producer);
	free(feeder);
}
