#!/usr/bin/env python3
"""What must be read from two metres, and without colours: the wall of the office and the scan station of
the floor, in every state, on a bridge that the test plays. And what a station lets hear and feel."""

import itertools
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import office_world
from harness.browser_case import WHOLE_PAGE, FakeCase, main, module
from harness.labels import own_label
from harness.png import contrast, rows_of

VISIONS = ("achromatopsia", "deuteranopia", "protanopia", "tritanopia")
TEXT, LARGE, GLYPH = 4.5, 3.0, 3.0  # contrast (WCAG 2.2: 1.4.3, 1.4.11)
LOOKS = [("light", "en"), ("dark", "ko")]
if "LOCKSTOCK_ALL_SHOTS" in os.environ:
    LOOKS += [("light", "ko"), ("dark", "en")]
STATION = {"staff.station": "desk-1"}
SCAN = "/ui/staff/scan"
ORDER = 1041

# What is scanned, and what the server says to it: result, signal, prompt. Each is a state of the station.
OK, DONE = ("accepted", "ok"), ("accepted", "done")
STATES = {
    "pick": [("command", "PICK", *OK, "Pick: scan the order")],
    "tote": [("order", ORDER, *OK, "2 x Docking station: scan an empty tote")],
    "units": [("tote", "T-12", *OK, "Take 2 x Docking station, scan each")],
    "wrong": [("asset", "LT-0007", "wrong_item", "error", "Wrong: Laptop 14\". Take Docking station")],
    "done": [("asset", "DS-0001", *DONE, f"Order {ORDER} is picked: tote T-12")],
    "door": [("command", "LOAD", *OK, "Load: scan the order or its tote"),
             ("order", ORDER, *OK, f"Order {ORDER}: scan locker-b1, 04")],
    "check": [("command", "RETURN", *OK, "Return: scan compartment or order"),
              ("order", 1008, *OK, "Scan a unit of the order"), ("asset", "LT-0003", *OK, "Say OK or DAMAGED first")],
    "count": [("command", "COUNT", *OK, "Count: scan bin or product"),
              ("bin", "A1-03", *OK, "Bin A1-03: scan each unit, then DONE")],
    "unknown": [("asset", "LT-9999", "unknown_label", "error", "Use RECEIVE first, not known: LT-9999")],
}
FULL = {"type": "/problems/too-many-stations", "title": "Too many stations", "status": 409,
        "detail": "There are 1000 stations, and no more can be added; scan under the name of one of them."}
UNDER_WAY = {"device": "desk-1", "kind": "station", "missing": 0, "doing": "pick", "rentalId": ORDER, "tote": "T-12",
             "scannedAt": "2026-01-31T12:20:00.000Z", "result": "accepted", "signal": "ok",
             "prompt": "Take 2 x Docking station, scan each"}
PICK = {"rentalId": ORDER, "productId": 2, "name": "Docking station", "tracking": "serialised", "size": "S", "qty": 2,
        "picked": 0, "locker": "locker-b1", "reservedAt": "2026-01-31T12:00:00.000Z",
        "units": [{"id": 1, "label": "asset:DS-0001", "bin": "A1-03"}]}
# From now on no scan is answered.
HELD = ("void ((real) => (window.fetch = (path, ...rest) =>"
        " (path === '/scans' ? new Promise(() => {}) : real(path, ...rest))))(fetch)")
LISTENS = ("void Object.assign(window, { heard: 0, felt: [], AudioContext: class { constructor() {"
           " this.currentTime = 0; } createOscillator() { window.heard++; return { frequency: {},"
           " connect: (to) => to, start() {}, stop() {} }; } createGain() { return { gain: { setValueAtTime() {},"
           " linearRampToValueAtTime() {} }, connect: (to) => to }; } } },"
           " (navigator.vibrate = (how) => window.felt.push(how)) && null)")


