#!/usr/bin/env python3
"""explain.py SKEWLINE: what `explain --host` tells of hosts whose truth is made here: the evidence with its intervals, what agreed, what was removed or
does not vote and why, the rung of an incident, and for a host without one the gate that it did not pass and what it would have taken."""
import json, os, subprocess, sys, tempfile
from datetime import datetime, timedelta, timezone

skewline = sys.argv[1]
BEGIN = datetime(2026, 11, 23, 2, tzinfo=timezone.utc)
faults = []


def text_of(seconds):
    time = BEGIN + timedelta(seconds=seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"


def record(host, at, clock, message, dataset="app", delay=0.05, **more):
    return at + delay, {"@timestamp": text_of(at + clock), "event": {"ingested": text_of(at + delay), "dataset": dataset}, "process": {"name": dataset},
                        "host": {"name": host}, "message": message, **more}


def sample(host, at, clock, offset, source="10.0.0.1"):
    row = f"0A000001,{source},3,{BEGIN.timestamp() + at - 10:.9f},{-offset:.9f},0.000001,0.000002,-7.0,0.001,0.1,0.001000000,0.000500000,64.0,Normal"
    return record(host, at, clock, row, "chrony.tracking", ntp={"kind": "tracking", "sources_usable": 3})


def story(host, clock, minutes, claims=True, offset=None, lines=(), delay=0.05):
    for second in range(0, minutes * 60, 10):
        yield record(host, second, clock, "request served in 12 ms", delay=delay)
        if claims and second % 60 == 0:
            yield sample(host, second + 1, clock, clock if offset is None else offset)
        for every, text in lines:
            if second % every == 0:
                yield record(host, second + 2, clock, text, delay=delay)


def told(host, records):
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson", delete=False) as file:
        for _, one in sorted(records, key=lambda pair: pair[0]):
            file.write(json.dumps(one) + "\n")
    done = subprocess.run([skewline, "explain", "--output", "text", "--host", host, file.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.unlink(file.name)
    if done.returncode:
        faults.append(f"{host}: exit {done.returncode}")
    return done.stdout.decode() + done.stderr.decode()


def expect(host, records, *wanted, never=()):
    text = told(host, records)
    for one in wanted:
        if one not in text:
            faults.append(f"{host}: not said: {one}\n{text}")
    for one in never:
        if one in text:
            faults.append(f"{host}: said: {one}")


TOKEN = "NotBeforeError: jwt not active"
CERTIFICATE = "x509: certificate is not yet valid: OpenSSL"
expect("right", story("right", 0, 10), "agreed: [-0.002, +0.002] s by 2 votes; proof: corroborated (two witnesses)",
       "no incident: the interval reaches back within the limit (limit 0.050 s); it would take an interval that lies wholly beyond it", never=("open:",))
expect("slow", story("slow", -30, 10, lines=[(30, TOKEN)]), "no incident: one bad sample blames nobody", "ntp [-30.002, -29.998] s agrees", "idp x",
       "open: clock incident, rung 14 of the ladder (uncorrected)", "slow is 30.0 s behind")
expect("post-dated", story("post-dated", 0, 10, lines=[(30, TOKEN)]), "idp x2 [open, -0.050] s disagrees", never=("open:",))
BEFORE = "x509: certificate has expired or is not yet valid: current time 2026-11-23T02:00:00Z is before 2026-11-23T03:00:00Z"
expect("removed", story("removed", 0, 10, lines=[(30, BEFORE)]), "ca x1 does not vote: what it dates lies beyond this host's own stamps", never=("open:",))
expect("late", story("late", 0, 30, claims=False, delay=400, lines=[(30, TOKEN)]), "transit [-400.", "no incident: no witness proves it",
       "it would take telemetry, stamps of two programs that lie ahead, or a lag of 3 s together with two other clocks' 'not yet valid'", never=("open:",))
expect("followed", story("followed", 90, 12, offset=0), "ntp +0.000 s does not vote:", "open: clock incident, rung 5 of the ladder (false_sync)", "followed is 91.4 s ahead")
expect("absent", story("right", 0, 2), "no record speaks of 'absent'")
expect("web1.example.net", [*story("web1.example.net", 0, 10, claims=False), *(sample("web1", second, 0, 0) for second in range(1, 600, 60))],
       "agreed: [-0.002, +0.002] s by 2 votes")
for fault in faults:
    print(fault)
print(f"{len(faults)} faults")
sys.exit(bool(faults))
