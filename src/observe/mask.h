/* Secrets in a sample line are replaced by ***: what follows a word like password=, Authorization:, ?access_token=, the password
 * of a URL, a JSON web token, a private key block. Better one word too many than a credential in an alert. */
#ifndef OBSERVE_MASK_H
#define OBSERVE_MASK_H

#include "skewline/observation.h"

/* At most SAMPLE_BYTES_MAX bytes of `text`, whole UTF-8 characters, masked, without control characters; written into `out`. */
struct str mask_sample(struct str text, char out[SAMPLE_BYTES_MAX + 4]);

#endif
