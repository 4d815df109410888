/* `version`: what runs, and on what. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <inttypes.h>
#include <pcre2.h>
#include <stdio.h>

#include "json.h"
#include "output.h"
#include "setup.h"
#include "skewline/stream.h"

#define COMPILER __VERSION__

int app_version(const struct app_request *request)
{
	struct setup setup;
	struct buffer out = {0};
	char regex[64] = "";
	pcre2_config(PCRE2_CONFIG_VERSION, regex);
	setup_load(request, &setup);
	char hash[17];
	snprintf(hash, sizeof hash, "%016" PRIx64, rule_set_hash(setup.rules));
	if (output_choice(request->output) == OUTPUT_TEXT) {
		buffer_printf(&out, "skewline   %s\nbuild      %s, %s\nlibrdkafka %s\nPCRE2      %s\nrule set   %s (%zu rules)\n", SKEWLINE_VERSION, SKEWLINE_BUILD, COMPILER,
			stream_library_version(), regex, hash, rule_set_count(setup.rules));
	} else {
		buffer_printf(&out, "{\"version\":\"%s\"", SKEWLINE_VERSION);
		json_text(&out, "build", str_of(SKEWLINE_BUILD));
		json_text(&out, "compiler", str_of(COMPILER));
		json_text(&out, "librdkafka", str_of(stream_library_version()));
		json_text(&out, "pcre2", str_of(regex));
		json_text(&out, "ruleset_hash", str_of(hash));
		json_number(&out, "rules", (int64_t)rule_set_count(setup.rules));
		buffer_add_byte(&out, '}');
	}
	int status = output_line(buffer_str(&out)) && output_flush() ? EXIT_FINE : EXIT_ENVIRONMENT;
	buffer_release(&out);
	setup_release(&setup);
	return status;
}
