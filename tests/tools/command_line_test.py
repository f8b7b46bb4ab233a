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
GFX = os.path.join(CAPTURES, "xrdp010-progressive-planar-1080.pcapng")
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
        if len(fields) > 2 and fields[1] in ("paint", "gfx"):
            hashes.append(fields[-1])
    return hashes


def graphics_dump(path, cut=0):
    """Writes a graphics pipeline dump, without its last `cut` bytes, and returns its path.

    A desktop of 64x48 with two monitors. Surface 3 fills it: red in frame 7, its left half green in
    frame 9, which has no end. Surface 5, 16x8, belongs to a window: half transparent blue, in frame
    8, which changes nothing on the desktop. Nothing is drawn on surface 6.
    """
    def pdu(command, body):
        return struct.pack("<HHI", command, 0, 8 + len(body)) + body

    def fill(surface, bgra, *rect):
        return pdu(4, struct.pack("<H4BHHHHH", surface, *bgra, 1, *rect))

    monitors = struct.pack("<IiiiiIiiiiI", 2, 0, 0, 63, 47, 1, -32, 0, -1, 47, 0)
    data = b"".join([
        pdu(0x13, struct.pack("<III", 0x000A0600, 4, 0)),
        pdu(0x0E, (struct.pack("<II", 64, 48) + monitors).ljust(332, b"\0")),
        pdu(0x09, struct.pack("<HHHB", 3, 64, 48, 0x20)),
        pdu(0x0F, struct.pack("<HHII", 3, 0, 0, 0)),
        pdu(0x09, struct.pack("<HHHB", 5, 16, 8, 0x21)),
        pdu(0x15, struct.pack("<HQII", 5, 77, 16, 8)),
        pdu(0x09, struct.pack("<HHHB", 6, 10, 10, 0x20)),
        pdu(0x0B, struct.pack("<II", 0, 7)), fill(3, (0, 0, 255, 0), 0, 0, 64, 48),
        pdu(0x0C, struct.pack("<I", 7)),
        pdu(0x0B, struct.pack("<II", 0, 8)), fill(5, (255, 0, 0, 128), 0, 0, 16, 8),
        pdu(0x0C, struct.pack("<I", 8)),
        pdu(0x0B, struct.pack("<II", 0, 9)), fill(3, (0, 255, 0, 0), 0, 0, 32, 48),
    ])
    open(path, "wb").write(data[:len(data) - cut])
    return path


