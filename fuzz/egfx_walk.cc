// The walk of the graphics pipeline's messages (fuzz/wire_walk.h).
#include "codecs/wire/egfx.h"
#include "fuzz/wire_checks.h"
#include "fuzz/wire_walk.h"

namespace mullion::fuzz {
namespace {

// Parses the body into a T, checks the promises about it, and hands it to `look`.
template <typename T, typename Look>
void Walk(ByteView body, Status (*parse)(ByteView, T*), Look look) {
  T out{};
  if (Checked(body, parse(body, &out)).ok()) look(out);
}
template <typename T>
void Walk(ByteView body, Status (*parse)(ByteView, T*)) {
  Walk(body, parse, [](const T&) {});
}

bool Upright(const Rect& rect) { return rect.w >= 0 && rect.h >= 0 && rect.right() <= 65535; }

void WalkPoints(const EgfxPoints& points) {
  for (size_t i = 0; i < points.size(); ++i) g_sink = static_cast<uint8_t>(points[i].x);
}

void WalkDraws(EgfxCmd cmd, ByteView body) {
  switch (cmd) {
    case EgfxCmd::kWireToSurface1:
      return Walk(body, ParseEgfxWireToSurface1, [body](const EgfxWireToSurface1& pdu) {
        Touch(body, pdu.data);
        MULLION_FUZZ_CHECK(Upright(pdu.dest));
        MULLION_FUZZ_CHECK(EgfxCodecName(static_cast<uint16_t>(pdu.codec))[0] != '\0');
      });
    case EgfxCmd::kWireToSurface2:
      return Walk(body, ParseEgfxWireToSurface2,
                  [body](const EgfxWireToSurface2& pdu) { Touch(body, pdu.data); });
    case EgfxCmd::kSolidFill:
      return Walk(body, ParseEgfxSolidFill, [body](const EgfxSolidFill& pdu) {
        MULLION_FUZZ_CHECK(pdu.rects.size() <= body.size() / 8);
        for (size_t i = 0; i < pdu.rects.size(); ++i) MULLION_FUZZ_CHECK(Upright(pdu.rects[i]));
      });
    case EgfxCmd::kSurfaceToSurface:
      return Walk(body, ParseEgfxSurfaceToSurface, [](const EgfxSurfaceToSurface& pdu) {
        MULLION_FUZZ_CHECK(Upright(pdu.source));
        WalkPoints(pdu.points);
      });
    case EgfxCmd::kSurfaceToCache:
      return Walk(body, ParseEgfxSurfaceToCache,
                  [](const EgfxSurfaceToCache& pdu) { MULLION_FUZZ_CHECK(Upright(pdu.source)); });
    case EgfxCmd::kCacheToSurface:
      return Walk(body, ParseEgfxCacheToSurface,
                  [](const EgfxCacheToSurface& pdu) { WalkPoints(pdu.points); });
    default:
      return;
  }
}

void WalkState(EgfxCmd cmd, ByteView body) {
  switch (cmd) {
    case EgfxCmd::kDeleteEncodingContext:
      return Walk(body, ParseEgfxDeleteEncodingContext);
    case EgfxCmd::kEvictCacheEntry:
      return Walk(body, ParseEgfxEvictCacheEntry);
    case EgfxCmd::kCreateSurface:
      return Walk(body, ParseEgfxCreateSurface);
    case EgfxCmd::kDeleteSurface:
      return Walk(body, ParseEgfxDeleteSurface);
    case EgfxCmd::kStartFrame:
      return Walk(body, ParseEgfxStartFrame);
    case EgfxCmd::kEndFrame:
      return Walk(body, ParseEgfxEndFrame);
    case EgfxCmd::kResetGraphics:
      return Walk(body, ParseEgfxResetGraphics, [](const EgfxResetGraphics& pdu) {
        MULLION_FUZZ_CHECK(pdu.width_px >= 1 && pdu.width_px <= kMaxEgfxOutputSidePx);
        MULLION_FUZZ_CHECK(pdu.height_px >= 1 && pdu.height_px <= kMaxEgfxOutputSidePx);
        MULLION_FUZZ_CHECK(pdu.monitor_count <= kMaxMonitors);
      });
    case EgfxCmd::kMapToOutput:
      return Walk(body, ParseEgfxMapToOutput);
    case EgfxCmd::kMapToScaledOutput:
      return Walk(body, ParseEgfxMapToScaledOutput);
    case EgfxCmd::kMapToWindow:
      return Walk(body, ParseEgfxMapToWindow);
    case EgfxCmd::kMapToScaledWindow:
      return Walk(body, ParseEgfxMapToScaledWindow);
    default:
      return;
  }
}

void WalkChannel(EgfxCmd cmd, ByteView body) {
  switch (cmd) {
    case EgfxCmd::kFrameAck:
      return Walk(body, ParseEgfxFrameAck);
    case EgfxCmd::kQoeFrameAck:
      return Walk(body, ParseEgfxQoeFrameAck);
    case EgfxCmd::kCacheImportOffer:
      return Walk(body, ParseEgfxCacheImportOffer, [](const EgfxCacheEntries& entries) {
        MULLION_FUZZ_CHECK(entries.size() <= kMaxEgfxCacheOffer);
        for (size_t i = 0; i < entries.size(); ++i) {
          g_sink = static_cast<uint8_t>(entries[i].size_bytes);
        }
      });
    case EgfxCmd::kCacheImportReply:
      return Walk(body, ParseEgfxCacheImportReply, [](const EgfxCacheSlots& slots) {
        for (size_t i = 0; i < slots.size(); ++i) g_sink = static_cast<uint8_t>(slots[i]);
      });
    case EgfxCmd::kCapsConfirm:
      return Walk(body, ParseEgfxCapsConfirm);
    case EgfxCmd::kCapsAdvertise: {
      EgfxCapsets capsets(body);
      EgfxCapset capset;
      size_t count = 0;
      while (capsets.Next(&capset)) {
        ++count;
        MULLION_FUZZ_CHECK(EgfxVersionName(capset.version)[0] != '\0');
      }
      MULLION_FUZZ_CHECK(count <= body.size() / 8);
      (void)Checked(body, capsets.status());
      return;
    }
    default:
      return;
  }
}

}  // namespace

Status WalkEgfx(ByteView data) {
  EgfxPdus pdus(data);
  EgfxPdu pdu;
  size_t count = 0;
  while (pdus.Next(&pdu)) {
    ++count;
    Touch(data, pdu.body);
    MULLION_FUZZ_CHECK(EgfxCmdName(static_cast<uint16_t>(pdu.cmd))[0] != '\0');
    WalkDraws(pdu.cmd, pdu.body);
    WalkState(pdu.cmd, pdu.body);
    WalkChannel(pdu.cmd, pdu.body);
  }
  MULLION_FUZZ_CHECK(count <= data.size() / 8);
  return Checked(data, pdus.status());
}

}  // namespace mullion::fuzz
