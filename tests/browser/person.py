#!/usr/bin/env python3
"""Pages of a closed Lockstock: an invitation, signing in, one's own orders and nobody else's, what a role may not
see, a session that ends while a page is open, and nothing of somebody left for whoever signs in next."""

import hashlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.browser import Browser
from harness.browser_case import CleanPages, main
from harness.cases import SystemCase
from harness.system import System

ACCOUNT = "lockstock-account"
PASSWORD = "correct horse battery"
PROCESSES = ("product", "rental", "delivery", "stock", "information", "account", "bridge")


class Person(CleanPages, SystemCase):
    @classmethod
    def make_system(cls):
        settings = [part for name in PROCESSES for part in ("--set", f"{name}.access=closed")]
        return System(with_accounts=True, extra_args=[*settings, "--set", "bridge.request-timeout-ms=30000"])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            cls.browser = Browser(cls.system.base_port)
        except BaseException:
            super().tearDownClass()
            raise
        cls.link("boss", "operator")
        cls.system.web.post("/passwords", {"link": "link-of-boss", "password": PASSWORD})
        token = cls.system.web.post("/sessions", {"login": "boss", "password": PASSWORD}).json["token"]
        cls.boss = {"Authorization": f"Bearer {token}"}
        cls.product = cls.system.web.post("/products", {"name": "lathe", "qty": 50}, headers=cls.boss).json["id"]

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        super().tearDownClass()

    @classmethod
    def link(cls, login, role):
        """Invites; customers have an account each. Returns what stands behind the # of the link."""
        link = f"link-of-{login}"
        wish = {"login": login, "name": login.capitalize(), "role": role,
                "linkHash": hashlib.sha256(link.encode()).hexdigest()}
        if role == "customer":
            wish["account"] = cls.admin("account-create", {"name": f"{login} Ltd"})["id"]
        cls.admin("person-create", wish)
        return link

    @classmethod
    def admin(cls, method, wish):
        answer = cls.system.admin(ACCOUNT).post(f"/requests/{method}", wish)
        assert answer.status == 200, answer
        return answer.json

    def invited(self, login, role):
        answer = self.web.post("/passwords", {"link": self.link(login, role), "password": PASSWORD})
        self.assertEqual(answer.status, 204)
        return login

    def sign_in(self, tab, login, password=PASSWORD):
        tab.sees("role=heading[name='Sign in']")
        tab.fill("css=#login", login)
        tab.fill("css=#password", password)
        tab.click("role=button[name='Sign in']")

    def test_from_the_link_to_an_order(self):
        link = self.link("carla", "customer")
        tab = self.browser.person().tab(f"/ui/welcome#{link}")
        tab.sees("role=heading[name='Choose a password']")
        tab.fill("css=#password", "short")
        tab.fill("css=#same", "short")
        tab.click("role=button[name='Save it']")
        tab.sees("text=5 more characters, please.")
        tab.fill("css=#password", PASSWORD)
        tab.click("role=button[name='Save it']")
        tab.sees("text=These are not the same.")
        tab.fill("css=#same", PASSWORD)
        tab.click("role=button[name='Save it']")
        tab.sees("text=Your password is saved.")
        self.sign_in(tab, "carla", "something else")
        tab.sees("text=That name and password do not belong together.")
        self.sign_in(tab, "carla")
        tab.click("role=link[name=/lathe/]")
        tab.click("role=button[name=/^Order/]")
        tab.sees("css=.timeline")
        again = self.browser.person().tab(f"/ui/welcome#{link}")
        again.fill("css=#password", PASSWORD)
        again.fill("css=#same", PASSWORD)
        again.click("role=button[name='Save it']")
        again.sees("text=This link is over")

    def test_orders_are_ones_own_on_every_device(self):
        self.invited("dora", "customer")
        self.invited("emil", "customer")
        dora = self.browser.person().tab("/ui/shop")
        self.sign_in(dora, "dora")
        dora.click("role=link[name=/lathe/]")
        dora.click("role=button[name=/^Order/]")
        dora.sees("css=.timeline")
        path = dora.path()
        phone = self.browser.person(width=360).tab("/ui/orders")
        self.sign_in(phone, "dora")
        phone.sees(f"css=a[href='{path}']")
        emil = self.browser.person().tab(path)
        self.sign_in(emil, "emil")
        emil.sees("css=.blank")
        self.assertEqual(emil.count("css=.timeline"), 0)
        emil.goto("/ui/orders")
        emil.sees("css=.blank")
        self.assertEqual(emil.count(f"css=a[href='{path}']"), 0)

    def test_a_role_does_not_see_everything(self):
        self.invited("pia", "picker")
        tab = self.browser.person().tab("/ui/")
        self.sign_in(tab, "pia")
        tab.sees("css=.floor")
        tab.goto("/ui/office/wall")
        tab.sees("text=Not part of your work")

    def test_sign_out_leaves_nothing(self):
        self.invited("finn", "customer")
        self.invited("gala", "customer")
        person = self.browser.person()
        tab = person.tab("/ui/shop")
        self.sign_in(tab, "finn")
        tab.click("role=link[name=/lathe/]")
        tab.click("role=button[name=/^Order/]")
        tab.sees("css=.timeline")
        other = person.tab("/ui/orders")
        other.sees("css=.goods >> text=lathe")
        tab.goto("/ui/me")
        tab.sees("role=heading[name='Finn']")
        tab.click("role=button[name='Sign out']")
        tab.sees("role=heading[name='Sign in']")
        other.sees("role=heading[name='Sign in']")
        kept = tab.run("Object.keys(localStorage).filter((key) => !/language|theme|who$/.test(key))")
        self.assertEqual(kept, [])
        self.sign_in(tab, "gala")
        tab.goto("/ui/orders")
        tab.sees("css=.blank")

    def test_a_session_that_ends_while_a_page_is_open(self):
        self.invited("hugo", "operator")
        person = self.browser.person()
        tab = person.tab("/ui/office/orders")
        self.sign_in(tab, "hugo")
        tab.sees("css=.console")
        phone = self.browser.person().tab("/ui/me")
        self.sign_in(phone, "hugo")
        phone.click("role=button[name='Sign out everywhere']")
        phone.click("role=dialog >> role=button[name='Sign out everywhere']")
        phone.sees("role=heading[name='Sign in']")
        tab.sees("text=You were signed out.")
        self.sign_in(tab, "hugo")
        tab.sees("css=.console")
        self.assertEqual(tab.path(), "/ui/office/orders")

    def test_looks(self):
        self.invited("ines", "customer")
        for theme, language in (("light", "en"), ("dark", "ko")):
            person = self.browser.person(keep={"theme": theme, "language": language})
            tab = person.tab("/ui/")
            self.look_at(tab, "/ui/shop", f"sign-in-{theme}-{language}")
            self.look_at(tab, "/ui/welcome#nothing", f"welcome-{theme}-{language}")
            tab.goto("/ui/")
            tab.fill("css=#login", "ines")
            tab.fill("css=#password", PASSWORD)
            tab.click("css=button[type=submit]")
            tab.sees("css=.phone")
            self.look_at(tab, "/ui/me", f"me-{theme}-{language}")


if __name__ == "__main__":
    main()
