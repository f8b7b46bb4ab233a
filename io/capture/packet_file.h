// The records of a capture file, one after the other: packets and TLS secrets, or the PDUs of a
// dump of the graphics pipeline.
//
// Specification: pcapng, draft-ietf-opsawg-pcapng (section header, interface description, enhanced,
// simple and obsolete packet, decryption secrets blocks; others are skipped); pcap,
// draft-ietf-opsawg-pcap, in both byte orders, with microseconds or nanoseconds.
// Shapes: time is nanoseconds since 1970, whatever the file's resolution.
// Ownership: a record's bytes live until the next call of Next.
// Memory: one block at a time, kMaxBlock at most; blocks without interest are never held.
// Threads: one at a time.
// Errors: kTruncated, kMalformed, kUnsupported or kLimit with the offset in the file; final.
#ifndef MULLION_IO_CAPTURE_PACKET_FILE_H_
#define MULLION_IO_CAPTURE_PACKET_FILE_H_

#include <memory>

#include "io/capture/capture_error.h"
#include "io/capture/source.h"

namespace mullion {

struct CaptureRecord {
  enum class Kind : uint8_t { kNothing, kPacket, kSecrets, kGraphics, kEnd };
  Kind kind = Kind::kNothing;
  ByteView bytes;              // kPacket: as captured; kSecrets: key log text; kGraphics: a PDU
  uint64_t time_ns = 0;        // kPacket
  uint64_t file_offset = 0;    // of the record
  uint32_t original_size = 0;  // kPacket: on the wire; more than bytes.size() if it was cut
  uint16_t link_type = 0;      // kPacket: LINKTYPE_
};

class PacketFile {
 public:
  static constexpr size_t kMaxBlock = size_t{16} << 20;

  virtual ~PacketFile() = default;
  // Reads one record. kNothing: a block without interest.
  virtual CaptureError Next(CaptureRecord* record) = 0;

  uint64_t offset() const { return window_->offset(); }
  uint64_t total_size() const { return window_->total_size(); }

 protected:
  explicit PacketFile(std::unique_ptr<InputWindow> window) : window_(std::move(window)) {}
  // The error for an input that ended, or failed, within `what`, which began at `begin`.
  CaptureError EndedInside(const char* what, uint64_t begin) const;

  const std::unique_ptr<InputWindow> window_;
};

// Recognises the format from the first bytes.
CaptureError OpenPacketFile(std::unique_ptr<ByteSource> source, std::unique_ptr<PacketFile>* file);

// A reader of integers in the file's byte order.
class OrderedReader : public ByteReader {
 public:
  OrderedReader(ByteView bytes, bool big_endian) : ByteReader(bytes), big_endian_(big_endian) {}
  uint16_t Int16(const char* field) { return big_endian_ ? U16Be(field) : U16(field); }
  uint32_t Int32(const char* field) { return big_endian_ ? U32Be(field) : U32(field); }

 private:
  bool big_endian_;
};

// The factories behind OpenPacketFile, for windows with a whole file header.
std::unique_ptr<PacketFile> MakePcapFile(std::unique_ptr<InputWindow> window);
std::unique_ptr<PacketFile> MakePcapngFile(std::unique_ptr<InputWindow> window);

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_PACKET_FILE_H_
