// The handshake half of PassiveTls: collects messages across records and follows the few that
// change keys.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "io/tls/passive.h"

namespace mullion {
namespace {

constexpr uint8_t kClientHello = 1;
constexpr uint8_t kServerHello = 2;
constexpr uint8_t kNewSessionTicket = 4;
constexpr uint8_t kCertificate = 11;
constexpr uint8_t kServerKeyExchange = 12;
constexpr uint8_t kServerHelloDone = 14;
constexpr uint8_t kFinished = 20;
constexpr uint8_t kKeyUpdate = 24;

constexpr size_t kMaxKeptBody = 65536;

// Only these bodies are looked at; all others are counted through.
bool IsKept(uint8_t type) {
  return type == kClientHello || type == kServerHello || type == kNewSessionTicket;
}

}  // namespace

Status PassiveTls::HandshakeBytes(bool to_server, ByteView bytes) {
  Direction& d = direction(to_server);
  while (true) {
    if (d.key_change != 0 && !bytes.empty()) {  // RFC 8446 section 5.1
      return Explain(Fail(Err::kMalformed, "TLS handshake"),
                     "a TLS record goes on behind a message that changes keys");
    }
    if (d.header_size < sizeof(d.header)) {
      const size_t take = std::min(bytes.size(), sizeof(d.header) - d.header_size);
      if (take > 0) std::memcpy(d.header + d.header_size, bytes.data(), take);
      d.header_size += static_cast<uint32_t>(take);
      bytes = bytes.subspan(take);
      if (d.header_size < sizeof(d.header)) return Ok();
      d.body_left = static_cast<uint32_t>(d.header[1] << 16 | d.header[2] << 8 | d.header[3]);
      d.body.clear();
      if (IsKept(d.header[0]) && d.body_left > kMaxKeptBody) {
        return Explain(Fail(Err::kLimit, "TLS handshake"),
                       "a TLS handshake message claims " + std::to_string(d.body_left) + " bytes");
      }
    }
    const size_t take = std::min<size_t>(bytes.size(), d.body_left);
    if (IsKept(d.header[0]))
      d.body.insert(d.body.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(take));
    d.body_left -= static_cast<uint32_t>(take);
    bytes = bytes.subspan(take);
    if (d.body_left > 0) return Ok();
    d.header_size = 0;
    MULLION_TRY(HandshakeMessage(to_server, d.header[0], d.body));
  }
}

Status PassiveTls::HandshakeMessage(bool to_server, uint8_t type, ByteView body) {
  Direction& d = direction(to_server);
  const bool tls13 = suite_ != nullptr && suite_->tls13;
  switch (type) {
    case kClientHello: {
      if (!to_server) break;
      Status s = ParseClientHello(body, &client_hello_);
      if (!s.ok()) return Explain(s, "the TLS ClientHello cannot be parsed");
      have_client_hello_ = true;
      full_handshake_ = false;
      new_ticket_.clear();
      if (client_hello_.early_data) {
        return Explain(Fail(Err::kUnsupported, "early_data"),
                       "the client sends TLS 1.3 early data (0-RTT), which is not supported");
      }
      return Ok();
    }
    case kServerHello:
      return to_server ? Ok() : OnServerHello(body);
    case kCertificate:
    case kServerKeyExchange:
    case kServerHelloDone:
      if (!to_server) full_handshake_ = true;
      return Ok();
    case kNewSessionTicket:
      if (!tls13 && !to_server) {
        ByteReader r(body);
        r.Skip(4, "ticket_lifetime_hint");
        const ByteView ticket = r.Take(r.U16Be("ticket"), "ticket");
        new_ticket_.assign(ticket.begin(), ticket.end());
      }
      return Ok();
    case kFinished:
    case kKeyUpdate:
      // Only with keys to change; the record that holds the message still lives in the old cipher.
      if (tls13 && d.cipher != nullptr) d.key_change = type;
      return Ok();
    default:
      break;
  }
  return Ok();
}

Status PassiveTls::ChangeKeys(Direction* d) {
  const uint8_t message = std::exchange(d->key_change, uint8_t{0});
  if (message == kFinished) {
    if (d->epoch != 1) return Ok();
    d->epoch = 2;
    d->cipher.reset();
    return Ok();
  }
  if (d->epoch != 2 || d->cipher == nullptr) return Ok();
  TlsKeys keys;
  MULLION_TRY(UpdateTls13Secret(*suite_, &d->traffic_secret));
  MULLION_TRY(DeriveTls13Keys(*suite_, d->traffic_secret, &keys));
  return RecordCipher::Create(*suite_, keys, false, &d->cipher);
}

Status PassiveTls::OnServerHello(ByteView body) {
  ServerHello hello;
  Status s = ParseServerHello(body, &hello);
  if (!s.ok()) return Explain(s, "the TLS ServerHello cannot be parsed");
  if (hello.retry_request) {  // the client's second hello keeps its random
    tls13_ = true;
    return Ok();
  }
  char text[96];
  if (hello.version != 0x0303 && hello.version != 0x0304) {
    std::snprintf(text, sizeof(text), "TLS version 0x%04x is not supported (1.2 and 1.3 are)",
                  hello.version);
    return Explain(Fail(Err::kUnsupported, "TLS version"), text);
  }
  const CipherSuite* suite = FindCipherSuite(hello.cipher_suite);
  if (suite == nullptr || suite->tls13 != (hello.version == 0x0304)) {
    std::snprintf(text, sizeof(text), "TLS cipher suite 0x%04x is not supported",
                  hello.cipher_suite);
    return Explain(Fail(Err::kUnsupported, "TLS cipher suite"), text);
  }
  if (hello.compression != 0) {
    return Explain(Fail(Err::kUnsupported, "TLS compression"), "TLS compression is not supported");
  }
  suite_ = suite;
  tls13_ = suite->tls13;
  server_hello_ = std::move(hello);
  if (suite->tls13 && !have_server_hello_) {
    for (Direction& d : directions_) d.epoch = 1;
  }
  const bool first = !have_server_hello_;
  have_server_hello_ = true;
  if (first) {
    output_->OnTlsNegotiated(suite->tls13 ? "TLS 1.3" : "TLS 1.2", suite->name);
  }
  return Ok();
}

}  // namespace mullion
