// Whole packets of the specifications (RFC 3602, draft-mcgrew-gcm-test, RFC 7634), the same file that the reference
// codec is held against: each provider must seal them octet for octet and open them again.
//
// RFC 3602's carry no ICV; of them the ciphertext alone is compared, under an integrity algorithm of ours.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../fastpath/crypto_choice.h"
#include "../fastpath/crypto_ipsec_mb.h"
#include "../fastpath/crypto_openssl.h"
#include "check.h"
#include "openssl_linked.h"

namespace {

using Octets = std::vector<uint8_t>;
/// Fields by name; numbers as they are written.
using Vector = std::map<std::string, std::string>;

constexpr const char* kFile = "src/core/ipsec/fixtures/esp-packets.json";

/// The file has one field a line.
std::vector<Vector> readVectors() {
  std::ifstream file(kFile);
  std::vector<Vector> vectors;
  for (std::string line; std::getline(file, line);) {
    if (line == "  {") vectors.emplace_back();
    const size_t colon = line.find("\": ");
    if (colon == std::string::npos || vectors.empty()) continue;
    std::string value = line.substr(colon + 3);
    while (!value.empty() && (value.back() == ',' || value.back() == '"')) value.pop_back();
    if (!value.empty() && value.front() == '"') value.erase(0, 1);
    const size_t quote = line.find('"');
    vectors.back()[line.substr(quote + 1, colon - quote - 1)] = value;
  }
  return vectors;
}

Octets fromHex(const std::string& hex) {
  Octets octets;
  for (size_t at = 0; at + 1 < hex.size(); at += 2) {
    octets.push_back(static_cast<uint8_t>(std::stoul(hex.substr(at, 2), nullptr, 16)));
  }
  return octets;
}

const fastpath::CipherSuite* suiteOf(const std::string& name, size_t keyOctets) {
  using fastpath::Cipher;
  using fastpath::Integrity;
  if (name == "aes-cbc-128") {
    return fastpath::findSuite(static_cast<uint8_t>(Cipher::aesCbc), static_cast<uint8_t>(Integrity::sha1), keyOctets,
                               20);
  }
  const Cipher cipher = name == "chacha20-poly1305" ? Cipher::chacha20Poly1305 : Cipher::aesGcm;
  return fastpath::findSuite(static_cast<uint8_t>(cipher), static_cast<uint8_t>(Integrity::none), keyOctets, 0);
}

/// One key of a provider, both ways.
class Keys {
 public:
  Keys(fastpath::CryptoProvider& provider, const fastpath::CipherSuite& suite, const Octets& key, const Octets& salt,
       bool esn)
      : provider_(provider), suite_(suite) {
    static const uint8_t integrityKey[64] = {};
    for (const bool inbound : {false, true}) {
      const fastpath::KeyMaterial material{&suite, inbound, key, {integrityKey, suite.integrityKey}};
      good_ &= provider.prepare(material, states_[inbound]);
      keys_[inbound] = {&suite, states_[inbound], {}, esn};
      if (!salt.empty()) std::memcpy(keys_[inbound].salt, salt.data(), sizeof keys_[inbound].salt);
    }
  }
  ~Keys() {
    for (uint8_t* state : {states_[0], states_[1]}) provider_.forget(suite_, state);
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  bool good() const { return good_; }
  const fastpath::SaKey* outbound() const { return &keys_[0]; }
  const fastpath::SaKey* inbound() const { return &keys_[1]; }

 private:
  fastpath::CryptoProvider& provider_;
  const fastpath::CipherSuite& suite_;
  alignas(64) uint8_t states_[2][2048] = {};
  fastpath::SaKey keys_[2];
  bool good_ = true;
};

/// What is to be sealed: header, IV, payload, padding and trailer, and room behind.
Octets plainOf(const Vector& vector) {
  Octets plain = fromHex(vector.at("spi") + vector.at("sequence") + vector.at("iv") + vector.at("payload"));
  const uint8_t padding = static_cast<uint8_t>(std::stoul(vector.at("padding")));
  for (uint8_t at = 1; at <= padding; at++) plain.push_back(at);
  plain.push_back(padding);
  plain.push_back(static_cast<uint8_t>(std::stoul(vector.at("nextHeader"))));
  return plain;
}

bool passes(fastpath::CryptoProvider& provider, fastpath::CryptoWorker& worker, const Vector& vector) {
  const bool esn = vector.contains("sequenceHigh");
  const uint32_t high = esn ? static_cast<uint32_t>(std::stoul(vector.at("sequenceHigh"), nullptr, 16)) : 0;
  const Octets key = fromHex(vector.at("key"));
  const Octets salt = fromHex(vector.at("salt"));
  const fastpath::CipherSuite* suite = suiteOf(vector.at("suite"), key.size() + salt.size());
  if (suite == nullptr) return false;
  const Keys keys(provider, *suite, key, salt, esn);
  if (!keys.good()) return false;
  const Octets packet = fromHex(vector.at("packet"));
  const Octets plain = plainOf(vector);
  Octets sealed = plain;
  sealed.resize(plain.size() + fastpath::kIcvMax + 4);
  const auto length = static_cast<uint32_t>(plain.size());
  fastpath::CryptoJob job{keys.outbound(), sealed.data(), length, high, false};
  worker.seal({&job, 1});
  const size_t compared = suite->aead() ? packet.size() : plain.size();
  if (!job.ok || std::memcmp(sealed.data(), packet.data(), compared) != 0) return false;
  job = {keys.inbound(), sealed.data(), length, high, false};
  worker.open({&job, 1});
  return job.ok && std::memcmp(sealed.data(), plain.data(), plain.size()) == 0;
}

void expectAll(fastpath::CryptoProvider& provider) {
  const std::unique_ptr<fastpath::CryptoWorker> worker = provider.makeWorker();
  const std::vector<Vector> vectors = readVectors();
  EXPECT(vectors.size() == 19);
  for (const Vector& vector : vectors) {
    const bool good = passes(provider, *worker, vector);
    if (!good) std::printf("%s, %s\n", provider.name(), vector.at("source").c_str());
    EXPECT(good);
  }
}

}  // namespace

TEST(openssl_makes_and_opens_the_specifications_packets) {
  expectAll(*fastpath::makeOpenssl(fastpath::linkedOpenssl()));
}

TEST(ipsec_mb_makes_and_opens_the_specifications_packets) {
  const std::unique_ptr<fastpath::CryptoProvider> provider = fastpath::makeIpsecMb();
  if (provider == nullptr) {
    std::printf("this build or this processor has no libIPSec_MB: its packets are OpenSSL's\n");
    return expectAll(*fastpath::makeOpenssl(fastpath::linkedOpenssl()));
  }
  expectAll(*provider);
}
