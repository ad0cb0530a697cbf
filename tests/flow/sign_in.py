#!/usr/bin/env python3
"""A closed Lockstock over HTTP: an invitation, a password, a session; who is nobody gets 401; who is signed in goes
on while account is down and over a restart of the bridge; who signs out is out."""

import hashlib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import BRIDGE, System

ACCOUNT = "lockstock-account"
PASSWORD = "correct horse battery"


class SignIn(SystemCase):
    @classmethod
    def make_system(cls):
        processes = ("product", "rental", "delivery", "stock", "information", "account", "bridge")
        settings = [part for name in processes for part in ("--set", f"{name}.access=closed")]
        settings += ["--set", "bridge.request-timeout-ms=30000"]
        return System(with_accounts=True, extra_args=settings)

    def person(self, login, role, **more):
        """Somebody who was invited, has set a password and is signed in: the header that says so."""
        link = f"link of {login}".replace(" ", "-")
        answer = self.system.admin(ACCOUNT).post("/requests/person-create", {
            "login": login, "name": login, "role": role, "linkHash": hashlib.sha256(link.encode()).hexdigest(), **more})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.web.post("/passwords", {"link": link, "password": PASSWORD}).status, 204)
        opened = self.web.post("/sessions", {"login": login, "password": PASSWORD})
        self.assertEqual(opened.status, 201, opened)
        return {"Authorization": f"Bearer {opened.json['token']}"}

    def test_sign_in_order_and_sign_out(self):
        for path in ("/products", "/me"):
            self.assertIn(self.web.get(path).status, (200, 401))
        self.assertEqual(self.web.get("/rentals").headers["WWW-Authenticate"], 'Bearer realm="lockstock"')
        self.assert_problem(self.web.post("/sessions", {"login": "stranger", "password": PASSWORD}), 401,
                            "unauthenticated")
        boss = self.person("boss", "operator")
        product = self.web.post("/products", {"name": "chair", "qty": 9}, headers=boss)
        self.assertEqual(product.status, 201, product)
        order = {"productId": product.json["id"], "qty": 1}
        self.assert_problem(self.web.post("/rentals", order), 401, "unauthenticated")
        self.assertEqual(self.web.post("/rentals", order, headers=boss).status, 201)
        me = self.web.get("/me", headers=boss).json
        self.assertEqual((me["access"], me["role"]), ("closed", "operator"))

        with self.system.down(ACCOUNT):
            self.assertEqual(self.web.post("/rentals", order, headers=boss).status, 201)
        self.system.wait_ready()
        self.system.kill(BRIDGE)
        self.system.wait_ready(BRIDGE)
        self.assertEqual(self.web.get("/me", headers=boss).json["person"], me["person"])

        self.assertEqual(self.web.delete("/sessions/current", headers=boss).status, 204)
        self.eventually(lambda: self.web.get("/me", headers=boss).status, 401, "signed out")

    def test_cookie_needs_the_token_of_the_page(self):
        account = self.system.admin(ACCOUNT).post("/requests/account-create", {"name": "Kim"}).json["id"]
        self.person("carla", "customer", account=account)
        opened = self.web.post("/sessions", {"login": "carla", "password": PASSWORD, "as": "cookie"},
                               headers={"Cookie": "__Host-lockstock=lss_" + "0" * 64})
        self.assertNotIn("token", opened.json)
        cookie = {"Cookie": opened.headers["Set-Cookie"].split(";")[0]}
        self.assertNotIn("0" * 64, cookie["Cookie"])
        self.assertEqual(self.web.get("/me", headers=cookie).json["csrf"], opened.json["csrf"])
        self.assert_problem(self.web.delete("/sessions/current", headers=cookie), 403, "csrf-token")
        self.assert_problem(self.web.post("/products", {"name": "x"}, headers={
            **cookie, "X-CSRF-Token": opened.json["csrf"]}), 403, "forbidden")
        gone = self.web.delete("/sessions/current", headers={**cookie, "X-CSRF-Token": opened.json["csrf"]})
        self.assertEqual(gone.status, 204)
        self.assertIn("Max-Age=0", gone.headers["Set-Cookie"])


if __name__ == "__main__":
    unittest.main()