def read_png(path):
    """Width, height and RGB or RGBA bytes of an 8-bit PNG without interlacing."""
    data = open(path, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG signature"
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, color, _, _, interlace = struct.unpack(">IIBBBBB", body)
            assert (depth, interlace) == (8, 0) and color in (2, 6)
            channels = 3 if color == 2 else 4
        elif kind == b"IDAT":
            packed += body
        at += size + 12
    rows, stride, out = zlib.decompress(packed), width * channels, bytearray()
    above = bytearray(stride)
    for y in range(height):
        kind = rows[y * (stride + 1)]
        row = bytearray(rows[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            a = row[i - channels] if i >= channels else 0
            b = above[i]
            c = above[i - channels] if i >= channels else 0
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
        (["replay", RAW, "--surface", "3"], "--final"),
        (["replay", RAW, "--final", "x", "--surface", "x"], "--surface"),
        (["replay", RAW, "--final", "x", "--surface", "65536"], "--surface"),
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
              "tiles", "codec_ids", "channel_messages", "dynamic_channels", "graphics_commands",
              "lost")

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
        for capture in (NSC, graphics_dump(temp("members.data"))):
            result = expect(0, command, capture, "--json")
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
        assert all(len(line) == 8 and re.fullmatch("[0-9a-f]{16}", line[6]) for line in lines)
        assert all(line[7].isdigit() for line in lines)
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


def test_a_graphics_dump_is_a_session_and_shows_its_unfinished_frame():
    frames, final = temp("dump.tsv"), temp("dump.png")
    dump = graphics_dump(temp("dump.data"))
    summary = replay_json(dump, "--frames", frames, "--final", final)
    session = summary["sessions"][0]
    assert (session["width_px"], session["height_px"], session["frames"]) == (64, 48, 2)
    assert session["graceful"] and session["client"] == ""
    assert summary["graphics_commands"]["solid_fill"] == 3, summary["graphics_commands"]
    lines = [line.split("\t") for line in open(frames, encoding="utf-8").read().splitlines()]
    assert [line[0] for line in lines] == ["0", "1"] and [line[7] for line in lines] == ["7", "9"]
    assert lines[1][2:6] == ["0", "0", "32", "48"], lines
    assert lines[-1][6] == session["hash"]
    row = b"\x00\xff\x00" * 32 + b"\xff\x00\x00" * 32
    assert read_png(final) == (64, 48, row * 48)
    text = expect(0, "replay", dump).stdout
    assert "solid_fill 3" in text and "64x48" in text, text


def test_a_graphics_dump_that_is_cut_exits_2_and_shows_what_was_there():
    # Within or behind: frame 9's fill, frame 7's end, frame 7's fill. Unfinished frames are shown.
    for cut, code, frames in ((1, 2, 1), (24, 0, 1), (93, 2, 1), (104, 0, 1), (105, 2, 0)):
        dump = graphics_dump(temp("cut.data"), cut)
        result = expect(code, "replay", dump, "--json")
        assert json.loads(result.stdout)["frames"] == frames, cut
        if code != 0:
            assert dump in result.stderr and "graphics pipeline PDU" in result.stderr


def test_surface_writes_that_surface_and_says_when_there_is_none():
    dump, final = graphics_dump(temp("surface.data")), temp("surface.png")
    expect(0, "replay", dump, "--final", final, "--surface", "3", "--quiet")
    assert read_png(final)[:2] == (64, 48)
    expect(0, "replay", dump, "--final", final, "--surface", "5", "--quiet")
    assert read_png(final) == (16, 8, b"\x00\x00\xff\x80" * 16 * 8)
    for surface, words in (("4", "no surface 4; it has 3, 5, 6"),
                           ("6", "drawn nothing on surface 6")):
        other = temp(f"surface{surface}.png")
        result = expect(1, "replay", dump, "--final", other, "--surface", surface)
        assert words in result.stderr and other in result.stderr, result.stderr
        assert not os.path.exists(other)
    assert "no surface 0; it has none" in expect(1, "replay", RAW, "--final", final, "--surface", "0").stderr
    copies = temp("surfaces.png")
    expect(0, "replay", dump, "--sessions", "2", "--final", copies, "--surface", "5", "--quiet")
    assert all(read_png(temp(f"surfaces-{n}.png"))[:2] == (16, 8) for n in (1, 2))


def test_frame_ids_are_those_of_the_server():
    frames = temp("ids.tsv")
    expect(0, "replay", GFX, "--frames", frames, "--quiet")
    ours = [line.split("\t")[7] for line in open(frames, encoding="utf-8").read().splitlines()]
    reference = [line.split()[2] for line in open(GFX.replace(".pcapng", ".frames.txt"),
                                                  encoding="utf-8") if line.split()[1] == "gfx"]
    assert ours == reference


def test_info_tells_of_the_graphics_pipeline():
    session = json.loads(expect(0, "info", GFX, "--json").stdout)["sessions"][0]
    assert session["graphics"].startswith("version 10"), session["graphics"]
    assert session["graphics_commands"]["end_frame"] == 68, session["graphics_commands"]
    assert session["codecs"] == {"planar": 510, "progressive": 67}, session["codecs"]
    assert session["dynamic_channels"]["Microsoft::Windows::RDS::Graphics"] == 1
    assert session["surfaces"][0]["width_px"] == 1920, session["surfaces"]
    session = json.loads(expect(0, "info", graphics_dump(temp("info.data")),
                                "--json").stdout)["sessions"][0]
    assert session["graphics"] == "version 10.6, flags 0x0"
    assert session["monitors"] == "64x48+0+0 primary, 32x48-32+0", session["monitors"]
    assert (session["width_px"], session["height_px"]) == (64, 48)
    assert [(s["id"], s["mapping"], s["alpha"], s["deleted"]) for s in session["surfaces"]] == [
        (3, "output", False, False), (5, "window", True, False), (6, "none", False, False)]
    text = expect(0, "info", GFX).stdout
    for word in ("version 10", "wire_to_surface_2", "1920x1080, at 0,0", "dynamic channels"):
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
