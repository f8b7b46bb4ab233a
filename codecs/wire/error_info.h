// Names of the error codes that a server gives before it ends a session.
//
// Spec: MS-RDPBCGR 2.2.5.1.1 (TS_SET_ERROR_INFO_PDU). Ownership: static strings.
// Threads: pure. Errors: none: "unknown" for a code that the specification does not list.
#ifndef MULLION_CODECS_WIRE_ERROR_INFO_H_
#define MULLION_CODECS_WIRE_ERROR_INFO_H_

#include <cstdint>

namespace mullion {

// "ERRINFO_IDLE_TIMEOUT", ...
const char* ErrorInfoName(uint32_t code);

// True for codes that say a person or an administrator ended the session on purpose (disconnect,
// log off, another connection, idle and logon limits), not that something broke.
bool ErrorInfoIsGraceful(uint32_t code);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_ERROR_INFO_H_
