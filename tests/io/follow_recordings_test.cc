// The real recordings of /work/shared/captures through capture reader, framer and follower.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "codecs/wire/bitmap.h"
#include "codecs/wire/fastpath.h"
#include "codecs/wire/share.h"
#include "codecs/wire/svc.h"
#include "io/capture/capture.h"
#include "io/connect/follow.h"
#include "io/net/framer.h"
#include "tests/support/json.h"

namespace mullion::test {
namespace {

namespace fs = std::filesystem;
const fs::path kCaptures = MULLION_SOURCE_DIR "/../shared/captures";

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct FollowedSession {
  SessionFollower follower;
  Framer framers[2];  // [1] to the server
  CaptureError closed;
  std::map<std::string, size_t> seen;  // what the events said
  size_t resizes = 0;
  size_t failures = 0;
  bool whole = true;  // no bytes left over
  std::string trouble;
  bool graceful = false;
};

class FollowSink : public CaptureSink {
 public:
  std::map<uint32_t, FollowedSession> sessions;

  void OnOpen(const CapturedConnection& connection, uint64_t) override { sessions[connection.id]; }
  void OnTls(uint32_t, const char*, const char*) override {}
  void OnBytes(uint32_t id, bool to_server, uint64_t, ByteView bytes) override {
    FollowedSession& s = sessions[id];
    Framer& framer = s.framers[to_server ? 1 : 0];
    framer.Push(Bytes::Copy(bytes));
    for (;;) {
      Bytes pdu;
      PduKind kind = PduKind::kTpkt;
      bool got = false;
      if (Status status = framer.Next(&pdu, &kind, &got); !status.ok()) Note(&s, status);
      if (!got) break;
      if (Status status = s.follower.Feed(to_server, kind, pdu.view()); !status.ok()) {
        Note(&s, status);
      }
      for (const FollowEvent& event : s.follower.events()) Take(&s, event);
    }
  }
  void OnClose(uint32_t id, uint64_t, const CaptureError& error) override {
    FollowedSession& s = sessions[id];
    s.closed = error;
    s.whole = s.framers[0].buffered_bytes() == 0 && s.framers[1].buffered_bytes() == 0;
  }

