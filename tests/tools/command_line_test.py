#!/usr/bin/env python3
"""Calls the program `mullion` as a user would: exit codes, error lines, files, JSON.

Usage: command_line_test.py MULLION CAPTURES_DIR MAN_PAGE
Each function below whose name begins with `test_` is one case; ends with "N passed, N failed".
"""
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import traceback
import zlib

MULLION, CAPTURES, MAN_PAGE = sys.argv[1:4]
RAW = os.path.join(CAPTURES, "weston-raw-xcrush.pcapng")  # 400x300, lossless
NSC = os.path.join(CAPTURES, "sh2-nsc-xcrush.pcapng")
RFX = os.path.join(CAPTURES, "sh2-nla-rfx.pcapng")
RESIZE = os.path.join(CAPTURES, "sh2-resize-rfx.pcapng")
WRONG_PASSWORD = os.path.join(CAPTURES, "sh2-nla-wrongpw.pcapng")
TEMP = tempfile.TemporaryDirectory()


def temp(name):
    return os.path.join(TEMP.name, name)


def run(*args, **kwargs):
    return subprocess.run([MULLION, *args], capture_output=True, text=True, timeout=120, **kwargs)


def expect(code, *args):
    result = run(*args)
    assert result.returncode == code, (
        f"mullion {' '.join(args)}: exit {result.returncode}, not {code}\n{result.stderr}")
    return result


def replay_json(*args, code=0):
    return json.loads(expect(code, "replay", "--json", *args).stdout)


def reference_hashes(capture):
    """The hashes of a capture's frames file, without its resize lines, and the last one."""
    hashes = []
    for line in open(capture.replace(".pcapng", ".frames.txt"), encoding="utf-8"):
        fields = line.split()
        if len(fields) > 2 and fields[1] == "paint":
            hashes.append(fields[-1])
    return hashes


