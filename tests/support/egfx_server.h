// Writes graphics pipeline sessions as a server would send them: PDUs, messages, channels.
//
// MS-RDPEGFX 2.2.2 (PDUs), 2.2.5.1 (RDP_SEGMENTED_DATA); MS-RDPEDYC 2.2.2, 2.2.3 (the dynamic
// channel); MS-RDPBCGR 2.2.6.1 (chunks of the static channel). Plain, and as odd as a test wants.
#ifndef MULLION_TESTS_SUPPORT_EGFX_SERVER_H_
#define MULLION_TESTS_SUPPORT_EGFX_SERVER_H_

#include <cstdint>
#include <initializer_list>
#include <random>
#include <span>
#include <vector>

#include "codecs/wire/dvc.h"
#include "codecs/wire/egfx.h"
#include "tests/codecs/bulk/zgfx_encoder.h"
#include "tests/support/session_writer.h"

namespace mullion::test {

struct EgfxColor {
  uint8_t b = 0, g = 0, r = 0, xa = 0xFF;
};

// Collects PDUs; Take() gives the message so far and begins the next.
class EgfxMessage {
 public:
  Buffer Take();
  bool empty() const { return bytes_.empty(); }

  // A PDU of any command and body.
  void Pdu(uint16_t cmd, const Buffer& body);

  void WireToSurface1(uint16_t surface, EgfxCodec codec, const Rect& dest, ByteView data,
                      EgfxPixelFormat format = EgfxPixelFormat::kXrgb);
  void WireToSurface2(uint16_t surface, uint32_t context, ByteView data,
                      EgfxPixelFormat format = EgfxPixelFormat::kXrgb);
  void DeleteEncodingContext(uint16_t surface, uint32_t context);
  void SolidFill(uint16_t surface, const EgfxColor& color, std::span<const Rect> rects);
  void SurfaceToSurface(uint16_t from, uint16_t to, const Rect& source,
                        std::span<const EgfxPoint> points);
  void SurfaceToCache(uint16_t surface, uint64_t key, uint16_t slot, const Rect& source);
  void CacheToSurface(uint16_t slot, uint16_t surface, std::span<const EgfxPoint> points);
  void EvictCacheEntry(uint16_t slot);
  void CreateSurface(uint16_t surface, uint16_t width, uint16_t height,
                     EgfxPixelFormat format = EgfxPixelFormat::kXrgb);
  void DeleteSurface(uint16_t surface);
  void StartFrame(uint32_t frame, uint32_t timestamp = 0);
  void EndFrame(uint32_t frame);
  // One monitor of that size; padded to 340 bytes.
  void ResetGraphics(uint32_t width, uint32_t height);
  void MapToOutput(uint16_t surface, uint32_t x, uint32_t y);
  void MapToScaledOutput(uint16_t surface, uint32_t x, uint32_t y, uint32_t width, uint32_t height);
  void MapToWindow(uint16_t surface, uint64_t window, uint32_t width, uint32_t height);
  void MapToScaledWindow(uint16_t surface, uint64_t window, uint32_t width, uint32_t height,
                         uint32_t target_width, uint32_t target_height);
  void CacheImportReply(std::span<const uint16_t> slots);
  void CapsConfirm(uint32_t version, uint32_t flags);

 private:
  Buffer bytes_;
};

// How messages travel. The sizes are upper bounds; with `random`, pieces are of any size up to
// them.
struct EgfxTransport {
  bool compress = false;      // RDP8_BULK_ENCODED_DATA
  bool compress_dvc = false;  // DATA_FIRST_COMPRESSED and DATA_COMPRESSED
  size_t segment_bytes = 65535;
  size_t dvc_bytes = 1590;    // of a message in one PDU of the dynamic channel
  size_t chunk_bytes = 1600;  // of such a PDU in one chunk of the static channel
  std::mt19937* random = nullptr;
  uint32_t dvc_channel = 7;
  uint16_t static_channel = kFirstChannel + 1;  // "drdynvc" of SessionStart
};

// The dynamic channel of one session: keeps the histories of its compressors.
class EgfxChannel {
 public:
  explicit EgfxChannel(const EgfxTransport& transport);

  // Capabilities and creation of the channel, with the client's answers; its advertisement of
  // capabilities, and the server's confirmation.
  std::vector<DirectedPdu> Open();
  // One message of graphics PDUs.
  std::vector<DirectedPdu> Send(const Buffer& message);
  std::vector<DirectedPdu> Close();
  // Bytes that a message of the static channel holds, in chunks.
  std::vector<DirectedPdu> StaticMessage(bool to_server, const Buffer& bytes);

 private:
  Buffer Segmented(const Buffer& message);
  size_t Piece(size_t limit, size_t left);

  EgfxTransport transport_;
  ZgfxEncoder encoder_;
  ZgfxEncoder lite_;
};

// A whole session: connection, channel, messages, end.
std::vector<DirectedPdu> EgfxSession(uint16_t width, uint16_t height,
                                     const std::vector<Buffer>& messages,
                                     const EgfxTransport& transport = {});

}  // namespace mullion::test

#endif  // MULLION_TESTS_SUPPORT_EGFX_SERVER_H_
