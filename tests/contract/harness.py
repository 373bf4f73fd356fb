"""Starts lvng-server on a free port, signs tokens for it, and talks to it over one connection."""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import re
import select
import signal
import subprocess
import tempfile
import time

SECRET = "a-secret-of-the-contract-tests-Xq7TzW2"
BASE = "/api/v2/contacts"


def token(user, tenant=None, **more):
    """A token that holds for a day; `tenant` None leaves the organisation out."""

    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    claims = {"userId": user, "exp": int(time.time()) + 86400, **more}
    if tenant is not None:
        claims["organizationId"] = tenant
    signed = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    mac = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + part(mac)).decode()


@contextlib.contextmanager
def server(binary):
    """The port of a running server with an empty store; it is stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="lvng-contract-") as folder:
        settings = {
            "LVNG_LISTEN": "127.0.0.1:0",
            "LVNG_STORE": f"sqlite:{folder}/lvng.db",
            "LVNG_JWT_SECRET": SECRET,
            "LVNG_RATE_CONTACTS": "off",
            "LVNG_RATE_FAILED_AUTH": "off",
            "LVNG_LOG": "off",
        }
        inherited = {key: value for key, value in os.environ.items()
                     if not key.startswith(("LVNG_", "JWT_"))}
        process = subprocess.Popen([os.path.abspath(binary), "serve"], cwd=folder,
                                   env={**inherited, **settings}, stdout=subprocess.PIPE)
        try:
            if not select.select([process.stdout], [], [], 30)[0]:
                raise SystemExit("the server did not get ready within 30 s")
            ready = process.stdout.readline().decode()
            port = re.fullmatch(r"lvng-server listening on http://127\.0\.0\.1:(\d+)\n", ready)
            if not port:
                raise SystemExit(f"the server is not ready, it said {ready!r}")
            yield int(port[1])
            process.send_signal(signal.SIGTERM)
            if process.wait(timeout=30) != 0:
                raise SystemExit(f"the server ended with {process.returncode}")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()


class Answer:
    def __init__(self, status, headers, data):
        self.status, self.headers, self.data = status, headers, data

    def json(self):
        """The body, or None where it is no JSON."""
        try:
            return json.loads(self.data)
        except ValueError:
            return None


class Client:
    """One keep-alive connection. An answer that does not come is an error, never a retry."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def call(self, method, target, headers=None, body=None):
        self.connection.request(method, target, body=body, headers=headers or {})
        response = self.connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def post(self, bearer, body, target=BASE):
        return self.call("POST", target, {"Authorization": f"Bearer {bearer}",
                                          "Content-Type": "application/json"}, body)
