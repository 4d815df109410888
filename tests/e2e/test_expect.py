#!/usr/bin/env python3
"""test_expect.py FLEET_DUMP: the judges are judged. Perfect alerts, made from the truth alone, must pass; each way of being wrong
must be caught, and by the words that belong to it."""
import copy, json, os, subprocess, sys, tempfile, unittest
from datetime import datetime, timezone

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from alerts import check_lines, seconds
from expect import judge

FLEET_DUMP = os.path.abspath(sys.argv.pop(1))
START = 1795399200


def stamp(at):
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(at * 1000) % 1000:03}Z"


def truth_of(seed):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([FLEET_DUMP, str(seed), str(START), folder], check=True)
        with open(os.path.join(folder, "truth.ndjson")) as file:
            return [json.loads(line) for line in file]


def alert_of(suspect, kind, cause, fault, opened, affected, inhibited_by=None):
    clock = kind in ("clock", "source")
    size = fault["offset_s"]
    incident = f"{suspect}-{int(opened)}"
    alert = {
        "@timestamp": stamp(opened), "ecs": {"version": "9.4.0"}, "message": f"{suspect} is {size} s away from true time",
        "event": {"kind": "alert", "id": f"{incident}:1", "action": "open", "category": ["host"], "type": ["info"], "severity": 73 if clock else 47,
                  "start": stamp(opened), "reference": f"docs/runbooks/{cause}.md"},
        "rule": {"id": f"skewline:{cause}", "name": cause, "ruleset": "skewline"},
        "skewline": {"incident": incident, "revision": 1, "state": "open", "severity": "critical" if clock else "warning", "kind": kind, "cause": cause,
                     "correlated": clock, "confidence": "medium",
                     "offset": {"estimate_s": size, "low_s": size - 1, "high_s": size + 1, "direction": fault["direction"]} if clock
                     else {"estimate_s": None, "low_s": None, "high_s": None, "direction": "unknown"},
                     "worst": {"low_s": size - 1, "high_s": size + 1} if clock else {"low_s": None, "high_s": None},
                     "suspect": suspect, "affected": affected, "opened": stamp(opened),
                     "evidence": [{"kind": "ntp", "reference": stamp(opened), "host_said": None, "low_s": size - 1, "high_s": None, "agrees": True, "sample": "x"}],
                     "ruleset_hash": "00", "reference_time": "collected"}}
    if kind != "source":
        alert["host"] = {"name": suspect}
    if inhibited_by:
        alert["skewline"]["inhibited_by"] = inhibited_by
    return alert


def perfect(truth):
    alerts = []
    for fault in truth:
        opened = seconds(fault["onset"]) + 180
        if fault["lookalike"]:
            continue
        if fault["suspects"][0].startswith("ntp:"):
            alerts += [alert_of(s, "source", fault["causes"][0], fault, opened, fault["affected"]) for s in fault["suspects"]]
            source = alerts[-1]["skewline"]["incident"]
            alerts += [alert_of(h, "clock", "false_sync", fault, opened, [h], source) for h in fault["affected"]]
        else:
            kind = "health" if fault["direction"] == "unknown" else "clock"
            alerts.append(alert_of(fault["suspects"][0], kind, fault["causes"][0], fault, opened, fault["affected"]))
    return alerts


def complaints(truth, alerts):
    read, faults = check_lines(json.dumps(a) for a in alerts)
    return faults + judge(truth, read)


