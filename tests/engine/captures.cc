#include "tests/engine/captures.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace mullion::testing {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> FilesOf(const fs::path& folder, const char* extension) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == extension) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool IsForSanitizers(const fs::path& file) {
  const std::string name = file.stem().string();
  for (const char* part : {"xcrush", "nla", "xrdp010", "gfx-avc420"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

// Those of `files` that exist; a line for each that does not.
std::vector<fs::path> Existing(const std::vector<fs::path>& files) {
  std::vector<fs::path> existing;
  for (const fs::path& file : files) {
    if (fs::exists(file)) {
      existing.push_back(file);
    } else {
      std::printf("skipped: no %s\n", file.c_str());
    }
  }
  return existing;
}

}  // namespace

std::vector<fs::path> ReferenceCaptures() {
  std::vector<fs::path> files = FilesOf(kOwnCaptures, ".pcapng");
  if (kSanitized) {
    std::erase_if(files, [](const fs::path& file) { return !IsForSanitizers(file); });
    return files;
  }
  const std::vector<fs::path> shared = FilesOf(kSharedCaptures / "a", ".pcapng");
  if (shared.empty()) std::printf("skipped: no captures in %s/a\n", kSharedCaptures.c_str());
  for (const fs::path& file : shared) {
    if (!fs::exists(kOwnCaptures / file.filename())) files.push_back(file);
  }
  return files;
}

std::vector<fs::path> WindowsCaptures() {
  const char* named = std::getenv("MULLION_WINDOWS_CAPTURES");
  const fs::path folder = named != nullptr ? fs::path(named) : kSharedCaptures / "windows";
  std::vector<fs::path> files;
  for (const char* name : {"nla-kerberos-auth1", "nla-smartcard-auth1",
                           "restricted-admin-accepted1", "restricted-admin-rejected1"}) {
    files.push_back(folder / (std::string("rdp-") + name + ".pcapng"));
  }
  return Existing(files);
}

std::vector<fs::path> PublishedDumps() {
  std::vector<fs::path> files;
  for (const char* name : {"ironrdp-sample1_avc444", "ironrdp-sample1_avc444v2"}) {
    files.push_back(kSharedCaptures / "public" / name / (std::string(name) + "-egfx.in.data"));
  }
  return Existing(files);
}

}  // namespace mullion::testing
