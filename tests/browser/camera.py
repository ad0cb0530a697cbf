#!/usr/bin/env python3
"""The camera as a scanner, in a real browser whose camera plays a film of labels: an order is picked by
it, other makers' codes are told as scanners tell them, and whatever is missing is said kindly."""

import contextlib
import itertools
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.browser import Browser
from harness.browser_case import WHOLE_PAGE, BrowserCase, main, module
from harness.film import BAR_HEIGHT, code_of, picture, write_film
from harness.labels import own_label

STATIONS = itertools.count(1)
SCAN = "/ui/staff/scan"
ON = "role=button[name='Scan with the camera']"
FAKE = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"
LOOKS_LONGER_THAN_A_BOUNCE = 5
GTIN = "4006381333931"
COMPILES = ("WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))"
            ".then(() => true, () => false)")


class Camera(BrowserCase):
    extra_args = ("--set", "bridge.hosts=warehouse.test")

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="lockstock-film-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.film = pathlib.Path(cls.folder.name, "labels.y4m")
        cls.browser_arguments = (FAKE, ALLOWED, f"--use-file-for-fake-video-capture={cls.film}")
        write_film(cls.film, [picture([[0]])])
        super().setUpClass()

    def person(self, browser=None, **options):
        """Somebody at a station of their own, at which nothing is under way."""
        return (browser or self.browser).person(keep={"staff.station": f"desk-{next(STATIONS)}"}, **options)

    def station(self):
        """The scan station, for as long as the test lasts: nobody else looks at the next film."""
        tab = self.person().tab(SCAN)
        self.addCleanup(tab.close)
        tab.sees("css=#scan")
        return tab

    @contextlib.contextmanager
    def other_browser(self, *arguments):
        browser = Browser(self.system.base_port, arguments)
        try:
            yield browser
        finally:
            browser.close()

    def requested(self):
        """The programs that were asked for until now; nothing was asked of another host."""
        urls = self.browser.do("requests")
        self.assertEqual([url for url in urls if not url.startswith((self.browser.base, "blob:", "data:"))], [])
        return [url for url in urls if url.endswith(".wasm")]

    def drawn(self, tab, text, code):
        """Modules of a label, as our own page prints it."""
        if code == "qr":
            return tab.run(f"import('{module('js/staff/qr.')}').then(({{ qr }}) => qr('{text}')"
                           ".map((row) => row.map(Number)))")
        bars = tab.run(f"import('{module('js/staff/code128.')}').then(({{ code128 }}) => code128('{text}'))")
        return [[int(i % 2 == 0) for i, width in enumerate(bars) for _ in range(width)]] * BAR_HEIGHT

    def test_order_is_picked_by_a_camera(self):
        """Our labels one after the other, in QR and in bars; the film goes on from its beginning, so
        that whatever was missed comes again. The reader is ours, and comes when it is wanted."""
        order = self.ordered(self.shelved("drill", 2), 2)
        tab = self.station()
        self.assertFalse(tab.run("'BarcodeDetector' in window"), "this browser reads codes itself")
        labels = [("command", "PICK"), ("order", order), ("tote", "T-70"), ("asset", "DRILL-1"), ("asset", "DRILL-2")]
        write_film(self.film, [picture(self.drawn(tab, own_label(*label), ("qr", "bars")[i % 2]))
                               for i, label in enumerate(labels)])
        before = len(self.requested())
        tab.click(ON)
        tab.sees("text=Hold one label in the frame")
        tab.sees(f"css=.station-last >> text=Order {order} is picked: tote T-70", timeout_s=90)
        self.delivery_is(order, "PICKED")
        tab.shot("staff-camera-360")
        tab.resize(1024, 768)
        tab.shot("staff-camera-1024")
        tab.click("role=button[name='Camera off']")
        tab.sees_no_more("css=video")
        self.assertEqual(set(self.requested()[before:]), {self.browser.base + module("vendor/zxing/reader.")})
        self.web.delete(f"/rentals/{order}")

    def test_codes_of_others(self):
        """EAN, GS1 DataMatrix and GS1-128 come with what says so: units are received by them."""
        product = self.web.post("/products", {"name": "saw", "tracking": "serialised", "size": "S", "gtin": "0" + GTIN})
        self.assertEqual(product.status, 201, product)
        self.known(product.json["id"])
        write_film(self.film, [picture(code_of("EAN13", GTIN)),
                               picture(code_of("DataMatrix", f"(01)0{GTIN}(21)S1", "gs1")),
                               picture(code_of("Code128", f"(01)0{GTIN}(21)S2", "gs1")),
                               picture(code_of("QRCode", f"(01)0{GTIN}(21)S3", "gs1"))])
        tab = self.station()
        tab.click("role=button[name=Receive]")
        tab.sees("css=.station-last >> text=RECEIVE")
        tab.click(ON)
        for serial in ("S1", "S2", "S3"):
            tab.sees(f"css=.station-last li[data-tone=good] >> text={serial}", timeout_s=90)
        tab.click("role=button[name='Camera off']")
        tab.fill("css=#scan", own_label("bin", "A9"))
        tab.press("Enter")
        self.eventually(lambda: {one["label"] for one in self.web.all_items("/assets", "assets")
                                 if one["productId"] == product.json["id"]},
                        {f"sgtin:0{GTIN}.S{i}" for i in (1, 2, 3)}, "units by their serial numbers")

    def test_a_browser_that_reads_codes(self):
        """Then its reader is used; a label counts once for as long as it is in sight, and the one
        in the middle is meant. When it gives up, ours goes on."""
        tab = self.station()
        label, other = own_label("command", "COUNT"), own_label("command", "LOAD")
        tab.run("void (window.BarcodeDetector = class {"
                " static async getSupportedFormats() { return ['qr_code', 'code_128']; }"
                " async detect({ width, height }) { window.looks = (window.looks || 0) + 1;"
                " if (window.ends) throw new Error('gone');"
                " const at = (x, rawValue) => ({ format: 'qr_code', rawValue,"
                " boundingBox: { x, y: height / 2, width: 0, height: 0 } });"
                f" return [at(0, '{other}'), at(width / 2, '{label}')]; }} }})")
        write_film(self.film, [picture(self.drawn(tab, own_label("command", "PICK"), "qr"))])
        tab.click(ON)
        tab.sees("css=.station-last li:first-child >> text=COUNT")
        looks = tab.run("window.looks")
        self.eventually(lambda: tab.run("window.looks") > looks + LOOKS_LONGER_THAN_A_BOUNCE, True, "more looks")
        self.assertEqual(tab.count("css=.station-last li"), 1)
        tab.run("void (window.ends = true)")
        tab.sees("css=.station-last li:first-child >> text=PICK", timeout_s=60)

    def test_what_a_browser_reads_is_told_as_a_scanner_tells_it(self):
        tab = self.station()

        def aimed(form, text):
            return tab.run(f"import('{module('js/staff/sight.')}').then(({{ aimed }}) =>"
                           f" aimed({json.dumps(form)}, {json.dumps(text)}))")

        fnc1 = "\x1d"
        for form, text, told in [
                ("qr_code", "LS:A:LT-7:S", "LS:A:LT-7:S"), ("ean_13", GTIN, "]E0" + GTIN),
                ("ean_8", "96385074", "]E4" + "96385074"), ("upc_a", "036000291452", "]E0" + "036000291452"),
                ("data_matrix", fnc1 + "21LT7", "]d2" + "21LT7"),
                ("code_128", f"010{GTIN}21LT7", f"]C1010{GTIN}21LT7"),
                ("qr_code", f"21LT7{fnc1}10B", f"]Q321LT7{fnc1}10B"),
                ("code_128", "]C1" + f"010{GTIN}", "]C1" + f"010{GTIN}"),
                ("code_128", "0104006381333932", "0104006381333932")]:
            self.assertEqual(aimed(form, text), told)

    def test_what_is_missing_is_said(self):
        for argument, sentence in [(f"{ALLOWED}=deny", "The browser keeps the camera shut"),
                                   ("--use-fake-device-for-media-stream=device-count=0", "There is no camera here")]:
            with self.subTest(sentence), self.other_browser(FAKE, argument) as browser:
                tab = self.person(browser).tab(SCAN)
                tab.click(ON)
                tab.sees(f"role=alert >> text={sentence}")
                tab.sees("role=button[name='Try now']")
                tab.resize(360, WHOLE_PAGE)
                self.assert_clean(tab, sentence)
                tab.resize(360)
                tab.shot("staff-camera-" + sentence.split()[-1])
                tab.click("role=button[name='Not now']")
                tab.sees(ON)
                self.assert_no_complaints(browser)

    def test_page_of_another_computer_without_https(self):
        with self.other_browser("--host-resolver-rules=MAP warehouse.test 127.0.0.1", FAKE, ALLOWED) as browser:
            browser.base = f"http://warehouse.test:{self.system.base_port}"
            tab = self.person(browser).tab(SCAN)
            tab.click(ON)
            tab.sees("role=alert >> text=Browsers give no camera to this address")

    def test_camera_that_goes_away_and_its_light(self):
        tab = self.station()
        tab.click(ON)
        tab.sees("text=This camera has no light")
        tab.run("document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
        tab.sees("role=alert >> text=The camera was taken away")
        tab.run("void Object.assign(MediaStreamTrack.prototype, { getCapabilities: () => ({ torch: true }),"
                " applyConstraints: async ({ advanced: [{ torch }] }) => { if (window.fails) throw Error(); } })")
        tab.click("role=button[name='Try now']")
        tab.click("role=button[name=Light]")
        tab.sees("role=button[name=Light][pressed]")
        tab.shot("staff-camera-light-360")
        tab.run("void (window.fails = true)")
        tab.click("role=button[name=Light]")
        tab.sees("text=This camera has no light")

    def test_reader_that_does_not_come(self):
        person = self.person(serviceWorkers="block")
        person.fake(module("vendor/zxing/reader."), {}, 503)
        tab = person.tab(SCAN)
        self.addCleanup(tab.close)
        tab.click(ON)
        tab.sees("role=alert >> text=What reads codes could not be loaded")
        self.assertNotEqual(self.browser.complaints(), [])  # the console says why

    def test_only_this_page_may_compile(self):
        tab = self.station()
        self.assertTrue(tab.run(COMPILES))
        tab.goto("/ui/staff/picks")
        self.assertFalse(tab.run(COMPILES))
        self.browser.complaints()


if __name__ == "__main__":
    main()
