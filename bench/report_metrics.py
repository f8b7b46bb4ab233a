"""What a benchmark report says in numbers that can be compared: metrics by name, and targets.

A metric: {"unit", "better": "less" or "more", "samples": one per round, "value": the best of them,
"floor": the share of a change that is never a finding, however calm the rounds were, "of": what was
measured, where a name does not say it: metrics of different things are not compared}.
"""
import math
import re

PEERS = ("libfreerdp2", "ironrdp")

# Streams by the beginning of their names: how many times faster than libfreerdp2 (issue 4).
CODEC_TARGETS = [
    ("rfx_", 5), ("progx_fuu", 6), ("progx_", 5), ("progressive", 5), ("nsc", 4), ("planar", 3),
    ("inter", 4), ("mppc", 1.5), ("xcrush", 1.5), ("ncrush", 2.5), ("zgfx", 2.5),
    ("avc444", 2), ("avc420", 1.3),
]

# KiB of a session beyond its framebuffer (issue 4).
MEMORY_TARGETS = {"idle": 300, "active": 2048}


class Collector:
    def __init__(self):
        self.metrics = {}

    def add(self, name, value, unit, better="less", floor=0.05, of=""):
        if value is None:
            return
        metric = self.metrics.setdefault(
            name, {"unit": unit, "better": better, "floor": floor, "of": of, "samples": []})
        metric["samples"].append(value)
        metric["value"] = (min if better == "less" else max)(metric["samples"])


# BM_Avc444Freerdp2/windows is to be compared with BM_Avc444/windows.
PEER_NAME = re.compile("Free[Rr]dp2")
# What is to go at memory's speed, and what shows that speed.
MEMORY = [(re.compile(r"^BM_Blit/fill_(\w+)$"), r"BM_Blit/memset_\1"),
          (re.compile(r"^BM_Blit/move_(\d+p?)$"), r"BM_Blit/memcpy_\1"),
          (re.compile(r"^BM_Pointer/.*"), "BM_Blit/memcpy_1080p")]


def is_peer(name):
    return any(word in name for word in ("FreeRdp2", "Freerdp2", "/freerdp", "Peer"))


def add_density(out, result):
    steps = {side: data["best"].get("sessions") for side, data in result["sides"].items()}
    of = " ".join(capture.rsplit("/", 1)[-1] for capture in result["mix"])
    for side, data in result["sides"].items():
        name = "density/" + side
        best = data["best"]
        # Without a search the number of sessions is a given: what they cost then is of that number.
        searched = data.get("idle", {}).get("ok", False)
        at = of if searched else f"{of} at {steps[side]}"
        if searched:
            out.add(name + "/sessions a core", data["held"] / result["cores"], "sessions", "more",
                    0.2, of)
        if best["ok"]:
            for key, shown, unit, floor in (
                    ("cpu_ms_per_session_second", "cpu", "ms a second", 0.1),
                    ("switches_per_frame", "switches a frame", "switches", 0.2),
                    ("allocations_per_frame", "allocations a frame", "allocations", 0.1)):
                out.add(f"{name}/{shown}", best[key], unit, "less", floor, at)
            out.add(f"{name}/allocations a frame but libavcodec's", own_allocations(best),
                    "allocations", "less", 0.1, at)
        for kind in ("idle", "active"):
            if data.get(kind, {}).get("ok"):
                out.add(f"{name}/memory, {kind}", data[kind]["session_kib"], "KiB a session",
                        "less", 0.1, of)
    out.add("density/ratio", result.get("ratio"), "x", "more", 0.2, of)


def own_allocations(best):
    """Allocations a frame that neither libavcodec nor libavutil made."""
    return best["allocations_per_frame"] - best["codec_library_allocations_per_frame"]


def kind_name(result):
    """What a density run of one capture is called: "sh2-nla-rfx"."""
    return result["mix"][0].rsplit("/", 1)[-1].split(".", 1)[0]


def smallest(values):
    return min((v for v in values if v is not None), default=None)


def geometric_mean(values):
    logs = [math.log(v) for v in values if v]
    return math.exp(sum(logs) / len(logs)) if logs else None


def ironrdp_output(results, our_hash):
    """How IronRDP's output compares with Mullion's: "equal", or "within" how much of a channel."""
    hashes = {r.get("hash") for r in results if r.get("hash")}
    if not hashes or our_hash is None:
        return next((r["failed"] for r in results if "failed" in r), "")
    if hashes == {our_hash}:
        return "equal"
    most = max((r["max_abs_to_mullion"] for r in results if "max_abs_to_mullion" in r), default=None)
    return "differs" if most is None else f"within {most}"


