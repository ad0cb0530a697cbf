#!/usr/bin/env python3
"""The customers' pages in a real browser: order, wait, collect, return, cancel; without a connection;
with a keyboard only; in both themes and languages; with names that would like to be markup."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.browser_case import WHOLE_PAGE, BrowserCase, main

EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>&amp;"
TABS_TO_A_BUTTON_MAX = 30
# From now on nobody answers, as while connections wait for a bridge that is away.
UNANSWERED = "void (window.fetch = () => new Promise(() => {}))"
LOOKS = [("light", "en"), ("dark", "ko")]
if "LOCKSTOCK_SHOTS" in os.environ:
    LOOKS += [("light", "ko"), ("dark", "en")]

# order: what GET /myOrders and GET /deliveries say of it. The last one can be canceled.
EMPTIED = ("compartment 3 of locker-1 is empty, but nobody has collected with a code: staff look for the goods,"
           " and load them again")
STATES = {
    9001: ({"rentalStatus": "READY", "deliveryStatus": "READY", "locker": "locker-1", "compartment": 3,
            "collectBy": "2999-01-31T12:00:00.000Z", "reason": EMPTIED}, {"compartmentUse": "assigned"}),
    9002: ({"rentalStatus": "EXPIRED", "deliveryStatus": "EXPIRED", "reason": "not collected in time"}, {}),
    9003: ({"rentalStatus": "DELIVERED", "deliveryStatus": "RETURNING", "locker": "locker-1", "compartment": 2,
            "collectBy": "2999-01-31T12:00:00.000Z"}, {"compartmentUse": "assigned"}),
    9004: ({"rentalStatus": "DELIVERED", "deliveryStatus": "RETURNING", "locker": "locker-1", "compartment": 2},
           {"compartmentUse": "loaded"}),
    9005: ({"rentalStatus": "RETURNED", "deliveryStatus": "RETURNED"}, {}),
    9006: ({"rentalStatus": "CANCELED_UnregisteredProduct", "reason": "product 7 is not registered"}, {}),
    9007: ({"rentalStatus": "DELIVERED", "deliveryStatus": "DELIVERED"}, {}),
    9008: ({"rentalStatus": "PICKED", "deliveryStatus": "PICKED", "reason": "waits for a free compartment"}, {}),
}


class Customer(BrowserCase):

    def order_in_pages(self, tab, product, locker="Locker 1"):
        """From the start to the order's page; returns its number."""
        tab.goto("/ui/")
        tab.click("text=Rent something")
        tab.click(f"role=link[name=/{product}/i]")
        tab.click(f"role=radio[name=/{locker}/i]")
        tab.click("role=button[name=/^Order/]")
        tab.sees("css=.timeline")
        return int(tab.path().split("/")[-1])

    def test_laptop_to_a_locker_and_back(self):
        self.shelved("laptop", 2)
        tab = self.browser.person().tab("/ui/")
        order = self.order_in_pages(tab, "laptop")
        tab.sees("text=We take it from the shelf")
        self.picks(order, "LAPTOP-1")
        tab.sees("text=It is put into the locker")
        self.loaded(order)
        tab.sees("text=It waits in compartment")
        tab.click("css=a.next-step")
        tab.sees("css=.code")
        code = self.code(order)["code"]
        self.assertEqual(tab.text("css=.code").replace("\n", "").replace(" ", "")[-8:], code)
        tab.sees("css=img.qr")
        compartment = self.delivery(order)["compartment"]
        tab.sees(f"role=img[name=/compartment {compartment} is marked/]")
        self.collected(order)
        tab.sees("text=It is yours")
        other = self.picked(self.shelved("barrel", 1), "BARREL-1")  # into the compartment that is free now
        self.eventually(lambda: self.delivery(other).get("compartment"), compartment, "the other order's compartment")
        tab.click("role=link[name='See the order']")
        tab.click("role=button[name='Return it']")
        tab.click("role=dialog >> role=button[name='Return it']")
        tab.sees("text=Bring it to compartment")
        lay = tab.text("css=.timeline li:has-text('In the locker') p")
        self.assertEqual(lay, f"Locker 1, compartment {compartment}")
        self.grant(order)
        tab.click("css=a.next-step")
        tab.sees("css=.code")
        self.locker.opened_by_code(self.grant(order), "present")
        tab.sees("text=We check what came back")
        self.web.delete(f"/rentals/{other}")

    def test_cancel_asks_first(self):
        self.shelved("kettle", 1)
        tab = self.browser.person().tab("/ui/")
        order = self.order_in_pages(tab, "kettle")
        tab.click("role=button[name='Cancel order']")
        tab.click("role=dialog >> role=button[name='Keep it']")
        self.assertEqual(self.status_of(order), "RESERVED")
        tab.click("role=button[name='Cancel order']")
        tab.click("role=dialog >> role=button[name='Cancel order']")
        tab.sees("text=The order is canceled")
        self.assertEqual(self.status_of(order), "CANCELED")
        tab.goto("/ui/orders")
        tab.sees("css=.group >> text=kettle")

    def test_back_from_an_order_does_not_order_again(self):
        self.shelved("funnel", 2)
        tab = self.browser.person().tab("/ui/")
        order = self.order_in_pages(tab, "funnel")
        tab.run("history.back()")
        tab.sees("role=link[name=/funnel/i]")
        self.assertEqual(tab.path(), "/ui/shop")
        self.assertEqual(tab.count("role=dialog"), 0)
        self.web.delete(f"/rentals/{order}")

    def test_why_it_waits(self):
        product = self.shelved("crane", 1, size="L")
        blocker = self.picked(self.shelved("crate", 1, size="L"), "CRATE-1")
        self.eventually(lambda: "compartment" in self.delivery(blocker), True, "the only large one")
        person = self.browser.person()
        tab = person.tab("/ui/")
        order = self.order_in_pages(tab, "crane")
        self.picks(order, "CRANE-1")
        self.eventually(lambda: "reason" in self.delivery(order), True, "a reason to wait")
        tab.sees(f"text={self.delivery(order)['reason']}")
        tab.sees("text=Waits for a free compartment")
        for one in (order, blocker):
            self.web.delete(f"/rentals/{one}")
        self.assertTrue(product)

    def test_code_without_connection(self):
        order = self.ready(self.shelved("lamp", 1), "LAMP-1")
        tab = self.browser.person(keep={"orders": [{"id": order, "productId": 1, "rentalQty": 1,
                                                    "orderedAt": "2026-01-31T12:00:00.000Z"}]}).tab("/ui/shop")
        tab.click("role=link[name=/^Code/]")
        tab.sees("css=.code")
        code = tab.text("css=.code")
        tab.run("navigator.serviceWorker.ready.then(() => true)")
        with self.system.unreachable():
            tab.sees("css=.fresh[data-fresh=away]")
            tab.sees("text=It opens without internet")
            self.assertEqual(tab.text("css=.code"), code)
            tab.shot("code-offline-light-en-360")
            tab.click("role=link[name='Back']")  # also to a page that was not loaded yet
            tab.sees("role=heading[level=1]")
            tab.run("history.back()")
            tab.sees("css=.code")
            tab.run("location.reload()")
            tab.sees("css=.fresh[data-fresh=away]")
            tab.shot("code-reloaded-offline")
            self.assertEqual(tab.run("getComputedStyle(document.querySelector('.code')).display"), "flex")
            self.assertEqual(tab.text("css=.code"), code)
            tab.sees("text=It opens without internet")
        tab.sees("css=.fresh[data-fresh=live]")
        tab.sees_no_more("text=It opens without internet")
        self.collected(order)

    def test_kept_code_does_not_wait_for_an_answer(self):
        kept = {"code": "12345678", "locker": "locker-1", "compartment": 3, "purpose": "collect", "image": "",
                "expiresAt": "2999-01-31T12:00:00.000Z", "at": "2026-01-31T12:00:00.000Z"}
        tab = self.browser.person(keep={"code.9009": kept}).tab("/ui/shop")
        tab.sees("role=heading[level=1]")
        tab.run(UNANSWERED)
        tab.run("history.pushState({}, '', '/ui/orders/9009/code') || dispatchEvent(new PopStateEvent('popstate'))")
        tab.sees("css=.code")
        self.assertEqual(tab.text("css=.code").replace("\n", "").replace(" ", "")[-8:], kept["code"])

    def test_keyboard_only(self):
        self.shelved("abacus", 1)
        tab = self.browser.person(width=1440).tab("/ui/shop")
        tab.sees("text=abacus")
        tab.press("?")
        tab.sees("role=dialog[name=Keys]")
        tab.press("Escape")
        tab.press("j")
        self.assertTrue(tab.run("document.activeElement.matches('.goods li:first-child a')"))
        tab.press("/")
        for key in "abac":
            tab.press(key)
        self.tab_to(tab, "abacus")
        tab.press("Enter")
        tab.sees("role=dialog")
        tab.press("Escape")
        tab.sees_no_more("role=dialog")
        self.tab_to(tab, "abacus")
        tab.press("Enter")
        tab.sees("role=dialog")
        self.tab_to(tab, "Order")
        tab.press("Enter")
        tab.sees("css=.timeline")

    def tab_to(self, tab, text):
        """Presses Tab until something that begins with a text has the focus."""
        for _ in range(TABS_TO_A_BUTTON_MAX):
            tab.press("Tab")
            focused = tab.run("document.activeElement.innerText || ''")
            if focused.strip().lower().startswith(text.lower()):
                return
        self.fail(f"Tab does not come to '{text}'")

    def test_pieces_are_typed(self):
        product = self.web.post("/products", {"name": "brick", "qty": 40}).json["id"]
        self.known(product)
        tab = self.browser.person().tab(f"/ui/shop/{product}")
        tab.click("role=button[name='One more']")
        self.assertEqual(tab.run("document.querySelector('.stepper input').value"), "2")
        for typed, shown in (("0", "1"), ("99", "40"), ("12", "12")):
            tab.fill("css=.stepper input", typed)
            self.assertEqual(tab.run("document.querySelector('.stepper input').value"), shown)
        tab.click("role=radio[name=/Counter/]")
        tab.click("role=button[name='Order 12 pieces']")
        tab.sees("text=12 × brick")
        tab.sees("text=Handed over at the counter")

    def test_names_are_text(self):
        answer = self.web.post("/products", {"name": EVIL, "qty": 5})
        order = self.web.post("/rentals", {"productId": answer.json["id"], "qty": 1, "productName": EVIL}).json["id"]
        self.wait_status(order, "DELIVERED")
        person = self.browser.person(keep={"orders": [{"id": order, "productId": 1, "rentalQty": 1,
                                                       "productName": EVIL, "orderedAt": "2026-01-31T12:00:00.000Z"}]})
        shown = self.web.get(f"/myOrders/{order}").json
        person.fake("/myOrders/77", {**shown, "id": 77, "rentalStatus": "CANCELED_OutOfStock", "reason": EVIL})
        tab = person.tab("/ui/shop")
        for path in ("/ui/shop", f"/ui/shop/{answer.json['id']}", "/ui/orders", f"/ui/orders/{order}",
                     f"/ui/orders/{order}/code", "/ui/orders/77", "/ui/shop/%3Cimg%20src=x%3E"):
            with self.subTest(path):
                tab.goto(path)
                tab.sees("css=body >> text=<img src=x" if "%3C" not in path else "css=main")
                self.assertEqual(tab.count("css=img[src=x]"), 0)
                self.assertNotEqual(tab.run("document.title"), "owned")

    def test_problems_in_their_own_words(self):
        self.shelved("anvil", 1)
        person = self.browser.person()
        sentence = "Only whole anvils can be ordered <b>here</b>."
        person.fake("/rentals", {"type": "/problems/refused", "title": "Refused", "status": 409,
                                 "detail": sentence}, 409)
        tab = person.tab("/ui/shop")
        tab.click("role=link[name=/anvil/]")
        tab.click("role=button[name=/^Order/]")
        tab.sees(f"role=alert >> text={sentence}")
        tab.goto("/ui/orders")
        tab.fill("css=#follow", "999999")
        tab.click("role=button[name=Follow]")
        tab.sees("text=There is no order 999999")

    def test_every_page_is_clean(self):
        product = self.shelved("beamer", 2)
        self.web.post("/products", {"name": "chair", "qty": 0, "size": "L"})
        ready = self.ready(product, "BEAMER-1")
        gone = self.order(product, 9)
        self.wait_status(gone, "CANCELED_OutOfStock")
        moving = self.ordered(product)
        keep = {"orders": [{"id": order, "productId": product, "rentalQty": 1, "productName": "beamer",
                            "orderedAt": "2026-01-31T12:00:00.000Z"} for order in (moving, gone, ready)]}
        pages = {"home": "/ui/", "shop": "/ui/shop", "form": f"/ui/shop/{product}", "orders": "/ui/orders",
                 "order-ready": f"/ui/orders/{ready}", "order-moving": f"/ui/orders/{moving}",
                 "order-ended": f"/ui/orders/{gone}", "code": f"/ui/orders/{ready}/code",
                 "no-code": "/ui/orders/code", "no-order": "/ui/orders/999999", "nothing": "/ui/nothing"}
        for theme, lang in LOOKS:
            tab = self.browser.person(theme, lang, keep=keep).tab("/ui/")
            for name, path in pages.items():
                with self.subTest(page=name, theme=theme, lang=lang):
                    self.look_at(tab, path, f"{name}-{theme}-{lang}")
        for order in (moving, ready):
            self.web.delete(f"/rentals/{order}")

    def test_every_state_is_clean(self):
        """States that are hard to come by, as the API would tell them."""
        for theme, lang in LOOKS:
            person = self.browser.person(theme, lang, keep={"orders": [
                {"id": order, "productId": 1, "rentalQty": 2, "productName": "laptop", "fulfilment": "locker",
                 "locker": "locker-1", "orderedAt": "2026-01-31T12:00:00.000Z"} for order in STATES]})
            orders = [{"id": order, "productId": 1, "rentalQty": 2, "productName": "laptop",
                       "orderedAt": "2026-01-31T12:00:00.000Z", "updatedAt": "2026-01-31T12:00:00.000Z", **shown}
                      for order, (shown, _) in STATES.items()]
            person.fake("/myOrders", {"_embedded": {"myOrders": orders}, "_links": {}})
            for order, (_, delivery) in STATES.items():
                person.fake(f"/myOrders/{order}", next(one for one in orders if one["id"] == order))
                person.fake(f"/deliveries/{order}", {"id": order, "fulfilment": "locker", **delivery})
                person.fake(f"/myOrders/{order}/story", {"_embedded": {"steps": []}})
            tab = person.tab("/ui/orders")
            tab.sees("css=.group")
            self.assert_clean(tab, f"orders {theme} {lang}")
            for order in STATES:
                tab.resize(360, WHOLE_PAGE)
                tab.goto(f"/ui/orders/{order}")
                tab.sees("css=.timeline")
                self.assert_clean(tab, f"{order} {theme} {lang}")
                tab.resize(360)
                tab.shot(f"state-{order}-{theme}-{lang}-360")
            tab.click("css=.actions button >> nth=-1")
            tab.sees("role=dialog")
            self.assert_clean(tab, f"the question {theme} {lang}")
            tab.shot(f"question-{theme}-{lang}-360")

    def test_no_other_host_and_a_small_first_load(self):
        tab = self.browser.person().tab("/ui/shop")
        tab.sees("css=h1")
        size = tab.run("performance.getEntries().reduce((sum, one) => sum + (one.encodedBodySize || 0), 0)")
        self.assertLess(size, 80 * 1024)
        self.assertGreater(size, 10 * 1024)
        hosts = {"/".join(url.split("/")[:3]) for url in self.browser.do("requests") if not url.startswith("data:")}
        self.assertEqual(hosts, {self.browser.base})


