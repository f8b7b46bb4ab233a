#include "codecs/wire/client_info.h"

#include "codecs/wire/text.h"

namespace mullion {
namespace {

constexpr size_t kTimeZoneBytes = 172;  // TS_TIME_ZONE_INFORMATION

}  // namespace

Status ParseClientInfo(ByteView body, ClientInfo* out) {
  *out = ClientInfo{};
  ByteReader reader(body);
  out->code_page = reader.U32("CodePage");
  out->flags = reader.U32("flags");
  const bool unicode = (out->flags & kInfoUnicode) != 0;
  const size_t zero = unicode ? 2 : 1;  // the terminator, which the lengths leave out
  const size_t domain = reader.U16("cbDomain") + zero;
  const size_t user = reader.U16("cbUserName") + zero;
  const size_t password = reader.U16("cbPassword") + zero;
  const size_t shell = reader.U16("cbAlternateShell") + zero;
  const size_t dir = reader.U16("cbWorkingDir") + zero;
  auto text = [&](size_t size, const char* field) {
    const ByteView bytes = reader.Take(size, field);
    return unicode ? Utf16ToUtf8(bytes) : AsciiText(bytes);
  };
  out->domain = text(domain, "Domain");
  out->user = text(user, "UserName");
  reader.Skip(password, "Password");
  out->alternate_shell = text(shell, "AlternateShell");
  out->working_dir = text(dir, "WorkingDir");
  MULLION_TRY(reader.status());

  // Extended info is optional, and clients end it anywhere: what is missing stays empty.
  reader.Skip(2, "clientAddressFamily");
  const size_t address = reader.U16("cbClientAddress");
  out->client_address = text(address, "clientAddress");
  const size_t client_dir = reader.U16("cbClientDir");
  out->client_dir = text(client_dir, "clientDir");
  reader.Skip(kTimeZoneBytes, "clientTimeZone");
  reader.Skip(4, "clientSessionId");
  out->performance_flags = reader.U32("performanceFlags");
  return Ok();
}

}  // namespace mullion
