#include "tests/vectors/groups.h"

#include "tests/vectors/run_wire.h"

namespace mullion::vectors {
namespace {

struct Group {
  const char* codec;
  Runner run;
};

constexpr Group kGroups[] = {
    {"autodetect", RunAutoDetect},
    {"avc420", RunAvc},
    {"avc444", RunAvc},
    {"caps", RunCaps},
    {"clearcodec", RunClear},
    {"connect", RunConnect},
    {"dvc", RunDvc},
    {"egfx", RunEgfx},
    {"fastpath", RunFastPath},
    {"fuzz", RunHostile},
    {"interleaved", RunInterleaved},
    {"licence", RunLicence},
    {"mppc", RunBulk},
    {"ncrush", RunBulk},
    {"nscodec", RunNsCodec},
    {"pdu", RunPdu},
    {"planar", RunPlanar},
    {"pointer", RunPointer},
    {"progressive", RunProgressive},
    {"qoi", RunQoi},
    {"remotefx", RunRemoteFx},
    {"remotefx-pdu", RunRemoteFxPdu},
    {"rfx-stages", RunRfxStages},
    {"rlgr", RunRlgr},
    {"xcrush", RunBulk},
    {"zgfx", RunZgfx},
};

}  // namespace

Runner FindRunner(const std::string& codec) {
  for (const Group& group : kGroups) {
    if (codec == group.codec) return group.run;
  }
  return nullptr;
}

}  // namespace mullion::vectors
