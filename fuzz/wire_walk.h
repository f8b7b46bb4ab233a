// Walks what each wire parser yields, touching every byte and checking every promise of its header.
//
// Used by the fuzz targets and by the truncation and bit-flip tests, so both look equally closely.
// Each function takes any bytes at all. A broken promise traps (MULLION_FUZZ_CHECK).
#ifndef MULLION_FUZZ_WIRE_WALK_H_
#define MULLION_FUZZ_WIRE_WALK_H_

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"

namespace mullion::fuzz {

struct WireWalk {
  const char* name;
  // The status of the parse; what it means for the input is the caller's business.
  Status (*run)(ByteView data);
};

Status WalkX224(ByteView data);        // a TPKT PDU, and the MCS and GCC inside
Status WalkMcsGcc(ByteView data);      // the user data of an X.224 data TPDU
Status WalkCaps(ByteView data);        // the body of demand or confirm active
Status WalkCapability(ByteView data);  // type, then the body of one set
Status WalkShare(ByteView data);       // share control PDUs, share data and all bodies we read
Status WalkFastPath(ByteView data);    // an output PDU; updates are parsed by their code
Status WalkSurface(ByteView data);     // surface commands
Status WalkBitmap(ByteView data);      // a slow-path update: bitmap, palette or orders
Status WalkPointer(ByteView data);     // slow path, then fast path with the first byte as code
Status WalkSvc(ByteView data);         // length-prefixed chunks of a channel, joined
Status WalkDvc(ByteView data);         // both directions, and an assembler fed with the parts
Status WalkEgfx(ByteView data);        // a message of the graphics pipeline, each body by its cmd
Status WalkConnectBlocks(ByteView data);  // info, licence, session info, redirection, messages

// All of the above.
const WireWalk* AllWireWalks(size_t* count);

}  // namespace mullion::fuzz

#endif  // MULLION_FUZZ_WIRE_WALK_H_
