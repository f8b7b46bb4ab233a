#include "io/tls/passive.h"

#include <algorithm>
#include <cstring>

namespace mullion {
namespace {

constexpr size_t kHeaderSize = 5;
constexpr size_t kMaxFragment = 16384 + 2048;  // RFC 5246; TLS 1.3 allows 256 over, not 2048

constexpr uint8_t kChangeCipherSpec = 20;
constexpr uint8_t kAlert = 21;
constexpr uint8_t kHandshake = 22;
constexpr uint8_t kApplicationData = 23;

Status BadRecord(const char* field) { return Fail(Err::kMalformed, field); }

}  // namespace

Status PassiveTls::Explain(Status status, const std::string& detail) {
  if (detail_.empty()) detail_ = detail;
  return status;
}

std::string PassiveTls::MissingSecret(TlsSecretLabel label) const {
  return std::string("the key log has no ") + TlsSecretLabelName(label) + " for client random " +
         TlsHex(client_hello_.random);
}

Status PassiveTls::Feed(bool to_server, ByteView bytes) {
  if (!status_.ok()) return status_;
  Direction& d = direction(to_server);
  if (d.closed) return Ok();
  if (d.pending.empty()) {
    status_ = Pump(to_server, bytes);
  } else {
    d.pending.insert(d.pending.end(), bytes.begin(), bytes.end());
    status_ = Pump(to_server, {});
  }
  if (status_.ok()) status_ = PumpBoth();
  return status_;
}

Status PassiveTls::Retry() {
  if (status_.ok()) status_ = PumpBoth();
  return status_;
}

// A hello of one direction may set the other one free, and that one the first again.
Status PassiveTls::PumpBoth() {
  for (int round = 0; round < 4; ++round) {
    for (const bool to_server : {true, false}) {
      if (direction(to_server).waiting == Step::kNeedBytes) continue;
      MULLION_TRY(Pump(to_server, {}));
    }
  }
  return Ok();
}

// Opens as many records as possible of `fresh`, or of what is pending when `fresh` is empty.
// PRECONDITION: fresh or pending is empty.
Status PassiveTls::Pump(bool to_server, ByteView fresh) {
  Direction& d = direction(to_server);
  const bool from_pending = !d.pending.empty();
  ByteView input = from_pending ? ByteView(d.pending) : fresh;
  d.waiting = Step::kNeedBytes;
  while (input.size() >= kHeaderSize && !d.closed) {
    const size_t length = static_cast<size_t>(input[3]) << 8 | input[4];
    if (input[0] < kChangeCipherSpec || input[0] > kApplicationData || input[1] != 3) {
      return Explain(BadRecord("TLS record type"),
                     "what should be a TLS record begins with " + TlsHex(input.first(kHeaderSize)));
    }
    if (length > kMaxFragment) {
      return Explain(BadRecord("TLS record length"),
                     "a TLS record claims " + std::to_string(length) + " bytes");
    }
    if (input.size() < kHeaderSize + length) break;
    Step step = Step::kDone;
    MULLION_TRY(OpenRecord(to_server, input.first(kHeaderSize + length), &step));
    if (step != Step::kDone) {
      d.waiting = step;
      break;
    }
    input = input.subspan(kHeaderSize + length);
  }
  if (d.closed) input = {};
  if (input.size() > kMaxPending) {
    MULLION_TRY(Finish());
    return Explain(Fail(Err::kLimit, "TLS records"), "too many bytes wait for a TLS handshake");
  }
  if (from_pending) {
    d.pending.erase(d.pending.begin(), d.pending.end() - static_cast<ptrdiff_t>(input.size()));
  } else {
    d.pending.assign(input.begin(), input.end());
  }
  return Ok();
}

Status PassiveTls::Finish() {
  if (!status_.ok()) return status_;
  for (const bool to_server : {true, false}) {
    const char* const who = to_server ? "client" : "server";
    switch (direction(to_server).waiting) {
      case Step::kWaitSecret:
        return status_ = Explain(Fail(Err::kState, "TLS secret"), MissingSecret(wanted_));
      case Step::kWaitHello:
        return status_ = Explain(Fail(Err::kState, "TLS hello"),
                                 std::string("the ") + who +
                                     "'s TLS records wait for a hello that the capture lacks");
      default:
        break;
    }
  }
  // A capture may end anywhere, so a last record that is not whole is no error.
  return Ok();
}

Status PassiveTls::OpenRecord(bool to_server, ByteView record, Step* step) {
  Direction& d = direction(to_server);
  uint8_t type = record[0];
  const uint16_t version = static_cast<uint16_t>(record[1] << 8 | record[2]);
  const ByteView fragment = record.subspan(kHeaderSize);
  bool is_protected = d.epoch > 0;
  if (tls13_) {
    // ChangeCipherSpec is for middleboxes only. Hellos and an early alert may be in the clear.
    if (type == kChangeCipherSpec) return Ok();
    is_protected = type == kApplicationData;
    if (is_protected && !have_server_hello_) {
      *step = Step::kWaitHello;
      return Ok();
    }
  } else if (!have_server_hello_ && type != kHandshake && type != kAlert) {
    // After its ClientHello a TLS 1.3 client can send these before we saw the answer.
    *step = Step::kWaitHello;
    return Ok();
  }
  if (!to_server && !have_client_hello_ && type == kHandshake) {
    *step = Step::kWaitHello;
    return Ok();
  }
  if (!is_protected) return Content(to_server, type, false, fragment);

  if (d.cipher == nullptr) {
    MULLION_TRY(InstallCipher(to_server, step));
    if (*step != Step::kDone) return Ok();
  }
  ByteView plain;
  if (Status s = d.cipher->Open(&type, version, fragment, &plain); !s.ok()) {
    return Explain(s, std::string("a TLS record of the ") + (to_server ? "client" : "server") +
                          " cannot be opened with the secrets for client random " +
                          TlsHex(client_hello_.random));
  }
  MULLION_TRY(Content(to_server, type, true, plain));
  return d.key_change != 0 ? ChangeKeys(&d) : Ok();
}

Status PassiveTls::Content(bool to_server, uint8_t type, bool was_protected, ByteView content) {
  Direction& d = direction(to_server);
  switch (type) {
    case kHandshake:
      return HandshakeBytes(to_server, content);
    case kApplicationData:
      if (!was_protected) {
        return Explain(BadRecord("TLS record type"), "application data before the TLS handshake");
      }
      if (!content.empty()) output_->OnTlsPlaintext(to_server, content);
      return Ok();
    case kChangeCipherSpec:  // TLS 1.2; again after a renegotiation
      d.epoch = 1;
      d.cipher.reset();
      return Ok();
    case kAlert:
      // 2: fatal. 0: close_notify. Others are warnings, or abort the connection by themselves.
      if (content.size() >= 2 && (content[0] == 2 || content[1] == 0)) d.closed = true;
      return Ok();
    default:
      return BadRecord("TLS content type");
  }
}

Status PassiveTls::MasterSecret(const TlsSecret** master, Step* step) {
  const TlsSecret* found = keys_->Find(client_hello_.random, TlsSecretLabel::kClientRandom);
  if (found == nullptr && !full_handshake_) {  // abbreviated: the secret of an earlier connection
    if (server_hello_.session_id == client_hello_.session_id) {
      found = keys_->FindResumable(client_hello_.session_id);
    }
    if (found == nullptr) found = keys_->FindResumable(client_hello_.ticket);
  }
  if (found == nullptr) {
    wanted_ = TlsSecretLabel::kClientRandom;
    *step = Step::kWaitSecret;
    return Ok();
  }
  master_ = *found;
  *master = &master_;
  keys_->Remember(server_hello_.session_id, master_);
  keys_->Remember(new_ticket_, master_);
  return Ok();
}

Status PassiveTls::InstallCipher(bool to_server, Step* step) {
  Direction& d = direction(to_server);
  TlsKeys keys;
  if (suite_->tls13) {
    using L = TlsSecretLabel;
    const L label = d.epoch == 1 ? (to_server ? L::kClientHandshake : L::kServerHandshake)
                                 : (to_server ? L::kClientTraffic : L::kServerTraffic);
    const TlsSecret* secret = keys_->Find(client_hello_.random, label);
    if (secret == nullptr) {
      wanted_ = label;
      *step = Step::kWaitSecret;
      return Ok();
    }
    d.traffic_secret = *secret;
    MULLION_TRY(DeriveTls13Keys(*suite_, d.traffic_secret, &keys));
  } else {
    const TlsSecret* master = nullptr;
    MULLION_TRY(MasterSecret(&master, step));
    if (*step != Step::kDone) return Ok();
    TlsKeys other;
    MULLION_TRY(DeriveTls12Keys(*suite_, *master, client_hello_.random, server_hello_.random,
                                to_server ? &keys : &other, to_server ? &other : &keys));
  }
  return RecordCipher::Create(*suite_, keys, server_hello_.encrypt_then_mac, &d.cipher);
}

}  // namespace mullion
