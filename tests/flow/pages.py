#!/usr/bin/env python3
"""Pages of a folder over HTTP: who gets a page at /, caching, compression, policy; and that the
index of the API is as it was for everybody else. The pages are a few made-up files."""

import gzip
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import System
from harness.web import Web

HTML, SCRIPT = b"<!doctype html><title>Lockstock</title>", b"start();" * 200
SCRIPT_PATH = "/ui/js/app.3fa9c1d2.js"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}
OTHERS = {"curl": {"Accept": "*/*"}, "nothing": {}, "HTTPie": {"Accept": "application/json, */*;q=0.5"},
          "a HAL client": {"Accept": "application/hal+json, application/json, */*; q=0.01"}}


def make_pages(folder):
    (folder / "js").mkdir()
    (folder / "index.html").write_bytes(HTML)
    (folder / "js" / "app.js").write_bytes(SCRIPT)
    (folder / "js" / "app.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "manifest.json").write_text(json.dumps({
        "files": [{"path": "/ui/", "file": "index.html", "type": "text/html; charset=utf-8", "immutable": False},
                  {"path": SCRIPT_PATH, "file": "js/app.js", "type": "text/javascript; charset=utf-8",
                   "gzip": "js/app.js.gz", "immutable": True}], "wasm": ["/ui/staff/scan"]}))


class PagesCase(SystemCase):
    """A system whose bridge serves the pages of `folder`."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="lockstock-pages-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        make_pages(cls.folder)
        cls.extra_args = ("--set", f"bridge.pages={cls.folder}")
        super().setUpClass()


class Pages(PagesCase):
    def test_index_is_the_page_for_browsers_and_todays_json_for_others(self):
        page = self.web.get("/", headers=BROWSER)
        self.assertEqual((page.status, page.media_type, page.body), (200, "text/html", HTML))
        links = {name: {"href": f"http://127.0.0.1:{self.system.base_port}{path}"} for name, path in (
            ("self", "/"), ("products", "/products"), ("rentalProducts", "/rentals/products"),
            ("rentals", "/rentals"), ("deliveryProducts", "/deliveries/products"),
            ("deliveries", "/deliveries"), ("lockers", "/lockers"), ("assets", "/assets"))}
        for name, headers in OTHERS.items():
            with self.subTest(name):
                answer = self.web.get("/", headers=headers)
                self.assertEqual((answer.status, answer.media_type), (200, "application/hal+json"))
                self.assertTrue(answer.body.startswith(
                    json.dumps({"_links": links}, separators=(",", ":")).encode()[:-2]), answer)
                self.assertNotIn("Content-Security-Policy", answer.headers)

    def test_other_ports_have_no_pages(self):
        for offset in (1, 2, 3, 4):
            web = Web(self.system.base_port + offset)
            self.assertEqual(web.get("/", headers=BROWSER).media_type, "application/hal+json")
            self.assert_problem(web.get("/ui/", headers=BROWSER), 404, "unknown-path")

    def test_routes_of_the_page_are_the_page(self):
        for path in ("/ui", "/ui/", "/ui/shop/7", "/ui/office/orders?q=laptop"):
            answer = self.web.get(path)
            self.assertEqual((answer.status, answer.body, answer.headers["Cache-Control"]),
                             (200, HTML, "no-cache"))
        for path in ("/ui/none.js", "/ui/../manifest.json", "/ui/manifest.json", "/ui/js/app.js"):
            self.assert_problem(self.web.get(path), 404, "unknown-path")

    def test_the_browser_asks_again_and_is_told_that_nothing_changed(self):
        first = self.web.get("/ui/")
        again = self.web.get("/ui/", headers={"If-None-Match": first.headers["ETag"]})
        self.assertEqual((again.status, again.body, again.headers["ETag"]), (304, b"", first.headers["ETag"]))

    def test_files_are_compressed_for_who_takes_it_and_kept_for_ever(self):
        packed = self.web.get(SCRIPT_PATH, headers={"Accept-Encoding": "gzip, br"})
        self.assertEqual((packed.headers["Content-Encoding"], gzip.decompress(packed.body)), ("gzip", SCRIPT))
        plain = self.web.get(SCRIPT_PATH)
        self.assertEqual((plain.headers["Content-Encoding"], plain.body), (None, SCRIPT))
        for answer in (packed, plain):
            self.assertEqual(answer.headers["Cache-Control"], "public, max-age=31536000, immutable")
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        head = self.web.request("HEAD", SCRIPT_PATH)
        self.assertEqual((head.status, head.body, head.headers["Content-Length"]), (200, b"", str(len(SCRIPT))))
        self.assertEqual(self.web.request("OPTIONS", SCRIPT_PATH).headers["Allow"], "GET, HEAD, OPTIONS")
        self.assert_problem(self.web.post("/ui/", {}), 405, "method-not-allowed")

    def test_policy_allows_nothing_from_elsewhere(self):
        for path, may_compile in (("/ui/", False), (SCRIPT_PATH, False), ("/ui/staff/scan", True)):
            headers = self.web.get(path).headers
            policy = headers["Content-Security-Policy"]
            self.assertTrue(policy.startswith("default-src 'self';"), policy)
            self.assertNotIn("unsafe-inline", policy)
            self.assertEqual("'wasm-unsafe-eval'" in policy, may_compile)
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(headers["Cross-Origin-Opener-Policy"], "same-origin")


class NoPages(unittest.TestCase):
    def test_a_folder_that_was_named_and_has_no_pages_ends_the_start(self):
        system = System(extra_args=("--set", "bridge.pages=/nowhere"))
        self.addCleanup(system.close)
        with self.assertRaises(RuntimeError):
            system.start()
        log = (system.dir / "log" / "lockstock-bridge.log").read_text()
        self.assertIn("--pages /nowhere", log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
