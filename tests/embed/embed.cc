// Decodes a capture with an installed libmullion: tells each session's frames and final size.
#include <cstdio>
#include <mullion/mullion.hpp>

int main(int argc, char** argv) {
  using Kind = mln::Event::Kind;
  bool done = false;
  mln::Error error;
  const auto on_event = [&](const mln::Event& event) {
    if (event.kind() == Kind::kDisconnected) {
      const mln::SessionInfo info = event.session().Info();
      std::printf("%s: %dx%d, %llu frames\n", info.server.c_str(), info.width_px, info.height_px,
                  static_cast<unsigned long long>(info.frames));
    }  // kFrame: event.frame().framebuffer holds the pixels, event.region() what changed
    if ((done = event.kind() == Kind::kReplayEnded)) error = event.error();
  };
  mln::Engine engine;
  mln::Replay replay;
  error = mln::Engine::Create({}, on_event, &engine);
  if (!error) error = mln::Replay::Open(engine, argc > 1 ? argv[1] : "", {}, &replay);
  while (!error && !done) engine.Dispatch(std::chrono::milliseconds(-1));
  if (error) std::fprintf(stderr, "embed: %s\n", error.message().c_str());
  return error ? 1 : 0;
}
