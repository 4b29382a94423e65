#include "bench_member.h"

#include <algorithm>
#include <cstring>

#include "../fastpath/checksum.h"

namespace fastpath {
namespace {

IpAddress address4(uint32_t value) { return {static_cast<uint64_t>(value) << 32, 0}; }

AddressSet network(uint32_t value) { return {address4(value), address4(value | 0xffff), address4(0xffff0000)}; }

constexpr uint32_t kLeft = 0x0a010000;
constexpr uint32_t kRight = 0x0a020000;

}  // namespace

void BufferDoors::send(std::span<const OuterMessage> sent, PathCounters&) {
  messages += sent.size();
  for (const OuterMessage& message : sent) {
    places.insert(places.end(), message.places, message.places + message.packets());
    for (uint32_t at = 0; at < message.length; at += message.segment) {
      const uint8_t* begin = message.data + at;
      outer.push_back({{begin, begin + std::min(message.segment, message.length - at)}, message.tos, message.df});
    }
  }
}

bool BufferDoors::write(const VnetHeader& header, std::span<const iovec> pieces) {
  Written& written = inner.emplace_back();
  written.header = header;
  for (const iovec& piece : pieces) {
    const auto* begin = static_cast<const uint8_t*>(piece.iov_base);
    written.octets.insert(written.octets.end(), begin, begin + piece.iov_len);
  }
  return true;
}

bool BufferDoors::send(const InnerPacket& packet) {
  clear.emplace_back(packet.data, packet.data + packet.length);
  return true;
}

BenchMember::BenchMember(const char* crypto, unsigned member, size_t places)
    : provider(chooseCrypto(crypto, &linkedOpenssl())),
      edges(places),
      dirty(places / 32 + 1),
      tables(places, *provider, RoleWords(words, 2), Edges(edges.data(), dirty.data()), member, 4500),
      worker(provider->makeWorker()),
      outbound(tables, *worker, {doors, doors, doors}),
      inbound(tables, *worker, doors, true) {}

void BenchMember::role(Role role, uint64_t epoch) {
  for (size_t line = 0; line < 2; line++) {
    __atomic_store_n(&words[line * 8 + 1], UINT64_MAX, __ATOMIC_SEQ_CST);
    __atomic_store_n(&words[line * 8], epoch << 8 | static_cast<uint64_t>(role), __ATOMIC_SEQ_CST);
  }
}

void BenchMember::receive(std::vector<BufferDoors::Sent>& packets) {
  for (BufferDoors::Sent& packet : packets) {
    const auto length = static_cast<uint32_t>(packet.octets.size());
    const Endpoint from{address4(0xc0000201), 4500};
    inbound.take({packet.octets.data(), length, 4, packet.tos, address4(0xc0000202), from}, monotonicNs());
  }
  inbound.flush();
}

SaSpec gcmSpec(uint32_t place, uint32_t spi, bool inbound) {
  static const std::vector<uint8_t> keys = [] {
    std::vector<uint8_t> octets(20);
    for (size_t at = 0; at < octets.size(); at++) octets[at] = static_cast<uint8_t>(at + 1);
    return octets;
  }();
  SaSpec spec{};
  spec.place = place;
  spec.spi = spi;
  spec.inbound = inbound;
  spec.suite = findSuite(2, 0, 20, 0);
  spec.family = 4;
  spec.udp = true;
  spec.pathMtu = 1500;
  spec.replayWindow = 4096;
  spec.local = address4(inbound ? 0xc0000202 : 0xc0000201);
  spec.remote = address4(inbound ? 0xc0000201 : 0xc0000202);
  spec.remotePort = 4500;
  spec.sequence = inbound ? 0 : 1;
  spec.epoch = 1;
  spec.jump = uint64_t{1} << 28;
  spec.softOctets = spec.hardOctets = spec.softPackets = spec.hardPackets = kUnlimited;
  spec.softAtNs = spec.hardAtNs = UINT64_MAX;
  spec.cipherKey = keys;
  Selector selector;
  selector.source = network(kLeft);
  selector.destination = network(kRight);
  spec.selectors.push_back(selector);
  return spec;
}

PolicySpec protectPolicy(uint32_t bundle) {
  PolicySpec policy{1, 1, PolicyAction::protect, 0, bundle, {}};
  policy.selector.source = network(kLeft);
  policy.selector.destination = network(kRight);
  return policy;
}

std::vector<uint8_t> tcpPacket(uint32_t payload, uint8_t flags) {
  std::vector<uint8_t> octets(40 + payload);
  uint8_t* ip = octets.data();
  ip[0] = 0x45;
  store16(ip + 2, static_cast<uint16_t>(octets.size()));
  store16(ip + 4, 0xfff0);
  store16(ip + 6, 0x4000);
  ip[8] = 64;
  ip[9] = kTcp;
  store32(ip + 12, kLeft | 7);
  store32(ip + 16, kRight | 9);
  storeIpChecksum(ip, 20);
  uint8_t* tcp = ip + 20;
  store16(tcp, 40000);
  store16(tcp + 2, 80);
  store32(tcp + 4, 0xfffff000);
  tcp[12] = 0x50;
  tcp[13] = flags;
  store16(tcp + 14, 512);
  for (uint32_t at = 0; at < payload; at++) tcp[20 + at] = static_cast<uint8_t>(at * 7);
  storeTransportChecksum(ip, 4, kTcp, tcp, 20 + payload, 16);
  return octets;
}

}  // namespace fastpath
