"""Opens /docs in a Chromium without a window, and uses it as a person with a keyboard would.

Usage: docs_page.py --server BINARY. Skipped (77) where Debian's package chromium is not installed.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.dont_write_bytecode = True

import devtools
from lvng_server import CONTACTS, Client, running, token

WATCH = """window.violations = [];
addEventListener('securitypolicyviolation',
                 (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI));"""
SHOWN = """[...document.querySelectorAll('details.operation')].map((block) =>
    block.querySelector('.method').textContent + ' ' + block.querySelector('code').textContent)"""

failures = []


def check(held, what):
    if not held:
        failures.append(what)
        print(f"FAILED: {what}")


def described(document):
    return sorted(f"{method.upper()} {path}" for path, item in document["paths"].items()
                  for method in item if method != "parameters")


def all_operations_are_shown(page, document):
    check(sorted(page.run(SHOWN)) == described(document), "the page shows every operation")
    check(page.run("document.querySelectorAll('#index a').length") == len(described(document)),
          "the index names every operation")
    check(page.run("document.getElementById('title').textContent.includes('"
                   + document["info"]["version"] + "')"), "the page shows the version")


def each_operation_opens(page):
    page.run("document.querySelectorAll('details.operation').forEach((b) => { b.open = true; })")
    page.wait_for("[...document.querySelectorAll('details.operation')]"
                  ".every((block) => block.querySelector('form[data-try]'))")
    check(page.run("document.querySelector('#createContact ul.schema').textContent")
          .startswith("name required"), "the schema of a body shows its members")
    check(page.run("document.querySelectorAll('#listContacts tbody tr').length") == 7,
          "the parameters of an operation are listed")
    page.run("document.querySelectorAll('details.operation').forEach((b) => { b.open = false; })")


def keyboard_reaches_everything(page):
    page.run("document.activeElement.blur()")
    page.press("Tab", 9)
    check(page.run("document.activeElement.className") == "skip",
          "the first stop of the keyboard leads past the head of the page")
    page.push("#createContact > summary")
    page.wait_for("document.getElementById('createContact').open")
    check(page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid",
          "what has the focus shows it")


def answer_of(page, operation):
    answer = f"#{operation} .answer "
    page.wait_for(f"document.querySelector('{answer}[data-status]')")
    status = page.run(f"document.querySelector('{answer}[data-status]').dataset.status")
    body = page.run(f"document.querySelector('{answer}[data-answer]')?.textContent")
    return status, json.loads(body or "null")


def calls_can_be_tried(page, client):
    page.enter("#token", token("usr_ana", "acme"))
    page.enter("#createContact-body", json.dumps({"name": "Jane <b>Smith</b> & Söhne"}))
    page.push("#createContact form button")
    status, body = answer_of(page, "createContact")
    check(status == "201", f"a contact is created, not {status}")
    made = body["contact"]
    check(client.call("GET", f"{CONTACTS}/{made['id']}").json()["contact"] == made,
          "the page shows the answer as it came")
    page.push("#getContact > summary")
    page.wait_for("document.querySelector('#getContact form')")
    page.enter("#getContact-id", made["id"])
    page.push("#getContact form button")
    check(answer_of(page, "getContact") == ("200", {"success": True, "contact": made}),
          "a path takes the value of its field")
    page.push("#listContacts > summary")
    page.wait_for("document.querySelector('#listContacts form')")
    page.enter("#listContacts-search", "& söhne")
    page.push("#listContacts form button")
    status, body = answer_of(page, "listContacts")
    check(status == "200" and body["total"] == 1, "a query takes the value of its field")
    page.enter("#token", "of-nobody")
    page.run("document.querySelector('#listContacts .answer').replaceChildren()")
    page.push("#listContacts form button")
    check(answer_of(page, "listContacts")[0] == "401", "a refusal shows as well")
    page.enter("#createContact-Idempotency-Key", "ключ")
    page.run("document.querySelector('#createContact .answer').replaceChildren()")
    page.push("#createContact form button")
    check(answer_of(page, "createContact") == ("none", None),
          "what no header can hold is told and not sent")


def light_and_dark(page):
    def paper(scheme):
        page.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        return page.run("getComputedStyle(document.body).backgroundColor")

    check(paper("light") == "rgb(255, 255, 255)" and paper("dark") == "rgb(20, 24, 30)",
          "the page is light or dark as the reader wants it")


def nothing_leaves(page, address):
    asked = [event["request"]["url"] for event in page.told("Network.requestWillBeSent")]
    check(len(asked) >= 8, "the requests of the page were seen")
    outside = [url for url in asked if not url.startswith((address, "data:", "about:"))]
    check(not outside, f"no request leaves the server, but for {outside}")
    check(page.run("violations") == [], f"the policy is kept, but for {page.run('violations')}")
    thrown = page.told("Runtime.exceptionThrown")
    check(not thrown, f"no script fails, but for {thrown}")


def policy_is_kept_by_the_browser(page):
    """Else the checks above could not fail."""
    page.run("new Image().src = 'http://127.0.0.1:9/spy.png'")
    page.run("document.body.append(Object.assign(document.createElement('style'),"
             " {textContent: 'p { color: red }'}))")
    page.wait_for("violations.length === 2")
    check(page.run("violations.map((text) => text.split(' ')[0]).sort()")
          == ["img-src", "style-src-elem"], "what the policy forbids is seen")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--server", required=True)
    binary = arguments.parse_args().server
    if not devtools.chromium():
        print("Debian's package chromium is not installed")
        raise SystemExit(77)
    with running(binary) as server, devtools.browser() as page:
        address = f"http://127.0.0.1:{server.port}/"
        client = Client(server.port, token("usr_ana", "acme"))
        page.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        page.open(address + "docs")
        page.wait_for("!document.getElementById('operations').hasAttribute('aria-busy')")
        all_operations_are_shown(page, client.call("GET", "/openapi.json").json())
        each_operation_opens(page)
        keyboard_reaches_everything(page)
        calls_can_be_tried(page, client)
        light_and_dark(page)
        nothing_leaves(page, address)
        policy_is_kept_by_the_browser(page)
    if failures:
        raise SystemExit(1)
    print("the page shows and tries every operation, and keeps to its server")


if __name__ == "__main__":
    main()
