#!/usr/bin/env python3
"""Opens report.html in headless Chromium and fails if it would serve a reader badly.

    scripts/check_html.py runs/demo/report.html [--pages N] [--screenshots DIR]

At widths of 1280 and 390 pixels, in light and in dark: no message on the console, no network
request, no element that makes the page scroll sideways, no broken image or link, and text with enough
contrast (WCAG 2.1, at least 4.5). Printed on A4, what is folded on screen is open, no figure is cut, and
there are no more pages than allowed.

Needs nothing but Python's standard library and Chromium (`apt-get install chromium`); where there is
none it says so and exits with 77, which means skipped. It speaks the DevTools protocol over the pipe
of --remote-debugging-pipe, so no port is opened.
"""

import argparse
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
SKIPPED = 77

# Run inside the page; returns a list of complaints.
CHECKS = r"""
(() => {
  const complaints = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    complaints.push(`the page is ${root.scrollWidth} pixels wide in a window of ${root.clientWidth}`);
  }
  const scrolls = element => {
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.overflowX === 'auto' || style.overflowX === 'scroll') return true;
    }
    return false;
  };
  for (const element of document.body.querySelectorAll('*')) {
    if (element.closest('svg')) continue;
    const box = element.getBoundingClientRect();
    if (box.right > root.clientWidth + 1 && !scrolls(element)) {
      complaints.push(`<${element.localName}> reaches to ${Math.round(box.right)}: ` +
        element.textContent.trim().slice(0, 40));
    }
  }
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    const id = decodeURIComponent(link.getAttribute('href').slice(1));
    if (!document.getElementById(id)) complaints.push(`#${id} leads nowhere`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  for (const id of ids) {
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) complaints.push(`the id ${id} occurs twice`);
  }
  if (document.scripts.length) complaints.push('there is a script');
  if (document.querySelector('img, iframe, object, embed')) complaints.push('something is embedded');
  const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = rgb => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
  const parse = text => (text.match(/[\d.]+/g) || []).map(Number);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const seen = new Set();
  for (const element of document.querySelectorAll('h1, h2, h3, p, li, td, th, a, code, figcaption, summary')) {
    if (!element.textContent.trim()) continue;
    const [a, b] = [parse(getComputedStyle(element).color), ground(element)].map(luminance);
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5 && !seen.has(element.localName)) {
      seen.add(element.localName);
      complaints.push(`<${element.localName}> has a contrast of ${contrast.toFixed(1)}`);
    }
  }
  for (const drawing of document.querySelectorAll('figure svg')) {
    const box = drawing.getBoundingClientRect();
    if (box.width < 300 || box.height < 100) complaints.push(`a figure is ${box.width} by ${box.height}`);
  }
  if (!document.querySelector('h1')) complaints.push('there is no heading');
  return complaints;
})()
"""


# Run inside the page as it is printed.
PRINT_CHECKS = r"""
(async () => {
  const complaints = [];
  // What is visible is known once the page has been drawn for the new medium.
  for (let i = 0; i < 2; i++) await new Promise(resolve => requestAnimationFrame(resolve));
  for (const details of document.querySelectorAll('details')) {
    for (const child of details.children) {
      if (child.localName === 'summary') continue;
      if (!child.checkVisibility({contentVisibilityAuto: true}) || !child.getBoundingClientRect().height) {
        complaints.push(`printed, '${details.textContent.trim().slice(0, 40)}' is folded`);
        break;
      }
    }
  }
  for (const figure of document.querySelectorAll('figure')) {
    if (getComputedStyle(figure).breakInside !== 'avoid') complaints.push('printed, a figure may be cut');
  }
  for (const heading of document.querySelectorAll('h1, h2, h3, summary')) {
    if (getComputedStyle(heading).breakAfter !== 'avoid') complaints.push('printed, a heading may stand alone');
  }
  return [...new Set(complaints)];
})()
"""