def codecs(raw):
    """The codec table: of each stream the minima of all rounds, how many times faster Mullion is
    than its peers, and the geometric means of that. Peers are no metrics: what they become is not
    for compare.py."""
    def by_stream(program):
        found = {}
        for result in raw.get(program, []):
            for s in result["streams"]:
                found.setdefault(s["stream"], []).append(s)
        return found

    ironrdp = by_stream("ironrdp")
    rows = []
    for name, results in sorted(by_stream("streams").items()):
        peers = ironrdp.get(name, [])
        row = {"stream": name, "mullion_ms": smallest(r["mullion_ms"] for r in results),
               "libfreerdp2_ms": smallest(r["libfreerdp2_ms"] for r in results),
               "ironrdp_ms": smallest(r["ironrdp_ms"] for r in peers),
               "ironrdp_output": ironrdp_output(peers, results[0].get("hash")),
               "coded_bytes": results[0].get("coded_bytes"),
               "output_bytes": results[0].get("output_bytes"),
               "write_ms": smallest(r.get("write_ms") for r in results)}
        for peer in PEERS:
            theirs, ours = row[peer + "_ms"], row["mullion_ms"]
            row[peer + "_ratio"] = theirs / ours if theirs and ours else None
        rows.append(row)
    means = {peer: geometric_mean(r[peer + "_ratio"] for r in rows) for peer in PEERS}
    return {"rows": rows, "geometric_mean_ratios": means}


def memory_name(name):
    """The benchmark of what memory can do, for one that should do as much; else None."""
    for ours, memory in MEMORY:
        if ours.match(name):
            return ours.sub(memory, name)
    return None


def metrics(raw):
    out = Collector()
    for result in raw.get("streams", []):
        for s in result["streams"]:
            out.add(f"stream/{s['stream']}/ms", s["mullion_ms"], "ms")
            out.add(f"stream/{s['stream']}/ratio", s["ratio"], "x", "more")
        out.add("stream/geometric mean/ratio", result["geometric_mean_ratio"], "x", "more")
    best, rate = {}, {}
    for result in raw.get("micro", []):
        for b in result["benchmarks"]:
            if "error_occurred" in b:
                continue
            name = b["name"]
            best[name] = min(b["cpu_time"], best.get(name, math.inf))
            rate[name] = max(b.get("bytes_per_second", 0), rate.get(name, 0))
            if not is_peer(name):
                out.add(f"micro/{name}", b["cpu_time"], b["time_unit"], floor=0.08)
    for name, theirs in best.items():
        ours = PEER_NAME.sub("", name)
        if ours == name or ours not in best:
            continue
        out.add(f"micro/{ours}/ratio", theirs / best[ours], "x", "more", floor=0.08)
        # BM_Avc444/windows_decode is libavcodec's part of BM_Avc444/windows/process_time.
        libavcodec = best.get(ours.removesuffix("/process_time") + "_decode")
        if libavcodec:
            out.add(f"micro/{ours}/ratio of libavcodec alone", theirs / libavcodec, "x", "more",
                    floor=0.08)
    for name in rate:
        memory = rate.get(memory_name(name))
        if memory:
            out.add(f"micro/{name}/beside memory", rate[name] / memory, "x", "more", floor=0.15)
    for result in raw.get("instructions", []):
        for name, count in result["instructions"].items():
            out.add(f"instructions/{name}", count, "instructions", floor=0.005)
    for result in raw.get("latency", []):
        by_case = {(r["frame"], r["machine"]): r for r in result["rows"]}
        for (frame, load), row in by_case.items():
            out.add(f"latency/{frame}/{load}/p50", row["p50_ms"], "ms", floor=0.15)
            out.add(f"latency/{frame}/{load}/p99", row["p99_ms"], "ms", floor=0.3)
            idle = by_case.get((frame, "idle"))
            if load == "one session floods" and idle and idle["p99_ms"] > 0:
                out.add(f"fairness/{frame}/p99 over idle", row["p99_ms"] / idle["p99_ms"], "x",
                        floor=0.4)
    for result in raw.get("sizes", []):
        for row in result["rows"]:
            out.add(f"size/{row['width']}x{row['height']}/cpu", row["cpu_ms"], "ms", floor=0.08)
    for result in raw.get("scaling", []):
        for c in result["captures"]:
            name = "scaling/" + c["capture"]
            workers = c["workers"]
            for w in workers:
                out.add(f"{name}/{w['workers']} workers/cpu", w["cpu_ms"], "ms", floor=0.08)
            out.add(f"{name}/speedup of {workers[-1]['workers']}", workers[-1]["speedup"], "x",
                    "more", floor=0.08)
            # Shares of a time: what changes by less than three points is noise.
            for key, shown in (("overhead_inline", "inline"), ("overhead_one_worker", "one worker")):
                if key in c and c["equal"]:
                    out.add(f"{name}/over the plain loop, {shown}", 1 + c[key], "x", floor=0.03)
            if "wake_ups_one_worker" in c and c["equal"]:
                out.add(f"{name}/over the plain loop, wake-ups alone",
                        1 + c["wake_ups_one_worker"], "x", floor=0.03)
    for result in raw.get("sessions", []):
        for kind in ("idle", "sessions", "workers"):
            for row in result.get(kind, []):
                if not row["ok"]:
                    continue
                name = (f"growth/{row['sessions']} {'idle ' if kind == 'idle' else ''}sessions"
                        f"{'' if row['workers'] < 0 else ', %d workers' % row['workers']}")
                out.add(name + "/cpu", row["cpu_ms_per_session_second"], "ms a second", floor=0.1)
                out.add(name + "/memory", row["session_kib"], "KiB a session", floor=0.1)
    for result in raw.get("kinds", []):
        name = "kind/" + kind_name(result)
        cpu = {side: d["best"]["cpu_ms_per_session_second"]
               for side, d in result["sides"].items() if d["best"]["ok"]}
        out.add(name + "/cpu", cpu.get("mullion"), "ms a second", floor=0.1)
        if cpu.get("mullion") and cpu.get("libfreerdp2"):
            out.add(name + "/ratio", cpu["libfreerdp2"] / cpu["mullion"], "x", "more", floor=0.1)
        for state in ("idle", "active"):
            memory = result["sides"]["mullion"].get(state, {})
            if memory.get("ok"):
                out.add(f"{name}/memory, {state}", memory["session_kib"], "KiB a session",
                        floor=0.1)
    for result in raw.get("density", []):
        add_density(out, result)
    return out.metrics


