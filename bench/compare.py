#!/usr/bin/env python3
"""Compares two benchmark reports: what became worse or better by more than noise explains.

Usage: compare.py A.json B.json [--all]
A metric's noise is the spread of its rounds in either report (from the best to the median), and at
least its floor. Prints the changes beyond twice the noise; --all prints every metric.
Exit: 0; 1 B is worse than A somewhere; 2 a report cannot be read.
"""
import argparse
import json
import statistics
import sys


def spread(metric):
    """How far the rounds lie from the best of them, as a share of it."""
    best = metric["value"]
    if len(metric["samples"]) < 2 or best == 0:
        return 0.0
    return abs(statistics.median(metric["samples"]) - best) / abs(best)


def compare(before, after):
    """(change for the worse as a share, bound): the change is negative when it became better."""
    old, new = before["value"], after["value"]
    bound = max(before["floor"], after["floor"], 2 * spread(before), 2 * spread(after))
    if old == new:
        return 0.0, bound
    if before["better"] == "less":
        return (new - old) / abs(old) if old else float("inf"), bound
    return (old - new) / abs(new) if new else float("inf"), bound


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)["metrics"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    try:
        before, after = read(options.before), read(options.after)
    except (OSError, ValueError, KeyError) as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return 2
    common = [name for name in before if name in after]
    worse = better = 0
    for name in common:
        change, bound = compare(before[name], after[name])
        verdict = "worse" if change > bound else "better" if change < -bound else ""
        worse += verdict == "worse"
        better += verdict == "better"
        if verdict or options.all:
            print(f"{verdict:7}{name:60} {before[name]['value']:>12.5g} -> "
                  f"{after[name]['value']:<12.5g} {before[name]['unit']}, {-100 * change:+.1f} % "
                  f"(noise {100 * bound:.1f} %)")
    lost = [name for name in before if name not in after]
    if lost:
        print(f"only in {options.before}: {', '.join(lost[:5])}{' ...' if len(lost) > 5 else ''}")
    print(f"{len(common)} metrics: {worse} worse, {better} better")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
