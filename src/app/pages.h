/* /metrics and /healthz of the running stages. */
#ifndef APP_PAGES_H
#define APP_PAGES_H

#include "kafka_stages.h"

struct pages;
/* Empty `listen`: no pages, and NULL without an error. */
struct pages *pages_open(struct str listen, const struct metrics *metrics, const struct kafka_stages *stages, struct buffer *out_error);
unsigned pages_port(const struct pages *pages);
void pages_close(struct pages *pages);

#endif
