#!/usr/bin/env python3
"""Counts what a `meson test` run passed and failed: the cases of doctest programs and the items of
scripts that end with "N passed, N failed", one for any other test. A program that fails without
saying in which case counts as one failure, so a crash is never lost.

Usage: count_tests.py BUILD_DIR/meson-logs/testlog.json
Prints "PASSED FAILED", then a line for each failed test.
"""
import json
import re
import sys

DOCTEST = re.compile(r"\[doctest\] test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed")
PLAIN = re.compile(r"^(\d+) passed, (\d+) failed", re.M)


def count(test):
    found = DOCTEST.findall(test.get("stdout", "")) or PLAIN.findall(test.get("stdout", ""))[-1:]
    passed = sum(int(p) for p, _ in found)
    failed = sum(int(f) for _, f in found)
    good = test["result"] in ("OK", "EXPECTEDFAIL", "SKIP")
    if good:
        return (passed if found else int(test["result"] != "SKIP")), failed
    return passed, max(failed, 1)


def main():
    passed = failed = 0
    broken = []
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            p, f = count(test)
            passed += p
            failed += f
            if f:
                broken.append(f"{test['name']}: {test['result']} (exit {test['returncode']})")
    print(passed, failed)
    for line in broken:
        print(line)


if __name__ == "__main__":
    main()
