#!/usr/bin/env python3
"""expect.py [--no-onset] TRUTH.ndjson [ALERTS.ndjson]: judges incidents against a list of faults. Standard library only; exit 1 with each fault named.

It knows the contract and the truth, and nothing of how either was made. Of every fault, exactly one incident is wanted, on the
right suspect, in the right direction, with an interval that holds the true offset, for an accepted cause, not before its onset and
not more than LATEST_S after it, and still standing at the end. Clock faults of hosts must be `correlated`. Of look-alikes, and of
everybody else, nothing. A fault of time servers may show as one incident per server; their clients' own incidents must then be
inhibited by one of those, or speak of false sync with the right direction. --no-onset: the run began at another time than the truth
(`demo` starts its fleet at an instant of its own), so when incidents opened is not judged."""
import json, sys

from alerts import check_lines, seconds

LATEST_S = 600
TOLERANCE_S = 0.002  # stamps are whole milliseconds


def last_revisions(alerts):
    last = {}
    for alert in alerts:
        own = alert["skewline"]
        if own["incident"] not in last or own["revision"] > last[own["incident"]]["skewline"]["revision"]:
            last[own["incident"]] = alert
    return list(last.values())


def interval_holds(offset, truth_s):
    low, high = offset["low_s"], offset["high_s"]
    return (low is None or low - TOLERANCE_S <= truth_s) and (high is None or truth_s <= high + TOLERANCE_S)


def judge_incident(fault, alert, onset):
    """What is wrong with the one incident of a fault."""
    own, offset = alert["skewline"], alert["skewline"]["offset"]
    after = seconds(own["opened"]) - seconds(fault["onset"])
    if own["state"] == "resolved":
        yield "is resolved though the fault lasts"
    if own["cause"] not in fault["causes"]:
        yield f"says cause {own['cause']}, not {' or '.join(fault['causes'])}"
    if onset and after < -1:
        yield f"opened {-after:.0f} s before the fault"
    if onset and after > LATEST_S:
        yield f"opened only {after:.0f} s after the fault"
    if own["kind"] == "clock":
        if offset["direction"] != fault["direction"]:
            yield f"says {offset['direction']}, not {fault['direction']}"
        if not interval_holds(offset, fault["offset_s"]):
            yield f"says {offset['low_s']} .. {offset['high_s']} s, the truth is {fault['offset_s']}"
        if not own["correlated"]:
            yield "is not correlated"
        if own["severity"] != "critical":
            yield f"is a {own['severity']}"
    if own["kind"] == "source" and offset["direction"] not in (fault["direction"], "unknown"):
        yield f"says {offset['direction']}, not {fault['direction']}"
    if own["kind"] == "health" and fault["direction"] != "unknown":
        yield "is a health alarm, though the clock is wrong"


def judge_fault(fault, incidents, onset):
    """(faults found, incidents that this fault explains)."""
    wrong, explained = [], []
    suspects, affected = set(fault["suspects"]), set(fault["affected"])
    mine = [i for i in incidents if i["skewline"]["suspect"] in suspects]
    explained += mine
    servers = any(s.startswith("ntp:") for s in suspects)
    if not mine:
        wrong.append("no incident")
    for suspect in suspects:
        ids = [i["skewline"]["incident"] for i in mine if i["skewline"]["suspect"] == suspect]
        if len(ids) > 1:
            wrong.append(f"{len(ids)} incidents on {suspect}: {', '.join(ids)}")
    for incident in mine:
        wrong += [f"{incident['skewline']['incident']} {words}" for words in judge_incident(fault, incident, onset)]
    if servers:
        listed = {name for i in mine for name in i["skewline"]["affected"]}
        if mine and not affected <= listed:
            wrong.append(f"affected clients not listed: {', '.join(sorted(affected - listed))}")
        for incident in incidents:
            own = incident["skewline"]
            if own["suspect"] in affected:
                explained.append(incident)
                by_source = own.get("inhibited_by") in {i["skewline"]["incident"] for i in mine}
                if own["offset"]["direction"] != fault["direction"] or not (by_source or own["cause"] in fault["causes"]):
                    wrong.append(f"{own['incident']} on a client is neither inhibited nor right ({own['cause']}, {own['offset']['direction']})")
        if not any(i["skewline"]["correlated"] for i in explained):
            wrong.append("none of its incidents is correlated")
    return wrong, explained


def judge(truth, alerts, onset=True):
    incidents = last_revisions(alerts)
    wrong, explained = [], set()
    for fault in truth:
        if fault["lookalike"]:
            continue
        found, mine = judge_fault(fault, incidents, onset)
        wrong += [f"{fault['words']}: {words}" for words in found]
        explained |= {i["skewline"]["incident"] for i in mine}
    for incident in incidents:
        own = incident["skewline"]
        if own["incident"] not in explained:
            alike = [f["words"] for f in truth if f["lookalike"] and own["suspect"] in f["affected"]]
            wrong.append(f"false incident {own['incident']} ({own['cause']}, {own['offset']['direction']})" + (f", taken in: {alike[0]}" if alike else ""))
    right = {h for f in truth if f["lookalike"] for h in f["affected"]}
    wrong += [f"{i['skewline']['incident']} lists {h}, whose clock is right" for i in incidents for h in right & set(i["skewline"]["affected"]) if i["skewline"]["suspect"] != h]
    return wrong


def main():
    onset = "--no-onset" not in sys.argv
    files = [word for word in sys.argv[1:] if word != "--no-onset"]
    with open(files[0]) as file:
        truth = [json.loads(line) for line in file if line.strip()]
    with (open(files[1]) if len(files) > 1 and files[1] != "-" else sys.stdin) as file:
        alerts, faults = check_lines(line for line in file if line.strip())
    faults += judge(truth, alerts, onset)
    for fault in faults:
        print(fault)
    print(f"{sum(not f['lookalike'] for f in truth)} faults, {len(last_revisions(alerts))} incidents, {len(alerts)} alerts, {len(faults)} complaints")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
