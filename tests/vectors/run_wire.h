// The runners of the wire groups: rows of the table in groups.cc.
//
//   connect RunConnect, pdu RunPdu, fastpath RunFastPath, caps RunCaps, licence RunLicence,
//   autodetect RunAutoDetect, dvc RunDvc, egfx RunEgfx, fuzz RunHostile
#ifndef MULLION_TESTS_VECTORS_RUN_WIRE_H_
#define MULLION_TESTS_VECTORS_RUN_WIRE_H_

#include "tests/vectors/vector.h"

namespace mullion::vectors {

Outcome RunConnect(const Vector& vector, Sequence* sequence);
Outcome RunPdu(const Vector& vector, Sequence* sequence);
Outcome RunFastPath(const Vector& vector, Sequence* sequence);
Outcome RunCaps(const Vector& vector, Sequence* sequence);
Outcome RunLicence(const Vector& vector, Sequence* sequence);
Outcome RunAutoDetect(const Vector& vector, Sequence* sequence);
Outcome RunDvc(const Vector& vector, Sequence* sequence);
Outcome RunEgfx(const Vector& vector, Sequence* sequence);
Outcome RunHostile(const Vector& vector, Sequence* sequence);

}  // namespace mullion::vectors

#endif  // MULLION_TESTS_VECTORS_RUN_WIRE_H_
