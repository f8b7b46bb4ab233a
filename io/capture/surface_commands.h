// Recognises pcap files whose records are bare surface commands, not packets.
//
// Specification: [MS-RDPBCGR] 2.2.9.2 (TS_SURFCMD), 2.2.9.2.3 (frame marker).
// Ownership: borrows. Threads: any. Errors: none.
#ifndef MULLION_IO_CAPTURE_SURFACE_COMMANDS_H_
#define MULLION_IO_CAPTURE_SURFACE_COMMANDS_H_

#include "codecs/base/byte_reader.h"

namespace mullion {

// True if `record` is one or more whole surface commands. A loopback header (an address family in
// four bytes, then an IP packet) never is: its lengths do not come out even.
bool LooksLikeSurfaceCommands(ByteView record);

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_SURFACE_COMMANDS_H_
