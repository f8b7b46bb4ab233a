#include "tools/tally.h"

namespace mullion::tools {

void Tally::Add(const SessionResult& session) {
  for (const mln::Counter& counter : session.counters) {
    const size_t slash = counter.name.find('/');
    if (slash == std::string::npos) continue;
    uint64_t& value = groups_[counter.name.substr(0, slash)][counter.name.substr(slash + 1)];
    // Negotiated ids are names of things, not amounts.
    value = counter.name.starts_with("codec-id/") ? counter.value : value + counter.value;
  }
}

const Tally::Names& Tally::Of(std::string_view prefix) const {
  static const Names* const kNone = new Names;
  const auto group = groups_.find(prefix);
  return group == groups_.end() ? *kNone : group->second;
}

uint64_t Tally::Value(std::string_view prefix, std::string_view name) const {
  const Names& names = Of(prefix);
  const auto found = names.find(name);
  return found == names.end() ? 0 : found->second;
}

uint64_t Tally::Sum(std::string_view prefix) const {
  uint64_t sum = 0;
  for (const auto& [name, value] : Of(prefix)) sum += value;
  return sum;
}

Tally TallyAll(const std::list<SessionResult>& sessions) {
  Tally tally;
  for (const SessionResult& session : sessions) tally.Add(session);
  return tally;
}

bool BrokeOff(const SessionResult& session) {
  const bool by_server = session.end.code() == MLN_ERR_STATE && session.end.field() == "errorInfo";
  return !session.graceful && !by_server;
}

bool IsGraphics(std::string_view name) {
  return !name.starts_with("channel") && !name.starts_with("pdu") && name != "more-names";
}

Losses FindLosses(const std::list<SessionResult>& sessions) {
  Losses losses;
  const Tally tally = TallyAll(sessions);
  for (const auto& [name, value] : tally.Of("lost")) {
    if (value != 0) losses.failed[name] = value;
  }
  for (const auto& [name, value] : tally.Of("undecoded")) {
    if (value != 0 && IsGraphics(name)) losses.undecoded[name] = value;
  }
  for (const SessionResult& session : sessions) {
    if (BrokeOff(session)) ++losses.broken_sessions;
  }
  return losses;
}

std::string Losses::ToString() const {
  std::string text;
  const auto add = [&text](uint64_t count, const std::string& what) {
    if (!text.empty()) text += ", ";
    text += std::to_string(count) + " " + what;
  };
  for (const auto& [name, count] : failed) {
    add(count, name + (count == 1 ? " op failed" : " ops failed"));
  }
  for (const auto& [name, count] : undecoded) add(count, name + " not decoded");
  if (broken_sessions != 0) {
    add(broken_sessions, broken_sessions == 1 ? "session broke off" : "sessions broke off");
  }
  return text.empty() ? "none" : text;
}

}  // namespace mullion::tools
