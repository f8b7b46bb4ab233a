// Builds one JSON text (RFC 8259), indented by two spaces, in the order of the calls.
//
// Strings are UTF-8; bytes that are not become U+FFFD, so that the text is valid whatever a peer
// put into a name. Threads: one at a time.
// Errors: none; unbalanced calls are the caller's bug.
#ifndef MULLION_TOOLS_JSON_WRITER_H_
#define MULLION_TOOLS_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace mullion::tools {

class JsonWriter {
 public:
  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }
  // The name of the next value; inside objects only.
  void Key(std::string_view name);

  void String(std::string_view value);
  void Uint(uint64_t value);
  void Int(int64_t value);
  // Three decimals. PRECONDITION: finite.
  void Real(double value);
  void Bool(bool value);
  void Null();

  // "name": value, for the common case.
  void Field(std::string_view name, std::string_view value) { Key(name), String(value); }
  void Field(std::string_view name, const char* value) { Key(name), String(value); }
  void Field(std::string_view name, uint64_t value) { Key(name), Uint(value); }
  void Field(std::string_view name, uint32_t value) { Key(name), Uint(value); }
  void Field(std::string_view name, int32_t value) { Key(name), Int(value); }
  void Field(std::string_view name, double value) { Key(name), Real(value); }
  void Field(std::string_view name, bool value) { Key(name), Bool(value); }

  const std::string& text() const { return text_; }

 private:
  void Open(char bracket);
  void Close(char bracket);
  void BeforeValue();
  void NewLine();
  void Quote(std::string_view value);

  std::string text_;
  int depth_ = 0;
  bool empty_ = true;  // nothing stands yet in the innermost object or array
  bool after_key_ = false;
};

}  // namespace mullion::tools

#endif  // MULLION_TOOLS_JSON_WRITER_H_
