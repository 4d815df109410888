/* What the demo's programs say. Placeholders, expanded by fleet.c with the host's own clock and fault:
 *   {n} a number  {ms} milliseconds  {ip} a client address  {u} a user  {peer} another host  {src} the selected time source
 *   {now} its time, RFC 3339, whole seconds  {unix} the same in epoch seconds
 *   {from} {fromunix} a validity that starts after {now}, {till} one that ended before: as far away as the caller says
 *   {off} the clock's offset with chronyd's sign (positive = must be added)
 *   {victim} {victimip} the host that is complained of, {said} its time
 * Any other brace stands for itself. */
#ifndef APP_FLEET_TEXTS_H
#define APP_FLEET_TEXTS_H

enum fleet_role { ROLE_WEB, ROLE_API, ROLE_DB, ROLE_NODE, ROLE_BUILD, ROLE_MAIL, ROLE_IDP, ROLE_KDC, ROLE_LOG, ROLE_NS, ROLE_ANY };

struct fleet_line {
	int role; /* enum fleet_role */
	const char *program, *level, *text;
};

static const struct fleet_line ordinary_lines[] = {
	{ROLE_WEB, "nginx", "info", "{ip} - - \"GET /basket/{n} HTTP/1.1\" 200 {n} \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\" rt=0.{ms}"},
	{ROLE_WEB, "nginx", "info", "{ip} - {u} \"POST /login HTTP/2.0\" 302 0 \"https://shop.example.net/\" \"okhttp/4.12.0\" rt=0.{ms}"},
	{ROLE_WEB, "nginx", "error", "*{n} upstream timed out (110: Connection timed out) while reading response header from upstream, client: {ip}, upstream: \"http://{peer}:8080/\""},
	{ROLE_WEB, "haproxy", "info", "{ip}:{n} https~ api/{peer} 0/0/1/{ms}/{ms} 200 {n} - - ---- 12/12/3/1/0 0/0 \"GET /v2/items HTTP/1.1\""},
	{ROLE_API, "billing-api", "info", "charged order {n} for {u} in {ms} ms"},
	{ROLE_API, "billing-api", "info", "refreshed access token for {u}, valid for 3600 s"},
	{ROLE_API, "billing-api", "warn", "retry 1 of 3: connection to {peer}:5432 reset by peer"},
	{ROLE_API, "node", "info", "GET /v2/items/{n} 200 {ms}ms user={u}"},
	{ROLE_API, "node", "info", "cache miss for \"item:{n}\"; loaded from {peer} in {ms}ms"},
	{ROLE_DB, "postgres", "info", "checkpoint complete: wrote {n} buffers; write=0.{ms} s, sync=0.004 s"},
	{ROLE_DB, "postgres", "info", "duration: {ms}.114 ms  statement: SELECT id, total FROM orders WHERE customer = {n}"},
	{ROLE_DB, "postgres", "error", "canceling statement due to user request: \"VACUUM ANALYZE stock\""},
	{ROLE_DB, "pgbouncer", "info", "C-0x55{n}: shop/{u}@{ip}:{n} login attempt: db=shop user={u} tls=TLSv1.3"},
	{ROLE_NODE, "kubelet", "info", "\"SyncLoop UPDATE\" source=\"api\" pods=[\"shop/cart-{n}\"]"},
	{ROLE_NODE, "kubelet", "warn", "\"Probe failed\" probeType=\"Readiness\" pod=\"shop/cart-{n}\" probeResult=\"failure\" output=\"HTTP probe failed with statuscode: 503\""},
	{ROLE_NODE, "containerd", "info", "time=\"{now}\" level=info msg=\"StartContainer for \\\"{n}\\\" returns successfully\""},
	{ROLE_BUILD, "jenkins", "info", "build #{n} of shop-web finished: SUCCESS in {ms} s"},
	{ROLE_BUILD, "git", "info", "fetched 14 objects from {peer} in 0.{ms} s"},
	{ROLE_MAIL, "postfix", "info", "{n}: to=<{u}@example.net>, relay={peer}[{ip}]:25, delay=0.{ms}, dsn=2.0.0, status=sent (250 2.0.0 Ok)"},
	{ROLE_MAIL, "dovecot", "info", "imap-login: Info: Login: user=<{u}>, method=PLAIN, rip={ip}, secured, session=<{n}>"},
	{ROLE_IDP, "keycloak", "info", "type=\"LOGIN\", realmId=\"shop\", clientId=\"web\", userId=\"{u}\", ipAddress=\"{ip}\""},
	{ROLE_IDP, "keycloak", "warn", "type=\"LOGIN_ERROR\", realmId=\"shop\", error=\"invalid_user_credentials\", username=\"{u}\", ipAddress=\"{ip}\""},
	{ROLE_KDC, "krb5kdc", "info", "AS_REQ (2 etypes {aes256-cts-hmac-sha1-96(18), aes128-cts-hmac-sha1-96(17)}) {ip}: ISSUE: authtime {unix}, etypes {rep=18 tkt=18 ses=18}, {u}@EXAMPLE.NET for krbtgt/EXAMPLE.NET@EXAMPLE.NET"},
	{ROLE_KDC, "kadmind", "info", "Request: kadm5_get_principal, {u}@EXAMPLE.NET, success, client={u}/admin@EXAMPLE.NET, addr={ip}"},
	{ROLE_LOG, "loki", "info", "level=info msg=\"flushing stream\" stream=\"{host=\\\"{peer}\\\"}\" size={n}"},
	{ROLE_LOG, "vector", "info", "{n} events forwarded to sink \"kafka\" in {ms} ms"},
	{ROLE_NS, "named", "info", "client @0x7f{n} {ip}#{n} (www.example.net): query: www.example.net IN A + ({ip})"},
	{ROLE_NS, "unbound", "info", "server stats for thread 0: {n} queries, {ms} answers from cache, 12 recursions"},
	{ROLE_ANY, "sshd", "info", "Accepted publickey for {u} from {ip} port {n} ssh2: ED25519 SHA256:lTaIwMjORph65gdxjKpviW9Qt5LZtGdIBLY2"},
	{ROLE_ANY, "sshd", "info", "Received disconnect from {ip} port {n}:11: disconnected by user"},
	{ROLE_ANY, "systemd", "info", "logrotate.service: Deactivated successfully."},
	{ROLE_ANY, "systemd", "info", "Started session-{n}.scope - Session {n} of User {u}."},
	{ROLE_ANY, "CRON", "info", "({u}) CMD (test -x /usr/sbin/anacron || run-parts --report /etc/cron.hourly)"},
	{ROLE_ANY, "certbot", "info", "Certificate not yet due for renewal; next check is scheduled in 12 h"},
};

