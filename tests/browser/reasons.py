#!/usr/bin/env python3
"""What services say of an order, or refuse with, in Korean: every sentence in their source has one."""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import office_world
from harness.browser_case import FakeCase, main, module
from harness.system import ROOT

DELIVERY, RENTAL, STOCK = (ROOT / "services" / name for name in ("delivery", "rental", "stock"))
ENDS = ("jammed", "no_answer", "expired", "refused", "interrupted")  # of an opening
AFTER = ("", "; there is a new code")
# Of a locker or an order that is not as it should be; no customer and no clerk meets it.
INSIDE = re.compile("no move from|stock answered for|has not told its state yet|which is not there|"
                    "^locker %s is not there|is another one than the order of that number here")

# Where a reason is made, and where somebody is refused: files, and the calls whose texts count.
REASONS = re.compile(r"(?:delivery_explain|snprintf|incident_apply|issue_again)\((.*?)\);", re.S)
REFUSALS = re.compile(r"kit_error_(?:typed|set)\((.*?)\);", re.S)
SOURCES = [
    (REASONS, [DELIVERY / "handlers" / name for name in ("doors.c", "openings.c", "stock.c", "sweep.c")]),
    (REASONS, [DELIVERY / "work" / name for name in ("compartments.c", "looks.c", "ready.c", "ends.c")]),
    (REFUSALS, [DELIVERY / "handlers" / name for name in ("returns.c", "pickup_code.c", "rental.c", "staff_acts.c")]),
    (REFUSALS, [DELIVERY / "work" / name for name in ("ends.c", "codes.c", "change.c", "compartments.c")]),
    (REFUSALS, [RENTAL / "cancel.c", RENTAL / "handlers.c", STOCK / "handlers" / "station.c"])]


def sentences(calls, path):
    """The texts of some calls in a file, with printf's places still in them."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    text = re.sub(r'"\s*PRId64', 'd"', re.sub(r'"\s*PRId64\s*"', "d", text))
    text = re.sub(r'"\s*\n\s*"', "", text)
    for call in calls.findall(text):
        yield from (one for one in re.findall(r'"((?:[^"\\]|\\.)*)"', call) if " " in one)


def with_words(sentence):
    """A sentence in every form that its open places may give it."""
    if "did not open: %s" in sentence:
        tails = AFTER if sentence.endswith("%s%s") else ("",)
        head = sentence.split(": ")[0]
        found = [f"{head}: {end}{tail}" for end in ENDS for tail in tails]
    elif sentence.startswith("%s in compartment"):
        found = [f"{why} in compartment %d of %s{tail}" for why in ("the goods are still", "nothing was sensed")
                 for tail in AFTER]
    elif sentence.endswith("the code yet; %s."):
        found = [sentence[:-3] + rest for rest in ("try again in a moment.", "it is not connected: try again later.")]
    elif "{}" in sentence or sentence.startswith("Rental %d is"):
        found = [sentence.replace("%s", "delivery is overloaded", 1)]
    else:
        found = [sentence]
    for one in found:
        one = one.replace("The circuit breaker to delivery is %s", "The circuit breaker to delivery is open")
        one = re.sub(r"(?:after|at) %s", lambda at: at.group()[:-2] + "2026-01-31T12:00:00.000Z", one)
        yield re.sub(r"%l{0,2}d", "3", one).replace("%s", "locker-1")


def known_to_source():
    found = {one for calls, paths in SOURCES for path in paths for one in sentences(calls, path)}
    found |= set(re.findall(r'return "((?:delivery|a disk)[^"]*(?:"\s*"[^"]*)*)"', (RENTAL / "cancel.c").read_text()))
    found = {re.sub(r'"\s*"', "", one) for one in found}
    return {form for one in found if not INSIDE.search(one) for form in with_words(one)
            if form not in ("; there is a new code", "try again in a moment", "it is not connected: try again later",
                            "the goods are still", "nothing was sensed")}


class Reasons(FakeCase):

    maxDiff = None

    def setUp(self):
        super().setUp()
        office_world.fill(self.bridge)

    def korean(self, tab, texts, plain):
        return tab.run(f"import('{module('js/reasons.')}').then(({{ reasonInKorean }}) =>"
                       f" {json.dumps(texts)}.map((one) => reasonInKorean(one, {json.dumps(plain)})))")

    def test_korean_says_all_that_services_say(self):
        tab = self.browser.person(lang="ko").tab("/ui/shop")
        tab.sees("css=[type=search]")
        texts = sorted(known_to_source())
        self.assertGreater(len(texts), 40)
        for plain in (False, True):
            found = self.korean(tab, texts, plain)
            self.assertEqual([text for text, korean in zip(texts, found) if not korean], [])
            self.assertEqual([korean for korean in found if re.search(r"[{}]|undefined", korean)], [])

    def test_lockers_times_and_what_is_inside(self):
        tab = self.browser.person(lang="ko").tab("/ui/shop")
        tab.sees("css=[type=search]")
        found = self.korean(tab, [
            "locker-lobby has no free compartment; the goods come into locker-b1",
            "compartment 3 of locker-b1 did not open: jammed; there is a new code",
            "Rental 7 is not canceled yet: delivery is overloaded. The circuit breaker to delivery is open; "
            "try again in 1000 ms.",
            "something nobody has said before"], False)
        self.assertEqual(found, [
            "보관함 lobby에 빈 칸이 없어서 보관함 B1에 넣어요",
            "보관함 B1 3번 칸이 열리지 않았어요(문 걸림). 새 번호를 드렸어요",
            "아직 취소되지 않았어요. 지금은 요청이 너무 많아요. 잠시 뒤 다시 시도해 주세요", None])

    def test_pages_say_it(self):
        waits = {**office_world.order(1042), "rentalStatus": "PICKED", "deliveryStatus": "PICKED",
                 "reason": "waits for a free compartment"}
        waits.pop("locker", None)
        waits.pop("compartment", None)
        self.bridge.answers["/myOrders/1042"] = waits
        person = self.browser.person(lang="ko")
        person.fake("/deliveries/1042", {"id": 1042, "status": "PICKED", "fulfilment": "locker"})
        tab = person.tab("/ui/orders/1042")
        tab.sees("text=빈 칸이 나기를 기다리고 있어요")
        ended = {**waits, "rentalStatus": "EXPIRED", "deliveryStatus": "EXPIRED", "reason": "not collected in time"}
        self.bridge.answers["/myOrders/1041"] = {**ended, "id": 1041}
        person.fake("/deliveries/1041", {"id": 1041, "status": "EXPIRED", "fulfilment": "locker"})
        tab.goto("/ui/orders/1041")
        tab.sees("css=.timeline >> text=기간 안에 찾아가지 않으셨어요")
        self.assertEqual(tab.count("css=main [lang=en]"), 0)
        tab.goto("/ui/office/orders/1042")
        tab.sees("css=.notice >> text=빈 칸 대기")
        tab.goto("/ui/staff/desk/1042")
        tab.sees("css=.desk-need >> text=빈 칸 대기")
        english = self.browser.person().tab("/ui/orders/1042")
        english.sees("css=[lang=en] >> text=waits for a free compartment")


if __name__ == "__main__":
    main()
