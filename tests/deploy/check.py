#!/usr/bin/env python3
"""check.py ROOT [SKEWLINE]: what is deployed agrees with itself and with the program: ports, addresses, topics, paths, command names,
options and config keys. Docker is not needed. With the binary, it judges commands and config; without it, that part is skipped."""
import os, re, shlex, subprocess, sys

import yaml

ROOT = sys.argv[1]
BINARY = sys.argv[2] if len(sys.argv) > 2 else None
problems = []


def text_of(path):
    with open(os.path.join(ROOT, path)) as file:
        return file.read()


def expect(condition, words):
    if not condition:
        problems.append(words)


def docker_instructions(text):
    """(instruction, rest), with continued lines joined and comments dropped."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def unit_settings(text):
    settings = {}
    for line in text.splitlines():
        if "=" in line and not line.startswith(("#", "[")):
            key, value = line.split("=", 1)
            settings.setdefault(key, []).append(value)
    return settings


compose = yaml.safe_load(text_of("docker-compose.yml"))
config = yaml.safe_load(text_of("deploy/skewline.yaml"))
docker = docker_instructions(text_of("deploy/Dockerfile"))
unit = unit_settings(text_of("deploy/skewline.service"))
services = compose["services"]
expect(set(services) == {"kafka", "skewline", "feeder"}, f"services are {sorted(services)}")

# The page: config, image, health check and published port name one port.
port = config["listen"].rsplit(":", 1)[1]
expect([rest for word, rest in docker if word == "EXPOSE"] == [port], f"EXPOSE is not {port}")
health = next((rest for word, rest in docker if word == "HEALTHCHECK"), "")
expect(f":{port}/healthz" in health, "the health check does not ask for /healthz on the port of `listen`")
expect(any(p.endswith(f":{port}:{port}") for p in services["skewline"]["ports"]), f"port {port} is not published")
expect("curl" in health and re.search(r"apt-get install[^&]*\bcurl\b", text_of("deploy/Dockerfile").split("FROM debian:12-slim\n")[-1]), "the health check's program is not in the last stage")

# The broker: what the containers say is what it advertises; one broker cannot keep three copies.
broker = services["kafka"]["environment"]
advertised = dict(part.split("://") for part in broker["KAFKA_ADVERTISED_LISTENERS"].split(","))
inside = advertised[broker["KAFKA_INTER_BROKER_LISTENER_NAME"]]
expect(config["kafka"]["bootstrap.servers"] == inside, f"the config's broker is not {inside}")
expect(inside.split(":")[0] == services["kafka"]["hostname"], "the broker advertises a name that is not its host name")
listeners = {part.split("://")[0] for part in broker["KAFKA_LISTENERS"].split(",")}
expect(set(advertised) | {broker["KAFKA_CONTROLLER_LISTENER_NAMES"]} == listeners, "listeners and advertised listeners differ")
expect({p.split(":")[0] for p in broker["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(",")} == listeners, "a listener has no security protocol")
expect(any(p.endswith(advertised["OUTSIDE"].split(":")[1]) for p in services["kafka"]["ports"]), "the outside listener is not published")
for key in ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR"):
    expect(broker.get(key) == "1", f"{key} must be 1 on one broker, or transactions wait for ever")
expect(re.match(r"apache/kafka:4\.\d+\.\d+$", services["kafka"]["image"]), "the broker is not a fixed Apache Kafka 4.x")
for name in ("skewline", "feeder"):
    expect(services[name]["depends_on"]["kafka"]["condition"] == "service_healthy", f"{name} does not wait for the broker")
    expect(services[name]["build"]["dockerfile"] == "deploy/Dockerfile" and services[name]["image"] == services["skewline"]["image"], f"{name} runs another image")
expect("feed" in " ".join(services["feeder"]["command"]) and inside in services["feeder"]["command"], "the feeder feeds another broker")

# The topics that the feeder fills are those that Skewline reads.
fed = set(re.findall(r'#define FLEET_TOPIC_\w+ "([^"]+)"', text_of("src/app/fleet.h")))
expect(fed and fed == {i["topic"] for i in config["inputs"]}, f"the feeder fills {sorted(fed)}")

# Paths are the same in image, unit and compose file; what is copied exists and is let through by .dockerignore.
program = next(rest.split()[-1] for word, rest in docker if word == "COPY" and "build/skewline" in rest)
settings_file = next(rest.split()[-1] for word, rest in docker if word == "COPY" and "skewline.yaml" in rest)
entry = next(rest for word, rest in docker if word == "ENTRYPOINT")
expect(program in entry, "the entry point is not the program that was copied")
for line in unit["ExecStart"] + unit["ExecStartPre"]:
    expect(shlex.split(line)[0] == program and settings_file in line, f"the unit starts something else: {line}")
expect(any(v.split(":")[1] == settings_file for v in services["skewline"]["volumes"]), "the compose file mounts the config elsewhere")
allowed = {line[1:].rstrip("/") for line in text_of(".dockerignore").splitlines() if line.startswith("!")}
for word, rest in docker:
    if word == "COPY" and not rest.startswith("--from"):
        for source in rest.split()[:-1]:
            expect(source in allowed, f"{source} is copied but .dockerignore keeps it out")
            expect(os.path.exists(os.path.join(ROOT, source)), f"{source} is copied but does not exist")

# No root, a clean stop.
user = [rest for word, rest in docker if word == "USER"]
expect(user and not user[-1].startswith(("0", "root")), "the image runs as root")
expect(("STOPSIGNAL", "SIGTERM") in docker, "the image is not stopped with SIGTERM")
for key, value in {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "DynamicUser": "yes", "CapabilityBoundingSet": "", "KillSignal": "SIGTERM"}.items():
    expect(unit.get(key) == [value], f"the unit does not say {key}={value}")
expect("kill -HUP" in unit["ExecReload"][0], "the unit does not reload with SIGHUP")

# The program knows the commands, options and keys that all of this uses.
image_command = next(rest for word, rest in docker if word == "CMD")
commands = {yaml.safe_load(image_command)[0], services["skewline"]["command"][0], services["feeder"]["command"][0]} | {shlex.split(line)[1] for line in unit["ExecStart"] + unit["ExecStartPre"]}
if BINARY:
    for command in sorted(commands):
        done = subprocess.run([BINARY, command, "--help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        expect(done.returncode == 0, f"`skewline {command} --help` exits {done.returncode}")
        used = [services[s]["command"] for s in ("skewline", "feeder") if services[s]["command"][0] == command]
        for option in {word for words in used for word in words if word.startswith("-")}:
            expect(option in done.stdout, f"`skewline {command}` does not know {option}")
    done = subprocess.run([BINARY, "check", "-c", os.path.join(ROOT, "deploy/skewline.yaml")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    expect(done.returncode == 0, f"`skewline check` refuses deploy/skewline.yaml: {done.stdout[-600:]}")

for problem in problems:
    print(f"deploy: {problem}")
print(f"{len(problems)} problems" if problems else "deployment agrees with itself" + ("" if BINARY else " (no binary: commands and config keys not judged)"))
sys.exit(bool(problems))
