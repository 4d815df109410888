#!/usr/bin/env python3
"""run.py SKEWLINE FLEET_DUMP SEED...: the demo's fleets as files through `replay`, judged by expect.py. And the same bytes twice."""
import os, subprocess, sys

from seeds import faults_of, judge_seeds

skewline, fleet_dump, *seeds = sys.argv[1:]


def replay_twice(seed, folder):
    files = [os.path.join(folder, name) for name in ("logs.ndjson", "ntp.ndjson")]
    runs = [subprocess.run([skewline, "replay", "--output", "json", *order], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for order in (files, files[::-1])]
    faults = [fault for run in runs for fault in faults_of(run)]
    if runs[0].stdout != runs[1].stdout:
        faults.append("the files in another order give other bytes")
    return runs[0].stdout.decode().splitlines(), faults, ""


judge_seeds(fleet_dump, seeds, replay_twice)
