#!/usr/bin/env python3
"""score.py BINARY RULES LEVEL...: how much of a corpus of messages the rules recognise.
LEVEL is FOLDER:RECALL:FALSE, where FOLDER holds positives.tsv and negatives.tsv, RECALL is the least share of positives that must be told
with the class the corpus states, and FALSE the greatest share of look-alikes that may be hit. Whatever the level, no direction may be told
that is opposite to the stated one, and nine of ten stated ones must be told. Exit 1 when a level is missed."""
import collections, json, os, subprocess, sys, tempfile

DIRECTIONS = {"local_behind": "behind", "local_ahead": "ahead"}
TOLD_MIN = 0.9


def rows(path):
    with open(path, encoding="utf-8") as file:
        names, *lines = (line.rstrip("\n").split("\t") for line in file)
    return [dict(zip(names, line)) for line in lines]


def matches(binary, rules, messages):
    """For each message the hits that speak, in order."""
    with tempfile.NamedTemporaryFile("w", suffix=".log", encoding="utf-8") as file:
        file.writelines(message.replace("\\n", " ") + "\n" for message in messages)
        file.flush()
        run = subprocess.run([binary, "match", "--rules", rules, "--output", "json", file.name], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"{binary} match: {run.stderr.strip()}")
    found = [[] for _ in messages]
    for line in run.stdout.splitlines():
        hit = json.loads(line)
        found[hit["record"] - 1].append(hit)
    return found


def judge(positives, found):
    """What was right and wrong of the positives: the classes, and the directions where one is stated."""
    right, of_class = collections.Counter(), collections.Counter()
    told = stated = 0
    faults = []
    for row, hits in zip(positives, found):
        of_class[row["class"]] += 1
        if any(hit["class"] == row["class"] for hit in hits):
            right[row["class"]] += 1
        else:
            faults.append(("other class" if hits else "missed", row))
        want = DIRECTIONS.get(row["direction"])
        if not want:
            continue
        stated += 1
        said = {hit["direction"] for hit in hits if hit["subject"] == "self"} & {"ahead", "behind"}
        told += want in said
        if said and want not in said:
            faults.append(("opposite direction", row))
    return right, of_class, told, stated, faults


def score(binary, rules, level):
    folder, recall_min, false_max = level.rsplit(":", 2)
    positives = rows(os.path.join(folder, "positives.tsv"))
    negatives = rows(os.path.join(folder, "negatives.tsv"))
    found = matches(binary, rules, [row["message"] for row in positives])
    alarms = [("look-alike hit", row) for row, hits in zip(negatives, matches(binary, rules, [row["message"] for row in negatives])) if hits]
    right, of_class, told, stated, faults = judge(positives, found)
    print(os.path.relpath(folder))
    for name in sorted(of_class):
        print(f"  {name:20} {right[name]:4} of {of_class[name]}")
    recall, false = sum(right.values()) / len(positives), len(alarms) / len(negatives)
    print(f"  told with their class {sum(right.values())} of {len(positives)} ({recall:.1%}), directions told {told} of {stated}, "
          f"look-alikes hit {len(alarms)} of {len(negatives)} ({false:.1%})")
    for what, row in faults + alarms:
        print(f"  {what}: {row['id']} {row['message'][:140]}")
    opposite = any(what == "opposite direction" for what, _ in faults)
    return recall >= float(recall_min) and false <= float(false_max) and not opposite and told >= TOLD_MIN * stated


if len(sys.argv) < 4:
    sys.exit(__doc__)
results = [score(sys.argv[1], sys.argv[2], level) for level in sys.argv[3:]]
sys.exit(0 if all(results) else 1)
