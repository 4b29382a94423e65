#include "records.h"

#include "octets.h"

namespace fastpath {
namespace {

constexpr uint16_t kFlagEsn = 1;
constexpr uint16_t kFlagUdp = 2;
constexpr uint16_t kFlagPeerMayMove = 4;
constexpr uint16_t kFlagFragmentAfter = 8;
constexpr uint16_t kFlagDscpFixed = 16;
constexpr uint16_t kFlagEcnCompatibility = 32;
constexpr uint16_t kFlagMssAuto = 64;

constexpr uint32_t kPathMtuMin = 576;
constexpr uint32_t kPathMtuMin6 = 1280;
constexpr uint32_t kPathMtuMax = 65535;
constexpr uint32_t kWindowMax = 4096;
constexpr size_t kSelectorsMax = 1024;

[[noreturn]] void refuse(const char* what, size_t index, const std::string& why) {
  throw RecordError(std::string(what) + " " + std::to_string(index) + ": " + why);
}

void expect(bool holds, const char* what, size_t index, const char* why) {
  if (!holds) refuse(what, index, why);
}

uint64_t nanoseconds(uint64_t milliseconds) {
  return milliseconds >= kUnlimited ? UINT64_MAX : milliseconds * kNsPerMs;
}

AddressSet parseAddresses(const uint8_t* at, int family) {
  return {IpAddress::of(family, at), IpAddress::of(family, at + 16), IpAddress::of(family, at + 32)};
}

Selector parseSelector(const uint8_t* at, const char* what, size_t index) {
  Selector selector;
  selector.family = at[0];
  expect(selector.family == 4 || selector.family == 6, what, index, "a selector's family is 4 or 6");
  selector.fragmentsOnly = at[1] != 0;
  selector.protocol = loadHost<uint16_t>(at + 2);
  expect(selector.protocol <= 255 || selector.protocol == kAnyProtocol, what, index, "a selector's protocol");
  selector.sourcePorts = {loadHost<uint16_t>(at + 4), loadHost<uint16_t>(at + 6)};
  selector.destinationPorts = {loadHost<uint16_t>(at + 8), loadHost<uint16_t>(at + 10)};
  selector.source = parseAddresses(at + 16, selector.family);
  selector.destination = parseAddresses(at + 64, selector.family);
  for (const AddressSet& set : {selector.source, selector.destination}) {
    expect(set.first <= set.last && set.has(set.last), what, index, "a selector's addresses are no set");
  }
  return selector;
}

void parseFlags(SaSpec& sa, uint16_t flags) {
  sa.esn = (flags & kFlagEsn) != 0;
  sa.udp = (flags & kFlagUdp) != 0;
  sa.peerMayMove = (flags & kFlagPeerMayMove) != 0;
  sa.fragmentAfter = (flags & kFlagFragmentAfter) != 0;
  sa.dscpFixed = (flags & kFlagDscpFixed) != 0;
  sa.ecnCompatibility = (flags & kFlagEcnCompatibility) != 0;
  sa.mssAuto = (flags & kFlagMssAuto) != 0;
}

void parseNumbers(SaSpec& sa, const uint8_t* at) {
  const auto number = [at](size_t index) { return loadHost<uint64_t>(at + index * 8); };
  sa.sequence = number(0);
  sa.epoch = number(1);
  sa.acknowledged = number(2);
  sa.jump = number(3);
  sa.reservationLow = number(4);
  sa.softOctets = number(5);
  sa.hardOctets = number(6);
  sa.softPackets = number(7);
  sa.hardPackets = number(8);
  sa.softAtNs = nanoseconds(number(9));
  sa.hardAtNs = nanoseconds(number(10));
}

void checkSa(const SaSpec& sa, size_t index, RecordLimits limits) {
  constexpr const char* what = "SA";
  expect(sa.place < limits.places, what, index, "its place is past the table");
  expect(sa.spi >= 256, what, index, "its SPI is reserved");
  expect(sa.suite != nullptr, what, index, "no suite has this cipher, integrity and key lengths");
  expect(sa.group < limits.groups, what, index, "its group has no role word");
  expect(sa.family == 4 || sa.family == 6, what, index, "its family is 4 or 6");
  expect(sa.dscp < 64, what, index, "its DSCP is below 64");
  const uint32_t least = sa.family == 4 ? kPathMtuMin : kPathMtuMin6;
  expect(sa.pathMtu >= least && sa.pathMtu <= kPathMtuMax, what, index, "its path MTU");
  const bool power = (sa.replayWindow & (sa.replayWindow - 1)) == 0;
  expect(sa.replayWindow == 0 || (power && sa.replayWindow >= 32 && sa.replayWindow <= kWindowMax), what, index,
         "its replay window is 0 or a power of two from 32 to 4096");
  expect(sa.inbound || (sa.sequence >= 1 && sa.jump >= 1), what, index, "its first sequence number or its jump is 0");
  expect(!sa.selectors.empty(), what, index, "it has no selector");
}

}  // namespace

std::vector<SaSpec> parseSas(std::span<const uint8_t> octets, RecordLimits limits) {
  std::vector<SaSpec> sas;
  while (!octets.empty()) {
    const size_t index = sas.size();
    expect(octets.size() >= kSaRecordOctets, "SA", index, "cut short");
    const uint8_t* at = octets.data();
    SaSpec sa{};
    sa.place = loadHost<uint32_t>(at);
    sa.spi = loadHost<uint32_t>(at + 4);
    sa.inbound = at[8] != 0;
    sa.transport = at[9] != 0;
    sa.group = loadHost<uint16_t>(at + 12);
    parseFlags(sa, loadHost<uint16_t>(at + 14));
    sa.remotePort = loadHost<uint16_t>(at + 48);
    sa.family = at[50];
    sa.local = IpAddress::of(sa.family, at + 16);
    sa.remote = IpAddress::of(sa.family, at + 32);
    expect(at[51] <= 2, "SA", index, "its DF policy");
    sa.df = static_cast<DfPolicy>(at[51]);
    sa.dscp = at[52];
    sa.suite = findSuite(at[10], at[11], at[53], at[54]);
    sa.mss = loadHost<uint16_t>(at + 58);
    sa.pathMtu = loadHost<uint32_t>(at + 60);
    sa.replayWindow = loadHost<uint32_t>(at + 64);
    sa.edgeInterval = loadHost<uint32_t>(at + 68);
    parseNumbers(sa, at + 72);
    const size_t selectors = loadHost<uint16_t>(at + 56);
    const size_t length = kSaRecordOctets + selectors * kSelectorOctets;
    expect(selectors <= kSelectorsMax && octets.size() >= length, "SA", index, "its selectors are cut short");
    for (size_t each = 0; each < selectors; each++) {
      sa.selectors.push_back(parseSelector(at + kSaRecordOctets + each * kSelectorOctets, "SA", index));
    }
    checkSa(sa, index, limits);
    sa.cipherKey = octets.subspan(160, at[53]);
    sa.integrityKey = octets.subspan(208, at[54]);
    sas.push_back(std::move(sa));
    octets = octets.subspan(length);
  }
  return sas;
}

std::vector<SaUpdate> parseUpdates(std::span<const uint8_t> octets, RecordLimits limits) {
  std::vector<SaUpdate> updates;
  expect(octets.size() % kUpdateRecordOctets == 0, "update", octets.size() / kUpdateRecordOctets, "cut short");
  for (; !octets.empty(); octets = octets.subspan(kUpdateRecordOctets)) {
    const size_t index = updates.size();
    const uint8_t* at = octets.data();
    SaUpdate update{};
    update.place = loadHost<uint32_t>(at);
    expect(update.place < limits.places, "update", index, "its place is past the table");
    const uint32_t kind = loadHost<uint32_t>(at + 4);
    expect(kind <= static_cast<uint32_t>(UpdateKind::endAt), "update", index, "its kind");
    update.kind = static_cast<UpdateKind>(kind);
    update.first = loadHost<uint64_t>(at + 8);
    update.second = loadHost<uint64_t>(at + 16);
    if (update.kind == UpdateKind::peer) {
      update.family = at[26];
      expect(update.family == 4 || update.family == 6, "update", index, "its family is 4 or 6");
      update.peer = {IpAddress::of(update.family, at + 32), loadHost<uint16_t>(at + 24)};
    }
    if (update.kind == UpdateKind::pathMtu) {
      expect(update.first >= kPathMtuMin && update.first <= kPathMtuMax, "update", index, "its path MTU");
    }
    if (update.kind == UpdateKind::hardAt) update.first = nanoseconds(update.first);
    updates.push_back(update);
  }
  return updates;
}

std::vector<PolicySpec> parsePolicies(std::span<const uint8_t> octets, RecordLimits limits) {
  std::vector<PolicySpec> policies;
  expect(octets.size() % kPolicyRecordOctets == 0, "policy", octets.size() / kPolicyRecordOctets, "cut short");
  for (; !octets.empty(); octets = octets.subspan(kPolicyRecordOctets)) {
    const size_t index = policies.size();
    const uint8_t* at = octets.data();
    expect(at[8] <= static_cast<uint8_t>(PolicyAction::drop), "policy", index, "its action");
    PolicySpec policy{loadHost<uint32_t>(at),
                      loadHost<uint32_t>(at + 4),
                      static_cast<PolicyAction>(at[8]),
                      loadHost<uint16_t>(at + 10),
                      loadHost<uint32_t>(at + 12),
                      parseSelector(at + 16, "policy", index)};
    expect(policy.group < limits.groups, "policy", index, "its group has no role word");
    expect(policy.bundle < limits.places, "policy", index, "its bundle is past the table");
    policies.push_back(policy);
  }
  return policies;
}

}  // namespace fastpath