 private:
  static void Note(FollowedSession* s, Status status) {
    ++s->failures;
    s->trouble = std::string(ErrName(status.err)) + " " + status.field;
  }
  // Walks what the engine would walk, as far as nothing is compressed.
  static void Take(FollowedSession* s, const FollowEvent& event) {
    switch (event.kind) {
      case FollowKind::kFastPath: {
        FastPathOutput output;
        if (Status status = ParseFastPathOutput(event.payload, &output); !status.ok()) {
          return Note(s, status);
        }
        FastPathUpdates updates(output.updates);
        FastPathUpdate update;
        while (updates.Next(&update)) {
          const bool bulk = (update.compression_flags & 0x20) != 0;
          ++s->seen[std::string(FastPathCodeName(update.code)) + (bulk ? "*" : "")];
        }
        if (!updates.status().ok()) Note(s, updates.status());
        break;
      }
      case FollowKind::kShareData:
        ++s->seen[std::string(SharePduName(event.type2)) +
                  ((event.compressed_type & 0x20) != 0 ? "*" : "")];
        break;
      case FollowKind::kChannelData: {
        ChannelChunk chunk;
        if (Status status = ParseChannelChunk(event.payload, &chunk); !status.ok()) {
          return Note(s, status);
        }
        const auto& name = s->follower.facts().channels[event.channel_index].name;
        ++s->seen[name + (event.to_server ? ">" : "<")];
        break;
      }
      case FollowKind::kMessageChannel:
        ++s->seen["message_channel"];
        break;
      case FollowKind::kActivated:
        ++s->seen["activated"];
        if (event.size_changed) ++s->resizes;
        break;
      case FollowKind::kConfirmed:
        ++s->seen["confirmed"];
        break;
      case FollowKind::kDeactivated:
        ++s->seen["deactivated"];
        break;
      case FollowKind::kRedirected:
        ++s->seen["redirected"];
        break;
      case FollowKind::kDisconnect:
        ++s->seen["disconnect"];
        s->graceful = event.graceful;
        break;
    }
  }
};

// "final 1280x1024 frames 30 pdus 150 bytes 1718206 hash ..." of NAME.frames.txt.
struct FinalLine {
  unsigned width = 0, height = 0;
  unsigned long long pdus = 0, bytes = 0;
  size_t resizes = 0;  // lines of kind resize
};
bool ReadFinalLine(const fs::path& path, FinalLine* out) {
  std::ifstream in(path);
  std::string line;
  bool found = false;
  while (std::getline(in, line)) {
    if (line.find(" resize ") != std::string::npos) ++out->resizes;
    if (line.rfind("final ", 0) != 0) continue;
    unsigned frames = 0;
    found = std::sscanf(line.c_str(), "final %ux%u frames %u pdus %llu bytes %llu", &out->width,
                        &out->height, &frames, &out->pdus, &out->bytes) == 5;
  }
  return found;
}

size_t Count(const FollowedSession& s, const char* key) {
  const auto it = s.seen.find(key);
  return it == s.seen.end() ? 0 : it->second;
}

void CheckRefused(const FollowedSession& s) {
  const SessionFacts& facts = s.follower.facts();
  CHECK(facts.security == "nla");
  CHECK(facts.credssp_messages == 3);
  CHECK(facts.activations == 0);
  CHECK(facts.server_pdus == 0);
  CHECK_FALSE(s.graceful);
}

void CheckFacts(const FollowedSession& s, const Json& info) {
  const SessionFacts& facts = s.follower.facts();
  const std::string& security = info["security"].Str();
  CHECK(facts.security == (security == "TLS"               ? "tls"
                           : security.rfind("NLA", 0) == 0 ? "nla"
                           : security.rfind("RDP", 0) == 0 ? "rdp"
                                                           : "?"));
  CHECK(facts.credssp_messages == (facts.security == "nla" ? 5 : 0));
  CHECK(facts.client_name == "desktop");
  CHECK(facts.io_channel == 1003);
  CHECK(facts.encryption_method == 0);
  REQUIRE(facts.channels.size() == 4);
  const char* const kNames[] = {"rdpdr", "rdpsnd", "cliprdr", "drdynvc"};
  for (size_t i = 0; i < 4; ++i) {
    CHECK(facts.channels[i].name == kNames[i]);
    CHECK(facts.channels[i].id == 1004 + i);
    CHECK(facts.channels[i].joined);
  }
  CHECK(facts.licensed);
  CHECK(facts.compression);
  int level = 3;  // xfreerdp's own
  for (const Json& arg : info["client_args"].array) {
    std::sscanf(arg.Str().c_str(), "/compression-level:%d", &level);
  }
  CHECK(facts.compression_type == level);
  CHECK(facts.codecs[0] == BitmapCodec::kNone);
  CHECK(facts.codecs[1] == BitmapCodec::kNsCodec);
  CHECK(facts.codecs[3] == BitmapCodec::kRemoteFx);
  CHECK(facts.surface_command_flags == 0x52);
  CHECK(facts.multifragment_max != 0);

  const Json& summary = info["wire"]["summary"];
  auto count = [&summary](const char* key) {
    return static_cast<size_t>(summary[key]["count"].Int());
  };
  CHECK(facts.activations == count("slow DemandActive"));
  // gnome-remote-desktop deactivates once more, behind the client's disconnect.
  const size_t deactivations = count("slow DeactivateAll");
  CHECK((facts.deactivations == deactivations ||
         (facts.disconnect_by_client && facts.deactivations + 1 == deactivations)));
  CHECK(Count(s, "confirmed") == facts.activations);
  CHECK(Count(s, "synchronize") == count("slow SYNCHRONIZE") + count("fastpath SYNC"));
  CHECK(Count(s, "control") == count("slow CONTROL"));
  CHECK(Count(s, "font_map") == count("slow FONTMAP"));
  CHECK(Count(s, "pointer_cached") == count("fastpath ptr cached"));
  CHECK(Count(s, "pointer_new") + Count(s, "pointer_new*") == count("fastpath ptr new"));
  CHECK(Count(s, "pointer_hidden") == count("fastpath ptr null"));
  CHECK(Count(s, "pointer_position") == count("fastpath ptr position"));
  CHECK(Count(s, "message_channel") == count("mcs message channel"));
  std::string size =
      "desktop=" + std::to_string(facts.desktop_width) + "x" + std::to_string(facts.desktop_height);
  bool noted = false;
  for (const Json& note : info["wire"]["notes"].array) {
    noted = noted || (note.Str().find(size) != std::string::npos &&
                      note.Str().find("bpp=" + std::to_string(facts.desktop_bpp) + " ") !=
                          std::string::npos);
  }
  CHECK(noted);
}

TEST_CASE("every recording is followed to its end, and the facts are those of its json") {
  if (!fs::is_directory(kCaptures / "a")) {
    std::printf("skipped: no %s\n", (kCaptures / "a").c_str());
    return;
  }
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(kCaptures / "a")) {
    if (entry.path().extension() != ".pcapng") continue;
    CAPTURE(entry.path().filename().string());
    CaptureReader reader;
    FollowSink sink;
    REQUIRE(reader.Open(entry.path(), "").ok());
    bool more = true;
    bool readable = true;
    while (more && readable) readable = reader.Next(&sink, &more).ok();
    REQUIRE(readable);
    Json info;
    std::string error;
    REQUIRE_MESSAGE(
        ParseJson(ReadText(fs::path(entry.path()).replace_extension(".json")), &info, &error),
        error);
    CHECK(sink.sessions.size() == static_cast<size_t>(info["tcp_connections"].Int()));
    FinalLine final_line;
    const bool has_picture =
        ReadFinalLine(fs::path(entry.path()).replace_extension(".frames.txt"), &final_line);
    for (auto& [id, s] : sink.sessions) {
      CHECK_MESSAGE(s.failures == 0, s.trouble);
      CHECK(s.whole);
      CHECK(s.closed.ok());
      if (!has_picture) {
        CheckRefused(s);
        continue;
      }
      const SessionFacts& facts = s.follower.facts();
      CHECK(facts.desktop_width == final_line.width);
      CHECK(facts.desktop_height == final_line.height);
      CHECK(facts.server_pdus == final_line.pdus);
      CHECK(facts.server_bytes == final_line.bytes);
      CHECK(s.resizes == final_line.resizes + 1);
      // Closed from the client's window: it says so, unless the connection just ended.
      CHECK(s.graceful == (facts.disconnect_reason == 3));
      CHECK(s.follower.finished() == (Count(s, "disconnect") == 1));
      CheckFacts(s, info);
    }
    ++files;
  }
  CHECK(files > 0);
}

// The Windows sessions carry no licence, so they are fetched beside the sources, never committed.
TEST_CASE("the Windows recordings are followed without a failure") {
  const char* const elsewhere = std::getenv("MULLION_WINDOWS_CAPTURES");
  const fs::path folder = elsewhere != nullptr ? fs::path(elsewhere) : kCaptures / "windows";
  size_t files = 0;
  for (const char* name : {"rdp-nla-kerberos-auth1", "rdp-nla-smartcard-auth1",
                           "rdp-restricted-admin-accepted1", "rdp-restricted-admin-rejected1"}) {
    const fs::path path = folder / (std::string(name) + ".pcapng");
    if (!fs::exists(path)) continue;
    CAPTURE(path.string());
    CaptureReader reader;
    FollowSink sink;
    REQUIRE(reader.Open(path, "").ok());
    bool more = true;
    bool readable = true;
    while (more && readable) readable = reader.Next(&sink, &more).ok();
    CHECK(readable);
    CHECK(!sink.sessions.empty());
    for (auto& [id, s] : sink.sessions) {
      const SessionFacts& facts = s.follower.facts();
      CHECK(facts.security == "nla-ex");  // so the early authorization result was framed
      CHECK(facts.client_name == "IT-HELP-CLIENT");
      CHECK(facts.credssp_messages == 7);
      CHECK(facts.desktop_width == 1024);
      CHECK(facts.desktop_height == 768);
      CHECK(facts.activations == 1);
      CHECK(facts.licensed);
      CHECK(facts.message_channel != 0);
      CHECK(Count(s, "message_channel") > 0);
      // Disconnected or logged off by the user, said by error info and then by MCS.
      CHECK((facts.error_info == 0xB || facts.error_info == 0xC));
      CHECK(facts.disconnect_reason == 3);
      CHECK_FALSE(facts.disconnect_by_client);
      CHECK(s.graceful);
      CHECK(s.whole);
      CHECK_MESSAGE(s.failures == 0, s.trouble);
    }
    ++files;
  }
  if (files == 0) std::printf("skipped: no Windows captures in %s\n", folder.c_str());
}

}  // namespace
}  // namespace mullion::test
