// build/tests/vectors DIR [--codec NAME] [--json]: runs the vectors of DIR/manifest.json.
//
// --if-present: a DIR without a manifest is no error, but one printed line (for the test suite).
// Exit: 0 none failed; 1 wrong usage; 2 the manifest cannot be read; 3 some failed.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/vectors/vector.h"

namespace mullion::vectors {
namespace {

struct Failure {
  std::string id;
  std::string reason;
};
struct Counts {
  size_t passed = 0;
  size_t failed = 0;
  size_t skipped = 0;
  std::map<std::string, size_t> skip_reasons;
  std::vector<Failure> failures;
};

struct Options {
  std::string dir;
  std::string codec;
  bool json = false;
  bool if_present = false;
};

constexpr char kUsage[] =
    "usage: vectors DIR [--codec NAME] [--json] [--if-present]\n"
    "Runs the vectors of DIR/manifest.json and reports pass, fail and skip per codec.\n"
    "Exit: 0 none failed, 1 usage, 2 unreadable, 3 some failed.\n";

bool ParseOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0) {
      options->json = true;
    } else if (std::strcmp(argv[i], "--if-present") == 0) {
      options->if_present = true;
    } else if (std::strcmp(argv[i], "--codec") == 0 && i + 1 < argc) {
      options->codec = argv[++i];
    } else if (argv[i][0] != '-' && options->dir.empty()) {
      options->dir = argv[i];
    } else {
      return false;
    }
  }
  return !options->dir.empty();
}

Outcome RunOne(const Json& entry, const std::string& dir,
               std::map<std::string, Sequence>* sequences) {
  const Runner runner = FindRunner(entry["codec"].Str());
  if (runner == nullptr) return Skip("no decoder");
  const std::string& kind = entry["kind"].Str();
  if (kind == "reference-image" || kind == "capture") return Skip("a " + kind + ", not a vector");
  Vector vector;
  std::string error;
  if (!LoadVector(entry, dir, &vector, &error)) return Failed(error);
  Sequence fresh;
  Sequence* sequence = &fresh;
  if (!vector.sequence().empty()) {
    Sequence& shared = (*sequences)[vector.codec + "/" + vector.sequence()];
    if (vector.params()["fresh_history"].Int() != 0) shared = Sequence();
    sequence = &shared;
  }
  return runner(vector, sequence);
}

// Sequences together, their packets in the order of their index; all else in manifest order.
std::vector<const Json*> InOrder(const Json& manifest) {
  using Key = std::tuple<std::string, std::string, long long, size_t>;
  std::vector<std::pair<Key, const Json*>> entries;
  for (const Json& entry : manifest.array) {
    const std::string& sequence = entry["params"]["sequence"].Str();
    const long long index = sequence.empty() ? 0 : entry["params"]["index"].Int();
    entries.push_back({Key(entry["codec"].Str(), sequence, index, entries.size()), &entry});
  }
  std::sort(entries.begin(), entries.end());
  std::vector<const Json*> ordered;
  for (const auto& entry : entries) ordered.push_back(entry.second);
  return ordered;
}

void PrintTable(const std::map<std::string, Counts>& groups, const Counts& total) {
  std::printf("%-18s %6s %6s %6s\n", "codec", "pass", "fail", "skip");
  for (const auto& [codec, counts] : groups) {
    std::string why;
    for (const auto& [reason, count] : counts.skip_reasons) {
      why += (why.empty() ? "  (skipped: " : "; ") + std::to_string(count) + " " + reason;
    }
    std::printf("%-18s %6zu %6zu %6zu%s\n", codec.c_str(), counts.passed, counts.failed,
                counts.skipped, why.empty() ? "" : (why + ")").c_str());
  }
  std::printf("%-18s %6zu %6zu %6zu\n", "total", total.passed, total.failed, total.skipped);
  for (const auto& failure : total.failures) {
    std::printf("FAIL %s: %s\n", failure.id.c_str(), failure.reason.c_str());
  }
}

void PrintJson(const std::map<std::string, Counts>& groups, const Counts& total) {
  std::printf("{\n  \"passed\": %zu, \"failed\": %zu, \"skipped\": %zu,\n  \"codecs\": {\n",
              total.passed, total.failed, total.skipped);
  size_t left = groups.size();
  for (const auto& [codec, counts] : groups) {
    std::printf("    %s: {\"passed\": %zu, \"failed\": %zu, \"skipped\": %zu}%s\n",
                QuoteJson(codec).c_str(), counts.passed, counts.failed, counts.skipped,
                --left > 0 ? "," : "");
  }
  std::printf("  },\n  \"failures\": [");
  for (size_t i = 0; i < total.failures.size(); ++i) {
    std::printf("%s\n    {\"id\": %s, \"reason\": %s}", i > 0 ? "," : "",
                QuoteJson(total.failures[i].id).c_str(),
                QuoteJson(total.failures[i].reason).c_str());
  }
  std::printf("%s]\n}\n", total.failures.empty() ? "" : "\n  ");
}

int Main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  Options options;
  if (!ParseOptions(argc, argv, &options)) {
    std::fputs(kUsage, stderr);
    return 1;
  }
  const std::string path = options.dir + "/manifest.json";
  std::vector<uint8_t> text;
  Json manifest;
  std::string error = "no such file, or unreadable";
  if (!ReadFile(path, &text) ||
      !ParseJson({reinterpret_cast<const char*>(text.data()), text.size()}, &manifest, &error) ||
      !manifest.is_array()) {
    if (options.if_present && text.empty()) {
      std::printf("skipped: there is no %s\n", path.c_str());
      return 0;
    }
    std::fprintf(stderr, "vectors: %s: %s\n", path.c_str(),
                 manifest.is_object() ? "not a list" : error.c_str());
    return 2;
  }
  std::map<std::string, Counts> groups;
  Counts total;
  std::map<std::string, Sequence> sequences;
  for (const Json* entry : InOrder(manifest)) {
    const std::string& codec = (*entry)["codec"].Str();
    if (!options.codec.empty() && codec != options.codec) continue;
    const Outcome outcome = RunOne(*entry, options.dir, &sequences);
    for (Counts* counts : {&groups[codec], &total}) {
      switch (outcome.verdict) {
        case Outcome::Verdict::kPass:
          ++counts->passed;
          break;
        case Outcome::Verdict::kSkip:
          ++counts->skipped;
          ++counts->skip_reasons[outcome.reason];
          break;
        case Outcome::Verdict::kFail:
          ++counts->failed;
          counts->failures.push_back({(*entry)["id"].Str(), outcome.reason});
          break;
      }
    }
  }
  options.json ? PrintJson(groups, total) : PrintTable(groups, total);
  return total.failed == 0 ? 0 : 3;
}

}  // namespace
}  // namespace mullion::vectors

int main(int argc, char** argv) { return mullion::vectors::Main(argc, argv); }
