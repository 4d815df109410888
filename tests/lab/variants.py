#!/usr/bin/env python3
"""variants.py SKEWLINE LAB [NAME...]: genuine records (LAB/logs.ndjson, ntp.ndjson) as they are, and rewritten as slow, batching, duplicating, rounding
and lying shippers would have delivered them; each replayed and held against LAB/truth.json by LAB/score.py. Prints a line of figures for each;
exit 1 when a fault is missed, told wrongly, or a right host accused. The rewriting is by a fixed seed."""
import json, os, random, subprocess, sys, tempfile
from datetime import datetime, timedelta, timezone

skewline, lab, *only = sys.argv[1:]
BEGIN = datetime(2026, 11, 23, 2, 1, tzinfo=timezone.utc)
# A third of the right and the wrong hosts alike: those whose name hashes so.
third = lambda host: sum(host.encode()) % 3 == 0


def read(name):
    with open(os.path.join(lab, name)) as file:
        return [json.loads(line) for line in file]


def time_of(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def text_of(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"


def collected(record):
    return time_of(record["event"]["ingested"])


def minute(record):
    return (collected(record) - BEGIN).total_seconds() / 60


def delay(record, seconds):
    record["event"]["ingested"] = text_of(collected(record) + timedelta(seconds=seconds))


def stamp(record, seconds):
    record["@timestamp"] = text_of(time_of(record["@timestamp"]) + timedelta(seconds=seconds))


def host(record):
    return record["host"]["name"]


# ---- one variant: (logs, ntp) changed in place ----
def as_it_is(logs, ntp):
    pass


def telemetry_as_slow_as_logs(logs, ntp):
    for record in ntp:
        delay(record, random.uniform(0.05, 2.5))


def batches_of_five_minutes(logs, ntp):
    for record in logs:
        delay(record, 300 - minute(record) * 60 % 300)


def batches_of_everything(logs, ntp):
    for record in logs + ntp:
        delay(record, 300 - minute(record) * 60 % 300)


def delivered_twice(logs, ntp):
    for records in (logs, ntp):
        again = [json.loads(json.dumps(record)) for record in records if random.random() < 0.1]
        for record in again:
            delay(record, 1200)
        records += again


def whole_seconds_rounded(logs, ntp):
    for record in logs + ntp:
        time = time_of(record["@timestamp"]) + timedelta(milliseconds=500)
        record["@timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ")


def whole_seconds_cut(logs, ntp):
    for record in logs + ntp:
        record["@timestamp"] = record["@timestamp"][:19] + "Z"


def backlog_of_ten_minutes(logs, ntp):
    for record in logs:
        if third(host(record)) and 20 <= minute(record) < 30:
            delay(record, (30 - minute(record)) * 60 + random.uniform(0, 2))


def one_collector_slow(logs, ntp):
    for record in logs + ntp:
        if third(host(record)) and 20 <= minute(record) < 30:
            delay(record, -30)


def every_collector_slow(logs, ntp):
    for record in logs + ntp:
        if 20 <= minute(record) < 30:
            delay(record, -30)


def constant_lag(logs, ntp):
    for record in logs:
        if host(record) in ("app-ok01", "app-ok02"):
            delay(record, 400)


def stray_stamps(logs, ntp):
    for record in logs:
        if host(record) in ("app-ok01", "app-ok03") and random.random() < 0.03:
            stamp(record, 86400)


def local_time_program(logs, ntp):
    for record in logs:
        if host(record) in ("app-ok01", "app-ok02") and sum(record["process"]["name"].encode()) % 4 == 0:
            stamp(record, 3600)


def two_names(logs, ntp):
    for record in ntp:
        record["host"]["name"] += ".lab.example.net"


VARIANTS = [as_it_is, telemetry_as_slow_as_logs, batches_of_five_minutes, batches_of_everything, delivered_twice, whole_seconds_rounded, whole_seconds_cut,
            backlog_of_ten_minutes, one_collector_slow, every_collector_slow, constant_lag, stray_stamps, local_time_program, two_names]


def write(path, records):
    with open(path, "w") as file:
        for record in sorted(records, key=lambda record: record["event"]["ingested"]):
            file.write(json.dumps(record, separators=(",", ":")) + "\n")


def figures_of(variant):
    random.seed(7)
    logs, ntp = read("logs.ndjson"), read("ntp.ndjson")
    variant(logs, ntp)
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, name) for name in ("logs.ndjson", "ntp.ndjson")]
        write(files[0], logs)
        write(files[1], ntp)
        alerts = subprocess.run([skewline, "replay", "--output", "json", *files], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        rows = subprocess.run([sys.executable, os.path.join(lab, "from_contract.py")], input=alerts, stdout=subprocess.PIPE, check=True).stdout
        incidents = os.path.join(folder, "incidents")
        with open(incidents, "wb") as file:
            file.write(rows)
        score = subprocess.run([sys.executable, os.path.join(lab, "score.py"), os.path.join(lab, "truth.json"), incidents], stdout=subprocess.PIPE).stdout.decode()
    lines = score.strip().splitlines()
    found = json.loads(lines[-1])
    late = next((line for line in lines if line.startswith("time to detection")), "")
    wrong = [line for line in lines if "FALSE" in line or "WRONG" in line or "MISSED" in line or " NO" in line]
    return found, late, wrong


def main():
    bad = 0
    for variant in VARIANTS:
        if only and variant.__name__ not in only:
            continue
        f, late, wrong = figures_of(variant)
        fine = f["found"] == f["direction"] == f["bound"] == f["cause"] == f["due"] and not f["false_clock"] and not f["false_health"]
        bad += not fine
        print(f"{'' if fine else 'FAILED '}{variant.__name__}: {f['found']} of {f['due']} found, side {f['direction']}, interval {f['bound']} (tight {f['width']}), "
              f"cause {f['cause']}, resolution {f['resolve']}; false clock {f['false_clock']}, false health {f['false_health']}; health {f['health_found']} of "
              f"{f['health_due']}, source {f['source_found']} of {f['source_due']}; {f['alerts']} revisions on hosts; {late}")
        for line in wrong:
            print("   ", line)
    sys.exit(bad > 0)


main()
