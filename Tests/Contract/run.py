#!/usr/bin/env python3
"""Holds the four services of a house of its own to their OpenAPI documents, with Schemathesis.

Needs the programs in HUIYIN_BIN. Everything happens on loopback and in a folder of its own under TMPDIR; only the virtual
environment is kept, in .huiyin/contract of the clone. Ends with 1 when a service breaks its contract.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv

HERE = pathlib.Path(__file__).resolve().parent
CLONE = HERE.parent.parent
READY_WITHIN = 180
LONGEST_RUN = 900


class House:
    """`huiyin up` in a folder of its own."""

    def __init__(self, programs):
        self.programs = programs
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="huiyin-contract-"))
        self.home.chmod(0o711)
        (self.home / "deploy").mkdir()
        (self.home / "deploy" / "county").symlink_to(CLONE / "deploy" / "county")
        self.environment = {
            "HUIYIN_HOME": str(self.home), "HUIYIN_BIN": str(programs), "HOME": str(self.home), "LANG": "C.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        }
        self.log = self.home / "up.txt"
        with open(self.log, "wb") as log:
            self.up = subprocess.Popen(
                [programs / "huiyin", "up"], stdout=log, stderr=log, env=self.environment, cwd=self.home, start_new_session=True)

    def wait(self):
        limit = time.monotonic() + READY_WITHIN
        while "Huiyin is ready" not in self.log.read_text(errors="replace"):
            if self.up.poll() is not None or time.monotonic() > limit:
                raise SystemExit(f"the house did not start:\n{self.log.read_text(errors='replace')}")
            time.sleep(0.2)
        self.ports = json.loads((self.home / ".huiyin" / "settings.json").read_text())["ports"]

    def stop(self):
        if self.up.poll() is None:
            self.up.send_signal(signal.SIGTERM)
            try:
                self.up.wait(90)
            except subprocess.TimeoutExpired:
                os.killpg(self.up.pid, signal.SIGKILL)
                self.up.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def address(self, service):
        return f"http://127.0.0.1:{self.ports[service]}"

    def token(self, role, unit, person):
        issued = subprocess.run(
            [self.programs / "huiyin", "token", "issue", "--role", role, "--unit", unit, "--person", person, "--hours", "2"],
            env=self.environment, cwd=self.home, check=True, capture_output=True, text=True)
        return issued.stdout.strip()

    def ask(self, service, path, token=None, body=None, headers=None):
        """The answer as JSON; its errors are HTTPError."""
        request = urllib.request.Request(self.address(service) + path, headers=dict(headers or {}))
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def until_assigned(house, case, token):
    """Waits until routing has given the case to a unit and knows its clocks; gives the unit."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            found = house.ask("routing", f"/v1/cases/{case}", token)
            if found["stage"] == "assigned" and found["clocks"]:
                return found["unit"]
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
        time.sleep(0.2)
    raise SystemExit("a case was not assigned within a minute")


def seed(house):
    """Registers cases and lets their unit accept two, so that desks are not empty; gives what the runs need to know."""
    dispatcher = house.token("dispatcher", "dispatch-desk", "dispatcher-1")
    receipts = [
        house.ask("intake", "/v1/cases", headers={"Idempotency-Key": f"seed-{number}"}, body={
            "kind": "claim", "title": f"Wages of team {number} are owed", "narrative": f"Two months, {number} people.",
            "petitioners": [{"name": f"Li {number}", "phone": "000 1111 2222"}]})
        for number in range(6)
    ]
    unit = [until_assigned(house, receipt["id"], dispatcher) for receipt in receipts][0]
    head = house.token("unit-head", unit, f"{unit}-0")
    accepted = [receipt["id"] for receipt in receipts[:2]]
    for number, case in enumerate(accepted):
        house.ask("routing", f"/v1/cases/{case}/accept", head, {}, {"Idempotency-Key": f"seed-accept-{number}"})
    # One that is fetched: a webhook of a random address would be a call to somebody who did not ask for it.
    administrator = house.token("administrator", "county", "administrator-1")
    made = house.ask(
        "notification", "/v1/subscriptions", administrator, {"code": "contract", "unit": unit, "kind": "pull", "start": "beginning"},
        {"Idempotency-Key": "seed-subscription"})
    return {"administrator": administrator, "secret": made["secret"], "dispatcher": dispatcher, "head": head, "accepted": accepted, "assigned": receipts[2]["id"], "receipt": receipts[3]}


def answered(house, service):
    """How often each status was answered by each operation under /v1, by the service's own count."""
    with urllib.request.urlopen(house.address(service) + "/metrics", timeout=30) as answer:
        text = answer.read().decode()
    found = {}
    for line in text.splitlines():
        if line.startswith("huiyin_http_requests_total{"):
            labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
            if labels["route"].startswith("/v1/"):
                statuses = found.setdefault(f"{labels['method']} {labels['route']}", {})
                statuses[int(labels["status"])] = float(line.rsplit(" ", 1)[1])
    return found


