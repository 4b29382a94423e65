// The arrays that one `sendmmsg` or `recvmmsg` works on. Made once; a page of them is touched only when it is needed.
#pragma once

#include <array>
#include <memory>

#include "cipher_message.h"
#include "cipher_sockets.h"

namespace fastpath {

struct CipherSockets::ReceiveBuffers {
  std::unique_ptr<uint8_t[]> octets = std::make_unique_for_overwrite<uint8_t[]>(kBatch * kBufferOctets);
  std::array<mmsghdr, kBatch> messages;
  std::array<iovec, kBatch> pieces;
  std::array<SocketAddress, kBatch> names;
  std::array<ControlBuffer, kBatch> controls;
};

struct CipherSockets::SendBuffers {
  std::array<mmsghdr, kBatch> messages;
  std::array<iovec, kBatch> pieces;
  std::array<SocketAddress, kBatch> names;
  std::array<ControlBuffer, kBatch> controls;
};

}  // namespace fastpath
