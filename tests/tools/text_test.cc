// What people read: amounts, the progress bar, losses.
#include <doctest/doctest.h>

#include <vector>

#include "tools/format_text.h"
#include "tools/framebuffer_hash.h"
#include "tools/progress.h"
#include "tools/tally.h"

namespace mullion::tools {
namespace {

TEST_CASE("amounts change their unit where rounding would show four digits") {
  CHECK(FormatBytes(999) == "999 bytes");
  CHECK(FormatBytes(1234) == "1.2 kB");
  CHECK(FormatBytes(999'949) == "999.9 kB");
  CHECK(FormatBytes(999'950) == "1.00 MB");
  CHECK(FormatTime(999) == "999 ns");
  CHECK(FormatTime(1500) == "1.5 us");
  CHECK(FormatTime(999'999'999) == "1.00 s");
  CHECK(FormatCount(1, "session") == "1 session");
  CHECK(FormatCount(0, "session") == "0 sessions");
}

TEST_CASE("control bytes of a peer do not reach the terminal") {
  CHECK(Printable("a\x1B[2Jb\x7F") == "a?[2Jb?");
}

TEST_CASE("the progress line fills up and never reaches the last column") {
  CHECK(ProgressLine(0, "x", 80) == "[" + std::string(30, '.') + "]   0% x");
  CHECK(ProgressLine(1, "x", 80) == "[" + std::string(30, '#') + "] 100% x");
  CHECK(ProgressLine(7, "x", 80) == ProgressLine(1, "x", 80));
  for (size_t columns = 1; columns < 60; ++columns) {
    CHECK(ProgressLine(0.5, std::string(100, 'x'), columns).size() == columns - 1);
  }
}

TEST_CASE("a framebuffer's hash depends on its colours only, not on format, padding or stride") {
  // FNV-1a-64 of the bytes 1 2 3 4 5 6, worked out apart from this code.
  std::vector<uint8_t> bgrx = {1, 2, 3, 99, 0xAA, 0xAA, 4, 5, 6, 98, 0xBB, 0xBB};
  std::vector<uint8_t> rgbx = {3, 2, 1, 0, 6, 5, 4, 0};
  uint64_t expected = 0xcbf29ce484222325;
  for (uint64_t byte : {1u, 2u, 3u, 4u, 5u, 6u}) expected = (expected ^ byte) * 0x100000001b3;
  CHECK(HashFramebuffer({bgrx.data(), 1, 2, 6, MLN_BGRX32}) == expected);
  CHECK(HashFramebuffer({rgbx.data(), 1, 2, 4, MLN_RGBX32}) == expected);
  CHECK(HashFramebuffer({rgbx.data(), 2, 1, 8, MLN_RGBX32}) == expected);
  CHECK(HashFramebuffer({nullptr, 0, 0, 0, MLN_BGRX32}) == 0xcbf29ce484222325);
}

SessionResult Session(std::vector<mln::Counter> counters, bool graceful) {
  SessionResult session;
  session.counters = std::move(counters);
  session.graceful = graceful;
  return session;
}

TEST_CASE("counters add up over sessions by prefix and name; negotiated ids do not") {
  const std::list<SessionResult> sessions = {
      Session({{"codec/planar", 2}, {"codec-id/nscodec", 1}, {"odd", 5}}, true),
      Session({{"codec/planar", 3}, {"codec-id/nscodec", 1}}, true)};
  const Tally tally = TallyAll(sessions);
  CHECK(tally.Value("codec", "planar") == 5);
  CHECK(tally.Value("codec-id", "nscodec") == 1);
  CHECK(tally.Sum("codec") == 5);
  CHECK(tally.Of("none").empty());
  CHECK_FALSE(FindLosses(sessions).any());
}

TEST_CASE("losses are failed ops, graphics that are not decoded, and sessions that broke off") {
  const std::list<SessionResult> sessions = {
      Session({{"lost/planar", 1}, {"lost/nscodec", 0}, {"undecoded/orders", 7}}, false)};
  const Losses losses = FindLosses(sessions);
  CHECK(losses.any());
  CHECK(losses.ToString() == "1 planar op failed, 7 orders not decoded, 1 session broke off");
  CHECK(Losses{}.ToString() == "none");
}

TEST_CASE("a session that the server ended with an error of its own has lost nothing") {
  SessionResult session = Session({}, false);
  mln_error error = {};
  error.code = MLN_ERR_STATE;
  error.field = "errorInfo";
  session.end = mln::Error(error);
  CHECK_FALSE(BrokeOff(session));
  error.field = "pduLength";
  session.end = mln::Error(error);
  CHECK(BrokeOff(session));
}

}  // namespace
}  // namespace mullion::tools
