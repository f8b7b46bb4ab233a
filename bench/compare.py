#!/usr/bin/env python3
"""Compares two benchmark reports: what became worse or better by more than noise explains.

Usage: compare.py A.json B.json [--all]
A metric's noise is the spread of its rounds in either report (from the best to the median), and at
least its floor; a quick report is twice as noisy. Prints the changes beyond that; --all prints
every metric.
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


def compare(before, after, factor=1):
    """(change for the worse as a share, bound): the change is negative when it became better."""
    old, new = before["value"], after["value"]
    bound = factor * max(before["floor"], after["floor"], 2 * spread(before), 2 * spread(after))
    if old == new:
        return 0.0, bound
    if before["better"] == "less":
        return (new - old) / abs(old) if old else float("inf"), bound
    return (old - new) / abs(new) if new else float("inf"), bound


def read(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    machine = report.get("machine", {})
    if machine.get("load", 0) > machine.get("cores", 1) / 2:
        print(f"{path}: measured while others used the machine (load {machine['load']:.1f})")
    return report["metrics"], report.get("quick", False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    try:
        (before, quick_before), (after, quick_after) = read(options.before), read(options.after)
    except (OSError, ValueError, KeyError) as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return 2
    factor = 2 if quick_before or quick_after else 1
    common = [name for name in before
              if name in after and before[name].get("of") == after[name].get("of")]
    worse = better = 0
    for name in common:
        change, bound = compare(before[name], after[name], factor)
        verdict = "worse" if change > bound else "better" if change < -bound else ""
        worse += verdict == "worse"
        better += verdict == "better"
        if verdict or options.all:
            print(f"{verdict:7}{name:60} {before[name]['value']:>12.5g} -> "
                  f"{after[name]['value']:<12.5g} {before[name]['unit']}, {-100 * change:+.1f} % "
                  f"(noise {100 * bound:.1f} %)")
    lost = [name for name in before if name not in common]
    if lost:
        print(f"not comparable: {', '.join(lost[:5])}{' ...' if len(lost) > 5 else ''}")
    print(f"{len(common)} metrics: {worse} worse, {better} better")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
