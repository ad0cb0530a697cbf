#!/usr/bin/env python3
"""The office's pages in a real browser: doors and orders as they move on a whole system; every state, theme,
language and width, the keyboard, a stream that is away and 500 lockers on a bridge that the test plays."""

import copy
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import office_world
from harness.browser_case import BrowserCase, FakeCase, main
from harness.labels import own_label
from harness.poison import log_poison, mend_poison
from harness.wait import wait_until

# Theme, language, the widths that a page must fit, and that which axe looks at.
LOOKS = [("light", "en", (320, 768, 1440, 360), 360), ("dark", "ko", (1440,), 1440)]
if "LOCKSTOCK_ALL_SHOTS" in os.environ:
    LOOKS += [("light", "ko", (360, 1440), 1440), ("dark", "en", (1440, 360), 360)]
LOCKERS = 500
CHANGES = 50
EVENTS = 3000
GROWN_MAX = 5 << 20
EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>&amp;"
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def tile(device, number):
    return f"css=[data-door='{device}/{number}']"


class Live(BrowserCase):
    """On a whole system."""

    def test_a_door_opens_and_the_story_grows(self):
        product = self.shelved("laptop", 1)
        person = self.browser.person(width=1440)
        wall = person.tab("/ui/office/wall")
        wall.sees(f"{tile('locker-1', 1)} >> text=Free")
        order = self.ordered(product)
        story = person.tab(f"/ui/office/orders/{order}")
        story.sees("css=.told >> text=Waits to be picked")
        steps = story.count("css=.told li")
        self.picks(order, "LAPTOP-1")
        wall.sees("css=.tile[data-state=reserved]")
        story.sees("css=.told >> text=Waits to be loaded")
        self.loaded(order)
        number = self.delivery(order)["compartment"]
        wall.sees(f"{tile('locker-1', number)} >> text=Loaded")
        story.sees("css=.told >> text=Waits for its customer")
        story.sees("css=.told >> text=Opened")
        self.assertGreater(story.count("css=.told li"), steps + 2)
        self.locker.door(number, "open", "present")
        wall.sees(f"{tile('locker-1', number)}[data-state=open]")
        self.locker.door(number, "closed", "present")
        wall.sees(f"{tile('locker-1', number)}[data-state=loaded]")
        wall.click(tile("locker-1", number))
        wall.sees(f"css=.page-side >> text=Order {order}")
        self.web.delete(f"/rentals/{order}")

    def test_a_door_is_taken_out_of_service_and_back(self):
        self.eventually(lambda: self.web.get("/lockers/locker-1").json["status"], "online", "the locker")
        tab = self.browser.person(width=1440).tab("/ui/office/wall/locker-1/2")
        tab.click("role=button[name='Take out of service…']")
        self.assertTrue(tab.run("document.querySelector('dialog .danger').disabled"))
        tab.fill("css=#dialog-word", "2")
        tab.fill("css=#act-by", "Mina")
        tab.click("role=button[name='Take it out']")  # why is not said yet
        tab.sees("css=dialog #act-reason:invalid")
        tab.fill("css=#act-reason", "juice on the floor")
        tab.click("role=button[name='Take it out']")
        tab.sees(f"{tile('locker-1', 2)}[data-state=out]")
        tab.sees("css=.page-side >> text=Out of service since")
        tab.sees("css=.page-side >> text=Mina: juice on the floor")
        mark = self.locker.mark()
        tab.click("role=button[name='Open it…']")
        tab.fill("css=#act-reason", "cleaning")
        tab.fill("css=#dialog-word", "2")
        tab.shot("wall-open")
        tab.click("role=button[name='Open the door']")
        self.assertEqual(self.locker.opened_by_command(mark, "absent"), 2)
        tab.sees("css=.page-side >> text=Mina: cleaning")
        tab.click("role=button[name='Back into service']")
        tab.click("css=dialog >> role=button[name='Back into service']")
        tab.sees(f"{tile('locker-1', 2)}[data-state=free]")
        tab.sees("role=button[name='Take out of service…']")

    def test_doors_are_walked_along(self):
        self.eventually(lambda: self.web.get("/lockers/locker-1").json["status"], "online", "the locker")
        person = self.browser.person(width=1440)
        tab = person.tab("/ui/office/wall/locker-1/walk")
        tab.click("role=button[name='Take Locker 1 out of service…']")
        tab.fill("css=#act-reason", "new boards")
        tab.fill("css=#act-by", "Mina")
        tab.click("role=button[name='Take it out']")
        numbers = range(1, len(self.compartments) + 1)
        for number in numbers:
            mark = self.locker.mark()
            tab.sees(f"text=Door {number} should open")
            tab.click(f"role=button[name='Open door {number}']")
            self.assertEqual(self.locker.opened_by_command(mark, "absent"), number)
            if number == 2:
                tab.click("role=button[name='Another one']")
                tab.shot("wall-walk")
                tab.click("role=button[name='1']")
            else:
                tab.click(f"role=button[name='Door {number}, as named']")
        tab.sees("text=Every door was walked to.")
        tab.sees("css=.worries >> text=Door 1")
        tab.click("role=button[name='Locker 1 back into service…']")
        tab.click("css=dialog >> role=button[name='Back into service']")
        tab.sees("css=dialog >> text=mend the wire")
        tab.click("role=button[name='Leave it out']")
        tab.click("css=.worries >> text=Locker 1 / 02")
        mark = self.locker.mark()
        tab.click("role=button[name='Open door 2']")
        self.locker.opened_by_command(mark, "absent")
        narrow = self.browser.person(width=360, lang="ko").tab("/ui/office/wall/locker-1/walk")
        narrow.sees("css=.worries >> nth=0")
        narrow.shot("wall-walk-360-ko")
        tab.click("role=button[name='Door 2, as named']")
        tab.click("role=button[name='Locker 1 back into service…']")
        tab.click("css=dialog >> role=button[name='Back into service']")
        tab.sees(f"{tile('locker-1', 2)}[data-state=free]")
        self.assertNotIn(b"out_of_order", self.web.get("/lockers/locker-1").body)

    def test_cancel_is_typed(self):
        product = self.shelved("anvil", 1)
        order = self.ordered(product)
        tab = self.browser.person(width=1440).tab(f"/ui/office/orders/{order}")
        tab.click("role=button[name='Cancel…']")
        tab.fill("css=#dialog-word", str(order))
        tab.click(f"role=button[name='Cancel order {order}']")
        self.eventually(lambda: self.status_of(order), "CANCELED", "the order")
        tab.sees("css=.orders-one .page-head >> text=Canceled")

    def test_dead_letters_are_retried_and_skipped(self):
        mended, given_up = self.register("mended", 5), self.register("given up", 5)
        with self.system.down("lockstock-product"):
            for product in (mended, given_up):
                log_poison(self.system, f"product/{product}")
        self.system.wait_ready()
        path = "/dead-letters/rental"
        self.eventually(lambda: len(self.web.all_items(path, "letters")), 2, "rental to park both")
        tab = self.browser.person(width=1440).tab("/ui/office/letters")
        rows = "css=section[aria-labelledby=letters-rental] tbody tr"
        tab.sees(f"{rows} >> text=/registeredQty must be/ >> nth=0")
        tab.sees("css=.rail a[href='/ui/office/letters'] .count >> text=8")  # of four services
        tab.click(f"{rows} >> nth=0 >> text=Retry")
        tab.sees("css=section[aria-labelledby=letters-rental] [role=alert] >> text=/still cannot be applied/")
        first = self.web.all_items(path, "letters")[0]
        self.order(given_up)  # its answer leaves when all that came before is on disk
        with self.system.down("lockstock-rental"):
            mend_poison(self.system, "rental", first["id"])
        self.system.wait_ready()
        tab.click(f"{rows} >> nth=0 >> text=Retry")
        tab.sees("css=.toast >> text=is applied")
        tab.sees_no_more(f"{rows} >> nth=1")
        tab.click(f"{rows} >> nth=0 >> text=Skip…")
        tab.fill("css=#dialog-word", f"product/{given_up}")
        tab.click("role=button[name='Skip it']")
        tab.sees_no_more("css=#letters-rental")
        self.assertEqual(self.web.all_items(path, "letters"), [])
        tab.sees("css=#letters-stock")

    def test_fleet_shows_who_is_there_and_what_they_do(self):
        product = self.shelved("theodolite", 1)
        order = self.ordered(product)
        tab = self.browser.person(width=1440).tab("/ui/office/fleet")
        tab.sees("css=tr:has-text('locker-1') >> text=Online")
        tab.sees("css=tr:has-text('scanner-1') >> text=Online")
        self.scanner.scan("command", "PICK")
        self.scanner.scan("order", order)
        tab.sees(f"css=tr:has-text('scanner-1') >> text=order {order}")
        answer = self.web.post("/scans", {"station": "desk-9", "label": own_label("command", "COUNT")})
        self.assertEqual(answer.status, 200)
        tab.sees("css=tr:has-text('desk-9') >> text=Counting")
        tab.click("css=tr:has-text('desk-9')")
        tab.sees(f"css=.page-side >> text={answer.json['prompt']}")
        self.scanner.scan("command", "CANCEL")
        self.locker.door(4, "open", "absent")
        self.web.delete(f"/rentals/{order}")
        self.locker.door(4, "closed", "absent")
        tab.click("css=tr:has-text('locker-1')")
        tab.sees("css=.page-side .timeline >> text=Closed")

    def test_stock_and_search(self):
        product = self.shelved("beamer", 2)
        gone = self.order(product, 9)
        self.wait_status(gone, "CANCELED_OutOfStock")
        tab = self.browser.person(width=1440).tab("/ui/office/stock")
        tab.sees("css=.table >> text=9 ordered, 2 available")
        self.ordered(product)
        tab.sees("css=tr:has-text('beamer') svg[aria-label='1 available, 1 reserved, 0 rented']")
        tab.goto("/ui/office/wall")
        tab.sees("css=.tile")
        tab.press("/")
        self.assertEqual(tab.run("document.activeElement.id"), "search")
        tab.fill("css=#search", "beamer-1")
        tab.press("Enter")
        tab.sees("css=.page-side >> text=Bin A1")