class SeenCase(FakeCase):

    def setUp(self):
        super().setUp()
        office_world.fill(self.bridge)
        self.bridge.lists["picks"] = [PICK]

    def assert_seen(self, tab, selector, least):
        """Whoever sees no colours, or not all of them, sees it."""
        for vision in VISIONS:
            tab.vision(vision)
            with self.subTest(selector, vision=vision):
                self.assertGreaterEqual(contrast(tab.picture(selector)), least)
        tab.vision("none")

    def assert_sizes(self, tab, sizes):
        """sizes: {selector: token}; all that it finds is at least of that size of the warehouse's tokens."""
        for selector, token in sizes.items():
            found, least = tab.run(
                "((selector, token) => { const probe = document.createElement('p'); probe.dataset.mode = 'warehouse';"
                " probe.style.fontSize = `var(${token})`; document.body.append(probe);"
                " const size = (one) => parseFloat(getComputedStyle(one).fontSize);"
                " const sizes = [...document.querySelectorAll(selector)].map(size), least = size(probe);"
                f" probe.remove(); return [sizes, least]; }})({json.dumps(selector)}, {json.dumps(token)})")
            self.assertNotEqual(found, [], selector)
            self.assertGreaterEqual(min(found), least, (selector, token))


class States(SeenCase):

    def test_each_has_a_glyph_and_a_word_of_its_own(self):
        for lang in ("en", "ko"):
            tab = self.browser.person(lang=lang).tab("/ui/office/wall")
            tab.sees("css=.tile")
            tables = tab.run(
                f"Promise.all([import('{module('js/states.')}'), import('{module('js/words.')}')])"
                ".then(([all, { t }]) => Object.entries(all)"
                ".filter(([, table]) => Object.values(table).every((one) => one?.icon) && Object.keys(table).length)"
                ".map(([name, table]) => [name, Object.values(table).map(({ icon, word }) => [icon, t(word),"
                " Boolean(document.getElementById('i-' + icon))])]))")
            names = [name for name, _ in tables]
            self.assertLessEqual({"orderStates", "compartmentStates", "lockerStates", "processStates", "linkStates",
                                  "doorReports", "assetStates"}, set(names))
            for name, states in tables:
                with self.subTest(table=name, lang=lang):
                    self.assertTrue(all(is_drawn for *_, is_drawn in states), states)
                    pairs = [(icon, word) for icon, word, _ in states]
                    self.assertEqual(len(set(pairs)), len(pairs), pairs)
                    if name in ("orderStates", "compartmentStates"):
                        self.assertEqual(len({icon for icon, _ in pairs}), len(pairs), pairs)
                        self.assertEqual(len({word for _, word in pairs}), len(pairs), pairs)


class Wall(SeenCase):

    def wall(self, theme="light", lang="en"):
        tab = self.browser.person(theme, lang, width=1440).tab("/ui/office/wall")
        tab.sees("css=.tile[data-state=jammed]")
        return tab

    def test_every_state_without_colours(self):
        for theme, lang in LOOKS:
            tab = self.wall(theme, lang)
            states = sorted(set(tab.run("[...document.querySelectorAll('.tile')].map((one) => one.dataset.state)")))
            self.assertEqual(states, ["ajar", "free", "jammed", "loaded", "offline", "open", "out", "reserved"])
            for state in states:
                tile = f".tile[data-state={state}] >> nth=0"
                self.assert_seen(tab, f"{tile} >> .tile-state", TEXT)
            self.assertEqual(tab.run("[...document.querySelectorAll('.tile-state')].filter((one) => {"
                                     " const glyph = one.querySelector('svg'), style = getComputedStyle;"
                                     " return !glyph || style(glyph).stroke !== style(one).color; }).length"), 0,
                             "glyphs are as dark as their words")
            tab.vision("achromatopsia")
            tab.shot(f"seen-wall-without-colours-{theme}-{lang}")
            seen = {pixel for row in rows_of(tab.picture(".annunciator")) for pixel in row}
            self.assertLessEqual(max(max(one) - min(one) for one in seen), 2, "greys alone")

    def test_from_two_metres(self):
        for theme, lang in LOOKS:
            tab = self.wall(theme, lang)
            self.assert_sizes(tab, {".tile-state": "--text-s", ".tile-number": "--text-m", ".tile-note": "--text-xs",
                                    ".annunciator b": "--text-xl", ".annunciator span": "--text-s",
                                    ".locker-name h2": "--text-xl"})
            cut = tab.run("[...document.querySelectorAll('.tile')].filter((one) => { const box = (it) =>"
                          " it.getBoundingClientRect(), state = box(one.querySelector('.tile-state'));"
                          " return state.bottom > box(one).bottom || one.scrollWidth > one.clientWidth + 1 ||"
                          " state.top < box(one.querySelector('.tile-number')).bottom - 3; })"
                          ".map((one) => one.innerText)")
            self.assertEqual(cut, [], "nothing is cut off")


