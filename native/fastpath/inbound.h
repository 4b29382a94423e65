// From the cipher side to the clear side (RFC 4303 section 3.4, RFC 4301 section 5.2).
//
// Cheap checks first: length, SPI, role and lease, lifetime, replay window; then the ICV; and only what is authentic
// moves the window, an edge or a peer's address. What was wrong inside an authentic packet is one check after the
// other on a packet that is dropped either way, so that nobody learns which.
#pragma once

#include <memory>
#include <vector>

#include "inner_batch.h"
#include "octets.h"

namespace fastpath {

/// One ESP packet as it came: its octets from the SPI on, and what the outer header said.
struct OuterPacket {
  uint8_t* data;
  uint32_t length;
  uint8_t family;
  uint8_t tos;
  IpAddress to;
  Endpoint from;
};

class Inbound {
 public:
  Inbound(Tables& tables, CryptoWorker& crypto, InnerDoor& door, bool udpSuperpackets);

  /// Decrypted in place, at the latest by `flush`; the octets must stay until then.
  void take(const OuterPacket& packet, uint64_t nowNs);
  /// A packet that will be taken soon, for the caches: its SA may be another than the last one's.
  void foresee(const uint8_t* packet) const {
    const uint32_t spi = load32(packet);
    if (lastSa_ == nullptr || lastSa_->spi != spi) tables_.sas.fetchInbound(spi);
  }
  /// Opens what waits and writes it inside.
  void flush();

  const PathCounters& counters() const { return counters_; }
  PathCounters& counters() { return counters_; }
  DropReason lastDrop() const { return lastDrop_; }

 private:
  static constexpr size_t kRebuiltOctets = 1 << 20;

  struct Waiting {
    Sa* sa;
    OuterPacket outer;
    uint64_t number;
  };

  void drop(DropReason reason);
  void drop(Sa& sa, SaCounter counter, DropReason reason);
  Sa* findSa(const OuterPacket& packet, uint64_t nowNs);
  bool mayReceive(Sa& sa, uint64_t nowNs);
  void unknown(const OuterPacket& packet, uint32_t spi, uint64_t nowNs);
  void openAll();
  void opened(const Waiting& waiting, const CryptoJob& job);
  void newest(Sa& sa, const Waiting& waiting);
  bool unwrap(const Waiting& waiting, const CryptoJob& job, InnerPacket& packet);
  bool unwrapTransport(const Waiting& waiting, uint8_t* payload, uint32_t length, uint8_t next, InnerPacket& packet);
  bool allowed(Sa& sa, const InnerPacket& packet);
  bool hairpin(const Sa& sa, const PacketTuple& packet) const;
  bool nested(const Sa& sa, const PacketTuple& packet) const;
  bool expired(Sa& sa, uint64_t nowNs);
  void expire(Sa& sa, SaTold told, ExpiryLimit limit);
  void trace(const Sa& sa, uint64_t number, uint16_t reason, const PacketTuple& packet);

  Tables& tables_;
  CryptoWorker& crypto_;
  PathCounters counters_;
  InnerBatch inside_;
  /// Of the packet taken last, since a batch was opened: it was looked at then, and the next of its SA goes with it.
  Sa* lastSa_ = nullptr;
  std::vector<Waiting> waiting_;
  std::vector<CryptoJob> jobs_;
  /// Packets of transport mode, with the IP header that they get here.
  std::unique_ptr<uint8_t[]> rebuilt_;
  size_t rebuiltUsed_ = 0;
  /// The last packet that was allowed: others of its flow are.
  const Sa* allowedSa_ = nullptr;
  PacketTuple allowedTuple_;
  Pace unknownPace_{1};
  Pace selectorPace_{1};
  Pace tracePace_{100};
  uint64_t unknownCount_ = 0;
  uint64_t nowNs_ = 0;
  DropReason lastDrop_{};
};

}  // namespace fastpath
