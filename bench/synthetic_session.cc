#include "bench/synthetic_session.h"

#include <algorithm>

#include "codecs/base/byte_writer.h"
#include "codecs/base/pixel_view.h"
#include "tests/support/rfx_encoder.h"
#include "tests/support/session_writer.h"

namespace mullion::bench {
namespace {

constexpr uint16_t kRemoteFxCodec = 3;
constexpr size_t kFragmentBytes = 16000;
constexpr uint8_t kSurfaceCommandsUpdate = 4;

void Paint(const PixelView& view, int seed) {
  for (int32_t y = 0; y < view.height_px; ++y) {
    for (int32_t x = 0; x < view.width_px; ++x) {
      uint8_t* p = view.row(y) + ptrdiff_t{x} * 4;
      // Lines of "letters" on every other block of 256 x 128 pixels; the rest is a smooth photo.
      const bool text = (x / 256 + y / 128) % 2 == 0;
      const int glyph = ((x / 7) * 31 + (y / 13) * 17 + seed) & 15;
      const bool ink = text && y % 13 < 9 && ((glyph >> (x % 7 & 3)) & 1) != 0;
      p[0] = static_cast<uint8_t>(ink ? 30 : text ? 250 : (x + seed) / 4);
      p[1] = static_cast<uint8_t>(ink ? 30 : text ? 250 : (y + 2 * seed) / 5);
      p[2] = static_cast<uint8_t>(ink ? 40 : text ? 245 : (x + y) / 7);
      p[3] = 0xFF;
    }
  }
}

void FrameMarker(bool end, uint32_t frame_id, ByteWriter* w) {
  w->U16(4);  // CMDTYPE_FRAME_MARKER
  w->U16(end ? 1 : 0);
  w->U32(frame_id);
}

// One fragmented (or single) fast-path update.
void FastPath(const std::vector<uint8_t>& update, std::vector<uint8_t>* out) {
  ByteWriter w(out);
  for (size_t at = 0; at < update.size();) {
    const size_t size = std::min(kFragmentBytes, update.size() - at);
    const bool first = at == 0;
    const bool last = at + size == update.size();
    const uint8_t fragmentation = first && last ? 0 : last ? 1 : first ? 2 : 3;
    w.U8(0);
    w.U16Be(static_cast<uint16_t>(0x8000 | (size + 6)));
    w.U8(static_cast<uint8_t>(kSurfaceCommandsUpdate | fragmentation << 4));
    w.U16(static_cast<uint16_t>(size));
    out->insert(out->end(), update.begin() + static_cast<ptrdiff_t>(at),
                update.begin() + static_cast<ptrdiff_t>(at + size));
    at += size;
  }
}

}  // namespace

std::vector<SyntheticPdu> ConnectPdus(int32_t width_px, int32_t height_px) {
  const auto width = static_cast<uint16_t>(width_px);
  const auto height = static_cast<uint16_t>(height_px);
  return {
      {true, test::ConnectionRequest(1)},
      {false, test::ConnectionConfirm(2, 1)},
      {true, test::ConnectInitial(width, height, {})},
      {false, test::ConnectResponse(0)},
      {false, test::AttachUserConfirm()},
      {false, test::JoinConfirm(test::kUser)},
      {false, test::JoinConfirm(test::kIoChannel)},
      {true, test::ClientInfoPdu(1)},
      {false, test::LicenceValid()},
      {false, test::SendData(false, test::kIoChannel, test::DemandActive(width, height))},
      {true, test::SendData(true, test::kIoChannel, test::ConfirmActive(width, height))},
  };
}

std::vector<uint8_t> FramePdus(const Rect& place, int seed) {
  std::vector<uint8_t> pixels(static_cast<size_t>(place.area()) * 4);
  const PixelView view{pixels.data(), place.w, place.h, ptrdiff_t{place.w} * 4,
                       PixelFormat::kBgrx32};
  Paint(view, seed);
  RfxEncoderOptions options;
  options.entropy = RfxEntropy::kRlgr3;
  options.frame_idx = static_cast<uint32_t>(seed);
  const std::vector<uint8_t> message = EncodeRfxMessage(view, options);

  std::vector<uint8_t> update;
  ByteWriter w(&update);
  FrameMarker(false, static_cast<uint32_t>(seed), &w);
  w.U16(6);  // CMDTYPE_STREAM_SURFACE_BITS
  w.U16(static_cast<uint16_t>(place.x));
  w.U16(static_cast<uint16_t>(place.y));
  w.U16(static_cast<uint16_t>(place.x + place.w));
  w.U16(static_cast<uint16_t>(place.y + place.h));
  w.U8(32);
  w.U8(0);
  w.U8(0);
  w.U8(kRemoteFxCodec);
  w.U16(static_cast<uint16_t>(place.w));
  w.U16(static_cast<uint16_t>(place.h));
  w.U32(static_cast<uint32_t>(message.size()));
  update.insert(update.end(), message.begin(), message.end());
  FrameMarker(true, static_cast<uint32_t>(seed), &w);
  std::vector<uint8_t> out;
  FastPath(update, &out);
  return out;
}

}  // namespace mullion::bench
