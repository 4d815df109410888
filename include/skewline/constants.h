/* Every number of the verdict that is not a threshold of the operator: one row each, with its reason.
 * X(id, nanoseconds, reason). `correlate_settings.constants` holds them by index: the config's `verdict.*` keys change those that an
 * operator could sensibly want otherwise. */
#ifndef SKEWLINE_CONSTANTS_H
#define SKEWLINE_CONSTANTS_H

#include <stdint.h>

#define MS_NS 1000000LL
#define S_NS 1000000000LL

#define CONSTANTS(X) \
	X(EPSILON, 1 * MS_NS, "grain of millisecond stamps; with it no sound sample lay outside its bound") \
	X(BOUND_UNKNOWN, 10 * MS_NS, "bound of an NTP claim that states none") \
	X(GAP, 1 * S_NS, "coarser than any rounding of stamps and than differences of leap smearing") \
	X(TOLERANCE, 3 * S_NS, "values of one clock lie this close together: above the usual transit jitter of 2.5 s") \
	X(LAG_MIN, 3 * S_NS, "a smaller lag is ordinary delivery") \
	X(STEP, 128 * MS_NS, "ntpd's step threshold") \
	X(WIDE, 3 * S_NS, "width of the soft upper side until the fleet has calibrated it") \
	X(WIDE_EXTRA, 250 * MS_NS, "added to the 99th percentile of the calibration") \
	X(CALM, 180 * S_NS, "an incident resolves after this long below the closing threshold: three samples") \
	X(QUIET, 300 * S_NS, "and this long without a symptom: about the 90 % point of a host's quiet gaps") \
	X(BLOCK, 600 * S_NS, "symptoms block a resolution for at most this long once NTP acquits") \
	X(MEMORY, 3600 * S_NS, "how long a stance to a source counts: longer than the longest quiet gap") \
	X(RECENT, 130 * S_NS, "what counts as now among clients of a source: two samples") \
	X(FIRST, 120 * S_NS, "a host just seen may be about to correct itself") \
	X(WAIT, 120 * S_NS, "stamps alone wait this long for a reference fault to show: sampling, report, two hops") \
	X(HOP, 15 * S_NS, "feedback takes effect this long after its cause, on every partition alike") \
	X(TICK, 30 * S_NS, "stances and calibration are told this often") \
	X(CONVERGE, 600 * S_NS, "an opening is held down at most this long for a clock that is being corrected") \
	X(REOPEN, 1800 * S_NS, "the same fault within this time is the same incident") \
	X(BACKOFF, 60 * S_NS, "first distance of two updates of an incident; it doubles") \
	X(PROOF, 60 * S_NS, "one stream alone must say so for this long") \
	X(INTERVAL_FLOOR, 10 * S_NS, "least sampling interval that is believed") \
	X(INTERVAL_GUESS, 60 * S_NS, "sampling interval until two distances are known") \
	X(SPOKEN, 600 * S_NS, "a host that spoke every minute and is quiet for this long is unknown") \
	X(JOIN, 10 * S_NS, "parts of one clock sample arrive within this time") \
	X(CAUSAL_LEAST, 50 * MS_NS, "a causal symptom seen twice, without a magnitude") \
	X(CAUSAL_SLACK, 1 * S_NS, "rounding of the instants that a causal symptom compares") \
	X(SYMPTOM_AGE, 600 * S_NS, "symptoms and clock evidence this far apart still join") \
	X(PART_BEFORE, 135 * S_NS, "the fault of one collector reaches back this far from its first witness") \
	X(PART_AFTER, 75 * S_NS, "and this far beyond its last") \
	X(PART_HOLD, 600 * S_NS, "its victims open nothing on stamps within this time") \
	X(LATEST, 3600 * S_NS, "no shipper holds a record back for longer: one that would be as late by a claim denies the claim") \
	X(STUCK, 300 * S_NS, "an input at its end this far behind the others does not hold the clock") \
	X(TOKEN_LEEWAY, 60 * S_NS, "what token libraries commonly tolerate; a forecast's third limit") \
	X(KERBEROS, 300 * S_NS, "what Kerberos tolerates; a forecast's last limit") \
	X(LEAP_HOLD, 86400 * S_NS, "for this long after an announced leap second its own size is no fault")

enum constant {
#define X(id, ns, reason) C_##id,
	CONSTANTS(X)
#undef X
	CONSTANT_COUNT
};

/* And every count. */
#define COUNTS(X) \
	X(VALUES_MIN, 3, "K: two stray stamps do no harm; 1 accused good hosts, 5 gained nothing") \
	X(HOLD_SAMPLES, 2, "one bad sample blames a good host") \
	X(ISSUERS_MIN, 2, "different causal issuers that prove behind together with a lag") \
	X(HEALTH_SAMPLES, 3, "samples in a row that make a health alarm, or bring a severity down again") \
	X(DAMPED_FROM, 3, "reopenings of one incident: from then on only a graver severity is news") \
	X(FLEET_MIN, 5, "hosts with a standing claim that make a median") \
	X(BEHIND_MIN, 2, "clients proved behind that convict the source they agree with") \
	X(ORPHANS_MIN, 2, "members that make an orphan group: their core has one incident, which explains theirs") \
	X(HUB_MIN, 3, "right peers that one host may complain of before it is the suspect itself") \
	X(PART_MIN, 3, "hosts with the same excess that make a fault of one collector") \
	X(VOUCHED_MIN, 2, "of them with sources that others vouch for: so many are enough to believe no stamps; a wrong source would explain the rest") \
	X(WIDE_MIN, 20, "values that calibrate W") \
	X(STILL_SAMPLES, 5, "with the same reference time: the source answers no more") \
	X(POLL_GUESS_S, 1024, "how often a daemon asks that does not say: the longest of chrony's and ntpd's defaults") \
	X(DRIFT_SAMPLES, 5, "that a drift wants") \
	X(DRIFT_LEAST_MS, 4, "and in all so much: more than the noise of any bound") \
	X(DRIFT_STEP_MS, 128, "a larger difference is no drift: ntpd's step threshold") \
	X(RATE_PPM, 500, "kernel discipline limit: how fast a clock may leave what was known of it") \
	X(STRATUM_LOCAL, 10, "and above: the chain of a local clock") \
	X(CLOSE_PERCENT, 80, "of the warning threshold: hysteresis larger than b")

enum {
#define X(id, value, reason) id = value,
	COUNTS(X)
#undef X
};

#endif
