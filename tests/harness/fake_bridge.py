"""A bridge that a test plays: the pages of the build folder, lockers and orders as the test says, and the
stream of events. For what no real warehouse shows at once: every state of a door, 500 lockers."""

import http.server
import json
import re
import sys
import threading
import time
import urllib.parse

from .system import SERVICES, default_build_dir

EPOCH = "f" * 32
POLICY = ("default-src 'self'; img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; "
          "base-uri 'none'; frame-ancestors 'none'; form-action 'self'")
KINDS = {"OrderChanged": "order", "StockChanged": "stock", "ProductSaved": "product",
         "LockerChanged": "locker", "DoorReported": "door"}
QUIET_S = 1


def now(after_s=0):
    stamp = time.time() + after_s
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(stamp)) + f".{int(stamp * 1000) % 1000:03}Z"


class _Server(http.server.ThreadingHTTPServer):
    """A browser that closes a connection is no news."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class FakeBridge:
    """Listens on a free port of loopback. lists: {"lockers": [...], ...} by the name of their path."""

    def __init__(self):
        self.lists = {"lockers": [], "myOrders": [], "products": [], "assets": []}
        self.answers = {"/processes": {"at": now(), "broker": {"link": "up"},  # path -> body; None: 404
                                       "_embedded": {"processes": []}},
                        "/processes/history": {"_embedded": {"samples": []}, "_links": {}}}
        for service in SERVICES:
            self.letters(service, [])
        for owner in ("stock", "delivery"):
            self.devices(owner, [])
        self.events = []
        self.is_away = False
        self.changed = threading.Condition()
        folder = default_build_dir() / "pages"
        manifest = json.loads((folder / "manifest.json").read_text())
        self.files = {one["path"]: (one["type"], (folder / one["file"]).read_bytes())
                      for one in manifest["files"]}
        self.server = _Server(("127.0.0.1", 0), _handler(self))
        self.base_port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tell(self, kind, subject, data):
        """One event, of a type such as LockerChanged, to all who listen."""
        with self.changed:
            seq = len(self.events) + 1
            self.events.append((KINDS[kind], {"seq": seq, "type": kind, "subject": subject,
                                              "time": now(), "data": data}))
            self.changed.notify_all()

    def locker(self, locker):
        """Adds or changes a locker, and tells of it."""
        listed = self.lists["lockers"]
        place = next((i for i, one in enumerate(listed) if one["device"] == locker["device"]), len(listed))
        listed[place:place + 1] = [locker]
        self.tell("LockerChanged", f"locker/{locker['device']}", locker)

    def letters(self, service, letters):
        """What a service could not apply."""
        page, _ = _page(letters, {"size": 100})
        self.answers[f"/dead-letters/{service}"] = {"_embedded": {"letters": letters}, "page": page}

    def devices(self, owner, devices):
        """How the devices of a service are."""
        page, _ = _page(devices, {"size": 100})
        self.answers[f"/devices/{owner}"] = {"_embedded": {"devices": devices}, "page": page}

    def report(self, **data):
        """A door's report."""
        self.tell("DoorReported", f"locker/{data['locker']}", {"at": now(), **data})

    def away(self, is_away):
        """From now on nobody is answered, or all are again."""
        with self.changed:
            self.is_away = is_away
            self.changed.notify_all()

    def close(self):
        self.away(True)
        self.server.shutdown()
        self.server.server_close()


