#!/usr/bin/env python3
"""lab.py SKEWLINE LAB: genuine output of real programs under wrong clocks (LAB/logs.ndjson, ntp.ndjson) through `replay`, held against
LAB/truth.json: each host that is far off and met a symptom has exactly one incident, correlated, on the right side; a right host is never named; the
same bytes again, also when the files are cut in twelve and given backwards."""
import json, os, subprocess, sys, tempfile

skewline, lab = sys.argv[1:]
PARTS = 12
FAR_S = 30


def replay(*files):
    done = subprocess.run([skewline, "replay", "--output", "json", *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"replay: exit {done.returncode}: {done.stderr.decode()[-300:]}")
    return done.stdout


def cut(path, folder):
    with open(path, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    for part in range(PARTS):
        name = os.path.join(folder, f"{part:02}-{os.path.basename(path)}")
        with open(name, "wb") as out:
            out.writelines(lines[part * len(lines) // PARTS:(part + 1) * len(lines) // PARTS])
        yield name


def faults_of(host, alerts):
    """What is wrong with the incidents of a host that is far off."""
    own = [alert["skewline"] for alert in alerts if alert["skewline"]["suspect"] == host["host"] and alert["skewline"]["kind"] == "clock"]
    incidents = {one["incident"] for one in own}
    if len(incidents) != 1:
        return [f"{len(incidents)} incidents"]
    want = "ahead" if host["worst_offset_s"] > 0 else "behind"
    return [] if own[-1]["correlated"] and {one["offset"]["direction"] for one in own} == {want} else [f"correlated {own[-1]['correlated']}, {own[-1]['offset']}"]


def main():
    files = [os.path.join(lab, name) for name in ("logs.ndjson", "ntp.ndjson")]
    bytes_out = replay(*files)
    faults = [] if replay(*files) == bytes_out else ["the same files give other bytes"]
    with tempfile.TemporaryDirectory() as folder:
        parts = [part for path in files for part in cut(path, folder)]
        if replay(*parts[::-1]) != bytes_out:
            faults.append("cut in twelve and given backwards they give other bytes")
    alerts = [json.loads(line) for line in bytes_out.splitlines()]
    with open(os.path.join(lab, "truth.json")) as file:
        hosts = json.load(file)["hosts"]
    hosts = hosts if isinstance(hosts, list) else list(hosts.values())
    far = [host for host in hosts if abs(host["worst_offset_s"]) >= FAR_S and host["expected"]["correlated_incident"]]
    for host in far:
        faults += [f"{host['host']}: {fault}" for fault in faults_of(host, alerts)]
    right = {host["host"] for host in hosts if host["host"].startswith("app-ok")}
    named = right & {name for alert in alerts for name in (alert["skewline"]["suspect"], *alert["skewline"]["affected"])}
    faults += [f"{name} is right and named" for name in sorted(named)]
    for fault in faults:
        print(fault)
    print(f"{len(far)} hosts far off, {len(right)} right ones, {len(alerts)} alerts, {len(faults)} complaints")
    sys.exit(bool(faults) or not far or not right)


main()
