// One member with doors that are buffers: what leaves it is kept, what another sent can be put into it.
#pragma once

#include <memory>
#include <vector>

#include "../fastpath/crypto_choice.h"
#include "../fastpath/inbound.h"
#include "../fastpath/outbound.h"
#include "openssl_linked.h"

namespace fastpath {

class BufferDoors : public OuterDoor, public InnerDoor, public ClearDoor {
 public:
  struct Written {
    VnetHeader header;
    std::vector<uint8_t> octets;
  };
  struct Sent {
    std::vector<uint8_t> octets;
    uint8_t tos;
    bool df;
  };

  void send(std::span<const OuterMessage> messages, PathCounters&) override;
  bool write(const VnetHeader& header, std::span<const iovec> pieces) override;
  bool send(const InnerPacket& packet) override;

  std::vector<Sent> outer;
  std::vector<Written> inner;
  std::vector<std::vector<uint8_t>> clear;
  /// Of the SA of each packet in `outer`.
  std::vector<uint32_t> places;
  uint64_t messages = 0;
};

class BenchMember {
 public:
  explicit BenchMember(const char* crypto = "openssl", unsigned member = 0, size_t places = 4096);

  void role(Role role, uint64_t epoch);
  /// The whole batch through the receiving side, as one.
  void receive(std::vector<BufferDoors::Sent>& packets);

  std::unique_ptr<CryptoProvider> provider;
  alignas(64) uint64_t words[16] = {};
  std::vector<uint64_t> edges;
  std::vector<uint32_t> dirty;
  Tables tables;
  std::unique_ptr<CryptoWorker> worker;
  BufferDoors doors;
  Outbound outbound;
  Inbound inbound;
};

/// AES-128-GCM between 10.1.0.0/16 and 10.2.0.0/16, with keys that count up; `keys` holds them.
SaSpec gcmSpec(uint32_t place, uint32_t spi, bool inbound);
PolicySpec protectPolicy(uint32_t bundle);

/// A TCP packet or superpacket with a payload that counts up; checksums right, or left to the device.
std::vector<uint8_t> tcpPacket(uint32_t payload, uint8_t flags = 0x18);

}  // namespace fastpath
