#include "codecs/wire/x224.h"

#include <algorithm>

#include "codecs/wire/text.h"

namespace mullion {
namespace {

constexpr uint8_t kNegRequest = 1;
constexpr uint8_t kNegResponse = 2;
constexpr uint8_t kNegFailure = 3;
constexpr uint16_t kNegSize = 8;

}  // namespace

const char* SecurityName(uint32_t selected_protocol) {
  switch (selected_protocol) {
    case kProtocolRdp:
      return "rdp";
    case kProtocolSsl:
      return "tls";
    case kProtocolHybrid:
      return "nla";
    case kProtocolRdsTls:
      return "rdstls";
    case kProtocolHybridEx:
      return "nla-ex";
    case kProtocolRdsAad:
      return "aad";
    default:
      return "unknown";
  }
}

const char* NegotiationFailureName(uint32_t code) {
  switch (code) {
    case 1:
      return "ssl_required_by_server";
    case 2:
      return "ssl_not_allowed_by_server";
    case 3:
      return "ssl_cert_not_on_server";
    case 4:
      return "inconsistent_flags";
    case 5:
      return "hybrid_required_by_server";
    case 6:
      return "ssl_with_user_auth_required_by_server";
    default:
      return "unknown";
  }
}

Status ParseX224(ByteView pdu, X224Tpdu* out) {
  ByteReader tpkt(pdu);
  const uint8_t version = tpkt.U8("tpktHeader.version");
  tpkt.Skip(1, "tpktHeader.reserved");
  const size_t length = tpkt.U16Be("tpktHeader.length");
  MULLION_TRY(tpkt.status());
  if (version != 3) return Fail(Err::kMalformed, "tpktHeader.version", 0);
  if (length > pdu.size()) return Fail(Err::kTruncated, "tpktHeader.length", 2);

  ByteReader reader(pdu.first(length));
  reader.Skip(4, "tpktHeader");
  const size_t indicator = reader.U8("x224.LI");
  out->code = reader.U8("x224.code");
  // LI counts the header without itself: 2 for data; for the others the variable part is in it, but
  // some clients leave a long routing token out of the count, so everything that came is taken.
  const size_t fixed = (out->code & 0xF0) == kX224Data ? 2 : 6;
  reader.Skip(fixed - 1, "x224.header");
  out->body = reader.TakeRest();
  MULLION_TRY(reader.status());
  if (indicator < fixed) return Fail(Err::kMalformed, "x224.LI", 4);
  out->code &= 0xF0;
  return Ok();
}

Status ParseX224Request(ByteView body, X224Request* out) {
  *out = X224Request{};
  constexpr uint8_t kCrLf[] = {'\r', '\n'};
  size_t at = 0;
  // A negotiation request may follow directly; a token begins with a letter ("Cookie:", "tsv:").
  const auto end = std::search(body.begin(), body.end(), std::begin(kCrLf), std::end(kCrLf));
  if (end != body.end() && body[0] != kNegRequest) {
    const size_t size = static_cast<size_t>(end - body.begin());
    out->token = AsciiText(body.first(size));
    at = size + 2;
  }
  ByteReader reader(body.subspan(at));
  if (reader.remaining() < kNegSize) return Ok();
  const uint8_t type = reader.U8("rdpNegReq.type");
  out->flags = reader.U8("rdpNegReq.flags");
  const uint16_t size = reader.U16("rdpNegReq.length");
  out->protocols = reader.U32("rdpNegReq.requestedProtocols");
  if (type != kNegRequest) return Fail(Err::kMalformed, "rdpNegReq.type", at);
  if (size != kNegSize) return Fail(Err::kMalformed, "rdpNegReq.length", at + 2);
  out->has_negotiation = true;
  return reader.status();
}

Status ParseX224Confirm(ByteView body, X224Confirm* out) {
  *out = X224Confirm{};
  if (body.empty()) return Ok();
  ByteReader reader(body);
  const uint8_t type = reader.U8("rdpNegRsp.type");
  out->flags = reader.U8("rdpNegRsp.flags");
  const uint16_t size = reader.U16("rdpNegRsp.length");
  const uint32_t value = reader.U32("rdpNegRsp.selectedProtocol");
  MULLION_TRY(reader.status());
  if (type != kNegResponse && type != kNegFailure) {
    return Fail(Err::kMalformed, "rdpNegRsp.type", 0);
  }
  if (size != kNegSize) return Fail(Err::kMalformed, "rdpNegRsp.length", 2);
  out->has_negotiation = true;
  out->failed = type == kNegFailure;
  (out->failed ? out->failure_code : out->protocol) = value;
  return Ok();
}

void WriteX224Request(const X224Request& request, ByteWriter* out) {
  const size_t token = request.token.empty() ? 0 : request.token.size() + 2;
  const size_t variable = token + (request.has_negotiation ? kNegSize : 0);
  out->U8(3);
  out->U8(0);
  out->U16Be(static_cast<uint16_t>(11 + variable));
  out->U8(static_cast<uint8_t>(6 + variable));
  out->U8(kX224ConnectionRequest);
  out->Zeros(5);
  if (token != 0) {
    for (const char c : request.token) out->U8(static_cast<uint8_t>(c));
    out->U8('\r');
    out->U8('\n');
  }
  if (request.has_negotiation) {
    out->U8(kNegRequest);
    out->U8(request.flags);
    out->U16(kNegSize);
    out->U32(request.protocols);
  }
}

void WriteX224DataHeader(size_t user_data_size, ByteWriter* out) {
  out->U8(3);
  out->U8(0);
  out->U16Be(static_cast<uint16_t>(7 + user_data_size));
  out->U8(2);
  out->U8(kX224Data);
  out->U8(0x80);  // end of TSDU
}

}  // namespace mullion
