/* stdout: readable text on a terminal, one document a line otherwise; a closed pipe ends the program quietly. */
#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

#include "skewline/app.h"

/* OUTPUT_AUTO resolved. */
enum app_output output_choice(enum app_output asked);
enum alert_format output_alert_format(enum app_output choice);
/* Writes and adds the line feed. False after a write error other than a closed pipe, which ends the process with EXIT_FINE. */
bool output_line(struct str line);
/* The same for an alert; as readable text with a blank line behind it. */
bool output_alert(struct str text, enum alert_format format);
bool output_flush(void);

#endif
