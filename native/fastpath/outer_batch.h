// Packets on their way out: laid out one behind the other, sealed together, sent in as few calls as possible.
//
// Packets of one size to one peer lie without gaps, so that up to 60 of them are one message (FASTPATH 5.2). The role
// is read once more before anything leaves, with a fresh clock: a thread that slept in between sends nothing.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "crypto.h"
#include "data_path.h"

namespace fastpath {

class OuterBatch {
 public:
  OuterBatch(Tables& tables, CryptoWorker& crypto, OuterDoor& door, PathCounters& counters);

  /// Room for 65,535 octets of payload of the next packet; what waits is sent first where there is none.
  uint8_t* payload(const Sa& sa);
  /// The payload is written: header, IV and trailer are put around it. Else the SA may give no number; that is counted
  /// and told.
  std::optional<DropReason> seal(Sa& sa, const Outer& ends, uint32_t length, uint8_t nextHeader, uint8_t tos,
                                 bool df);
  void flush();

 private:
  struct Packet {
    Sa* sa;
    const Outer* ends;
    uint32_t offset;
    uint32_t length;
    uint8_t tos;
    bool df;
  };

  static constexpr size_t kArenaOctets = 512 * 1024;
  static constexpr uint32_t kLargestPacket = 65535 + 512;
  static constexpr uint32_t kMessageOctetsMax = 65000;
  static constexpr uint32_t kMessagePacketsMax = 60;

  std::optional<DropReason> refusal(size_t group, uint64_t nowNs) const;
  void collect();
  std::optional<DropReason> giveNumber(Sa& sa, uint64_t& number);
  void fillIv(uint8_t* at, const Sa& sa, uint64_t number);
  void tell(Sa& sa, SaTold once, EventKind kind, uint64_t number);

  Tables& tables_;
  CryptoWorker& crypto_;
  OuterDoor& door_;
  PathCounters& counters_;
  std::unique_ptr<uint8_t[]> arena_;
  size_t used_ = 0;
  std::vector<Packet> packets_;
  std::vector<CryptoJob> jobs_;
  std::vector<OuterMessage> messages_;
  /// Of what leaves; messages point into it, so it never grows past what was reserved.
  std::vector<uint32_t> places_;
  /// Unpredictable IVs for CBC (RFC 3602 section 3), bought from the kernel by the pageful.
  uint8_t random_[4096];
  size_t randomLeft_ = 0;
};

}  // namespace fastpath
