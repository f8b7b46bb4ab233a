#include "tests/support/egfx_server.h"

#include <algorithm>
#include <string_view>

#include "codecs/wire/svc.h"

namespace mullion::test {
namespace {

void PutRect(const Rect& rect, ByteWriter* out) {
  for (const int32_t edge : {rect.x, rect.y, rect.right(), rect.bottom()}) {
    out->U16(static_cast<uint16_t>(edge));
  }
}

void PutPoints(std::span<const EgfxPoint> points, ByteWriter* out) {
  out->U16(static_cast<uint16_t>(points.size()));
  for (const EgfxPoint& point : points) {
    out->U16(static_cast<uint16_t>(point.x));
    out->U16(static_cast<uint16_t>(point.y));
  }
}

void PutBytes(ByteView bytes, ByteWriter* out) {
  for (const uint8_t b : bytes) out->U8(b);
}

// Writes a PDU's header, and its length when it goes.
class PduWriter : public ByteWriter {
 public:
  PduWriter(EgfxCmd cmd, Buffer* bytes) : ByteWriter(bytes), start_(bytes->size()) {
    U16(static_cast<uint16_t>(cmd));
    U16(0);
    U32(0);
  }
  ~PduWriter() { PatchU32(start_ + 4, static_cast<uint32_t>(size() - start_)); }

