#!/usr/bin/env python3
"""partitions.py SKEWLINE FLEET_DUMP [LAB]: the same records on 1, 2 and 12 partitions of the correlate stage give the same incidents: as a set of
(suspect, kind, cause, direction, severity, final state), opened within 60 s of each other. Demo fleets by seed, and genuine records where at hand."""
import json, os, subprocess, sys, tempfile
from datetime import datetime

skewline, fleet_dump, *lab = sys.argv[1:]
SEEDS = range(11, 17)
faults, compared = [], 0


def incidents_of(files, partitions, folder):
    config = os.path.join(folder, f"{partitions}.yaml")
    with open(config, "w") as file:
        file.write(f"partitions: {partitions}\n")
    out = subprocess.run([skewline, "replay", "-c", config, "--output", "json", *files], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    last = {}
    for line in out.splitlines():
        own = json.loads(line)["skewline"]
        last[own["incident"]] = own
    rows = {}
    for own in last.values():
        key = (own["suspect"], own["kind"], own["cause"], own["offset"]["direction"], own["severity"], own["state"])
        rows.setdefault(key, []).append(datetime.fromisoformat(own["opened"].replace("Z", "+00:00")).timestamp())
    return {key: sorted(opened) for key, opened in rows.items()}


def compare(name, files, folder):
    global compared
    one = incidents_of(files, 1, folder)
    compared += len(one)
    if not one:
        faults.append(f"{name}: no incident at all")
    for partitions in (2, 12):
        other = incidents_of(files, partitions, folder)
        for key in sorted(set(one) ^ set(other)):
            faults.append(f"{name}: only on {1 if key in one else partitions} of 1 and {partitions} partitions: {' '.join(key)}")
        for key in set(one) & set(other):
            if len(one[key]) != len(other[key]) or any(abs(a - b) > 60 for a, b in zip(one[key], other[key])):
                faults.append(f"{name}: {' '.join(key)}: opened at {one[key]} on 1, {other[key]} on {partitions} partitions")


with tempfile.TemporaryDirectory() as folder:
    for seed in SEEDS:
        target = os.path.join(folder, str(seed))
        os.mkdir(target)
        subprocess.run([fleet_dump, str(seed), "1795399200", target], check=True, stdout=subprocess.DEVNULL)
        compare(f"seed {seed}", [os.path.join(target, name) for name in ("logs.ndjson", "ntp.ndjson")], folder)
    if lab:
        compare("genuine records", [os.path.join(lab[0], name) for name in ("logs.ndjson", "ntp.ndjson")], folder)
for fault in faults:
    print(fault)
print(f"{compared} incidents, {len(faults)} differences")
sys.exit(bool(faults))
