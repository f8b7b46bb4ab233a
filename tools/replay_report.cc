// The summary of `mullion replay`.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tools/format_text.h"
#include "tools/report.h"

namespace mullion::tools {
namespace {

double Seconds(uint64_t ns) { return static_cast<double>(ns) / 1e9; }

double MegapixelsPerSecond(const RunResult& run) {
  if (run.wall_ns == 0) return 0;
  return static_cast<double>(run.metrics.pixels) / 1e6 / Seconds(run.wall_ns);
}

// The capture time that was played, one copy of each session counted.
uint64_t CaptureNs(const RunResult& run) {
  std::map<size_t, uint64_t> longest;
  for (const SessionResult& s : *run.sessions) {
    uint64_t& ns = longest[s.capture];
    ns = std::max(ns, s.duration_ns);
  }
  uint64_t sum = 0;
  for (const auto& [capture, ns] : longest) sum += ns;
  return sum;
}

std::string Line(std::string_view label, std::string_view text) {
  return PadRight(label, 11) + std::string(text) + "\n";
}

std::string SessionSize(const SessionResult& s) {
  if (!s.has_framebuffer) return "no picture";
  return std::to_string(s.width_px) + "x" + std::to_string(s.height_px) + " " +
         FormatHash(s.framebuffer_hash);
}

// Sessions that came to the same picture by the same number of frames share a line: a run of 200
// copies is one line, or shows at once that it is not.
std::string SessionLines(const RunResult& run) {
  using Outcome = std::tuple<size_t, std::string, std::string, uint64_t, std::string>;
  std::map<Outcome, uint64_t> count;
  std::vector<const SessionResult*> firsts;
  const auto outcome = [&run](const SessionResult& s) {
    return Outcome(s.capture % run.captures.size(), s.info.client, SessionSize(s), s.info.frames,
                   s.end.message());
  };
  for (const SessionResult& s : *run.sessions) {
    if (++count[outcome(s)] == 1) firsts.push_back(&s);
  }
  std::string text;
  for (const SessionResult* s : firsts) {
    const uint64_t alike = count[outcome(*s)];
    std::string line = std::to_string(s->number);
    if (alike > 1) line += " (" + std::to_string(alike) + " alike)";
    line += "  " + SessionSize(*s) + "  " + FormatCount(s->info.frames, "frame");
    line += BrokeOff(*s) ? "  broke off" : "";
    if (!s->end.message().empty()) line += ": " + Printable(s->end.message());
    text += Line("session", line);
  }
  return text;
}

void WriteSession(JsonWriter* json, const RunResult& run, const SessionResult& s) {
  json->BeginObject();
  json->Field("number", s.number);
  json->Field("file", CaptureOf(run, s).path);
  json->Field("client", s.info.client);
  json->Field("server", s.info.server);
  json->Field("width_px", s.width_px);
  json->Field("height_px", s.height_px);
  json->Field("frames", s.info.frames);
  json->Field("lost", s.info.lost);
  json->Field("duration_ms", s.duration_ns / 1000000);
  json->Key("hash");
  if (s.has_framebuffer) {
    json->String(FormatHash(s.framebuffer_hash));
  } else {
    json->Null();
  }
  json->Field("graceful", s.graceful);
  json->Field("end", s.end.message());
  json->EndObject();
}

void WriteLatency(JsonWriter* json, std::string_view name, uint64_t p50, uint64_t p99,
                  uint64_t max) {
  json->Key(name);
  json->BeginObject();
  json->Field("p50", p50);
  json->Field("p99", p99);
  json->Field("max", max);
  json->EndObject();
}

void WriteCodecs(JsonWriter* json, const Tally& tally) {
  std::set<std::string> names;
  for (const char* prefix : {"codec", "tiles", "lost"}) {
    for (const auto& [name, value] : tally.Of(prefix)) names.insert(name);
  }
  json->Key("codecs");
  json->BeginObject();
  for (const std::string& name : names) {
    json->Key(name);
    json->BeginObject();
    json->Field("ops", tally.Value("codec", name));
    json->Field("tiles", tally.Value("tiles", name));
    json->Field("lost", tally.Value("lost", name));
    json->EndObject();
  }
  json->EndObject();
}

}  // namespace

std::string ReplayText(const RunResult& run) {
  const mln::Metrics& m = run.metrics;
  const Tally tally = TallyAll(*run.sessions);
  std::string text;
  uint64_t file_bytes = 0;
  for (const RunResult::Capture& capture : run.captures) file_bytes += capture.file_bytes;
  const uint64_t capture_ns = CaptureNs(run);
  text +=
      Line("played", FormatCount(run.captures.size(), "capture") + " (" + FormatBytes(file_bytes) +
                         "), " + FormatCount(run.sessions->size(), "session") + ", " +
                         FormatTime(capture_ns) + " of desktop in " + FormatTime(run.wall_ns));
  text += SessionLines(run);
  text += Line("bytes", FormatBytes(m.bytes_in) + " in " + FormatCount(m.packets, "packet") + ", " +
                            FormatBytes(m.bytes_inflated) + " inflated");
  if (tally.Sum("egfx") > 0) text += Line("graphics", FormatNames(tally.Of("egfx")));
  text += Line("ops", FormatNames(tally.Of("codec")));
  text += Line("tiles", FormatNames(tally.Of("tiles")));
  text += Line("frames", std::to_string(m.frames) + ", " +
                             FormatReal(static_cast<double>(m.pixels) / 1e6, 1) + " MPix at " +
                             FormatReal(MegapixelsPerSecond(run), 1) + " MPix/s");
  text +=
      Line("decode", "p50 " + FormatTime(m.decode_p50_ns) + ", p99 " + FormatTime(m.decode_p99_ns) +
                         ", max " + FormatTime(m.decode_max_ns) + " an op");
  text +=
      Line("commit", "p50 " + FormatTime(m.commit_p50_ns) + ", p99 " + FormatTime(m.commit_p99_ns) +
                         ", max " + FormatTime(m.commit_max_ns) + " from a frame's last byte");
  text += Line("losses", run.losses.ToString());
  return text;
}

std::string ReplayJson(const RunResult& run) {
  const mln::Metrics& m = run.metrics;
  const Tally tally = TallyAll(*run.sessions);
  JsonWriter json;
  json.BeginObject();
  json.Field("version", mln::Version());
  json.Field("command", "replay");
  json.Field("simd", mln::SimdTarget());
  json.Field("workers", run.workers);
  json.Field("copies", run.copies);
  json.Field("loops", run.loops);
  WriteCaptures(&json, run);
  json.Key("sessions");
  json.BeginArray();
  for (const SessionResult& s : *run.sessions) WriteSession(&json, run, s);
  json.EndArray();
  json.Field("capture_ms", CaptureNs(run) / 1000000);
  json.Field("wall_ms", static_cast<double>(run.wall_ns) / 1e6);
  json.Field("packets", m.packets);
  json.Field("bytes_in", m.bytes_in);
  json.Field("bytes_inflated", m.bytes_inflated);
  json.Field("ops", m.ops);
  json.Field("tiles", m.tiles);
  json.Field("frames", m.frames);
  json.Field("pixels", m.pixels);
  json.Field("mpix_per_s", MegapixelsPerSecond(run));
  WriteLatency(&json, "decode_ns", m.decode_p50_ns, m.decode_p99_ns, m.decode_max_ns);
  WriteLatency(&json, "commit_ns", m.commit_p50_ns, m.commit_p99_ns, m.commit_max_ns);
  json.Field("max_queued_packets", m.max_queued_packets);
  json.Field("max_queued_ops", m.max_queued_ops);
  json.Field("max_scratch_bytes", m.max_scratch_bytes);
  json.Field("max_waiting_bytes", m.max_waiting_bytes);
  WriteCodecs(&json, tally);
  WriteNames(&json, "graphics_commands", tally.Of("egfx"));
  WriteNames(&json, "bulk", tally.Of("bulk"));
  WriteNames(&json, "undecoded", tally.Of("undecoded"));
  json.Key("losses");
  json.BeginObject();
  json.Field("broken_sessions", run.losses.broken_sessions);
  WriteNames(&json, "failed", run.losses.failed);
  WriteNames(&json, "undecoded", run.losses.undecoded);
  json.EndObject();
  json.Field("exit_code", run.exit_code);
  json.EndObject();
  return json.text();
}

void WriteNames(JsonWriter* json, std::string_view name, const Tally::Names& names) {
  json->Key(name);
  json->BeginObject();
  for (const auto& [key, value] : names) json->Field(key, value);
  json->EndObject();
}

void WriteCaptures(JsonWriter* json, const RunResult& run) {
  json->Key("captures");
  json->BeginArray();
  for (const RunResult::Capture& capture : run.captures) {
    json->BeginObject();
    json->Field("file", capture.path);
    json->Field("bytes", capture.file_bytes);
    json->Key("error");
    if (capture.error) {
      json->String(capture.error.message());
    } else {
      json->Null();
    }
    json->EndObject();
  }
  json->EndArray();
}

}  // namespace mullion::tools
