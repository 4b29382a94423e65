// Packets on their way inside: segments of one TCP or UDP flow that follow each other become one superpacket, so that
// the kernel's stack runs once for all of them (FASTPATH 5.3).
//
// Nothing is copied: a superpacket is the first packet's octets and slices of the others, written in one call. Merging
// is allowed only where the kernel can undo it exactly: same headers but for what counts up, checksums verified, no
// flags but ACK and PSH. Packets of one flow keep their order. What is added must stay where it is until `flush`.
#pragma once

#include <vector>

#include "data_path.h"

namespace fastpath {

class InnerBatch {
 public:
  /// `udp` says whether the device takes UDP superpackets.
  InnerBatch(InnerDoor& door, PathCounters& counters, bool udp) : door_(door), counters_(counters), udp_(udp) {}

  void add(const InnerPacket& packet);
  void flush();

 private:
  struct Slice {
    uint8_t* at;
    uint32_t length;
  };

  struct Entry {
    InnerPacket packet;
    std::vector<Slice> more;
    /// Of one segment's payload.
    uint32_t segment;
    uint32_t headerLength;
    uint32_t length;
    uint32_t nextSequence;
    bool open;
    /// The transport checksum was right.
    bool verified;
    bool push;
  };

  static constexpr size_t kOpenMax = 8;
  static constexpr uint32_t kLengthMax = 65535;
  static constexpr uint32_t kSegmentsMax = 64;

  bool begin(const InnerPacket& packet, Entry& entry) const;
  bool beginTcp(Entry& entry) const;
  bool beginUdp(Entry& entry) const;
  static bool sameFlow(const Entry& entry, const InnerPacket& packet);
  static bool sameHeaders(const Entry& entry, const Entry& next);
  static bool follows(const Entry& entry, const Entry& next);
  static void append(Entry& entry, const Entry& next);
  void write(Entry& entry);
  static VnetHeader finish(Entry& entry);
  Entry& newEntry();

  InnerDoor& door_;
  PathCounters& counters_;
  bool udp_;
  /// The first `used_` are in use; the others keep their memory.
  std::vector<Entry> entries_;
  size_t used_ = 0;
  std::vector<iovec> pieces_;
};

}  // namespace fastpath
