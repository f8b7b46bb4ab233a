// Puts one direction of a TCP connection in order.
//
// Specification: RFC 9293 section 3.4 (sequence numbers are modulo 2^32).
// Shapes: offsets are 64 bits wide; their low 32 bits are the sequence numbers on the wire.
// Ownership: copies what must wait; Insert returns a part of the caller's payload.
// Memory: buffered() counts what waits, bookkeeping included; the owner sets the limit. Bytes that
// wait already are never stored twice.
// Threads: one at a time.
// Errors: none; a hole is seen with HasGap.
#ifndef MULLION_IO_CAPTURE_TCP_STREAM_H_
#define MULLION_IO_CAPTURE_TCP_STREAM_H_

#include <map>
#include <vector>

#include "codecs/base/byte_reader.h"

namespace mullion {

class TcpStream {
 public:
  static constexpr size_t kChunkOverhead = 96;  // of a map node and a vector, about

  bool started() const { return started_; }
  // The next byte to be delivered has this sequence number.
  void Start(uint32_t sequence);

  // Takes a segment's payload: returns the part that is next in order, which is thereby
  // delivered, and keeps what lies ahead. Afterwards call PopReady until it says false.
  // PRECONDITION: started().
  ByteView Insert(uint32_t sequence, ByteView payload);
  bool PopReady(std::vector<uint8_t>* chunk);

  // The stream ends before this sequence number (FIN or RST).
  void SetEnd(uint32_t sequence);
  bool finished() const { return has_end_ && static_cast<int64_t>(end_ - next_) <= 0; }

  // Something that must come before what is known to exist has not come.
  bool HasGap() const { return !chunks_.empty() || (has_end_ && !finished()); }
  uint32_t next_sequence() const { return static_cast<uint32_t>(next_); }
  // PRECONDITION: HasGap(). The sequence number behind the gap, and its size.
  uint32_t gap_end_sequence() const { return static_cast<uint32_t>(GapEnd()); }
  uint64_t gap_size() const { return GapEnd() - next_; }

  uint64_t delivered() const { return next_ - first_; }
  size_t buffered() const { return buffered_; }

 private:
  uint64_t ToOffset(uint32_t sequence) const;
  uint64_t GapEnd() const { return chunks_.empty() ? end_ : chunks_.begin()->first; }

  bool started_ = false;
  bool has_end_ = false;
  uint64_t first_ = 0;
  uint64_t next_ = 0;
  uint64_t end_ = 0;
  // INVARIANT: keyed by offset; not empty, disjoint, all of it behind next_ after PopReady.
  std::map<uint64_t, std::vector<uint8_t>> chunks_;
  size_t buffered_ = 0;
};

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_TCP_STREAM_H_
