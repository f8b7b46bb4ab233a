"""IronRDP's side of a benchmark report: bench/ironrdp, built with cargo where that is possible.

It is optional: nothing of Mullion needs it. Where it is missing the report says why.
"""
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROJECT = os.path.join(ROOT, "bench", "ironrdp")
PROGRAM = "ironrdp_streams"
SECONDS_ALLOWED = 1200  # it compiles OpenH264, too


def versions():
    """The pinned crates that decode, by name."""
    with open(os.path.join(PROJECT, "Cargo.lock"), encoding="utf-8") as file:
        found = re.findall(r'^name = "(ironrdp-[^"]+|openh264)"\nversion = "([^"]+)"', file.read(),
                           re.MULTILINE)
    used = ("ironrdp-bulk", "ironrdp-egfx", "ironrdp-graphics", "ironrdp-session", "openh264")
    return {name: version for name, version in found if name in used}


def why_failed(output):
    """Cargo's own word for it: its first error."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error")]
    return (errors or lines or ["it says nothing"])[0]


def build(target_dir):
    """(path of the program, None), or (None, why there is none)."""
    cargo = shutil.which("cargo")
    if cargo is None:
        return None, "cargo is not installed"
    # The flags are the project's own (.cargo/config.toml), which the environment would replace.
    environment = {k: v for k, v in os.environ.items() if k != "RUSTFLAGS"}
    try:
        done = subprocess.run([cargo, "build", "--release", "--locked", "--target-dir", target_dir],
                              cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", check=False, timeout=SECONDS_ALLOWED)
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"cargo: {error}"
    if done.returncode != 0:
        return None, "cargo cannot build bench/ironrdp: " + why_failed(done.stdout)
    return os.path.join(target_dir, "release", PROGRAM), None


def compiler():
    try:
        done = subprocess.run(["rustc", "--version"], cwd=PROJECT, capture_output=True, text=True,
                              check=False)
        return done.stdout.strip()
    except OSError:
        return ""


def prepare(target_dir):
    """(path of the program or None, what the report says of it): {"versions", "compiler"}, or
    {"absent": why}."""
    print("report.py: cargo build of bench/ironrdp", file=sys.stderr, flush=True)
    program, why = build(target_dir)
    if program is None:
        return None, {"absent": why}
    return program, {"versions": versions(), "compiler": compiler()}