def judge(house, service):
    """Prints what the service counted; gives what speaks against it: failures, or that nothing it does was ever reached."""
    operations = answered(house, service)
    done = [name for name, statuses in operations.items() if any(status < 300 for status in statuses)]
    failed = [f"{name} {status}" for name, statuses in operations.items() for status in statuses if status >= 500 and status != 501]
    refused = sorted(name for name in operations if name not in done and set(operations[name]) - {405})
    print(f"{service}: {len(done)} operations did what they are for; these only ever refused: {', '.join(refused) or 'none'}")
    complaints = [f"{service} failed: {', '.join(sorted(failed))}"] if failed else []
    steps = "POST /v1/subscriptions/" if service == "notification" else "POST /v1/cases/"
    if not any(name.startswith(steps) for name in done):
        complaints.append(f"{service} took no step of anything, so nothing was learned of it")
    return complaints


def schemathesis():
    """The program, installed if it is missing or of another version."""
    folder = CLONE / ".huiyin" / "contract"
    wanted = (HERE / "requirements.txt").read_text()
    mark = folder / "installed.txt"
    if not mark.exists() or mark.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", "-r", HERE / "requirements.txt"], check=True)
        mark.write_text(wanted)
    return folder / "bin" / "st"


def main():
    if "HUIYIN_BIN" not in os.environ:
        raise SystemExit("HUIYIN_BIN must name the folder of the programs; ./huiyin test --contract sets it.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    program = schemathesis()
    examples = os.environ.get("HUIYIN_CONTRACT_EXAMPLES", "25")
    house = House(pathlib.Path(os.environ["HUIYIN_BIN"]).resolve())
    try:
        house.wait()
        known = seed(house)
        county = "^/v1/(county|units)"
        brief = ["--phases", "examples,coverage,fuzzing"]
        # Service, who asks, their token, parameters that are the same in every request, and options. A random client reaches hardly any
        # step of a case, so some runs are about a case that there is.
        runs = [
            ("intake", "a dispatcher", known["dispatcher"], {}, ["--exclude-path-regex", county]),
            ("intake", "an administrator", known["administrator"], {}, ["--include-path-regex", county, *brief]),
            ("intake", "a petitioner about their case", None, {
                "path.number": known["receipt"]["number"], "header.Query-Code": known["receipt"]["code"],
            }, ["--include-path-regex", "^/v1/progress", *brief]),
            ("routing", "a dispatcher", known["dispatcher"], {}, []),
            ("routing", "a dispatcher about an assigned case", known["dispatcher"], {"path.id": known["assigned"]}, [
                "--include-path-regex", "^/v1/cases", *brief]),
            ("routing", "the unit's head about an accepted case", known["head"], {"path.id": known["accepted"][0]}, [
                "--include-path-regex", "^/v1/cases", *brief]),
            ("deadline", "the unit's head", known["head"], {}, []),
            ("deadline", "the unit's head about an accepted case", known["head"], {"path.id": known["accepted"][1]}, []),
            ("notification", "anybody", None, {}, []),
            # First: the administrator's requests pause and rotate the subscription.
            ("notification", "a department's system", known["secret"], {"query.wait": "0"}, ["--include-path", "/v1/feed", *brief]),
            ("notification", "an administrator", known["administrator"], {"path.code": "contract"}, [
                "--exclude-operation-id", "makeSubscription", "--exclude-operation-id", "removeSubscription", "--exclude-path", "/v1/feed", *brief]),
        ]
        broken = []
        for service, person, token, parameters, options in runs:
            print(f"\n=== {service}, asked by {person}", flush=True)
            # What is learned of one run must not change the next.
            with tempfile.TemporaryDirectory(dir=house.home) as folder:
                configuration = (HERE / "schemathesis.toml").read_text()
                configuration += "\n[parameters]\n" + "".join(f'"{name}" = "{value}"\n' for name, value in parameters.items())
                if token:
                    # By the name of the scheme, so that requests without the header can be made too.
                    scheme = "subscriptionToken" if token == known["secret"] else "staffToken"
                    configuration += f'\n[auth.openapi.{scheme}]\nbearer = "{token}"\n'
                file = pathlib.Path(folder) / "schemathesis.toml"
                file.touch(0o600)
                file.write_text(configuration)
                command = [
                    program, "--config-file", "schemathesis.toml", "run", house.address(service) + "/openapi.yaml",
                    "--max-examples", examples, *options]
                environment = os.environ | {
                    "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
                ended = subprocess.run(command, cwd=folder, env=environment, timeout=LONGEST_RUN)
            if ended.returncode != 0:
                broken.append(f"{service}, asked by {person}")
        print()
        for service in ("intake", "routing", "deadline", "notification"):
            broken += judge(house, service)
        if broken:
            raise SystemExit("The contract is broken: " + "; ".join(broken))
        print("The four services keep their contracts.")
    finally:
        house.stop()


if __name__ == "__main__":
    main()
