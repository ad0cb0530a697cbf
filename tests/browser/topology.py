#!/usr/bin/env python3
"""The map of the system: every process in it, who is not well, why, and what changed."""

import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.browser_case import BrowserCase, main
from harness.system import BROKER, SERVICES

PATH = "/ui/office/topology"

# Labels that lie on another, or on a node.
HIDDEN = """(() => {
    const boxes = (selector) => [...document.querySelectorAll(selector)].map((one) =>
        [one.parentNode.textContent, one.getBoundingClientRect()]);
    const plates = boxes(".topo .plate"), nodes = boxes(".topo .node");
    const overlap = ([, a], [, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return plates.flatMap((one, i) => [...plates.slice(i + 1), ...nodes].filter((other) => overlap(one, other))
        .map((other) => one[0] + " on " + other[0]));
})()"""


class Topology(BrowserCase):
    def open(self, path=PATH, **person):
        tab = self.browser.person(**{"width": 1440, **person}).tab(path)
        tab.sees("css=svg.topo")
        return tab

    def wait_all_ready(self):
        def states():
            answer = self.web.get("/processes").json["_embedded"]["processes"]
            return {process["state"] for process in answer}
        self.eventually(states, {"ready"}, "all to be ready", 30)

    def test_every_process_is_in_the_map_and_in_the_table(self):
        self.wait_all_ready()
        tab = self.open()
        for name in ("people", "bridge", "broker", "lockers", "scanners", *SERVICES):
            self.assertEqual(tab.count(f"css=svg.topo [data-node={name}]"), 1, name)
        for name in ("bridge", *SERVICES):
            tab.sees(f"role=row[name=/^{name} Ready/]")
        tab.sees("role=row[name=/^delivery to rental/]")
        tab.sees("text=Nothing needs you")

    def busy(self, person):
        """Everything moves, two streams are behind, one process is silent: a label on every line."""
        answer = self.web.get("/processes").json
        for i, process in enumerate(answer["_embedded"]["processes"]):
            status = process["status"]
            status.update(requests=140 + 977 * i, eventsOut=500, periodMs=2000)
            for j, stream in enumerate(status["follows"]):
                stream.update(events=31 * (i + 1) + 7 * j, lag=(214, 5210, 3)[j % 3] if i == 3 else 3)
            if "deviceMessages" in status:
                status["deviceMessages"] = 9
        person.fake("/processes", answer)
        return person.tab(PATH)

    def test_no_label_hides_another(self):
        self.wait_all_ready()
        for width in (1440, 360):
            for lang in ("en", "ko"):
                tab = self.busy(self.browser.person(width=width, lang=lang))
                for shows in range(3):
                    with self.subTest(width=width, lang=lang, shows=shows):
                        tab.click(f"css=.page-head .choices button >> nth={shows}")
                        tab.sees(f"css=.page-head .choices button:nth-child({shows + 1})[aria-pressed=true]")
                        self.assertGreater(tab.count("css=.topo .plate"), 2)
                        self.assertEqual(tab.run(HIDDEN), [])
                        tab.shot(f"office-topology-busy-{shows}-light-{lang}-{width}", full=True)

    def test_work_shows_on_the_lines(self):
        product = self.register("lamp", 500)
        tab = self.open()
        tab.click("role=button[name=Requests]")
        for _ in range(20):
            self.order(product)
        tab.sees(r"css=svg.topo text >> text=/^[\d.]+\/s$/")
        tab.shot("office-topology-requests-light-en-1440", full=True)
        tab.click("css=svg.topo [data-node=rental]")
        self.assertEqual(tab.path(), PATH + "/rental")
        tab.sees("css=.page-side h2 >> text=rental")
        tab.sees("css=.page-side >> text=Takes orders")
        tab.press("j")
        self.assertEqual(tab.path(), PATH + "/product")
        tab.press("Escape")
        self.assertEqual(tab.path(), PATH)

    def test_one_that_hangs_and_one_that_ended_draw_the_eye_and_say_why(self):
        self.wait_all_ready()
        tab = self.open()
        tab.sees("text=Nothing needs you")
        self.system.signal("lockstock-stock", signal.SIGSTOP)
        try:
            tab.sees("css=svg.topo [data-node=stock][data-tone=bad]", 20)
            tab.sees("text=1 failing")
            tab.click("role=button[name=/^stock Silent/]")
            tab.sees("css=.page-side >> text=/It said nothing for/")
            tab.shot("office-topology-silent-light-en-1440", full=True)
        finally:
            self.system.signal("lockstock-stock", signal.SIGCONT)
        tab.sees("css=svg.topo [data-node=stock]:not([data-tone])", 20)
        tab.sees("css=.tail >> text=stock")
        tall = "Math.max(...[...document.querySelectorAll('.tail li')].map((li) => li.offsetHeight))"
        self.assertLess(tab.run(tall), 100)
        with self.system.down("lockstock-information"):
            tab.sees("css=svg.topo [data-node=information][data-tone=bad]", 20)
            tab.sees("role=row[name=/^information Offline/]")
        tab.sees("css=svg.topo [data-node=information]:not([data-tone])", 30)

    def test_what_one_owes_is_said_in_words_and_with_the_figures(self):
        self.wait_all_ready()
        answer = self.web.get("/processes").json
        (stock,) = [one for one in answer["_embedded"]["processes"] if one["instance"] == "stock"]
        stock["degraded"] = [
            {"reason": "stuck", "since": answer["at"],
             "text": "stands at event 4711 of delivery for 73 s, which is at 4790: look whether delivery runs, "
                     "and in both logs"},
            {"reason": "disk", "since": answer["at"],
             "text": "180 MiB are free where the database lies, less than 256 (--disk-free-mib): make room"},
            {"reason": "from-the-future", "since": answer["at"], "text": "what only newer programs know"}]
        for lang, state, owes in (("en", "Degraded", "little disk space"), ("ko", "주의", "디스크 부족")):
            for width in (1440, 360):
                person = self.browser.person(width=width, lang=lang)
                person.fake("/processes", answer)
                tab = person.tab(PATH)
                tab.sees("css=svg.topo [data-node=stock][data-tone=warn]")
                tab.sees(f"role=row[name=/^stock {state}/]")
                tab.goto(PATH + "/stock")
                tab.sees(f"css=.page-side >> text={owes}")
                tab.sees("css=.page-side >> text=180 MiB are free")
                tab.sees("css=.page-side >> text=what only newer programs know")
                self.assert_clean(tab, f"{lang}-{width}, one that owes")
                tab.shot(f"office-topology-owes-light-{lang}-{width}", full=True)

    def test_broker_away_nothing_is_claimed_of_others(self):
        self.wait_all_ready()
        tab = self.open()
        with self.system.down(BROKER):
            tab.sees("css=svg.topo [data-node=broker][data-tone=bad]", 20)
            tab.sees("role=row[name=/^stock Not known/]", 20)
            tab.sees("role=row[name=/^bridge Not ready/]", 20)
            tab.click("css=svg.topo [data-node=broker]")
            tab.sees("css=.page-side >> text=/cannot reach the broker/")
            tab.shot("office-topology-no-broker-light-en-1440", full=True)
        tab.sees("css=svg.topo [data-node=broker]:not([data-tone])", 30)

    def test_look_back_and_live_again(self):
        self.wait_all_ready()
        tab = self.open()
        tab.press("p")
        tab.sees("role=button[name=Live]")
        held = tab.text("css=.lookback > .small")
        tab.run("""new Promise((done) => {
            const heard = () => performance.getEntriesByType("resource")
                .filter((one) => one.name.endsWith("/processes")).length;
            const before = heard();
            const look = () => heard() >= before + 2 ? done() : requestAnimationFrame(look);
            look();
        })""")
        self.assertEqual(tab.text("css=.lookback > .small"), held)
        tab.press("p")
        tab.sees("role=button[name=Pause]")

    def is_sampled_as_offline(self, instance, since):
        samples = self.web.get(f"/processes/history?since={since}").json["_embedded"]["samples"]
        return any((process["instance"], process["state"]) == (instance, "offline")
                   for sample in samples for process in sample["processes"])

    def test_what_was_before_the_page_was_opened_is_there(self):
        self.wait_all_ready()
        since = self.web.get("/processes").json["at"]  # tests before this one have had others away
        with self.system.down("lockstock-product"):
            self.eventually(lambda: self.is_sampled_as_offline("product", since), True, "a sample of it", 20)
        self.wait_all_ready()
        tab = self.open()
        tab.sees("css=.tail >> text=product")
        tab.sees("css=.tail >> text=Offline")
        tab.run("document.querySelector('.lookback input').focus()")
        for _ in range(60):
            if tab.count("css=svg.topo [data-node=product][data-tone=bad]"):
                break
            tab.press("ArrowLeft")
        tab.sees("css=svg.topo [data-node=product][data-tone=bad]")
        tab.shot("office-topology-back-light-en-1440", full=True)
        tab.click("role=button[name=Live]")
        tab.sees("css=svg.topo [data-node=product]:not([data-tone])")

    def test_clean_in_every_look(self):
        self.wait_all_ready()
        for theme, lang, width in (("light", "en", 1440), ("dark", "ko", 1440), ("light", "ko", 768),
                                   ("dark", "en", 360), ("light", "ko", 320)):
            what = f"{theme}-{lang}-{width}"
            tab = self.open(theme=theme, lang=lang, width=width)
            self.assert_clean(tab, what)
            tab.shot(f"office-topology-{what}", full=True)
            tab.goto(PATH + "/delivery")
            tab.sees("css=.page-side h2 >> text=delivery")
            self.assert_clean(tab, what + ", one chosen")
            tab.shot(f"office-topology-chosen-{what}")


if __name__ == "__main__":
    main()
