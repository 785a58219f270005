#!/usr/bin/env python3
"""Checks what ARCHITECTURE.md promises about the structure: who may depend on whom, and how long a file may be.

Reads `cargo metadata`, so that it sees what cargo sees. Prints each violation and exits with 1 if there is any.
"""

import json
import pathlib
import re
import subprocess
import sys

# Normal dependencies inside the workspace: everything that is allowed, by package.
INSIDE = {
    "guichet-domain": set(),
    "guichet-broker": set(),
    "guichet-audit": {"guichet-domain"},
    "guichet-plans": {"guichet-domain"},
    "guichet-core": {"guichet-domain", "guichet-broker", "guichet-audit", "guichet-plans"},
    "guichet-api": set(),
    "guichet-drawing": {"guichet-domain"},
    "guichet-server": {"guichet-core", "guichet-api", "guichet-plans"},
    "guichet-tui": {"guichet-api", "guichet-drawing"},
    "guichet-cli": {"guichet-core", "guichet-audit", "guichet-server", "guichet-api", "guichet-plans", "guichet-tui", "guichet-drawing"},
    "guichet-sim": {"guichet-core", "guichet-broker", "guichet-domain", "guichet-audit"},
    "guichet-examples": {"guichet-core", "guichet-plans", "guichet-api"},
    "guichet-benches": {"guichet-core", "guichet-server", "guichet-api", "guichet-broker", "guichet-plans", "guichet-examples"},
}

# Packages from outside that a layer never sees.
NEVER = {
    "guichet-domain": {"tokio", "serde", "serde_json", "sled", "fluvio", "fluvio-protocol", "axum", "rand", "fastrand", "getrandom"},
    "guichet-broker": {"tokio", "serde", "serde_json", "sled", "axum"},
    "guichet-audit": {"tokio", "serde", "sled"},
    "guichet-plans": {"tokio", "axum", "sled"},
    "guichet-api": {"axum", "sled"},
    "guichet-drawing": {"tokio", "serde", "ratatui", "crossterm"},
    "guichet-core": {"axum", "reqwest", "clap", "ratatui"},
    "guichet-tui": {"sled", "axum"},
}

# Words that a folder's sources may not contain, with the reason.
WORDS = [
    ("crates/audit/src", r"\b(inventory|dedup)::|domain::state\b|(?<!\w)State::", "the checker may not use the rules that it checks"),
    ("crates/domain/src", r"\b(Instant|SystemTime|std::fs|std::net|std::thread)\b", "the domain has no clock and no I/O"),
    ("crates/core/src", r"\bsled::", "only the store's own module names sled"),
]
WORD_EXCEPTIONS = {("crates/core/src", "crates/core/src/store/sled_store.rs")}

LINES_MAX = 800


def main() -> int:
    metadata = json.loads(subprocess.check_output(["cargo", "metadata", "--format-version", "1", "--no-deps"]))
    faults = []
    seen = set()
    for package in metadata["packages"]:
        name = package["name"]
        seen.add(name)
        if name not in INSIDE:
            faults.append(f"{name}: not in the list of layers; decide where it belongs")
            continue
        for dependency in package["dependencies"]:
            if dependency["kind"] is not None:
                continue
            other = dependency["name"]
            if other.startswith("guichet-") and other not in INSIDE[name]:
                faults.append(f"{name} may not depend on {other}")
            if other in NEVER.get(name, set()):
                faults.append(f"{name} may not know {other}")
    for name in INSIDE.keys() - seen:
        faults.append(f"{name}: in the list of layers, but there is no such package")

    root = pathlib.Path(metadata["workspace_root"])
    sources = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard", "*.rs"], cwd=root, text=True).split()
    for source in sources:
        text = (root / source).read_text()
        lines = text.count("\n")
        if lines > LINES_MAX:
            faults.append(f"{source}: {lines} lines, at most {LINES_MAX}: it has two duties")
        for folder, pattern, reason in WORDS:
            if source.startswith(folder + "/") and (folder, source) not in WORD_EXCEPTIONS:
                for number, line in enumerate(text.splitlines(), 1):
                    if not line.lstrip().startswith("//") and re.search(pattern, line):
                        faults.append(f"{source}:{number}: {reason}: {line.strip()}")
    for fault in faults:
        print(fault)
    print(f"layers: {len(seen)} packages, {len(sources)} sources, {len(faults)} violations")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
