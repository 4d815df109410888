#!/usr/bin/env python3
"""demo.py SKEWLINE FLEET_DUMP SEED...: `demo --once` on the embedded broker, its alerts judged by expect.py. The fleet's start is the demo's
own affair, so when incidents opened is not judged; that is what run.py is for. With --seconds N each run must end in time."""
import subprocess, sys, time

from seeds import faults_of, judge_seeds

words = sys.argv[1:]
limit = float(words.pop(words.index("--seconds") + 1)) if "--seconds" in words else None
skewline, fleet_dump, *seeds = [word for word in words if word != "--seconds"]


def demo_once(seed, _folder):
    start = time.monotonic()
    done = subprocess.run([skewline, "demo", "--once", "--seed", seed, "--output", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    took = time.monotonic() - start
    faults = faults_of(done)
    if limit and took > limit:
        faults.append(f"took {took:.1f} s, more than {limit:.0f}")
    return done.stdout.decode().splitlines(), faults, f"{took:.1f} s, "


sys.exit(not judge_seeds(fleet_dump, seeds, demo_once, onset=False))