class Long(BrowserCase):
    """A catalogue and a list of orders that are longer than one page."""

    def test_catalogue_longer_than_a_page(self):
        for number in range(320):
            self.web.post("/products", {"name": f"Thing {number:03}", "qty": 1})
        last = self.web.post("/products", {"name": "Zebra crossing", "qty": 2}).json["id"]
        tab = self.browser.person().tab("/ui/shop")
        tab.sees("text=Thing 059")
        self.assertEqual(tab.count("css=.goods > li"), 60)
        self.assertEqual(tab.count("text=Zebra crossing"), 0)
        tab.fill("css=[type=search]", "zebra")
        tab.sees("css=.goods > li >> text=Zebra crossing")
        self.assertEqual(tab.count("css=.goods > li"), 1)
        tab.shot("shop-found-light-en-360")
        tab.click("role=link[name=/Zebra/]")  # one that the catalogue has not loaded yet
        tab.sees("role=dialog >> text=Zebra crossing")
        self.assertEqual(tab.path(), f"/ui/shop/{last}")
        tab.goto("/ui/shop")
        for _ in range(5):
            tab.click("css=.touch.wide >> text=/^Show more/")
        tab.sees("css=.goods > li >> text=Zebra crossing")
        self.assertEqual(tab.count("css=.goods > li"), 321)

    def test_many_orders_of_one_browser(self):
        product = self.web.post("/products", {"name": "Umbrella", "qty": 50}).json["id"]
        orders = [self.order(product) for _ in range(30)]
        self.eventually(lambda: self.web.get(f"/myOrders/{orders[-1]}").json.get("deliveryStatus"), "DELIVERED",
                        "the last order")
        keep = {"orders": [{"id": order, "productId": product, "rentalQty": 1, "productName": "Umbrella",
                            "orderedAt": "2026-01-31T12:00:00.000Z"} for order in reversed(orders)]}
        tab = self.browser.person(keep=keep).tab("/ui/orders")
        tab.sees("css=.goods > li >> nth=29")
        self.assertEqual(tab.count("css=.goods > li"), 30)
        asked = tab.run("performance.getEntriesByType('resource').filter(({ name }) =>"
                        " name.includes('/myOrders')).length")
        self.assertEqual(asked, 1)


if __name__ == "__main__":
    main()
