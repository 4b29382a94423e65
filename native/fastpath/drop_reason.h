// Why a packet was dropped. Every drop has one of these, is counted under it, and is shown by its name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fastpath {

#define FASTPATH_DROP_REASONS(reason)                    \
  reason(notActive, "group not active")                  \
  reason(leaseOver, "lease over")                        \
  reason(policyDrop, "dropped by policy")                \
  reason(clear, "clear though it should be protected")   \
  reason(noSa, "no SA yet")                              \
  reason(innerMalformed, "malformed packet from inside") \
  reason(transportFragment, "fragment, in transport mode") \
  reason(tooBig, "too big for the path")                 \
  reason(capReached, "reserved sequence numbers used up") \
  reason(sequenceEnd, "sequence number space used up")   \
  reason(lifetimeOver, "SA lifetime over")               \
  reason(saFailed, "SA failed an assertion")             \
  reason(sendFailed, "send failed")                      \
  reason(sendFull, "send buffer full")                   \
  reason(bypassFailed, "could not be sent in clear")     \
  reason(heldTooLong, "waited too long for an SA")       \
  reason(tooShort, "ESP too short or not aligned")       \
  reason(invalidSpi, "reserved SPI")                     \
  reason(unknownSpi, "unknown SPI")                      \
  reason(sequenceZero, "sequence number zero")           \
  reason(replayed, "replayed or too old")                \
  reason(notAuthentic, "integrity check failed")         \
  reason(dummy, "dummy packet (traffic flow confidentiality)") \
  reason(badInside, "authentic but malformed inside")    \
  reason(outsideSelectors, "outside the SA's selectors") \
  reason(martian, "inner address that cannot be")        \
  reason(hairpin, "addressed back to the peer")          \
  reason(nested, "ESP inside ESP to ourselves")          \
  reason(ecnForbidden, "congestion mark on a packet that cannot carry it") \
  reason(truncated, "larger than the receive buffer")    \
  reason(datagramsFull, "IKE queue full")                \
  reason(tunFull, "TUN device refused it")

enum class DropReason : uint8_t {
#define FASTPATH_NAME(name, text) name,
  FASTPATH_DROP_REASONS(FASTPATH_NAME)
#undef FASTPATH_NAME
};

constexpr std::array kDropReasonNames = {
#define FASTPATH_TEXT(name, text) text,
    FASTPATH_DROP_REASONS(FASTPATH_TEXT)
#undef FASTPATH_TEXT
};

constexpr size_t kDropReasons = kDropReasonNames.size();

}  // namespace fastpath
