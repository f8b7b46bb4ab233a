// What `mullion replay` and `mullion info` print at their end, as text or as one JSON object. The
// objects' members are described in the man page, tools/mullion.1.
//
// Ownership: reports borrow what they tell of for the call. Threads: pure. Errors: none.
#ifndef MULLION_TOOLS_REPORT_H_
#define MULLION_TOOLS_REPORT_H_

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "tools/json_writer.h"
#include "tools/player.h"
#include "tools/tally.h"

namespace mullion::tools {

// A run over captures.
struct RunResult {
  struct Capture {
    std::string path;
    uint64_t file_bytes = 0;
    mln::Error error;  // of the last time it was played
  };
  std::vector<Capture> captures;
  const std::list<SessionResult>* sessions = nullptr;
  mln::Metrics metrics = {};  // of the engine
  Losses losses;
  uint64_t wall_ns = 0;
  uint32_t copies = 1;
  uint32_t loops = 1;
  int32_t workers = -1;
  int exit_code = 0;
};

// The capture that session `s` came from, also when the list was played several times.
inline const RunResult::Capture& CaptureOf(const RunResult& run, const SessionResult& s) {
  return run.captures[s.capture % run.captures.size()];
}

std::string ReplayText(const RunResult& run);
std::string ReplayJson(const RunResult& run);
std::string InfoText(const RunResult& run);
std::string InfoJson(const RunResult& run);

// "NAME": {"a": 1, "b": 2}
void WriteNames(JsonWriter* json, std::string_view name, const Tally::Names& names);
// "captures": [...], the same in both objects.
void WriteCaptures(JsonWriter* json, const RunResult& run);

}  // namespace mullion::tools

#endif  // MULLION_TOOLS_REPORT_H_
