#include "sample.h"

#include <stdlib.h>
#include <string.h>

#include "skewline/table.h"

enum { BITS = 15 };

static const char *const LINES[] = {
	"accepted publickey for deploy from 10.20.30.40 port 51234 ssh2: ed25519 sha256:abcdef",
	"pam_unix(sshd:session): session opened for user deploy(uid=1001) by (uid=0)",
	"received disconnect from 10.20.30.40 port 51234:11: disconnected by user",
	"connection closed by authenticating user root 198.51.100.7 port 40022 [preauth]",
	"failed password for invalid user admin from 203.0.113.9 port 60022 ssh2",
	"starting session 4711 of user root. started session 4711 of user root.",
	"systemd[1]: starting daily apt download activities... finished daily apt download activities.",
	"systemd[1]: nginx.service: deactivated successfully. consumed 1.234s cpu time.",
	"systemd[1]: reached target timers. listening on d-bus system message bus socket.",
	"kernel: eth0: link is up 10000 mbps full duplex, flow control rx/tx",
	"kernel: tcp: request_sock_tcp: possible syn flooding on port 443. sending cookies.",
	"kernel: out of memory: killed process 2211 (java) total-vm:8123456kb, anon-rss:2123456kb",
	"kernel: usb 1-1: new high-speed usb device number 4 using xhci_hcd",
	"cron[812]: (root) cmd (test -x /usr/sbin/anacron || run-parts --report /etc/cron.hourly)",
	"\"get /api/v1/orders?page=2 http/1.1\" 200 5123 \"-\" \"mozilla/5.0 (x11; linux x86_64)\" rt=0.012",
	"\"post /login http/2.0\" 302 0 \"https://shop.example.net/\" \"okhttp/4.12.0\" upstream_response_time 0.103",
	"upstream timed out (110: connection timed out) while reading response header from upstream, client: 10.1.2.3",
	"client closed connection while waiting for request, client: 10.1.2.3, server: 0.0.0.0:443",
	"request completed in 45 ms, status 200, method get, path /health, user agent kube-probe/1.29",
	"level=info msg=\"request finished\" method=post duration=12.3ms status=201 trace_id=4bf92f3577b34da6",
	"info org.apache.kafka.clients.consumer.internals.consumercoordinator - revoking previously assigned partitions",
	"info kafka.server.replicamanager: broker 3 leader election for partition orders-12 succeeded",
	"warn o.s.web.servlet.pagenotfound - no mapping for get /favicon.ico",
	"error failed to connect to database server: connection refused (os error 111), retrying in 5 seconds",
	"caused by: java.net.sockettimeoutexception: read timed out at java.base/sun.nio.ch.niosocketimpl",
	"debug cache entry for key user:8812 expired after ttl of 300 seconds, reloading from the database",
	"token refreshed for user alice, new token valid for 3600 seconds, expires in 59 minutes",
	"certificate renewed for www.example.net, valid until 2027-03-01, next renewal scheduled",
	"tls handshake completed: version tls1.3, cipher tls_aes_256_gcm_sha384, peer certificate verified",
	"session ticket for client accepted, resuming tls session with server name api.example.net",
	"job nightly-report finished successfully in 312 seconds, 48123 rows written to table reports",
	"checkpoint complete: wrote 812 buffers (5.0%); 0 wal file(s) added, 1 removed, 2 recycled; write=81.2 s",
	"log: connection authorized: user=app database=orders application_name=worker ssl enabled",
	"duration: 1523.112 ms statement: select id, created_at, updated_at from orders where status = $1",
	"replication lag of standby db02 is 12 ms, sent 0/3000148, flushed 0/3000148",
	"health check of backend web-03 succeeded, reason: layer7 check passed, code: 200, check duration: 4ms",
	"pod web-7d9f8 scheduled to node worker-03, pulling image registry.example.net/shop/web:1.42.0",
	"successfully pulled image in 2.31s, created container web, started container web",
	"readiness probe failed: http probe failed with statuscode: 503, will try again in 10 seconds",
	"reconciling deployment default/web: 3 of 3 replicas are available, generation 42 observed",
	"etcd: finished scheduled compaction at 812345 (took 41.2 ms), sent leader heartbeat to peer",
	"consul: member joined, marking health alive: member=node-12 partition=default",
	"user bob logged in from 192.0.2.44 with role operator, two-factor authentication passed",
	"backup of volume data01 completed: 812 gb in 2:13:05, throughput 103 mb/s, no errors",
	"dhcpack(eth1) 10.0.0.17 52:54:00:12:34:56 host-17, lease time 86400",
	"named: client @0x7f12 10.0.0.9#51123 (www.example.com): query: www.example.com in a +e(0)k",
	"postfix/smtp: to=<user@example.org>, relay=mx.example.org[198.51.100.3]:25, delay=1.2, status=sent (250 2.0.0 ok)",
	"dovecot: imap-login: login: user=<carol>, method=plain, rip=10.2.3.4, lip=10.0.0.25, mpid=8123, tls",
	"audit: type=1400 apparmor=\"allowed\" operation=\"open\" profile=\"usr.sbin.cupsd\" name=\"/etc/ssl/openssl.cnf\"",
	"sudo: alice : tty=pts/0 ; pwd=/home/alice ; user=root ; command=/usr/bin/systemctl restart app",
	"message processed: topic=orders partition=4 offset=1234567 key=order-8812 latency=3ms",
	"metrics exported: 1234 series, 0 dropped, scrape took 0.231 s, next scrape in 15 s",
	"garbage collection: pause young (normal) 812m->312m(2048m) 14.112ms",
	"the scheduler started task cleanup-temporary-files, next run at 2026-11-24t03:00:00z",
	"configuration reloaded: 12 sections, 0 warnings, listening on 0.0.0.0:8080",
	"an account was successfully logged on. subject: security id: s-1-5-18 logon type: 3",
	"the windows update service entered the running state. a service was installed in the system.",
	"disk usage of /var is 71%, 120 gb free; inode usage 12%",
	"rate limit exceeded for api key ab12, 429 returned, limit 100 requests per minute",
	"websocket connection opened by client 8123, 42 connections are open",
	"payment 7781 of order 8812 accepted by provider, amount 41.20 eur, reference 99-1231",
	"time to first byte 23 ms, total time 41 ms, 12 kb transferred, cache hit",
	"worker 4: claimed batch 88123 with 250 records, finished in 812 ms, 0 failed",
	"service discovery: endpoint 10.1.4.12:9090 added, endpoint 10.1.4.7:9090 removed",
	"clock source set, timer started, waiting for events; timestamp of last event recorded",
};

