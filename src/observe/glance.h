/* A stamp read at a glance: "YYYY-MM-DDTHH:MM:SS[.fraction]Z" in quotes and nothing else. */
#ifndef OBSERVE_GLANCE_H
#define OBSERVE_GLANCE_H

#include "skewline/time.h"

/* `text` starts at the opening quote. INSTANT_NONE for every other form. */
struct instant glance_instant(struct str text);

#endif
