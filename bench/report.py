#!/usr/bin/env python3
"""Runs the benchmark programs and writes one report: report.json and report.html.

Usage: report.py [--build BUILD] [--out DIR] [--quick] [--only NAME,NAME...]
NAME: streams, micro, latency, scaling, sessions, kinds, density, instructions.
--quick: fewer rounds and smaller searches, three minutes in all.
What the machine lacks (libfreerdp2, valgrind, cargo for IronRDP, ../shared) is left out, and the
report says so.
Exit: 0; 1 wrong usage; 3 a program failed (the report holds the rest).
"""
import argparse
import datetime
import glob
import json
import os
import platform
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import report_html  # noqa: E402
import report_ironrdp  # noqa: E402
import report_metrics  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CAPTURES = os.path.join(ROOT, "tests", "data", "captures")
SHARED = os.path.join(ROOT, "..", "shared")
PACKAGES = ["libfreerdp2-2", "libtbb12", "libhwy1", "libssl3", "libavcodec59", "g++"]
SECONDS_ALLOWED = 900

# The office: most sessions at work with servers of all kinds, the others look at what is there.
MIX = [("sh2-nla-rfx", "2"), ("sh2-nsc-xcrush", "2"), ("xrdp09-bitmap24", "2"),
       ("weston-raw-xcrush", "1"), ("xrdp09-bitmap24", "3:idle")]
# With the larger recordings of ../shared: 1920x1080, the graphics pipeline, a little video.
MIX_SHARED = [("sh2-nla-rfx", "1"), ("sh2-nsc-xcrush", "1"), ("xrdp09-bitmap24", "1"),
              ("sh2-rfx-1080", "1"), ("grd43-progressive-1080", "1"),
              ("xrdp010-progressive-planar-1080", "1"), ("xrdp09-rfx-64k-1080", "1"),
              ("sh3-gfx-avc420-1080", "1"), ("xrdp09-bitmap24", "2:idle"),
              ("grd43-progressive-1080", "2:idle")]
ACTIVE = ["sh2-nla-rfx", "sh2-nsc-xcrush", "xrdp09-bitmap24"]
SCALING_SHARED = ["sh2-rfx-1080", "grd43-progressive-1080"]
KINDS_SHARED = ["sh2-rfx-1080", "xrdp09-rfx-64k-1080", "grd43-progressive-1080",
                "xrdp010-progressive-planar-1080", "sh3-gfx-avc420-1080", "sh3-gfx-avc444-1080",
                "sh2-planar32", "sh2-interleaved16", "xrdp09-bitmap32-1080"]

def first_line(command):
    try:
        out = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        return out.stdout.strip().split("\n")[0]
    except OSError:
        return ""


def machine():
    cpu = ""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            cpu = next((l.split(":", 1)[1].strip() for l in file if l.startswith("model name")), "")
    except OSError:
        pass
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "kernel": platform.release(),
        "load": os.getloadavg()[0],
        "commit": first_line(["git", "-c", "safe.directory=*", "describe", "--always", "--dirty"]),
        "compiler": first_line(["g++", "--version"]),
        "packages": {p: first_line(["dpkg-query", "-W", "-f=${Version}", p]) for p in PACKAGES},
    }


class Runner:
    """Runs programs, keeps what they said and how long they took."""

    def __init__(self, build):
        self.build = build
        self.commands = []

    def run(self, program, *args):
        """The program's JSON, or None when it failed."""
        path = os.path.join(self.build, "bench", program)
        command = [path if os.path.exists(path) else os.path.join(ROOT, "bench", program), *args]
        shown = [os.path.relpath(c, ROOT) if os.path.isabs(c) else c for c in command]
        print("report.py:", " ".join(shown), file=sys.stderr, flush=True)
        begin = time.monotonic()
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, check=False, cwd=ROOT,
                                  timeout=SECONDS_ALLOWED)
            code, out = done.returncode, done.stdout
        except (OSError, subprocess.TimeoutExpired) as error:
            code, out = str(error), b""
        result = None
        try:
            result = json.loads(out)
        except ValueError:
            code = code or "no JSON"
        self.commands.append({"command": " ".join(shown), "exit": code,
                              "seconds": round(time.monotonic() - begin, 1)})
        return result

    def rounds(self, count, program, *args):
        """As often as asked: what differs between the rounds is noise."""
        return [r for r in (self.run(program, *args) for _ in range(count)) if r is not None]


def capture(name):
    """A recording's path: the repository's, or else that of ../shared; None if there is none."""
    for folder in (CAPTURES, os.path.join(SHARED, "captures", "a")):
        path = os.path.join(folder, name + ".pcapng")
        if os.path.exists(path):
            return path
    return None


def shared(*parts):
    return sorted(glob.glob(os.path.join(SHARED, *parts)))


