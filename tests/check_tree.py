#!/usr/bin/env python3
"""Checks what the source tree promises: which room includes which, what stays out of codecs/, the
form of headers, the length of files, a README in each room; with --headers also that every header
compiles alone (CXX, default g++). Prints one line per broken promise and ends with
"N passed, N failed"; a promise is one rule for one file.

Usage: check_tree.py [--headers] [ROOT]
"""
import concurrent.futures
import os
import re
import subprocess
import sys

SOURCE = (".h", ".hpp", ".cc")
RUST = ".rs"  # a peer's side of the benchmarks
MAX_LINES = 700

# room -> the rooms that it may include. A file belongs to the longest prefix that fits it.
ROOMS = {
    "codecs/base/": ["codecs/base/"],
    "codecs/wire/": ["codecs/base/", "codecs/wire/"],
    "codecs/bulk/": ["codecs/base/", "codecs/bulk/"],
    "codecs/simd/": ["codecs/base/", "codecs/simd/"],
    "codecs/image/": ["codecs/"],
    "io/": ["codecs/", "io/"],
    "engine/": ["codecs/", "io/", "engine/"],
    "engine/api/": ["engine/api/"],
    "tools/": ["tools/", "engine/api/"],
    "bindings/": ["bindings/", "engine/api/"],
    "fuzz/": ["codecs/", "io/", "engine/", "fuzz/", "tests/support/"],
    "bench/": ["codecs/", "io/", "engine/", "fuzz/", "bench/", "tests/"],
    "tests/": ["codecs/", "io/", "engine/", "tools/", "fuzz/", "bench/", "tests/"],
    "tests/embed/": [],  # stands for somebody else's program: the installed headers only
}

# Includes of these begin only in these rooms.
EXTERNAL = [
    (r"openssl/", ["io/tls/", "io/auth/", "tests/", "fuzz/", "bench/"]),
    (r"(sys/socket|sys/un|netinet/|arpa/|netdb)", ["io/net/", "tests/io/", "bench/"]),
    (r"hwy/", ["codecs/simd/", "tests/", "bench/"]),
    (r"(tbb|oneapi)/", ["engine/pool"]),
    (r"libav(codec|util)/", ["codecs/image/avc.cc"]),
    (r"(freerdp|winpr)/", ["fuzz/oracle/", "bench/"]),
    (r"CLI/", ["tools/"]),
    (r"png\.h", ["tools/", "tests/"]),
    (r"doctest/", ["tests/"]),
    (r"benchmark/", ["bench/"]),
]

# codecs/ is pure: no threads, clock, log, files. Memory may come from the system itself in one place.
MAPS_MEMORY = ("codecs/bulk/history_buffer.cc", "sys/mman.h")
IMPURE_INCLUDES = re.compile(
    r"(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|chrono|ctime|"
    r"time\.h|iostream|ostream|fstream|cstdio|stdio\.h|filesystem|unistd\.h|sys/.*|poll\.h|"
    r"pthread\.h)$")
IMPURE_CODE = re.compile(
    r"(\bthrow\b(?!\s+std::bad_alloc)|\babort\s*\(|\bexit\s*\(|\bprintf\s*\(|\bfprintf\s*\(|\bstd::c(out|err)\b|"
    r"\bassert\s*\()")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"", re.S)


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, good, message):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(message)


def tracked_files(root):
    try:
        out = subprocess.run(["git", "-C", root, "ls-files", "-z"], check=True, capture_output=True)
        return sorted(f for f in out.stdout.decode().split("\0")
                      if f and os.path.exists(os.path.join(root, f)))
    except (OSError, subprocess.CalledProcessError):  # an exported tree
        files = []
        for folder, dirs, names in os.walk(root):
            dirs[:] = [d for d in dirs if not d.startswith(("build", "."))]
            files += [os.path.relpath(os.path.join(folder, n), root) for n in names]
        return sorted(files)


def room_of(path):
    fitting = [room for room in ROOMS if path.startswith(room)]
    return max(fitting, key=len) if fitting else None


