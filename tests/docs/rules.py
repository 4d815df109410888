#!/usr/bin/env python3
"""rules.py SKEWLINE ROOT: every example of docs/rules.md is a sound rule whose tests pass, its picture of a failure is what the program
prints, and the document names every key, word and format of the schema."""
import json, os, re, subprocess, sys, tempfile

skewline, root = os.path.abspath(sys.argv[1]), sys.argv[2]
faults = []
with open(os.path.join(root, "docs", "rules.md")) as file:
    text = file.read()
with open(os.path.join(root, "rules", "schema.json")) as file:
    schema = json.load(file)


def run(*words, status=0):
    done = subprocess.run([skewline, *words, "--output", "text"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != status:
        faults.append(f"{' '.join(words)[:60]}: exit {done.returncode}: {done.stdout}")
    return done.stdout


examples = re.findall(r"```yaml\n(title: .*?)```", text, re.S)
with tempfile.TemporaryDirectory() as folder:
    for i, example in enumerate(examples):
        with open(os.path.join(folder, f"example{i}.yml"), "w") as out:
            out.write(example)
    said = run("check", "--rules", folder)
    if "# %d rules, 0 errors, 0 warnings" % len(examples) not in said:
        faults.append("check: " + said)
    said = run("test", "--rules", folder)
    count = sum(len(re.findall(r"^    - (?:no_)?match:", example, re.M)) for example in examples)
    if f"{count} rule tests, 0 scenarios, 0 failed" not in said:
        faults.append(f"test, {count} of them: {said}")
picture = re.search(r"```text\nDIR/(\S+?):.*?```", text, re.S)
message = re.search(r"^        (timed: .*)$", picture.group(0), re.M).group(1)
with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, picture.group(1)), "w") as out:
        out.write(re.sub(r"(- match: )'.*?'", lambda m: m.group(1) + "'" + message + "'", examples[0], count=1))
    said = run("test", "--rules", folder, status=1).replace(folder, "DIR")
    if said.split("3 rule tests")[0].strip() != picture.group(0)[8:-3].strip():
        faults.append("the picture of a failing test is not what is printed:\n" + said)

block = schema["definitions"]["skewline"]["properties"]
words = list(block) + schema["definitions"]["instant"]["enum"] + block["class"]["enum"] + block["issuer"]["enum"] + block["subject"]["enum"] + block["shape"]["enum"]
words += list(block["magnitude"]["properties"]) + list(block["jump"]["properties"]) + list(schema["definitions"]["test"]["properties"])
words += [key for way in block["direction"]["oneOf"][1:] for key in way["properties"]] + schema["definitions"]["unit"]["oneOf"][0]["enum"]
faults += [f"docs/rules.md does not name {word}" for word in dict.fromkeys(words) if not re.search(rf"\b{word}\b", text)]
for fault in faults:
    print(fault)
print(f"{len(examples)} examples, {count} tests in them, {len(faults)} faults")
sys.exit(bool(faults) or len(examples) < 4)
