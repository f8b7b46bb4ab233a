#include "tests/support/json.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace mullion {
namespace {

constexpr int kMaxDepth = 64;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  bool Document(Json* out) {
    if (!Value(out, 0)) return false;
    Space();
    return at_ == text_.size() || Error("text after the value");
  }
  std::string error() const { return error_ + " at byte " + std::to_string(at_); }

 private:
  bool Error(const char* what) {
    if (error_.empty()) error_ = what;
    return false;
  }
  void Space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }
  bool Next(char c) {
    Space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool Value(Json* out, int depth) {
    if (depth > kMaxDepth) return Error("nested too deeply");
    Space();
    if (at_ >= text_.size()) return Error("a value is missing");
    switch (text_[at_]) {
      case '{':
        return Object(out, depth);
      case '[':
        return Array(out, depth);
      case '"':
        out->kind = Json::Kind::kString;
        return String(&out->string);
      default:
        break;
    }
    if (Word("null")) return true;
    if (Word("true") || Word("false")) {
      out->kind = Json::Kind::kBool;
      out->boolean = text_[at_ - 2] == 'u';  // tr-u-e, fal-s-e
      return true;
    }
    return Number(out);
  }

  bool Object(Json* out, int depth) {
    out->kind = Json::Kind::kObject;
    ++at_;
    if (Next('}')) return true;
    do {
      Space();
      auto& member = out->object.emplace_back();
      if (at_ >= text_.size() || text_[at_] != '"') return Error("a key is missing");
      if (!String(&member.first)) return false;
      if (!Next(':')) return Error("':' is missing");
      if (!Value(&member.second, depth + 1)) return false;
    } while (Next(','));
    return Next('}') || Error("'}' is missing");
  }

  bool Array(Json* out, int depth) {
    out->kind = Json::Kind::kArray;
    ++at_;
    if (Next(']')) return true;
    do {
      if (!Value(&out->array.emplace_back(), depth + 1)) return false;
    } while (Next(','));
    return Next(']') || Error("']' is missing");
  }

  bool Number(Json* out) {
    const size_t start = at_;
    while (at_ < text_.size() &&
           std::string_view("+-.0123456789eE").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
    const std::string digits(text_.substr(start, at_ - start));
    char* end = nullptr;
    out->kind = Json::Kind::kNumber;
    out->number = std::strtod(digits.c_str(), &end);
    return (!digits.empty() && *end == '\0') || Error("not a value");
  }

  bool Hex4(uint32_t* out) {
    *out = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const size_t digit = at_ < text_.size()
                               ? std::string_view("0123456789abcdefABCDEF").find(text_[at_])
                               : std::string_view::npos;
      if (digit == std::string_view::npos) return Error("bad \\u escape");
      *out = *out << 4 | static_cast<uint32_t>(digit < 16 ? digit : digit - 6);
    }
    return true;
  }

  static void AppendUtf8(uint32_t c, std::string* out) {
    const auto add = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
    if (c < 0x80) return add(c);
    if (c < 0x800) {
      add(0xC0 | c >> 6);
    } else if (c < 0x10000) {
      add(0xE0 | c >> 12);
      add(0x80 | (c >> 6 & 0x3F));
    } else {
      add(0xF0 | c >> 18);
      add(0x80 | (c >> 12 & 0x3F));
      add(0x80 | (c >> 6 & 0x3F));
    }
    add(0x80 | (c & 0x3F));
  }

  bool Escape(std::string* out) {
    static constexpr std::string_view kFrom = "\"\\/bfnrt";
    static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    if (c == 'u') {
      uint32_t code = 0;
      if (!Hex4(&code)) return false;
      if (code >= 0xD800 && code < 0xDC00 && Word("\\u")) {  // a surrogate pair
        uint32_t low = 0;
        if (!Hex4(&low)) return false;
        code = 0x10000 + ((code - 0xD800) << 10) + ((low - 0xDC00) & 0x3FF);
      }
      AppendUtf8(code, out);
      return true;
    }
    const size_t index = c == '\0' ? kFrom.npos : kFrom.find(c);
    if (index == kFrom.npos) return Error("bad escape");
    out->push_back(kTo[index]);
    return true;
  }

  bool String(std::string* out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (c != '\\') {
        out->push_back(c);
      } else if (!Escape(out)) {
        return false;
      }
    }
    return Error("a string does not end");
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string error_;
};

}  // namespace

const Json& Json::operator[](std::string_view key) const {
  static const Json kNone;
  for (const auto& [name, value] : object) {
    if (name == key) return value;
  }
  return kNone;
}

long long Json::Int(long long otherwise) const {
  if (kind == Kind::kNumber) return static_cast<long long>(number);
  if (kind == Kind::kBool) return boolean ? 1 : 0;
  if (kind == Kind::kString) {
    char* end = nullptr;
    const long long value = std::strtoll(string.c_str(), &end, 0);
    if (end != string.c_str()) return value;
  }
  return otherwise;
}

const std::string& Json::Str() const {
  static const std::string kEmpty;
  return kind == Kind::kString ? string : kEmpty;
}

bool ParseJson(std::string_view text, Json* out, std::string* error) {
  *out = Json();
  Parser parser(text);
  if (parser.Document(out)) return true;
  *error = parser.error();
  return false;
}

std::string QuoteJson(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace mullion
