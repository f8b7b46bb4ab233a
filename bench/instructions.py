#!/usr/bin/env python3
"""Instructions that a decoder executes on a stream, by valgrind: a second measure beside times,
which other programs on the machine cannot disturb. Valgrind knows no AVX-512, so that what is
counted is Mullion's AVX2 code. libfreerdp2 decodes on threads of its own, which such a count misses.

Usage: instructions.py [--build BUILD] [--json] STREAM.rdpb...
Exit: 0; 2 valgrind or the program is missing; 3 a count failed.
"""
import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys


def count(build, stream):
    """Instructions of one timed round of build/bench/streams, or None."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         "--toggle-collect=*TimedRound*", os.path.join(build, "bench", "streams"), stream,
         "--rounds", "1", "--side", "mullion"],
        capture_output=True, text=True, errors="replace", check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    return int(found.group(1)) if done.returncode == 0 and found else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("streams", nargs="+")
    parser.add_argument("--build", default="build")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("instructions.py: valgrind is not installed", file=sys.stderr)
        return 2
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda stream: count(options.build, stream), options.streams)
        counts = dict(zip(map(os.path.basename, options.streams), found))
    if options.json:
        print(json.dumps({"instructions": counts}, indent=1))
    else:
        for name, value in counts.items():
            print(f"{name:32} {'failed' if value is None else f'{value:15,}'}")
    return 3 if None in counts.values() else 0


if __name__ == "__main__":
    sys.exit(main())
