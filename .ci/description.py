#!/usr/bin/env python3
"""What the server says of itself is held against what it does: schemathesis reads /openapi.json of a running server and asks every
route with data that fit the description, data that do not, and none. No 5xx, no answer that is not described, nobody let in without a key.

Streams of events never end, so they are left to the tests. A description that lacks an answer must fail: a check that cannot fail is
none. Runs the build for tests, which ends a request whose answer the edge does not find described.
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
import venv

SCHEMATHESIS = "schemathesis==4.32.5"
ROOT = pathlib.Path(__file__).resolve().parent.parent
GUICHET = ROOT / "target/debug/guichet"
CASES = os.environ.get("GUICHET_DESCRIPTION_CASES", "20")
ENDLESS = ["stream", "follow_seats"]
CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "missing_required_header", "unsupported_method",
    "allow_header_conformance", "ignored_auth",
]


def guichet(environment: dict, *words: str) -> dict:
    answer = subprocess.run([GUICHET, "--output", "json", *words], env=environment, capture_output=True, text=True)
    if answer.returncode != 0:
        sys.exit(f"guichet {' '.join(words)}: {answer.stderr}")
    return json.loads(answer.stdout)


def seed(environment: dict) -> dict:
    """Something for every id in a path."""
    venue = guichet(environment, "venue", "import", str(ROOT / "examples/data/theatre.json"))["venue"]
    product = "Standard=4500:categories=Standard"
    show = guichet(environment, "show", "create", "--venue", venue, "--name", "Play", "--currency", "EUR", "--product", product)["show"]
    guichet(environment, "show", "open", show)
    holds = [guichet(environment, "hold", "place", show, "--product", "Standard", "--quantity", "2", "--best")["hold"] for _ in range(2)]
    order = guichet(environment, "order", "place", holds[0], "--provider", "simulated", "--payment-token", "approve", "--wait", "5s")
    spare = guichet(environment, "key", "create", "--name", "spare", "--scope", "shop")["key"]
    ids = {"venue": venue, "show": show, "hold": holds[1], "order": order["order"], "key": spare}
    return {**ids, "list": "main", "code": "sold_out"}


def run(tool: pathlib.Path, directory: pathlib.Path, description: str, key: str, *more: str) -> subprocess.CompletedProcess:
    command = [
        tool, "run", description, "-H", f"Authorization: Bearer {key}", "--phases", "examples,coverage,fuzzing", "-n", CASES, "--seed", "1",
        "--continue-on-failure", "--checks", ",".join(CHECKS), "--workers", "2", "--warnings", "off", "--no-color", *more,
    ]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True)


def check(tool: pathlib.Path, directory: pathlib.Path, url: str, key: str) -> None:
    here = {**os.environ, "GUICHET_SERVER": url, "GUICHET_KEY": key}
    parameters = "".join(f'"path.{name}" = "{value}"\n' for name, value in seed(here).items())
    # Once with ids that name something, once with whatever comes to mind.
    known, unknown = directory / "known", directory / "unknown"
    for folder, text in [(known, f"[parameters]\n{parameters}"), (unknown, "")]:
        folder.mkdir()
        (folder / "schemathesis.toml").write_text(text)
    description = json.load(urllib.request.urlopen(f"{url}/openapi.json"))
    del description["paths"]["/v1/venues/{venue}"]["get"]["responses"]["404"]
    broken = directory / "broken.json"
    broken.write_text(json.dumps(description))
    lacking = run(tool, unknown, str(broken), key, "--url", url, "--include-operation-id", "get_venue")
    if lacking.returncode == 0 or "Undocumented status code" not in lacking.stdout:
        sys.exit(f"a description that lacks an answer passes:\n{lacking.stdout}{lacking.stderr}")

    # Ids are also taken from earlier answers: with those, it would sooner or later revoke the key that it asks with.
    for folder, left_out in [(known, ENDLESS), (unknown, [*ENDLESS, "rotate_key", "revoke_key"])]:
        excluded = [word for name in left_out for word in ("--exclude-operation-id", name)]
        whole = run(tool, folder, f"{url}/openapi.json", key, *excluded)
        if whole.returncode != 0:
            defects = [line for line in (directory / "log").read_text().splitlines() if "a defect" in line or "panicked" in line]
            sys.exit("\n".join([whole.stdout, whole.stderr, *defects]))
        tested = re.search(r"Tested: (\d+)", whole.stdout)
        cases = re.search(r"(\d+) generated", whole.stdout)
        if not tested or int(tested[1]) < 40 or not cases or int(cases[1]) < 1000:
            sys.exit(f"too little was asked:\n{whole.stdout}")
        print(f"{folder.name} ids: {tested[1]} operations, {cases[1]} requests, nothing that the description does not say")
    verification = guichet(here, "verify")
    if not verification["ok"]:
        sys.exit(f"what is in the journal now is not right: {verification}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        venv.create(directory / "venv", with_pip=True)
        pip = [directory / "venv/bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", SCHEMATHESIS], check=True)
        serve = [GUICHET, "serve", "--data", directory / "data", "--listen", "127.0.0.1:0"]
        with open(directory / "log", "w") as log, subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=log, text=True) as server:
            try:
                said = ""
                while "listening on" not in said:
                    line = server.stdout.readline()
                    if not line:
                        sys.exit(f"the server does not start:\n{said}{(directory / 'log').read_text()}")
                    said += line
                key, url = re.search(r"gk_[\w-]+", said)[0], re.search(r"http://\S+", said)[0]
                check(directory / "venv/bin/schemathesis", directory, url, key)
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(timeout=20)
        if "panicked" in (text := (directory / "log").read_text()):
            sys.exit(f"the server panicked:\n{text}")


if __name__ == "__main__":
    main()
