#!/usr/bin/env python3
"""samples.py SKEWLINE FOLDER: every sample of a format, held against the truth beside it: one outcome per record, in order; what is understood is
right in host, time, sign and unit; what is not understood is a reject with its reason, and never a clock sample."""
import json, os, subprocess, sys
from collections import defaultdict
from datetime import datetime, timezone

skewline, folder = sys.argv[1:3]
RELAYS = {("filebeat.ndjson", 4), ("rsyslog-json.ndjson", 3)}  # the record names another host than its writer: by rule host.name is believed
problems = []


def epoch(text):
    whole, fraction = text.rstrip("Z").split(".")
    return datetime.fromisoformat(whole).replace(tzinfo=timezone.utc).timestamp() + float("0." + fraction)


def judge(file, row, truth, keyed):
    """What is wrong with one line of decode's output."""
    if row["kind"] == "rejected":
        if not row["reason"] or not row["detail"]:
            yield "a reject without its reason"
        return
    if not truth:
        yield "is no record"  # the head of a table
        return
    if row["kind"] == "clock_sample":
        if truth["class"] != "ntp":
            yield "is no clock sample"
        elif row["measures"] == "system_clock":
            said, true = row["offset_s"], truth["offset_s"] if truth["usable"] else None
            if (said is None) != (true is None) or (said is not None and abs(said - true) > 2e-6 + abs(true) * 1e-9):
                yield f"offset {said}, the truth is {true}"
    host = truth["host"]
    if not keyed and (file, row["record"]) not in RELAYS and row["host"] not in (host, (host or "").split(".")[0]):
        yield f"host {row['host']}, the truth is {host}"
    if row["host_said"] and truth["record_epoch"] is not None and row["format"] != "rfc3164" and abs(epoch(row["host_said"]) - truth["record_epoch"]) > 0.0015:
        yield f"time {row['host_said']}, the truth is {truth['record_epoch']}"


truths = defaultdict(dict)
with open(os.path.join(folder, "_truth.ndjson")) as lines:
    for line in lines:
        truth = json.loads(line)
        truths[truth["file"]][truth["record"]] = truth
samples = 0
for file in sorted(name for name in os.listdir(folder) if name in truths and not name.startswith("alert-")):
    path, keyed = os.path.join(folder, file), ".csv." in file
    with open(path, "rb") as content:
        wanted = [number for number, line in enumerate(content, 1) if line.strip()]
    done = subprocess.run([skewline, "decode", *(["--host", "key.example"] if keyed else []), path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or done.stderr or [row["record"] for row in rows] != wanted:
        problems.append(f"{file}: exit {done.returncode}, {len(rows)} lines for {len(wanted)} records {done.stderr.decode()[:200]}")
        continue
    for row in rows:
        samples += row["kind"] == "clock_sample"
        problems += [f"{file}:{row['record']}: {words}" for words in judge(file, row, truths[file].get(row["record"]), keyed)]
if samples < 10:
    problems.append(f"only {samples} clock samples were understood")
print("\n".join(problems) or f"{len(truths)} formats, {samples} clock samples: right")
sys.exit(bool(problems))
