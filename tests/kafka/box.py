"""What the tests on a real broker share: topics, records, skewline as a process, and an independent client (kafka-python) that reads."""
import base64, json, os, signal, subprocess, sys, tempfile, time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

HERE = os.path.dirname(os.path.abspath(__file__))
BROKER = os.path.join(HERE, "broker")


class Failure(Exception):
    pass


def check(holds, words):
    if not holds:
        raise Failure(words)


def wait_for(what, seconds, holds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = holds()
        if value:
            return value
        time.sleep(0.1)
    raise Failure(f"not within {seconds} s: {what}")


class Box:
    """A broker, or a cluster, and a folder for one run of tests."""

    def __init__(self, skewline, schemas, brokers=1):
        self.skewline = skewline
        self.folder = tempfile.mkdtemp(prefix="skewline-kafka-")
        self.home = os.path.join(self.folder, "broker")
        self.processes = []
        self.copies = min(brokers, 3)
        subprocess.run([BROKER, "start", self.home, str(brokers)], check=True)
        with open(os.path.join(self.home, "bootstrap")) as file:
            self.bootstrap = file.read().strip()
        subprocess.run(["protoc", f"--proto_path={schemas}", f"--python_out={self.folder}", "observation.proto"], check=True)
        sys.path.insert(0, self.folder)
        import observation_pb2 # the same bytes from whichever folder comes first
        self.observation = observation_pb2.Observation

    def close(self):
        for process in self.processes:
            process.kill()
        subprocess.run([BROKER, "stop", self.home])
        subprocess.run(["rm", "-rf", self.folder])

    def broker(self, word, number=1):
        subprocess.run([BROKER, word, self.home, str(number)], check=True)

    def tool(self, name, *arguments):
        jars = subprocess.run([BROKER, "fetch"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
        command = ["java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", jars + "/*", name, "--bootstrap-server", self.bootstrap, *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout

    def topic(self, name, partitions, **configs):
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        admin.create_topics([NewTopic(name, partitions, self.copies, topic_configs={key.replace("_", "."): value for key, value in configs.items()})])
        admin.close()

    def produce(self, topic, values, partitions):
        """Values round robin over the partitions, without keys; returns how many went into each."""
        counts = [0] * partitions
        producer = KafkaProducer(bootstrap_servers=self.bootstrap, linger_ms=5, max_request_size=8 << 20)
        for number, value in enumerate(values):
            counts[number % partitions] += 1
            producer.send(topic, value, partition=number % partitions)
        producer.flush()
        producer.close()
        return counts

    def read(self, topic):
        """All records of a topic as read_committed sees them, per partition in offset order; without those that only end a lost transaction."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, isolation_level="read_committed", enable_auto_commit=False, auto_offset_reset="earliest",
            fetch_max_wait_ms=50, consumer_timeout_ms=1000)
        numbers = consumer.partitions_for_topic(topic) or ()
        places = [TopicPartition(topic, number) for number in sorted(numbers)]
        records = []
        if places:
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            consumer.seek_to_beginning(*places)
            while any(consumer.position(place) < ends[place] for place in places):
                for batch in consumer.poll(timeout_ms=200).values():
                    records += [record for record in batch if record.key or record.value is not None]
        consumer.close()
        return sorted(records, key=lambda record: (record.partition, record.offset))

    def ends(self, topic):
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, isolation_level="read_committed")
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        total = sum(consumer.end_offsets(places).values()) if places else 0
        consumer.close()
        return total

    def committed(self, group, topic):
        """The group's offset for each partition of the topic; None: none."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, group_id=group, enable_auto_commit=False)
        offsets = {number: consumer.committed(TopicPartition(topic, number)) for number in consumer.partitions_for_topic(topic)}
        consumer.close()
        return offsets

    def config(self, instance, inputs, partitions=12, extra=""):
        path = os.path.join(self.folder, instance + ".yaml")
        with open(path, "w") as file:
            file.write(f"kafka:\n  bootstrap.servers: {self.bootstrap}\ninstance: {instance}\npartitions: {partitions}\ninputs:\n")
            file.writelines(f"  - topic: \"{topic}\"\n" for topic in inputs)
            file.write(f"outputs: {{alerts: {instance}-alerts, trust: {instance}-trust, rejects: {instance}-rejects}}\n{extra}")
        return path

    def run(self, config, *options, member="a", environment={}):
        return Program(self, [self.skewline, "run", "-c", config, "--member", member, "--output", "json", *options], environment)

    def pid_file(self, number=1):
        return os.path.join(self.home, str(number), "pid")

    def alive(self, number=1):
        with open(self.pid_file(number)) as file, open(f"/proc/{file.read().strip()}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


class Program:
    def __init__(self, box, command, environment={}):
        self.errors = tempfile.NamedTemporaryFile(dir=box.folder, delete=False)
        self.output = tempfile.NamedTemporaryFile(dir=box.folder, delete=False)
        self.process = subprocess.Popen(command, stdout=self.output, stderr=self.errors, stdin=subprocess.DEVNULL, env={**os.environ, **environment})
        box.processes.append(self.process)

    def said(self):
        with open(self.errors.name, errors="replace") as file:
            return file.read()

    def wait_said(self, words, seconds=20):
        wait_for(f"the words {words!r}; said: {self.said()[-600:]}", seconds, lambda: words in self.said())

    def stop(self):
        """SIGTERM: exit 0."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        check(code == 0, f"exit {code} after SIGTERM: {self.said()[-800:]}")

    def kill(self):
        self.process.kill()
        self.process.wait()


def settled(box, topics, seconds=90, calm=3.0):
    """Waits until none of the topics has grown for a while (longer than an input needs to count as idle when `calm` says so)."""
    last, since, end = None, time.monotonic(), time.monotonic() + seconds
    while time.monotonic() < end:
        now = [box.ends(topic) for topic in topics]
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since >= calm:
            return
        time.sleep(0.25)
    raise Failure(f"{topics} still grow after {seconds} s")


def alerts_of(box, instance):
    return [json.loads(record.value) for record in box.read(instance + "-alerts")]


def summary(alerts):
    """E3: what a live run and a replay have in common, from the last revision of each incident."""
    last = {}
    for alert in alerts:
        own = alert["skewline"]
        if own["incident"] not in last or own["revision"] > last[own["incident"]]["revision"]:
            last[own["incident"]] = own
    return sorted((own["suspect"], own["kind"], own["cause"], own["offset"]["direction"], own["severity"], own["state"]) for own in last.values())


def dump_of(box, topic, path):
    with open(path, "w") as file:
        for record in box.read(topic):
            file.write(json.dumps({"partition": record.partition, "key": record.key.decode(), "value": base64.b64encode(record.value).decode()}) + "\n")
