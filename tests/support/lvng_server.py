"""Starts lvng-server on a free port, signs tokens for it, and talks to it."""

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
import urllib.parse
import uuid

SECRET = "a-secret-of-the-tests-alone-Xq7TzW2"
CONTACTS = "/api/v2/contacts"
CONVERSATIONS = "/api/v2/conversations"


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
def store_for(postgresql):
    """The address of an empty store: None for a file of the server's own, else a new database on
    the PostgreSQL of LVNG_TEST_POSTGRES, owned by a login without any privilege. Without that
    PostgreSQL the script ends as skipped."""
    if not postgresql:
        yield None
        return
    superuser = os.environ.get("LVNG_TEST_POSTGRES")
    if not superuser:
        print("LVNG_TEST_POSTGRES is not set")
        raise SystemExit(77)

    def run(*statements):
        commands = [part for statement in statements for part in ("-c", statement)]
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", superuser, *commands],
                       check=True, timeout=60)

    name = "lvng_" + uuid.uuid4().hex
    run(f"create role {name} login password '{name}'", f"create database {name} owner {name}")
    place = urllib.parse.urlsplit(superuser)
    try:
        yield f"postgresql://{name}:{name}@{place.hostname}:{place.port}/{name}"
    finally:
        run(f"drop database {name} with (force)", f"drop role {name}")


class Server:
    """A server process on one store. `with` stops it, also when a test fails."""

    def __init__(self, binary, folder, store=None, **settings):
        self.binary, self.folder = binary, folder
        inherited = {key: value for key, value in os.environ.items()
                     if not key.startswith(("LVNG_", "JWT_"))}
        self.environment = {
            **inherited,
            "LVNG_LISTEN": "127.0.0.1:0",
            "LVNG_STORE": store or f"sqlite:{folder}/lvng.db",
            "LVNG_JWT_SECRET": SECRET,
            "LVNG_RATE_CONTACTS": "off",
            "LVNG_RATE_FAILED_AUTH": "off",
            "LVNG_RATE_CONVERSATIONS": "off",
            "LVNG_LOG": "off",
            **settings,
        }
        self.process = None
        self.port = None
        self.log = None  # a file that takes stderr; else it goes where this program's does

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        """Returns the seconds until it was ready."""
        begun = time.monotonic()
        self.process = subprocess.Popen([self.binary, "serve"], env=self.environment,
                                        cwd=self.folder, stdout=subprocess.PIPE,
                                        stderr=self.log)
        if not select.select([self.process.stdout], [], [], 30)[0]:
            self.kill()
            raise SystemExit("the server did not get ready within 30 s")
        ready = self.process.stdout.readline().decode()
        port = re.fullmatch(r"lvng-server listening on http://127\.0\.0\.1:(\d+)\n", ready)
        if not port:
            self.kill()
            raise SystemExit(f"the server is not ready, it said {ready!r}")
        self.port = int(port[1])
        return time.monotonic() - begun

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
            self.process.stdout.close()

    def stop(self):
        """Asks it to end and returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def run(self, *arguments, **settings):
        """One of the other commands, beside the server or without it."""
        return subprocess.run([self.binary, *arguments], env={**self.environment, **settings},
                              cwd=self.folder, capture_output=True, text=True, timeout=120)


@contextlib.contextmanager
def running(binary, postgresql=False, **settings):
    """A server on an empty store in a folder of its own; ends cleanly, or the test fails."""
    with tempfile.TemporaryDirectory(prefix="lvng-test-") as folder, \
            store_for(postgresql) as store:
        with Server(binary, folder, store, **settings) as server:
            yield server
            status = server.stop()
            if status != 0:
                raise SystemExit(f"the server ended with {status}")


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

    def __init__(self, port, bearer=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.bearer = bearer

    def call(self, method, target, headers=None, body=None):
        if self.bearer:
            headers = {"Authorization": f"Bearer {self.bearer}", **(headers or {})}
        self.connection.request(method, target, body=body, headers=headers or {})
        response = self.connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def send(self, method, target, value):
        """A call with `value` as its JSON body."""
        return self.call(method, target, {"Content-Type": "application/json"}, json.dumps(value))

    def post(self, bearer, body, target=CONTACTS):
        return self.call("POST", target, {"Authorization": f"Bearer {bearer}",
                                          "Content-Type": "application/json"}, body)
