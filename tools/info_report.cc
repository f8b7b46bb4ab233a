// What `mullion info` tells about a capture.
#include <utility>

#include "tools/format_text.h"
#include "tools/report.h"

namespace mullion::tools {
namespace {

// The counters to show, in this order: prefix of mullion.h, key in JSON, heading in text.
struct Group {
  const char* prefix;
  const char* key;
  const char* heading;
};
constexpr Group kGroups[] = {
    {"pdu", "server_pdus", "server PDUs"},
    {"client", "client_pdus", "client PDUs"},
    {"update", "updates", "updates"},
    {"egfx", "graphics_commands", "graphics PDUs"},
    {"codec", "codecs", "ops by codec"},
    {"tiles", "tiles", "tiles by codec"},
    {"codec-id", "codec_ids", "codec ids"},
    {"bulk", "bulk", "bulk compression"},
    {"channel", "channel_messages", "channel messages"},
    {"dynamic", "dynamic_channels", "dynamic channels"},
    {"undecoded", "undecoded", "not decoded"},
    {"lost", "lost", "failed"},
};

std::string Line(std::string_view label, std::string_view text) {
  return "  " + PadRight(label, 18) + std::string(text) + "\n";
}

// A heading with one name and value a line; nothing if there are none.
std::string Table(std::string_view heading, const Tally::Names& names) {
  std::string text;
  for (const auto& [name, value] : names) {
    text += "  " + PadRight(text.empty() ? heading : "", 18) + PadLeft(std::to_string(value), 10) +
            "  " + Printable(name) + "\n";
  }
  return text;
}

std::string SizeText(const SessionResult& s) {
  if (s.info.width_px == 0) return "no desktop: the session was never activated";
  std::string text = std::to_string(s.info.width_px) + "x" + std::to_string(s.info.height_px);
  if (s.info.bits_per_pixel != 0) text += ", " + std::to_string(s.info.bits_per_pixel) + " bpp";
  if (s.info.activations > 1)
    text += ", activated " + std::to_string(s.info.activations) + " times";
  return text;
}

std::string SurfaceText(uint32_t id, const SurfaceResult& s) {
  std::string text = std::to_string(id) + ": " + std::to_string(s.width_px) + "x" +
                     std::to_string(s.height_px) + (s.has_alpha ? " with alpha" : "");
  if (s.mapping == MLN_SURFACE_UNMAPPED) {
    text += ", not shown";
  } else if (s.mapping == MLN_SURFACE_WINDOW) {
    text += ", of a window";
  } else {
    text += ", at " + std::to_string(s.target.x) + "," + std::to_string(s.target.y);
    if (s.target.w != s.width_px || s.target.h != s.height_px) {
      text += " as " + std::to_string(s.target.w) + "x" + std::to_string(s.target.h);
    }
  }
  return text + (s.deleted ? ", deleted before the end" : "");
}

const char* MappingName(mln_surface_mapping mapping) {
  return mapping == MLN_SURFACE_OUTPUT   ? "output"
         : mapping == MLN_SURFACE_WINDOW ? "window"
                                         : "none";
}

std::string SessionText(const SessionResult& s) {
  Tally tally;
  tally.Add(s);
  std::string text = "session " + std::to_string(s.number) + "\n";
  const auto known = [](const std::string& t) { return t.empty() ? "unknown" : Printable(t); };
  text +=
      Line("client",
           known(s.info.client) +
               (s.info.client_name.empty() ? "" : " (\"" + Printable(s.info.client_name) + "\")"));
  text += Line("server", known(s.info.server));
  text += Line("security",
               known(s.info.security) + (s.info.tls.empty() ? "" : ", " + Printable(s.info.tls)));
  text += Line("desktop", SizeText(s));
  if (!s.monitors.empty()) text += Line("monitors", s.monitors);
  if (!s.graphics.empty()) text += Line("graphics pipeline", s.graphics);
  text += Line("time", FormatTime(s.duration_ns));
  text += Line("bytes", FormatBytes(s.metrics.bytes_in) + " in " +
                            FormatCount(s.metrics.packets, "packet") + ", " +
                            FormatBytes(s.metrics.bytes_inflated) + " inflated");
  text += Line("frames", std::to_string(s.info.frames));
  text += Line("end", (BrokeOff(s) ? "broke off: " : "") + known(s.end.message()));
  std::string channels;
  for (const mln::Channel& channel : s.channels) {
    if (!channels.empty()) channels += ", ";
    channels += Printable(channel.name) + " " + std::to_string(channel.id);
  }
  text += Line("channels", channels.empty() ? "none" : channels);
  std::string_view label = "surfaces";
  for (const auto& [id, surface] : s.surfaces) {
    text += Line(std::exchange(label, ""), SurfaceText(id, surface));
  }
  for (const Group& group : kGroups) text += Table(group.heading, tally.Of(group.prefix));
  return text;
}

void WriteSurface(JsonWriter* json, uint32_t id, const SurfaceResult& s) {
  json->BeginObject();
  json->Field("id", id);
  json->Field("deleted", s.deleted);
  json->Field("width_px", s.width_px);
  json->Field("height_px", s.height_px);
  json->Field("alpha", s.has_alpha);
  json->Field("mapping", MappingName(s.mapping));
  json->Field("target_x", s.target.x);
  json->Field("target_y", s.target.y);
  json->Field("target_width_px", s.target.w);
  json->Field("target_height_px", s.target.h);
  json->EndObject();
}

void WriteSession(JsonWriter* json, const RunResult& run, const SessionResult& s) {
  Tally tally;
  tally.Add(s);
  json->BeginObject();
  json->Field("number", s.number);
  json->Field("file", CaptureOf(run, s).path);
  json->Field("client", s.info.client);
  json->Field("client_name", s.info.client_name);
  json->Field("server", s.info.server);
  json->Field("security", s.info.security);
  json->Field("tls", s.info.tls);
  json->Field("width_px", s.info.width_px);
  json->Field("height_px", s.info.height_px);
  json->Field("bits_per_pixel", s.info.bits_per_pixel);
  json->Field("activations", s.info.activations);
  json->Field("monitors", s.monitors);
  json->Field("graphics", s.graphics);
  json->Field("duration_ms", s.duration_ns / 1000000);
  json->Field("packets", s.metrics.packets);
  json->Field("bytes_in", s.metrics.bytes_in);
  json->Field("bytes_inflated", s.metrics.bytes_inflated);
  json->Field("frames", s.info.frames);
  json->Field("graceful", s.graceful);
  json->Field("end", s.end.message());
  json->Key("channels");
  json->BeginArray();
  for (const mln::Channel& channel : s.channels) {
    json->BeginObject();
    json->Field("name", channel.name);
    json->Field("id", channel.id);
    json->EndObject();
  }
  json->EndArray();
  json->Key("surfaces");
  json->BeginArray();
  for (const auto& [id, surface] : s.surfaces) WriteSurface(json, id, surface);
  json->EndArray();
  for (const Group& group : kGroups) WriteNames(json, group.key, tally.Of(group.prefix));
  json->EndObject();
}

}  // namespace

std::string InfoText(const RunResult& run) {
  std::string text;
  const RunResult::Capture* shown = nullptr;
  for (const SessionResult& s : *run.sessions) {
    const RunResult::Capture* capture = &CaptureOf(run, s);
    if (capture != shown) {
      text += capture->path + " (" + FormatBytes(capture->file_bytes) + ")\n";
      shown = capture;
    }
    text += SessionText(s);
  }
  text += "would be lost     " + run.losses.ToString() + "\n";
  return text;
}

std::string InfoJson(const RunResult& run) {
  JsonWriter json;
  json.BeginObject();
  json.Field("version", mln::Version());
  json.Field("command", "info");
  WriteCaptures(&json, run);
  json.Key("sessions");
  json.BeginArray();
  for (const SessionResult& s : *run.sessions) WriteSession(&json, run, s);
  json.EndArray();
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

}  // namespace mullion::tools
