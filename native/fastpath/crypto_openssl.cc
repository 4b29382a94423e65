#include "crypto_openssl.h"

#include <algorithm>
#include <cstring>

#include "octets.h"

namespace fastpath {
namespace {

constexpr int kSetIvLength = 0x9;  // EVP_CTRL_AEAD_SET_IVLEN
constexpr int kGetTag = 0x10;      // EVP_CTRL_AEAD_GET_TAG
constexpr int kSetTag = 0x11;      // EVP_CTRL_AEAD_SET_TAG
constexpr size_t kNonceOctets = 12;
constexpr size_t kDigestMax = 64;
constexpr size_t kHmacBlockMax = 128;

/// Lies in secret memory. The contexts themselves lie in OpenSSL's heap, which wipes them when they are freed.
struct State {
  OpensslCipherContext* cipher;
  /// HMAC after the block of its inner and of its outer pad (RFC 2104), copied for each packet.
  OpensslDigestContext* inner;
  OpensslDigestContext* outer;
};

const OpensslCipher* cipherOf(const OpensslFunctions& evp, const CipherSuite& suite) {
  switch (suite.cipher) {
    case Cipher::null:
      return nullptr;
    case Cipher::aesCbc:
      return suite.cipherKey == 16   ? evp.EVP_aes_128_cbc()
             : suite.cipherKey == 24 ? evp.EVP_aes_192_cbc()
                                     : evp.EVP_aes_256_cbc();
    case Cipher::aesGcm:
      return suite.cipherKey == 16   ? evp.EVP_aes_128_gcm()
             : suite.cipherKey == 24 ? evp.EVP_aes_192_gcm()
                                     : evp.EVP_aes_256_gcm();
    case Cipher::chacha20Poly1305:
      return evp.EVP_chacha20_poly1305();
  }
  return nullptr;
}

const OpensslDigest* digestOf(const OpensslFunctions& evp, Integrity integrity) {
  switch (integrity) {
    case Integrity::none:
      return nullptr;
    case Integrity::sha1:
      return evp.EVP_sha1();
    case Integrity::sha256:
      return evp.EVP_sha256();
    case Integrity::sha384:
      return evp.EVP_sha384();
    case Integrity::sha512:
      return evp.EVP_sha512();
  }
  return nullptr;
}

size_t hmacBlock(Integrity integrity) {
  return integrity == Integrity::sha384 || integrity == Integrity::sha512 ? 128 : 64;
}

class OpensslWorker : public CryptoWorker {
 public:
  explicit OpensslWorker(const OpensslFunctions& evp) : evp_(evp), digest_(evp.EVP_MD_CTX_new()) {}
  ~OpensslWorker() override { evp_.EVP_MD_CTX_free(digest_); }

  void seal(std::span<CryptoJob> jobs) override {
    for (CryptoJob& job : jobs) job.ok = job.key->suite->aead() ? aead(job, true) : sealParts(job);
  }

  void open(std::span<CryptoJob> jobs) override {
    for (CryptoJob& job : jobs) job.ok = job.key->suite->aead() ? aead(job, false) : openParts(job);
  }

 private:
  bool aead(CryptoJob& job, bool seals);
  bool cbc(CryptoJob& job, bool seals);
  bool hmac(const CryptoJob& job, uint8_t* digest);

  bool sealParts(CryptoJob& job) {
    uint8_t digest[kDigestMax];
    if (!cbc(job, true) || !hmac(job, digest)) return false;
    std::memcpy(job.packet + job.length, digest, job.key->suite->icv);
    return true;
  }

  bool openParts(CryptoJob& job) {
    uint8_t digest[kDigestMax];
    if (!hmac(job, digest)) return false;
    uint8_t difference = 0;
    for (size_t at = 0; at < job.key->suite->icv; at++) difference |= digest[at] ^ job.packet[job.length + at];
    return difference == 0 && cbc(job, false);
  }

  const OpensslFunctions& evp_;
  OpensslDigestContext* digest_;
};

bool OpensslWorker::aead(CryptoJob& job, bool seals) {
  const CipherSuite& suite = *job.key->suite;
  OpensslCipherContext* context = static_cast<State*>(job.key->state)->cipher;
  uint8_t nonce[kNonceOctets];
  std::memcpy(nonce, job.key->salt, 4);
  std::memcpy(nonce + 4, job.packet + 8, 8);
  uint8_t associated[12];
  std::memcpy(associated, job.packet, 4);
  if (job.key->esn) store32(associated + 4, job.sequenceHigh);
  std::memcpy(associated + (job.key->esn ? 8 : 4), job.packet + 4, 4);
  uint8_t* payload = job.packet + suite.headerOctets();
  const int length = static_cast<int>(job.length - suite.headerOctets());
  uint8_t* icv = job.packet + job.length;
  int done = 0;
  if (evp_.EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nonce, seals ? 1 : 0) != 1) return false;
  if (!seals && evp_.EVP_CIPHER_CTX_ctrl(context, kSetTag, suite.icv, icv) != 1) return false;
  if (evp_.EVP_CipherUpdate(context, nullptr, &done, associated, job.key->esn ? 12 : 8) != 1) return false;
  if (evp_.EVP_CipherUpdate(context, payload, &done, payload, length) != 1) return false;
  if (evp_.EVP_CipherFinal_ex(context, payload + done, &done) != 1) return false;
  return !seals || evp_.EVP_CIPHER_CTX_ctrl(context, kGetTag, suite.icv, icv) == 1;
}

bool OpensslWorker::cbc(CryptoJob& job, bool seals) {
  const CipherSuite& suite = *job.key->suite;
  if (suite.cipher == Cipher::null) return true;
  OpensslCipherContext* context = static_cast<State*>(job.key->state)->cipher;
  uint8_t* payload = job.packet + suite.headerOctets();
  const int length = static_cast<int>(job.length - suite.headerOctets());
  int done = 0;
  return evp_.EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, job.packet + 8, seals ? 1 : 0) == 1 &&
         evp_.EVP_CipherUpdate(context, payload, &done, payload, length) == 1 && done == length;
}