/* A clock that is behind: what others stamped has not happened yet. */
static const struct fleet_line behind_lines[] = {
	{ROLE_ANY, "curl", "error", "curl: (60) SSL certificate problem: certificate is not yet valid"},
	{ROLE_ANY, "agent", "error", "Get \"https://{peer}:8443/ready\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time {now} is before {from}"},
	{ROLE_ANY, "node", "error", "NotBeforeError: jwt not active"},
	{ROLE_ANY, "auth-proxy", "error", "go-jose/go-jose/jwt: validation failed, token not valid yet (nbf)"},
	{ROLE_ANY, "node", "error", "RPError: JWT not active yet, now {unix}, nbf {fromunix}"},
};
/* A clock that is ahead: everything short-lived seems over. */
static const struct fleet_line ahead_lines[] = {
	{ROLE_ANY, "node", "error", "TokenExpiredError: jwt expired"},
	{ROLE_ANY, "auth-proxy", "error", "go-jose/go-jose/jwt: validation failed, token is expired (exp)"},
	{ROLE_ANY, "agent", "error", "Get \"https://{peer}:8443/ready\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time {now} is after {till}"},
	{ROLE_ANY, "curl", "error", "curl: (60) SSL certificate problem: certificate has expired"},
};
/* Either side, where the difference exceeds Kerberos's 300 s. */
static const struct fleet_line kerberos_lines[] = {
	{ROLE_ANY, "kinit", "error", "kinit: Clock skew too great while getting initial credentials"},
	{ROLE_ANY, "sshd", "error", "Unspecified GSS failure.  Minor code may provide more information: Clock skew too great"},
};
/* Said by others, of the host that is wrong. */
static const struct fleet_line kdc_complaint = {ROLE_KDC, "krb5kdc", "info",
	"AS_REQ (2 etypes {aes256-cts-hmac-sha1-96(18), aes128-cts-hmac-sha1-96(17)}) {victimip}: PREAUTH_FAILED: host/{victim}@EXAMPLE.NET for krbtgt/EXAMPLE.NET@EXAMPLE.NET, Clock skew too great"};
static const struct fleet_line loki_complaint = {ROLE_LOG, "loki", "warn",
	"entry for stream '{host=\"{victim}\", job=\"varlogs\"}' has timestamp too new: {said}"};
/* Look-alikes: the credential is at fault. */
static const struct fleet_line expired_lines[] = {
	{ROLE_ANY, "curl", "error", "curl: (60) SSL certificate problem: certificate has expired"},
	{ROLE_ANY, "agent", "error", "Get \"https://legacy.example.net/status\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time {now} is after {till}"},
};
static const struct fleet_line postdated_lines[] = {
	{ROLE_ANY, "node", "error", "NotBeforeError: jwt not active"},
	{ROLE_ANY, "agent", "error", "Get \"https://preview.example.net/\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time {now} is before {from}"},
};

/* chronyd's own words. */
static const struct fleet_line chronyd_start[] = {
	{ROLE_ANY, "chronyd", "info", "chronyd version 4.3 starting (+CMDMON +NTP +REFCLOCK +RTC +PRIVDROP +SCFILTER +SIGND +ASYNCDNS +NTS +SECHASH +IPV6 -DEBUG)"},
	{ROLE_ANY, "chronyd", "info", "Selected source {src}"},
};
static const struct fleet_line chronyd_powerless = {ROLE_ANY, "chronyd", "info", "Disabled control of system clock"};
static const struct fleet_line chronyd_wrong = {ROLE_ANY, "chronyd", "info", "System clock wrong by {off} seconds"};
static const struct fleet_line chronyd_jumped = {ROLE_ANY, "chronyd", "info", "Forward time jump detected!"};
static const struct fleet_line chronyd_lost = {ROLE_ANY, "chronyd", "info", "Can't synchronise: no selectable sources"};

static const char *const user_names[] = {"alice", "bob", "carol", "dave", "erin", "svc-cart", "svc-billing", "deploy"};
static const char *const site_names[] = {"fra1", "ams2", "nyc3", "sin1", "lon2", "waw1", "osl1", "mad2"};

#endif
