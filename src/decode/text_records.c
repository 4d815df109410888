#include "records.h"
#include "time_text.h"

static struct str word(struct str *rest)
{
	struct str part;
	return str_split(rest, ' ', &part) ? part : STR_NONE;
}

struct str severity_of(int64_t priority)
{
	static const struct str names[] = {{"emerg", 5}, {"alert", 5}, {"crit", 4}, {"err", 3}, {"warning", 7}, {"notice", 6}, {"info", 4}, {"debug", 5}};
	return names[priority & 7];
}

/* "<PRI>" at the start: moves behind it and gives the severity. */
static bool priority(struct str *text, struct str *out_severity)
{
	ptrdiff_t end = str_find_byte(str_first(*text, 5), '>');
	int64_t value;
	if (!text->size || text->data[0] != '<' || end < 2 || !str_to_int64((struct str){text->data + 1, (size_t)end - 1}, &value) || value < 0 || value > 191)
		return false;
	*out_severity = severity_of(value);
	*text = str_from(*text, (size_t)end + 1);
	return true;
}

/* "sshd[812]: text" -> program and message; without such a tag all of it is the message. */
static void tag_and_message(struct str text, struct record *record)
{
	ptrdiff_t colon = str_find_byte(str_first(text, 128), ':');
	struct str tag = colon > 0 ? str_first(text, (size_t)colon) : STR_NONE;
	if (!tag.size || str_find_byte(tag, ' ') >= 0) {
		record->message = str_trim(text);
		return;
	}
	ptrdiff_t bracket = str_find_byte(tag, '[');
	record->program = bracket > 0 ? str_first(tag, (size_t)bracket) : tag;
	record->message = str_trim(str_from(text, (size_t)colon + 1));
}

static void as_log(struct decoder *decoder, const char *format, struct stamp_text said)
{
	struct record *record = &decoder->record;
	record->kind = RECORD_LOG;
	record->format = format;
	record->host_said = said.at;
	record->grain = said.grain;
}

/* Structured data: "-" or [id name="value"...]... with \" \] \\ escapes. Moves behind it; a remark when the sender says that it is not in step. */
static bool structured_data(struct str *rest, struct record *record)
{
	if (rest->size && rest->data[0] == '-') {
		*rest = str_from(*rest, 1);
		return true;
	}
	size_t at = 0;
	while (at < rest->size && rest->data[at] == '[') {
		bool quoted = false;
		for (at++; at < rest->size && (quoted || rest->data[at] != ']'); at++) {
			if (rest->data[at] == '\\' && quoted)
				at++;
			else if (rest->data[at] == '"')
				quoted = !quoted;
		}
		if (at >= rest->size)
			return false;
		at++;
	}
	struct str data = str_first(*rest, at);
	if (str_find(data, STR("timeQuality")) >= 0 && str_find(data, STR("isSynced=\"0\"")) >= 0)
		record->detail = STR("the sender says isSynced=0");
	*rest = str_from(*rest, at);
	return at > 0;
}

/* RFC 5424: <PRI>1 TIME HOST APP PROCID MSGID SD MSG */
static bool rfc5424(struct decoder *decoder, struct str text)
{
	struct record *record = &decoder->record;
	struct str severity, rest = text;
	if (!priority(&rest, &severity) || !str_starts(rest, STR("1 ")))
		return false;
	rest = str_from(rest, 2);
	struct str time = word(&rest), host = word(&rest), program = word(&rest);
	word(&rest); /* PROCID */
	word(&rest); /* MSGID */
	struct stamp_text said = {.at = INSTANT_NONE};
	enum time_result result = str_equal(time, STR("-")) ? TIME_OK : time_rfc3339(time, &said);
	if (result != TIME_OK) {
		reject(decoder, REJECT_BAD_TIME, result == TIME_BEYOND ? "the time '%.*s' lies outside 1900..2200" : "'%.*s' is no time",
			STR_ARGS(str_cut_utf8(time, 60)));
		return true;
	}
	if (str_equal(host, STR("-")) || !host.size) {
		reject(decoder, REJECT_NO_HOST, "the syslog header names no host");
		return true;
	}
	if (!set_host(decoder, host))
		return true;
	if (!structured_data(&rest, record)) {
		reject(decoder, REJECT_TRUNCATED, "the structured data of the syslog header does not end");
		return true;
	}
	as_log(decoder, "rfc5424", said);
	record->severity = severity;
	record->program = str_equal(program, STR("-")) ? STR_NONE : program;
	rest = str_trim(rest);
	record->message = str_starts(rest, STR("\xEF\xBB\xBF")) ? str_from(rest, 3) : rest;
	return true;
}

