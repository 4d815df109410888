"""operate.py SKEWLINE FLEET_DUMP SCHEMAS: what an operator meets: rejects and their limit, a reload that takes effect or is refused, the pages."""
import base64, json, os, re, signal, socket, subprocess, sys, time, urllib.request

from box import Box, Failure, check, settled, wait_for


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def page(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return answer.read().decode()
    except OSError:
        return ""


def counter(port, name):
    found = re.search(rf"^skewline_{name} (\S+)$", page(port, "/metrics"), re.M)
    return int(found.group(1)) if found else None


def rejects_keep_what_came_and_are_limited(box):
    box.topic("mess", 1)
    good = json.dumps({"@timestamp": "2026-11-23T02:00:00.000Z", "event": {"ingested": "2026-11-23T02:00:00.100Z"}, "host": {"name": "web-01"}, "message": "fine"}).encode()
    values = [good, b'{"broken": ', b"\xff\xfe\x00\x01", b'{"host":{"name":"x"},"message":"' + b"y" * 200000]
    box.produce("mess", values + [b'{"broken": '] * 30000, 1)
    port = free_port()
    config = box.config("messy", ["mess"], 2, f"listen: 127.0.0.1:{port}\n")
    process = box.run(config)
    wait_for("all records read", 30, lambda: counter(port, "records_read_total") == len(values) + 30000)
    check(page(port, "/healthz") == "ok\n", "not healthy while running")
    check(counter(port, "records_rejected_total") == len(values) - 1 + 30000, f"counted {counter(port, 'records_rejected_total')} rejects")
    time.sleep(2.5)
    process.stop()
    rejects = box.read("messy-rejects")
    single = [record for record in rejects if record.value is not None and record.value != b""]
    headers = [{key: value.decode() for key, value in record.headers} for record in rejects]
    check(single[0].value == values[1] and headers[0]["skewline.reason"] == "truncated", f"the first reject is {headers[0]}")
    check(headers[0]["skewline.topic"] == "mess" and headers[0]["skewline.partition"] == "0" and headers[0]["skewline.offset"] == "1", f"its place is {headers[0]}")
    check(len(single[2].value) == 65536 and headers[2]["skewline.length"] == str(len(values[3])), f"a long one has {len(single[2].value)} bytes, {headers[2]}")
    told = sum(int(number) for row in headers for number in re.findall(r": (\d+) more records", row["skewline.detail"]))
    check(len(single) + told == len(values) - 1 + 30000, f"{len(single)} rejects and {told} told of, of {len(values) - 1 + 30000}")
    check(1000 <= len(single) <= 10000, f"{len(single)} rejects are no limit")


def a_reload_takes_effect_or_is_refused(box):
    box.topic("quiet", 1)
    port = free_port()
    config = box.config("renewed", ["quiet"], 2, f"listen: 127.0.0.1:{port}\nthresholds: {{warning_s: 0.05, critical_s: 0.2}}\n")
    process = box.run(config)
    process.wait_said("connected to")
    with open(config) as file:
        text = file.read()

    def renew(changed, words):
        """Reloads coalesce, so each is waited for; the file changes in one step."""
        before = counter(port, "reloads_total") + counter(port, "reloads_failed_total")
        with open(config + ".new", "w") as out:
            out.write(changed)
        os.rename(config + ".new", config)
        process.process.send_signal(signal.SIGHUP)
        wait_for("a reload", 20, lambda: counter(port, "reloads_total") + counter(port, "reloads_failed_total") > before)
        process.wait_said(words)

    renew(text.replace("warning_s: 0.05", "warning_s: 0.06"), "reloaded: ")
    renew(text.replace("instance: renewed", "instance: other"), "needs a restart: instance")
    renew(text.replace("warning_s: 0.05", "warning_s: many"), "the old rules and config stay")
    renew(text + "rules: [nowhere]\n", "there is no rule file or folder")
    check(counter(port, "reloads_total") == 1 and counter(port, "reloads_failed_total") == 3, page(port, "/metrics")[-1500:])
    process.stop()


RULE = """title: a rule of the test
id: 00000000-0000-4000-8000-000000000001
logsource: {category: application}
detection:
  words:
    message|contains: TEXT
  condition: words
skewline: {class: ntp_daemon, issuer: daemon, subject: self, direction: unknown}
"""


def rule_files_are_watched(box):
    """A change of the folder takes effect without a signal, a broken one does not; what was matched since carries the new hash."""
    box.topic("talk", 1)
    port, folder = free_port(), os.path.join(box.folder, "watched-rules")
    os.makedirs(folder)

    def put(text):
        with open(os.path.join(folder, "rule.new"), "w") as out:
            out.write(text)
        os.rename(os.path.join(folder, "rule.new"), os.path.join(folder, "rule.yml"))

    def said_hash():
        done = subprocess.run([box.skewline, "version", "--output", "json", "--rules", folder], stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)["ruleset_hash"]

    def say(text):
        box.produce("talk", [json.dumps({"@timestamp": "2026-11-23T02:00:00.000Z", "event": {"ingested": "2026-11-23T02:00:00.100Z"}, "host": {"name": "web-01"},
                                          "message": text}).encode()], 1)

    put(RULE.replace("TEXT", "first words"))
    process = box.run(box.config("watched", ["talk"], 1, f"listen: 127.0.0.1:{port}\nrules: [{folder}]\n"))
    process.wait_said("connected to")
    before = said_hash()
    put(RULE.replace("TEXT", "second words"))
    wait_for("the reload", 20, lambda: counter(port, "reloads_total") == 1)
    after = said_hash()
    check(before != after, "the hash does not know the rules")
    process.wait_said("rule set " + after)
    put(RULE.replace("condition: words", "condition: word"))
    wait_for("the refusal", 20, lambda: counter(port, "reloads_failed_total") == 1)
    process.wait_said("did you mean 'words'?")
    say("first words"), say("second words")
    wait_for("both records", 20, lambda: counter(port, "records_read_total") == 2)
    check(counter(port, "rule_hits_total") == 1, "the rule in force is not the last sound one")
    put(RULE.replace("TEXT", "second words"))
    wait_for("the repair", 20, lambda: counter(port, "reloads_total") == 2)
    process.stop()


def own_records_can_be_read(box):
    """The state and the observations, as a consumer dumps them, printed by decode."""
    folder = os.path.join(box.folder, "fleet")
    os.mkdir(folder)
    subprocess.run([sys.argv[2], "4", "1795399200", folder], check=True)
    values = []
    for name in ("logs.ndjson", "ntp.ndjson"):
        with open(os.path.join(folder, name), "rb") as file:
            values += file.read().splitlines()
    box.topic("plain", 1)
    box.produce("plain", sorted(values, key=lambda value: json.loads(value)["event"]["ingested"]), 1)
    process = box.run(box.config("shown", ["plain"], 3))
    settled(box, ["shown-observations", "shown-state"])
    process.stop()
    for topic, word, key in (("shown-observations", "observation", "kind"), ("shown-state", "state", None)):
        records = box.read(topic)
        check(len(records) > 20, f"{len(records)} records in {topic}")
        lines = [json.dumps({"partition": record.partition, "key": record.key.decode(), "value": None if record.value is None else base64.b64encode(record.value).decode()}) for record in records]
        done = subprocess.run([sys.argv[1], "decode", "--format", word, "-"], input="\n".join(lines).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check(done.returncode == 0, f"decode --format {word}: exit {done.returncode}: {done.stderr.decode()[-300:]}")
        shown = [json.loads(line) for line in done.stdout.decode().splitlines()]
        check(len(shown) == len(lines) and all(not key or key in row for row in shown), f"{len(shown)} of {len(lines)} {word} records shown")
        check([(row["partition"], row["key"]) for row in shown] == [(record.partition, record.key.decode()) for record in records], "keys or partitions differ")


def main():
    box, failed = Box(sys.argv[1], sys.argv[3]), []
    try:
        for test in (rejects_keep_what_came_and_are_limited, a_reload_takes_effect_or_is_refused, rule_files_are_watched, own_records_can_be_read):
            start = time.monotonic()
            try:
                test(box)
                print(f"right  {test.__name__} ({time.monotonic() - start:.1f} s)", flush=True)
            except Failure as failure:
                failed.append(test)
                print(f"WRONG  {test.__name__}: {failure}", flush=True)
    finally:
        box.close()
    sys.exit(bool(failed))


main()
