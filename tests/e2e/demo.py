#!/usr/bin/env python3
"""demo.py SKEWLINE FLEET_DUMP SEED...: `demo --once` on the embedded broker, its alerts judged by expect.py. The fleet's start is the demo's
own affair, so when incidents opened is not judged; that is what run.py is for. With --seconds N each run must end in time."""
import json, os, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from alerts import check_lines
from expect import judge

words = sys.argv[1:]
limit = float(words.pop(words.index("--seconds") + 1)) if "--seconds" in words else None
skewline, fleet_dump, *seeds = [word for word in words if word != "--seconds"]
bad = 0
for seed in seeds:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([fleet_dump, seed, "1795399200", folder], check=True)
        with open(os.path.join(folder, "truth.ndjson")) as file:
            truth = [json.loads(line) for line in file]
    start = time.monotonic()
    done = subprocess.run([skewline, "demo", "--once", "--seed", seed, "--output", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    took = time.monotonic() - start
    faults = [f"exit {done.returncode}: {done.stderr.decode()[-300:]}"] if done.returncode else []
    if limit and took > limit:
        faults.append(f"took {took:.1f} s, more than {limit:.0f}")
    alerts, broken = check_lines(done.stdout.decode().splitlines())
    faults += broken + judge(truth, alerts, onset=False)
    print(f"seed {seed}: {took:.1f} s, {len(alerts)} alerts, {len(faults)} complaints")
    for fault in faults:
        print(f"  {fault}")
    bad += bool(faults)
print(f"{len(seeds) - bad} of {len(seeds)} seeds right")
sys.exit(bool(bad))
