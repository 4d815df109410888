#!/usr/bin/env python3
"""commands.py SKEWLINE FLEET_DUMP SOURCE: what the contract says of every command, judged from outside: outputs, exit codes, and what equals what."""
import gzip, json, os, subprocess, sys, tempfile
import xml.etree.ElementTree as ElementTree

skewline, fleet_dump, source = (os.path.abspath(word) for word in sys.argv[1:4])
RULES = os.path.join(source, "rules")
START = "1795399200"


def run(*words, status=0, stdin=None):
    done = subprocess.run([skewline, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, input=stdin)
    expect(done.returncode == status, f"{' '.join(words)[:80]}: exit {done.returncode}, not {status}: {done.stderr.decode()[-200:]}")
    return done


def expect(holds, words):
    if not holds:
        problems.append(words)


def rows(done):
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)
    return name


def what_equals_what():
    everything = run("replay", "logs.ndjson", "ntp.ndjson").stdout
    expect(everything.count(b"\n") > 3, "the fleet gives no alerts")
    for output in ("ocsf", "hec"):
        expect(len(rows(run("replay", "--output", output, "logs.ndjson", "ntp.ndjson"))) == everything.count(b"\n"), f"--output {output} gives another number of alerts")
    expect(run("replay", "--output", "text", "logs.ndjson", "ntp.ndjson").stdout.count(b"\n\n") == everything.count(b"\n"), "readable alerts do not stand apart")
    dump = run("replay", "--stage", "observe", "logs.ndjson", "ntp.ndjson").stdout
    expect(run("replay", "--stage", "correlate", write("dump", dump)).stdout == everything, "E1: the dump's alerts are not those of the files")
    expect(len(rows(run("decode", "--format", "observation", "dump"))) == dump.count(b"\n"), "decode does not print every record of the dump")
    with open("logs.ndjson", "rb") as file:
        lines = file.read().splitlines(keepends=True)
    with open("ntp.ndjson", "rb") as file:
        telemetry = file.read()
    third = len(lines) // 3
    pieces = [write(f"z{i}", b"".join(lines[i * third:(i + 1) * third if i < 2 else None])) for i in range(3)]
    expect(run("replay", *pieces[::-1], "ntp.ndjson").stdout == everything, "E2: cut in three, given backwards")
    expect(run("replay", "-", stdin=telemetry + b"".join(lines)).stdout == everything, "E2: as one stream on stdin")
    many = [write(f"m{i:02}", b"".join(lines[i * len(lines) // 40:(i + 1) * len(lines) // 40])) for i in range(40)]
    expect(run("replay", *many[::-1], "ntp.ndjson").stdout == everything, "E2: cut in forty, of which few are open at a time")
    with gzip.open("logs.gz", "wb") as file:
        file.writelines(lines)
    expect(run("replay", "logs.gz", "ntp.ndjson").stdout == everything, "E2: compressed")
    dirty = [part for i, line in enumerate(lines) for part in ([b'{"broken": \r\n', line] if i % 500 == 7 else [b"\n", line] if i % 333 == 5 else [line.replace(b"\n", b"\r\n")])]
    done = run("replay", "--rejects", "rejects", write("dirty", b"".join(dirty)), "ntp.ndjson")
    expect(done.stdout == everything, "E2: among rejects, blank lines and carriage returns")
    half = dirty.index(b'{"broken": \r\n', 2000)
    expect(run("replay", write("d1", b"".join(dirty[:half])), write("d2", b"".join(dirty[half:])), "ntp.ndjson").stdout == everything, "E2: cut before a reject")
    with open("rejects") as file:
        rejects = [json.loads(line) for line in file]
    expect(all(row["reason"] == "truncated" and row["file"] == "dirty" and row["line"] > 0 and row["detail"] and row["value"] for row in rejects), "a reject without its place")
    expect(len(rejects) == sum(part.startswith(b'{"broken') for part in dirty), f"{len(rejects)} rejects")


def rejects_of_all_kinds():
    write("odd", b'{"message":"' + b"x" * 3000000 + b'"}\n\xff\xfe\n{"host":{"name":"a"},"@timestamp":"never","message":"m"}\n')
    run("replay", "--rejects", "rejects", "odd")
    with open("rejects") as file:
        found = [json.loads(line) for line in file]
    expect([row["reason"] for row in found] == ["too_long", "bad_utf8", "bad_time"] or [row["reason"] for row in found] == ["too_long", "not_text", "bad_time"],
           f"reasons {[row['reason'] for row in found]}")
    expect(found[0]["length"] == 3000014 and len(found[0]["value"]) == 65536, "the long one is not cut at 64 KiB with its length told")
    expect("value_base64" in found[1], "bytes that are no text are not in base64")
    decoded = rows(run("decode", "odd"))
    expect([row["kind"] for row in decoded] == ["rejected"] * 3 and [row["record"] for row in decoded] == [1, 2, 3], "decode of rejects")


def decode_and_match():
    found = rows(run("decode", "ntp.ndjson"))
    expect(all(row["kind"] == "clock_sample" and {"measures", "offset_s", "bound_s", "synchronised", "stratum", "reference_id", "leap", "source"} <= set(row) for row in found), "a clock sample lacks a key")
    found = rows(run("decode", "-", stdin=b"plainly nothing\n\n<38>Nov 23 01:20:17 web-01 sshd[1]: hello\n"))
    expect([(row["kind"], row["record"]) for row in found] == [("rejected", 1), ("log", 3)], f"decode gives {found}")
    message = b"x509: certificate has expired or is not yet valid: current time 2026-11-23T01:52:49Z is before 2026-11-23T01:58:55Z"
    document = b'{"@timestamp":"2026-11-23T02:00:00Z","host":{"name":"w"},"message":"' + message + b'"}'
    found = rows(run("match", "-", stdin=b"nothing\n" + message + b"\n" + document + b"\n"))
    expect([row["record"] for row in found] == [2, 3], f"match hits {[row['record'] for row in found]}")
    for row in found:
        expect(set(row) >= {"record", "rule", "title", "class", "direction", "subject", "magnitude_s", "magnitude", "issuer", "peer"}, f"a hit lacks a key: {row}")
        expect((row["class"], row["direction"], row["subject"], row["issuer"]) == ("cert_not_yet_valid", "behind", "self", "ca"), f"a hit says {row}")


def check_and_test():
    summary = rows(run("check"))[-1]
    expect(summary["errors"] == 0 and "thresholds:" in summary["config"] and summary["rules"] > 10, f"check says {summary}")
    write("bad.yaml", b"instance: x\nthreshold: {}\n")
    done = run("check", "-c", "bad.yaml", status=1)
    fault = rows(done)[0]
    expect((fault["level"], fault["line"], fault["column"]) == ("error", 2, 1) and "thresholds" in fault["hint"], f"check says {fault}")
    expect(b"bad.yaml:2:1: error: " in done.stderr, "no diagnostics for people")
    run("replay", "-c", "bad.yaml", "logs.ndjson", status=2)
    write("good.scenario", b"at 0s host a clock +400s\nevery 60s host a ntp offset +400s\nevery 30s host a log \"krb5: Clock skew too great\"\nat 10m expect incident a direction ahead\n")
    write("bad.scenario", b"at 0s host a ntp\nat 5m expect incident a\nat 6m host a clok 5s\n")
    expect(rows(run("test", "good.scenario"))[-1]["failed"] == 0, "a sound scenario fails")
    failures = rows(run("test", "--junit", "junit.xml", "good.scenario", "bad.scenario", status=1))
    expect("did you mean 'clock'?" in failures[0]["text"] and failures[0]["line"] == 3, f"a wrong word: {failures[0]}")
    suites = ElementTree.parse("junit.xml").getroot()
    expect(suites.get("failures") == "1" and len(suites.findall(".//testcase")) == int(suites.get("tests")), "the JUnit report does not add up")


def explain_and_backtest():
    alert = json.loads(run("replay", "logs.ndjson", "ntp.ndjson").stdout.splitlines()[0])
    host = alert["skewline"]["suspect"]
    told = rows(run("explain", "--host", host, "logs.ndjson", "ntp.ndjson"))
    expect(any(row.get("kind") == "trace" for row in told) and any(row.get("event") for row in told), "explain tells no trace or no alert")
    told = rows(run("explain", "--incident", alert["skewline"]["incident"], "logs.ndjson", "ntp.ndjson"))
    expect({row["skewline"]["incident"] for row in told if row.get("event")} == {alert["skewline"]["incident"]}, "explain --incident tells of others")
    expect(b"no record speaks of 'nobody'" in run("explain", "--host", "nobody", "ntp.ndjson").stderr, "explain does not say that a host is unknown")
    expect(not run("backtest", "--baseline", RULES, "--candidate", RULES, "logs.ndjson", "ntp.ndjson").stdout, "a rule set differs from itself")
    changes = rows(run("backtest", "--baseline", RULES, "--candidate", os.path.join(RULES, "ntp"), "logs.ndjson", "ntp.ndjson"))
    expect(changes and all(row["change"] in ("appears", "vanishes", "changes") and (row["baseline"] or row["candidate"]) for row in changes), "backtest finds no difference without most rules")


def usage_and_endings():
    expect(b"did you mean 'replay'?" in run("replai", status=2).stderr, "no nearest command")
    expect(b"did you mean '--format'?" in run("replay", "--fromat", "x", "logs.ndjson", status=2).stderr, "no nearest option")
    expect(b"did you mean 'filebeat'?" in run("decode", "--format", "filebeet", "logs.ndjson", status=2).stderr, "no nearest format")
    run(status=2)
    run("replay", status=2)
    run("replay", "not there", status=3)
    run("replay", "--rejects", "no folder/x", "logs.ndjson", status=3)
    expect(b"skewline COMMAND" in run("--help").stdout, "no help")
    for command in ("run", "replay", "match", "decode", "check", "test", "explain", "backtest", "demo", "version"):
        expect(b"usage: skewline " + command.encode() in run(command, "--help").stdout, f"no help of {command}")
    version = rows(run("version"))[0]
    expect({"version", "build", "librdkafka", "pcre2", "ruleset_hash"} <= set(version), f"version says {version}")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([skewline, "decode", "logs.ndjson"], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    expect((done.returncode, done.stderr) == (0, b""), f"a closed pipe ends with {done.returncode}: {done.stderr[-100:]}")
    with open("/dev/full", "w") as full:
        done = subprocess.run([skewline, "replay", "logs.ndjson", "ntp.ndjson"], stdout=full, stderr=subprocess.PIPE)
    expect(done.returncode == 3 and done.stderr.count(b"stdout") == 1, f"a full disk ends with {done.returncode}, said {done.stderr.count(b'stdout')} times")


problems = []
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    subprocess.run([fleet_dump, "1", START, "."], check=True)
    for judge in (what_equals_what, rejects_of_all_kinds, decode_and_match, check_and_test, explain_and_backtest, usage_and_endings):
        before = len(problems)
        judge()
        print(f"{judge.__name__}: {'right' if len(problems) == before else 'WRONG'}")
for problem in problems:
    print(f"  {problem}")
sys.exit(bool(problems))