bool OpensslWorker::hmac(const CryptoJob& job, uint8_t* digest) {
  const State* state = static_cast<const State*>(job.key->state);
  uint8_t high[4];
  store32(high, job.sequenceHigh);
  unsigned int length = 0;
  return evp_.EVP_MD_CTX_copy_ex(digest_, state->inner) == 1 &&
         evp_.EVP_DigestUpdate(digest_, job.packet, job.length) == 1 &&
         (!job.key->esn || evp_.EVP_DigestUpdate(digest_, high, sizeof high) == 1) &&
         evp_.EVP_DigestFinal_ex(digest_, digest, &length) == 1 &&
         evp_.EVP_MD_CTX_copy_ex(digest_, state->outer) == 1 && evp_.EVP_DigestUpdate(digest_, digest, length) == 1 &&
         evp_.EVP_DigestFinal_ex(digest_, digest, &length) == 1;
}

class Openssl : public CryptoProvider {
 public:
  explicit Openssl(const OpensslFunctions& functions) : evp_(functions) {}

  const char* name() const override { return "openssl"; }
  std::string version() const override { return evp_.OpenSSL_version(0); }
  size_t stateOctets(const CipherSuite&) const override { return sizeof(State); }

  bool prepare(const KeyMaterial& material, void* state) override {
    auto* made = static_cast<State*>(state);
    return prepareCipher(material, *made) && prepareHmac(material, *made);
  }

  void forget(const CipherSuite&, void* state) override {
    auto* made = static_cast<State*>(state);
    evp_.EVP_CIPHER_CTX_free(made->cipher);
    evp_.EVP_MD_CTX_free(made->inner);
    evp_.EVP_MD_CTX_free(made->outer);
    *made = {};
  }

  std::unique_ptr<CryptoWorker> makeWorker() override { return std::make_unique<OpensslWorker>(evp_); }

 private:
  bool prepareCipher(const KeyMaterial& material, State& state) {
    const OpensslCipher* cipher = cipherOf(evp_, *material.suite);
    if (cipher == nullptr) return true;
    const int seals = material.inbound ? 0 : 1;
    state.cipher = evp_.EVP_CIPHER_CTX_new();
    if (state.cipher == nullptr) return false;
    if (evp_.EVP_CipherInit_ex(state.cipher, cipher, nullptr, nullptr, nullptr, seals) != 1) return false;
    evp_.EVP_CIPHER_CTX_set_padding(state.cipher, 0);
    if (material.suite->aead() && evp_.EVP_CIPHER_CTX_ctrl(state.cipher, kSetIvLength, kNonceOctets, nullptr) != 1) {
      return false;
    }
    return evp_.EVP_CipherInit_ex(state.cipher, nullptr, nullptr, material.cipherKey.data(), nullptr, seals) == 1;
  }

  bool prepareHmac(const KeyMaterial& material, State& state) {
    const OpensslDigest* digest = digestOf(evp_, material.suite->integrity);
    if (digest == nullptr) return true;
    const bool made = pad(digest, material, 0x36, state.inner) && pad(digest, material, 0x5c, state.outer);
    return made;
  }

  /// No key here is longer than its hash's block.
  bool pad(const OpensslDigest* digest, const KeyMaterial& material, uint8_t with, OpensslDigestContext*& context) {
    uint8_t block[kHmacBlockMax];
    std::memset(block, with, sizeof block);
    for (size_t at = 0; at < material.integrityKey.size(); at++) block[at] ^= material.integrityKey[at];
    context = evp_.EVP_MD_CTX_new();
    const bool made = context != nullptr && evp_.EVP_DigestInit_ex(context, digest, nullptr) == 1 &&
                      evp_.EVP_DigestUpdate(context, block, hmacBlock(material.suite->integrity)) == 1;
    explicit_bzero(block, sizeof block);
    return made;
  }

  OpensslFunctions evp_;
};

}  // namespace

std::unique_ptr<CryptoProvider> makeOpenssl(const OpensslFunctions& functions) {
  return std::make_unique<Openssl>(functions);
}

}  // namespace fastpath