class Judges(unittest.TestCase):
    def setUp(self):
        # One seed with wrong servers, one with lost sources: both kinds occur among the first few.
        truths = [truth_of(seed) for seed in range(12)]
        self.servers = next(t for t in truths if any(f["suspects"][0].startswith("ntp:") for f in t))
        self.lost = next(t for t in truths if any(f["direction"] == "unknown" and not f["lookalike"] for f in t))

    def test_perfect_alerts_pass(self):
        for truth in (self.servers, self.lost):
            self.assertEqual(complaints(truth, perfect(truth)), [])

    def expect_complaint(self, words, change, truth=None):
        truth = truth or self.servers
        alerts = copy.deepcopy(perfect(truth))
        result = change(alerts)
        alerts = alerts if result is None else result
        found = complaints(truth, alerts)
        self.assertTrue(any(words in f for f in found), f"wanted {words!r}, got {found}")

    def test_wrong_judgements_are_caught(self):
        def own(alerts, index=0):
            return alerts[index]["skewline"]

        def mirror(alerts):
            offset = own(alerts)["offset"]
            offset.update(direction="ahead", estimate_s=-offset["estimate_s"], low_s=-offset["high_s"], high_s=-offset["low_s"])

        def second(alerts):
            extra = copy.deepcopy(alerts[0])
            extra["skewline"]["opened"] = extra["@timestamp"] = stamp(seconds(extra["@timestamp"]) + 300)
            extra["skewline"]["incident"] = f"{extra['skewline']['suspect']}-{int(seconds(extra['@timestamp']))}"
            extra["event"]["id"] = extra["skewline"]["incident"] + ":1"
            return alerts + [extra]

        def rename(alerts, name):
            extra = copy.deepcopy(alerts[0])
            extra["skewline"].update(suspect=name, incident=f"{name}-{int(seconds(extra['skewline']['opened']))}", affected=[name])
            extra["host"]["name"] = name
            extra["event"]["id"] = extra["skewline"]["incident"] + ":1"
            return alerts + [extra]

        def early(alerts):
            extra = alert_of(self.servers[1]["suspects"][0], "clock", "step", self.servers[1], seconds(self.servers[1]["onset"]) - 60, [self.servers[1]["suspects"][0]])
            return [a for a in alerts if a["skewline"]["suspect"] != self.servers[1]["suspects"][0]] + [extra]

        lookalike = next(f for f in self.servers if f["lookalike"])["affected"][0]
        self.expect_complaint("no incident", lambda a: a[1:])
        self.expect_complaint("no incident", lambda a: [])
        self.expect_complaint("says ahead, not behind", mirror)
        self.expect_complaint("the truth is", lambda a: own(a)["offset"].update(low_s=own(a)["offset"]["low_s"] + 1.5, estimate_s=None))
        self.expect_complaint("2 incidents on", second)
        self.expect_complaint("false incident right-01", lambda a: rename(a, "right-01"))
        self.expect_complaint("taken in", lambda a: rename(a, lookalike))
        self.expect_complaint("whose clock is right", lambda a: own(a)["affected"].append(lookalike))
        self.expect_complaint("is not correlated", lambda a: own(a).update(correlated=False))
        self.expect_complaint("says cause drift", lambda a: (own(a).update(cause="drift"), a[0]["rule"].update(id="skewline:drift")) and None)
        self.expect_complaint("before the fault", early)
        self.expect_complaint("neither inhibited nor right", lambda a: (own(a, -1).pop("inhibited_by"), own(a, -1).update(cause="drift"), a[-1]["rule"].update(id="skewline:drift")) and None)
        self.expect_complaint("not listed", lambda a: [x["skewline"].update(affected=[]) for x in a] and None)
        self.expect_complaint("health alarm, though", lambda a: own(a).update(kind="health"))
        self.expect_complaint("no incident", lambda a: a[:2], self.lost)

    def test_broken_lines_are_caught(self):
        def at(alerts, path, value, index=0):
            *way, last = path.split(".")
            part = alerts[index]
            for step in way:
                part = part[step]
            if value is None:
                del part[last]
            else:
                part[last] = value

        for words, path, value in [
            ("skewline.kind is missing", "skewline.kind", None), ("host.name and the kind", "host", None), ("offset.direction is 'fast'", "skewline.offset.direction", "fast"),
            ("correlated is 1", "skewline.correlated", 1), ("revision is 1.5", "skewline.revision", 1.5), ("revision is true", "skewline.revision", True),
            ("low_s > high_s", "skewline.offset.high_s", -99999), ("estimate lies outside", "skewline.offset.estimate_s", 1e6), ("low_s is \"-3\"", "skewline.offset.low_s", "-3"),
            ("@timestamp is '2026-11-23T02:00:00Z'", "@timestamp", "2026-11-23T02:00:00Z"), ("no RFC 3339", "@timestamp", "2026-13-23T02:00:00.000Z"),
            ("@timestamp is '2026-11-23T02:00:00.000+01:00'", "@timestamp", "2026-11-23T02:00:00.000+01:00"), ("event.severity is 50", "event.severity", 50),
            ("event.severity is not", "event.severity", 47), ("event.id is not", "event.id", "x-1:7"), ("not <suspect>-<second", "skewline.incident", "x-1"),
            ("revision 2 follows 0", "skewline.revision", 2), ("not JSON", None, None), ("resolved, and when", "skewline.state", "resolved"),
            ("correlated without", "skewline.evidence", []), ("reaches zero", "skewline.offset.high_s", 5.0), ("which is nowhere", "skewline.inhibited_by", "nobody-1"),
            ("has 17 items", "skewline.evidence", [{"kind": "ntp", "agrees": True}] * 17), ("rule.id is not", "rule.id", "skewline:peer"),
            ("ecs.version is '8.0'", "ecs.version", "8.0"), ("open side as a number", "skewline.offset.low_s", -9.2e18),
        ]:
            with self.subTest(words):
                alerts = perfect(self.servers)
                lines = [json.dumps(a) for a in alerts]
                if path:
                    at(alerts, path, value)
                    lines = [json.dumps(a) for a in alerts]
                else:
                    lines[0] = lines[0][:-5]
                found = check_lines(lines)[1]
                self.assertTrue(any(words in f for f in found), f"wanted {words!r}, got {found}")


if __name__ == "__main__":
    unittest.main()