def read_png(path):
    """Width, height and RGB bytes of an 8-bit RGB PNG without interlacing."""
    data = open(path, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG signature"
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, color, _, _, interlace = struct.unpack(">IIBBBBB", body)
            assert (depth, color, interlace) == (8, 2, 0)
        elif kind == b"IDAT":
            packed += body
        at += size + 12
    rows, stride, out = zlib.decompress(packed), width * 3, bytearray()
    above = bytearray(stride)
    for y in range(height):
        kind = rows[y * (stride + 1)]
        row = bytearray(rows[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            a = row[i - 3] if i >= 3 else 0
            b = above[i]
            c = above[i - 3] if i >= 3 else 0
            if kind == 1:
                add = a
            elif kind == 2:
                add = b
            elif kind == 3:
                add = (a + b) // 2
            elif kind == 4:
                p = a + b - c
                add = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            else:
                add = 0
            row[i] = (row[i] + add) & 255
        out += row
        above = row
    return width, height, bytes(out)


def hash_rgb(rgb):
    value = 0xcbf29ce484222325
    for i in range(0, len(rgb), 3):
        for byte in (rgb[i + 2], rgb[i + 1], rgb[i]):
            value = ((value ^ byte) * 0x100000001b3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def test_wrong_usage_exits_1_with_a_line_that_names_the_mistake():
    for args, word in [
        ([], "nothing to do"),
        (["frob"], "frob"),
        (["replay"], "CAPTURE"),
        (["info"], "CAPTURE"),
        (["replay", RAW, "--frob"], "--frob"),
        (["replay", RAW, "--speed", "0"], "--speed"),
        (["replay", RAW, "--speed", "fast"], "--speed"),
        (["replay", RAW, "--speed", "-1"], "--speed"),
        (["replay", RAW, "--speed", "nan"], "--speed"),
        (["replay", RAW, "--workers", "-1"], "--workers"),
        (["replay", RAW, "--sessions", "0"], "--sessions"),
        (["replay", RAW, "--loop", "x"], "--loop"),
        (["replay", RAW, "--every", "2"], "--png-dir"),
        (["replay", RAW, "--final"], "--final"),
        (["info", RAW, "--final", "x"], "--final"),
    ]:
        result = expect(1, *args)
        assert word in result.stderr, (args, result.stderr)
        assert result.stdout == "", args


def test_an_output_that_cannot_be_written_exits_1_before_anything_is_replayed():
    for option in ("--final", "--frames"):
        result = expect(1, "replay", RAW, option, "/nonexistent/x")
        assert "/nonexistent" in result.stderr and result.stdout == ""
    assert "cannot make" in expect(1, "replay", RAW, "--png-dir", MULLION + "/x").stderr


def test_help_and_version_everywhere():
    for args in ([], ["replay"], ["info"]):
        assert "Usage: mullion" in expect(0, *args, "--help").stdout
        assert re.fullmatch(r"mullion \d+\.\d+\.\d+\n", expect(0, *args, "--version").stdout)


def test_help_and_the_manual_page_name_the_same_options():
    manual = open(MAN_PAGE, encoding="utf-8").read().replace("\\-", "-")
    for command in ("replay", "info"):
        for option in re.findall(r"--[a-z-]+", expect(0, command, "--help").stdout):
            assert option in manual, option


def test_an_unreadable_input_exits_2_and_says_what_and_why():
    empty, text, short = temp("empty.pcapng"), temp("text.pcapng"), temp("short.pcapng")
    open(empty, "wb").close()
    open(text, "w", encoding="utf-8").write("this is no capture\n" * 10)
    open(short, "wb").write(open(RAW, "rb").read(3))
    for path in ("/nonexistent.pcapng", TEMP.name, empty, text, short):
        for command in ("replay", "info"):
            result = expect(2, command, path)
            assert path in result.stderr, result.stderr
            assert len(result.stderr.strip()) > len(path) + 12, result.stderr
    assert "No such file" in expect(2, "replay", "/nonexistent.pcapng").stderr
    result = expect(2, "replay", RAW, "--keylog", "/nonexistent.keys")
    assert "/nonexistent.keys" in result.stderr


def test_a_truncated_capture_exits_2_and_what_was_read_is_reported():
    data = open(RAW, "rb").read()
    path = temp("truncated.pcapng")
    open(path, "wb").write(data[:len(data) // 2 + 1])
    result = run("replay", path, "--json")
    assert result.returncode == 2, (result.returncode, result.stderr)
    summary = json.loads(result.stdout)
    assert summary["exit_code"] == 2 and summary["captures"][0]["error"]
    assert path in result.stderr
    assert 0 < summary["frames"] < len(reference_hashes(RAW))


def test_json_is_one_object_whose_members_are_all_in_the_manual_page():
    manual = open(MAN_PAGE, encoding="utf-8").read()
    manual = manual[manual.index(".SH JSON"):].replace("\\-", "-")
    counts = ("codecs", "bulk", "undecoded", "failed", "server_pdus", "client_pdus", "updates",
              "tiles", "codec_ids", "channel_messages", "lost")

    def check(value, path):
        if isinstance(value, list):
            for item in value:
                check(item, path)
        elif isinstance(value, dict):
            for key, item in value.items():
                if not (path and path[-1] in counts):
                    assert re.search(rf"\b{key}\b", manual), f"{key} is not documented"
                check(item, path + [key])

    for command in ("replay", "info"):
        result = expect(0, command, NSC, "--json")
        assert result.stderr == ""
        check(json.loads(result.stdout), [])


def test_frames_are_those_of_the_reference_at_every_number_of_workers():
    for capture in (RAW, NSC):
        logs = set()
        for workers in (0, 1, 2, 8):
            path = temp(f"frames{workers}.tsv")
            expect(0, "replay", capture, "--workers", str(workers), "--frames", path, "--quiet")
            logs.add(open(path, encoding="utf-8").read())
        assert len(logs) == 1, f"{capture}: frames differ between numbers of workers"
        lines = [line.split("\t") for line in logs.pop().splitlines()]
        assert [int(line[0]) for line in lines] == list(range(len(lines)))
        assert all(len(line) == 7 and re.fullmatch("[0-9a-f]{16}", line[6]) for line in lines)
        times = [int(line[1]) for line in lines]
        assert times == sorted(times) and 1000 < times[-1] < 60000, times[-1]
        assert all(int(line[4]) > 0 and int(line[5]) > 0 for line in lines)
        assert lines[-1][6] == reference_hashes(capture)[-1]


def test_remotefx_frames_do_not_depend_on_the_number_of_workers():
    hashes = {tuple(s["hash"] for s in replay_json(RESIZE, "--workers", n)["sessions"])
              for n in ("0", "1", "2", "8")}
    assert len(hashes) == 1, hashes


def test_final_writes_the_picture_whose_hash_is_reported():
    path = temp("final.png")
    session = replay_json(RAW, "--final", path)["sessions"][0]
    width, height, rgb = read_png(path)
    assert (width, height) == (session["width_px"], session["height_px"]) == (400, 300)
    assert hash_rgb(rgb) == session["hash"] == reference_hashes(RAW)[-1]


def test_four_copies_give_four_equal_hashes_and_numbered_files():
    final, frames = temp("copies.png"), temp("copies.tsv")
    sessions = replay_json(RAW, "--sessions", "4", "--final", final, "--frames", frames)["sessions"]
    assert [s["number"] for s in sessions] == [1, 2, 3, 4]
    assert {s["hash"] for s in sessions} == {reference_hashes(RAW)[-1]}
    for kind in ("png", "tsv"):
        contents = {open(temp(f"copies-{n}.{kind}"), "rb").read() for n in (1, 2, 3, 4)}
        assert len(contents) == 1, kind
        assert not os.path.exists(temp(f"copies.{kind}")), kind


def test_several_captures_are_numbered_in_their_order():
    sessions = replay_json(RAW, NSC, "--final", temp("two.png"))["sessions"]
    assert [s["file"] for s in sessions] == [RAW, NSC]
    assert os.path.exists(temp("two-1.png")) and os.path.exists(temp("two-2.png"))


def test_png_dir_holds_every_nth_frame():
    folder = temp("a/b/frames")
    expect(0, "replay", RAW, "--png-dir", folder, "--every", "10", "--quiet")
    frames = sorted(os.listdir(folder))
    assert frames == [f"session1-frame0000{n}0.png" for n in (0, 1, 2)], frames
    assert read_png(os.path.join(folder, frames[0]))[:2] == (400, 300)


def test_loops_play_again_and_write_files_once():
    frames = temp("loop.tsv")
    summary = replay_json(RAW, "--loop", "3", "--frames", frames)
    assert len(summary["sessions"]) == 3 and len({s["hash"] for s in summary["sessions"]}) == 1
    lines = open(frames, encoding="utf-8").read().splitlines()
    assert len(lines) * 3 == summary["frames"]


def test_speed_sets_the_pace():
    summary = replay_json(RAW, "--speed", "10")
    assert summary["wall_ms"] > summary["capture_ms"] / 10 * 0.9


def test_quiet_prints_nothing_and_the_summary_names_what_it_should():
    result = expect(0, "replay", RAW, "--quiet")
    assert result.stdout == "" and result.stderr == ""
    result = expect(0, "replay", RAW)
    assert result.stderr == "", "a progress bar without a terminal"
    for word in ("1 session", "MPix/s", "p99", reference_hashes(RAW)[-1], "400x300",
                 "losses     none"):
        assert word in result.stdout, word


def test_a_terminal_gets_a_progress_bar_and_it_is_gone_at_the_end():
    master, slave = pty.openpty()
    environment = dict(os.environ, TERM="xterm")
    process = subprocess.Popen([MULLION, "replay", RFX, "--speed", "30"], stdout=subprocess.DEVNULL,
                               stderr=slave, env=environment)
    os.close(slave)
    seen = b""
    while True:
        try:
            chunk = os.read(master, 4096)
        except OSError:  # the program closed the terminal
            break
        if not chunk:
            break
        seen += chunk
    assert process.wait(timeout=60) == 0
    assert b"%" in seen and seen.endswith(b"\r\x1b[K"), seen[-200:]


def test_a_full_disk_behind_standard_output_is_an_error():
    with open("/dev/full", "w", encoding="utf-8") as full:
        result = subprocess.run([MULLION, "info", RAW, "--json"], stdout=full,
                                stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 1 and "No space left" in result.stderr, result.stderr


def test_failed_logons_are_sessions_without_a_picture():
    final = temp("logon.png")
    sessions = replay_json(WRONG_PASSWORD, "--final", final)["sessions"]
    assert len(sessions) == 2 and all(s["hash"] is None for s in sessions)
    assert not os.path.exists(final)


def test_info_tells_of_security_size_channels_codecs_and_compression():
    session = json.loads(expect(0, "info", RFX, "--json").stdout)["sessions"][0]
    assert session["security"].startswith("nla") and session["tls"].startswith("TLS 1.3")
    assert (session["width_px"], session["height_px"]) == (1280, 1024)
    assert session["client"].startswith("127.0.0.1:") and session["server"] == "127.0.0.1:3389"
    assert session["channels"] and all(c["id"] > 1003 for c in session["channels"])
    assert session["codecs"]["remotefx"] == 39 and session["tiles"]["remotefx"] > 39
    for key in ("server_pdus", "client_pdus", "updates", "codec_ids"):
        assert session[key], key
    session = json.loads(expect(0, "info", RAW, "--json").stdout)["sessions"][0]
    assert session["bulk"], session["bulk"]
    session = json.loads(expect(0, "info", RESIZE, "--json").stdout)["sessions"][0]
    assert session["activations"] == 3
    text = expect(0, "info", RFX).stdout
    for word in ("TLS 1.3", "1280x1024", "remotefx", "server PDUs"):
        assert word in text, word


def main():
    cases = {name: case for name, case in globals().items() if name.startswith("test_")}
    chosen = [name for name in cases if not sys.argv[4:] or name in sys.argv[4:]]
    failed = 0
    for name in chosen:
        try:
            cases[name]()
            print(f"ok      {name}")
        except Exception:  # every case is told, whatever the one before it did
            failed += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}")
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
