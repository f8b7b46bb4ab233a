// A progress bar: one line on standard error, redrawn a few times a second, only on a terminal.
//
// Threads: one at a time. Errors: none; where there is no terminal it does nothing.
#ifndef MULLION_TOOLS_PROGRESS_H_
#define MULLION_TOOLS_PROGRESS_H_

#include <chrono>
#include <string>
#include <string_view>

namespace mullion::tools {

class Progress {
 public:
  // `wanted` false: never draws (--quiet).
  explicit Progress(bool wanted);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // True when a call of Draw now would change the screen: ask before working out the text.
  bool Due() const;
  // `fraction` 0 to 1; `text` stands behind the bar and is cut at the terminal's edge.
  void Draw(double fraction, std::string_view text);
  // Removes the line, so that other text can be printed.
  void Clear();

 private:
  bool active_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_ = {};
};

// The line that Draw shows on a terminal of `columns`: "[#####.....]  52% text".
std::string ProgressLine(double fraction, std::string_view text, size_t columns);

}  // namespace mullion::tools

#endif  // MULLION_TOOLS_PROGRESS_H_
