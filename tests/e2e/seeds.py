"""Shared by what plays fleets, on files, in the demo, on its broker: fleets by seed go through the program, expect.py judges what comes out."""
import json, os, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from alerts import check_lines
from expect import judge

START = "1795399200"


def judge_seed(fleet_dump, seed, folder, run_one, onset=True):
    """run_one(seed, folder) -> (alert lines, faults, words for the report); folder gets the dumped fleet. Names each fault; is it right?"""
    subprocess.run([fleet_dump, seed, START, folder], check=True)
    lines, faults, words = run_one(seed, folder)
    with open(os.path.join(folder, "truth.ndjson")) as file:
        truth = [json.loads(line) for line in file]
    alerts, broken = check_lines(lines)
    faults += broken + judge(truth, alerts, onset)
    print(f"seed {seed}: {words}{len(alerts)} alerts, {len(faults)} complaints")
    for fault in faults:
        print(f"  {fault}")
    return not faults


def judge_seeds(fleet_dump, seeds, run_one, onset=True):
    """Are all seeds right?"""
    bad = 0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            bad += not judge_seed(fleet_dump, seed, folder, run_one, onset)
    print(f"{len(seeds) - bad} of {len(seeds)} seeds right")
    return not bad


def faults_of(done):
    """Of a finished process."""
    return [f"exit {done.returncode}: {done.stderr.decode()[-300:]}"] if done.returncode else []
