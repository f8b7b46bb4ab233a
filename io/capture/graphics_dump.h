// Files of bare graphics pipeline PDUs, one behind the other, as capture tools write them: no
// packets, no channel, no compression, no times.
//
// Specification: [MS-RDPEGFX] 2.2.1.5 (RDPGFX_HEADER), 2.2.2 (messages of a server).
// Ownership: as packet_file.h says; LooksLikeGraphicsDump borrows.
// Memory: one PDU, PacketFile::kMaxBlock at most.
// Threads: one at a time.
// Errors: those of PacketFile; a PDU's body is not looked at.
#ifndef MULLION_IO_CAPTURE_GRAPHICS_DUMP_H_
#define MULLION_IO_CAPTURE_GRAPHICS_DUMP_H_

#include <memory>

#include "io/capture/packet_file.h"

namespace mullion {

// As much of a file's beginning as LooksLikeGraphicsDump can make use of.
inline constexpr size_t kGraphicsDumpProbe = 4096;

// True if a file that begins with `head` is one: RESET_GRAPHICS or CAPS_CONFIRM first, of the size
// that it has, and behind it headers of a server's PDUs as far as `head` goes.
bool LooksLikeGraphicsDump(ByteView head);

// Its records are kGraphics: one PDU each, at time 0.
std::unique_ptr<PacketFile> MakeGraphicsDump(std::unique_ptr<InputWindow> window);

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_GRAPHICS_DUMP_H_