class Station(SeenCase):

    def station(self, theme="light", lang="en", path=SCAN):
        self.person = self.browser.person(theme, lang, keep=STATION)
        tab = self.person.tab(path)
        tab.sees("css=.verdict")
        return tab

    def scan(self, tab, kind, value, result, signal, prompt):
        self.person.fake("/scans", {"result": result, "signal": signal, "prompt": prompt})
        tab.fill("css=#scan", own_label(kind, value))
        tab.press("Enter")
        tab.sees(f"css=.station-last li:first-child >> text={value}")

    def still(self, tab):
        """Nothing moves any more."""
        tab.run("Promise.allSettled(document.getAnimations().map((one) => one.finished)).then(() => null)")

    def fails(self, tab):
        self.person.fake("/scans", FULL, 409)
        tab.fill("css=#scan", own_label("bin", "B1"))
        tab.press("Enter")
        tab.sees("css=.verdict >> text=There are 1000 stations")

    def waits(self, tab):
        tab.run(HELD)
        tab.fill("css=#scan", own_label("bin", "B2"))
        tab.press("Enter")
        tab.sees("css=.verdict[data-tone=warn]")

    def look(self, tab, name):
        """One state: nothing to find fault with, and pictures of it."""
        tab.resize(360, WHOLE_PAGE)
        self.still(tab)
        self.assert_clean(tab, name)
        for width, height in ((1024, 768), (360, 800)):
            tab.resize(width, height)
            self.assertLessEqual(tab.overflow(), 0, (name, width))
            tab.shot(f"station-{name}-{width}")
        self.assert_sizes(tab, {".verdict-word": "--text-2xl", ".verdict-label": "--text-s",
                                ".station-next h2": "--text-2xl"})
        return (*tab.run("[document.querySelector('.verdict use').getAttribute('href'),"
                         " document.querySelector('.verdict-word').innerText,"
                         " document.querySelector('.verdict').dataset.tone]"),)

    def test_every_state(self):
        for theme, lang in LOOKS:
            tab = self.station(theme, lang)
            look = f"{theme}-{lang}"
            seen = {self.look(tab, f"ready-{look}")}
            for name, scans in STATES.items():
                for scan in scans:
                    self.scan(tab, *scan)
                seen.add(self.look(tab, f"{name}-{look}"))
                self.assert_sizes(tab, {".verdict-say": "--text-l"})
            self.assert_seen(tab, ".verdict .icon", GLYPH)
            self.assert_seen(tab, ".verdict-word", LARGE)
            self.fails(tab)
            seen.add(self.look(tab, f"failed-{look}"))
            self.waits(tab)
            seen.add(self.look(tab, f"waits-{look}"))
            self.assert_seen(tab, ".verdict .icon", GLYPH)
            self.assert_seen(tab, ".verdict-word", LARGE)
            for one, other in itertools.combinations(seen, 2):  # what differs in tone differs in glyph and word
                if one[2] != other[2]:
                    self.assertTrue(one[0] != other[0] and one[1] != other[1], (one, other))
            self.assertEqual({tone for *_, tone in seen}, {"calm", "good", "bad", "warn"})

    def test_accepted_without_colours(self):
        for theme, lang in LOOKS:
            tab = self.station(theme, lang)
            self.scan(tab, *STATES["pick"][0])
            self.still(tab)
            for selector, least in ((".verdict .icon", GLYPH), (".verdict-word", LARGE), (".verdict-say", LARGE)):
                self.assert_seen(tab, selector, least)

    def test_what_was_begun_elsewhere(self):
        """A page that is loaded anew says what is under way at its station, and can stop it."""
        self.bridge.answers["/devices/stock/desk-1"] = UNDER_WAY
        for theme, lang in LOOKS:
            tab = self.station(theme, lang)
            tab.sees("css=.station-next >> text=DS-0001")
            self.look(tab, f"resumed-{theme}-{lang}")
        tab.sees("css=.verdict >> text=2개 꺼내 하나씩 스캔")
        self.person.fake("/scans", {"result": "accepted", "signal": "ok", "prompt": "Ended. Scan a command"})
        tab.click("role=button[name='꺼내기 중단']")
        tab.sees("css=.station-last >> text=CANCEL")
        tab.sees("role=button[name='창구 전달']")
        self.bridge.answers["/devices/stock/desk-1"] = {**UNDER_WAY, "doing": None}
        tab.goto(SCAN)
        tab.sees("css=.verdict >> text=준비 완료")

    def test_wish_waits_for_what_is_under_way(self):
        self.bridge.answers["/devices/stock/desk-1"] = UNDER_WAY
        for theme, lang in LOOKS:
            tab = self.station(theme, lang, f"{SCAN}?do=LOAD&order=1008")
            tab.sees("css=.station-next .notice >> text=1008")
            self.look(tab, f"wish-waits-{theme}-{lang}")
        self.person.fake("/scans", {"result": "accepted", "signal": "ok", "prompt": "Ended. Scan a command"})
        tab.click("role=button[name='꺼내기 중단']")
        tab.sees("css=.station-next h2 >> text=주문 1008 넣기")
        tab.goto(f"{SCAN}?do=PICK&order={ORDER}")
        tab.sees("css=.verdict >> text=2개 꺼내 하나씩 스캔")
        self.assertEqual(tab.count("css=.station-next .notice"), 0)

    def test_names_are_whole(self):
        """A pick has the first 20 letters of a name; the order that it is for has all."""
        name = "Docking station with two screens and its own cable"
        self.bridge.lists["picks"] = [{**PICK, "name": name[:20]}]
        self.bridge.lists["myOrders"] = [{**office_world.order(ORDER), "rentalStatus": "RESERVED",
                                          "deliveryStatus": "RESERVED", "productName": name}]
        self.bridge.answers["/devices/stock/desk-1"] = UNDER_WAY
        tab = self.browser.person(keep=STATION).tab("/ui/staff/picks")
        tab.sees(f"css=.task-what >> text={name}")
        tab.goto(SCAN)
        tab.sees(f"css=.station-next h2 >> text={name}")

    def test_wish_and_name(self):
        for theme, lang in LOOKS:
            tab = self.station(theme, lang, f"{SCAN}?do=PICK&order={ORDER}")
            self.look(tab, f"wish-{theme}-{lang}")
            tab = self.browser.person(theme, lang).tab(SCAN)
            tab.sees("css=#station")
            self.assert_clean(tab, "name")
            tab.shot(f"station-name-{theme}-{lang}-360")

    def test_heard_and_felt(self):
        """Each verdict in its own way, until somebody turns it off."""
        tab = self.station()
        tab.click("css=#scan")
        tab.run(LISTENS)
        self.scan(tab, *STATES["pick"][0])
        self.assertEqual(tab.run("[heard, felt]"), [1, [[60]]])
        self.scan(tab, *STATES["wrong"][0])
        self.assertEqual(tab.run("[heard, felt.at(-1)]"), [3, [250, 90, 250]])
        self.scan(tab, *STATES["done"][0])
        self.assertEqual(tab.run("[heard, felt.at(-1)]"), [5, [60, 60, 120]])
        tab.click("role=button[name='Sound and vibration are on']")
        self.scan(tab, *STATES["unknown"][0])
        self.assertEqual(tab.run("[heard, felt.length]"), [5, 3])

    def test_bounces(self):
        """The same label again within 500 ms is one scan; after that, and from a button, it is another."""
        tab = self.station()
        sent = tab.run(
            f"import('{module('js/staff/session.')}').then(({{ Session }}) => {{ const real = Date.now, sent = [];"
            " let now = 1000; Date.now = () => now; const one = new Session('desk-9');"
            " one.put = ({ text }) => sent.push(`${now - 1000} ${text}`); one.scan('a'); now += 499; one.scan('a');"
            " one.scan('b'); now += 1; one.scan('b'); now += 499; one.scan('b'); one.command('DONE');"
            " one.command('DONE'); Date.now = real; return sent; })")
        done = own_label("command", "DONE")
        self.assertEqual(sent, ["0 a", "499 b", "999 b", f"999 {done}", f"999 {done}"])


if __name__ == "__main__":
    main()