def check_includes(path, text, tally):
    room = room_of(path)
    if room is None:
        tally.check(False, f"{path}: is in no known room")
        return
    for match in INCLUDE.finditer(text):
        bracket, target = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        if bracket == '"' and not target.startswith("hwy/"):
            # The public headers find each other without our root, since they are installed.
            full = "engine/api/" + target if room == "engine/api/" else target
            good = any(full.startswith(allowed) for allowed in ROOMS[room])
            tally.check(good, f"{path}:{line}: {room} must not include \"{target}\"")
        for pattern, rooms in EXTERNAL:
            if re.match(pattern, target):
                good = any(path.startswith(r) for r in rooms)
                tally.check(good, f"{path}:{line}: <{target}> belongs in {', '.join(rooms)} only")
        if room.startswith("codecs/") and (path, target) != MAPS_MEMORY:
            tally.check(not IMPURE_INCLUDES.match(target),
                        f"{path}:{line}: codecs/ is pure and must not include <{target}>")


def check_length(path, text, tally):
    lines = text.count("\n")
    reason = "long because" in text[:3000].lower()
    tally.check(lines <= MAX_LINES or reason,
                f"{path}: {lines} lines; over {MAX_LINES} needs a reason (\"Long because ...\") "
                "in its first comment")


def check_file(root, path, tally):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        text = f.read()
    check_length(path, text, tally)
    if path.endswith(RUST):
        tally.check(path.startswith("bench/"), f"{path}: Rust is for peers in bench/ only")
        return
    check_includes(path, text, tally)
    if path.startswith("codecs/"):
        code = COMMENT.sub(lambda m: "\n" * m.group().count("\n"), text)
        for match in IMPURE_CODE.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            tally.check(False, f"{path}:{line}: codecs/ is pure: no {match.group().strip()}")
    if path.endswith((".h", ".hpp")):
        guard = "MULLION_" + re.sub(r"[^A-Za-z0-9]", "_", path).upper() + "_"
        guard = guard.replace("MULLION_ENGINE_API_", "MULLION_API_")
        # Highway compiles some files once per target, and guards them by its own toggle.
        good = f"#define {guard}" in text or "HWY_TARGET_TOGGLE" in text
        tally.check(good, f"{path}: the include guard is not {guard}")


def check_readmes(root, files, tally):
    rooms = sorted({f.split("/")[0] for f in files if "/" in f and f.endswith(SOURCE)})
    for room in rooms:
        path = os.path.join(root, room, "README.md")
        lines = open(path, encoding="utf-8").read().strip().count("\n") if os.path.exists(path) else 0
        tally.check(lines >= 2, f"{room}/README.md: is missing or says nothing")


def compile_alone(root, path):
    command = os.environ.get("CXX", "g++").split() + [
        "-fsyntax-only", "-w", "-I", root, f'-DMULLION_SOURCE_DIR="{root}"',
        "-x", "c++", "-std=c++20", "-"]
    if path == "engine/api/mullion.h":  # the C ABI is for C
        command[-4:] = ["-x", "c", "-std=c11", "-"]
    run = subprocess.run(command, input=f'#include "{path}"\n'.encode(), capture_output=True)
    return path, run.returncode, run.stderr.decode(errors="replace")


def check_headers(root, files, tally):
    # *-inl.h files are bodies for Highway's per-target compilation and cannot stand alone.
    headers = [f for f in files if f.endswith((".h", ".hpp")) and not f.endswith("-inl.h")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, code, errors in pool.map(lambda h: compile_alone(root, h), headers):
            tally.check(code == 0, f"{path}: does not compile alone:\n{errors[:1500]}")


def main():
    args = [a for a in sys.argv[1:] if a != "--headers"]
    root = os.path.abspath(args[0] if args else os.path.join(os.path.dirname(__file__), ".."))
    files = tracked_files(root)
    tally = Tally()
    for path in files:
        if path.endswith((*SOURCE, RUST)):
            check_file(root, path, tally)
    check_readmes(root, files, tally)
    if "--headers" in sys.argv:
        check_headers(root, files, tally)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
