#!/usr/bin/env python3
"""run.py SKEWLINE FLEET_DUMP SEED...: the demo's fleets as files through `replay`, judged by expect.py. And the same bytes twice."""
import json, os, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from alerts import check_lines
from expect import judge

skewline, fleet_dump, *seeds = sys.argv[1:]
START = "1795399200"
bad = 0
for seed in seeds:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([fleet_dump, seed, START, folder], check=True)
        files = [os.path.join(folder, name) for name in ("logs.ndjson", "ntp.ndjson")]
        runs = [subprocess.run([skewline, "replay", "--output", "json", *order], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for order in (files, files[::-1])]
        with open(os.path.join(folder, "truth.ndjson")) as file:
            truth = [json.loads(line) for line in file]
    faults = [f"exit {r.returncode}: {r.stderr.decode()[-300:]}" for r in runs if r.returncode]
    if runs[0].stdout != runs[1].stdout:
        faults.append("the files in another order give other bytes")
    alerts, broken = check_lines(runs[0].stdout.decode().splitlines())
    faults += broken + judge(truth, alerts)
    print(f"seed {seed}: {len(alerts)} alerts, {len(faults)} complaints")
    for fault in faults:
        print(f"  {fault}")
    bad += bool(faults)
print(f"{len(seeds) - bad} of {len(seeds)} seeds right")
sys.exit(bool(bad))
