#!/usr/bin/env python3
"""demo.py SKEWLINE FLEET_DUMP SEED...: `demo --keep` side by side for each seed; an independent client reads the alerts from the broker that
is left up, and they are judged by the truth of the fleet (tests/e2e/expect.py)."""
import os, re, signal, subprocess, sys, tempfile, time

from kafka import KafkaConsumer, TopicPartition

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from seeds import judge_seed

SECONDS_MAX = 60


def start(skewline, seed, folder):
    with open(os.path.join(folder, "out"), "w") as out, open(os.path.join(folder, "err"), "w") as err:
        return subprocess.Popen([skewline, "demo", "--keep", "--seed", seed, "--output", "json"], stdout=out, stderr=err, stdin=subprocess.DEVNULL)


def address(process, folder):
    """Where it says that the broker stays."""
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end and process.poll() is None:
        with open(os.path.join(folder, "err")) as file:
            said = re.search(r"The broker stays up at (\S+) \(alerts: topic (\S+)\)", file.read())
        if said:
            return said.groups()
        time.sleep(0.1)
    with open(os.path.join(folder, "err")) as file:
        sys.exit(f"no broker was left up: {file.read()[-600:]}")


def read(bootstrap, topic):
    # The embedded broker speaks the protocol of old; a client has to be told so.
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, api_version=(0, 10, 0))
    places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    consumer.seek_to_beginning(*places)
    values = []
    while any(consumer.position(place) < ends[place] for place in places):
        for batch in consumer.poll(timeout_ms=200).values():
            values += [record.value.decode() for record in batch]
    consumer.close()
    return values


def read_alerts(process, folder):
    values = read(*address(process, folder))
    process.send_signal(signal.SIGTERM)
    faults = [f"exit {process.returncode} after SIGTERM"] if process.wait(30) else []
    with open(os.path.join(folder, "out")) as file:
        if sorted(file.read().splitlines()) != sorted(values):
            faults.append("stdout and the topic differ")
    return values, faults, "from the demo's broker "


def main():
    skewline, fleet_dump, *seeds = sys.argv[1:]
    with tempfile.TemporaryDirectory() as home:
        folders = [os.path.join(home, seed) for seed in seeds]
        for folder in folders:
            os.mkdir(folder)
        processes = [start(skewline, seed, folder) for seed, folder in zip(seeds, folders)]
        try:
            right = [judge_seed(fleet_dump, seed, folder, lambda _, home, process=process: read_alerts(process, home), onset=False)
                for process, seed, folder in zip(processes, seeds, folders)]
        finally:
            for process in processes:
                process.kill()
    sys.exit(not all(right))


main()
