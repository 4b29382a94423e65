// libIPSec_MB's AES-GCM beside OpenSSL's: every length that a packet can have, every key size; and what stands guard
// over those of its functions that no header of it declares.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "../fastpath/crypto_ipsec_mb.h"
#include "../fastpath/crypto_openssl.h"
#include "check.h"
#include "openssl_linked.h"

#if __has_include(<intel-ipsec-mb.h>)
#include "../fastpath/ipsec_mb_gcm.h"
#endif

using check::below;
using namespace fastpath;

namespace {

using Octets = std::vector<uint8_t>;

Octets randomOctets(size_t length) {
  Octets octets(length);
  for (uint8_t& octet : octets) octet = static_cast<uint8_t>(below(256));
  return octets;
}

/// One key of a provider, for both directions.
class Key {
 public:
  Key(CryptoProvider& provider, const CipherSuite& suite, const Octets& key, bool esn)
      : provider_(provider), suite_(suite) {
    for (const bool inbound : {false, true}) {
      const KeyMaterial material{&suite, inbound, {key.data(), suite.cipherKey}, {}};
      EXPECT(provider.prepare(material, states_[inbound]));
      keys_[inbound] = {&suite, states_[inbound], {}, esn};
      std::memcpy(keys_[inbound].salt, key.data() + suite.cipherKey, sizeof keys_[inbound].salt);
    }
  }
  ~Key() {
    for (uint8_t* state : {states_[0], states_[1]}) provider_.forget(suite_, state);
  }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  const SaKey* outbound() const { return &keys_[0]; }
  const SaKey* inbound() const { return &keys_[1]; }

 private:
  CryptoProvider& provider_;
  const CipherSuite& suite_;
  alignas(64) uint8_t states_[2][2048] = {};
  SaKey keys_[2];
};

struct Both {
  std::unique_ptr<CryptoProvider> openssl = makeOpenssl(linkedOpenssl());
  std::unique_ptr<CryptoProvider> ipsecMb = makeIpsecMb();
  std::unique_ptr<CryptoWorker> opensslWorker = openssl->makeWorker();
  std::unique_ptr<CryptoWorker> ipsecMbWorker = ipsecMb == nullptr ? nullptr : ipsecMb->makeWorker();
};

const CipherSuite& gcm(size_t keyOctets) {
  return *findSuite(static_cast<uint8_t>(Cipher::aesGcm), 0, keyOctets + 4, 0);
}

/// A packet of random octets, with room for the ICV and a few that nobody may touch.
struct Packet {
  Octets octets;
  uint32_t length;

  Packet(const CipherSuite& suite, size_t payload)
      : octets(randomOctets(suite.headerOctets() + payload + kIcvMax + 8)),
        length(static_cast<uint32_t>(suite.headerOctets() + payload)) {}
  CryptoJob job(const SaKey* key, uint32_t high) { return {key, octets.data(), length, high, false}; }
};

void compare(Both& both, const CipherSuite& suite, size_t payload, bool esn) {
  const Octets material = randomOctets(64);
  const Key one(*both.openssl, suite, material, esn);
  const Key other(*both.ipsecMb, suite, material, esn);
  const auto high = static_cast<uint32_t>(below(uint64_t{1} << 32));
  const Packet plain(suite, payload);
  Packet expected = plain;
  Packet sealed = plain;
  CryptoJob job = expected.job(one.outbound(), high);
  both.opensslWorker->seal({&job, 1});
  job = sealed.job(other.outbound(), high);
  both.ipsecMbWorker->seal({&job, 1});
  EXPECT(job.ok && sealed.octets == expected.octets);

  const auto opens = [&](Packet packet) {
    CryptoJob opening = packet.job(other.inbound(), high);
    both.ipsecMbWorker->open({&opening, 1});
    const auto begin = packet.octets.begin();
    if (opening.ok) EXPECT(std::equal(begin, begin + packet.length, plain.octets.begin()));
    return opening.ok;
  };
  EXPECT(opens(sealed));
  // One bit anywhere in what is authenticated: SPI, number, IV, payload, ICV.
  Packet forged = sealed;
  forged.octets[below(forged.length + suite.icv)] ^= static_cast<uint8_t>(1 << below(8));
  EXPECT(!opens(forged));
}

}  // namespace

TEST(both_libraries_gcm_is_the_same_at_every_length) {
  Both both;
  if (both.ipsecMb == nullptr) {
    std::printf("this build or this processor has no libIPSec_MB to compare\n");
    return EXPECT(both.openssl->makeWorker() != nullptr);
  }
  std::printf("%s\n", both.ipsecMb->version().c_str());
  for (const size_t keyOctets : {16, 24, 32}) {
    for (size_t payload = 4; payload <= 1600; payload += 4) compare(both, gcm(keyOctets), payload, payload % 8 == 0);
    for (int run = 0; run < 20; run++) compare(both, gcm(keyOctets), 4 * (1 + below(16'000)), run % 2 == 0);
  }
}

#if __has_include(<intel-ipsec-mb.h>)

namespace {

aes_gcm_enc_dec_t rightSeal;
aes_gcm_enc_dec_t rightOpen;

/// Wrong in one octet of the longest packets alone.
void wrongSeal(const gcm_key_data* key, gcm_context_data* context, uint8_t* out, const uint8_t* in, uint64_t length,
               const uint8_t* iv, const uint8_t* associated, uint64_t associatedLength, uint8_t* icv,
               uint64_t icvLength) {
  rightSeal(key, context, out, in, length, iv, associated, associatedLength, icv, icvLength);
  if (length > 1500) out[1500] ^= 1;
}

void wrongOpen(const gcm_key_data* key, gcm_context_data* context, uint8_t* out, const uint8_t* in, uint64_t length,
               const uint8_t* iv, const uint8_t* associated, uint64_t associatedLength, uint8_t* icv,
               uint64_t icvLength) {
  rightOpen(key, context, out, in, length, iv, associated, associatedLength, icv, icvLength);
  if (length == 77) icv[0] ^= 1;
}

}  // namespace

TEST(functions_besides_the_managers_are_held_against_its_own) {
  IMB_MGR* manager = alloc_mb_mgr(0);
  init_mb_mgr_auto(manager, nullptr);
  const IpsecMbGcm offered = gcmOfManager(*manager);
  EXPECT(!offered.besides && answerAlike(offered, offered) && answerAlike(offered, bestGcm(*manager)));
  for (size_t size = 0; size < IpsecMbGcm::kSizes; size++) {
    IpsecMbGcm wrong = offered;
    rightSeal = offered.seal[size];
    wrong.seal[size] = wrongSeal;
    EXPECT(!answerAlike(offered, wrong));
    wrong = offered;
    rightOpen = offered.open[size];
    wrong.open[size] = wrongOpen;
    EXPECT(!answerAlike(offered, wrong));
    wrong = offered;
    wrong.prepare[size] = offered.prepare[(size + 1) % IpsecMbGcm::kSizes];
    EXPECT(!answerAlike(offered, wrong));
  }
  free_mb_mgr(manager);
}

#endif