def _page(items, query):
    size, number = int(query.get("size", 20)), int(query.get("page", 0))
    return {"size": size, "totalElements": len(items), "number": number,
            "totalPages": -(-len(items) // size)}, items[number * size:(number + 1) * size]


ENDS = ("CANCELED", "CANCELED_OutOfStock", "CANCELED_UnregisteredProduct", "RETURNED", "EXPIRED")


def _state(order):
    delivery = order.get("deliveryStatus", "REQUESTED")
    return order["rentalStatus"] if order["rentalStatus"] in ENDS or delivery == "REQUESTED" else delivery


# What a list may be looked through by: does an item fit the value?
SEARCHES = {
    "status": lambda item, value: _state(item) in value.split(","),
    "ids": lambda item, value: str(item["id"]) in value.split(","),
    "product": lambda item, value: str(item["productId"]) in value.split(","),
    "locker": lambda item, value: item.get("locker") == value,
    "order": lambda item, value: str(item.get("rentalId")) == value,
    "place": lambda item, value: item.get("place") == value,
    "q": lambda item, value: all(word in item["name"].lower() for word in value.lower().split()),
}


SEARCHED = ("myOrders", "assets", "products")


def _look_for(path, items, query):
    """The answer of a list whose query says more than a page."""
    newest, after = query.get("sort") == "newest", int(query.get("after", 0))
    found = sorted((item for item in items if all(fits(item, query[name]) for name, fits in SEARCHES.items()
                                                  if name in query)),
                   key=lambda item: -item["id"] if newest else item["id"])
    if after:
        found = [item for item in found if (item["id"] < after if newest else item["id"] > after)]
    size = int(query.get("size", 20))
    links = {"self": {"href": "http://fake" + path}}
    if len(found) > size:
        rest = urllib.parse.urlencode({**query, "after": found[size - 1]["id"]})
        links["next"] = {"href": f"http://fake{path}?{rest}"}
    return {"_embedded": {path.strip("/"): found[:size]}, "_links": links}


def _handler(bridge):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def do_GET(self):  # pylint: disable=invalid-name
            path, _, text = self.path.partition("?")
            query = dict(urllib.parse.parse_qsl(text))
            try:
                self.answer(path, query)
            except OSError:  # who asked has gone
                self.close_connection = True

        def answer(self, path, query):
            if bridge.is_away:
                self.close_connection = True
            elif path.startswith("/ui"):
                self.give_page(path)
            elif path == "/events":
                self.give_events(query)
            else:
                self.give_json(path, query)

        def give(self, status, kind, body):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(body)

        def give_page(self, path):
            kind, body = bridge.files.get(path) or bridge.files["/ui/"]
            self.give(200, kind, body)

        def give_json(self, path, query):
            name = path.strip("/")
            if name in SEARCHED and name in bridge.lists and set(query) & {*SEARCHES, "sort", "after"}:
                body = _look_for(path, bridge.lists[name], query)
            elif name in bridge.lists:
                page, items = _page(bridge.lists[name], query)
                body = {"_embedded": {name: items}, "page": page}
            else:
                body = bridge.answers.get(path)
            status = 200 if body is not None else 404
            problem = {"type": "/problems/not-found", "title": "Not found", "status": 404,
                       "detail": f"There is no {path}."}
            self.give(status, "application/hal+json", json.dumps(body or problem).encode())

        def give_events(self, query):
            asked = query.get("after") or self.headers.get("Last-Event-ID") or ""
            found = re.fullmatch(EPOCH + r"-(\d+)", asked)
            seq = int(found[1]) if found else len(bridge.events)
            kinds = [one for one in query.get("kind", "").split(",") if one]
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            place = json.dumps({"epoch": EPOCH, "seq": seq})
            state = json.dumps({"information": "online"})
            self.close_connection = True
            self.say(f"id: {EPOCH}-{seq}\nevent: hello\ndata: {place}\n\nevent: state\ndata: {state}\n\n")
            while not bridge.is_away:
                seq = self.give_news(seq, kinds)

        def give_news(self, seq, kinds):
            with bridge.changed:
                if len(bridge.events) == seq and not bridge.is_away:
                    bridge.changed.wait(QUIET_S)
                news = bridge.events[seq:]
            told = [event for event in news if not kinds or event[0] in kinds]
            self.say("".join(f"id: {EPOCH}-{body['seq']}\nevent: {kind}\ndata: {json.dumps(body)}\n\n"
                             for kind, body in told) or ": \n\n")
            return seq + len(news)

        def say(self, text):
            self.wfile.write(text.encode())
            self.wfile.flush()

    return Handler
