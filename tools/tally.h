// Adds up the named counters of sessions ("prefix/NAME", see mullion.h) and sorts out what of a
// session was lost.
//
// Threads: values. Errors: none.
#ifndef MULLION_TOOLS_TALLY_H_
#define MULLION_TOOLS_TALLY_H_

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/player.h"

namespace mullion::tools {

// NAME -> value, by prefix.
class Tally {
 public:
  using Names = std::map<std::string, uint64_t, std::less<>>;

  void Add(const SessionResult& session);
  // The counters "prefix/*"; empty if there are none.
  const Names& Of(std::string_view prefix) const;
  uint64_t Value(std::string_view prefix, std::string_view name) const;
  uint64_t Sum(std::string_view prefix) const;

 private:
  std::map<std::string, Names, std::less<>> groups_;
};

Tally TallyAll(const std::list<SessionResult>& sessions);

// Whether our reading of the session failed before its end. A server that ends a session with an
// error of its own (a refused logon, an administrator) has sent all that there was to decode.
bool BrokeOff(const SessionResult& session);

// What did not become pixels. Any of it makes `mullion replay` exit with 3.
struct Losses {
  Tally::Names failed;           // ops that could not be decoded, by codec
  Tally::Names undecoded;        // graphics of a kind that this build does not decode
  uint64_t broken_sessions = 0;  // see BrokeOff
  bool any() const { return !failed.empty() || !undecoded.empty() || broken_sessions != 0; }
  // "3 planar ops failed, 12 orders not decoded, 1 session broke off"; "none".
  std::string ToString() const;
};

Losses FindLosses(const std::list<SessionResult>& sessions);

// Whether a counter undecoded/NAME stands for missing pixels, rather than for a channel or PDU that
// draws nothing.
bool IsGraphics(std::string_view undecoded_name);

}  // namespace mullion::tools

#endif  // MULLION_TOOLS_TALLY_H_
