#!/usr/bin/env python3
"""A day in the warehouse through pages alone, four people at once: a customer, a picker with a wedge, a
clerk at the desk, the office. The locker is the real firmware with a keypad and a lock board; the code
that is typed there is the one that the customer's page shows."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.browser_case import CleanPages, main
from harness.browser import Browser
from harness.cases import SystemCase
from harness.desk import Locker
from harness.labels import keys_of, own_label
from harness.wait import wait_until

LOCKER = "locker-1"
GOODS = {"test_the_day": "laptop", "test_a_stranger_rents_in_few_clicks": "tablet",
         "test_door_that_did_not_open_says_why": "camera"}
CLICKS_MAX = 4  # of a stranger, to rent something and have its code; the keypad is no click
NOT_A_DIGIT = dict.fromkeys(map(ord, " \u00a0\n"), None)

# What the office must have seen of an order, line by line, while it happened.
TO_A_LOCKER_AND_BACK = [
    "Ordered", "Goods asked for", "Set aside", "Reserved", "Taken from the shelf", "Picked",
    "Compartment kept", "Asks for its compartment", "Opened", "Closed", "Ready", "Opened", "Closed", "Delivered",
    "Returning", "Opened", "Closed", "Delivery changed", "Asks for its compartment", "Opened", "Closed",
    "Come back", "Returned", "Compartment free again"]
OVER_THE_DESK = ["Ordered", "Goods asked for", "Set aside", "Reserved", "Taken from the shelf", "Picked",
                 "Compartment kept", "Handed over", "Delivered", "Compartment free again", "With its customer"]
AT_THE_COUNTER = ["Ordered", "Goods asked for", "Set aside", "Delivered", "With its customer"]
AT_THE_DOORS = ["Opened", "Closed"] * 4


class Day(CleanPages, SystemCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            cls.system.add_device("locker", LOCKER)
            cls.locker = Locker(cls.system, LOCKER, "SSML").start_online()
            cls.browser = Browser(cls.system.base_port)
        except BaseException:
            super().tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.locker.close()
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        self.goods = GOODS[self._testMethodName]
        self.product = self.registered(self.goods)
        wait_until(self.system.streams_are_level, "everybody to know the goods")
        self.customer = self.browser.person().tab("/ui/")
        self.picker = self.browser.person(width=768, keep={"staff.station": "dock-1"}).tab("/ui/staff/scan")
        self.clerk = self.browser.person(width=1024, keep={"staff.station": "desk-1"}).tab("/ui/staff/desk")
        office = self.browser.person(width=1440)
        self.wall, self.office = office.tab("/ui/office/wall"), office
        self.wall.sees("css=.tile[data-state=free] >> nth=3")

    def registered(self, name):
        """What the office has no page for: the catalogue."""
        answer = self.web.post("/products", {"name": name, "tracking": "serialised", "size": "S"})
        self.assertEqual(answer.status, 201, answer)
        return answer.json["id"]

    # ---- what each of them does ----

    def scan(self, *labels):
        """The picker's wedge types labels, each when the one before is answered."""
        for kind, value in labels:
            for place, shift in keys_of(own_label(kind, value)):
                self.picker.press(f"Shift+{place}" if shift else place)
            self.picker.press("Enter")
            self.picker.sees(f"css=.station-last li:first-child[data-tone=good] >> text=/{value}/")

    def unit(self, number):
        return f"{self.goods}-{number}".upper()

    def receive(self, count):
        self.picker.click("role=button[name=Receive]")
        self.scan(("product", self.product), *(("asset", self.unit(i + 1)) for i in range(count)), ("bin", "A1-03"))
        self.picker.sees("css=.verdict >> text=Done")

    def order(self, place):
        """From wherever the customer is; returns the number and the office's view of it."""
        self.customer.click(f"role=link[name=/{self.goods}/]")
        self.customer.click(f"role=radio[name=/{place}/]")
        self.customer.click(f"role=button[name='Order {self.goods}']")
        self.customer.sees("css=.timeline")
        number = int(self.customer.path().split("/")[-1])
        story = self.office.tab(f"/ui/office/orders/{number}")
        story.sees("css=.told li")
        return number, story

    def pick(self, number, unit):
        self.picker.click("css=a[href='/ui/staff/picks'] >> nth=0")
        self.picker.click(f"css=.task:has-text('Order {number}')")
        self.picker.click("role=button[name=Begin]")
        self.picker.sees("css=.station-next h2 >> text=An empty tote")
        self.scan(("tote", f"T-{number}"), ("asset", self.unit(unit)))
        self.picker.sees(f"css=.verdict >> text=Order {number} is picked")

    def go_to_door(self, number, title):
        """From the list to the door that it asks for; returns its compartment, which is open."""
        self.picker.click("css=a[href='/ui/staff/picks'] >> nth=0")
        task = f"css=h2:has-text('{title}') + ul .task:has-text('Order {number}')"
        compartment = int(self.picker.text(f"{task} >> css=.task-bin").split()[-1])
        self.picker.click(task)
        self.picker.click("role=button[name=Begin]")
        self.picker.sees(f"css=.station-next h2 >> text=/0{compartment}$/")
        mark = self.locker.mark()
        self.scan(("compartment", f"{LOCKER.upper()}-{compartment:02}"))
        self.opened(compartment, mark)
        return compartment

    def opened(self, compartment, mark):
        self.locker.wait_open(compartment, mark)
        self.wall.sees(f"{self.tile(compartment)}[data-state=open]")

    def shut(self, compartment, goods, state):
        """The wall shows what it is then."""
        self.locker.shut(compartment, goods=goods)
        self.wall.sees(f"{self.tile(compartment)}[data-state={state}]")

    def code(self):
        """The digits that the customer's page shows."""
        return self.customer.text("css=.code").translate(NOT_A_DIGIT)[-8:]

    def type_code(self, compartment, press=None):
        """The code as it is shown, on the locker's keypad."""
        (press or self.customer.click)("css=a.next-step")
        digits = self.code()
        self.customer.sees(f"text=Compartment {compartment}")
        mark = self.locker.mark()
        self.locker.type_code(digits)
        self.opened(compartment, mark)

    @staticmethod
    def tile(compartment):
        return f"css=[data-door='{LOCKER}/{compartment}']"

    def load(self, number):
        compartment = self.go_to_door(number, "Load")
        self.shut(compartment, True, "loaded")
        return compartment

    def lines(self, tab, lines, expected):
        """They came one by one, none is missing or there twice, and they are the same when the page is
        loaded anew. (What two services say in one millisecond has no order of its own.)"""
        script = f"[...document.querySelectorAll({lines!r})].map((one) => one.innerText)"
        self.eventually(lambda: sorted(tab.run(script)), sorted(expected), "the lines of the office")
        live = tab.run(script)
        tab.run("location.reload()")
        self.eventually(lambda: tab.run(script), live, "the lines after a reload")

    # ---- the day ----

    def test_a_stranger_rents_in_few_clicks(self):
        """Only what the page offers as the next thing is pressed, from the very first page on."""
        self.receive(5)
        for round_ in range(1, 6):
            clicks = []
            self.customer = self.browser.person().tab("/ui/")

            def press(selector, clicks=clicks):
                clicks.append(selector)
                self.customer.click(selector)

            press("css=.personas a >> nth=0")
            press(f"css=.goods a:has-text('{self.goods}')")
            press("role=dialog >> css=[type=submit]")
            self.customer.sees("css=.timeline")
            number = int(self.customer.path().split("/")[-1])
            self.pick(number, round_)
            compartment = self.load(number)
            self.customer.sees("css=a.next-step")
            self.type_code(compartment, press)
            self.shut(compartment, False, "free")
            self.customer.sees("text=It is yours")
            self.assertLessEqual(len(clicks), CLICKS_MAX, clicks)

    def test_door_that_did_not_open_says_why(self):
        """To the customer at once, and to the office in three clicks."""
        self.receive(1)
        self.customer.click("text=Rent something")
        number, story = self.order("Locker 1")
        story.close()
        self.pick(number, 1)
        compartment = self.load(number)
        self.customer.click("css=a.next-step")
        before = self.code()
        self.locker.board.jammed.add(compartment - 1)
        self.locker.type_code(before)
        self.customer.sees("css=.notice >> text=/did not open: jammed; there is a new code/")
        self.eventually(lambda: self.code() != before, True, "a new code")
        self.wall.sees(f"{self.tile(compartment)}[data-state=jammed]")
        office = self.office.tab("/ui/")
        office.click("css=.personas a >> nth=2")
        office.click("css=.worry")
        office.sees("css=.page-side >> text=/by the code of order/")
        office.click("css=.page-side .button.primary")
        office.sees("css=.notice >> text=/did not open: jammed/")
        self.locker.board.jammed.clear()
        self.locker.board.open.add(compartment - 1)
        self.wall.sees(f"{self.tile(compartment)}[data-state=open]")
        self.shut(compartment, True, "loaded")
        mark = self.locker.mark()
        self.locker.type_code(self.code())
        self.opened(compartment, mark)
        self.shut(compartment, False, "free")

    def test_the_day(self):
        self.receive(3)
        self.customer.click("text=Rent something")
        self.customer.sees("text=3 free now")

        number, story = self.order("Locker 1")
        story.sees("css=.told >> text=Waits to be picked")
        self.pick(number, 1)
        story.sees("css=.told >> text=Waits to be loaded")
        self.wall.sees("css=.tile[data-state=reserved]")
        compartment = self.load(number)
        story.sees("css=.told >> text=Waits for its customer")
        self.type_code(compartment)
        self.shut(compartment, False, "free")
        self.customer.sees("text=It is yours")
        story.sees("css=.told >> text=With its customer")

        self.desk()
        self.counter()

        self.customer.goto(f"/ui/orders/{number}")
        self.customer.click("role=button[name='Return it']")
        self.customer.click("role=dialog >> role=button[name='Return it']")
        story.sees("css=.told >> text=Waits to be brought back")
        self.type_code(self.kept_for(story))
        self.shut(compartment, True, "loaded")
        self.customer.sees("text=We check what came back")
        self.assertEqual(self.go_to_door(number, "Check what came back"), compartment)
        self.scan(("asset", self.unit(1)))
        self.picker.click("role=button[name=OK]")
        self.picker.sees("css=h2 >> text=A bin for the good ones")
        self.shut(compartment, False, "loaded")  # until every unit is looked at
        self.scan(("bin", "A1-03"))
        self.wall.sees(f"{self.tile(compartment)}[data-state=free]")
        self.customer.goto(f"/ui/orders/{number}")
        self.customer.sees("text=All done")
        self.lines(story, ".told strong", TO_A_LOCKER_AND_BACK)
        self.lines(self.wall, ".tail .badge", AT_THE_DOORS[::-1])

    def desk(self):
        """Picked for the locker, but the customer comes to the desk."""
        self.customer.goto("/ui/shop")
        number, story = self.order("Locker 1")
        self.pick(number, 2)
        self.clerk.fill("css=#order", str(number))
        self.clerk.press("Enter")
        self.clerk.click("role=button[name='Hand over']")
        self.clerk.fill("role=dialog >> role=textbox", str(number))
        self.clerk.press("Enter")
        self.clerk.sees("text=It is with the customer")
        self.clerk.sees(f"css=.receipt >> text={self.unit(2)}")
        self.customer.sees("text=It is yours")
        self.lines(story, ".told strong", OVER_THE_DESK)
        story.close()

    def counter(self):
        self.customer.goto("/ui/shop")
        number, story = self.order("Counter")
        self.customer.sees("text=Take it with you at the counter")
        self.clerk.fill("css=#order", str(number))
        self.clerk.press("Enter")
        self.clerk.sees("role=button[name='Print receipt']")
        self.lines(story, ".told strong", AT_THE_COUNTER)
        story.close()

    def kept_for(self, story):
        place = "css=.order-head a[href^='/ui/office/wall/locker-1/']"
        return int(story.text(place).split("/")[-1])


if __name__ == "__main__":
    main()
