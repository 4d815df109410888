#include "sample.h"

#include <stdlib.h>
#include <string.h>

#include "allocate.h"
#include "grams.h"


enum { BITS = 14 };

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
	"kubelet: syncloop update, source api, pods shop/cart-7d9f8, observed generation 41, no change since the last sync",
	"rsync: sync of /srv/data finished, 120 files updated, 3 deleted, speedup is 12.4",
	"postgres: checkpoint starting: time; checkpoint complete, sync files=12, longest=0.003 s, average=0.001 s",
	"replica set is in sync, primary is up to date, candidate node-3 has not been elected",
	"resynchronised volume data02 from its mirror, drive is healthy again, synchronised 100%",
	"kernel: clocksource: timekeeping watchdog: marking cpu 3, read-back delay of 812 ns, limit was 50000 ns",
	"kernel: hrtimer: interrupt took 12345 ns; rtc_cmos: setting system clock to 2026-11-24t02:00:00 utc",
	"rollback of transaction 8812 done, going back to the last savepoint, callback returned ok",
	"back-off restarting failed container, falling back to the default backend after 3 attempts",
	"feedback of user 8123 saved, redirecting back to /orders, playback of event log started",
	"unit backup.service: main process exited, result success, all data is backed up to s3",
	"please check the documentation if the problem persists; make sure that the service is running",
	"checking for updates, last check was 6 hours ago, no update is available, next check tomorrow",
	"verify step passed: checksum is correct, size is the same, signature verified against the keyring",
	"ensure that the configuration file exists and that your user may read it, see the manual for details",
	"the requested url was not found on this server, the client sent an invalid request, error code 404",
	"could not find a matching route, value of header x-request-id is missing, returned error 400",
	"invalid value for parameter 'limit': must be a number between 1 and 100, got 'abc'",
	"your session has expired, please log in again; session timeout is 30 minutes",
	"entry older than 30 days removed from the archive, oldest entry is now 29 days old",
	"stale cache entry removed, cached object is too old, refetching from origin before it is used",
	"snapshot taken before the upgrade, restored after the failure, current state is running",
	"alert: cpu usage of host web-04 exceeds 90% for 5 minutes, current value is 93%, threshold 90%",
	"alert resolved: disk latency is back within normal limits, alert was active for 12 minutes",
	"queue length beyond the high-water mark, 812 messages behind, consumer is catching up",
	"follower is 12 entries behind the leader, leader is ahead, sending append entries",
	"range out of bounds: index 12 is outside the array, length 10, not within the allowed values",
	"job scheduled to start at 02:00, will not be run before the maintenance window is over",
	"feature flag for future releases is disabled, planned for a future version",
	"compacted 12 files in the past hour, past runs took 41 s on average, date of last run is yesterday",
	"expired 41 keys, evicted 0, expiring sessions in the background, expiry of tokens is 1 hour",
	"retention: segment of 2026-11-17 is past its retention, deleting; rolled new log segment at offset 8812",
	"password of user carol was changed, password will expire in 90 days, account is not locked",
	"credential rotated, secret version 12 is active, previous version is revoked",
	"issued certificate for cn=api.example.net by the internal ca, not after 2027-02-22, serial number 4711",
	"response received from server 10.1.2.3 in 12 ms, request sent at the same time to 2 replicas",
	"timestamp of record 8812 is 1763948412123, partition 4, timestamp type is createtime",
	"time zone database updated to 2026b, timezone of the session is europe/berlin",
	"start time 02:00:00, end time 02:05:12, elapsed time 312 s, time limit 3600 s, time spent in gc 2 s",
	"set time of next run; run time 12 s; response time 41 ms; real time 1.2 s, user time 0.8 s",
	"ntp service is running; dns service is running; syslog daemon restarted; ssh daemon listening",
	"network interface eth1 changed state to up, speed changed from 1000 to 10000, mtu set to 9000",
	"status changed from pending to active, state set to ready, mode set to automatic",
	"message from client 8123 rejected: malformed payload, message size 1200 exceeds limit 1024",
	"request rejected: api key is invalid or inactive, request id 7f8a, client 10.9.8.7",
	"difference between expected and actual row count is 0, no difference found in table orders",
	"system time in user mode 12%, idle 80%, i/o wait 1%; system is healthy",
	"error: connect econnrefused 10.4.1.12:5432, connection refused, will be retried",
	"liveness probe succeeded; live migration of vm 8812 finished; message delivered to 3 subscribers",
	"delivery of order 8812 scheduled, receipt queued for delivery, delivery attempt 1 of 3 succeeded",
	"refreshed access token for tenant 41, token issued to client web, token type is bearer",
	"slot 3 of 8 is free, slot 4 is used by job 8812, memory used 41%, unused volumes removed",
	"update of package index finished, updated 41 rows, last update was applied, validate input, up to date with origin/main",
	"session opened for user alice, session closed, session 8812 resumed, new session created",
	"time taken 41 ms, timed out waiting for lock, time to live 300 s, timeout is 30 s, timer fired",
	"event 8812 published to stream orders, event loop blocked for 12 ms, event handler registered",
	"update status of node worker-03, validate schema of topic orders, candidate leader is node-2",
	"last update took 41 ms; update check disabled; expiration date format is yyyy-mm-dd",
	"to update run the installer again; date range from monday to friday; up to date status ok",
};

enum { MASK_WORDS = 2, MASK_BITS = 64 * MASK_WORDS };

/* By hash of four bytes: two grams that share a slot look common, which costs a little speed and nothing else. */
struct sample {
	struct {
		uint64_t lines[MASK_WORDS]; /* which hold it; beyond MASK_BITS lines two share a bit */
		uint16_t count;
	} grams[1 << BITS];
	uint16_t threes[1 << GRAMS_BITS]; /* how often three bytes stand there */
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

struct sample *sample_new(void)
{
	struct sample *sample = zeroed(1, sizeof *sample);
	for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++)
		for (const char *at = LINES[i]; at[0] && at[1] && at[2] && at[3]; at++) {
			uint32_t gram = slot(at);
			sample->threes[grams_hash(at)]++;
			sample->grams[gram].count++;
			sample->grams[gram].lines[i % MASK_BITS / 64] |= 1ull << (i % 64);
		}
	return sample;
}

void sample_free(struct sample *sample)
{
	free(sample);
}

unsigned sample_grams(const struct sample *sample, const char *four)
{
	return sample->grams[slot(four)].count;
}

unsigned sample_times(const struct sample *sample, struct str text)
{
	unsigned times = 0;
	for (int word = 0; word < MASK_WORDS; word++) {
		uint64_t lines = UINT64_MAX;
		for (size_t i = 0; i + 4 <= text.size; i++)
			lines &= sample->grams[slot(text.data + i)].lines[word];
		times += (unsigned)__builtin_popcountll(lines);
	}
	return times;
}

unsigned sample_threes(const struct sample *sample, const char *three)
{
	return sample->threes[grams_hash(three)];
}
