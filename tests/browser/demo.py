#!/usr/bin/env python3
"""The bar of the demo: on the wall and at home while a simulator runs; what it makes happen is seen on the
doors."""

import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.browser import Browser
from harness.browser_case import WHOLE_PAGE, CleanPages, main
from harness.cases import SystemCase
from harness.wait import wait_until

BAR = "css=.demo"
MEND = "css=.demo >> text=/^Mend /"
LONG_S = 60


def button(name):
    return f"css=.demo >> role=button[name='{name}']"


class Demo(CleanPages, SystemCase):
    extra_args = ("--demo",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            cls.browser = Browser(cls.system.base_port)
        except BaseException:
            super().tearDownClass()
            raise
        wait_until(lambda: cls.system.web.post("/simulator/actions", {"action": "speed", "speedPercent": 500})
                   .status == 200, "the simulator to listen", LONG_S)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        super().tearDownClass()

    def wall(self, **person):
        tab = self.browser.person(**{"width": 1440, **person}).tab("/ui/office/wall")
        tab.sees(BAR, LONG_S)
        tab.sees("css=.tile")
        return tab

    def mends_the_last(self, tab):
        tab.click(f"{MEND} >> nth=0")
        tab.sees("css=.demo >> text=Somebody mends the door.")
        return not tab.count(MEND)

    def test_1_it_is_for_everybody(self):
        for theme, lang in (("light", "en"), ("dark", "ko")):
            for path, name in (("/ui/office/wall", "wall"), ("/ui/", "home")):
                tab = self.browser.person(theme, lang).tab(path)
                tab.sees(BAR, LONG_S)
                tab.shot(f"demo-{name}-360-{lang}")
                tab.resize(360, WHOLE_PAGE)
                self.assert_clean(tab, name)
                for width in (320, 1440):
                    tab.resize(width, 900)
                    self.assertLessEqual(tab.overflow(), 0, width)
                tab.shot(f"demo-{name}-1440-{lang}")
                tab.close()

    def test_2_a_door_jams_and_is_mended(self):
        tab = self.wall()
        tab.click(button("1×"))
        wait_until(lambda: self.web.get("/simulator").json["speedPercent"] == 100, "people to slow down")
        tab.click(button("5×"))
        # Nobody may be about to open a door: then it says so, and one presses again.
        wait_until(lambda: tab.click(button("Jam a door")) or tab.count(MEND),
                   "a door that is to be opened", LONG_S)
        tab.sees("css=.tile[data-state=jammed]", LONG_S)
        tab.shot("demo-jammed-1440-en")
        wait_until(lambda: self.mends_the_last(tab), "all doors to be mended", LONG_S)
        tab.sees_no_more("css=.tile[data-state=jammed]", LONG_S)

    def test_3_a_network_is_cut_by_keyboard(self):
        tab = self.wall()
        tab.run("[...document.querySelectorAll('.demo button')].find((one) => "
                "one.textContent.includes('Cut off Lobby')).focus()")
        tab.press("Enter")
        tab.sees("css=.tile[data-state=offline]")
        tab.sees(button("Reconnect Lobby"))
        tab.press("Enter")
        tab.sees_no_more("css=.tile[data-state=offline]", LONG_S)

    def test_4_the_impatient_customer_types_wrong_codes(self):
        tab = self.wall()
        tab.click(button("Send an impatient customer"))
        tab.sees("css=.demo >> text=/^The impatient customer is here/")
        tab.sees("css=.tail >> text=Wrong code", LONG_S)

    def test_5_without_a_simulator_there_is_no_bar(self):
        tab = self.wall()
        tab.click("css=.tile >> nth=0")
        tab.sees("text=Jam this door")
        demo = self.system.dir / "run" / "demo.pid"
        os.kill(int(demo.read_text()), signal.SIGTERM)
        tab.sees_no_more(BAR)
        tab.sees_no_more("text=Jam this door")
        self.assertEqual(self.web.get("/simulator").status, 404)


if __name__ == "__main__":
    main()
