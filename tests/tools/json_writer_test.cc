#include "tools/json_writer.h"

#include <doctest/doctest.h>

namespace mullion::tools {
namespace {

std::string Quoted(std::string_view value) {
  JsonWriter json;
  json.String(value);
  return json.text();
}

TEST_CASE("nested objects and arrays have commas between members and nowhere else") {
  JsonWriter json;
  json.BeginObject();
  json.Field("a", uint64_t{1});
  json.Key("b");
  json.BeginArray();
  json.Int(-1);
  json.BeginObject();
  json.EndObject();
  json.Null();
  json.EndArray();
  json.Field("c", true);
  json.Field("d", 0.5);
  json.EndObject();
  CHECK(json.text() ==
        "{\n  \"a\": 1,\n  \"b\": [\n    -1,\n    {},\n    null\n  ],\n  \"c\": true,\n"
        "  \"d\": 0.500\n}\n");
}

TEST_CASE("strings escape what RFC 8259 demands") {
  CHECK(Quoted("a\"b\\c\n\x01\x7F") == "\"a\\\"b\\\\c\\n\\u0001\\u007f\"");
  CHECK(Quoted(std::string_view("\0", 1)) == "\"\\u0000\"");
}

TEST_CASE("well-formed UTF-8 stays, every other byte becomes a replacement character") {
  CHECK(Quoted("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") ==
        "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
  const std::string replaced = "\xEF\xBF\xBD";
  CHECK(Quoted("\xFF") == "\"" + replaced + "\"");
  CHECK(Quoted("\xC3") == "\"" + replaced + "\"");                                // cut off
  CHECK(Quoted("\xC0\x80") == "\"" + replaced + replaced + "\"");                 // overlong
  CHECK(Quoted("\xED\xA0\x80") == "\"" + replaced + replaced + replaced + "\"");  // surrogate
  CHECK(Quoted("\xC3x") == "\"" + replaced + "x\"");
}

}  // namespace
}  // namespace mullion::tools
