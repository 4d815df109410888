/* A window on bytes: HTTP on loopback or where the operator says, /metrics and /healthz. Knows no word of what it shows. */
#ifndef SKEWLINE_WEB_H
#define SKEWLINE_WEB_H

#include "skewline/buffer.h"

struct web_page {
	const char *path;                  /* "/metrics" */
	const char *content_type;
	/* Fills the body, returns the HTTP status. Called on the server's thread. */
	unsigned (*write)(void *context, struct buffer *out);
	void *context;
};

struct web;
/* address "HOST:PORT" (port 0: any). NULL with a text that names the remedy. `pages` must outlive the server. */
struct web *web_open(struct str address, const struct web_page *pages, size_t count, struct buffer *out_error);
unsigned web_port(const struct web *web);
void web_close(struct web *web);

#endif
