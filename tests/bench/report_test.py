#!/usr/bin/env python3
"""The benchmark report from outside: every program runs and tells what the report needs, the page is
whole, and a comparison sees what became worse.

Usage: report_test.py SOURCE BUILD
"""
import html.parser
import json
import os
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

SOURCE, BUILD = sys.argv[1:3] if len(sys.argv) >= 3 else (".", "build")
BENCH = os.path.join(SOURCE, "bench")
sys.path.insert(0, BENCH)
import report as report_program  # noqa: E402
import report_html  # noqa: E402
import report_ironrdp  # noqa: E402
import report_metrics  # noqa: E402


def capture(name):
    return os.path.join(SOURCE, "tests", "data", "captures", name + ".pcapng")


def run(program, *args):
    return subprocess.run([os.path.join(BUILD, "bench", program), *args], capture_output=True,
                          text=True, check=False, timeout=240)


def metric(samples, better="less", floor=0.05):
    return {"unit": "ms", "better": better, "floor": floor, "samples": samples,
            "value": (min if better == "less" else max)(samples)}


class PageReader(html.parser.HTMLParser):
    """Counts what is opened and closed."""

    def __init__(self):
        super().__init__()
        self.open, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)


class Programs(unittest.TestCase):
    def json_of(self, program, *args):
        done = run(program, *args, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_density_plays_both_sides_to_the_same_frames(self):
        result = self.json_of("density", capture("weston-raw-xcrush"), "--at", "2", "--seconds", "2")
        sides = result["sides"]
        self.assertIn("mullion", sides)
        for side in sides.values():
            self.assertTrue(side["best"]["ok"], side)
            self.assertEqual(side["best"]["failures"], 0)
        names = report_metrics.metrics({"density": [result]})
        self.assertIn("density/mullion/cpu", names)
        self.assertNotIn("density/ratio", names)  # a look at one number finds no largest one
        self.assertIn("density/mullion/allocations a frame but libavcodec's", names)

    def test_density_tells_libavcodecs_allocations_from_all_others(self):
        of_rfx, of_avc = (self.json_of("density", capture(name), "--at", "2", "--seconds", "2",
                                       "--side", "mullion")["sides"]["mullion"]["best"]
                          for name in ("sh2-nla-rfx", "sh3-gfx-avc420-1080"))
        key = "codec_library_allocations_per_frame"
        self.assertEqual(of_rfx[key], 0)
        self.assertLessEqual(of_avc[key], of_avc["allocations_per_frame"])
        # Where libavcodec decodes, most are its own; without it, H.264 is passed over.
        with open(os.path.join(BUILD, "meson-info", "intro-dependencies.json"),
                  encoding="utf-8") as file:
            has_libavcodec = "libavcodec" in (d["name"] for d in json.load(file))
        self.assertEqual(of_avc[key] > 10, has_libavcodec)

    def test_density_tells_the_memory_of_a_kind(self):
        result = self.json_of("density", capture("sh2-nla-rfx"), "--at", "2", "--seconds", "1",
                              "--memory", "--side", "mullion")
        metrics = report_metrics.metrics({"kinds": [result]})
        for state in ("idle", "active"):
            self.assertGreater(metrics[f"kind/sh2-nla-rfx/memory, {state}"]["value"], 0)
        names = [t["name"] for t in report_metrics.targets(metrics, 2)]
        self.assertEqual(names, ["memory of an idle session: sh2-nla-rfx",
                                 "memory of an active session: sh2-nla-rfx"])
        self.assertIn("KiB active", report_html.density_section({"kinds": [result]}))

    def test_density_says_what_cannot_be_played(self):
        self.assertEqual(run("density", os.path.join(SOURCE, "README.md")).returncode, 2)
        self.assertEqual(run("density").returncode, 1)
        self.assertEqual(run("density", "--at").returncode, 1)

    def test_scaling_draws_what_the_plain_loop_draws(self):
        result = self.json_of("scaling", capture("sh2-nla-rfx"), capture("xrdp09-bitmap24"),
                              capture("sh2-nsc-xcrush"), capture("weston-raw-xcrush"),
                              capture("sh2-resize-rfx"), "--whole-frames", "--rounds", "1",
                              "--loops", "1")
        self.assertEqual(len(result["captures"]), 6)
        for row in result["captures"]:
            self.assertTrue(row["equal"], row)
            self.assertFalse(row["lost"], row)
            self.assertIn("plain_cpu_ms", row)

    def test_latency(self):
        result = self.json_of("latency", "--samples", "8", "--flooders", "2")
        self.assertEqual({r["frame"] for r in result["rows"]}, {"one tile", "1920x1080"})
        for row in result["rows"]:
            self.assertLessEqual(row["p50_ms"], row["p99_ms"])

    def test_sessions(self):
        result = self.json_of("sessions", capture("weston-raw-xcrush"), "--idle", "4", "--growth",
                              "2", "--seconds", "0.5")
        names = report_metrics.metrics({"sessions": [result]})
        self.assertIn("growth/4 idle sessions/cpu", names)
        self.assertIn("growth/2 sessions/memory", names)
        page = report_html.growth_section({"sessions": [result]})
        self.assertIn("<svg", page)


def stream_rounds():
    """Two rounds of `streams`."""
    return [{"streams": [
        {"stream": "rfx_rlgr1.<b>.rdpb", "mullion_ms": ms, "libfreerdp2_ms": 30.0,
         "ratio": 30.0 / ms, "hash": "aa", "coded_bytes": 500000, "output_bytes": 8000000,
         "write_ms": 0.25},
        {"stream": "mppc8k.text.rdpb", "mullion_ms": 1.0, "libfreerdp2_ms": None, "ratio": None,
         "hash": "bb"}], "geometric_mean_ratio": 30.0 / ms} for ms in (5.0, 5.5)]


def ironrdp_rounds():
    """Two rounds of IronRDP's program."""
    return [{"rounds": 3, "streams": [
        {"stream": "rfx_rlgr1.<b>.rdpb", "ironrdp_ms": ms, "supported": True, "hash": "cc",
         "hash_equal": False, "max_abs_to_mullion": 1},
        {"stream": "mppc8k.text.rdpb", "ironrdp_ms": 2.0, "supported": True, "hash": "bb"},
    ]} for ms in (24.0, 20.0)]


class Report(unittest.TestCase):
    def report(self, ironrdp=None):
        raw = {
            "streams": stream_rounds(), "ironrdp": ironrdp or [],
            "latency": [{"rows": [
                {"frame": "one tile", "machine": m, "p50_ms": 0.1, "p99_ms": p, "max_ms": p}
                for m, p in (("idle", 0.2), ("one session floods", 0.6))]}],
        }
        metrics = report_metrics.metrics(raw)
        return {"date": "today", "quick": True, "raw": raw, "metrics": metrics,
                "codecs": report_metrics.codecs(raw),
                "ironrdp": {"versions": {"ironrdp-session": "0.13.0"}, "compiler": "rustc 1"}
                if ironrdp else {"absent": "cargo <is> not installed"},
                "targets": report_metrics.targets(metrics, 2),
                "commands": [{"command": "streams", "exit": 0, "seconds": 1}],
                "machine": {"cpu": "x", "cores": 2, "memory_mib": 1, "kernel": "k", "load": 0.0,
                            "commit": "c", "compiler": "g++", "packages": {"p": "1"}}}

    def test_the_best_round_counts_and_targets_are_judged(self):
        report = self.report()
        self.assertEqual(report["metrics"]["stream/rfx_rlgr1.<b>.rdpb/ms"]["value"], 5.0)
        met = {t["name"]: t["met"] for t in report["targets"]}
        self.assertTrue(met["rfx_rlgr1.<b>.rdpb beside libfreerdp2"])
        self.assertFalse(met["one tile: p99 beside a session that floods"])

    def test_the_page_is_whole_and_safe(self):
        page = report_html.page(self.report())
        reader = PageReader()
        reader.feed(page)
        self.assertEqual(reader.open, [])
        self.assertIn("svg", reader.tags)
        self.assertNotIn("b.rdpb", reader.tags)
        self.assertNotIn("<b>.rdpb", page)
        self.assertNotIn("script", reader.tags)


    def test_benchmarks_with_a_peer_have_a_ratio(self):
        def benchmark(name, ms):
            return {"name": name, "cpu_time": ms, "time_unit": "ms"}
        metrics = report_metrics.metrics({"micro": [{"benchmarks": [
            benchmark("BM_Avc444/windows/process_time", 50),
            benchmark("BM_Avc444/windows_decode", 40),
            benchmark("BM_Avc444Freerdp2/windows/process_time", 75), benchmark("BM_Fill", 1)]}]})
        self.assertEqual(metrics["micro/BM_Avc444/windows/process_time/ratio"]["value"], 1.5)
        self.assertNotIn("micro/BM_Fill/ratio", metrics)
        self.assertNotIn("micro/BM_Avc444Freerdp2/windows/process_time", metrics)
        (row,) = report_metrics.targets(metrics, 2)
        self.assertFalse(row["met"])
        self.assertEqual(row["floor"], "1.88 by libavcodec alone")

    def test_the_distance_from_the_least_work_is_told_where_it_is_known(self):
        section = report_html.limits_section(self.report())
        self.assertIn("rfx_rlgr1.&lt;b&gt;", section)  # 5 ms: 20 times the writing
        self.assertIn(">20<", section)
        self.assertNotIn("mppc8k", section)

    def test_ironrdp_stands_in_the_codec_table_and_is_no_metric(self):
        report = self.report(ironrdp_rounds())
        rows = {r["stream"]: r for r in report["codecs"]["rows"]}
        rfx, mppc = rows["rfx_rlgr1.<b>.rdpb"], rows["mppc8k.text.rdpb"]
        self.assertEqual((rfx["mullion_ms"], rfx["ironrdp_ms"], rfx["ironrdp_ratio"]), (5, 20, 4))
        self.assertEqual(rfx["ironrdp_output"], "within 1")
        self.assertEqual(mppc["ironrdp_output"], "equal")
        self.assertIsNone(mppc["libfreerdp2_ratio"])
        means = report["codecs"]["geometric_mean_ratios"]
        self.assertAlmostEqual(means["ironrdp"], (4 * 2) ** 0.5)
        self.assertAlmostEqual(means["libfreerdp2"], 6)
        self.assertFalse([name for name in report["metrics"] if "ironrdp" in name.lower()])
        page = report_html.page(report)
        self.assertIn("<b>2.83</b>", page)
        self.assertIn("ironrdp-session 0.13.0", page)

    def test_a_decoder_that_ironrdp_lacks_or_that_fails(self):
        row = {"stream": "rfx_rlgr1.<b>.rdpb", "ironrdp_ms": None, "supported": False}
        failed = {"stream": "mppc8k.text.rdpb", "ironrdp_ms": None, "supported": True,
                  "failed": "bad <history>"}
        report = self.report([{"streams": [row, failed]}])
        rows = {r["stream"]: r for r in report["codecs"]["rows"]}
        self.assertIsNone(rows["rfx_rlgr1.<b>.rdpb"]["ironrdp_ratio"])
        self.assertEqual(rows["rfx_rlgr1.<b>.rdpb"]["ironrdp_output"], "")
        self.assertEqual(rows["mppc8k.text.rdpb"]["ironrdp_output"], "bad <history>")
        self.assertIsNone(report["codecs"]["geometric_mean_ratios"]["ironrdp"])
        self.assertNotIn("<history>", report_html.page(report))

    def test_a_report_without_ironrdp_says_why(self):
        page = report_html.page(self.report())
        self.assertIn("IronRDP was not measured: cargo &lt;is&gt; not installed.", page)
        self.assertNotIn("IronRDP ms", page)

    def test_quick_counts_the_smallest_stream_of_each_codec(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, size in (("a.x", 2), ("a.y", 1), ("b.x", 3)):
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(bytes(size))
            paths = report_program.one_of_each_codec(
                [os.path.join(folder, name) for name in os.listdir(folder)])
            self.assertEqual([os.path.basename(p) for p in paths], ["a.y", "b.x"])


class IronRdpBuild(unittest.TestCase):
    def prepare(self, cargo=None):
        """With a PATH of nothing but a cargo that is this shell script."""
        with tempfile.TemporaryDirectory() as folder:
            if cargo is not None:
                path = os.path.join(folder, "cargo")
                with open(path, "w", encoding="utf-8") as file:
                    file.write("#!/bin/sh\n" + cargo)
                os.chmod(path, 0o755)
            with unittest.mock.patch.dict(os.environ, {"PATH": folder}):
                return report_ironrdp.prepare(os.path.join(folder, "target"))

    def test_without_cargo(self):
        self.assertEqual(self.prepare(), (None, {"absent": "cargo is not installed"}))

    def test_crates_that_cannot_be_had(self):
        program, facts = self.prepare("echo '  Updating index'; echo 'error: no network' >&2; "
                                      "echo 'Caused by: x' >&2; exit 101")
        self.assertIsNone(program)
        self.assertTrue(facts["absent"].endswith("error: no network"), facts)

    def test_a_build_is_told_with_its_pinned_versions(self):
        program, facts = self.prepare("exit 0")
        self.assertEqual(os.path.basename(program), "ironrdp_streams")
        self.assertIn("ironrdp-session", facts["versions"])


class Compare(unittest.TestCase):
    def compare(self, before, after, quick=False):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for i, metrics in enumerate((before, after)):
                paths.append(os.path.join(folder, f"{i}.json"))
                with open(paths[-1], "w", encoding="utf-8") as file:
                    json.dump({"metrics": metrics, "quick": quick}, file)
            done = subprocess.run([sys.executable, os.path.join(BENCH, "compare.py"), *paths],
                                  capture_output=True, text=True, check=False)
            return done.returncode, done.stdout

    def test_equal_reports_are_equal(self):
        self.assertEqual(self.compare({"a": metric([1.0])}, {"a": metric([1.0])})[0], 0)

    def test_a_slower_metric_is_a_regression(self):
        code, out = self.compare({"a": metric([1.0, 1.01])}, {"a": metric([1.1, 1.11])})
        self.assertEqual(code, 1)
        self.assertIn("worse", out)

    def test_less_of_what_should_be_more_is_a_regression(self):
        self.assertEqual(self.compare({"a": metric([5.0], "more")}, {"a": metric([4.0], "more")})[0],
                         1)
        self.assertEqual(self.compare({"a": metric([4.0], "more")}, {"a": metric([5.0], "more")})[0],
                         0)

    def test_what_the_rounds_themselves_differ_by_is_noise(self):
        self.assertEqual(self.compare({"a": metric([1.0, 1.1, 1.2])},
                                      {"a": metric([1.1, 1.2, 1.3])})[0], 0)

    def test_a_metric_that_was_nothing_and_is_something_is_a_regression(self):
        self.assertEqual(self.compare({"a": metric([0])}, {"a": metric([2.0])})[0], 1)

    def test_quick_reports_are_noisier(self):
        before, after = {"a": metric([1.0])}, {"a": metric([1.08])}
        self.assertEqual(self.compare(before, after)[0], 1)
        self.assertEqual(self.compare(before, after, quick=True)[0], 0)

    def test_different_things_are_not_compared(self):
        code, out = self.compare({"a": {**metric([1.0]), "of": "x"}},
                                 {"a": {**metric([9.0]), "of": "y"}})
        self.assertEqual(code, 0)
        self.assertIn("not comparable: a", out)

    def test_a_report_that_cannot_be_read(self):
        done = subprocess.run([sys.executable, os.path.join(BENCH, "compare.py"), "/nowhere", "/x"],
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