class Browser:
    """A headless Chromium, spoken to over a pair of pipes."""

    def __init__(self, executable, profile):
        from_us, to_browser = os.pipe()
        from_browser, to_us = os.pipe()

        def connect():
            # Chromium reads commands from descriptor 3 and writes answers to 4.
            for source, target in [(from_us, 30), (to_us, 31)]:
                os.dup2(source, target)
            os.dup2(30, 3)
            os.dup2(31, 4)

        self.process = subprocess.Popen(
            [executable, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--disable-background-networking", "--no-first-run", f"--user-data-dir={profile}"],
            preexec_fn=connect, close_fds=False, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(from_us)
        os.close(to_us)
        self.out, self.into = to_browser, os.fdopen(from_browser, "rb", buffering=0)
        self.buffer, self.last, self.events = b"", 0, []

    def read(self):
        while b"\0" not in self.buffer:
            piece = self.into.read(1 << 16)
            if not piece:
                sys.exit("Chromium ended without an answer.")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.last += 1
        request = {"id": self.last, "method": method, "params": parameters}
        if session:
            request["sessionId"] = session
        os.write(self.out, json.dumps(request).encode() + b"\0")
        while True:
            message = self.read()
            if message.get("id") == self.last:
                if "error" in message:
                    sys.exit(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def wait(self, method, session):
        while True:
            for index, event in enumerate(self.events):
                if event.get("method") == method and event.get("sessionId") == session:
                    return self.events.pop(index)
            self.events.append(self.read())


def check(browser, url, width, scheme, pages, screenshots):
    """Opens the page in a window of that width; returns complaints."""
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ["Page", "Runtime", "Log", "Network"]:
        browser.call(f"{domain}.enable", session)
    browser.call(
        "Emulation.setDeviceMetricsOverride", session, width=width, height=844,
        deviceScaleFactor=1, mobile=width < 600)
    browser.call(
        "Emulation.setEmulatedMedia", session,
        features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.events.clear()
    browser.call("Page.navigate", session, url=url)
    browser.wait("Page.loadEventFired", session)
    result = browser.call("Runtime.evaluate", session, expression=CHECKS, returnByValue=True)
    if "exceptionDetails" in result:
        sys.exit(f"the checks failed: {result['exceptionDetails']}")
    complaints = result["result"]["value"]
    browser.call("Emulation.setEmulatedMedia", session, media="print")
    complaints += browser.call(
        "Runtime.evaluate", session, expression=PRINT_CHECKS, returnByValue=True,
        awaitPromise=True)["result"]["value"]
    browser.call("Emulation.setEmulatedMedia", session, media="")
    printed = browser.call(
        "Page.printToPDF", session, printBackground=False, preferCSSPageSize=True)["data"]
    count = len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed)))
    if not 1 <= count <= pages:
        complaints.append(f"printed, it has {count} pages; at most {pages} were expected")
    for event in browser.events:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled":
            complaints.append(f"console: {parameters['args']}")
        elif method == "Runtime.exceptionThrown":
            complaints.append(f"exception: {parameters['exceptionDetails']['text']}")
        elif method == "Log.entryAdded":
            complaints.append(f"console: {parameters['entry']['text']}")
        elif method == "Network.requestWillBeSent":
            address = parameters["request"]["url"]
            if address != url and not address.startswith("data:"):
                complaints.append(f"the page asks for {address}")
    if screenshots:
        name = f"{width}-{scheme}"
        shot = browser.call(
            "Page.captureScreenshot", session, captureBeyondViewport=True, format="png")
        (screenshots / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))
        (screenshots / f"{name}.pdf").write_bytes(base64.b64decode(printed))
    browser.call("Target.closeTarget", targetId=target)
    return [f"{width} pixels, {scheme}: {complaint}" for complaint in complaints]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument(
        "--pages", type=int, default=40, help="how many pages it may have in print (default: 40)")
    parser.add_argument("--screenshots", type=pathlib.Path, help="folder for PNG and PDF files")
    arguments = parser.parse_args()
    if not arguments.page.is_file():
        sys.exit(f"{arguments.page}: there is no such file; `report RUN-DIR --html` writes one.")
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not executable:
        print("skipped: there is no Chromium here (apt-get install chromium)")
        sys.exit(SKIPPED)
    if arguments.screenshots:
        arguments.screenshots.mkdir(parents=True, exist_ok=True)
    complaints = []
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(executable, profile)
        url = arguments.page.resolve().as_uri()
        for width in [1280, 390]:
            for scheme in ["light", "dark"]:
                complaints += check(
                    browser, url, width, scheme, arguments.pages, arguments.screenshots)
        browser.call("Browser.close")
        browser.process.wait(timeout=20)
    for complaint in complaints:
        print(complaint)
    if complaints:
        sys.exit(1)
    print(f"{arguments.page} reads well at 1280 and 390 pixels, light, dark and printed")


if __name__ == "__main__":
    main()
