#include "io/capture/capture.h"

#include <cstdio>

#include "io/capture/connection_table.h"
#include "io/capture/packet_file.h"
#include "io/capture/surface_commands.h"

namespace mullion {

CaptureSink::~CaptureSink() = default;
void CaptureSink::OnSurfaceCommands(uint32_t, uint64_t, ByteView) {}
void CaptureSink::OnGraphics(uint32_t, uint64_t, ByteView) {}

struct CaptureReader::Impl {
  KeyLog keys;
  ConnectionTable table{&keys};
  std::unique_ptr<PacketFile> file;
  bool done = false;
  // The file holds bare surface commands or graphics PDUs, which are connection 0, already open.
  bool surface_commands = false;
  bool graphics = false;
  uint64_t last_time_ns = 0;
  uint64_t packets = 0;
  uint64_t cut_packets = 0;  // by the snap length
  uint64_t first_cut_offset = 0;
  bool skipped_link_type_seen = false;
  uint16_t skipped_link_type = 0;

  CaptureError AddSecrets(const CaptureRecord& record, CaptureSink* sink);
  void Packet(const CaptureRecord& record, CaptureSink* sink);
  void Graphics(const CaptureRecord& record, CaptureSink* sink);
  CaptureError End(CaptureSink* sink, CaptureError error);
};

CaptureReader::CaptureReader() : impl_(std::make_unique<Impl>()) {}
CaptureReader::~CaptureReader() = default;

CaptureError CaptureReader::Open(const std::string& path, const std::string& keylog_path) {
  std::string error;
  if (!keylog_path.empty()) {
    auto source = OpenFileSource(keylog_path, &error);
    if (source == nullptr) return MakeCaptureError(Err::kIo, "key log", 0, error);
    InputWindow window(std::move(source));
    // Piece by piece, each to the end of its last whole line.
    bool more = true;
    for (size_t want = InputWindow::kChunk / 2; more; want = InputWindow::kChunk / 2) {
      more = window.Fill(want);
      if (window.failed()) {
        return MakeCaptureError(Err::kIo, "key log", 0, "reading fails: " + keylog_path);
      }
      const ByteView bytes = window.Peek(window.available());
      const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      const size_t line_end = more ? text.rfind('\n') : text.size();
      if (more && line_end == std::string_view::npos) {
        return MakeCaptureError(Err::kMalformed, "key log", 0,
                                keylog_path + " is no key log: a line has more than " +
                                    std::to_string(want) + " bytes");
      }
      const size_t size = more ? line_end + 1 : text.size();
      if (Status s = impl_->keys.Add(text.substr(0, size)); !s.ok()) {
        return {s, keylog_path + " names too many TLS connections"};
      }
      window.Consume(size);
    }
  }
  auto source = OpenFileSource(path, &error);
  if (source == nullptr) return MakeCaptureError(Err::kIo, "capture", 0, error);
  CaptureError opened = OpenSource(std::move(source), "");
  if (!opened.ok()) opened.message = path + ": " + opened.message;
  return opened;
}

CaptureError CaptureReader::OpenSource(std::unique_ptr<ByteSource> source,
                                       const std::string& keylog) {
  if (Status s = impl_->keys.Add(keylog); !s.ok()) {
    return {s, "the key log names too many TLS connections"};
  }
  return OpenPacketFile(std::move(source), &impl_->file);
}

CaptureError CaptureReader::Impl::AddSecrets(const CaptureRecord& record, CaptureSink* sink) {
  const std::string_view text(reinterpret_cast<const char*>(record.bytes.data()),
                              record.bytes.size());
  if (Status s = keys.Add(text); !s.ok()) {
    return MakeCaptureError(s.err, s.field, record.file_offset,
                            "the secrets block at offset " + std::to_string(record.file_offset) +
                                ": too many TLS connections");
  }
  table.OnSecrets(sink);
  return {};
}

void CaptureReader::Impl::Packet(const CaptureRecord& record, CaptureSink* sink) {
  last_time_ns = record.time_ns;
  if (packets++ == 0 && record.link_type == 0 && LooksLikeSurfaceCommands(record.bytes)) {
    surface_commands = true;
    sink->OnOpen({0, "", ""}, record.time_ns);
  }
  if (surface_commands) {
    sink->OnSurfaceCommands(0, record.time_ns, record.bytes);
    return;
  }
  if (!IsKnownLinkType(record.link_type)) {
    skipped_link_type_seen = true;
    skipped_link_type = record.link_type;
    return;
  }
  if (record.bytes.size() < record.original_size && cut_packets++ == 0) {
    first_cut_offset = record.file_offset;
  }
  TcpSegment segment;
  if (ParseTcpPacket(record.link_type, record.bytes, &segment)) {
    table.OnSegment(sink, segment, record.time_ns, record.file_offset);
  }
}

void CaptureReader::Impl::Graphics(const CaptureRecord& record, CaptureSink* sink) {
  if (!graphics) sink->OnOpen({0, "", ""}, record.time_ns);
  graphics = true;
  sink->OnGraphics(0, record.time_ns, record.bytes);
}

CaptureError CaptureReader::Impl::End(CaptureSink* sink, CaptureError error) {
  done = true;
  if (surface_commands || graphics) {
    sink->OnClose(0, last_time_ns, error);
    return error;
  }
  table.Finish(sink, error);
  if (!error.ok() || table.sessions_seen() > 0) return error;
  // No session at all may have a reason.
  if (cut_packets > 0) {
    return MakeCaptureError(Err::kTruncated, "snap length", first_cut_offset,
                            "no session is found, and " + std::to_string(cut_packets) +
                                " packets were cut when they were captured, the first at offset " +
                                std::to_string(first_cut_offset));
  }
  if (skipped_link_type_seen) {
    return MakeCaptureError(
        Err::kUnsupported, "link type", 0,
        "packets of link type " + std::to_string(skipped_link_type) + " are not supported");
  }
  return error;
}

CaptureError CaptureReader::Next(CaptureSink* sink, bool* more) {
  Impl& impl = *impl_;
  *more = false;
  if (impl.file == nullptr) return MakeCaptureError(Err::kState, "capture", 0, "not open");
  if (impl.done) return {};
  CaptureRecord record;
  CaptureError error = impl.file->Next(&record);
  if (error.ok() && record.kind == CaptureRecord::Kind::kSecrets) {
    error = impl.AddSecrets(record, sink);
  }
  if (!error.ok() || record.kind == CaptureRecord::Kind::kEnd) {
    return impl.End(sink, std::move(error));
  }
  if (record.kind == CaptureRecord::Kind::kPacket) impl.Packet(record, sink);
  if (record.kind == CaptureRecord::Kind::kGraphics) impl.Graphics(record, sink);
  *more = true;
  return {};
}

uint64_t CaptureReader::offset() const {
  return impl_->file != nullptr ? impl_->file->offset() : 0;
}
uint64_t CaptureReader::size() const {
  return impl_->file != nullptr ? impl_->file->total_size() : 0;
}

}  // namespace mullion