 private:
  size_t start_;
};

// The header of a PDU of the dynamic channel; channel ids below 256. `total` 0: none.
Buffer DvcPduBytes(DvcCmd cmd, uint32_t channel, size_t total, ByteView data) {
  Buffer pdu;
  ByteWriter out(&pdu);
  const unsigned size_code = total == 0 || total < 0x100 ? 0 : total < 0x10000 ? 1 : 2;
  out.U8(static_cast<uint8_t>(static_cast<unsigned>(cmd) << 4 | size_code << 2));
  out.U8(static_cast<uint8_t>(channel));
  if (total != 0) {
    for (unsigned i = 0; i < 1u << size_code; ++i) out.U8(static_cast<uint8_t>(total >> (8 * i)));
  }
  PutBytes(data, &out);
  return pdu;
}

void AppendAll(std::vector<DirectedPdu>* out, std::vector<DirectedPdu> more) {
  for (DirectedPdu& pdu : more) out->push_back(std::move(pdu));
}

}  // namespace

Buffer EgfxMessage::Take() {
  Buffer message;
  message.swap(bytes_);
  return message;
}

void EgfxMessage::Pdu(uint16_t cmd, const Buffer& body) {
  PduWriter out(static_cast<EgfxCmd>(cmd), &bytes_);
  PutBytes(body, &out);
}

void EgfxMessage::WireToSurface1(uint16_t surface, EgfxCodec codec, const Rect& dest, ByteView data,
                                 EgfxPixelFormat format) {
  PduWriter out(EgfxCmd::kWireToSurface1, &bytes_);
  out.U16(surface);
  out.U16(static_cast<uint16_t>(codec));
  out.U8(static_cast<uint8_t>(format));
  PutRect(dest, &out);
  out.U32(static_cast<uint32_t>(data.size()));
  PutBytes(data, &out);
}

void EgfxMessage::WireToSurface2(uint16_t surface, uint32_t context, ByteView data,
                                 EgfxPixelFormat format) {
  PduWriter out(EgfxCmd::kWireToSurface2, &bytes_);
  out.U16(surface);
  out.U16(static_cast<uint16_t>(EgfxCodec::kProgressive));
  out.U32(context);
  out.U8(static_cast<uint8_t>(format));
  out.U32(static_cast<uint32_t>(data.size()));
  PutBytes(data, &out);
}

void EgfxMessage::DeleteEncodingContext(uint16_t surface, uint32_t context) {
  PduWriter out(EgfxCmd::kDeleteEncodingContext, &bytes_);
  out.U16(surface);
  out.U32(context);
}

void EgfxMessage::SolidFill(uint16_t surface, const EgfxColor& color, std::span<const Rect> rects) {
  PduWriter out(EgfxCmd::kSolidFill, &bytes_);
  out.U16(surface);
  for (const uint8_t c : {color.b, color.g, color.r, color.xa}) out.U8(c);
  out.U16(static_cast<uint16_t>(rects.size()));
  for (const Rect& rect : rects) PutRect(rect, &out);
}

void EgfxMessage::SurfaceToSurface(uint16_t from, uint16_t to, const Rect& source,
                                   std::span<const EgfxPoint> points) {
  PduWriter out(EgfxCmd::kSurfaceToSurface, &bytes_);
  out.U16(from);
  out.U16(to);
  PutRect(source, &out);
  PutPoints(points, &out);
}

void EgfxMessage::SurfaceToCache(uint16_t surface, uint64_t key, uint16_t slot,
                                 const Rect& source) {
  PduWriter out(EgfxCmd::kSurfaceToCache, &bytes_);
  out.U16(surface);
  out.U64(key);
  out.U16(slot);
  PutRect(source, &out);
}

void EgfxMessage::CacheToSurface(uint16_t slot, uint16_t surface,
                                 std::span<const EgfxPoint> points) {
  PduWriter out(EgfxCmd::kCacheToSurface, &bytes_);
  out.U16(slot);
  out.U16(surface);
  PutPoints(points, &out);
}

void EgfxMessage::EvictCacheEntry(uint16_t slot) {
  PduWriter out(EgfxCmd::kEvictCacheEntry, &bytes_);
  out.U16(slot);
}

void EgfxMessage::CreateSurface(uint16_t surface, uint16_t width, uint16_t height,
                                EgfxPixelFormat format) {
  PduWriter out(EgfxCmd::kCreateSurface, &bytes_);
  out.U16(surface);
  out.U16(width);
  out.U16(height);
  out.U8(static_cast<uint8_t>(format));
}

void EgfxMessage::DeleteSurface(uint16_t surface) {
  PduWriter out(EgfxCmd::kDeleteSurface, &bytes_);
  out.U16(surface);
}

void EgfxMessage::StartFrame(uint32_t frame, uint32_t timestamp) {
  PduWriter out(EgfxCmd::kStartFrame, &bytes_);
  out.U32(timestamp);
  out.U32(frame);
}

void EgfxMessage::EndFrame(uint32_t frame) {
  PduWriter out(EgfxCmd::kEndFrame, &bytes_);
  out.U32(frame);
}

void EgfxMessage::ResetGraphics(uint32_t width, uint32_t height) {
  PduWriter out(EgfxCmd::kResetGraphics, &bytes_);
  for (const uint32_t v : {width, height, 1u, 0u, 0u, width - 1, height - 1, 1u}) out.U32(v);
  out.Zeros(340 - 8 - 32);
}

void EgfxMessage::MapToOutput(uint16_t surface, uint32_t x, uint32_t y) {
  PduWriter out(EgfxCmd::kMapToOutput, &bytes_);
  out.U16(surface);
  out.U16(0);
  out.U32(x);
  out.U32(y);
}

void EgfxMessage::MapToScaledOutput(uint16_t surface, uint32_t x, uint32_t y, uint32_t width,
                                    uint32_t height) {
  PduWriter out(EgfxCmd::kMapToScaledOutput, &bytes_);
  out.U16(surface);
  out.U16(0);
  for (const uint32_t v : {x, y, width, height}) out.U32(v);
}

void EgfxMessage::MapToWindow(uint16_t surface, uint64_t window, uint32_t width, uint32_t height) {
  PduWriter out(EgfxCmd::kMapToWindow, &bytes_);
  out.U16(surface);
  out.U64(window);
  out.U32(width);
  out.U32(height);
}

void EgfxMessage::MapToScaledWindow(uint16_t surface, uint64_t window, uint32_t width,
                                    uint32_t height, uint32_t target_width,
                                    uint32_t target_height) {
  PduWriter out(EgfxCmd::kMapToScaledWindow, &bytes_);
  out.U16(surface);
  out.U64(window);
  for (const uint32_t v : {width, height, target_width, target_height}) out.U32(v);
}

void EgfxMessage::CacheImportReply(std::span<const uint16_t> slots) {
  PduWriter out(EgfxCmd::kCacheImportReply, &bytes_);
  out.U16(static_cast<uint16_t>(slots.size()));
  for (const uint16_t slot : slots) out.U16(slot);
}

void EgfxMessage::CapsConfirm(uint32_t version, uint32_t flags) {
  PduWriter out(EgfxCmd::kCapsConfirm, &bytes_);
  out.U32(version);
  out.U32(4);
  out.U32(flags);
}

EgfxChannel::EgfxChannel(const EgfxTransport& transport)
    : transport_(transport), encoder_(false), lite_(true) {}

size_t EgfxChannel::Piece(size_t limit, size_t left) {
  if (transport_.random != nullptr) limit = 1 + (*transport_.random)() % limit;
  return std::min(limit, left);
}

std::vector<DirectedPdu> EgfxChannel::StaticMessage(bool to_server, const Buffer& bytes) {
  std::vector<DirectedPdu> pdus;
  for (size_t i = 0; i < bytes.size();) {
    const size_t size = Piece(transport_.chunk_bytes, bytes.size() - i);
    Buffer chunk;
    ByteWriter out(&chunk);
    const uint32_t flags =
        (i == 0 ? kChannelFlagFirst : 0u) | (i + size == bytes.size() ? kChannelFlagLast : 0u);
    WriteChannelHeader(static_cast<uint32_t>(bytes.size()), flags, &out);
    PutBytes(ByteView(bytes).subspan(i, size), &out);
    pdus.push_back({to_server, SendData(to_server, transport_.static_channel, chunk)});
    i += size;
  }
  return pdus;
}

std::vector<DirectedPdu> EgfxChannel::Open() {
  Buffer create;
  for (const char c : std::string_view(kEgfxChannelName)) create.push_back(static_cast<uint8_t>(c));
  create.push_back(0);
  const uint32_t id = transport_.dvc_channel;
  Buffer answer;
  ByteWriter caps(&answer);
  WriteDvcCapabilitiesResponse(3, &caps);
  Buffer accept;
  ByteWriter accepted(&accept);
  WriteDvcCreateResponse(id, 0, &accepted);
  Buffer advertise;
  ByteWriter advertised(&advertise);
  WriteDvcDataHeader(id, &advertised);
  const EgfxCapset capset = {kEgfxVersion107, kEgfxAvcDisabled};
  WriteEgfxCapsAdvertise({&capset, 1}, &advertised);

  std::vector<DirectedPdu> out = StaticMessage(false, {0x50, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  AppendAll(&out, StaticMessage(true, answer));
  AppendAll(&out, StaticMessage(false, DvcPduBytes(DvcCmd::kCreate, id, 0, create)));
  AppendAll(&out, StaticMessage(true, accept));
  AppendAll(&out, StaticMessage(true, advertise));
  EgfxMessage confirm;
  confirm.CapsConfirm(capset.version, capset.flags);
  AppendAll(&out, Send(confirm.Take()));
  return out;
}

Buffer EgfxChannel::Segmented(const Buffer& message) {
  if (transport_.compress) return encoder_.Encode(message, transport_.segment_bytes);
  std::vector<Buffer> segments;
  for (size_t i = 0; i < message.size();) {
    const size_t size = Piece(transport_.segment_bytes, message.size() - i);
    segments.push_back(PlainZgfxSegment(ByteView(message).subspan(i, size)));
    i += size;
  }
  if (segments.size() == 1) return ZgfxSingle(segments[0]);
  return ZgfxMultipart(segments, static_cast<uint32_t>(message.size()));
}

std::vector<DirectedPdu> EgfxChannel::Send(const Buffer& message) {
  const Buffer bytes = Segmented(message);
  const bool lite = transport_.compress_dvc;
  const size_t limit = lite ? std::min<size_t>(transport_.dvc_bytes, 8192) : transport_.dvc_bytes;
  std::vector<DirectedPdu> out;
  for (size_t i = 0; i < bytes.size();) {
    const size_t size = Piece(limit, bytes.size() - i);
    const bool first = i == 0 && size < bytes.size();
    const Buffer part(bytes.begin() + static_cast<ptrdiff_t>(i),
                      bytes.begin() + static_cast<ptrdiff_t>(i + size));
    const DvcCmd cmd = first ? (lite ? DvcCmd::kDataFirstCompressed : DvcCmd::kDataFirst)
                             : (lite ? DvcCmd::kDataCompressed : DvcCmd::kData);
    AppendAll(&out, StaticMessage(false,
                                  DvcPduBytes(cmd, transport_.dvc_channel, first ? bytes.size() : 0,
                                              lite ? lite_.Encode(part, 8192) : part)));
    i += size;
  }
  return out;
}

std::vector<DirectedPdu> EgfxChannel::Close() {
  return StaticMessage(false, DvcPduBytes(DvcCmd::kClose, transport_.dvc_channel, 0, {}));
}

std::vector<DirectedPdu> EgfxSession(uint16_t width, uint16_t height,
                                     const std::vector<Buffer>& messages,
                                     const EgfxTransport& transport) {
  std::vector<DirectedPdu> out = SessionStart(width, height);
  EgfxChannel channel(transport);
  AppendAll(&out, channel.Open());
  for (const Buffer& message : messages) AppendAll(&out, channel.Send(message));
  AppendAll(&out, channel.Close());
  out.push_back({false, DisconnectUltimatum(3)});
  return out;
}

}  // namespace mullion::test
