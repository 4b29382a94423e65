#include "crypto_choice.h"

#include <cstring>
#include <stdexcept>
#include <string>

#include "crypto_answers.h"
#include "crypto_ipsec_mb.h"
#include "crypto_openssl.h"
#include "octets.h"

namespace fastpath {
namespace {

constexpr size_t kPayloadOctets = 48;
constexpr uint32_t kSequenceHigh = 9;

struct Packet {
  alignas(16) uint8_t octets[128];
  uint32_t length;
};

void count(uint8_t* at, size_t length, uint8_t from) {
  for (size_t index = 0; index < length; index++) at[index] = static_cast<uint8_t>(from + index);
}

Packet plainPacket(const CipherSuite& suite) {
  Packet packet{};
  count(packet.octets, 8, 0);
  count(packet.octets + 8, suite.iv, 0x80);
  count(packet.octets + suite.headerOctets(), kPayloadOctets, 0x40);
  packet.length = static_cast<uint32_t>(suite.headerOctets() + kPayloadOctets);
  return packet;
}

/// One key of a provider, forgotten at the end.
class Key {
 public:
  Key(CryptoProvider& provider, const KnownAnswer& answer, const CipherSuite& suite, bool inbound)
      : provider_(provider), suite_(suite) {
    uint8_t cipherKey[48];
    uint8_t integrityKey[64];
    count(cipherKey, sizeof cipherKey, 0);
    count(integrityKey, sizeof integrityKey, 0x20);
    const KeyMaterial material{&suite, inbound, {cipherKey, suite.cipherKey}, {integrityKey, suite.integrityKey}};
    good_ = provider.prepare(material, state_);
    key_ = {&suite, state_, {}, answer.esn};
    std::memcpy(key_.salt, cipherKey + suite.cipherKey, sizeof key_.salt);
  }
  ~Key() { provider_.forget(suite_, state_); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  bool good() const { return good_; }
  const SaKey* key() const { return &key_; }

 private:
  CryptoProvider& provider_;
  const CipherSuite& suite_;
  alignas(64) uint8_t state_[2048] = {};
  SaKey key_;
  bool good_;
};

bool answers(CryptoProvider& provider, CryptoWorker& worker, const KnownAnswer& answer, const CipherSuite& suite) {
  const Key outbound(provider, answer, suite, false);
  const Key inbound(provider, answer, suite, true);
  if (!outbound.good() || !inbound.good()) return false;
  const Packet plain = plainPacket(suite);
  Packet sealed = plain;
  CryptoJob job{outbound.key(), sealed.octets, sealed.length, kSequenceHigh, false};
  worker.seal({&job, 1});
  if (!job.ok || load32(sealed.octets + suite.headerOctets()) != answer.ciphertext) return false;
  if (load64(sealed.octets + sealed.length) != answer.icv) return false;

  Packet opened = sealed;
  job = {inbound.key(), opened.octets, opened.length, kSequenceHigh, false};
  worker.open({&job, 1});
  if (!job.ok || std::memcmp(opened.octets, plain.octets, plain.length) != 0) return false;

  Packet forged = sealed;
  forged.octets[forged.length + suite.icv - 1] ^= 1;
  job = {inbound.key(), forged.octets, forged.length, kSequenceHigh, true};
  worker.open({&job, 1});
  return !job.ok;
}

std::unique_ptr<CryptoProvider> tested(std::unique_ptr<CryptoProvider> provider) {
  if (provider == nullptr) return nullptr;
  const std::string wrong = selfTest(*provider);
  if (!wrong.empty()) throw std::runtime_error(std::string(provider->name()) + " fails its test: " + wrong);
  return provider;
}

}  // namespace

std::string selfTest(CryptoProvider& provider) {
  const std::unique_ptr<CryptoWorker> worker = provider.makeWorker();
  if (worker == nullptr) return "no worker";
  for (const KnownAnswer& answer : kKnownAnswers) {
    const CipherSuite* suite = findSuite(static_cast<uint8_t>(answer.cipher), static_cast<uint8_t>(answer.integrity),
                                         answer.keyOctets, answer.integrityKeyOctets);
    if (suite != nullptr && answers(provider, *worker, answer, *suite)) continue;
    return "cipher " + std::to_string(static_cast<int>(answer.cipher)) + " with a key of " +
           std::to_string(answer.keyOctets) + " octets, integrity " +
           std::to_string(static_cast<int>(answer.integrity)) + (answer.esn ? ", ESN" : "");
  }
  return {};
}

std::unique_ptr<CryptoProvider> chooseCrypto(std::string_view wanted, const OpensslFunctions* functions) {
  if (wanted != "openssl") {
    if (auto provider = tested(makeIpsecMb())) return provider;
    if (wanted == "ipsec-mb") throw std::runtime_error("this build or this processor (AVX2) has no libIPSec_MB");
  }
  if (functions == nullptr) throw std::runtime_error("this process has no OpenSSL");
  return tested(makeOpenssl(*functions));
}

}  // namespace fastpath