struct asked {
	struct str text;
	unsigned times;
};

struct sample {
	uint16_t counts[1 << BITS]; /* by hash: two grams that share one look common, which costs a little speed and nothing else */
	/* answers of sample_times: the same texts are asked for again and again */
	struct table table;
	struct asked *asked;
	size_t asked_count, asked_capacity;
};

static uint32_t slot(const char *four)
{
	uint32_t gram;
	memcpy(&gram, four, sizeof gram);
	return (gram * 0x9E3779B1u) >> (32 - BITS);
}

size_t sample_lines(void)
{
	return sizeof LINES / sizeof LINES[0];
}

struct str sample_line(size_t index)
{
	return str_of(LINES[index]);
}

static struct str text_of(const void *rows, uint32_t index)
{
	return ((const struct asked *)rows)[index].text;
}

struct sample *sample_new(void)
{
	struct sample *sample = calloc(1, sizeof *sample);
	if (!sample)
		abort();
	table_init(&sample->table, 0, text_of, NULL);
	for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++)
		for (const char *at = LINES[i]; at[0] && at[1] && at[2] && at[3]; at++)
			sample->counts[slot(at)]++;
	return sample;
}

void sample_free(struct sample *sample)
{
	if (!sample)
		return;
	table_release(&sample->table);
	free(sample->asked);
	free(sample);
}

unsigned sample_grams(struct sample *sample, const char *four)
{
	return sample->counts[slot(four)];
}

static unsigned count_lines(struct str text)
{
	unsigned times = 0;
	for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++)
		times += str_find(str_of(LINES[i]), text) >= 0;
	return times;
}

static unsigned remember(struct sample *sample, struct str text, unsigned times)
{
	if (sample->asked_count == sample->asked_capacity) {
		sample->asked_capacity = sample->asked_capacity ? sample->asked_capacity * 2 : 256;
		sample->asked = realloc(sample->asked, sample->asked_capacity * sizeof *sample->asked);
		if (!sample->asked)
			abort();
		sample->table.rows = sample->asked;
	}
	sample->asked[sample->asked_count] = (struct asked){text, times};
	table_insert(&sample->table, text, (uint32_t)sample->asked_count++);
	return times;
}

unsigned sample_times(struct sample *sample, struct str text)
{
	for (size_t i = 0; i + 4 <= text.size; i++)
		if (!sample_grams(sample, text.data + i))
			return 0;
	uint32_t index = table_find(&sample->table, text);
	return index != TABLE_NONE ? sample->asked[index].times : remember(sample, text, count_lines(text));
}
