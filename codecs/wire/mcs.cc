#include "codecs/wire/mcs.h"

namespace mullion {
namespace {

constexpr uint16_t kUserBase = 1001;  // PER: UserId is INTEGER (1001..65535)

constexpr uint8_t kBerBoolean = 0x01;
constexpr uint8_t kBerInteger = 0x02;
constexpr uint8_t kBerOctetString = 0x04;
constexpr uint8_t kBerEnumerated = 0x0A;
constexpr uint8_t kBerSequence = 0x30;
constexpr uint8_t kBerApplication = 0x7F;  // constructed, number in the next byte

size_t BerLength(ByteReader* reader) {
  const size_t at = reader->offset();
  size_t length = reader->U8("ber.length");
  if (length < 0x80) return length;
  const size_t count = length & 0x7F;
  if (count == 0 || count > 4) {
    reader->SetError(Err::kMalformed, "ber.length", at);
    return 0;
  }
  length = 0;
  for (size_t i = 0; i < count; ++i) length = length << 8 | reader->U8("ber.length");
  return length;
}

ByteView BerField(ByteReader* reader, uint8_t tag, const char* field) {
  const size_t at = reader->offset();
  if (reader->U8(field) != tag) reader->SetError(Err::kMalformed, field, at);
  return reader->Take(BerLength(reader), field);
}

Status ParseConnectInitial(ByteReader* reader, McsPdu* out) {
  out->type = McsType::kConnectInitial;
  (void)BerField(reader, kBerOctetString, "callingDomainSelector");
  (void)BerField(reader, kBerOctetString, "calledDomainSelector");
  (void)BerField(reader, kBerBoolean, "upwardFlag");
  (void)BerField(reader, kBerSequence, "targetParameters");
  (void)BerField(reader, kBerSequence, "minimumParameters");
  (void)BerField(reader, kBerSequence, "maximumParameters");
  out->data = BerField(reader, kBerOctetString, "connectInitial.userData");
  return reader->status();
}

Status ParseConnectResponse(ByteReader* reader, McsPdu* out) {
  out->type = McsType::kConnectResponse;
  const ByteView result = BerField(reader, kBerEnumerated, "connectResponse.result");
  out->result = result.empty() ? uint8_t{0xFF} : result.back();
  (void)BerField(reader, kBerInteger, "calledConnectId");
  (void)BerField(reader, kBerSequence, "domainParameters");
  out->data = BerField(reader, kBerOctetString, "connectResponse.userData");
  return reader->status();
}

// Modulo 2^16, as peers do: gnome-remote-desktop ends a failed logon as user 0, which PER cannot
// say.
uint16_t UserId(ByteReader* reader) {
  return static_cast<uint16_t>(reader->U16Be("initiator") + kUserBase);
}

ByteView SendData(ByteReader* reader) {
  reader->Skip(1, "dataPriority");
  // PER would cut more than 16383 bytes into pieces; RDP peers use all 15 bits instead.
  size_t length = reader->U8("userData.length");
  if ((length & 0x80) != 0) length = (length & 0x7F) << 8 | reader->U8("userData.length");
  return reader->Take(length, "userData");
}

}  // namespace

Status ParseMcs(ByteView tpdu_data, McsPdu* out) {
  *out = McsPdu{};
  ByteReader reader(tpdu_data);
  const uint8_t first = reader.U8("mcs.type");
  MULLION_TRY(reader.status());
  if (first == kBerApplication) {
    const uint8_t number = reader.U8("mcs.type");
    // The length of the whole is not checked: servers exist that count more than they send, and
    // every field inside has a length of its own.
    (void)BerLength(&reader);
    if (number == static_cast<uint8_t>(McsType::kConnectInitial)) {
      return ParseConnectInitial(&reader, out);
    }
    if (number == static_cast<uint8_t>(McsType::kConnectResponse)) {
      return ParseConnectResponse(&reader, out);
    }
    MULLION_TRY(reader.status());
    return Fail(Err::kUnsupported, "mcs.type", 1);
  }
  out->type = static_cast<McsType>(first >> 2);
  switch (out->type) {
    case McsType::kErectDomainRequest:
    case McsType::kAttachUserRequest:
      break;
    case McsType::kDisconnectProviderUltimatum:
      // The three bits of the reason lie across the byte boundary.
      out->reason = static_cast<uint8_t>((first & 0x3) << 1 | reader.U8("reason") >> 7);
      break;
    case McsType::kAttachUserConfirm:
      out->result = static_cast<uint8_t>((first & 0x1) << 3 | reader.U8("result") >> 5);
      if ((first & 0x2) != 0) out->user = UserId(&reader);
      break;
    case McsType::kChannelJoinRequest:
      out->user = UserId(&reader);
      out->channel = reader.U16Be("channelId");
      break;
    case McsType::kChannelJoinConfirm:
      out->result = static_cast<uint8_t>((first & 0x1) << 3 | reader.U8("result") >> 5);
      out->user = UserId(&reader);
      out->channel = reader.U16Be("requested");
      if ((first & 0x2) != 0) out->channel = reader.U16Be("channelId");
      break;
    case McsType::kSendDataRequest:
    case McsType::kSendDataIndication:
      out->user = UserId(&reader);
      out->channel = reader.U16Be("channelId");
      out->data = SendData(&reader);
      break;
    default:
      return Fail(Err::kUnsupported, "mcs.type", 0);
  }
  return reader.status();
}

const char* McsDisconnectReasonName(int reason) {
  switch (reason) {
    case 0:
      return "domain_disconnected";
    case 1:
      return "provider_initiated";
    case 2:
      return "token_purged";
    case 3:
      return "user_requested";
    case 4:
      return "channel_purged";
    default:
      return "none";
  }
}

void WriteErectDomain(ByteWriter* out) {
  out->U8(static_cast<uint8_t>(McsType::kErectDomainRequest) << 2);
  out->U16Be(0x0100);  // subHeight 0
  out->U16Be(0x0100);  // subInterval 0
}

void WriteAttachUser(ByteWriter* out) {
  out->U8(static_cast<uint8_t>(McsType::kAttachUserRequest) << 2);
}

void WriteChannelJoin(uint16_t user, uint16_t channel, ByteWriter* out) {
  out->U8(static_cast<uint8_t>(McsType::kChannelJoinRequest) << 2);
  out->U16Be(static_cast<uint16_t>(user - kUserBase));
  out->U16Be(channel);
}

void WriteSendDataRequest(uint16_t user, uint16_t channel, size_t size, ByteWriter* out) {
  out->U8(static_cast<uint8_t>(McsType::kSendDataRequest) << 2);
  out->U16Be(static_cast<uint16_t>(user - kUserBase));
  out->U16Be(channel);
  out->U8(0x70);  // high priority, begin and end of segmentation
  out->U16Be(static_cast<uint16_t>(0x8000 | size));
}

void WriteDisconnectUltimatum(uint8_t reason, ByteWriter* out) {
  const unsigned type = static_cast<unsigned>(McsType::kDisconnectProviderUltimatum);
  out->U16Be(static_cast<uint16_t>(type << 10 | (reason & 0x7u) << 7));
}

}  // namespace mullion