/* RFC 3164: [<PRI>]Mmm dd hh:mm:ss HOST TAG: MSG. No year and no zone: UTC, the year nearest to the envelope's time. Cisco puts
 * `*` or `.` before a time that its clock cannot vouch for. */
static bool rfc3164(struct decoder *decoder, struct str text, const struct envelope *envelope)
{
	struct record *record = &decoder->record;
	struct str severity = STR_NONE, rest = text;
	priority(&rest, &severity);
	if (rest.size && (rest.data[0] == '*' || rest.data[0] == '.'))
		rest = str_from(rest, 1);
	struct stamp_text said;
	size_t size;
	if (time_rfc3164(rest, envelope->transport, &said, &size) != TIME_OK)
		return false;
	rest = str_trim(str_from(rest, size));
	struct str host = word(&rest);
	if (!host.size || host.data[host.size - 1] == ':') { /* a tag where the host should be */
		reject(decoder, REJECT_NO_HOST, "the syslog header names no host");
		return true;
	}
	if (!set_host(decoder, host))
		return true;
	as_log(decoder, "rfc3164", said);
	record->severity = severity;
	tag_and_message(rest, record);
	return true;
}

/* rsyslog's file format: TIME HOST TAG: MSG with an RFC 3339 time. */
static bool rsyslog_file(struct decoder *decoder, struct str text)
{
	struct str rest = text, time = word(&rest), host = word(&rest);
	struct stamp_text said;
	if (time.size < 19 || str_find_byte(time, 'T') != 10 || !host.size || !rest.size)
		return false;
	enum time_result result = time_rfc3339(time, &said);
	if (result == TIME_NOT || host.data[host.size - 1] == ':' || host.data[0] == '{')
		return false;
	if (str_equal(host, STR("stdout")) || str_equal(host, STR("stderr"))) { /* a container runtime's line: TIME STREAM TAG TEXT */
		reject(decoder, REJECT_NO_HOST, "a container's line names no host");
		return true;
	}
	if (result == TIME_BEYOND) {
		reject(decoder, REJECT_BAD_TIME, "the time '%.*s' lies outside 1900..2200", STR_ARGS(time));
		return true;
	}
	if (!set_host(decoder, host))
		return true;
	as_log(decoder, "rsyslog-fileformat", said);
	tag_and_message(rest, &decoder->record);
	return true;
}

/* `chronyc -c` as it comes: no host and no time of its own. */
static bool bare_chronyc(struct decoder *decoder, struct str text, const struct envelope *envelope)
{
	struct record *record = &decoder->record;
	if (!chronyc_tracking_row(decoder, text) && !chronyc_sources_row(decoder, text))
		return false;
	if (record->kind == RECORD_REJECTED)
		return true;
	struct str host = envelope->host.size ? envelope->host : envelope->key;
	if (!host.size) {
		reject(decoder, REJECT_NO_HOST, "a bare chronyc row: the host must be the record's key or its `host` header");
		return true;
	}
	if (!str_is_utf8(host, NULL))
		reject(decoder, REJECT_NO_HOST, "a bare chronyc row whose key is no text: the host must be the record's key or its `host` header");
	else if (set_host(decoder, host))
		record->message = text;
	return true;
}

bool is_text_format(struct str format)
{
	return str_equal(format, STR("rfc3164")) || str_equal(format, STR("rfc5424")) || str_equal(format, STR("rsyslog-fileformat"));
}

/* A format that was said excludes the others. */
static bool may_be(const struct decoder *decoder, struct str format)
{
	return !decoder->format.size || str_equal(decoder->format, format);
}

void decode_text(struct decoder *decoder, struct str text, const struct envelope *envelope)
{
	size_t bad;
	if (!str_is_utf8(text, &bad)) {
		reject(decoder, REJECT_BAD_UTF8, "not UTF-8 at byte %zu", bad);
		return;
	}
	text = str_trim(text);
	if (((may_be(decoder, STR("chronyc-tracking")) || may_be(decoder, STR("chronyc-sources"))) && bare_chronyc(decoder, text, envelope))
		|| (may_be(decoder, STR("rfc5424")) && rfc5424(decoder, text)) || (may_be(decoder, STR("rfc3164")) && rfc3164(decoder, text, envelope))
		|| (may_be(decoder, STR("rsyslog-fileformat")) && rsyslog_file(decoder, text)))
		return;
	if (decoder->format.size)
		reject(decoder, REJECT_UNKNOWN_FORMAT, "not %.*s, as its format is said to be: '%.*s'", STR_ARGS(decoder->format), STR_ARGS(str_cut_utf8(text, 40)));
	else
		reject(decoder, REJECT_UNKNOWN_FORMAT, "no known format starts like '%.*s'", STR_ARGS(str_cut_utf8(text, 40)));
}
