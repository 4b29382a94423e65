// Where packets leave that policy lets pass: raw sockets with the gateway's mark, so that the ordinary routes take
// them.
#pragma once

#include "data_path.h"
#include "descriptor.h"

namespace fastpath {

class ClearSocket : public ClearDoor {
 public:
  /// Throws SystemFailure. CAP_NET_RAW; CAP_NET_ADMIN for the mark.
  explicit ClearSocket(uint32_t mark);

  bool send(const InnerPacket& packet) override;

 private:
  Descriptor four_;
  Descriptor six_;
};

}  // namespace fastpath
