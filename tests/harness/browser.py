"""A real browser (Debian's chromium, by playwright) on a running system, as a person uses it."""

import base64
import json
import os
import pathlib
import shutil
import subprocess

from .system import ROOT, default_build_dir

SOURCE = ROOT / "tests" / "browser"
ANSWER_BYTES_MAX = 1 << 24


class BrowserError(AssertionError):
    """What the browser could not do, or did not find."""


class NoBrowser(Exception):
    """What is missing on this machine, in a sentence."""


def programs():
    """The path of chromium, when all that these tests need is here."""
    program = shutil.which("chromium")
    if program is None or shutil.which("node") is None:
        raise NoBrowser("chromium or node is not here: deploy/bootstrap --tests brings them")
    if not (default_build_dir() / "pages" / "manifest.json").exists():
        raise NoBrowser("there are no pages in the build folder: npm could not bring what they need")
    return program


def packages():
    """The folder with what tests/browser/package-lock.json names; npm brings it once."""
    folder = default_build_dir() / "browser-npm"
    wanted = (SOURCE / "package-lock.json").read_bytes()
    stamp = folder / "fetched.json"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return folder
    if shutil.which("npm") is None:
        raise NoBrowser("npm is not here: deploy/bootstrap --tests brings it")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(SOURCE / name, folder / name)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoBrowser("npm cannot bring playwright-core and axe-core: " + done.stderr[:400])
    stamp.write_bytes(wanted)
    return folder


class Browser:
    """One chromium for a test class. arguments: more of chromium's own."""

    def __init__(self, base_port, arguments=()):
        self.base = f"http://127.0.0.1:{base_port}"
        self.count = 0
        environment = {**os.environ, "BROWSER_NPM": str(packages()), "BROWSER_PROGRAM": programs(),
                       "BROWSER_ARGS": json.dumps(list(arguments))}
        self.process = subprocess.Popen(["node", str(SOURCE / "driver.mjs")], env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def do(self, what, **rest):
        self.count += 1
        self.process.stdin.write(json.dumps({"id": self.count, "do": what, **rest}).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline(ANSWER_BYTES_MAX)
        if not line:
            raise BrowserError(f"the browser ended during {what} {rest}")
        answer = json.loads(line)
        if "error" in answer:
            raise BrowserError(f"{what} {rest}: {answer['error']}")
        return answer["value"]

    def person(self, theme="light", lang="en", width=360, keep=None, **options):
        """A browser of somebody's own: nothing is shared with others. keep: {name: value} that it
        remembers from earlier visits."""
        self.count += 1
        name = f"person-{self.count}"
        kept = {f"lockstock.{key}": json.dumps(value) for key, value in (keep or {}).items()}
        self.do("context", name=name, keep=kept, options={
            "viewport": {"width": width, "height": 800 if width < 700 else 900}, "colorScheme": theme,
            "locale": "ko-KR" if lang == "ko" else "en-GB", "serviceWorkers": "allow", **options})
        return Person(self, name)

    def complaints(self):
        """What consoles and pages have found fault with since the last question."""
        return self.do("complaints")

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.process.stdout.close()


class Person:
    """Somebody with tabs."""

    def __init__(self, browser, name):
        self.browser, self.name = browser, name

    def tab(self, path):
        """A new tab on an address of ours."""
        self.browser.count += 1
        tab = Tab(self.browser, f"{self.name}-tab-{self.browser.count}")
        self.browser.do("page", name=tab.name, context=self.name)
        tab.goto(path)
        return tab

    def fake(self, path, body, status=200):
        """From now on this person's requests of `path` are answered so."""
        self.browser.do("fake", context=self.name, path=path, status=status, body=json.dumps(body))


class Tab:
    """One page. Selectors are playwright's: css, 'text=...', 'role=button[name="Order"]'."""

    def __init__(self, browser, name):
        self.browser, self.name = browser, name

    def goto(self, path):
        return self._call("goto", self.browser.base + path)

    def _call(self, method, *args):
        return self.browser.do("call", page=self.name, method=method, args=list(args))

    def _on(self, selector, method, *args):
        return self.browser.do("on", page=self.name, selector=selector, method=method, args=list(args))

    def sees(self, selector, timeout_s=30):
        """Waits until it is visible."""
        self._on(f"{selector} >> nth=0", "waitFor", {"state": "visible", "timeout": timeout_s * 1000})

    def sees_no_more(self, selector, timeout_s=30):
        self._on(f"{selector} >> nth=0", "waitFor", {"state": "hidden", "timeout": timeout_s * 1000})

    def click(self, selector):
        self._on(selector, "click")

    def fill(self, selector, text):
        self._on(selector, "fill", text)

    def press(self, key):
        self.browser.do("key", page=self.name, key=key)

    def text(self, selector):
        return self._on(selector, "innerText")

    def count(self, selector):
        return self._on(selector, "count")

    def run(self, script):
        """The value of a JavaScript expression."""
        return self._call("evaluate", script)

    def path(self):
        return self.run("location.pathname")

    def close(self):
        self._call("close")

    def resize(self, width, height=800):
        self._call("setViewportSize", {"width": width, "height": height})

    def overflow(self):
        """By how many pixels the page is wider than the window."""
        return self.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def audit(self):
        return self.browser.do("audit", page=self.name)

    def vision(self, kind):
        """From now on the page is seen by somebody with "deuteranopia", "achromatopsia" or "none"."""
        self.browser.do("vision", page=self.name, type=kind)

    def picture(self, selector):
        """What is shown of one element, as the bytes of a PNG."""
        return base64.b64decode(self.browser.do("picture", page=self.name, selector=selector))

    def shot(self, name, full=False):
        """A picture, kept in the build folder, when LOCKSTOCK_SHOTS is set."""
        if "LOCKSTOCK_SHOTS" not in os.environ:
            return
        folder = default_build_dir() / "shots"
        folder.mkdir(exist_ok=True)
        path = pathlib.Path(folder, name + ".png")
        self.browser.do("shot", page=self.name, path=str(path), fullPage=full)
