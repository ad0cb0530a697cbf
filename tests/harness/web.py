"""HTTP as a client sees it: whole answers, raw bytes where a test needs to misbehave."""

import http.client
import json
import socket

TIMEOUT_S = 10
PROBLEM_TYPE = "application/problem+json"


class Answer:
    """Status, headers (case-insensitive) and body of a response."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def problem(self):
        """The problem's type without its prefix, or None if this is no problem."""
        if self.media_type != PROBLEM_TYPE:
            return None
        return self.json["type"].rsplit("/", 1)[-1]

    @property
    def media_type(self):
        return (self.headers.get("Content-Type") or "").split(";")[0].strip()

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class UnixConnection(http.client.HTTPConnection):
    """HTTP by a Unix socket."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Web:
    """One HTTP server on loopback, or behind a Unix socket. tls: the context of a client of HTTPS. token: who asks,
    where a request does not say so by itself."""

    def __init__(self, port, host="127.0.0.1", socket_path=None, tls=None):
        self.port = port
        self.host = host
        self.socket_path = socket_path
        self.tls = tls
        self.token = None

    @property
    def scheme(self):
        return "http" if self.tls is None else "https"

    def connection(self, timeout_s=TIMEOUT_S):
        if self.socket_path is not None:
            return UnixConnection(self.socket_path, timeout_s)
        if self.tls is not None:
            return http.client.HTTPSConnection(self.host, self.port, timeout=timeout_s, context=self.tls)
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)

    def request(self, method, path, body=None, headers=None, timeout_s=TIMEOUT_S):
        """body: bytes go out as they are, anything else as JSON; both as application/json unless
        headers say otherwise (None removes a header)."""
        headers = dict(headers or {})
        if body is not None:
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        headers = {name: value for name, value in headers.items() if value is not None}
        connection = self.connection(timeout_s)
        try:
            connection.request(method, path, body=body, headers=headers)
            return read_answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)

    def patch(self, path, body, **options):
        return self.request("PATCH", path, body, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def all_items(self, path, name):
        """Every item of a paged list."""
        items, page = [], 0
        while True:
            answer = self.get(f"{path}?page={page}&size=100")
            if answer.status != 200:
                raise AssertionError(f"GET {path}: {answer}")
            items += answer.json["_embedded"][name]
            page += 1
            if page >= answer.json["page"]["totalPages"]:
                return items

    def connect(self, timeout_s=TIMEOUT_S):
        sock = socket.create_connection((self.host, self.port), timeout=timeout_s)
        return sock if self.tls is None else self.tls.wrap_socket(sock, server_hostname=self.host)

    def raw(self, data, timeout_s=TIMEOUT_S):
        """Sends bytes as they are; the Answer, or None if the server just closed the connection."""
        with self.connect(timeout_s) as sock:
            try:
                sock.sendall(data)
            except OSError:
                pass  # it may refuse in the middle of what we send, and answer all the same
            response = http.client.HTTPResponse(sock)
            try:
                response.begin()
                return read_answer(response)
            except (http.client.HTTPException, OSError):
                return None


def read_answer(response):
    return Answer(response.status, response.headers, response.read())