class Looks(FakeCase):
    """With every state that there is."""

    def setUp(self):
        super().setUp()
        office_world.fill(self.bridge)

    def test_every_page_is_clean(self):
        pages = {"wall": "wall", "wall-door": "wall/locker-lobby/4",
                 "wall-out": "wall/locker-lobby/7", "orders": "orders", "order": "orders/1042",
                 "no-order": "orders/77", "stock": "stock", "product": "stock/products/1",
                 "units": "stock/units", "unit": "stock/units/3", "events": "events",
                 "fleet": "fleet", "fleet-locker": "fleet/locker/locker-lobby",
                 "fleet-scanner": "fleet/scanner/scanner-1", "fleet-paused": "fleet/locker/locker-c1",
                 "letters": "letters"}
        for theme, lang, widths, audited in LOOKS:
            tab = self.browser.person(theme, lang).tab("/ui/office/wall")
            for name, path in pages.items():
                with self.subTest(page=name, theme=theme, lang=lang):
                    self.look_at(tab, "/ui/office/" + path, f"office-{name}-{theme}-{lang}", widths)
                    tab.resize(audited, 900)
                    self.assert_clean(tab, name)

    def look_at(self, tab, path, name, widths):
        tab.resize(widths[0], 900)
        tab.goto(path)
        tab.sees("css=h1")
        tab.sees_no_more("css=[aria-busy=true]")
        for width in widths:
            tab.resize(width, 900)
            self.assertLessEqual(tab.overflow(), 0, (name, width))
            tab.shot(f"{name}-{width}")

    def test_nothing_yet(self):
        for name in self.bridge.lists:
            self.bridge.lists[name] = []
        for service in ("rental", "stock"):
            self.bridge.letters(service, [])
        for owner in ("stock", "delivery"):
            self.bridge.devices(owner, [])
        tab = self.browser.person().tab("/ui/office/wall")
        for path, words in (("wall", "No lockers yet"), ("orders", "No orders yet"), ("stock", "No products yet"),
                            ("stock/units", "No units yet"), ("fleet", "No devices yet"),
                            ("letters", "Every event that came was applied")):
            tab.goto("/ui/office/" + path)
            tab.sees(f"text={words}")
            self.assert_clean(tab, path)

    def test_names_are_text(self):
        self.bridge.lists["products"][0]["name"] = EVIL
        bad = {**office_world.order(1043), "productName": EVIL, "reason": EVIL}
        self.bridge.lists["myOrders"].append(bad)
        self.bridge.answers["/myOrders/1043"] = bad
        self.bridge.tell("OrderChanged", "order/1043", bad)
        self.bridge.tell("ProductSaved", "product/1", {**self.bridge.lists["products"][0], "registration": 1})
        self.bridge.letters("rental", [{**office_world.LETTERS[0], "reason": EVIL}])
        self.bridge.devices("stock", [office_world.device("desk-1", "station", prompt=EVIL)])
        tab = self.browser.person(width=1440).tab("/ui/office/events")
        for path in ("letters", "fleet/station/desk-1",
                     "events", "orders", "orders/1043", "stock", "stock/products/1", "stock/units/1"):
            with self.subTest(path):
                tab.goto("/ui/office/" + path)
                tab.sees("css=main >> text=<img src=x")
                self.assertEqual(tab.count("css=img[src=x]"), 0)
                self.assertNotEqual(tab.run("document.title"), "owned")

    def test_fleet_says_first_what_needs_somebody(self):
        tab = self.browser.person(width=1440).tab("/ui/office/fleet")
        tab.sees("css=tbody tr >> nth=8")
        names = tab.run("[...document.querySelectorAll('tbody .device a')].map((one) => one.textContent)")
        self.assertEqual(names, ["locker-lobby", "locker-b2", "scanner-10", "locker-b1", "locker-c1", "locker-c2",
                                 "scanner-1", "scanner-2", "desk-1"])
        tab.press("j")
        tab.sees("css=.page-side >> text=Locker lobby / 04")
        tab.press("Escape")
        tab.sees("css=.page-side >> text=Choose a device")
        tab.click("role=button[name='To look at 5']")
        tab.sees_no_more("css=tbody tr >> nth=5")
        tab.press("/")
        tab.fill("css=#search", "b2")
        self.assertEqual(tab.count("css=tbody tr"), 1)
        tab.press("Enter")
        tab.sees("css=.page-side >> text=It is not connected")
        self.bridge.locker({**office_world.SILENT, "status": "online"})  # comes by the stream, at once
        tab.sees("css=.blank >> text=None of these")
        self.bridge.away(True)
        tab.sees("css=.fresh[data-fresh=away]")
        tab.sees("text=/No news since/")
        self.bridge.away(False)

    def test_fleet_tells_of_twins_and_floods(self):
        tab = self.browser.person(width=1440).tab("/ui/office/fleet/scanner/scanner-2")
        tab.sees("css=.page-side .notice[data-tone=bad] >> text=Two devices use this name")
        tab.sees("css=.page-side .notice[data-tone=warn] >> text=more messages than a device may")
        tab.sees("css=.page-side dd >> text=1,204")
        narrow = self.browser.person(width=360, lang="ko").tab("/ui/office/fleet/scanner/scanner-2")
        narrow.sees("css=.page-side .notice >> text=두 기기가")
        narrow.shot("fleet-twins-360-ko")
        tab.goto("/ui/office/fleet/locker/locker-c2")
        tab.sees("css=.page-side >> text=nothing needs you")
        self.assertEqual(tab.count("css=.page-side .notice"), 0)

    def test_fleet_tells_of_an_old_protocol_and_how_to_end_it(self):
        tab = self.browser.person(width=1440).tab("/ui/office/fleet/locker/locker-b1")
        tab.sees("css=.page-body .badge >> text=protocol 1")
        tab.sees("css=.page-side .notice[data-tone=warn] >> text=delivery.oldest-protocol=2")
        narrow = self.browser.person(width=360, lang="ko", theme="dark").tab("/ui/office/fleet/locker/locker-b1")
        narrow.sees("css=.page-side .notice >> text=oldest-protocol=2")
        narrow.shot("fleet-protocol-360-ko")

    def test_fleet_tells_the_command_to_add_one(self):
        tab = self.browser.person(width=360).tab("/ui/office/fleet")
        tab.click("role=button[name='Add a device']")
        tab.sees("css=.command >> text=deploy/add-device locker locker-1")
        tab.click("role=button[name='Scanner']")
        tab.sees("css=.command >> text=deploy/add-device scanner scanner-3")
        self.assert_clean(tab, "add")
        tab.shot("office-fleet-add-light-en-360")
        tab.fill("css=#add-name", "scanner-2")
        tab.sees("text=There is one of that name")
        tab.fill("css=#add-name", "Bad Name")
        tab.sees("text=/Use a–z/")
        self.assertTrue(tab.run("document.querySelector('dialog .primary').disabled"))
        tab.press("Escape")
        tab.sees_no_more("role=dialog")

    def test_what_is_not_there_is_said(self):
        tab = self.browser.person(width=360).tab("/ui/office/wall")
        for path in ("wall/locker-77", "wall/locker-lobby/99", "fleet/scanner/none", "stock/products/999",
                     "stock/products/none", "stock/units/999", "topology/nobody"):
            with self.subTest(path):
                tab.goto("/ui/office/" + path)
                tab.sees("css=.page-side >> text=It is not there")
                tab.click("role=button[name='Close the panel']")
                tab.sees_no_more("css=.page-side[data-open]")
        for path in ("/ui/office/nowhere", "/ui/office/fleet/locker-lobby", "/ui/staff/nowhere", "/ui/shop/1/2"):
            with self.subTest(path):
                tab.goto(path)
                tab.sees("css=h1 >> text=No such page")

    def test_keyboard_on_the_wall(self):
        tab = self.browser.person(width=1440).tab("/ui/office/wall")
        tab.sees("css=.tile")
        tab.run("document.querySelector('[data-door=\"locker-lobby/1\"]').focus()")
        for key, door in (("ArrowDown", "locker-lobby/2"), ("ArrowDown", "locker-lobby/3"),
                          ("ArrowDown", "locker-lobby/4"), ("ArrowRight", "locker-lobby/7"),
                          ("ArrowRight", "locker-lobby/11"), ("ArrowUp", "locker-lobby/10")):
            tab.press(key)
            self.assertEqual(tab.run("document.activeElement.dataset.door"), door, key)
        self.assertEqual(tab.count("css=.tile[tabindex='0']"), 1)
        tab.press("Enter")
        tab.sees("css=.page-side >> text=Open too long")
        tab.press("Escape")
        tab.sees("css=.page-side >> text=To look at")
        self.assertEqual(tab.run("document.activeElement.dataset.door"), "locker-lobby/10")
        tab.press("j")
        tab.sees("css=.page-side >> text=Locker lobby / 04")
        tab.press("?")
        tab.sees("role=dialog >> text=as the doors stand")
        self.assert_clean(tab, "keys")

    def test_keyboard_through_orders(self):
        tab = self.browser.person(width=1440).tab("/ui/office/orders")
        tab.sees("css=.row-link")
        tab.press("j")
        tab.sees("css=h1 >> text=Order 1042")
        tab.press("j")
        tab.sees("css=h1 >> text=Order 1041")
        tab.press("/")
        tab.fill("css=#search", "1036")
        self.assertEqual(tab.count("css=.row-link"), 1)
        tab.press("Enter")
        tab.sees("css=h1 >> text=Order 1036")

    def orders(self, tab):
        return tab.run("[...document.querySelectorAll('.row-id')].map((one) => Number(one.textContent))")

    def test_orders_longer_than_a_page(self):
        made = [office_world.order(number) for number in range(1, 701)]
        self.bridge.lists["myOrders"] = made
        tab = self.browser.person(width=1440).tab("/ui/office/orders")
        tab.sees("text=200 shown, there are older ones")
        self.assertEqual(self.orders(tab), list(range(700, 500, -1)))
        tab.run("document.querySelector('#state-filter').focus()")
        tab.run("(() => { const one = document.querySelector('#state-filter'); one.value = 'EXPIRED';"
                " one.dispatchEvent(new Event('change', { bubbles: true })); })()")
        tab.sees("text=87 shown, all of them")
        self.assertEqual(self.orders(tab), [one["id"] for one in reversed(made) if one["rentalStatus"] == "EXPIRED"])
        tab.fill("css=#search", "projector")  # in the third state of every eight none is
        tab.sees("css=.orders-list >> text=No order fits")
        tab.click("role=button[name='Show all']")
        tab.sees("text=200 shown, there are older ones")
        tab.click("role=button[name=Older]")
        tab.sees("text=700 shown, all of them")
        tab.fill("css=#search", "docking")
        tab.sees("text=175 shown, all of them")
        tab.shot("office-orders-goods-light-en-1440")
        tab.fill("css=#search", "locker-b1")
        tab.sees("text=200 shown, there are older ones")
        tab.fill("css=#search", "17")
        tab.sees("text=1 shown, all of them")
        self.assertEqual(self.orders(tab), [17])

    def test_orders_come_into_what_is_looked_for(self):
        tab = self.browser.person(width=1440).tab("/ui/office/orders")
        tab.sees("css=.row-link")
        tab.fill("css=#search", "docking")
        tab.sees("text=11 shown, all of them")
        before = self.orders(tab)
        docks = office_world.order(1053)
        for one in (docks, {**docks, "id": 1054, "productId": 4, "productName": "Projector"}):
            self.bridge.lists["myOrders"].append(one)  # also for a page that asks only now
            self.bridge.tell("OrderChanged", f"order/{one['id']}", one)
        tab.sees("css=.row-id >> text=1053")
        self.assertEqual(self.orders(tab), [1053, *before])

    def test_away(self):
        tab = self.browser.person(width=1440).tab("/ui/office/wall/locker-lobby/4")
        tab.sees("css=.page-side >> text=/Jammed for/")
        self.bridge.away(True)
        tab.sees("css=.fresh[data-fresh=away]")
        tab.sees("text=/No news since/")
        tab.sees("css=.page-side >> text=/Jammed at/")
        self.assertGreater(tab.count("css=.wall.stale"), 0)
        tab.shot("office-away-light-en-1440")
        self.bridge.away(False)
        tab.sees("css=.fresh[data-fresh=live]")
        tab.sees_no_more("css=.stale")

    def test_long_names_stay_where_they_are(self):
        name = "Ultra" * 40
        self.bridge.lists["products"][0]["name"] = name
        order = {**office_world.order(1043), "productName": name}
        self.bridge.lists["myOrders"].append(order)
        self.bridge.answers["/myOrders/1043"] = order
        for width in (1440, 360):
            tab = self.browser.person(width=width).tab("/ui/office/stock")
            for path, where in (("stock", "th"), ("stock/products/1", "h2"), ("orders/1043", "dd")):
                with self.subTest(path, width=width):
                    tab.goto("/ui/office/" + path)
                    tab.sees(f"css={where} >> text=/UltraUltra/")
                    wide = tab.run(f"[...document.querySelectorAll('html, .page-side, .page-side .card, {where}')]"
                                   ".filter((one) => one.scrollWidth > one.clientWidth && one.clientWidth)"
                                   ".map((one) => one.innerText.slice(0, 40))")
                    self.assertEqual(wide, [])

    def test_events_say_why_in_korean(self):
        tab = self.browser.person("light", "ko", width=1440).tab("/ui/office/events")
        tab.sees("css=.tail li")
        waiting = {**office_world.order(1044), "reason": "waits for a free compartment"}
        self.bridge.tell("OrderChanged", "order/1044", waiting)
        tab.sees("css=.tail li >> nth=0 >> text=빈 칸 대기")

    def test_what_comes_waits_while_somebody_points(self):
        tab = self.browser.person(width=1440).tab("/ui/office/events")
        tab.sees("css=.tail li")
        tab.press("p")
        before = tab.count("css=.tail li")
        self.bridge.report(locker="locker-b1", what="opened", compartment=5, deliveryId=1027)
        tab.click("role=button[name='1 new']")
        tab.sees("css=.tail li >> nth=0 >> text=Opened")
        self.assertEqual(tab.count("css=.tail li"), before + 1)


