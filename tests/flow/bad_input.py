#!/usr/bin/env python3
"""Everything that strangers may send over HTTP and that must change nothing: each gets a status, a
stable problem type and a sentence, and all lists read the same afterwards."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.authority import Authority
from harness.cases import SystemCase
from harness.system import System

SILENT_CONNECTIONS = 500
DEEP = b'{"productId":1,"qty":' + b"[" * 100 + b"]" * 100 + b"}"

# What no JSON reader should accept: name, body, acceptable problem types.
NOT_JSON = [
    ("no JSON at all", b"productId=1&qty=1", "malformed-json"),
    ("cut off", b'{"productId":1,"qty":', "malformed-json"),
    ("trailing bytes", b'{"productId":1,"qty":1} x', "malformed-json"),
    ("two documents", b'{"productId":1,"qty":1}{}', "malformed-json"),
    ("duplicate keys", b'{"productId":1,"qty":1,"qty":2}', "malformed-json"),
    ("keys that are the same once unescaped", b'{"productId":1,"qty":1,"\\u0071ty":2}', "malformed-json"),
    ("invalid UTF-8", b'{"productId":1,"qty":1,"productName":"\xff\xfe"}', "malformed-json"),
    ("an overlong slash", b'{"productId":1,"qty":1,"productName":"\xc0\xaf"}', "malformed-json"),
    ("a lone surrogate", b'{"productId":1,"qty":1,"productName":"\\ud800"}', "malformed-json"),
    ("an escaped NUL", b'{"productId":1,"qty":1,"productName":"a\\u0000b"}', "malformed-json"),
    ("a raw NUL", b'{"productId":1,"qty":1,"productName":"a\0b"}', "malformed-json"),
    ("a byte order mark", b'\xef\xbb\xbf{"productId":1,"qty":1}', "malformed-json"),
    ("depth 100", DEEP, "malformed-json"),
    ("a leading zero", b'{"productId":1,"qty":01}', "malformed-json"),
    ("NaN", b'{"productId":1,"qty":NaN}', "malformed-json"),
    ("an empty body", b"", "empty-body"),
]

# qty as it stands in the text, for orders and products alike.
BAD_QTY = ["0", "-1", "-0", "0.5", "1.0", "1e400", "1e2", str(2**31), str(2**53 + 1), "1000001",
           '"9x"', '""', '"0"', '"-1"', '"1.5"', '" 9"', '"09"', "true", "false", "null", "[]", "{}",
           "[1]"]

BAD_NAMES = ['""', json.dumps("n" * 201), json.dumps("n" * 300), json.dumps("\U0001F600" * 201), "null", "1",
             "true", "[]", "{}"]

GOOD_NAMES = ["n" * 200, "<b>bold</b>&amp;<script>alert(1)</script>", "caf\u00e9 \U0001F4BB\U0001F600",
              "\U0001F600" * 200, 'quote " backslash \\ slash /', "tab\tnew\nline", "\u202eright to left",
              "'; DROP TABLE product; --"]

BAD_IDS = ["abc", "0", "-1", "1.5", str(2**63), str(2**53), "+", "#", "%2e%2e", "01", "1%20", "%31", "1e1",
           "0x1", "%00", "\u0661".encode().decode("latin-1")]

UNKNOWN_PATHS = ["/nothing", "/rentals/1/../2", "/rentals/", "/rentals//1", "/Products", "/products/1/x",
                 "//products", "/..", "/%70roducts", "/rentals/1/", "/myorders"]

WRONG_METHODS = [("PUT", "/products", "GET, HEAD, POST, OPTIONS"), ("DELETE", "/products/1",
                 "GET, HEAD, PATCH, OPTIONS"), ("POST", "/products/1", "GET, HEAD, PATCH, OPTIONS"),
                 ("PATCH", "/rentals/1", "GET, HEAD, DELETE, OPTIONS"),
                 ("DELETE", "/rentals", "GET, HEAD, POST, OPTIONS"),
                 ("POST", "/deliveries", "GET, HEAD, OPTIONS"),
                 ("DELETE", "/myOrders/1", "GET, HEAD, OPTIONS"), ("TRACE", "/", "GET, HEAD, OPTIONS"),
                 ("PUT", "/rentals/products/1", "GET, HEAD, OPTIONS")]

BAD_QUERIES = ["page=-1", "page=abc", "page=1.5", "page=", "page=1e3", f"page={2**63}", "size=0", "size=101",
               "size=-5", "size=x", "size=", "page=0&page=1", "sort=name", "page", "page=%30", "page=+1"]


HOST = b"Host: localhost\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
FRAMED_IN_DOUBT = [
    ("two ways to end", 400, HOST + CHUNKED + b"Content-Length: 5\r\n", b"0\r\n\r\n"),
    ("the other way round", 400, HOST + b"Content-Length: 5\r\n" + CHUNKED, b"0\r\n\r\n"),
    ("behind a tab", 400, HOST + b"Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n"),
    ("two lengths", 400, HOST + b"Content-Length: 0\r\nContent-Length: 40\r\n", b""),
    ("one length twice", 400, HOST + b"Content-Length: 0\r\nContent-Length: 0\r\n", b""),
    ("chunked twice", 400, HOST + 2 * CHUNKED, b"0\r\n\r\n"),
    ("an unknown coding", 501, HOST + b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"),
    ("two codings", 501, HOST + b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"),
    ("a space before the colon", 400, HOST + b"Content-Length : 40\r\n", b""),
    ("a folded line", 400, HOST + b"X-Any: a\r\n Content-Length: 40\r\n", b""),
    ("a line that ends with LF", 400, HOST + b"X-Any: a\nContent-Length: 40\r\n", b""),
    ("a lone CR", 400, HOST + b"X-Any: a\rContent-Length: 40\r\n", b""),
    ("a NUL", 400, HOST + b"X-Any: a\0b\r\n", b""),
    ("a control character", 400, HOST + b"X-Any: a\x01b\r\n", b""),
    ("a control character in a key", 400, HOST + b"Idempotency-Key: a\x7fb\r\n", b""),
    ("two hosts", 400, 2 * HOST, b""),
    ("no host", 400, b"", b""),
]


def read_to_the_end(sock):
    data = b""
    try:
        while piece := sock.recv(65536):
            data += piece
    except ConnectionResetError:
        pass  # it hung up on what it has not read
    return data


class BadInput(SystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        cls.product_id = case.register("computer", 100)
        cls.rental_id = case.order_to_the_end(cls.product_id, 1)
        case.eventually(lambda: case.web.get(f"/myOrders/{cls.rental_id}").json.get("deliveryStatus"),
                        "DELIVERED", "my order")
        case.eventually(lambda: case.web.get(f"/products/{cls.product_id}").json["qty"], 99, "product")

    def setUp(self):
        self.before = self.everything()

    def tearDown(self):
        self.assertEqual(self.everything(), self.before, "something changed")

    def refuses_json(self, method, path):
        for name, body, problem in NOT_JSON:
            with self.subTest(name, path=path):
                self.assert_problem(self.web.request(method, path, body), 400, problem)

    def refuses_value(self, method, path, text, pointer):
        with self.subTest(text[:60], path=path):
            answer = self.web.request(method, path, text.encode())
            self.assert_problem(answer, 422, "invalid-body")
            self.assertEqual(answer.json.get("pointer"), pointer, answer)

    # ---- bodies ----

    def test_post_rentals_not_json_is_400(self):
        self.refuses_json("POST", "/rentals")

    def test_post_products_not_json_is_400(self):
        self.refuses_json("POST", "/products")

    def test_patch_products_not_json_is_400(self):
        self.refuses_json("PATCH", f"/products/{self.product_id}")

    def test_document_that_is_no_object_is_422(self):
        for path in ("/rentals", "/products"):
            for text in ("[]", "1", "true", "null", '"text"'):
                with self.subTest(text, path=path):
                    self.assert_problem(self.web.post(path, text.encode()), 422, "invalid-body")

    def test_body_of_1_mib_is_413(self):
        body = b'{"name":"' + b"n" * (1 << 20) + b'"}'
        for path in ("/products", "/rentals"):
            self.assert_problem(self.web.raw(
                b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (path.encode(), len(body), body)), 413, "too-large")

    def post_chunks(self, count):
        chunk = b"a000\r\n" + b" " * 0xA000 + b"\r\n"
        return self.web.raw(b"POST /products HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            b"Transfer-Encoding: chunked\r\n\r\n" + chunk * count + b"0\r\n\r\n")

    def test_chunked_body_above_the_limit_is_413(self):
        self.assert_problem(self.post_chunks(2), 413, "too-large")
        # A client that goes on sending may find the connection closed before it reads the answer.
        answer = self.post_chunks(26)
        if answer is not None:
            self.assert_problem(answer, 413, "too-large")

    def test_wrong_content_type_is_415(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json",
                     "application/json; charset=latin1", None):
            for path in ("/products", "/rentals"):
                with self.subTest(kind, path=path):
                    answer = self.web.post(path, b'{"name":"x"}', headers={"Content-Type": kind})
                    self.assert_problem(answer, 415, "unsupported-media-type")

    def test_unknown_member_is_422(self):
        for path, text in (("/rentals", '{"productId":1,"qty":1,"color":"red"}'),
                           ("/rentals", '{"productId":1,"qty":1,"id":7}'),
                           ("/products", '{"name":"x","color":"red"}'),
                           ("/products", '{"name":"x","Qty":3}')):
            member = list(json.loads(text))[-1]
            self.refuses_value("POST", path, text, "/" + member)
        self.refuses_value("PATCH", f"/products/{self.product_id}", '{"id":7}', "/id")

    def test_missing_member_is_422(self):
        self.refuses_value("POST", "/rentals", '{"qty":1}', "/productId")
        self.refuses_value("POST", "/rentals", '{"productId":1}', "/qty")
        self.refuses_value("POST", "/products", '{"qty":1}', "/name")
        self.assert_problem(self.web.patch(f"/products/{self.product_id}", {}), 422, "invalid-body")

    def test_bad_qty_is_422(self):
        for qty in BAD_QTY:
            self.refuses_value("POST", "/rentals", f'{{"productId":1,"qty":{qty}}}', "/qty")
            self.refuses_value("POST", "/products", f'{{"name":"x","qty":{qty}}}', "/qty")
            self.refuses_value("PATCH", f"/products/{self.product_id}", f'{{"qty":{qty}}}', "/qty")

    def test_bad_product_id_is_422(self):
        for value in ("0", "-1", "1.5", str(2**63), '"x"', '"0"', "null", "[]", "true"):
            self.refuses_value("POST", "/rentals", f'{{"productId":{value},"qty":1}}', "/productId")

    def test_bad_name_is_422(self):
        for name in BAD_NAMES:
            self.refuses_value("POST", "/products", f'{{"name":{name}}}', "/name")
            self.refuses_value("PATCH", f"/products/{self.product_id}", f'{{"name":{name}}}', "/name")
            self.refuses_value("POST", "/rentals", f'{{"productId":1,"qty":1,"productName":{name}}}',
                               "/productName")

    def test_status_other_than_ordered_is_422(self):
        for status in ('"DELIVERED"', '"ordered"', '""', "1", "null", '"CANCELED"'):
            self.refuses_value("POST", "/rentals", f'{{"productId":1,"qty":1,"status":{status}}}', "/status")
        self.refuses_value("POST", "/rentals", '{"productId":1,"qty":1,"fulfilment":"drone"}', "/fulfilment")

    # ---- request lines and headers ----

    def test_bad_ids_are_400(self):
        for name in BAD_IDS:
            for path in ("/products", "/rentals", "/deliveries", "/myOrders"):
                with self.subTest(name, path=path):
                    answer = self.web.raw(f"GET {path}/{name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode("latin-1"))
                    self.assert_problem(answer, 400, "invalid-id")
            with self.subTest(name, method="DELETE"):
                self.assert_problem(self.web.raw(f"DELETE /rentals/{name} HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                                 .encode("latin-1")), 400, "invalid-id")

    def test_ids_that_nothing_has_are_404(self):
        for path in ("/products", "/rentals", "/deliveries", "/myOrders", "/rentals/products"):
            with self.subTest(path):
                self.assert_problem(self.web.get(f"{path}/{2**53 - 1}"), 404, "not-found")
        self.assert_problem(self.web.delete(f"/rentals/{2**53 - 1}"), 404, "not-found")
        self.assert_problem(self.web.patch(f"/products/{2**53 - 1}", {"qty": 1}), 404, "not-found")

    def test_unknown_paths_are_404(self):
        for path in UNKNOWN_PATHS:
            with self.subTest(path):
                answer = self.web.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                self.assertEqual(answer.status, 404, answer)
                self.assertEqual(answer.problem, "unknown-path")

    def test_wrong_methods_are_405_with_allow(self):
        for method, path, allow in WRONG_METHODS:
            with self.subTest(method, path=path):
                answer = self.web.raw(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
                                      .encode())
                self.assert_problem(answer, 405, "method-not-allowed")
                self.assertEqual(sorted(answer.headers["Allow"].split(", ")), sorted(allow.split(", ")))

    def test_bad_page_or_size_is_400(self):
        for query in BAD_QUERIES:
            for path in ("/products", "/rentals", "/deliveries", "/myOrders"):
                with self.subTest(query, path=path):
                    self.assert_problem(self.web.get(f"{path}?{query}"), 400, "invalid-query")

    def test_header_of_64_kib_is_refused(self):
        answer = self.web.raw(b"GET /products HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 65536 + b"\r\n\r\n")
        if answer is not None:  # closing at once is fine too
            self.assertEqual(answer.status, 431, answer)

    def test_bad_idempotency_key_is_400(self):
        for key in ("", "k" * 95, "two words", "\u00e9"):
            with self.subTest(key[:10]):
                request = f"POST /rentals HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: {key}\r\n" \
                          "Content-Type: application/json\r\nContent-Length: 23\r\n\r\n" \
                          '{"productId":1,"qty":1}'
                self.assert_problem(self.web.raw(request.encode()), 400, "invalid-idempotency-key")

    def test_a_nul_hides_nothing_in_the_head(self):
        key = b"POST /rentals HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 23" \
              b"\r\nIdempotency-Key: abc%s\r\n\r\n{\"productId\":1,\"qty\":1}"
        heads = [b"DELETE /rentals/1\0/../../public HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 b"GET /rentals\0x HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 b"GET /rentals HTTP/1.1\r\nHost: localhost\0y\r\n\r\n",
                 b"GET /rentals HTTP/1.1\r\nHost: localhost\r\nX-Any: a\0b\r\nX-More: c\r\n\r\n",
                 b"GET /rentals HTTP/1.1\r\nHost: localhost\r\nX-Last: a\0\r\n\r\n"]
        for head in heads + [key % b"\0def", key % b"\0xyz"]:
            with self.subTest(head=head):
                self.assert_problem(self.web.raw(head), 400, "invalid-header")

    def test_after_a_request_whose_end_is_in_doubt_nothing_is_read(self):
        """Others on the way might have seen another end of it, and a request inside that they did not judge."""
        smuggled = f"DELETE /rentals/{self.rental_id} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        for name, status, head, body in FRAMED_IN_DOUBT:
            with self.subTest(name):
                data = b"POST /rentals HTTP/1.1\r\nContent-Type: application/json\r\n" + head + b"\r\n" + body
                with self.web.connect(5) as sock:
                    sock.sendall(data + smuggled)
                    answer = read_to_the_end(sock)
                self.assertTrue(answer.startswith(b"HTTP/1.1 %d " % status), answer)
                self.assertIn(b"\r\nConnection: close\r\n", answer)
                self.assertEqual(answer.count(b"/problems/"), 1, answer)

    def test_bytes_that_are_no_http_are_refused_or_closed(self):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"\r\n\r\n\r\n\r\n",
                     b"GET / HTTP/9.9\r\n\r\n"):
            with self.subTest(data):
                try:
                    answer = self.web.raw(data, timeout_s=0.5)
                except OSError:
                    answer = None
                self.assertTrue(answer is None or 400 <= answer.status < 600, answer)

    def test_silent_connections_do_not_stop_others(self):
        silent = [self.web.connect() for _ in range(SILENT_CONNECTIONS)]
        try:
            for sock in silent[::2]:
                sock.sendall(b"POST /rentals HTTP/1.1\r\nHost: localhost\r\nContent-")  # never finished
            for _ in range(20):
                self.assertEqual(self.web.get(f"/products/{self.product_id}", timeout_s=5).status, 200)
        finally:
            for sock in silent:
                sock.close()


class BadInputOverTls(BadInput):
    """The same where the bytes come out of TLS."""

    @classmethod
    def make_system(cls):
        cls.authority = Authority()
        return System(authority=cls.authority)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.authority.close()


class GoodButStrange(SystemCase):
    """What looks wrong and is right comes back unharmed."""

    def test_names_with_markup_and_emoji_come_back_intact(self):
        for name in GOOD_NAMES:
            with self.subTest(name[:30]):
                answer = self.web.post("/products", {"name": name})
                self.assertEqual(answer.status, 201, answer)
                self.assertEqual(answer.json["name"], name)
                path = f"/products/{answer.json['id']}"
                self.assertEqual(self.web.get(path).json["name"], name)
                self.eventually(lambda path=path: self.web.get("/rentals" + path).json.get("name"), name,
                                "rental's copy")

    def test_bounds_of_qty_are_accepted(self):
        for qty in (1, 1000000, "1", "1000000", "9"):
            answer = self.web.post("/products", {"name": "bound", "qty": qty})
            self.assertEqual((answer.status, answer.json["qty"]), (201, int(qty)))
        self.assertEqual(self.web.post("/products", {"name": "no qty"}).json["qty"], 10)

    def test_json_with_charset_and_odd_spacing_is_accepted(self):
        answer = self.web.post("/products", b' \r\n\t{ "name" : "spaced\\u0020out" , "qty" : 3 } \n',
                               headers={"Content-Type": "application/json; charset=utf-8"})
        self.assertEqual((answer.status, answer.json["name"]), (201, "spaced out"))

    def test_http_1_0_may_name_no_host_but_not_from_the_page_of_another(self):
        answer = self.web.raw(b"GET /products HTTP/1.0\r\n\r\n")
        self.assertEqual(answer.status, 200, answer)
        self.assertIn(f"{self.web.scheme}://127.0.0.1:{self.web.port}/", answer.json["_links"]["self"]["href"])
        answer = self.web.raw(b"GET /products HTTP/1.0\r\nOrigin: http://evil.example\r\n\r\n")
        self.assert_problem(answer, 400, "invalid-host")


if __name__ == "__main__":
    unittest.main(verbosity=2)
