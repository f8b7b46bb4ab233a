// Ends of every kind at every time: what is left must go on, and nothing may leak.
#include <doctest/doctest.h>

#include <set>

#include "tests/engine/host.h"
#include "tests/support/session_writer.h"

namespace mullion::testing {
namespace {

TEST_CASE("close: inside each kind of callback, the other copies go on to their ends") {
  for (const int workers : {0, 2}) {
    for (const mln_event_kind kind :
         {MLN_EVENT_SESSION_OPENED, MLN_EVENT_RESIZED, MLN_EVENT_FRAME, MLN_EVENT_POINTER,
          MLN_EVENT_SESSION_INFO, MLN_EVENT_DISCONNECTED}) {
      CAPTURE(kind);
      CAPTURE(workers);
      Host host({.workers = workers});
      mln_session* closed = nullptr;
      size_t after = 0;
      host.hook = [&](const mln_event& event) {
        if (event.session == nullptr) return;
        after += event.session == closed ? 1 : 0;
        if (closed != nullptr || event.kind != kind) return;
        closed = event.session;
        mln_session_close(event.session);
      };
      host.Replay(SmallCapture(), 3);
      REQUIRE(host.Until([&] { return host.replays_ended == 1; }));
      CHECK(after == 0);
      REQUIRE(host.logs.size() == 3);
      for (const SessionLog& log : host.logs) {
        if (log.session == closed) continue;
        CHECK(log.events == SmallReference().events);
        CHECK(log.final_hash == SmallReference().final_hash);
      }
    }
  }
}

TEST_CASE("close: of another session inside a callback, and of one that is not being dispatched") {
  Host host;
  mln_session* other = host.Create();
  mln_session* session = host.Create();
  size_t of_other = 0;
  bool closed = false;
  host.hook = [&](const mln_event& event) {
    if (event.session == other) of_other += closed ? 1 : 0;
    if (event.session == session && event.kind == MLN_EVENT_FRAME && !closed) {
      closed = true;
      mln_session_close(other);
    }
  };
  for (const Piece& piece : SmallSession()) {
    // One call, whatever it says: FeedBytes dispatches when the queue is full, and that may close
    // `other` under its hands.
    if (!closed) {
      (void)mln_session_feed(other, piece.to_server ? MLN_TO_SERVER : MLN_TO_CLIENT, piece.time_ns,
                             piece.bytes.data(), piece.bytes.size());
    }
    REQUIRE(FeedBytes(&host, session, piece, 1000));
    (void)mln_engine_dispatch(host.engine(), 0);
  }
  // The recording ends with a disconnect, which may have been told already.
  const mln_err finished = Finish(&host, session);
  REQUIRE((finished == MLN_OK || finished == MLN_ERR_STATE));
  REQUIRE(host.UntilEnded(1));
  CHECK(closed);
  CHECK(of_other == 0);
  CHECK(host.Find(session)->events == SmallReference().events);
  mln_session_close(session);
  CHECK(mln_engine_dispatch(host.engine(), 0) == 0);
}

TEST_CASE("close: a session at any moment of its life, many rounds") {
  Host host;
  for (size_t round = 0; round < 40; ++round) {
    mln_session* session = host.Create();
    size_t fed = 0;
    for (const Piece& piece : SmallSession()) {
      if (fed++ == round * 3) break;
      REQUIRE(FeedBytes(&host, session, piece, 100000));
      if (round % 2 == 0) (void)mln_engine_dispatch(host.engine(), 0);
    }
    mln_session_close(session);
  }
  mln_session* last = host.Create();
  FeedSmallSession(&host, last, 4096);
  REQUIRE(host.Until([&] { return host.Find(last) != nullptr && host.Find(last)->ended; }));
  CHECK(host.Find(last)->final_hash == SmallReference().final_hash);
}

TEST_CASE("replay: closed midway, its sessions say nothing more and the engine goes on") {
  for (const int workers : {0, 2}) {
    Host host({.workers = workers});
    for (int round = 0; round < 20; ++round) {
      mln_replay* replay = host.Replay(SmallCapture(), 2, round % 3 == 0 ? 1.0 : 0.0);
      for (int i = 0; i < round; ++i) (void)mln_engine_dispatch(host.engine(), 1);
      std::set<mln_session*> ended;
      for (const SessionLog& log : host.logs) {
        if (log.ended) ended.insert(log.session);
      }
      mln_replay_close(replay);
      bool heard = false;
      host.hook = [&](const mln_event&) { heard = true; };
      (void)mln_engine_dispatch(host.engine(), 2);
      CHECK_FALSE(heard);
      host.hook = nullptr;
      for (mln_session* session : ended) mln_session_close(session);
      host.logs.clear();
    }
    host.replays_ended = 0;
    host.Replay(SmallCapture());
    REQUIRE(host.Until([&] { return host.replays_ended == 1; }));
    REQUIRE(host.logs.size() == 1);
    CHECK(host.logs[0].events == SmallReference().events);
  }
}

TEST_CASE("replay: closed inside callbacks; other replays that have ended are still told") {
  Host host;
  std::set<mln_replay*> ended;
  host.hook = [&](const mln_event& event) {
    if (event.kind != MLN_EVENT_REPLAY_ENDED) return;
    ended.insert(event.u.replay.replay);
    mln_replay_close(event.u.replay.replay);
  };
  for (int i = 0; i < 4; ++i) host.Replay(SmallCapture());
  REQUIRE(host.Until([&] { return host.replays_ended == 4; }));
  CHECK(ended.size() == 4);

  mln_replay* const replay = host.Replay(SmallCapture(), 2);
  bool closed = false;
  size_t after = 0;
  host.hook = [&](const mln_event& event) {
    after += closed ? 1 : 0;
    if (event.kind != MLN_EVENT_FRAME || closed) return;
    closed = true;
    mln_replay_close(replay);
  };
  REQUIRE(host.Until([&] { return closed; }));
  for (int i = 0; i < 5; ++i) (void)mln_engine_dispatch(host.engine(), 1);
  CHECK(after == 0);
}

TEST_CASE("replay: closed behind a session of it, in that session's own callback") {
  for (const int workers : {0, 2}) {
    for (const mln_event_kind kind : {MLN_EVENT_RESIZED, MLN_EVENT_FRAME}) {
      Host host({.workers = workers});
      mln_replay* const replay = host.Replay(SmallCapture());
      bool closed = false;
      size_t after = 0;
      host.hook = [&](const mln_event& event) {
        after += closed ? 1 : 0;
        if (event.kind != kind || closed) return;
        closed = true;
        mln_session_close(event.session);
        mln_replay_close(replay);
      };
      REQUIRE(host.Until([&] { return closed; }));
      for (int i = 0; i < 5; ++i) (void)mln_engine_dispatch(host.engine(), 1);
      CHECK(after == 0);
    }
  }
}

TEST_CASE("engine: destroyed midway, many rounds") {
  for (int round = 0; round < 40; ++round) {
    Host host({.workers = round % 4,
               .delivery = round % 3 == 0 ? MLN_DELIVER_LATEST : MLN_DELIVER_EVERY_FRAME});
    host.Replay(SmallCapture(), 3);
    mln_session* session = host.Create();
    for (int i = 0; i < round / 2; ++i) {
      (void)FeedBytes(&host, session, SmallSession()[static_cast<size_t>(i)], 500);
      (void)mln_engine_dispatch(host.engine(), round % 2);
    }
    host.Destroy();
  }
}

TEST_CASE("engine: two in one process do not know of each other") {
  Host one({.workers = 2});
  Host two({.workers = 3, .format = MLN_RGBX32});
  one.Replay(SmallCapture(), 2);
  two.Replay(SmallCapture(), 2);
  REQUIRE(one.UntilEnded(2));
  one.Destroy();
  REQUIRE(two.UntilEnded(2));
  for (const Host* host : {&one, &two}) {
    for (const SessionLog& log : host->logs) CHECK(log.events == SmallReference().events);
  }
}

TEST_CASE("garbage: ends its session with an error and leaves the other alone") {
  const std::vector<uint8_t> garbage(1000, 0xEE);
  for (const int workers : {0, 2}) {
    for (size_t good_pieces : {size_t{0}, size_t{3}, SmallSession().size() / 2}) {
      CAPTURE(workers);
      CAPTURE(good_pieces);
      Host host({.workers = workers});
      mln_session* bad = host.Create();
      mln_session* good = host.Create();
      size_t at = 0;
      for (const Piece& piece : SmallSession()) {
        if (at < good_pieces) {
          REQUIRE(FeedBytes(&host, bad, piece, 1000));
        } else if (at == good_pieces) {
          CHECK(FeedBytes(&host, bad, {false, piece.time_ns, {0x00, 0x81, 0x00}}, 3));
          (void)FeedBytes(&host, bad, {false, piece.time_ns, garbage}, 1000);
        }
        ++at;
        REQUIRE(FeedBytes(&host, good, piece, 1000));
      }
      (void)Finish(&host, bad);
      const mln_err finished = Finish(&host, good);
      REQUIRE((finished == MLN_OK || finished == MLN_ERR_STATE));
      REQUIRE(host.UntilEnded(2));
      CHECK_FALSE(host.Find(bad)->graceful);
      CHECK(host.Find(bad)->error != MLN_OK);
      CHECK(mln_session_feed(bad, MLN_TO_CLIENT, 0, garbage.data(), 10) == MLN_ERR_STATE);
      CHECK(host.Find(good)->events == SmallReference().events);
      CHECK(host.Find(good)->final_hash == SmallReference().final_hash);
    }
  }
}

TEST_CASE("garbage: a compressed picture much larger than the desktop is not even inflated") {
  using test::Buffer;
  // The server offers QOIZ as codec 9.
  const Buffer codecs = {1,    0xDC, 0xC6, 0x9C, 0x22, 0x60, 0xA8, 0x52, 0x4B, 0xB4,
                         0xD8, 0x05, 0x3A, 0x22, 0xB3, 0x89, 0x2B, 9,    0,    0};
  Buffer command;
  ByteWriter writer(&command);
  writer.U16(1);
  for (const int edge : {0, 0, 64, 64}) writer.U16(static_cast<uint16_t>(edge));
  for (const int byte : {32, 0, 0, 9}) writer.U8(static_cast<uint8_t>(byte));
  writer.U16(65535);
  writer.U16(65535);
  writer.U32(3);
  test::Append(&command, {1, 2, 3});
  Buffer pdu = {0, static_cast<uint8_t>(5 + command.size()), 4};
  ByteWriter(&pdu).U16(static_cast<uint16_t>(command.size()));
  test::Append(&pdu, command);

  Host host;
  mln_session* session = host.Create();
  auto pdus = test::SessionStart(64, 64);
  REQUIRE(pdus[8].bytes.size() > 50);
  pdus[8].bytes = test::SendData(false, test::kIoChannel, test::DemandActive(64, 64, codecs));
  pdus.push_back({false, pdu});
  for (const auto& [to_server, bytes] : pdus) {
    REQUIRE(FeedBytes(&host, session, {to_server, 0, bytes}, bytes.size()));
  }
  REQUIRE(host.UntilEnded(1));
  CHECK(host.logs[0].error == MLN_ERR_LIMIT);
}

TEST_CASE("garbage: the framing error is told even when the queue was full at the time") {
  HostOptions options;
  options.workers = 1;
  options.limits.max_queued_bytes = 1;
  Host host(options);
  mln_session* session = host.Create();
  for (const Piece& piece : SmallSession()) {
    // One call takes all bytes, whatever the queue holds; the bad header follows at once.
    std::vector<uint8_t> bytes = piece.bytes;
    const bool last = &piece == &SmallSession().back() || host.logs.size() > 0;
    if (last) bytes.insert(bytes.end(), 64, 0xEE);
    if (!FeedBytes(&host, session, {piece.to_server, piece.time_ns, bytes}, bytes.size())) break;
    if (last) break;
  }
  mln_err err = MLN_OK;
  REQUIRE(host.Until([&] {
    err = mln_session_finish(session);
    return err != MLN_ERR_LIMIT;
  }));
  REQUIRE(host.UntilEnded(1));
  CHECK(host.logs[0].error != MLN_OK);
  CHECK_FALSE(host.logs[0].graceful);
}

}  // namespace
}  // namespace mullion::testing
