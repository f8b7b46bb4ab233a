#include "io/tls/hello.h"

#include <algorithm>

namespace mullion {
namespace {

constexpr uint16_t kExtEncryptThenMac = 22;
constexpr uint16_t kExtSessionTicket = 35;
constexpr uint16_t kExtEarlyData = 42;
constexpr uint16_t kExtSupportedVersions = 43;

// RFC 8446 section 4.1.3: SHA-256 of "HelloRetryRequest".
constexpr TlsRandom kRetryRandom = {
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

void ReadRandomAndSession(ByteReader* r, TlsRandom* random, std::vector<uint8_t>* session_id) {
  const ByteView bytes = r->Take(random->size(), "random");
  std::copy(bytes.begin(), bytes.end(), random->begin());
  const ByteView id = r->Take(r->U8("session_id"), "session_id");
  session_id->assign(id.begin(), id.end());
}

// Calls visit(type, data) for each extension; the list may be missing altogether.
template <typename Visit>
void ForEachExtension(ByteReader* r, Visit visit) {
  if (!r->ok() || r->remaining() == 0) return;
  ByteReader list(r->Take(r->U16Be("extensions"), "extensions"));
  while (list.ok() && list.remaining() > 0) {
    const uint16_t type = list.U16Be("extension_type");
    const ByteView data = list.Take(list.U16Be("extension_data"), "extension_data");
    if (list.ok()) visit(type, data);
  }
  if (!list.ok()) r->SetError(list.status().err, list.status().field, r->offset());
}

}  // namespace

Status ParseClientHello(ByteView body, ClientHello* hello) {
  *hello = {};
  ByteReader r(body);
  r.Skip(2, "legacy_version");
  ReadRandomAndSession(&r, &hello->random, &hello->session_id);
  r.Skip(r.U16Be("cipher_suites"), "cipher_suites");
  r.Skip(r.U8("compression_methods"), "compression_methods");
  ForEachExtension(&r, [hello](uint16_t type, ByteView data) {
    if (type == kExtEarlyData) hello->early_data = true;
    if (type == kExtSessionTicket) hello->ticket.assign(data.begin(), data.end());
  });
  return r.status();
}

Status ParseServerHello(ByteView body, ServerHello* hello) {
  *hello = {};
  ByteReader r(body);
  hello->version = r.U16Be("legacy_version");
  ReadRandomAndSession(&r, &hello->random, &hello->session_id);
  hello->cipher_suite = r.U16Be("cipher_suite");
  hello->compression = r.U8("compression_method");
  ForEachExtension(&r, [hello](uint16_t type, ByteView data) {
    if (type == kExtEncryptThenMac) hello->encrypt_then_mac = true;
    if (type == kExtSupportedVersions && data.size() == 2) {
      hello->version = static_cast<uint16_t>(data[0] << 8 | data[1]);
    }
  });
  hello->retry_request = hello->random == kRetryRandom;
  return r.status();
}

}  // namespace mullion
