#define _GNU_SOURCE
#include "skewline/web.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

struct web {
	struct MHD_Daemon *daemon;
	const struct web_page *pages;
	size_t count;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type, struct str body)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(body.size, (void *)(uintptr_t)(body.size ? body.data : ""), MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", type);
	enum MHD_Result result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
	const char *upload, size_t *upload_size, void **state)
{
	const struct web *web = context;
	(void)version, (void)upload, (void)state;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return *upload_size ? MHD_NO : answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", STR("only GET\n"));
	for (size_t i = 0; i < web->count; i++) {
		if (strcmp(path, web->pages[i].path) != 0)
			continue;
		struct buffer body = {0};
		unsigned status = web->pages[i].write(web->pages[i].context, &body);
		enum MHD_Result result = answer(connection, status, web->pages[i].content_type, buffer_str(&body));
		buffer_release(&body);
		return result;
	}
	return answer(connection, MHD_HTTP_NOT_FOUND, "text/plain", STR("not here\n"));
}

struct web *web_open(struct str address, const struct web_page *pages, size_t count, struct buffer *out_error)
{
	ptrdiff_t colon = -1;
	for (size_t i = 0; i < address.size; i++)
		if (address.data[i] == ':')
			colon = (ptrdiff_t)i;
	char host[256] = "", port[8] = "";
	if (colon < 0 || colon >= (ptrdiff_t)sizeof host || address.size - (size_t)colon - 1 >= sizeof port) {
		buffer_printf(out_error, "'%.*s' is no HOST:PORT", STR_ARGS(address));
		return NULL;
	}
	memcpy(host, address.data, (size_t)colon);
	memcpy(port, address.data + colon + 1, address.size - (size_t)colon - 1);
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
	int failed = getaddrinfo(host[0] ? host : NULL, port, &hints, &found);
	if (failed) {
		buffer_printf(out_error, "cannot listen on '%.*s': %s", STR_ARGS(address), gai_strerror(failed));
		return NULL;
	}
	struct web *web = calloc(1, sizeof *web);
	if (!web)
		abort();
	web->pages = pages;
	web->count = count;
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | (found->ai_family == AF_INET6 ? (unsigned)MHD_USE_IPv6 : 0U);
	web->daemon = MHD_start_daemon(flags, 0, NULL, NULL, serve, web, MHD_OPTION_SOCK_ADDR, found->ai_addr, MHD_OPTION_CONNECTION_LIMIT, 64U,
		MHD_OPTION_CONNECTION_TIMEOUT, 10U, MHD_OPTION_END);
	freeaddrinfo(found);
	if (web->daemon)
		return web;
	buffer_printf(out_error, "cannot listen on '%.*s': another program may use the port; choose another with `listen`", STR_ARGS(address));
	free(web);
	return NULL;
}

unsigned web_port(const struct web *web)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_BIND_PORT);
	return info ? info->port : 0;
}

void web_close(struct web *web)
{
	if (!web)
		return;
	MHD_stop_daemon(web->daemon);
	free(web);
}
