// One entry of a vectors manifest (../shared/vectors/README.md has the form), loaded, and what a
// group's runner says about it.
//
// Ownership: a Vector owns its bytes and borrows its params from the manifest's tree.
// Threads: one. Errors: a file that cannot be read makes the vector fail, with the reason.
#ifndef MULLION_TESTS_VECTORS_VECTOR_H_
#define MULLION_TESTS_VECTORS_VECTOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"
#include "tests/support/json.h"

namespace mullion::vectors {

struct Vector {
  std::string codec;
  std::string id;
  std::string kind;
  const Json* json = nullptr;
  std::string dir;  // of the manifest
  std::vector<uint8_t> input;
  bool has_output = false;
  // Raw bytes, or, when `output_is_png`, the pixels as BGRA, png_width_px x png_height_px.
  std::vector<uint8_t> output;
  bool output_is_png = false;
  int32_t png_width_px = 0;
  int32_t png_height_px = 0;

  const Json& params() const { return (*json)["params"]; }
  int32_t width_px() const { return static_cast<int32_t>(params()["width"].Int()); }
  int32_t height_px() const { return static_cast<int32_t>(params()["height"].Int()); }
  std::string sequence() const { return params()["sequence"].Str(); }
  std::string name() const { return id.substr(id.find('/') + 1); }
  // The largest difference that the entry's rule allows; `otherwise` where it states none.
  int MaxDifference(int otherwise) const;
};

struct Outcome {
  enum class Verdict { kPass, kFail, kSkip };
  Verdict verdict = Verdict::kPass;
  std::string reason;
};
inline Outcome Pass() { return {}; }
inline Outcome Failed(std::string reason) { return {Outcome::Verdict::kFail, std::move(reason)}; }
inline Outcome Skip(std::string reason) { return {Outcome::Verdict::kSkip, std::move(reason)}; }
// "malformed: codeBlob at 12".
std::string Describe(const Status& status);
// What a robustness vector asks for: an error if params.expect says reject, else mere survival.
Outcome Survived(const Vector& vector, const Status& status);

// Decoder state shared by the vectors of one params.sequence. A vector without one has a fresh one.
class Sequence {
 public:
  template <typename T>
  T& State() {
    if (state_ == nullptr) state_ = std::make_shared<T>();
    return *static_cast<T*>(state_.get());
  }

 private:
  std::shared_ptr<void> state_;
};

using Runner = Outcome (*)(const Vector&, Sequence*);

// The runner of a group; null where no decoder or parser of ours reads such bytes.
Runner FindRunner(const std::string& codec);

// Reads the files of a manifest entry. False: `error` says why.
bool LoadVector(const Json& entry, const std::string& dir, Vector* out, std::string* error);

// Compares bytes, naming the first difference.
Outcome CompareBytes(const std::vector<uint8_t>& expected, const uint8_t* got, size_t size);

// Reads whole files. False: unreadable.
bool ReadFile(const std::string& path, std::vector<uint8_t>* out);

}  // namespace mullion::vectors

#endif  // MULLION_TESTS_VECTORS_VECTOR_H_
