#!/usr/bin/env python3
"""alerts.py [ALERTS.ndjson]: does every line obey the contract? Standard library only; exit 1 with each fault named.

Two layers: schema.json says names, types and values of one line; `invariants` say what lines mean together: revisions count
from 1, an id says its suspect and its opening, a direction agrees with its interval, and so on. Also the reader for expect.py."""
import json, math, os, re, sys
from datetime import datetime

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
KNOWN = {"$comment", "$defs", "$ref", "type", "required", "properties", "items", "enum", "const", "pattern", "minLength", "minItems", "maxItems", "minimum"}


def is_type(value, name):
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def validate(value, schema, root, where="alert"):
    """Faults of a value by the part of JSON Schema that schema.json uses."""
    if set(schema) - KNOWN:
        raise ValueError(f"schema keyword not supported: {set(schema) - KNOWN}")
    if "$ref" in schema:
        return validate(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, where)
    faults = []
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(is_type(value, n) for n in names):
            return [f"{where} is {json.dumps(value)[:60]}, not {' or '.join(names)}"]
    if "const" in schema and value != schema["const"]:
        faults.append(f"{where} is {value!r}, not {schema['const']!r}")
    if "enum" in schema and (value not in schema["enum"] or isinstance(value, bool)):
        faults.append(f"{where} is {value!r}, none of {schema['enum']}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            faults.append(f"{where} is {value!r}, not like {schema['pattern']}")
        if len(value) < schema.get("minLength", 0):
            faults.append(f"{where} is too short: {value!r}")
    if isinstance(value, (int, float)) and "minimum" in schema and value < schema["minimum"]:
        faults.append(f"{where} is {value}, less than {schema['minimum']}")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1 << 30):
            faults.append(f"{where} has {len(value)} items")
        for i, item in enumerate(value):
            faults += validate(item, schema.get("items", {}), root, f"{where}[{i}]")
    if isinstance(value, dict):
        faults += [f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value]
        for name, part in schema.get("properties", {}).items():
            if name in value:
                faults += validate(value[name], part, root, f"{where}.{name}")
    return faults


def seconds(text):
    """RFC 3339 UTC -> seconds; ValueError for a time that is no time (month 13). Python reads at most microseconds."""
    whole, fraction = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d+)Z", text).groups()
    return datetime.fromisoformat(whole + "+00:00").timestamp() + float("0." + fraction)


def all_times(value, where="alert"):
    if isinstance(value, dict):
        for name, part in value.items():
            if name != "sample":
                yield from all_times(part, f"{where}.{name}")
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from all_times(part, f"{where}[{i}]")
    elif isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        yield where, value


def line_invariants(alert):
    own, event, offset = alert["skewline"], alert["event"], alert["skewline"]["offset"]
    low, high, estimate = offset["low_s"], offset["high_s"], offset["estimate_s"]
    yield own["incident"] == f"{own['suspect']}-{int(seconds(own['opened']) // 1)}", "the incident's id is not <suspect>-<second of opening>"
    yield event["id"] == f"{own['incident']}:{own['revision']}", "event.id is not <incident>:<revision>"
    yield event["severity"] == {"warning": 47, "critical": 73}[own["severity"]], "event.severity is not that of skewline.severity"
    yield alert["rule"]["id"] == "skewline:" + own["cause"], "rule.id is not skewline:<cause>"
    yield seconds(alert["@timestamp"]) >= seconds(own["opened"]) - 0.001, "@timestamp lies before the opening"
    yield low is None or high is None or low <= high, "low_s > high_s"
    for name, numbers in (("offset", offset), ("worst", own["worst"])):
        yield all(v is None or abs(v) < 1e10 for k, v in numbers.items() if k != "direction"), f"{name} holds an open side as a number"
    if estimate is not None:
        yield (low is None or low - 1e-6 <= estimate) and (high is None or estimate <= high + 1e-6), "the estimate lies outside its interval"
    if own["kind"] == "health":
        yield (low, high, estimate) == (None, None, None), "a health incident claims an offset"
    if own["state"] != "resolved":
        yield offset["direction"] != "ahead" or low is None or low > 0, "direction ahead, but the interval reaches zero"
        yield offset["direction"] != "behind" or high is None or high < 0, "direction behind, but the interval reaches zero"
    shared = own["kind"] in ("source", "reference")
    yield shared == ("host" not in alert), "host.name and the kind of incident do not fit"
    yield shared or alert.get("host", {}).get("name") == own["suspect"], "host.name is not the suspect"
    yield own["kind"] != "source" or own["suspect"].startswith("ntp:"), "a source incident suspects no ntp:<source>"
    yield own["kind"] != "reference" or own["suspect"] == "reference", "a reference incident does not suspect `reference`"
    yield (own["state"] == "resolved") == bool(own.get("resolved")), "resolved, and when, do not fit"
    yield (event["action"] == "resolve") == (own["state"] == "resolved") or own.get("inhibited_by"), "action and state do not fit"
    yield not own["correlated"] or any(row["agrees"] for row in own["evidence"]), "correlated without agreeing evidence"
    yield len(own["affected"]) == len(set(own["affected"])), "a host is affected twice"


def check_lines(lines):
    """(alerts that could be read, faults)."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema.json")) as file:
        schema = json.load(file)
    alerts, faults, revisions, inhibited = [], [], {}, set()
    for number, line in enumerate(lines, 1):
        try:
            alert = json.loads(line)
        except ValueError as error:
            faults.append(f"line {number}: not JSON: {error}")
            continue
        found = validate(alert, schema, schema)
        for where, text in all_times(alert):
            try:
                seconds(text)
            except (ValueError, AttributeError):
                found.append(f"{where}: {text!r} is no RFC 3339 UTC time with at least milliseconds")
        if not found:
            alerts.append(alert)
            own, action = alert["skewline"], alert["event"]["action"]
            found = [words for holds, words in line_invariants(alert) if not holds]
            last = revisions.get(own["incident"], 0)
            if own["revision"] != last + 1:
                found.append(f"revision {own['revision']} follows {last}")
            if (own["revision"] == 1) != (action == "open"):
                found.append(f"action {action} at revision {own['revision']}")
            if own["incident"] in inhibited:
                found.append("an inhibited incident is published again")
            revisions[own["incident"]] = own["revision"]
            if own.get("inhibited_by"):
                inhibited.add(own["incident"])
        faults += [f"line {number}: {words}" for words in found]
    known = set(revisions)
    faults += [f"{a['skewline']['incident']} is inhibited by {a['skewline']['inhibited_by']}, which is nowhere"
               for a in alerts if a["skewline"].get("inhibited_by") and a["skewline"]["inhibited_by"] not in known]
    return alerts, faults


def main():
    with (open(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] != "-" else sys.stdin) as file:
        alerts, faults = check_lines(line for line in file if line.strip())
    for fault in faults:
        print(fault)
    print(f"{len(alerts)} alerts, {len(faults)} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
