"""Drives a Chromium without a window, by the DevTools protocol over a pipe: no port is opened."""

import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


def chromium():
    """The program of Debian's package, or None."""
    return shutil.which("chromium")


@contextlib.contextmanager
def browser():
    """A Chromium with a profile of its own, which finds no host but this machine."""
    # Its children may still write there for a moment after it has ended.
    with tempfile.TemporaryDirectory(prefix="lvng-chromium-",
                                     ignore_cleanup_errors=True) as profile:
        # Moved up, so that neither end is in the way of 3 and 4.
        (to_read, to_write), (from_read, from_write) = os.pipe(), os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_read, from_write)]
        os.close(to_read), os.close(from_write)

        def wire():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        process = subprocess.Popen(
            [chromium(), "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}",
             # Containers and root have no sandbox; the one page that is opened is our own.
             "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
             "--no-proxy-server", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
             "about:blank"],
            preexec_fn=wire, pass_fds=(3, 4), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in ends:
            os.close(end)
        try:
            yield Page(to_write, from_read)
        finally:
            os.close(to_write)
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(from_read)


class Page:
    """One tab. What the browser tells unasked is kept in `events`."""

    def __init__(self, to_browser, from_browser):
        self.to_browser, self.from_browser = to_browser, from_browser
        self.received, self.last_id, self.session = b"", 0, None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to_browser, data):]
        deadline = time.monotonic() + 60
        while True:
            answer = self._next(deadline)
            if answer.get("id") == self.last_id:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def _next(self, deadline):
        while b"\0" not in self.received:
            if not select.select([self.from_browser], [], [], deadline - time.monotonic())[0]:
                raise SystemExit("the browser does not answer")
            part = os.read(self.from_browser, 65536)
            if not part:
                raise SystemExit("the browser has ended")
            self.received += part
        message, self.received = self.received.split(b"\0", 1)
        return json.loads(message)

    def run(self, script):
        """The value of a JavaScript expression, awaited where it is a promise."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait_for(self, condition):
        """Waits until a JavaScript expression holds."""
        held = self.run(f"""new Promise((resolve) => {{
            const deadline = performance.now() + 20000;
            (function look() {{
                if ({condition}) resolve(true);
                else if (performance.now() > deadline) resolve(false);
                else setTimeout(look, 10);
            }})();
        }})""")
        if not held:
            raise SystemExit(f"waited in vain for {condition}")

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait_for(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def press(self, key, code, text=""):
        key = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **key)
        self.call("Input.dispatchKeyEvent", type="keyUp", **key)

    def enter(self, selector, text):
        """Focuses a field and types over what is in it."""
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.run("document.activeElement.select()")
        self.call("Input.insertText", text=text)

    def push(self, selector):
        """Focuses something and presses Enter."""
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.press("Enter", 13, "\r")

    def told(self, method):
        """The parameters of all events of that name."""
        self.run("0")  # after what has happened until now
        return [event["params"] for event in self.events if event.get("method") == method]
