// What may arrive on the ESP port, for libFuzzer: any octets, and any plain text behind a right ICV.
//
// An input is a row of packets: control, length (2, big-endian), octets. Control's low three bits choose the SA; bit 3
// says that the octets are a packet to be sealed under its key, else they arrive as they are behind the SA's SPI. Bit 4
// leaves more to chance: the SPI of the latter; of the former the trailer, lengths and checksums, which are mended
// otherwise, so that what lies behind those checks is reached. Bit 5 ends a batch: packets merge inside of one. Bits 6
// and 7 choose how the number moves.
#include <vector>

#include "../fastpath/checksum.h"
#include "../fastpath/octets.h"
#include "fixture.h"

namespace {

constexpr size_t kPacketsMax = 64;
constexpr size_t kLengthMax = 2048;
constexpr size_t kLargestBlock = 16;

struct Step {
  size_t sa;
  bool sealed;
  bool asIs;
  bool flush;
  uint64_t stride;
  std::span<const uint8_t> octets;
};

/// False at the end of the input.
bool readStep(std::span<const uint8_t>& input, Step& step) {
  if (input.size() < 3) return false;
  const uint8_t control = input[0];
  const size_t wanted = fastpath::load16(input.data() + 1) % kLengthMax;
  const size_t length = std::min(wanted, input.size() - 3);
  constexpr uint64_t strides[4] = {1, 0, 70, uint64_t{1} << 31};
  step = {control & 7U, (control & 8) != 0, (control & 16) != 0, (control & 32) != 0, strides[control >> 6],
          input.subspan(3, length)};
  input = input.subspan(3 + length);
  return true;
}

std::vector<uint8_t> plainOf(std::span<const uint8_t> octets) { return {octets.begin(), octets.end()}; }

/// An inner packet whose lengths and checksums are right, with its trailer.
std::vector<uint8_t> mended(std::span<const uint8_t> octets) {
  std::vector<uint8_t> plain = plainOf(octets);
  const bool six = !plain.empty() && plain[0] >> 4 == 6;
  const size_t header = six ? 40 : 20;
  if (plain.size() < header) plain.resize(header);
  const size_t transport = plain.size() - header;
  uint8_t* ip = plain.data();
  ip[0] = six ? 0x60 : 0x45;
  const uint8_t protocol = six ? ip[6] : ip[9];
  if (six) {
    fastpath::store16(ip + 4, static_cast<uint16_t>(transport));
  } else {
    fastpath::store16(ip + 2, static_cast<uint16_t>(plain.size()));
    fastpath::storeIpChecksum(ip, header);
  }
  const uint8_t family = six ? 6 : 4;
  if (protocol == fastpath::kTcp && transport >= 20) {
    fastpath::storeTransportChecksum(ip, family, protocol, ip + header, static_cast<uint32_t>(transport), 16);
  } else if (protocol == fastpath::kUdp && transport >= 8) {
    fastpath::store16(ip + header + 4, static_cast<uint16_t>(transport));
    fastpath::storeTransportChecksum(ip, family, protocol, ip + header, static_cast<uint32_t>(transport), 6);
  }
  uint8_t padding = 0;
  while ((plain.size() + 2) % kLargestBlock != 0) plain.push_back(++padding);
  plain.push_back(padding);
  plain.push_back(six ? 41 : 4);
  return plain;
}

std::vector<uint8_t> packetOf(fuzz::Fixture& fixture, const Step& step, uint64_t number) {
  if (step.sealed) return fixture.seal(step.sa, number, step.asIs ? plainOf(step.octets) : mended(step.octets));
  std::vector<uint8_t> packet(step.octets.begin(), step.octets.end());
  if (!step.asIs && packet.size() >= 4) fastpath::store32(packet.data(), fuzz::Fixture::spi(step.sa));
  return packet;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::Ciphers ciphers;
  static fuzz::Fixture fixture(ciphers);
  // Windows and peers as they were at first, so that an input does the same each time.
  fixture.renew();
  std::span<const uint8_t> input(data, size);
  // Each packet in memory of its own size: an octet too far is seen.
  std::vector<std::vector<uint8_t>> packets;
  uint64_t numbers[fuzz::Fixture::kSas] = {};
  uint64_t now = 1;
  Step step;
  while (packets.size() < kPacketsMax && readStep(input, step)) {
    numbers[step.sa] += step.stride;
    packets.push_back(packetOf(fixture, step, numbers[step.sa]));
    packets.back().shrink_to_fit();
    const fuzz::Ends ends = fixture.ends(step.sa);
    now += fastpath::kNsPerMs;
    fixture.inbound().take({packets.back().data(), static_cast<uint32_t>(packets.back().size()), ends.family,
                            static_cast<uint8_t>(step.octets.size()), ends.local, {ends.remote, 4500}},
                           now);
    if (step.flush) fixture.inbound().flush();
  }
  fixture.inbound().flush();
  return 0;
}
