"""The HTML page of a benchmark report: one file, plots as inline SVG, no scripts."""
import html
import math

import report_metrics

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem;
       color: #1d2330; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; margin: .6rem 0; }
td, th { padding: .15rem .8rem .15rem 0; text-align: left; border-bottom: 1px solid #e3e6ec; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.met { color: #16703c; } .missed { color: #b3261e; font-weight: 600; }
svg { margin: .4rem 1.2rem .4rem 0; } svg text { font: 11px system-ui, sans-serif; fill: #444c5c; }
code { font-size: .85em; } .plots { display: flex; flex-wrap: wrap; }
"""
COLOURS = ["#2458b8", "#c2571a", "#16703c", "#7a3fa0", "#5c6370"]
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 420, 260, 56, 40, 26


def text(value):
    return html.escape(str(value))


def number(value):
    if value is None:
        return "-"
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(head, rows, numeric):
    """`numeric`: the columns that stand right."""
    cls = ['class="n"' if i in numeric else "" for i in range(len(head))]
    out = ["<table><tr>", *(f"<th {c}>{text(h)}</th>" for c, h in zip(cls, head)), "</tr>"]
    for row in rows:
        out.append("<tr>")
        for c, cell in zip(cls, row):
            out.append(f"<td {c}>{cell}</td>")
        out.append("</tr>")
    return "".join(out) + "</table>"


def scale(values, log, low, high):
    """A function from values to pixels between low and high, and three marks on the axis."""
    f = math.log if log else float
    least, most = (min(values), max(values)) if log else (0, max(values) or 1)
    if least == most:
        most = least * 1.1 if least else 1
    span = f(most) - f(least)
    middle = math.exp((f(least) + f(most)) / 2) if log else (least + most) / 2
    return (lambda v: low + (high - low) * (f(v) - f(least)) / span), [least, middle, most]


def line_plot(title, x_name, y_name, series, log_x=False):
    """series: [(name, [(x, y)...])]."""
    series = [(n, p) for n, p in series if p]
    if not series:
        return ""
    xs = [x for _, points in series for x, _ in points]
    ys = [y for _, points in series for _, y in points]
    to_x, x_marks = scale(xs, log_x and min(xs) > 0, LEFT, WIDTH - 14)
    to_y, y_marks = scale(ys, False, HEIGHT - BOTTOM, TOP)
    out = [f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{text(title)}">',
           f'<text x="{LEFT}" y="14" font-weight="600">{text(title)}</text>']
    for mark in y_marks:
        y = to_y(mark)
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - 14}" y1="{y:.1f}" y2="{y:.1f}" '
                   f'stroke="#e3e6ec"/><text x="{LEFT - 6}" y="{y + 4:.1f}" '
                   f'text-anchor="end">{number(mark)}</text>')
    for mark in sorted(set(xs)) if len(set(xs)) <= 6 else x_marks:
        out.append(f'<text x="{to_x(mark):.1f}" y="{HEIGHT - BOTTOM + 16}" '
                   f'text-anchor="middle">{number(mark)}</text>')
    out.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 6}" text-anchor="middle">'
               f'{text(x_name)}; up: {text(y_name)}</text>')
    for i, (name, points) in enumerate(series):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(f"{to_x(x):.1f},{to_y(y):.1f}" for x, y in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{to_x(x):.1f}" cy="{to_y(y):.1f}" r="3" fill="{colour}"/>'
                for x, y in points]
        if len(series) > 1:
            out.append(f'<text x="{LEFT + 8}" y="{TOP + 12 + 14 * i}" style="fill:{colour}">'
                       f'{text(name)}</text>')
    return "".join(out) + "</svg>"


def bar_plot(title, unit, bars):
    """bars: [(name, value, value of a second, lighter bar or None)]; logarithmic."""
    bars = [b for b in bars if b[1]]
    if not bars:
        return ""
    height = 40 + 34 * len(bars)
    values = [v for b in bars for v in b[1:] if v]
    to_x, _ = scale([min(values) / 2, *values], True, 190, WIDTH + 160)
    out = [f'<svg width="{WIDTH + 240}" height="{height}" role="img" aria-label="{text(title)}">',
           f'<text x="0" y="14" font-weight="600">{text(title)}</text>']
    for i, (name, value, second) in enumerate(bars):
        y = 28 + 34 * i
        out.append(f'<text x="0" y="{y + 14}">{text(name)}</text>')
        for offset, v, colour in ((0, value, COLOURS[0]), (12, second, "#9db6e4")):
            if v:
                out.append(f'<rect x="190" y="{y + offset}" width="{to_x(v) - 190:.1f}" height="10" '
                           f'fill="{colour}"/><text x="{to_x(v) + 5:.1f}" y="{y + offset + 9}">'
                           f'{number(v)} {text(unit)}</text>')
    return "".join(out) + "</svg>"


def targets_section(report):
    rows = [(text(t["name"]), f"{number(t['value'])} {text(t['unit'])}", text(t["wanted"]),
             '<span class="met">met</span>' if t["met"] else '<span class="missed">not met</span>',
             text(t.get("floor", "")))
            for t in report["targets"]]
    met = sum(t["met"] for t in report["targets"])
    heads = ["target", "measured", "wanted", "", "by others alone"]
    return f"<h2>Targets: {met} of {len(rows)} met</h2>" + table(heads, rows, {1}) if rows else ""


def ironrdp_line(ironrdp):
    """What IronRDP's columns are of, or why there are none."""
    if "absent" in ironrdp:
        return f"<p>IronRDP was not measured: {text(ironrdp['absent'])}.</p>"
    crates = ", ".join(f"{name} {version}" for name, version in ironrdp["versions"].items())
    return (f"<p>IronRDP: {text(crates)}, with all optimisation and the machine's own instructions; "
            f"{text(ironrdp['compiler'])}. Where it has no time, it has no such decoder.</p>")


def codecs_section(report):
    codecs, metrics = report["codecs"], report["metrics"]
    if not codecs["rows"]:
        return ""
    ironrdp = report["ironrdp"]
    peers = ["libfreerdp2"] + (["ironrdp"] if "versions" in ironrdp else [])
    rows = []
    for row in codecs["rows"]:
        count = metrics.get("instructions/" + row["stream"], {}).get("value")
        cells = [text(row["stream"]), number(count and count / 1e6), number(row["mullion_ms"])]
        for peer in peers:
            ratio = row[peer + "_ratio"]
            cells += [number(row[peer + "_ms"]), f"{ratio:.2f}" if ratio else "-"]
        rows.append(cells + [text(row["ironrdp_output"])] * (len(peers) > 1))
    means = ["<b>geometric mean</b>", "", ""]
    for peer in peers:
        mean = codecs["geometric_mean_ratios"][peer]
        means += ["", f"<b>{mean:.2f}</b>" if mean else "-"]
    rows.append(means + [""] * (len(peers) > 1))
    heads = ["stream", "million instructions", "Mullion ms", "libfreerdp2 ms", "times faster",
             "IronRDP ms", "times faster", "IronRDP's output"]
    heads = heads[:len(rows[0])]
    title = "libfreerdp2 and IronRDP" if len(peers) > 1 else "libfreerdp2"
    return (f"<h2>Codecs beside {title}, one thread, the same bytes</h2>" +
            table(heads, rows, set(range(1, 7))) + ironrdp_line(ironrdp))


def limits_section(report):
    """How far each decoder is from the least that it must do: read its bits, write its output."""
    rows = []
    for row in report["codecs"]["rows"]:
        coded, output, time = row.get("coded_bytes"), row.get("output_bytes"), row["mullion_ms"]
        if not coded or not output or not time:
            continue
        count = report["metrics"].get("instructions/" + row["stream"], {}).get("value")
        rows.append([text(row["stream"]), number(8 * coded / output), number(time * 1e6 / output),
                     number(time * 1e6 / (8 * coded)), number(count and count / output),
                     number(count and count / (8 * coded)), number(row["write_ms"]),
                     number(row["write_ms"] and time / row["write_ms"])])
    if not rows:
        return ""
    heads = ["stream", "coded bits a byte", "ns a byte", "ns a coded bit", "instructions a byte",
             "instructions a coded bit", "ms to write the output", "times that"]
    return ("<h2>How far from the machine's limit</h2><p>Bytes are those of the output: four to a "
            "pixel. Instructions are counted with AVX2, by valgrind. What bounds each codec: "
            "bench/README.md.</p>" + table(heads, rows, set(range(1, 8))))


def growth_section(raw):
    plots = []
    for result in raw.get("sessions", [])[-1:]:
        by_sessions = [r for r in result["sessions"] if r["ok"]]
        by_workers = [r for r in result["workers"] if r["ok"]]
        plots.append(line_plot(
            "CPU of a session, by sessions", "sessions", "ms a second",
            [("", [(r["sessions"], r["cpu_ms_per_session_second"]) for r in by_sessions])], True))
        plots.append(line_plot(
            "Memory of a session, by sessions", "sessions", "KiB beyond the framebuffer",
            [("", [(r["sessions"], r["session_kib"]) for r in by_sessions])], True))
        plots.append(line_plot(
            "CPU of a session, by workers", "workers", "ms a second",
            [("", [(r["workers"], r["cpu_ms_per_session_second"]) for r in by_workers])]))
    for result in raw.get("sizes", [])[-1:]:
        plots.append(line_plot(
            "CPU of a full frame, by desktop", "megapixels", "ms",
            [("", [(r["width"] * r["height"] / 1e6, r["cpu_ms"]) for r in result["rows"]])]))
    for result in raw.get("scaling", [])[-1:]:
        plots.append(line_plot(
            "Speed-up of one busy session", "workers", "times one worker",
            [(c["capture"], [(w["workers"], w["speedup"]) for w in c["workers"] if w["workers"]])
             for c in result["captures"]]))
    return "<h2>Growth</h2><div class='plots'>" + "".join(plots) + "</div>" if plots else ""


def pipeline_section(raw):
    out = []
    for result in raw.get("scaling", [])[-1:]:
        rows = []
        for c in result["captures"]:
            plain = "plain_cpu_ms" in c and c["equal"]
            rows.append((
                text(c["capture"]), number(c["plain_cpu_ms"]) if plain else "-",
                *[f"{w['cpu_ms']:.1f} / {w['wall_ms']:.1f}" for w in c["workers"][:3]],
                f"{100 * c['overhead_one_worker']:.1f} %, {100 * c['wake_ups_one_worker']:.1f} %"
                if plain else "-",
                f"{100 * c['serial_fraction']:.1f} %" if plain else "-",
                f"{c['predicted_8']:.1f}x, {c['predicted_16']:.1f}x" if plain else "-"))
        heads = [f"{w['workers']} workers, CPU / wall ms"
                 for w in result["captures"][0]["workers"][:3]]
        out.append("<h2>Pipeline: one busy session</h2>" + table(
            ["capture", "plain loop ms", *heads, "one worker over it, by wake-ups alone", "serial",
             "8, 16 cores at best"], rows, set(range(1, 5 + len(heads)))))
        out.append(f"<p>Waking a thread takes {result['hand_over_us']:.0f} us of CPU here, by "
                   "itself.</p>")
    for result in raw.get("latency", [])[-1:]:
        out.append("<h2>Latency: from a frame's last byte to its event</h2>" + bar_plot(
            "p50 (dark) and p99", "ms",
            [(f"{r['frame']}, {r['machine']}", r["p50_ms"], r["p99_ms"]) for r in result["rows"]]))
    return "".join(out)


def density_section(raw):
    out = []
    for result in raw.get("density", [])[-1:]:
        rows = []
        for side, data in result["sides"].items():
            best, idle, active = data["best"], data.get("idle", {}), data.get("active", {})
            if best["ok"]:
                rows.append((text(side), number(data["held"]),
                             number(data["held"] / result["cores"]), number(best["p99_ms"]),
                             number(best["cpu_ms_per_session_second"]),
                             number(idle.get("session_kib")), number(active.get("session_kib")),
                             number(best["switches_per_frame"]),
                             number(best["allocations_per_frame"]),
                             number(report_metrics.own_allocations(best))))
        out.append("<h2>Density: office sessions in real time</h2>" + table(
            ["", "sessions", "a core", "p99 ms", "CPU ms a session and second", "KiB idle",
             "KiB active", "switches a frame", "allocations a frame", "but libavcodec's"], rows,
            set(range(1, 10))))
        out.append(line_plot(
            "p99 by sessions (tried)", "sessions", "ms",
            [(side, sorted((s["sessions"], min(s["p99_ms"], 100)) for s in data["steps"] if s["ok"]))
             for side, data in result["sides"].items()]))
        out.append("<p>Mix: " + text(", ".join(result["mix"])) + "</p>")
    kinds = []
    for result in raw.get("kinds", []):
        ours = result["sides"].get("mullion", {})
        row = [text(report_metrics.kind_name(result))]
        row += [number(ours.get(state, {}).get("session_kib")) for state in ("idle", "active")]
        for side in ("mullion", "libfreerdp2"):
            best = result["sides"].get(side, {}).get("best", {"ok": False})
            row += [number(best.get(key)) if best["ok"] else "-"
                    for key in ("cpu_ms_per_session_second", "p99_ms", "switches_per_frame",
                                "allocations_per_frame")]
            row.append(number(report_metrics.own_allocations(best)) if best["ok"] else "-")
        kinds.append(row)
    if kinds:
        heads = ["CPU ms a second", "p99 ms", "switches", "allocations a frame", "but libavcodec's"]
        out.append("<h2>Kinds of sessions, sixteen of each: Mullion, then libfreerdp2</h2>" +
                   table(["capture", "KiB idle", "KiB active", *heads, *heads], kinds,
                         set(range(1, 13))))
    return "".join(out)


def page(report):
    machine = report["machine"]
    packages = ", ".join(f"{n} {v}" for n, v in machine["packages"].items() if v)
    commands = [(f"<code>{text(c['command'])}</code>", text(c["seconds"]), text(c["exit"]))
                for c in report["commands"]]
    facts = (f"{text(machine['cpu'])}, {machine['cores']} cores, "
             f"{number(machine['memory_mib'])} MiB, Linux {text(machine['kernel'])}, load "
             f"{machine['load']:.1f} at the start; commit {text(machine['commit'])}; "
             f"{text(machine['compiler'])}; {text(packages)}")
    return "".join([
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        f"<title>Mullion benchmarks</title><style>{STYLE}</style></head><body>",
        f"<h1>Mullion benchmarks, {text(report['date'])}</h1><p>{facts}</p>",
        "<p>A quick run: few rounds, no search.</p>" if report["quick"] else "",
        targets_section(report), codecs_section(report), limits_section(report),
        pipeline_section(report["raw"]), density_section(report["raw"]),
        growth_section(report["raw"]),
        "<h2>Commands</h2>", table(["command", "seconds", "exit"], commands, {1, 2}),
        "</body></html>\n"])
