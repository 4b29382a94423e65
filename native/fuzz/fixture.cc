#include "fixture.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "../fastpath/crypto_choice.h"
#include "../fastpath/octets.h"
#include "../fastpath_test/openssl_linked.h"

namespace fuzz {
namespace {

using fastpath::Cipher;
using fastpath::Integrity;

constexpr uint64_t kEpoch = 3;
constexpr uint64_t kActive = kEpoch << 8 | 2;
constexpr size_t kStateOctets = 2048;
constexpr uint16_t kEspPort = 4500;

struct Kind {
  Cipher cipher;
  Integrity integrity;
  uint8_t keyOctets;
  uint8_t integrityKeyOctets;
  bool esn;
  bool transport;
  uint8_t family;
  uint32_t window;
};

/// Every construction, both modes, both families, with and without ESN and window.
constexpr Kind kKinds[Fixture::kSas] = {
    {Cipher::aesGcm, Integrity::none, 20, 0, true, false, 4, 64},
    {Cipher::aesGcm, Integrity::none, 36, 0, false, true, 4, 4096},
    {Cipher::chacha20Poly1305, Integrity::none, 36, 0, true, false, 6, 1024},
    {Cipher::aesCbc, Integrity::sha1, 16, 20, false, false, 4, 32},
    {Cipher::aesCbc, Integrity::sha256, 32, 32, true, true, 6, 64},
    {Cipher::null, Integrity::sha512, 0, 64, false, false, 4, 0},
    {Cipher::null, Integrity::sha1, 0, 20, true, false, 4, 64},
    {Cipher::aesGcm, Integrity::none, 20, 0, false, false, 4, 0},
};

const fastpath::CipherSuite& suiteOf(const Kind& kind) {
  const fastpath::CipherSuite* suite =
      fastpath::findSuite(static_cast<uint8_t>(kind.cipher), static_cast<uint8_t>(kind.integrity), kind.keyOctets,
                          kind.integrityKeyOctets);
  if (suite == nullptr) std::abort();
  return *suite;
}

fastpath::IpAddress address(uint8_t family, uint8_t last) {
  const uint8_t four[4] = {192, 0, 2, last};
  const uint8_t six[16] = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last};
  return fastpath::IpAddress::of(family, family == 4 ? four : six);
}

fastpath::Selector everything(uint8_t family) {
  fastpath::Selector selector;
  const fastpath::IpAddress last{UINT64_MAX, family == 4 ? 0 : UINT64_MAX};
  selector.source = {{}, last, {}};
  selector.destination = selector.source;
  selector.family = family;
  return selector;
}

struct Keys {
  uint8_t cipher[48];
  uint8_t integrity[64];

  Keys() {
    for (size_t at = 0; at < sizeof cipher; at++) cipher[at] = static_cast<uint8_t>(at);
    for (size_t at = 0; at < sizeof integrity; at++) integrity[at] = static_cast<uint8_t>(0x80 + at);
  }
};

fastpath::SaSpec specOf(size_t sa, const Kind& kind, const Keys& keys) {
  fastpath::SaSpec spec{};
  spec.place = static_cast<uint32_t>(sa);
  spec.spi = Fixture::spi(sa);
  spec.inbound = true;
  spec.transport = kind.transport;
  spec.suite = &suiteOf(kind);
  spec.family = kind.family;
  spec.esn = kind.esn;
  spec.udp = sa % 2 == 0;
  spec.peerMayMove = spec.udp;
  spec.mss = 1300;
  spec.remotePort = 4500;
  spec.pathMtu = 1500;
  spec.replayWindow = kind.window;
  spec.edgeInterval = 16;
  spec.local = address(kind.family, 1);
  spec.remote = address(kind.family, 2);
  spec.epoch = kEpoch;
  spec.softOctets = spec.hardOctets = spec.softPackets = spec.hardPackets = UINT64_MAX;
  spec.softAtNs = spec.hardAtNs = UINT64_MAX;
  spec.cipherKey = {keys.cipher, kind.keyOctets};
  spec.integrityKey = {keys.integrity, kind.integrityKeyOctets};
  spec.selectors = {everything(4), everything(6)};
  return spec;
}

}  // namespace

struct Ciphers::SealingKey {
  alignas(64) uint8_t state[kStateOctets] = {};
  fastpath::SaKey key;
};

