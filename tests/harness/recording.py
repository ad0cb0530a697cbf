"""A day on record: what was sent to a system, and every byte that was heard then, over HTTP, MQTT and
serial lines. Played again on another system it must sound the same, but for events of types that came after the
release whose day it is (the table in schemas/topics.md): whoever is of that release passes over them.

A recording is a list of dicts, kept as JSON lines. "act": something is done; the others, "heard",
follow from the acts before. Bytes are kept as they were, but that the ports are {PORT}."""

import base64
import collections
import functools
import hashlib
import itertools
import json
import re

from .desk import Locker, Scanner
from .mqtt import RESPONSE_TOPIC, Mqtt, read_properties, read_text
from .system import ROOT, System
from .wait import settle, wait_until

QUIET_S = 0.5
STEP_TIMEOUT_S = 10
KEYS = ("delivery-codes", "locker-1")  # they decide about codes and their hashes

# What differs from day to day, in the order in which it is replaced. Nothing else is.
NORMAL = [
    (r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ", "<time>"),
    (r"Date: [^\r\n]+", "Date: <date>"),
    (r"\b[12]\d{12}\b", "<ms>"),  # times, and ids and revisions that begin at the clock
    (r"\b00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]\b", "<traceparent>"),
    (r"\b[0-9a-f]{64}\b", "<mac>"),
    (r"\b[0-9a-f]{32}\b", "<id>"),  # epochs, commands, keys that the bridge makes
    (r'"firmware":"[^"]*"', '"firmware":"<version>"'),
]
PROTOCOL = r'(?<=")(?:,"protocol":\d+)(?=[,}])'
# How often these are said depends on the moment: compared is what is said at all, numbers aside.
MOMENTARY = re.compile(r"/head$|^lockstock/v1/service/|#frame$")
# Whether something is asked for again depends on the moment too, and how many events of an order the log of
# information tells as one: not compared.
BY_CHANCE = re.compile(r"/replay/|#replay$|/stream/information")
# How often it is said again depends on the moment: compared is what each says that the one before it did not.
REPEATED = re.compile(r"/config$")
UNCOUNTED = re.compile(f"{MOMENTARY.pattern}|{BY_CHANCE.pattern}|{REPEATED.pattern}")
STREAM = re.compile(r"/stream/[a-z]+$")
# Sentences for people that say it better today: then, now.
REWORDED = [("the body must be an object, not an array of 0", "the body must be an object, not an array"),
            ("(known: productId, qty, status, productName, fulfilment, locker)",
             "(known: account, productId, qty, status, productName, fulfilment, locker)"),
            ("no such dead letter; GET /dead-letters lists them",
             "there is no such dead letter any more; list them again")]


@functools.lru_cache(maxsize=None)
def normal(text):
    # A release's name may be a longer one, and the protocol of a locker stands behind it since 0.4.
    text, more = re.sub(PROTOCOL, "", text), sum(map(len, re.findall(PROTOCOL, text)))
    more += sum(map(len, re.findall(r'"firmware":"([^"]*)"', text)))
    text = re.sub(r"(?<=Content-Length: )\d+", lambda size: str(int(size.group()) - more), text) if more else text
    for pattern, name in NORMAL:
        text = re.sub(pattern, name, text)
    return text


# ---- what came after a release ----

def version(text):
    """(0, 2) of "0.2.0"."""
    return tuple(int(number) for number in text.split(".")[:2])


@functools.lru_cache(maxsize=None)
def came_after(release):
    """{(instance, type of event or method)} that this release does not know."""
    page, found = (ROOT / "schemas" / "topics.md").read_text(), set()
    table = page.partition("| since | instance |")[2].partition("\n\n")[0]
    for since, instance, names in re.findall(r"^\| ([0-9.]+) \| `([a-z]+)` \| (.*) \|$", table, re.MULTILINE):
        if version(since) > version(release):
            found |= {(instance, name) for name in re.findall(r"`([^`]+)`", names)}
    return found


@functools.lru_cache(maxsize=None)
def topics_after(release):
    """A pattern of the topics that this release does not know."""
    page = (ROOT / "schemas" / "topics.md").read_text()
    table = page.partition("| since | topic |")[2].partition("\n\n")[0]
    found = [re.sub("<[a-z]+>", "[^/]+", topic) for since, topic in re.findall(r"^\| ([0-9.]+) \| `(.*)` \|$", table,
                                                                              re.MULTILINE)
             if version(since) > version(release)]
    return re.compile("|".join(found) or "(?!)")


@functools.lru_cache(maxsize=None)
def members_after(release):
    """{leaf of a device: a pattern of the members that this release does not know, and is not sent}."""
    page = (ROOT / "schemas" / "topics.md").read_text()
    table = page.partition("| since | message | members |")[2].partition("\n\n")[0]
    return {leaf: re.compile(f',"(?:{"|".join(re.findall("`([a-zA-Z]+)`", names))})":(?:[0-9]+|"[^"]*")')
            for since, leaf, names in re.findall(r"^\| ([0-9.]+) \| `device\.([a-z]+)` \| (.*) \|$", table,
                                                 re.MULTILINE)
            if version(since) > version(release)}


@functools.lru_cache(maxsize=None)
def properties_after(release):
    """The user properties that this release does not know, and passes over."""
    page = (ROOT / "schemas" / "topics.md").read_text()
    table = page.partition("| since | user property |")[2].partition("\n\n")[0]
    return {name for since, name in re.findall(r"^\| ([0-9.]+) \| `([a-z-]+)` \|$", table, re.MULTILINE)
            if version(since) > version(release)}


def without_properties(entry, names):
    user = {name: value for name, value in entry.get("user", {}).items() if name not in names}
    rest = {name: value for name, value in entry.items() if name != "user"}
    return {**rest, "user": user} if user else rest


def known_event(event, release, left_out):
    """The event with the number that it has when those that the release does not know are not counted; None
    when it is one of them. left_out: {source: how many were}, which is kept up."""
    envelope = json.loads(event)
    source, number = envelope["source"], int(envelope["sequence"])
    if (source, envelope["type"]) in came_after(release):
        left_out[source] += 1
        return None
    if left_out[source] == 0:
        return event
    counted = number - left_out[source]
    event = event.replace(f'{envelope["epoch"]}:{number}"', f'{envelope["epoch"]}:{counted}"', 1)
    return event.replace(f'"sequence":"{number}"', f'"sequence":"{counted}"', 1)


def known_entry(entry, release, left_out):
    """What is heard without what the release does not know (events, topics, properties); None when nothing is left."""
    if entry.get("heard") == "mqtt" and topics_after(release).fullmatch(entry["topic"]):
        return None
    if entry.get("heard") != "mqtt":
        return entry
    entry = without_properties(entry, properties_after(release))
    if "/device/" in entry["topic"]:
        later = members_after(release).get(entry["topic"].rpartition("/")[2])
        return {**entry, "payload": later.sub("", entry["payload"])} if later else entry
    if not STREAM.search(entry["topic"]):
        return entry
    events = [known_event(event, release, left_out) for event in elements(entry["payload"], 0)[0]]
    events = [event for event in events if event is not None]
    return {**entry, "payload": f"[{','.join(events)}]"} if events else None


# ---- messages, piece by piece ----

def elements(text, at):
    """The raw texts of the elements of a JSON array that begins at `at`, and where it ends."""
    decoder, found, at = json.JSONDecoder(), [], at + 1
    while text[at] != "]":
        if text[at] == ",":
            at += 1
        _, end = decoder.raw_decode(text, at)
        found.append(text[at:end])
        at = end
    return found, at + 1


def pieces(message):
    """[(channel, text)]: what several messages may carry together or each alone is told apart."""
    topic, text = message["topic"], message["payload"]
    rest = json.dumps({name: message[name] for name in ("response", "user") if name in message}, sort_keys=True)
    if "/reply/" in topic:
        topic += f"#{message['method']}"
    if STREAM.search(topic):
        return [(topic, event) for event in elements(text, 0)[0]]
    for leaf, name in (("up", "records"), ("ack", "verdicts")):
        if topic.endswith(f"/{leaf}") and f'"{name}":[' in text:
            begin = text.index(f'"{name}":[') + len(name) + 3
            found, end = elements(text, begin)
            return [(f"{topic}#frame", text[:begin] + text[end:])] + [(topic, item) for item in found]
    return [(topic, f"{text} {rest}" if rest != "{}" else text)]


class Watcher(Mqtt):
    """An operator who hears everything, with the properties that matter."""

    def __init__(self, *arguments):
        self.methods = {}  # correlation -> the method that was asked
        super().__init__(*arguments)

    def _parse_publish(self, first, body):
        message = super()._parse_publish(first, body)
        _, at = read_text(body, 0)
        plain, _, _ = read_properties(body, at + 2 if first & 0x06 else at)
        message.response = plain.get(RESPONSE_TOPIC, b"").decode()
        if "/rpc/" in message.topic:
            self.methods[message.correlation] = message.topic.split("/")[4]
        message.method = self.methods.get(message.correlation, "") if "/reply/" in message.topic else ""
        return message


def kept_message(message):
    kept = {"heard": "mqtt", "topic": message.topic, "payload": message.payload.decode()}
    for name in ("method", "response", "user"):
        if getattr(message, name):
            kept[name] = getattr(message, name)
    if message.correlation:
        kept["correlation"] = message.correlation.hex()
    return kept


# ---- playing ----

class DaySystem(System):
    """A fresh system whose keys are the same on every day, with its devices added."""

    def __init__(self, build=None):
        super().__init__(build)
        (self.dir / "devices").mkdir()
        for name in KEYS:
            key = hashlib.sha256(f"test {name}".encode()).hexdigest()
            (self.dir / "devices" / f"{name}.key").write_text(key)
        for kind, name in (("scanner", "scanner-1"), ("locker", "locker-1")):
            self.add_device(kind, name)


class Day:
    """Plays acts, and listens: as somebody of that release does, or, without one, to everything."""

    def __init__(self, system, sizes, release=None):
        self.system, self.sizes, self.devices = system, sizes, {}
        self.release, self.left_out = release, collections.Counter()
        self.watcher = Watcher(system.mqtt_port, "operator", system.secret("operator"))
        self.watcher.subscribe("lockstock/#")
        self.taken, self.log = {}, []
        self.counts, self.counted = collections.Counter(), 0

    def close(self):
        for device in self.devices.values():
            device.close()
        self.watcher.close()

    def do(self, act):
        """Does it; what comes back at once is in the result."""
        return getattr(self, f"do_{act['act']}")(act)

    def do_http(self, act):
        port = self.system.base_port + act["on"]
        with self.system.web.__class__(port).connect() as sock:
            sock.sendall(act["send"].replace("{PORT}", str(port)).encode("latin-1"))
            data = b""
            while piece := sock.recv(65536):
                data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        try:
            body = body.decode("ascii")
        except UnicodeDecodeError:
            body = "base64:" + base64.b64encode(body).decode()
        text = f"{head.decode('latin-1')}\r\n\r\n{body}"
        for offset in range(5):
            text = text.replace(f":{self.system.base_port + offset}", f":{{PORT+{offset}}}")
        return [{"heard": "http", "text": text}]

    def do_start(self, act):
        name = act["at"]
        device = Locker(self.system, name, self.sizes) if name.startswith("locker") else \
            Scanner(self.system, name)
        self.devices[name] = device
        device.start_online()
        return []

    def do_line(self, act):
        """Bytes for a device's serial line: of a scan head, or of a keypad."""
        device = self.devices[act["at"]]
        (device.head if device.kind == "scanner" else device.keys).send(act["send"])
        return []

    def do_shut(self, act):
        self.devices["locker-1"].board.shut(act["compartment"] - 1, act["goods"])
        return []

    def go_along(self, heard_then):
        """For whoever does in between what was done then."""

    # ---- listening ----

    def news(self, source, items, kept):
        """What of `items` was not heard yet, as it is kept."""
        first = self.taken.get(source, 0)
        new = [kept(item) for item in items[first:]]
        self.taken[source] = first + len(new)
        return new

    def listen(self):
        """Moves what was heard since the last call to the log."""
        new = self.news("mqtt", self.watcher.messages, kept_message)
        for name, device in self.devices.items():
            new += self.news(f"panel {name}", device.lines,
                             lambda line, name=name: {"heard": f"panel {name}", "text": line})
            if device.kind == "locker":
                new += self.news(f"board {name}", device.board.frames, lambda frame, name=name: {
                    "heard": f"board {name}", "text": " ".join(frame)})
        if self.release is not None:
            new = [known_entry(entry, self.release, self.left_out) for entry in new]
        self.log += [entry for entry in new if entry is not None]

    def record(self, act):
        """Does it and listens until it is quiet."""
        self.log.append(act)
        self.log += self.do(act)
        settle(self._noise, f"the end of {act}", QUIET_S)
        wait_until(self.system.streams_are_level, "every event to be read")
        self.listen()

    def _noise(self):
        messages = self.watcher.messages
        return (sum(not UNCOUNTED.search(message.topic) for message in messages),
                [len(device.lines) for device in self.devices.values()])

    def play(self, act, wanted, heard_then):
        """Does it and listens until as much was heard as is `wanted`: {channel: how many texts}. Returns
        whether it came; what is missing is found when all is compared."""
        self.log.append(act)
        self.log += self.do(act)
        self.go_along(heard_then)

        def is_all_heard():
            self.listen()
            while self.counted < len(self.log):
                count_channels(self.log[self.counted], self.counts)
                self.counted += 1
            return all(self.counts[channel] >= count for channel, count in wanted.items()) \
                and self.system.streams_are_level()

        try:
            wait_until(is_all_heard, f"the end of {act}", STEP_TIMEOUT_S)
        except AssertionError:
            return False
        return True

    def end(self):
        """Listens until nothing comes any more."""
        settle(self._noise, "the end of the day", QUIET_S)
        self.listen()


# ---- comparing ----

def channels(recording):
    """{channel: its normal texts, in order}"""
    result = {}
    for entry in recording:
        if entry.get("heard") == "mqtt":
            for channel, text in pieces(entry):
                result.setdefault(channel, []).append(story_in_any_order(normal(text)))
        elif "heard" in entry:
            result.setdefault(entry["heard"], []).append(story_in_any_order(normal(entry["text"])))
    return result


def story_in_any_order(text):
    """A story is sorted by its times, and those of doors are the device's, perhaps of another day."""
    def put_in_order(found):
        return ",".join(sorted(re.findall(r'\{"at":"<time>"[^{}]*\}', found.group())))
    return re.sub(r'\{"at":"<time>"[^{}]*\}(,\{"at":"<time>"[^{}]*\})+', put_in_order, text)


def numbers_aside(texts):
    return {re.sub(r"\d+", "<n>", text) for text in texts}


def reworded(text):
    """What an earlier release said, in the sentences of today."""
    for then, now in REWORDED:
        more = (len(now) - len(then)) * text.count(then)
        if then in text:
            text = re.sub(r"(?<=Content-Length: )\d+", lambda size: str(int(size.group()) + more), text)
            text = text.replace(then, now)
    return text


def differences(expected, heard):
    """Sentences, [] when they sound the same."""
    one, other, found = channels(expected), channels(heard), []
    for channel in sorted(one.keys() | other.keys()):
        was, now = list(map(reworded, one.get(channel, []))), other.get(channel, [])
        if BY_CHANCE.search(channel):
            continue
        if MOMENTARY.search(channel):
            was, now = sorted(numbers_aside(was)), sorted(numbers_aside(now))
        if REPEATED.search(channel):
            was, now = ([text for text, _ in itertools.groupby(texts)] for texts in (was, now))
        for i in range(max(len(was), len(now))):
            before, after = (texts[i] if i < len(texts) else "nothing" for texts in (was, now))
            if before != after:
                found.append(f"{channel}, number {i + 1}:\n  was {before}\n  is  {after}")
                break
    return found


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path, recording):
    path.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in recording))


def count_channels(entry, counts):
    """Adds what an entry is in its channels, but for momentary ones."""
    if entry.get("heard") == "mqtt":
        for channel, _ in pieces(entry):
            if not UNCOUNTED.search(channel):
                counts[channel] += 1
    elif "heard" in entry:
        counts[entry["heard"]] += 1


def steps(recording):
    """(act, how much was heard in each channel from the beginning to its end, what was heard meanwhile) of
    each act."""
    starts, counts = [i for i, entry in enumerate(recording) if "act" in entry], collections.Counter()
    for start, end in zip(starts, starts[1:] + [len(recording)]):
        heard = recording[start + 1:end]
        for entry in heard:
            count_channels(entry, counts)
        yield recording[start], dict(counts), heard
