// Files of ../shared/vectors, which a checkout may lack.
#ifndef MULLION_TESTS_SUPPORT_VECTOR_FILE_H_
#define MULLION_TESTS_SUPPORT_VECTOR_FILE_H_

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace mullion {

// The file's bytes; empty, after one printed line, when it is missing.
inline std::vector<uint8_t> ReadVector(const std::string& name) {
  const std::string path = MULLION_SOURCE_DIR "/../shared/vectors/" + name;
  std::ifstream in(path, std::ios::binary);
  if (!in) std::printf("skipped: no file %s\n", path.c_str());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_VECTOR_FILE_H_