class Many(FakeCase):
    """Hundreds of lockers, thousands of events."""

    def test_three_thousand_events_leave_little_behind(self):
        office_world.fill(self.bridge)
        tab = self.browser.person(width=1440).tab("/ui/office/events")
        tab.sees("css=.tail li")
        before = self.browser.do("heap", page=tab.name)
        for i in range(EVENTS):
            office_world.flood(self.bridge, i)
        self.bridge.report(locker="locker-lobby", what="board_silent", board=2)
        tab.sees("css=.tail li >> nth=0 >> text=/lobby/i")
        grown = self.browser.do("heap", page=tab.name) - before
        print(f"heap: {grown / 1024:.0f} KiB more after {EVENTS} events")
        self.assertLess(grown, GROWN_MAX)

    def test_five_hundred_lockers(self):
        self.bridge.lists["lockers"] = office_world.many(LOCKERS)
        tab = self.browser.person(width=1440).tab("/ui/office/wall")
        tab.sees(tile("locker-1", 1))
        before = self.browser.do("parts", page=tab.name)["TaskDuration"]
        for i in range(CHANGES):
            locker = copy.deepcopy(self.bridge.lists["lockers"][-1 if i % 2 else i % 12])
            locker["compartments"][i % 12].update(door="open", use="loaded", deliveryId=i + 1)
            self.bridge.locker(locker)
            tab.run(FRAMES)
        wanted = sum(one["door"] == "open" for locker in self.bridge.lists["lockers"]
                     for one in locker["compartments"])
        wait_until(lambda: tab.text("css=.annunciator button >> nth=3").split()[0] == str(wanted),
                   "every change to be counted")
        busy = self.browser.do("parts", page=tab.name)["TaskDuration"] - before
        print(f"main thread: {busy * 1000 / CHANGES:.1f} ms of its own time a change, {LOCKERS} lockers")
        tab.press("End")
        tab.fill("css=#search", f"{LOCKERS}/3")
        tab.press("Enter")
        tab.sees(tile(f"locker-{LOCKERS}", 3))


if __name__ == "__main__":
    main()
