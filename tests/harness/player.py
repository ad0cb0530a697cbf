"""A device that a test plays itself over MQTT, against a whole system: the protocol of
schemas/rules/devices.md, without firmware. It can misbehave in every way."""

import json
import secrets
import time

from .mqtt import Mqtt
from .wait import wait_until

ACK_TIMEOUT_S = 15
OWNERS = {"scanner": "stock", "locker": "delivery"}  # who owns which kind


class Player:
    """Added with deploy/add-device and connected; has not said yet that it is online."""

    def __init__(self, system, kind, name, compartments=None):
        self.system, self.kind, self.name, self.compartments = system, kind, name, compartments
        self.process = f"lockstock-{OWNERS[kind]}"
        system.add_device(kind, name)
        self.boot, self.revision = 1, 0
        self.renew()
        self.mqtt = None
        self.connect()

    def renew(self):
        """As with new flash: another epoch, records from 1 on."""
        self.epoch, self.seq = secrets.token_hex(16), 0
        return self.epoch

    def connect(self):
        def client():
            try:  # the broker reads its files a moment after add-device has asked it to
                return Mqtt(self.system.mqtt_port, self.name, self.system.device_password(self.name))
            except (ConnectionError, OSError):
                return None

        self.close()
        self.mqtt = wait_until(client, f"the broker to take {self.name}")
        self.mqtt.subscribe(self.topic("ack"))
        if self.kind == "locker":
            self.mqtt.subscribe(self.topic("cmd"))
            self.mqtt.subscribe(self.topic("config"))

    def close(self):
        if self.mqtt is not None:
            self.mqtt.close()

    def topic(self, leaf):
        return f"lockstock/v1/device/main/{self.kind}/{self.name}/{leaf}"

    def send(self, leaf, body, retain=False):
        """body: bytes go out as they are. Returns the broker's reason code."""
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.mqtt.publish(self.topic(leaf), payload, retain=retain)

    # ---- bodies ----

    def state_body(self, status="online", **change):
        body = {"status": status, "kind": self.kind, "epoch": self.epoch, "boot": self.boot,
                "firmware": "1.0.0-test", **change}
        if self.compartments and "compartments" not in change:
            body["compartments"] = self.compartments
        return {name: value for name, value in body.items() if value is not None}

    def record(self, kind, seq=None, **members):
        """A record at seq; without it the next one of the log."""
        if seq is None:
            self.seq += 1
            seq = self.seq
        return {"seq": seq, "at": int(time.time() * 1000), "kind": kind, **members}

    def up_body(self, *records, **change):
        first = records[0]["seq"] if records else self.seq + 1
        body = {"epoch": self.epoch, "boot": self.boot, "firstSeq": first, "configRevision": self.revision,
                "bounced": 0, "unreadable": 0, "overflowed": 0, "records": list(records), **change}
        return {name: value for name, value in body.items() if value is not None}

    # ---- what a good device does ----

    def come_online(self, timeout_s=ACK_TIMEOUT_S):
        """state and hello, until the hello is acknowledged."""
        self.send("state", self.state_body(), retain=True)
        return self.up(self.up_body(), timeout_s)

    def heard(self, leaf, since=0):
        """Bodies of the messages on a leaf, from the since-th message on."""
        return [json.loads(message.payload) for message in self.mqtt.messages[since:]
                if message.topic == self.topic(leaf) and message.payload]

    def mark(self):
        return len(self.mqtt.messages)

    def up(self, body, timeout_s=ACK_TIMEOUT_S):
        """Sends it, again and again as a device does (rules 1.2), until it is acknowledged."""
        mark = self.mark()
        last = body["records"][-1]["seq"] if body["records"] else body["firstSeq"] - 1
        state = {"at": 0.0}

        def acked():
            if time.monotonic() - state["at"] > 2.0:
                state["at"] = time.monotonic()
                self.send("up", body)
            return next((ack for ack in self.heard("ack", mark)
                         if ack["epoch"] == body["epoch"] and ack["seq"] >= last), None)

        return wait_until(acked, f"the ack of {self.name} for {body}", timeout_s)

    def say(self, kind, **members):
        """One record; returns its ack."""
        return self.up(self.up_body(self.record(kind, **members)))

    def scan(self, label, value):
        """One scan; returns its verdict."""
        ack = self.say("scan", label=label, value=str(value))
        (verdict,) = ack["verdicts"]
        return verdict

    # ---- what a good locker does ----

    def door(self, compartment, door, presence="absent"):
        return self.say("door", compartment=compartment, door=door, presence=presence)

    def take_config(self, is_wanted, since=0, timeout_s=ACK_TIMEOUT_S):
        """Stores the newest configuration for which is_wanted holds, and says so."""
        def newest():
            configs = [body for body in self.heard("config", since) if is_wanted(body)]
            return max(configs, key=lambda body: body["revision"]) if configs else None

        config = wait_until(newest, f"a configuration of {self.name}", timeout_s)
        self.revision = config["revision"]
        self.up(self.up_body())
        return config

    def opened_by_command(self, since, presence_after, timeout_s=ACK_TIMEOUT_S):
        """Obeys the command that comes, and the worker shuts the door again."""
        command = wait_until(lambda: self.heard("cmd", since), f"a command for {self.name}", timeout_s)[-1]
        compartment = command["compartment"]
        before = "absent" if presence_after == "present" else "present"
        self.say("command", commandId=command["id"], compartment=compartment, effect="opened")
        self.door(compartment, "open", before)
        self.door(compartment, "closed", presence_after)
        return compartment

    def opened_by_code(self, grant, presence_after):
        """The customer typed the code of this grant, and shut the door again."""
        before = "absent" if presence_after == "present" else "present"
        self.say("grant", grantId=grant["id"], compartment=grant["compartment"], effect="opened")
        self.door(grant["compartment"], "open", before)
        self.door(grant["compartment"], "closed", presence_after)
