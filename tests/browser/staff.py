#!/usr/bin/env python3
"""Pages of warehouse staff in a real browser: what to pick, a station with a keyboard wedge, the desk,
labels; on any layout, with a keyboard only, in both themes and languages."""

import ctypes
import ctypes.util
import json
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.browser_case import BrowserCase, main, module
from harness.labels import keys_of, own_label
from harness.system import ROOT

LOOKS = [("light", "en"), ("dark", "ko")]
if "LOCKSTOCK_ALL_SHOTS" in os.environ:
    LOOKS += [("light", "ko"), ("dark", "en")]
PIECES_OF_PROMPTS = ("no locker", "Set it aside", "Order %d %s")
EVIL = "<img src=x onerror=\"document.title='owned'\">"
STATION = {"staff.station": "desk-1"}

# What a French computer makes of the keys of an American wedge.
FRENCH = {"A": "Q", "Q": "A", "W": "Z", "Z": "W", "M": "?", ":": "M", "-": ")", "*": "8",
          **{digit: sign for digit, sign in zip("1234567890", "&é\"'(-è_çà")}}

def stock_prompts():
    """What the flows of scans may say, with something in each place that is open."""
    found = set()
    for path in (ROOT / "services" / "stock" / "domain").glob("scan*.c"):
        text = re.sub(r'"\s*PRId64\s*"', "d", path.read_text())
        text = re.sub(r'"\s*PRId64', 'd"', text)
        text = re.sub(r'"\s*\n\s*"', "", text)
        for call in re.findall(r"(?:scan_(?:refuse|accept|finish)\([^;]*?|return [^;]*?|STEP_\w+, )(\"[^;]*)", text):
            found |= {line for line in re.findall(r'"((?:[^"\\]|\\.)*)"', call) if " " in line}
    return {re.sub(r"%0?2?d", "3", line.replace("%s", "abc")) for line in found
            if line not in PIECES_OF_PROMPTS and not line.startswith("%s. ")}


class Qr(ctypes.Structure):
    """libqrencode's QRcode."""

    _fields_ = [("version", ctypes.c_int), ("width", ctypes.c_int), ("data", ctypes.POINTER(ctypes.c_ubyte))]

    @classmethod
    def of(cls, library, text):
        """The dark modules of a text at level M."""
        library.QRcode_encodeString.restype = ctypes.POINTER(cls)
        code = library.QRcode_encodeString(text.encode(), 0, 1, 2, 1).contents
        return {(x, y) for y in range(code.width) for x in range(code.width) if code.data[y * code.width + x] & 1}


