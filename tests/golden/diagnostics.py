#!/usr/bin/env python3
"""diagnostics.py SKEWLINE ROOT: every diagnostic of the sources stands in a golden file, and `check` says what only it can say.

The texts are taken out of the sources of the rule, yaml, match and config rooms and of the app's review: the format strings of fault(), warn(),
refuse(), complain(), diag_add() and their kin. A diagnostic that no broken file provokes is a fault here."""
import glob, os, re, subprocess, sys, tempfile

skewline, root = os.path.abspath(sys.argv[1]), sys.argv[2]
STRING = r'"((?:[^"\\]|\\.)*)"'
CALLS = re.compile(r"\b(fault|fault_at|fault_key|key_fault|fault_inside|warn|warn_key|warn_inside|warn_at|refuse|complain|diag_add)\(")
# What a test cannot provoke without breaking its machine, and texts that only pass others on.
BEYOND = {"not YAML", "could not open the folder", "could not read the file: %s", "%s%s%.*s%s", "%s"}
faults = []


def arguments(text, at):
    """The call's arguments: split at top-level commas."""
    depth, parts, start, quoted = 1, [], at, False
    while depth and at < len(text):
        c = text[at]
        if quoted:
            at += c == "\\"
            quoted = c != '"'
        elif c == '"':
            quoted = True
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and depth == 1:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return parts + [text[start:at - 1]]


def texts(argument):
    """The literals of an argument that is one literal, adjacent ones, or a choice between some."""
    pieces = re.sub(STRING + r"\s*(?=\")", lambda m: m.group(0), argument)
    joined = re.sub(r'"\s+"', "", pieces)
    return [] if argument.strip().startswith(("STR(", "str_of(", "hint")) else re.findall(STRING, joined)


def formats_of(path):
    with open(path) as file:
        source = file.read()
    source = re.sub(r"__attribute__.*?;\n", "", source, flags=re.S)
    for call in CALLS.finditer(source):
        parts = arguments(source, call.end())
        if any(re.match(r"\s*(struct|const|enum)\b", part) for part in parts):
            continue  # a declaration
        position = {"fault": 3, "fault_at": 4, "fault_key": 3, "key_fault": 3, "fault_inside": 4, "warn": 3, "warn_key": 3, "warn_inside": 4, "warn_at": 5, "refuse": 2, "complain": 3, "diag_add": 7}[call.group(1)]
        if position < len(parts):
            for text in texts(parts[position]):
                yield text.replace('\\"', '"').replace("\\\\", "\\")
    for table in re.findall(r"others\[\] = \{(.*?)\n\t\};", source, flags=re.S):  # head.c: what is no single rule
        yield from (re.findall(STRING, line)[1] for line in table.splitlines() if len(re.findall(STRING, line)) == 3)


def pattern(text):
    parts = re.split(r"%(?:\.\*s|\.?\d*[a-z]+|zu|lld)", text)
    return re.compile(r"[^\n]{0,300}?".join(re.escape(part) for part in parts))


sources = [path for folder in ("rule", "yaml", "match", "config") for path in sorted(glob.glob(os.path.join(root, "src", folder, "*.c")))]
sources += [os.path.join(root, "src", "app", "review.c"), os.path.join(root, "src", "app", "setup.c")]
wanted = {(text, os.path.relpath(path, root)) for path in sources for text in formats_of(path)}
if len(wanted) < 80:
    faults.append(f"only {len(wanted)} diagnostics were found in the sources: the search is broken")


def check(*words):
    done = subprocess.run([skewline, "check", "--output", "text", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.stdout + done.stderr


here = os.path.join(root, "tests", "golden")
said = ""
for path in sorted(glob.glob(os.path.join(here, "rule_files", "*.err"))):
    with open(path, errors="replace") as file:
        said += file.read()
cases = []  # (what to ask of check, the folder that the texts leave out, what is expected)
for path in sorted(glob.glob(os.path.join(here, "check", "*"))):
    if not path.endswith(".err"):
        config = os.path.join(path, "skewline.yaml")
        cases.append((["-c", config] if os.path.exists(config) else ["--rules", path], path, path + ".err"))
for path in sorted(glob.glob(os.path.join(here, "config_files", "*.yaml"))):
    cases.append((["-c", path], os.path.dirname(path), path[:-5] + ".err"))
for words, folder, expected in cases:
    got = re.sub(r"about \d+ ns|in \d+ of \d+ ordinary", lambda m: re.sub(r"\d+", "N", m.group()), check(*words)).replace(folder + "/", "")
    got = re.sub(r"# \d{3,} rules", "# N rules", got)  # the shipped pack: its size is not what is tested
    if os.environ.get("SKEWLINE_GOLDEN_WRITE"):
        with open(expected, "w") as file:
            file.write(got)
    with open(expected) as file:
        if file.read() != got:
            faults.append(f"{expected} differs from\n{got}")
    said += got
with tempfile.TemporaryDirectory() as folder:
    said += check("--rules", os.path.join(folder, "nowhere"))
    for name, text in (("large.yml", "a: " + "x" * (1 << 20)), ("empty.yml", ""), ("wide.yml", "a: [" + "x," * 100001 + "]"),
                       ("deep.yml", "a: " + "[" * 70 + "]" * 70), ("anchors.yml", "".join(f"k{i}: &a{i} x\n" for i in range(300)))):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
        said += check("--rules", os.path.join(folder, name))

for text, path in sorted(wanted):
    if text not in BEYOND and "shipped rules were not found" not in text and not pattern(text).search(said):
        faults.append(f"{path}: no golden file shows '{text}'")
for block in re.split(r"\n(?=\S)", said):
    if ": error: " in block and "    hint: " not in block:
        faults.append("an error without a hint: " + block)
for fault in faults:
    print(fault)
print(f"{len(wanted)} diagnostics, {len(faults)} faults")
sys.exit(bool(faults))
