// A small JSON reader (RFC 8259) for test manifests: bytes in, a tree of values out.
//
// Shapes: numbers are doubles (manifest integers fit 53 bits); strings are UTF-8; of duplicate keys
// the first counts. Looking up what is absent gives a null value, so lookups chain.
// Ownership: the tree owns everything. Threads: a value.
// Errors: ParseJson returns false and says what stands where; nesting is bounded to 64.
#ifndef MULLION_TESTS_SUPPORT_JSON_H_
#define MULLION_TESTS_SUPPORT_JSON_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mullion {

class Json {
 public:
  struct Member;  // a struct of ours: clang cannot look into a std::pair of what is not complete
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  bool boolean = false;
  double number = 0;
  std::string string;
  std::vector<Json> array;
  std::vector<Member> object;

  bool is_null() const { return kind == Kind::kNull; }
  bool is_string() const { return kind == Kind::kString; }
  bool is_number() const { return kind == Kind::kNumber; }
  bool is_array() const { return kind == Kind::kArray; }
  bool is_object() const { return kind == Kind::kObject; }

  const Json& operator[](std::string_view key) const;
  bool Has(std::string_view key) const { return !(*this)[key].is_null(); }
  // The value as an integer: a number, a boolean, or a string that starts with one ("33", "0x21").
  long long Int(long long otherwise = 0) const;
  // The string, or "" for every other kind.
  const std::string& Str() const;
};

struct Json::Member {
  std::string first;
  Json second;
};

bool ParseJson(std::string_view text, Json* out, std::string* error);

// `text` in double quotes, escaped.
std::string QuoteJson(std::string_view text);

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_JSON_H_
