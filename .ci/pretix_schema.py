#!/usr/bin/env python3
"""Plans that Guichet writes for pretix are held against pretix's own JSON Schema, which its Python package carries.

A plan with a field that pretix does not know must fail: a check that cannot fail is none.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import venv
import zipfile

PRETIX = "pretix==2026.8.0"
SCHEMA = "pretix/static/seating/seating-plan.schema.json"
ROOT = pathlib.Path(__file__).resolve().parent.parent
WRITER = ROOT / "target/debug/examples/write_pretix"
PLANS = ["examples/data/theatre.json", "examples/data/banquet.json", "examples/data/race-track.json"]


def validate(directory: pathlib.Path) -> None:
    """Runs inside the virtual environment."""
    import jsonschema

    [wheel] = directory.glob("pretix-*.whl")
    schema = json.loads(zipfile.ZipFile(wheel).read(SCHEMA))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for plan in PLANS:
        written = json.loads(subprocess.run([WRITER, ROOT / plan], check=True, capture_output=True).stdout)
        faults = [f"{plan}: {'/'.join(map(str, fault.absolute_path))}: {fault.message[:200]}" for fault in validator.iter_errors(written)]
        if faults:
            sys.exit("\n".join(faults))
        seats = sum(len(row["seats"]) for zone in written["zones"] for row in zone["rows"])
        if not seats:
            sys.exit(f"{plan}: no seat was written")
        broken = copy.deepcopy(written)
        broken["zones"][0]["rows"][0]["seats"][0]["colour"] = "red"
        if validator.is_valid(broken):
            sys.exit(f"{plan}: the schema finds nothing wrong with a broken plan")
        print(f"{plan}: {seats} seats, as pretix's schema has it")


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        environment = pathlib.Path(directory) / "venv"
        venv.create(environment, with_pip=True)
        python = environment / "bin/python"
        pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "jsonschema"], check=True)
        subprocess.run([*pip, "download", "--no-deps", "--dest", directory, PRETIX], check=True)
        subprocess.run([python, __file__, directory], check=True)


if __name__ == "__main__":
    validate(pathlib.Path(sys.argv[1])) if len(sys.argv) > 1 else main()
