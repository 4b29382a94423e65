// The packed records that cross between JavaScript and the fast path: the native half of src/linux/fastpath-records.ts
// and fastpath-reports.ts.
//
// A record is read once into a value whose every field has been checked; nothing after this looks at it again. Numbers
// are in the host's order, addresses in network order in 16 octets.
//
//   SaRecord, 288 octets and 112 for each selector         UpdateRecord, 48 octets
//     0 u32 place         4 u32 spi                          0 u32 place      4 u32 kind
//     8 u8 inbound        9 u8 transport                     8 u64 number    16 u64 number
//    10 u8 cipher        11 u8 integrity                    24 u16 port      26 u8 family
//    12 u16 group        14 u16 flags                       32 address
//    16 local            32 remote
//    48 u16 remote port  50 u8 family   51 u8 DF          Selector, 112 octets
//    52 u8 DSCP          53, 54 u8 lengths of the keys      0 u8 family     1 u8 fragments only
//    56 u16 selectors    58 u16 MSS                         2 u16 protocol  4 4 x u16 ports
//    60 u32 path MTU     64 u32 window  68 u32 interval    16 source first, last, mask
//    72 11 x u64 numbers                                   64 destination first, last, mask
//   160 cipher key, 48  208 integrity key, 64
//                                                         PolicyRecord, 128 octets
//   Event, 96 octets                                        0 u32 id         4 u32 order
//     0 u16 kind          2 u16 detail                      8 u8 action     10 u16 group
//     4 u32 place         8 u32 spi     12 u32 policy      12 u32 bundle    16 selector
//    16 u64 number       24 u16 source port
//    26 u16 destination port                              Datagram, 48 octets and the datagram, filled up to 8
//    30 u8 family        31 u8 protocol                     0 u32 length     4 u16 remote port   6 u8 family
//    32 source           48 destination                    16 local         32 remote
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "cipher_suite.h"
#include "selector.h"

namespace fastpath {

constexpr size_t kSaRecordOctets = 288;
constexpr size_t kSelectorOctets = 112;
constexpr size_t kUpdateRecordOctets = 48;
constexpr size_t kPolicyRecordOctets = 128;
constexpr size_t kEventOctets = 96;
constexpr size_t kDatagramHeaderOctets = 48;
constexpr size_t kMaxPlaces = 1 << 20;
constexpr uint32_t kNoPlace = 0xffffffff;
/// What JavaScript can count to; stands for "no limit".
constexpr uint64_t kUnlimited = (uint64_t{1} << 53) - 1;

/// A record that cannot be; its text names the record and the field.
struct RecordError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class DfPolicy : uint8_t { copy, set, clear };

struct SaSpec {
  uint32_t place;
  uint32_t spi;
  bool inbound;
  bool transport;
  const CipherSuite* suite;
  uint16_t group;
  uint8_t family;
  bool esn;
  bool udp;
  bool peerMayMove;
  bool fragmentAfter;
  bool dscpFixed;
  bool ecnCompatibility;
  bool mssAuto;
  DfPolicy df;
  uint8_t dscp;
  uint16_t mss;
  uint16_t remotePort;
  uint32_t pathMtu;
  uint32_t replayWindow;
  uint32_t edgeInterval;
  IpAddress local;
  IpAddress remote;
  uint64_t sequence;
  uint64_t epoch;
  uint64_t acknowledged;
  uint64_t jump;
  uint64_t reservationLow;
  uint64_t softOctets;
  uint64_t hardOctets;
  uint64_t softPackets;
  uint64_t hardPackets;
  uint64_t softAtNs;
  uint64_t hardAtNs;
  /// Views into the record.
  std::span<const uint8_t> cipherKey;
  std::span<const uint8_t> integrityKey;
  std::vector<Selector> selectors;
};

enum class UpdateKind : uint32_t { acknowledged, edge, continueAt, pathMtu, peer, hardAt, endAt };

struct SaUpdate {
  uint32_t place;
  UpdateKind kind;
  uint64_t first;
  uint64_t second;
  uint8_t family;
  Endpoint peer;
};

enum class PolicyAction : uint8_t { bypass, protect, drop };

struct PolicySpec {
  uint32_t id;
  uint32_t order;
  PolicyAction action;
  uint16_t group;
  uint32_t bundle;
  Selector selector;
};

/// What the whole table allows; records must stay inside.
struct RecordLimits {
  size_t places;
  size_t groups;
};

/// These throw RecordError for a record that cannot be; the answer holds views into `octets`.
std::vector<SaSpec> parseSas(std::span<const uint8_t> octets, RecordLimits limits);
std::vector<SaUpdate> parseUpdates(std::span<const uint8_t> octets, RecordLimits limits);
std::vector<PolicySpec> parsePolicies(std::span<const uint8_t> octets, RecordLimits limits);

}  // namespace fastpath
