#!/usr/bin/env python3
"""check.py ROOT: the documents and the code say the same: a runbook for every cause, every metric, key and link where it is said to be."""
import os, re, sys

root = sys.argv[1]
faults = []


def read(*parts):
    with open(os.path.join(root, *parts)) as file:
        return file.read()


def documents():
    for folder, folders, files in os.walk(root):
        folders[:] = [one for one in folders if not one.startswith((".", "build"))]
        yield from (os.path.join(folder, name) for name in files if name.endswith(".md"))


causes = re.findall(r"CAUSE_(\w+)", re.search(r"enum cause \{(.*?)\};", read("include", "skewline", "incident.h"), re.S).group(1))
causes = [cause.lower() for cause in causes if cause != "COUNT"]
for cause in causes:
    page = os.path.join(root, "docs", "runbooks", cause + ".md")
    if not os.path.exists(page):
        faults.append(f"no runbook for the cause {cause}")
        continue
    text = read("docs", "runbooks", cause + ".md")
    faults += [f"docs/runbooks/{cause}.md has no section '{title}'" for title in ("What it means", "Confirm it", "What to do", "Prevent it") if f"\n## {title}\n" not in text]
    if "chronyc" not in text:
        faults.append(f"docs/runbooks/{cause}.md does not say what chronyc shows")
    if f"({cause}.md)" not in read("docs", "runbooks", "README.md"):
        faults.append(f"docs/runbooks/README.md does not list {cause}")

for path in documents():
    with open(path) as file:
        text = re.sub(r"```.*?```", "", file.read(), flags=re.S)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not re.match(r"[a-z]+:", target) and not os.path.exists(os.path.join(os.path.dirname(path), target)):
            faults.append(f"{os.path.relpath(path, root)}: no {target}")

keys = re.findall(r'\{"([a-z_.]+)", KEY_', read("src", "config", "config.c"))
faults += [f"docs/config.md does not name the key {key}" for key in keys if f"`{key}`" not in read("docs", "config.md")]
classes = re.search(r"SYMPTOM_CLASS_NAMES\[.*?\};", read("src", "observation", "names.c"), re.S).group(0)
faults += [f"docs/rules.md does not name the class {name}" for name in re.findall(r'"([a-z_]+)"', classes) if name not in read("docs", "rules.md")]
for room in os.listdir(os.path.join(root, "src")):
    if os.path.isdir(os.path.join(root, "src", room)) and f"| `{room}` |" not in read("src", "README.md"):
        faults.append(f"src/README.md does not speak of the room {room}")

for fault in faults:
    print(fault)
print(f"{len(causes)} causes, {len(keys)} keys, {len(faults)} faults")
sys.exit(bool(faults) or not causes or not keys)
