#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum app_output output_choice(enum app_output asked)
{
	if (asked != OUTPUT_AUTO)
		return asked;
	return isatty(STDOUT_FILENO) ? OUTPUT_TEXT : OUTPUT_JSON;
}

enum alert_format output_alert_format(enum app_output choice)
{
	switch (choice) {
	case OUTPUT_TEXT: return ALERT_TEXT;
	case OUTPUT_OCSF: return ALERT_OCSF;
	case OUTPUT_HEC: return ALERT_HEC;
	case OUTPUT_AUTO:
	case OUTPUT_JSON: break;
	}
	return ALERT_JSON;
}

static bool failed(void)
{
	if (errno == EPIPE)
		_exit(EXIT_FINE); /* the reader has seen enough */
	perror("skewline: stdout");
	return false;
}

bool output_line(struct str line)
{
	if (ferror(stdout))
		return false; /* said before */
	bool fed = line.size && line.data[line.size - 1] == '\n';
	if ((line.size && fwrite(line.data, 1, line.size, stdout) != line.size) || (!fed && putchar('\n') == EOF))
		return failed();
	return true;
}

bool output_alert(struct str text, enum alert_format format)
{
	return output_line(text) && (format != ALERT_TEXT || output_line(STR_NONE));
}

bool output_flush(void)
{
	return !ferror(stdout) && (fflush(stdout) == 0 || failed());
}
