#include "tests/vectors/vector.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/support/png_image.h"

namespace mullion::vectors {

int Vector::MaxDifference(int otherwise) const {
  const std::string& rule = (*json)["tolerance"].Str();
  if (const size_t at = rule.find("max_abs"); at != std::string::npos) {
    return std::atoi(rule.c_str() + at + 7);
  }
  return rule.find("exact") != std::string::npos ? 0 : otherwise;
}

std::string Describe(const Status& status) {
  return std::string(ErrName(status.err)) + ": " + status.field + " at " +
         std::to_string(status.offset);
}

Outcome Survived(const Vector& vector, const Status& status) {
  const bool must_reject = vector.params()["expect"].Str().find("reject") != std::string::npos;
  return must_reject && status.ok() ? Failed("accepted, but must be rejected") : Pass();
}

bool ReadFile(const std::string& path, std::vector<uint8_t>* out) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return false;
  out->assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  return !in.bad();
}

bool LoadVector(const Json& entry, const std::string& dir, Vector* out, std::string* error) {
  out->codec = entry["codec"].Str();
  out->id = entry["id"].Str();
  out->kind = entry["kind"].Str();
  out->json = &entry;
  out->dir = dir;
  const std::string& input = entry["input"].Str();
  if (!input.empty() && !ReadFile(dir + "/" + input, &out->input)) {
    *error = "cannot read " + input;
    return false;
  }
  const std::string& output = entry["output"].Str();
  if (output.empty()) return true;
  out->has_output = true;
  if (output.size() > 4 && output.substr(output.size() - 4) == ".png") {
    PngImage image;
    if (!ReadPng(dir + "/" + output, &image, error)) return false;
    out->output_is_png = true;
    out->png_width_px = image.width_px;
    out->png_height_px = image.height_px;
    out->output = std::move(image.bgra);
    return true;
  }
  if (ReadFile(dir + "/" + output, &out->output)) return true;
  *error = "cannot read " + output;
  return false;
}

Outcome CompareBytes(const std::vector<uint8_t>& expected, const uint8_t* got, size_t size) {
  const size_t common = std::min(size, expected.size());
  for (size_t i = 0; i < common; ++i) {
    if (got[i] != expected[i]) {
      return Failed("byte " + std::to_string(i) + " is " + std::to_string(got[i]) + ", expected " +
                    std::to_string(expected[i]));
    }
  }
  if (size == expected.size()) return Pass();
  return Failed(std::to_string(size) + " bytes, expected " + std::to_string(expected.size()));
}

}  // namespace mullion::vectors
