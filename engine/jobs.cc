#include "engine/jobs.h"

#include "engine/avc_job.h"
#include "engine/progressive_job.h"
#include "engine/rfx_job.h"

namespace mullion {

Jobs::Jobs() = default;
Jobs::~Jobs() = default;

}  // namespace mullion