def measure_streams(runner, rounds, streams, ironrdp, *options):
    """Rounds of `streams` and, in turn with them, of IronRDP's program if there is one: a pinned
    thread each. IronRDP's frames are compared with those that Mullion leaves in a folder."""
    raw = {"streams": [], "ironrdp": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            raw["streams"] += runner.rounds(1, "streams", *streams, "--json", *options,
                                            *(["--frames", folder] if ironrdp else []))
            if ironrdp:
                raw["ironrdp"] += runner.rounds(1, ironrdp, *streams, "--json", *options,
                                                "--frames", folder)
    return raw


def one_of_each_codec(streams):
    """The smallest stream of each: "rfx_rlgr1.office.rdpb" of "rfx_rlgr1"."""
    by_codec = {}
    for path in sorted(streams, key=os.path.getsize, reverse=True):
        by_codec[os.path.basename(path).split(".", 1)[0]] = path
    return sorted(by_codec.values())


def measure(runner, quick, wanted, ironrdp):
    """Every program's rounds by name; absent: not asked for, or nothing to run it on."""
    raw = {}
    rounds = 2 if quick else 3
    streams = shared("streams", "*.rdpb")
    if "streams" in wanted and streams:
        raw |= measure_streams(runner, rounds, streams, ironrdp, "--rounds",
                               "3" if quick else "9")
    if "micro" in wanted:
        raw["micro"] = runner.rounds(1 if quick else 2, "micro", "--benchmark_format=json",
                                     "--benchmark_min_time=" + ("0.02" if quick else "0.2"))
    if "instructions" in wanted:
        counted = one_of_each_codec(streams) if quick else streams
        if counted:
            raw["instructions"] = runner.rounds(1, "instructions.py", "--build", runner.build,
                                                "--json", *counted)
    if "latency" in wanted:
        raw["latency"] = runner.rounds(rounds, "latency", "--json", "--samples",
                                       "100" if quick else "400")
        raw["sizes"] = runner.rounds(rounds, "latency", "--json", "--sizes")
    if "scaling" in wanted:
        files = [f for f in map(capture, ACTIVE + SCALING_SHARED) if f]
        raw["scaling"] = runner.rounds(rounds, "scaling", *files, "--whole-frames", "--json",
                                       "--rounds", "5" if quick else "11")
    if "sessions" in wanted:
        raw["sessions"] = runner.rounds(
            1 if quick else 2, "sessions", *[capture(name) for name in ACTIVE], "--json",
            *(["--growth", "8,64", "--seconds", "2"] if quick else []))
    if "kinds" in wanted and not quick:
        # Each kind of session alone.
        kinds = [f for f in map(capture, ACTIVE + ["weston-raw-xcrush"] + KINDS_SHARED) if f]
        raw["kinds"] = [r for f in kinds for r in runner.rounds(
            1, "density", f, "--json", "--realtime", "--at", "16", "--memory", "--seconds", "3")]
    if "density" in wanted:
        mix = MIX_SHARED if all(capture(name) for name, _ in MIX_SHARED) else MIX
        mix = [f"{capture(name)}:{weight}" for name, weight in mix]
        # Quick: one look at a number that holds, in place of the search.
        raw["density"] = runner.rounds(1, "density", *mix, "--json", "--realtime",
                                       *(["--at", "64", "--seconds", "3"] if quick else []))
    return {name: results for name, results in raw.items() if results}


ALL = ["streams", "micro", "instructions", "latency", "scaling", "sessions", "kinds", "density"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "bench-report"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default=",".join(ALL))
    options = parser.parse_args()
    wanted = options.only.split(",")
    if set(wanted) - set(ALL):
        parser.error("--only knows " + ", ".join(ALL))

    runner = Runner(os.path.abspath(options.build))
    report = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "quick": options.quick, "machine": machine()}
    ironrdp = None
    if "streams" in wanted and shared("streams", "*.rdpb"):
        ironrdp, report["ironrdp"] = report_ironrdp.prepare(os.path.join(runner.build, "ironrdp"))
    report["raw"] = measure(runner, options.quick, wanted, ironrdp)
    report["commands"] = runner.commands
    report["codecs"] = report_metrics.codecs(report["raw"])
    report["metrics"] = report_metrics.metrics(report["raw"])
    report["targets"] = report_metrics.targets(report["metrics"], report["machine"]["cores"])

    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(options.out, "report.json"), "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)
    with open(os.path.join(options.out, "report.html"), "w", encoding="utf-8") as file:
        file.write(report_html.page(report))

    if "absent" in report.get("ironrdp", {}):
        print("IronRDP was not measured:", report["ironrdp"]["absent"])
    met = sum(t["met"] for t in report["targets"])
    for target in report["targets"]:
        print(f"{'met    ' if target['met'] else 'NOT MET'}  {target['name']}: "
              f"{target['value']:.4g} {target['unit']} ({target['wanted']}"
              f"{'; ' + target['floor'] if 'floor' in target else ''})")
    print(f"{met} of {len(report['targets'])} targets met; {options.out}/report.html")
    failed = [c for c in runner.commands if c["exit"] != 0]
    for command in failed:
        print(f"FAILED ({command['exit']}): {command['command']}", file=sys.stderr)
    return 3 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
