// Our own AES-GCM beside OpenSSL's: every length that a packet can have, every key size, alone and among other ciphers.
#include "../fastpath/gcm_vaes.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "../fastpath/crypto_gcm_vaes.h"
#include "../fastpath/crypto_openssl.h"
#include "check.h"
#include "openssl_linked.h"

using check::below;
using namespace fastpath;

namespace {

using Octets = std::vector<uint8_t>;

Octets randomOctets(size_t length) {
  Octets octets(length);
  for (uint8_t& octet : octets) octet = static_cast<uint8_t>(below(256));
  return octets;
}

/// One key, expanded by a provider for both directions.
class Key {
 public:
  Key(CryptoProvider& provider, const CipherSuite& suite, const Octets& key, const uint8_t* salt, bool esn)
      : provider_(provider), suite_(suite) {
    for (const bool inbound : {false, true}) {
      states_[inbound].resize(provider.stateOctets(suite) + 64);
      const auto at = reinterpret_cast<uintptr_t>(states_[inbound].data());
      void* state = states_[inbound].data() + (64 - at % 64) % 64;
      const KeyMaterial material{&suite, inbound, {key.data(), suite.cipherKey}, {key.data(), suite.integrityKey}};
      EXPECT(provider.prepare(material, state));
      keys_[inbound] = {&suite, state, {}, esn};
      std::memcpy(keys_[inbound].salt, salt, 4);
    }
  }
  ~Key() {
    for (const SaKey& key : keys_) provider_.forget(suite_, key.state);
  }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  const SaKey* outbound() const { return &keys_[0]; }
  const SaKey* inbound() const { return &keys_[1]; }

 private:
  CryptoProvider& provider_;
  const CipherSuite& suite_;
  Octets states_[2];
  SaKey keys_[2];
};

struct Both {
  std::unique_ptr<CryptoProvider> theirs = makeOpenssl(linkedOpenssl());
  std::unique_ptr<CryptoProvider> ours = withGcmVaes(makeOpenssl(linkedOpenssl()));
  std::unique_ptr<CryptoWorker> theirWorker = theirs->makeWorker();
  std::unique_ptr<CryptoWorker> ourWorker = ours->makeWorker();
};

const CipherSuite& gcm(size_t keyOctets) {
  return *findSuite(static_cast<uint8_t>(Cipher::aesGcm), 0, keyOctets + 4, 0);
}

const CipherSuite& cbcWithSha1() {
  return *findSuite(static_cast<uint8_t>(Cipher::aesCbc), static_cast<uint8_t>(Integrity::sha1), 16, 20);
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
  const Key theirs(*both.theirs, suite, material, material.data() + 32, esn);
  const Key ours(*both.ours, suite, material, material.data() + 32, esn);
  const auto high = static_cast<uint32_t>(below(uint64_t{1} << 32));
  const Packet plain(suite, payload);
  Packet expected = plain;
  Packet sealed = plain;
  CryptoJob job = expected.job(theirs.outbound(), high);
  both.theirWorker->seal({&job, 1});
  job = sealed.job(ours.outbound(), high);
  both.ourWorker->seal({&job, 1});
  EXPECT(job.ok && sealed.octets == expected.octets);

  const auto opens = [&](Packet packet) {
    CryptoJob opening = packet.job(ours.inbound(), high);
    both.ourWorker->open({&opening, 1});
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

TEST(our_own_gcm_is_octet_for_octet_openssls) {
  Both both;
  for (const size_t keyOctets : {16, 24, 32}) {
    for (size_t payload = 4; payload <= 1600; payload += 4) compare(both, gcm(keyOctets), payload, payload % 8 == 0);
    for (int run = 0; run < 20; run++) compare(both, gcm(keyOctets), 4 * (1 + below(16'000)), run % 2 == 0);
  }
}

TEST(our_own_gcm_and_others_ciphers_share_a_batch) {
  Both both;
  const Octets material = randomOctets(64);
  const Key first(*both.ours, gcm(16), material, material.data(), false);
  const Key second(*both.ours, gcm(32), material, material.data() + 8, true);
  const Key third(*both.ours, cbcWithSha1(), material, material.data(), false);
  std::vector<Packet> packets;
  std::vector<const Key*> keys;
  for (int at = 0; at < 100; at++) {
    const Key* key = below(3) == 0 ? &first : below(2) == 0 ? &second : &third;
    keys.push_back(key);
    packets.emplace_back(*key->outbound()->suite, 16 * (1 + below(90)));
  }
  const std::vector<Packet> plain = packets;
  std::vector<CryptoJob> jobs;
  for (size_t at = 0; at < packets.size(); at++) jobs.push_back(packets[at].job(keys[at]->outbound(), 1));
  both.ourWorker->seal(jobs);
  jobs.clear();
  packets[40].octets[packets[40].length] ^= 1;
  for (size_t at = 0; at < packets.size(); at++) jobs.push_back(packets[at].job(keys[at]->inbound(), 1));
  both.ourWorker->open(jobs);
  for (size_t at = 0; at < packets.size(); at++) {
    EXPECT(jobs[at].ok == (at != 40));
    const auto begin = packets[at].octets.begin();
    if (at != 40) EXPECT(std::equal(begin, begin + packets[at].length, plain[at].octets.begin()));
  }
}

TEST(a_wide_gcm_is_not_put_in_front_of_another) {
  class Wide : public CryptoProvider {
   public:
    const char* name() const override { return "wide"; }
    std::string version() const override { return "1"; }
    bool wideGcm() const override { return true; }
    size_t stateOctets(const CipherSuite&) const override { return 0; }
    bool prepare(const KeyMaterial&, void*) override { return false; }
    void forget(const CipherSuite&, void*) override {}
    std::unique_ptr<CryptoWorker> makeWorker() override { return nullptr; }
  };
  EXPECT(withGcmVaes(std::make_unique<Wide>())->version() == "1");
  EXPECT(withGcmVaes(nullptr) == nullptr);
}