bool ReadingDoor::write(const fastpath::VnetHeader& header, std::span<const iovec> pieces) {
  const auto* octets = reinterpret_cast<const uint8_t*>(&header);
  for (size_t at = 0; at < sizeof header; at++) sum_ += octets[at];
  size_t length = 0;
  for (const iovec& piece : pieces) {
    const auto* from = static_cast<const uint8_t*>(piece.iov_base);
    for (size_t at = 0; at < piece.iov_len; at++) sum_ += from[at];
    length += piece.iov_len;
  }
  // What the kernel is handed is one packet: nothing empty, nothing that no IP header can say.
  if (length == 0 || length > 65535 + sizeof header) std::abort();
  packets_++;
  return true;
}

Ciphers::Ciphers() : provider_(fastpath::chooseCrypto("openssl", &fastpath::linkedOpenssl())) {
  opening_ = provider_->makeWorker();
  sealing_ = provider_->makeWorker();
  const Keys keys;
  for (const Kind& kind : kKinds) {
    const fastpath::CipherSuite& suite = suiteOf(kind);
    auto sealing = std::make_unique<SealingKey>();
    const fastpath::KeyMaterial material{
        &suite, false, {keys.cipher, suite.cipherKey}, {keys.integrity, suite.integrityKey}};
    if (!provider_->prepare(material, sealing->state)) std::abort();
    sealing->key = {&suite, sealing->state, {}, kind.esn};
    std::memcpy(sealing->key.salt, keys.cipher + suite.cipherKey, suite.salt);
    keys_.push_back(std::move(sealing));
  }
}

Ciphers::~Ciphers() {
  for (const auto& sealing : keys_) provider_->forget(*sealing->key.suite, sealing->state);
}

const fastpath::CipherSuite& Ciphers::suite(size_t sa) const { return *keys_[sa]->key.suite; }

void Ciphers::seal(size_t sa, fastpath::CryptoJob& job) {
  job.key = &keys_[sa]->key;
  sealing_->seal({&job, 1});
  if (!job.ok) std::abort();
}

Fixture::Fixture(Ciphers& ciphers)
    : ciphers_(ciphers),
      roles_{kActive, UINT64_MAX},
      tables_(kSas, ciphers.provider(), fastpath::RoleWords(roles_, 1), fastpath::Edges(edges_, dirty_), 0U, kEspPort),
      inbound_(tables_, ciphers.opening(), door_, true) {}

void Fixture::renew() {
  inbound_.flush();
  uint32_t places[kSas];
  for (uint32_t sa = 0; sa < kSas; sa++) places[sa] = sa;
  tables_.sas.remove(places);
  tables_.retirement.reclaim();
  const Keys keys;
  std::vector<fastpath::SaSpec> specs;
  for (size_t sa = 0; sa < kSas; sa++) specs.push_back(specOf(sa, kKinds[sa], keys));
  tables_.sas.install(specs);
}

Ends Fixture::ends(size_t sa) const {
  const uint8_t family = kKinds[sa].family;
  return {family, address(family, 1), address(family, 2)};
}

std::vector<uint8_t> Fixture::seal(size_t sa, uint64_t number, std::span<const uint8_t> plain) {
  const fastpath::CipherSuite& suite = ciphers_.suite(sa);
  const size_t header = suite.headerOctets();
  const size_t whole = std::max<size_t>(plain.size() / suite.block * suite.block, suite.block);
  // Behind the ICV the four octets that ESN needs while it is computed.
  std::vector<uint8_t> packet(header + whole + suite.icv + 4);
  fastpath::store32(packet.data(), spi(sa));
  fastpath::store32(packet.data() + 4, static_cast<uint32_t>(number));
  for (size_t at = 8; at < header; at++) packet[at] = static_cast<uint8_t>(number >> at % 8);
  std::copy_n(plain.begin(), std::min(plain.size(), whole), packet.begin() + static_cast<ptrdiff_t>(header));
  fastpath::CryptoJob job{nullptr, packet.data(), static_cast<uint32_t>(header + whole),
                          static_cast<uint32_t>(number >> 32), false};
  ciphers_.seal(sa, job);
  packet.resize(header + whole + suite.icv);
  return packet;
}

}  // namespace fuzz