def codec_target(stream):
    return next((t for prefix, t in CODEC_TARGETS if stream.startswith(prefix)), None)


def targets(all_metrics, cores):
    """The targets of issue 4 that the report can judge. "floor": what would be measured if nothing
    but what we cannot change took time, where that is measured."""
    rows = []

    def judge(name, metric, limit, at_least, shown=None, floor=None):
        if metric not in all_metrics:
            return
        value = all_metrics[metric]["value"]
        rows.append({"name": name, "value": value, "unit": all_metrics[metric]["unit"],
                     "wanted": shown or f"{'at least' if at_least else 'at most'} {limit:g}",
                     "met": value >= limit if at_least else value <= limit})
        what, metric = floor or ("", None)
        if metric in all_metrics:
            rows[-1]["floor"] = f"{all_metrics[metric]['value']:.3g} by {what} alone"

    for metric in all_metrics:
        part = metric.split("/")
        if part[0] == "stream" and part[-1] == "ratio" and codec_target(part[1]):
            judge(part[1] + " beside libfreerdp2", metric, codec_target(part[1]), True)
        if part[0] == "micro" and part[-1] == "ratio" and "Avc444" in metric:
            judge("/".join(part[1:-1]) + " beside libfreerdp2", metric, codec_target("avc444"), True,
                  floor=("libavcodec", metric + " of libavcodec alone"))
        if part[0] == "micro" and part[-1] == "beside memory":
            # A pointer is widened and masked too; a fill or a copy is nothing but memory.
            name, of, least = "/".join(part[1:-1]), "memset or memcpy of the same", 0.9
            if name.startswith("BM_Pointer"):
                of, least = "memcpy of a frame", 0.5
            judge(f"{name} beside {of}", metric, least, True)
        if part[0] == "scaling" and part[-1].startswith("speedup of "):
            # Only pictures that are large can be spread.
            workers = int(part[-1].rsplit(" ", 1)[1])
            if part[1].endswith("-1080") and 1 < workers <= (cores or 1):
                judge(f"{part[1]}: {workers} workers over one", metric, 0.9 * workers, True)
        if part[0] == "scaling" and part[-1] == "over the plain loop, one worker":
            judge(f"{part[1]}: one worker over a plain loop", metric, 1.03, False,
                  floor=("wake-ups", metric.replace("one worker", "wake-ups alone")))
        if part[0] == "fairness":
            judge(f"{part[1]}: p99 beside a session that floods", metric, 2, False)
        if part[0] == "growth" and "1000 idle" in part[1]:
            if part[2] == "cpu":
                judge("CPU of 1,000 idle sessions", metric, 0.01, False)
            else:
                judge("memory of 1,000 idle sessions", metric, 300, False)
        # Most of an H.264 session's memory is libavcodec's.
        if part[0] == "kind" and part[-1].startswith("memory, ") and "-avc" not in part[1]:
            state = part[-1].split()[-1]
            judge(f"memory of an {state} session: {part[1]}", metric, MEMORY_TARGETS[state], False)
    judge("sessions beside libfreerdp2", "density/ratio", 5, True)
    for state, limit in MEMORY_TARGETS.items():
        judge(f"memory of an {state} session", f"density/mullion/memory, {state}", limit, False)
    judge("allocations in the steady state", "density/mullion/allocations a frame", 0.5, False,
          "none: at most 0.5")
    judge("allocations in the steady state, but for libavcodec's",
          "density/mullion/allocations a frame but libavcodec's", 0.5, False, "none: at most 0.5")
    return rows
