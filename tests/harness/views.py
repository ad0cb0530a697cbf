"""What a system shows over HTTP, and on its admin sockets, as one value to compare."""

import datetime
import re

from .system import FOLLOWS

HOURS_MS = 12 * 3600 * 1000
TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ")

LISTS = {"/products": "products", "/rentals": "rentals", "/deliveries": "deliveries",
         "/myOrders": "myOrders", "/lockers": "lockers", "/assets": "assets",
         "/rentals/products": "products", "/deliveries/products": "products"}
KEYS = {"/lockers": "device", "/myOrders": "rentalId"}  # where the members of a list have no id


def answer_of(system, path):
    """Status and body; where the system listens is not compared."""
    answer = system.web.get(path)
    text = answer.body.decode().replace(f":{system.base_port}/", ":PORT/")
    return {"status": answer.status, "body": text}


def shown(system, lists=tuple(LISTS)):
    """{path: answer} of every list, every item of it, and every code."""
    result = {}
    for path in lists:
        items = system.web.all_items(path, LISTS[path])
        for page in range((len(items) + 99) // 100 or 1):
            url = f"{path}?page={page}&size=100"
            result[url] = answer_of(system, url)
        for item in items:
            url = f"{path}/{item[KEYS.get(path, 'id')]}"
            result[url] = answer_of(system, url)
            if path == "/deliveries":
                result[f"{url}/pickup-code"] = answer_of(system, f"{url}/pickup-code")
    return result


def dead_letters(system):
    """{service: its parked events} of every service that follows others."""
    return {service: system.admin(f"lockstock-{service}").get("/dead-letters").json
            for service in FOLLOWS}


def without_later_times(views, at_ms):
    """Times within the hours after at_ms become "later": what was in flight then comes true at another
    moment each time. All others stay to be compared, those in days to come too."""
    def hide(match):
        told = datetime.datetime.fromisoformat(match.group(0).replace("Z", "+00:00"))
        is_later = at_ms <= told.timestamp() * 1000 < at_ms + HOURS_MS
        return "later" if is_later else match.group(0)

    return {path: {**answer, "body": TIME.sub(hide, answer["body"])} for path, answer in views.items()}