class Staff(BrowserCase):

    def wedge(self, tab, text):
        """A scanner types on a page of a French computer, wherever the focus is."""
        strokes = [[*key, FRENCH.get(sign, sign)] for sign, key in zip(text, keys_of(text))]
        strokes.append(["Enter", False, "Enter"])
        tab.run("((strokes) => { for (const [code, shiftKey, key] of strokes) {"
                " const to = document.activeElement || document.body;"
                " to.dispatchEvent(new KeyboardEvent('keydown',"
                " { code, key, shiftKey, bubbles: true, cancelable: true }));"
                " const field = document.activeElement;"
                " if (key.length === 1 && field.value !== undefined) { field.value += key;"
                " field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertText' })); }"
                f" }} }})({strokes})".replace("False", "false").replace("True", "true"))

    def scans_here(self, tab, *labels):
        for kind, value in labels:
            self.wedge(tab, own_label(kind, value))
            tab.sees(f"css=.station-last li:first-child >> text={value}")

    def focused(self, tab):
        return tab.run("document.activeElement.id")

    def test_order_is_picked_by_a_wedge_of_a_french_layout(self):
        product = self.shelved("drill", 2)
        order = self.ordered(product, 2)
        tab = self.browser.person().tab("/ui/staff/picks")
        tab.sees(f"css=.task:has-text('Order {order}') >> text=2 × drill")
        tab.sees(f"css=.task:has-text('Order {order}') >> text=A1")
        tab.click(f"css=.task:has-text('Order {order}')")
        tab.fill("css=#station", "Desk 1")
        tab.press("Enter")
        tab.sees(f"css=h2 >> text=Pick order {order}")
        tab.sees("role=button[name=Begin]")
        self.scans_here(tab, ("command", "PICK"), ("order", order), ("tote", "T-90"))
        tab.sees("css=.verdict[data-tone=good] >> text=Take 2 x drill, scan each")
        tab.sees("css=.station-next h2 >> text=2 × drill")
        self.scans_here(tab, ("asset", "DRILL-1"), ("asset", "DRILL-9"))
        tab.sees("role=alert >> text=Use RECEIVE first, not known: DRILL-9")
        self.assertEqual(self.focused(tab), "scan")
        tab.sees("css=.station-next h2 >> text=1 × drill")
        self.scans_here(tab, ("asset", "DRILL-2"))
        tab.sees(f"css=.verdict[data-tone=good] >> text=Order {order} is picked: tote T-90")
        self.delivery_is(order, "PICKED")
        tab.goto("/ui/staff/picks")
        tab.sees(f"css=.task:has-text('Order {order}') >> text=Locker 1")
        self.web.delete(f"/rentals/{order}")

    def test_korean_says_all_that_stock_says(self):
        """Every sentence in the source of the flows has a Korean one."""
        tab = self.browser.person(lang="ko").tab("/ui/staff/labels")
        prompts = json.dumps(sorted(stock_prompts()))
        unknown = tab.run(f"import('{module('js/staff/prompts.')}').then(({{ inKorean }}) =>"
                          f" {prompts}.filter((prompt) => !inKorean(prompt)))")
        self.assertEqual(unknown, [])

    def test_both_readings_of_keys(self):
        """A label proves itself, however slow and whatever a Korean input method makes of it; a hand
        on a French keyboard means what it sees."""
        tab = self.browser.person().tab("/ui/staff/labels")
        label = own_label("asset", "LT-7")

        def read(strokes, shown, ms):
            keys = [{"code": code, "shiftKey": shift, "timeStamp": i * ms} for i, (code, shift) in enumerate(strokes)]
            address = module("js/staff/wedge.")
            return tab.run(f"import('{address}').then(({{ Keys }}) => {{ const keys = new Keys();"
                           f" {json.dumps(keys)}.forEach((key) => keys.press(key)); return keys.read('{shown}'); }})")

        places = list(keys_of(label))
        self.assertEqual(read(places, "ㅣㄴ:ㅁ:ㅣㅅ", 300), label)
        self.assertEqual(read([("KeyQ", False), ("Digit7", False), ("KeyZ", False), ("KeyM", False)], "a7w,", 300),
                         "a7w,")
        self.assertEqual(read([("KeyA", False), ("Digit7", False), ("KeyZ", False), ("KeyM", False)], "q7w,", 5),
                         "a7zm")

    def test_keyboard_only_by_a_person_who_types(self):
        order = self.ordered(self.shelved("lamp", 1))
        tab = self.browser.person(keep=STATION, width=1440).tab("/ui/staff/picks")
        tab.sees(f"css=.task:has-text('Order {order}')")
        tab.press("j")
        tab.press("Enter")
        tab.sees("role=button[name=Begin]")
        self.assertEqual(self.focused(tab), "scan")
        tab.press("Enter")
        tab.sees("css=h2 >> text=An empty tote")
        for text in ("t-91", "lamp-1"):
            for key in text:
                tab.press(key)
            tab.press("Enter")
        tab.sees(f"css=.verdict >> text=Order {order} is picked: tote T-91")
        self.web.delete(f"/rentals/{order}")

    def test_station_goes_on_where_it_was(self):
        """A page that is loaded anew, and one that has never been here, say what is under way."""
        order = self.ordered(self.shelved("torch", 1))
        tab = self.browser.person(keep=STATION).tab("/ui/staff/scan")
        tab.sees("css=h2 >> text=What is next?")
        self.scans_here(tab, ("command", "PICK"), ("order", order))
        tab.goto("/ui/staff/scan")
        tab.sees("css=.verdict[data-tone=calm] >> text=scan an empty tote")
        tab.sees("css=h2 >> text=An empty tote")
        self.scans_here(tab, ("tote", "T-92"))
        other = self.browser.person(keep=STATION).tab("/ui/staff/scan")
        other.sees("css=.verdict[data-tone=calm] >> text=Take 1 x torch, scan each")
        other.sees(f"css=.station-flow >> text=Order {order}")
        other.sees("css=.station-next h2 >> text=1 × torch")
        other.click("role=button[name='Stop picking']")
        other.sees("css=.verdict >> text=Ended. Scan a command")
        tab.goto("/ui/staff/scan")
        tab.sees("css=.verdict >> text=Ready")
        tab.sees("css=h2 >> text=What is next?")
        self.web.delete(f"/rentals/{order}")

    def test_names_are_text(self):
        answer = self.web.post("/products", {"name": EVIL, "qty": 5})
        self.known(answer.json["id"])
        order = self.web.post("/rentals", {"productId": answer.json["id"], "qty": 1, "productName": EVIL,
                                           "fulfilment": "locker"}).json["id"]
        self.delivery_is(order, "RESERVED")
        tab = self.browser.person(keep={**STATION, "staff.labels": "product"}).tab("/ui/staff/picks")
        for path in ("/ui/staff/picks", f"/ui/staff/desk/{order}", "/ui/staff/labels"):
            with self.subTest(path):
                tab.goto(path)
                tab.sees("css=body >> text=<img src=x")
                self.assertEqual(tab.count("css=img[src=x]"), 0)
                self.assertNotEqual(tab.run("document.title"), "owned")
        self.web.delete(f"/rentals/{order}")

    def test_counter(self):
        """Find an order by its label, hand it over, and its receipt is there."""
        order = self.picked(self.shelved("camera", 1), "CAMERA-1")
        tab = self.browser.person(keep=STATION).tab("/ui/staff/desk")
        tab.sees("text=Which order?")
        self.wedge(tab, own_label("order", order))
        tab.sees("text=or hand it over")
        tab.click("role=button[name='Hand over']")
        tab.fill("role=dialog >> role=textbox", str(order))
        tab.press("Enter")
        tab.sees("text=It is with the customer")
        tab.sees("css=.receipt >> text=CAMERA-1")
        self.delivery_is(order, "DELIVERED")
        tab.click("role=link[name='Take it back']")
        tab.sees("css=h2 >> text=Take back")
        tab.click("role=button[name=Begin]")
        tab.sees("css=h2 >> text=Each unit")
        self.scans_here(tab, ("asset", "CAMERA-1"))
        tab.click("role=button[name=OK]")
        tab.sees("css=h2 >> text=A bin for the good ones")
        self.scans_here(tab, ("bin", "A2"))
        tab.sees(f"css=.verdict >> text=Order {order}: 1 back in A2")
        self.wait_status(order, "RETURNED")
        tab.goto("/ui/staff/desk")
        tab.fill("css=#order", "999999")
        tab.press("Enter")
        tab.sees("text=There is no order 999999")

    def test_labels(self):
        tab = self.browser.person().tab("/ui/staff/labels")
        tab.sees("css=.label:has-text('PICK')")
        tab.click("role=button[name=Bins]")
        tab.fill("css=#values", "A1-09..A1-11, b7")
        tab.sees("css=.label:has-text('B7')")
        self.assertEqual([line.strip() for line in tab.text("css=.sheet-labels").split() if "-" in line],
                         ["A1-09", "A1-10", "A1-11"])
        self.assertEqual(tab.count("css=.label-qr"), 4)
        tab.fill("css=#values", "A_1")
        tab.sees("text=A_1 is no label")
        tab.sees_no_more("css=.label")

    def test_qr_codes_are_those_of_libqrencode(self):
        """Whatever mask it has chosen, ours has the same modules under that mask."""
        name = ctypes.util.find_library("qrencode")
        if name is None:
            self.skipTest("libqrencode is not here")
        tab = self.browser.person().tab("/ui/staff/labels")
        address = module("js/staff/qr.")
        for value in ("7", "A1-09", "LOCKER-1-03", "ABCDEFGHIJKLMNOPQRSTUVWX"):
            text = own_label("bin", value)
            drawn = Qr.of(ctypes.CDLL(name), text)
            ours = tab.run(f"import('{address}').then(({{ qr }}) => [0, 1, 2, 3, 4, 5, 6, 7].map((mask) =>"
                           f" qr('{text}', mask).map((row) => row.map(Number))))")
            self.assertIn(drawn, [{(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}
                                  for rows in ours], text)

    def test_every_page_is_clean(self):
        product = self.shelved("beamer", 5)
        picked = self.picked(product, "BEAMER-1")
        given = self.picked(product, "BEAMER-2")
        self.scans(("command", "HANDOVER"), ("order", given))
        self.wait_status(given, "DELIVERED")
        orders = [self.ordered(product) for _ in range(2)]
        pages = {"picks": "/ui/staff/picks", "scan": f"/ui/staff/scan?do=PICK&order={orders[0]}",
                 "desk": f"/ui/staff/desk/{picked}", "labels": "/ui/staff/labels",
                 "desk-empty": "/ui/staff/desk", "receipt": f"/ui/staff/desk/{given}"}
        for theme, lang in LOOKS:
            tab = self.browser.person(theme, lang, keep=STATION).tab("/ui/staff/picks")
            for name, path in pages.items() if theme == "light" else list(pages.items())[:4]:
                with self.subTest(page=name, theme=theme, lang=lang):
                    self.look_at(tab, path, f"staff-{name}-{theme}-{lang}")
        for order in (picked, *orders):
            self.web.delete(f"/rentals/{order}")


if __name__ == "__main__":
    main()
