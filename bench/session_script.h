// A captured session as a script: what the server and the client said, and when, without
// encryption.
//
// The connection sequence is rewritten to RDP security without encryption: CredSSP is dropped and
// the negotiation answer says PROTOCOL_RDP. Everything behind it is as captured, so that any client
// that takes the server's bytes in order draws the captured picture, whatever it sends itself.
// Units: nanoseconds since the paced part began; the connection sequence has time 0.
// Ownership: a script owns its bytes. Threads: read-only after Load. Errors: false, and why.
#ifndef MULLION_BENCH_SESSION_SCRIPT_H_
#define MULLION_BENCH_SESSION_SCRIPT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "io/net/framer.h"

namespace mullion::bench {

struct ScriptStep {
  uint64_t time_ns = 0;
  bool to_server = false;
  size_t offset = 0;  // in bytes
  size_t size = 0;    // one or more whole PDUs
  // Server bytes up to the end of this step: what a client has read when it has read the step.
  uint64_t server_bytes = 0;
};

// A frame of the graphics pipeline, which ends with the message that names it.
struct ScriptFrame {
  uint32_t frame_id = 0;
  uint64_t time_ns = 0;
};

struct SessionScript {
  std::string name;
  int32_t width_px = 0, height_px = 0, bits_per_pixel = 0;
  std::vector<std::string> channels;  // static channels in the client's order
  std::vector<uint32_t> channel_options;
  size_t connect_steps = 0;  // steps of the connection sequence: no picture yet
  bool hold = false;         // stays connected after its last step, and silent
  std::vector<ScriptStep> steps;
  std::vector<uint8_t> bytes;
  bool graphics_pipeline = false;
  std::vector<ScriptFrame> frames;  // of a session with the graphics pipeline, as shown by Mullion

  ByteView BytesOf(const ScriptStep& step) const {
    return ByteView(bytes).subspan(step.offset, step.size);
  }
  // When the server byte number `server_bytes` (counted from 1) was due.
  uint64_t TimeOfServerByte(uint64_t server_bytes) const;
};

// The first session of a capture file.
bool LoadScript(const std::string& path, SessionScript* script, std::string* error);

// Cuts the script after `after_ns` of its paced part; from there on the session is idle.
void MakeIdle(uint64_t after_ns, SessionScript* script);

}  // namespace mullion::bench

#endif  // MULLION_BENCH_SESSION_SCRIPT_H_
