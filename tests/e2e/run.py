#!/usr/bin/env python3
"""run.py SKEWLINE FLEET_DUMP SEED...: the demo's fleets as files through `replay`, judged by expect.py. And the same bytes twice. And once more as one
file in the order in which the records came, which nobody stamped on their way: `onset` is then known less exactly."""
import json, os, subprocess, sys

from seeds import faults_of, judge_seeds

skewline, fleet_dump, *seeds = sys.argv[1:]


def replay(*files):
    return subprocess.run([skewline, "replay", "--output", "json", *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def unstamped(files, path):
    arrived = []
    for file in files:
        with open(file) as lines:
            arrived += [(record["event"].pop("ingested"), json.dumps(record)) for record in map(json.loads, lines)]
    with open(path, "w") as out:
        out.writelines(line + "\n" for _, line in sorted(arrived, key=lambda one: one[0]))
    return path


def replay_twice(seed, folder):
    files = [os.path.join(folder, name) for name in ("logs.ndjson", "ntp.ndjson")]
    runs = [replay(*files), replay(*files[::-1])]
    faults = [fault for run in runs for fault in faults_of(run)]
    if runs[0].stdout != runs[1].stdout:
        faults.append("the files in another order give other bytes")
    return runs[0].stdout.decode().splitlines(), faults, ""


def replay_unstamped(seed, folder):
    run = replay(unstamped([os.path.join(folder, name) for name in ("logs.ndjson", "ntp.ndjson")], os.path.join(folder, "plain.ndjson")))
    faults = faults_of(run)
    if b"reference time: consensus" not in run.stderr:
        faults.append("the file has a time that nobody stamped")
    return run.stdout.decode().splitlines(), faults, "unstamped: "


right = [judge_seeds(fleet_dump, seeds, replay_twice), judge_seeds(fleet_dump, seeds, replay_unstamped, onset=False)]
sys.exit(not all(right))
