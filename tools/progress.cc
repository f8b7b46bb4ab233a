#include "tools/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace mullion::tools {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);
constexpr size_t kBarCells = 30;

bool IsTerminal() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && term != nullptr && std::string_view(term) != "dumb";
}

size_t Columns() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

std::string ProgressLine(double fraction, std::string_view text, size_t columns) {
  fraction = std::clamp(fraction, 0.0, 1.0);
  const size_t filled = static_cast<size_t>(fraction * kBarCells);
  char percent[16];
  std::snprintf(percent, sizeof(percent), "] %3d%% ", static_cast<int>(fraction * 100));
  std::string line(1, '[');
  line.append(filled, '#').append(kBarCells - filled, '.').append(percent).append(text);
  // The last column stays free: some terminals wrap when it is written.
  if (columns > 0 && line.size() >= columns) line.resize(columns - 1);
  return line;
}

Progress::Progress(bool wanted) : active_(wanted && IsTerminal()) {}

bool Progress::Due() const {
  return active_ && (!drawn_ || std::chrono::steady_clock::now() - last_ >= kInterval);
}

void Progress::Draw(double fraction, std::string_view text) {
  if (!active_) return;
  std::fprintf(stderr, "\r%s\033[K", ProgressLine(fraction, text, Columns()).c_str());
  std::fflush(stderr);
  drawn_ = true;
  last_ = std::chrono::steady_clock::now();
}

void Progress::Clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace mullion::tools
