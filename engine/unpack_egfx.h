// From messages of the graphics pipeline channel to ops: inflate, parse, find surfaces.
//
// Spec: MS-RDPEGFX 3.3.5. Pull style, as engine/unpack.h: Begin(message), then Next(&op) until it
// returns false.
// What lives here is what the order of bytes decides: which surfaces, contexts and cache slots
// there are, and how large. Their pixels and decoder states belong to the stages behind.
// Ownership: ops own slices of one buffer per message, and share surfaces.
// Bounds: surfaces by limits.max_surface_bytes (each counts at least kMinSurfaceBytes) and
// kMaxSurfaces, of which kMaxMapped may be mapped to the output; the cache
// by limits.max_cache_bytes and kMaxCacheSlots, contexts by kMaxContexts per surface, tile states
// by limits.max_tile_state_bytes, what one command may fill or copy by kMaxCoverage times its
// surface and kFreePx. Threads: the lane's. Errors: a command that cannot be carried out becomes a
// kLost op; status() is not ok when the channel cannot go on (history, framing).
#ifndef MULLION_ENGINE_UNPACK_EGFX_H_
#define MULLION_ENGINE_UNPACK_EGFX_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codecs/bulk/zgfx.h"
#include "codecs/image/clear.h"
#include "codecs/image/progressive.h"
#include "codecs/wire/egfx.h"
#include "codecs/wire/progressive.h"
#include "codecs/wire/rfx.h"
#include "engine/op.h"
#include "engine/pipeline.h"

namespace mullion {

class EgfxUnpacker {
 public:
  static constexpr int64_t kMinSurfaceBytes = 4096;
  // Each mapping is held against all others, and each drawing against all that are mapped.
  static constexpr size_t kMaxSurfaces = 4096;
  static constexpr size_t kMaxMapped = 64;
  static constexpr uint16_t kMaxCacheSlots = 25600;
  static constexpr size_t kMaxContexts = 64;
  static constexpr int64_t kMaxCoverage = 4;
  static constexpr int64_t kFreePx = 1 << 20;

  // `desktop` is the session's, and is changed by RESET_GRAPHICS.
  EgfxUnpacker(Pipeline* pipeline, Rect* desktop);

  // One message of the channel: RDP_SEGMENTED_DATA.
  void Begin(ByteView message, uint64_t time_ns, uint64_t arrival_ns);
  // PDUs without channel and compression around them, as capture tools write them.
  void BeginPlain(Bytes pdus, uint64_t time_ns, uint64_t arrival_ns);
  // The channel was closed: its surfaces and caches are to be forgotten.
  void Close(uint64_t time_ns, uint64_t arrival_ns);
  bool Next(Op* op);
  size_t bytes_behind() const { return pdus_ ? pdus_->remaining() : 0; }
  Status status() const { return status_; }
  // True once since the last call if something was drawn.
  bool TakeDrew() { return std::exchange(drew_, false); }

 private:
  struct Context {
    uint32_t id = 0;
    ProgressiveContext progressive;
  };
  struct SurfaceEntry {
    std::shared_ptr<Surface> surface;
    bool keeps_alpha = false;
    bool mapped = false;  // to the output
    bool has_decoder = false;
    bool painted = false;
    bool diffing = false;  // some context has, or had, sub-band differences
    std::vector<Context> contexts;
  };

  bool Handle(const EgfxPdu& pdu, Op* op);
  bool WireToSurface1(ByteView body, Op* op);
  bool WireToSurface2(ByteView body, Op* op);
  bool DeleteContext(ByteView body, Op* op);
  bool Fill(ByteView body, Op* op);
  bool Copy(ByteView body, Op* op);
  bool ToCache(ByteView body, Op* op);
  bool FromCache(ByteView body, Op* op);
  bool Evict(ByteView body, Op* op);
  bool CreateSurface(ByteView body, Op* op);
  bool DeleteSurface(ByteView body, Op* op);
  bool Frame(EgfxCmd cmd, ByteView body, Op* op);
  bool ResetGraphics(ByteView body, Op* op);
  bool MapToOutput(EgfxCmd cmd, ByteView body, Op* op);
  bool MapToWindow(EgfxCmd cmd, ByteView body, Op* op);
  bool CapsConfirm(ByteView body, Op* op);
  bool CacheImportReply(ByteView body, Op* op);

  bool DrawBitmap(const EgfxWireToSurface1& command, Op* op);
  bool DrawRemoteFx(const EgfxWireToSurface1& command, Op* op);
  bool DrawAvc(const EgfxWireToSurface1& command, Op* op);
  bool KeepAlphaFirst(Op* op);

  Op MakeOp(OpKind kind) const;
  bool Lost(Op* op, const Rect& rect, Status status);
  bool Info(Op* op, const char* name, uint32_t code, std::string detail);
  SurfaceEntry* Find(uint16_t id);
  static void Paints(SurfaceEntry* entry, int64_t pixels, Op* op);
  void Forget(SurfaceEntry* entry);
  void SetMapped(SurfaceEntry* entry, bool mapped);
  void SetSlot(uint16_t slot, uint32_t bytes);

  Pipeline* const pipeline_;
  Counters& counters_;
  Rect* const desktop_;
  ZgfxInflater zgfx_;
  RfxParser rfx_;
  std::shared_ptr<ClearDecoder> clear_;
  bool clear_restarts_ = false;
  std::map<uint16_t, SurfaceEntry> surfaces_;
  int64_t surface_bytes_ = 0;
  uint32_t decoders_ = 0;
  size_t mapped_ = 0;
  std::vector<uint32_t> slots_;  // bytes by slot; 0: empty
  uint64_t cache_bytes_ = 0;
  uint64_t max_cache_bytes_;

  Bytes message_;
  std::optional<EgfxPdus> pdus_;
  Status status_;
  uint64_t time_ns_ = 0, arrival_ns_ = 0;
  bool drew_ = false;
  bool closing_ = false;
  std::optional<Op> second_;  // what the last PDU means besides
};

}  // namespace mullion

#endif  // MULLION_ENGINE_UNPACK_EGFX_H_
