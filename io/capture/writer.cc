#include "io/capture/writer.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "codecs/base/byte_writer.h"
#include "io/capture/link.h"

namespace mullion {
namespace {

constexpr uint8_t kTcpPush = 8;
// A window of 65535 << 14 bytes, so that no amount of data in flight looks like too much.
constexpr uint8_t kSynOptions[] = {2, 4, 0x80, 0x00, 1, 3, 3, 14};
constexpr uint32_t kAcknowledgeEvery = uint32_t{1} << 20;

class FileSink : public ByteSink {
 public:
  explicit FileSink(std::FILE* file) : file_(file) {}
  ~FileSink() override { std::fclose(file_); }
  bool Write(ByteView bytes) override {
    return std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size() &&
           std::fflush(file_) == 0;
  }

 private:
  std::FILE* file_;
};

// RFC 1071: the ones' complement sum of 16-bit words, continued over several pieces, of which all
// but the last have even lengths.
uint32_t AddToSum(uint32_t sum, ByteView bytes) {
  uint64_t wide = sum;
  size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) {
    wide += static_cast<uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  }
  if (i < bytes.size()) wide += static_cast<uint32_t>(bytes[i] << 8);
  while (wide >> 16 != 0) wide = (wide & 0xFFFF) + (wide >> 16);
  return static_cast<uint32_t>(wide);
}
uint16_t Checksum(uint32_t sum) { return static_cast<uint16_t>(~sum); }

void WriteIpv4Header(const Endpoint& source, const Endpoint& destination, size_t tcp_size,
                     std::vector<uint8_t>* out) {
  ByteWriter w(out);
  const size_t begin = w.size();
  w.U8(0x45);
  w.U8(0);
  w.U16Be(static_cast<uint16_t>(20 + tcp_size));
  w.U16Be(0);       // identification
  w.U16Be(0x4000);  // do not fragment
  w.U8(64);
  w.U8(6);
  w.U16Be(0);
  w.Bytes({source.address.data(), 4});
  w.Bytes({destination.address.data(), 4});
  w.PatchU16Be(begin + 10, Checksum(AddToSum(0, ByteView(*out).subspan(begin))));
}

void WriteIpv6Header(const Endpoint& source, const Endpoint& destination, size_t tcp_size,
                     std::vector<uint8_t>* out) {
  ByteWriter w(out);
  w.U32Be(0x60000000);
  w.U16Be(static_cast<uint16_t>(tcp_size));
  w.U8(6);
  w.U8(64);
  w.Bytes(source.address);
  w.Bytes(destination.address);
}

uint32_t PseudoHeaderSum(const Endpoint& source, const Endpoint& destination, size_t tcp_size) {
  const size_t address_size = source.is_v6 ? 16 : 4;
  uint32_t sum = AddToSum(0, {source.address.data(), address_size});
  sum = AddToSum(sum, {destination.address.data(), address_size});
  const uint8_t rest[4] = {0, 6, static_cast<uint8_t>(tcp_size >> 8),
                           static_cast<uint8_t>(tcp_size)};
  return AddToSum(sum, rest);
}

Endpoint MadeUp(uint32_t id, bool server, bool is_v6) {
  Endpoint e;
  e.is_v6 = is_v6;
  e.port = server ? 3389 : static_cast<uint16_t>(49152 + id % 16384);
  if (is_v6) {  // unique local
    e.address = {0xFD, 0x77};
    e.address[13] = server ? 1 : 0;
    e.address[14] = static_cast<uint8_t>(id >> 8);
    e.address[15] = static_cast<uint8_t>(id);
  } else {
    e.address = {10, 77, server ? uint8_t{1} : uint8_t{0},
                 static_cast<uint8_t>(1 + id / 16384 % 254)};
  }
  return e;
}

}  // namespace

CaptureWriter::~CaptureWriter() {
  if (sink_ != nullptr) (void)Finish();
}

CaptureError CaptureWriter::Open(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "wbe");
  if (file == nullptr) {
    error_ = MakeCaptureError(Err::kIo, "capture", 0,
                              "cannot create " + path + ": " + std::strerror(errno));
    return error_;
  }
  path_ = path;
  OpenSink(std::make_unique<FileSink>(file));
  return {};
}

void CaptureWriter::OpenSink(std::unique_ptr<ByteSink> sink) {
  sink_ = std::move(sink);
  buffer_.reserve(kBuffer + 2 * kMaxPayload);
  ByteWriter w(&buffer_);
  constexpr char kName[] = "mullion";  // with its zero: padding
  w.U32(0x0A0D0D0A);                   // section header
  w.U32(28 + 16);
  w.U32(0x1A2B3C4D);
  w.U16(1);
  w.U16(0);
  w.U64(~uint64_t{0});
  w.U16(4);  // shb_userappl
  w.U16(sizeof(kName) - 1);
  w.Bytes({reinterpret_cast<const uint8_t*>(kName), sizeof(kName)});
  w.U32(0);  // end of options
  w.U32(28 + 16);
  w.U32(1);  // interface description
  w.U32(20 + 12);
  w.U16(1);  // Ethernet
  w.U16(0);
  w.U32(0);  // no snap length
  w.U16(9);  // if_tsresol: nanoseconds
  w.U16(1);
  w.U32(9);
  w.U32(0);
  w.U32(20 + 12);
}

