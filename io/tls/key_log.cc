#include "io/tls/key_log.h"

#include <algorithm>

namespace mullion {
namespace {

constexpr const char* kLabelNames[kTlsSecretLabels] = {
    "CLIENT_RANDOM",           "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0",
};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// False unless `hex` is 1 to `capacity` bytes of hex digits.
bool ParseHex(std::string_view hex, uint8_t* out, size_t capacity, size_t* size) {
  if (hex.empty() || hex.size() % 2 != 0 || hex.size() / 2 > capacity) return false;
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexDigit(hex[i]);
    const int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) return false;
    out[i / 2] = static_cast<uint8_t>(high << 4 | low);
  }
  *size = hex.size() / 2;
  return true;
}

std::string_view NextWord(std::string_view* line) {
  const size_t begin = std::min(line->find_first_not_of(" \t\r"), line->size());
  line->remove_prefix(begin);
  const size_t end = std::min(line->find_first_of(" \t\r"), line->size());
  const std::string_view word = line->substr(0, end);
  line->remove_prefix(end);
  return word;
}

bool ParseSecret(std::string_view hex, TlsSecret* secret) {
  size_t size = 0;
  if (!ParseHex(hex, secret->bytes.data(), secret->bytes.size(), &size)) return false;
  secret->size = static_cast<uint8_t>(size);
  return true;
}

}  // namespace

const char* TlsSecretLabelName(TlsSecretLabel label) {
  return kLabelNames[static_cast<size_t>(label)];
}

Status KeyLog::Add(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    MULLION_TRY(AddLine(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return Ok();
}

Status KeyLog::AddLine(std::string_view line) {
  const std::string_view name = NextWord(&line);
  const std::string_view second = NextWord(&line);
  const std::string_view third = NextWord(&line);
  TlsSecret secret;
  size_t size = 0;
  if (name == "RSA") {  // the older form: RSA Session-ID:<hex> Master-Key:<hex>
    constexpr std::string_view kId = "Session-ID:";
    constexpr std::string_view kKey = "Master-Key:";
    uint8_t id[32];
    if (second.starts_with(kId) && third.starts_with(kKey) &&
        ParseHex(second.substr(kId.size()), id, sizeof(id), &size) &&
        ParseSecret(third.substr(kKey.size()), &secret)) {
      Remember({id, size}, secret);
    }
    return Ok();
  }
  size_t label = 0;
  while (label < kTlsSecretLabels && name != kLabelNames[label]) ++label;
  if (label == kTlsSecretLabels) return Ok();
  TlsRandom random;
  if (!ParseHex(second, random.data(), random.size(), &size) || size != random.size() ||
      !ParseSecret(third, &secret)) {
    return Ok();
  }
  auto found = by_random_.find(random);
  if (found == by_random_.end()) {
    if (by_random_.size() >= kMaxConnections) return Fail(Err::kLimit, "TLS key log");
    found = by_random_.try_emplace(random).first;
  }
  found->second[label] = secret;
  return Ok();
}

const TlsSecret* KeyLog::Find(const TlsRandom& client_random, TlsSecretLabel label) const {
  const auto found = by_random_.find(client_random);
  if (found == by_random_.end()) return nullptr;
  const TlsSecret& secret = found->second[static_cast<size_t>(label)];
  return secret.size != 0 ? &secret : nullptr;
}

void KeyLog::Remember(ByteView id_or_ticket, const TlsSecret& master) {
  if (id_or_ticket.empty()) return;
  std::string key(id_or_ticket.begin(), id_or_ticket.end());
  const auto [found, fresh] = resumable_.insert_or_assign(key, master);
  if (!fresh) return;
  if (resumable_order_.size() < kMaxResumable) {
    resumable_order_.push_back(std::move(key));
    return;
  }
  resumable_.erase(resumable_order_[resumable_next_]);
  resumable_order_[resumable_next_] = std::move(key);
  resumable_next_ = (resumable_next_ + 1) % kMaxResumable;
}

const TlsSecret* KeyLog::FindResumable(ByteView id_or_ticket) const {
  if (id_or_ticket.empty()) return nullptr;
  const auto found = resumable_.find(std::string(id_or_ticket.begin(), id_or_ticket.end()));
  return found != resumable_.end() ? &found->second : nullptr;
}

std::string TlsHex(ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const uint8_t b : bytes) {
    hex += kDigits[b >> 4];
    hex += kDigits[b & 15];
  }
  return hex;
}

}  // namespace mullion
