/* generate EVENTS SEED: ECS JSON events on stdout, made from a seed, for the benchmark.
 *
 * 1,000 hosts, one event every millisecond of `event.ingested`, about 550 bytes each. Every 20th is a chronyc tracking row (so each host
 * reports every 20 s), every 200th a symptom of one of 20 hosts whose clocks are off; the rest is ordinary talk: three
 * quarters by the host's main program, a sixth by its second, the rest by what every host runs. Two fifths of it hold words such as
 * "failed", "timed out", "clock" or "error" that a pattern must look at and let go. One record in five holds escapes
 * (\" \\ \u00e9 \n), and keys come in four orders. No clock is read: the same arguments give the same bytes. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS 1000
#define BAD_HOSTS 20
#define START_MS 1795399200000LL
#define COUNT(array) (sizeof(array) / sizeof *(array))

struct event {
	char host[64], program[24], level[8], dataset[32], message[640], extra[640];
	char said[32], ingested[32];
	uint32_t number;
};

static uint64_t draw(uint64_t *random) /* splitmix64 */
{
	uint64_t z = *random += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static int64_t between(uint64_t *random, int64_t low, int64_t high)
{
	return low + (int64_t)(draw(random) % (uint64_t)(high - low + 1));
}

/* RFC 3339 with ms, by counting days from a date that is near (Howard Hinnant's civil_from_days, shortened to this century). */
static void stamp(int64_t ms, int digits, char out[32])
{
	int64_t days = ms / 86400000, rest = ms % 86400000;
	int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097, yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153, day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
	int64_t year = yoe + era * 400 + (month <= 2), second = rest / 1000;
	int used = snprintf(out, 32, "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64 ":%02" PRId64, year, month, day, second / 3600, second / 60 % 60, second % 60);
	if (used > 0 && used < 24 && digits)
		snprintf(out + used, 32 - (size_t)used, ".%03" PRId64 "Z", rest % 1000);
	else if (used > 0 && used < 24)
		snprintf(out + used, 32 - (size_t)used, "Z");
}

/* The first BAD_HOSTS hosts: odd ones ahead, even ones behind, 40 to 840 s. */
static int64_t offset_ms(unsigned host)
{
	if (host >= BAD_HOSTS)
		return 0;
	int64_t size = 40000 + 42107 * (int64_t)(host / 2);
	return host % 2 ? size : -size;
}

static void name_host(unsigned host, char out[64])
{
	static const char *const roles[] = {"web", "api", "db", "node", "cache", "queue", "build", "edge"};
	snprintf(out, 64, "%s-%04u.dc%u.example.net", roles[host % COUNT(roles)], host, host % 3 + 1);
}

/* Programs of the shapes below, by role: the main one, the second one. */
static const char *const role_programs[][2] = {{"nginx", "haproxy"}, {"billing", "node"}, {"postgres", "kernel"}, {"kubelet", "node"}, {"node", "haproxy"},
	{"billing", "postgres"}, {"C:\\\\app\\\\sync.exe", "node"}, {"haproxy", "nginx"}};

static void ordinary(uint64_t *random, unsigned host, struct event *event)
{
	static const struct { const char *program, *level, *text; } shapes[] = {
		{"nginx", "info", "192.0.2.%d - - \\\"GET /basket/%d HTTP/1.1\\\" 200 %d \\\"-\\\" \\\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\\\""},
		{"nginx", "error", "*%d upstream timed out (110: Connection timed out) while reading response header from upstream, client: 192.0.2.%d, server: api, port %d"},
		{"nginx", "info", "192.0.2.%d client closed keepalive connection after %d requests, %d bytes sent in total by this worker"},
		{"haproxy", "info", "192.0.2.%d:%d [https] https~ api/api7 0/0/1/12/14 200 %d - - ---- 12/12/3/1/0 0/0 GET /v2/items HTTP/1.1"},
		{"billing", "info", "charged order %d for customer %d in %d ms, receipt queued for delivery by the mail service"},
		{"billing", "warn", "retry %d of 3: request to payment gateway failed with status %d after %d ms, will try again"},
		{"billing", "info", "refreshed access token for tenant %d, valid for 3600 s, scope read:orders write:orders, cache slot %d of %d"},
		{"node", "info", "GET /v2/items/%d 200 %dms tenant=%d cache=miss region=eu-central route=/v2/items/:id"},
		{"node", "error", "Error: connect ECONNREFUSED 10.4.%d.12:5432\\n    at TCPConnectWrap.afterConnect (node:net:1595:16)\\n    errno: -%d port %d"},
		{"node", "info", "caf\\u00e9 order %d accepted: \\\"table %d\\\", %d items; kitchen notified over the message bus"},
		{"postgres", "info", "checkpoint complete: wrote %d buffers (1.2%%); write=%d.114 s, sync=0.004 s, total=%d.2 s; sync files=12"},
		{"postgres", "info", "duration: %d.114 ms  statement: SELECT id, total FROM orders WHERE customer = %d AND state <> 'void' LIMIT %d"},
		{"postgres", "error", "canceling statement due to statement timeout: process %d, transaction %d, table \\\"stock_%d\\\""},
		{"kubelet", "info", "SyncLoop UPDATE source=api pods=[shop/cart-%d shop/cart-%d] observed generation %d"},
		{"kubelet", "warn", "Probe failed probeType=Readiness pod=shop/cart-%d output=HTTP probe failed with statuscode: 503, %d of %d failures"},
		{"sshd", "info", "Accepted publickey for deploy from 192.0.2.%d port %d ssh2: ED25519 SHA256:lTaIwMjORph65gdxjKpviW9Qt5LZtGdI%d"},
		{"sshd", "info", "Failed password for invalid user admin%d from 192.0.2.%d port %d ssh2"},
		{"systemd", "info", "Started session-%d.scope - Session %d of User deploy, %d units queued."},
		{"systemd", "info", "logrotate.service: Deactivated successfully after %d s; consumed %d ms CPU clock time, %d files rotated."},
		{"kernel", "warn", "clocksource: timekeeping watchdog on CPU%d: wd-tsc-wd excessive read-back delay of %dns vs. limit of %dns, wd-tsc-wd read-back delay only"},
		{"kernel", "info", "audit: type=1400 audit(%d.%d:%d): apparmor=\\\"ALLOWED\\\" operation=\\\"open\\\" profile=\\\"unconfined\\\""},
		{"certbot", "info", "Certificate %d not yet due for renewal; next check is scheduled in %d h, account %d"},
		{"keycloak", "warn", "type=LOGIN_ERROR realm=shop error=invalid_user_credentials attempt %d for user %d, session %d expired by inactivity"},
		{"C:\\\\app\\\\sync.exe", "info", "copied C:\\\\data\\\\in\\\\%d.csv to \\\\\\\\files\\\\share\\\\%d, %d rows, no errors"},
	};
	int64_t whose = between(random, 0, 99);
	const char *program = whose < 75 ? role_programs[host % COUNT(role_programs)][0] : whose < 91 ? role_programs[host % COUNT(role_programs)][1] : NULL;
	size_t shape;
	do
		shape = (size_t)between(random, 0, COUNT(shapes) - 1);
	while (program && strcmp(program, shapes[shape].program) != 0);
	snprintf(event->program, sizeof event->program, "%s", shapes[shape].program);
	snprintf(event->dataset, sizeof event->dataset, "app.%s", shape == COUNT(shapes) - 1 ? "sync" : shapes[shape].program);
	snprintf(event->level, sizeof event->level, "%s", shapes[shape].level);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(event->message, sizeof event->message, shapes[shape].text, (int)between(random, 1, 250), (int)between(random, 1024, 65000), (int)between(random, 100, 9000));
#pragma GCC diagnostic pop
}

static void symptom(uint64_t *random, struct event *event, int64_t now_ms, int64_t offset)
{
	char now[32], other[32];
	int64_t size = offset < 0 ? -offset : offset, apart = between(random, size * 6 / 10, size - 500);
	stamp(now_ms, 0, now);
	stamp(offset < 0 ? now_ms + apart : now_ms - apart, 0, other);
	snprintf(event->level, sizeof event->level, "error");
	int kind = (int)between(random, 0, size > 305000 ? 3 : 2);
	static const char *const programs[] = {"agent", "node", "curl", "kinit"};
	snprintf(event->program, sizeof event->program, "%s", programs[kind]);
	snprintf(event->dataset, sizeof event->dataset, "app.%s", programs[kind]);
	if (kind == 0)
		snprintf(event->message, sizeof event->message,
			"Get \\\"https://api.example.net:8443/ready\\\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time %s is %s %s",
			now, offset < 0 ? "before" : "after", other);
	else if (kind == 1)
		snprintf(event->message, sizeof event->message, "%s", offset < 0 ? "NotBeforeError: jwt not active" : "TokenExpiredError: jwt expired");
	else if (kind == 2)
		snprintf(event->message, sizeof event->message, "curl: (60) SSL certificate problem: certificate %s", offset < 0 ? "is not yet valid" : "has expired");
	else
		snprintf(event->message, sizeof event->message, "kinit: Clock skew too great while getting initial credentials");
}

static void tracking(uint64_t *random, struct event *event, int64_t now_ms, int64_t offset)
{
	double system_time = -(double)offset / 1e3 + (double)between(random, -9000, 9000) * 1e-9; /* chronyd's sign: negative = ahead */
	double reference = (double)(now_ms - offset) / 1e3 - (double)between(random, 0, 60000) / 1e3, delay = 2e-4 + (double)between(random, 0, 60000) * 1e-9;
	double last = (double)between(random, -4000, 4000) * 1e-9;
	snprintf(event->program, sizeof event->program, "chronyc");
	snprintf(event->dataset, sizeof event->dataset, "chrony.tracking");
	snprintf(event->level, sizeof event->level, "info");
	snprintf(event->message, sizeof event->message, "0A4D0001,10.77.0.1,2,%.9f,%.9f,%.9f,0.000005178,-7.411,0.002,0.112,%.9f,0.000041203,64.0,Normal", reference,
		system_time, last, delay);
	snprintf(event->extra, sizeof event->extra,
		",\"ntp\":{\"ref_id\":\"0A4D0001\",\"ref_name\":\"10.77.0.1\",\"stratum\":2,\"ref_time\":%.6f,\"system_time_s\":%.9f,\"last_offset_s\":%.9f,"
		"\"root_delay_s\":%.9f,\"root_dispersion_s\":0.000041203,\"update_interval_s\":64.0,\"leap_status\":\"Normal\",\"kind\":\"tracking\","
		"\"clock_offset_s\":%.9f,\"sources_total\":3,\"sources_usable\":3,\"sources_reachable\":3}",
		reference, system_time, last, delay, -system_time);
}

static void print_event(const struct event *event)
{
	char head[160], tail[400];
	snprintf(head, sizeof head, "\"host\":{\"name\":\"%s\",\"os\":{\"type\":\"linux\"}}", event->host);
	snprintf(tail, sizeof tail, "\"process\":{\"name\":\"%s\",\"pid\":%u},\"log\":{\"level\":\"%s\",\"offset\":%u},\"tags\":[\"prod\",\"eu\"],\"service\":{\"name\":\"shop\"}", event->program,
		event->number % 32768 + 1, event->level, event->number * 311u);
	const char *event_part = "\"event\":{\"ingested\":\"%s\",\"dataset\":\"%s\",\"id\":\"e%08u\"}";
	const char *agent = "\"agent\":{\"type\":\"filebeat\",\"version\":\"8.15.3\",\"name\":\"relay-7\"},\"ecs\":{\"version\":\"8.11.0\"}";
	char middle[160];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(middle, sizeof middle, event_part, event->ingested, event->dataset, event->number);
#pragma GCC diagnostic pop
	const char *said = event->said, *message = event->message, *extra = event->extra;
	switch (event->number % 4) {
	case 0: printf("{\"@timestamp\":\"%s\",%s,%s,%s,\"message\":\"%s\",%s%s}\n", said, middle, head, tail, message, agent, extra); break;
	case 1: printf("{%s,\"message\":\"%s\",%s,\"@timestamp\":\"%s\",%s,%s%s}\n", agent, message, head, said, middle, tail, extra); break;
	case 2: printf("{%s,\"@timestamp\":\"%s\",%s,\"message\":\"%s\",%s,%s%s}\n", head, said, agent, message, tail, middle, extra); break;
	default: printf("{\"message\":\"%s\",%s,%s,%s,\"@timestamp\":\"%s\",%s%s}\n", message, tail, middle, agent, said, head, extra); break;
	}
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: generate EVENTS SEED\n");
		return 2;
	}
	uint32_t events = (uint32_t)strtoul(argv[1], NULL, 10);
	uint64_t random = strtoull(argv[2], NULL, 10) * 0xd1342543de82ef95u + 1;
	for (uint32_t i = 0; i < events; i++) {
		struct event event = {.number = i};
		bool is_tracking = i % 20 == 3, is_symptom = i % 200 == 7;
		unsigned host = is_tracking ? i / 20 % HOSTS : is_symptom ? i / 200 % BAD_HOSTS : (unsigned)between(&random, 0, HOSTS - 1);
		int64_t collected = START_MS + (int64_t)i, delay = between(&random, 2, 90);
		while (!is_tracking && delay < 2500 && between(&random, 0, 2) == 0)
			delay *= 2;
		int64_t said = collected - (delay > 2500 ? 2500 : delay) + offset_ms(host);
		name_host(host, event.host);
		stamp(said, 3, event.said);
		stamp(collected, 3, event.ingested);
		if (is_tracking)
			tracking(&random, &event, said, offset_ms(host));
		else if (is_symptom)
			symptom(&random, &event, said, offset_ms(host));
		else
			ordinary(&random, host, &event);
		print_event(&event);
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 3;
}
