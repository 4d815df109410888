/* Clocks that check what other clocks dated. Every text below is said because a comparison of two clocks failed, with the leeway that the program of that name allows;
 * ages of artefacts are heavy-tailed. Texts: Go crypto/x509, curl, node-jsonwebtoken, PyJWT, openid-client, MIT krb5, GNU tar, etcd, BIND, Loki. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

static const double back_dated[] = {0, 0, 60, 300}, leeways[] = {0, 0, 1, 5, 30, 60}, lifetimes[] = {120, 300, 900, 3600};

void clock_event_say(struct simulation *s, int h, double at, const char *program, const char *text)
{
	ship(s, h, at, RECORD_OF_LOG, program, "syslog", text);
}

static double issuer_theta(const struct simulation *s, int service, double at)
{
	int host = s->state->service_host[service];
	return host < 0 ? 0 : sim_theta(s, host, at);
}

static struct sim_record *say(struct simulation *s, int h, double at, int service, const char *program, const char *text)
{
	struct sim_record *record = ship(s, h, at, RECORD_OF_SYMPTOM, program, "app", text);
	record->issuer = (uint8_t)s->state->service_sort[service];
	return record;
}

static void say_not_yet(struct simulation *s, int h, double at, int service, double now, double begins, double theta, bool forged)
{
	char text[300], from[40], to[40];
	bool certificate = s->state->service_sort[service] == ISSUE_CERTIFICATE;
	int64_t now_s = s->begin_s + (int64_t)floor(now), begins_s = s->begin_s + (int64_t)floor(begins);
	int wording = sim_pick(s, 3);
	if (certificate && wording < 2) {
		*put_stamp(from, now_s * 1000000000, 0) = *put_stamp(to, begins_s * 1000000000, 0) = 0;
		snprintf(text, sizeof text, "Get \\\"https://api.example.net:8443/ready\\\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: "
			"current time %s is before %s", from, to);
	} else if (certificate) {
		snprintf(text, sizeof text, "curl: (60) SSL certificate problem: certificate is not yet valid");
	} else if (wording == 0) {
		snprintf(text, sizeof text, "RPError: JWT not active yet, now %lld, nbf %lld", (long long)now_s, (long long)begins_s);
	} else {
		snprintf(text, sizeof text, "%s", wording == 1 ? "NotBeforeError: jwt not active" : "jwt.exceptions.ImmatureSignatureError: The token is not yet valid (nbf)");
	}
	struct sim_record *record = say(s, h, at, service, certificate ? "agent" : "auth-proxy", text);
	record->causal = true;
	record->forged = forged;
	record->issuer_theta = theta;
}

static void check_validity(struct simulation *s, int h, double at, int service)
{
	bool certificate = s->state->service_sort[service] == ISSUE_CERTIFICATE;
	double age = certificate ? fmin(sim_pareto(s, 1, 0.6), 3e6) : sim_pareto(s, 0.02, 1.2), leeway = certificate ? 0 : leeways[sim_pick(s, 6)];
	double theta = issuer_theta(s, service, at - age), dated = at - age + theta, now = at + sim_theta(s, h, at);
	double begins = dated - (certificate ? back_dated[sim_pick(s, 4)] : 0), life = certificate ? 7776000 : lifetimes[sim_pick(s, 4)];
	bool forged = certificate && s->state->post_dated > 0 && sim_chance(s) < 0.08;
	if (forged)
		begins = at + s->state->post_dated;
	if (now + leeway < floor(begins))
		say_not_yet(s, h, at, service, now, begins, theta, forged);
	else if (now - leeway > begins + life)
		say(s, h, at, service, certificate ? "agent" : "auth-proxy", certificate ? "curl: (60) SSL certificate problem: certificate has expired" : "TokenExpiredError: jwt expired");
}

static void check_ticket(struct simulation *s, int h, double at, int service)
{
	char text[300];
	double apart = sim_theta(s, h, at) - issuer_theta(s, service, at);
	if (fabs(apart) <= 300)
		return;
	say(s, h, at, service, "kinit", "kinit: Clock skew too great while getting initial credentials")->symmetric = true;
	int kdc = s->state->service_host[service];
	if (kdc < 0 || kdc == h)
		return;
	snprintf(text, sizeof text, "AS_REQ (2 etypes {aes256-cts-hmac-sha1-96(18), aes128-cts-hmac-sha1-96(17)}) 192.0.2.9: PREAUTH_FAILED: host/%s@EXAMPLE.NET for "
		"krbtgt/EXAMPLE.NET@EXAMPLE.NET, Clock skew too great", s->hosts[h].name);
	say(s, kdc, at + 0.002, service, "krb5kdc", text);
}

static void check_file(struct simulation *s, int h, double at, int service)
{
	double age = sim_pareto(s, 0.05, 0.8), theta = issuer_theta(s, service, at - age), modified = at - age + theta, now = at + sim_theta(s, h, at);
	char text[200], stamp[40], ahead[40];
	if (modified <= now)
		return;
	*put_stamp(stamp, (s->begin_s + (int64_t)floor(modified)) * 1000000000, 0) = *put_fixed(ahead, modified - now, 3) = 0;
	snprintf(text, sizeof text, "tar: ./conf/app.yml: time stamp %.10s %.8s is %s s in the future", stamp, stamp + 11, ahead);
	struct sim_record *record = say(s, h, at, service, "backup", text);
	record->causal = true;
	record->issuer_theta = theta;
}

static void check_stream(struct simulation *s, int h, double at, int service)
{
	int receiver = s->state->service_host[service];
	double now = at + issuer_theta(s, service, at), said = at + sim_theta(s, h, at);
	char text[200], stamp[40];
	if (said - now <= 600 || receiver == h || s->down[receiver][(int)at])
		return;
	*put_stamp(stamp, (s->begin_s + (int64_t)floor(said)) * 1000000000, 0) = 0;
	snprintf(text, sizeof text, "entry for stream '{host=\\\"%s\\\", job=\\\"varlogs\\\"}' has timestamp too new: %s", s->hosts[h].name, stamp);
	say(s, receiver, at + 0.01, service, "loki", text);
}

void services_check(struct simulation *s, int h, double at)
{
	int service = sim_pick(s, s->state->services_count), owner = s->state->service_host[service];
	if (owner == h || (owner >= 0 && s->down[owner][(int)at]))
		return;
	switch (s->state->service_sort[service]) {
	case ISSUE_CERTIFICATE:
	case ISSUE_TOKEN: check_validity(s, h, at, service); break;
	case ISSUE_TICKET: check_ticket(s, h, at, service); break;
	case ISSUE_FILE: check_file(s, h, at, service); break;
	case ISSUE_TSIG:
		if (fabs(sim_theta(s, h, at) - issuer_theta(s, service, at)) > 300)
			say(s, h, at, service, "nsupdate", "; TSIG error with server: clocks are unsynchronized")->symmetric = true;
		break;
	case ISSUE_STREAM: check_stream(s, h, at, service); break;
	default: break;
	}
}

static const char member_id[] = "8e9e05c5216469";

int sim_member(const char *id)
{
	size_t size = sizeof member_id - 1;
	return strncmp(id, member_id, size) == 0 ? atoi(id + size) : -1;
}

/* Members of one cluster compare clocks, and complain beyond a second. */
void peers_compare(struct simulation *s, int h, double at)
{
	int members = 3, other = sim_pick(s, members);
	double apart = sim_theta(s, h, at) - sim_theta(s, other, at) + sim_between(s, -0.02, 0.02);
	char text[160], size[40];
	if (h >= members || other == h || s->down[other][(int)at] || fabs(apart) <= 1)
		return;
	*put_fixed(size, fabs(apart), 6) = 0;
	snprintf(text, sizeof text, "the clock difference against peer %s%02d is too high [%ss > 1s]", member_id, other, size);
	struct sim_record *record = ship(s, h, at, RECORD_OF_SYMPTOM, "etcd", "app", text);
	record->issuer = ISSUE_CLUSTER;
	record->symmetric = true;
}