uint32_t CaptureWriter::OpenConnection(uint64_t time_ns, const std::string& client,
                                       const std::string& server) {
  const uint32_t id = next_id_++;
  Connection& c = connections_[id];
  const bool have_client = ParseEndpoint(client, &c.ends[0]);
  const bool have_server = ParseEndpoint(server, &c.ends[1]);
  if (!have_client) c.ends[0] = MadeUp(id, false, have_server && c.ends[1].is_v6);
  if (!have_server) c.ends[1] = MadeUp(id, true, c.ends[0].is_v6);
  // Both ends share a family; what is odd otherwise becomes made up.
  if (c.ends[0].is_v6 != c.ends[1].is_v6) c.ends[0] = MadeUp(id, false, c.ends[1].is_v6);
  // Initial sequence numbers differ from connection to connection, for ports that are used again.
  c.next[0] = 1000 + id * 65536;
  c.next[1] = 2000 + id * 65536;
  c.last_time_ns = time_ns;
  Segment(&c, 0, time_ns, kTcpSyn, {});
  Segment(&c, 1, time_ns, kTcpSyn | kTcpAck, {});
  Segment(&c, 0, time_ns, kTcpAck, {});
  return id;
}

void CaptureWriter::Bytes(uint32_t id, bool to_server, uint64_t time_ns, ByteView bytes) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& c = found->second;
  const int from = to_server ? 0 : 1;
  c.last_time_ns = time_ns;
  while (!bytes.empty()) {
    const ByteView part = bytes.first(std::min(bytes.size(), kMaxPayload));
    Segment(&c, from, time_ns, kTcpAck | kTcpPush, part);
    if (c.unacknowledged[from] >= kAcknowledgeEvery) Segment(&c, 1 - from, time_ns, kTcpAck, {});
    bytes = bytes.subspan(part.size());
  }
}

void CaptureWriter::EndConnection(Connection* c, uint64_t time_ns) {
  Segment(c, 0, time_ns, kTcpFin | kTcpAck, {});
  Segment(c, 1, time_ns, kTcpFin | kTcpAck, {});
  Segment(c, 0, time_ns, kTcpAck, {});
}

void CaptureWriter::CloseConnection(uint32_t id, uint64_t time_ns) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  EndConnection(&found->second, time_ns);
  connections_.erase(found);
}

CaptureError CaptureWriter::Finish() {
  for (auto& [id, connection] : connections_) EndConnection(&connection, connection.last_time_ns);
  connections_.clear();
  Flush();
  sink_.reset();
  return error_;
}

void CaptureWriter::Segment(Connection* c, int from, uint64_t time_ns, uint8_t flags,
                            ByteView payload) {
  const Endpoint& source = c->ends[from];
  const Endpoint& destination = c->ends[1 - from];
  const bool syn = (flags & kTcpSyn) != 0;
  const size_t tcp_size = 20 + (syn ? sizeof(kSynOptions) : 0) + payload.size();

  frame_.clear();
  ByteWriter w(&frame_);
  for (const int end : {1 - from, from}) {  // locally administered addresses ...:01 and ...:02
    w.U32Be(0x02000000);
    w.U16Be(static_cast<uint16_t>(1 + end));
  }
  w.U16Be(source.is_v6 ? 0x86DD : 0x0800);
  if (source.is_v6) {
    WriteIpv6Header(source, destination, tcp_size, &frame_);
  } else {
    WriteIpv4Header(source, destination, tcp_size, &frame_);
  }
  const size_t tcp_begin = w.size();
  w.U16Be(source.port);
  w.U16Be(destination.port);
  w.U32Be(c->next[from]);
  w.U32Be((flags & kTcpAck) != 0 ? c->next[1 - from] : 0);
  w.U8(syn ? 0x70 : 0x50);
  w.U8(flags);
  w.U16Be(0xFFFF);  // window
  w.U16Be(0);       // checksum
  w.U16Be(0);       // urgent pointer
  if (syn) w.Bytes(kSynOptions);
  w.Bytes(payload);
  const uint32_t sum =
      AddToSum(PseudoHeaderSum(source, destination, tcp_size), ByteView(frame_).subspan(tcp_begin));
  w.PatchU16Be(tcp_begin + 16, Checksum(sum));

  const uint32_t advance =
      static_cast<uint32_t>(payload.size()) + ((flags & (kTcpSyn | kTcpFin)) != 0 ? 1 : 0);
  c->next[from] += advance;
  c->unacknowledged[from] += advance;
  c->unacknowledged[1 - from] = 0;

  ByteWriter block(&buffer_);
  const size_t padding = (4 - frame_.size() % 4) % 4;
  const uint32_t block_size = static_cast<uint32_t>(32 + frame_.size() + padding);
  block.U32(6);  // enhanced packet
  block.U32(block_size);
  block.U32(0);
  block.U32(static_cast<uint32_t>(time_ns >> 32));
  block.U32(static_cast<uint32_t>(time_ns));
  block.U32(static_cast<uint32_t>(frame_.size()));
  block.U32(static_cast<uint32_t>(frame_.size()));
  block.Bytes(frame_);
  block.Zeros(padding);
  block.U32(block_size);
  if (buffer_.size() >= kBuffer) Flush();
}

void CaptureWriter::Flush() {
  if (error_.ok() && sink_ != nullptr && !buffer_.empty() && !sink_->Write(buffer_)) {
    error_ = MakeCaptureError(Err::kIo, "capture", 0,
                              "cannot write " + path_ + ": " + std::strerror(errno));
  }
  buffer_.clear();
}

}  // namespace mullion
