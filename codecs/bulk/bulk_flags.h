// Compression flags of a bulk-compressed packet (MS-RDPBCGR 3.1.8.2.1), shared by all types.
#ifndef MULLION_CODECS_BULK_BULK_FLAGS_H_
#define MULLION_CODECS_BULK_BULK_FLAGS_H_

#include <cstdint>

namespace mullion {

constexpr uint8_t kBulkTypeMask = 0x0F;
constexpr uint8_t kBulkType8K = 0x00;
constexpr uint8_t kBulkType64K = 0x01;
constexpr uint8_t kBulkTypeRdp6 = 0x02;
constexpr uint8_t kBulkTypeRdp61 = 0x03;
constexpr uint8_t kBulkTypeRdp8 = 0x04;      // MS-RDPEGFX 2.2.5.3, in RDP_SEGMENTED_DATA only
constexpr uint8_t kBulkTypeRdp8Lite = 0x06;  // MS-RDPEDYC 2.2.3.3, the same

constexpr uint8_t kBulkCompressed = 0x20;
constexpr uint8_t kBulkAtFront = 0x40;
constexpr uint8_t kBulkFlushed = 0x80;

}  // namespace mullion

#endif  // MULLION_CODECS_BULK_BULK_FLAGS_H_
