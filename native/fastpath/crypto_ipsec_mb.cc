#include "crypto_ipsec_mb.h"

#if __has_include(<intel-ipsec-mb.h>)

#include <intel-ipsec-mb.h>

#include <array>
#include <cstring>

#include "ipsec_mb_gcm.h"
#include "octets.h"

namespace fastpath {
namespace {

constexpr size_t kNonceOctets = 12;
constexpr size_t kHmacStateMax = 64;

/// The library wants its manager aligned, and its own function sees to that.
struct ManagerEnd {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, ManagerEnd>;

Manager makeManager() {
  Manager manager(alloc_mb_mgr(0));
  if (manager == nullptr) return nullptr;
  IMB_ARCH arch = IMB_ARCH_NONE;
  init_mb_mgr_auto(manager.get(), &arch);
  return arch >= IMB_ARCH_AVX2 && imb_get_errno(manager.get()) == 0 ? std::move(manager) : nullptr;
}

/// Everything but GCM, whose state is the library's gcm_key_data.
struct alignas(16) State {
  uint8_t encrypt[240];
  uint8_t decrypt[240];
  uint8_t inner[kHmacStateMax];
  uint8_t outer[kHmacStateMax];
};

IMB_HASH_ALG hashOf(Integrity integrity) {
  switch (integrity) {
    case Integrity::sha1:
      return IMB_AUTH_HMAC_SHA_1;
    case Integrity::sha256:
      return IMB_AUTH_HMAC_SHA_256;
    case Integrity::sha384:
      return IMB_AUTH_HMAC_SHA_384;
    case Integrity::sha512:
      return IMB_AUTH_HMAC_SHA_512;
    case Integrity::none:
      break;
  }
  return IMB_AUTH_NULL;
}

class IpsecMbWorker : public CryptoWorker {
 public:
  explicit IpsecMbWorker(Manager manager) : manager_(std::move(manager)), gcm_(bestGcm(*manager_)) {}

  void seal(std::span<CryptoJob> jobs) override { run(jobs, true); }
  void open(std::span<CryptoJob> jobs) override { run(jobs, false); }

 private:
  /// What a job of the library points to while it is under way.
  struct Scratch {
    CryptoJob* job;
    uint8_t nonce[kNonceOctets];
    uint8_t associated[kNonceOctets];
    /// What came in the packet, and what it should have been.
    uint8_t received[kIcvMax];
    alignas(16) uint8_t computed[64];
  };

  void run(std::span<CryptoJob> jobs, bool seals);
  void runGcm(CryptoJob& job, bool seals);
  void submit(CryptoJob& job, bool seals, Scratch& scratch);
  static void fillAead(IMB_JOB& out, CryptoJob& job, Scratch& scratch);
  static void fillParts(IMB_JOB& out, CryptoJob& job, bool seals, Scratch& scratch);
  static void finish(IMB_JOB* done, bool seals);

  Manager manager_;
  const IpsecMbGcm& gcm_;
  std::array<Scratch, kJobsMax> scratch_;
};

bool sameOctets(const uint8_t* a, const uint8_t* b, size_t length) {
  uint8_t difference = 0;
  for (size_t at = 0; at < length; at++) difference |= a[at] ^ b[at];
  return difference == 0;
}

/// Nonce and associated data of RFC 4106 section 4 and 5, and of RFC 7634 section 2. Octets of associated data.
size_t aeadInputs(const CryptoJob& job, uint8_t* nonce, uint8_t* associated) {
  std::memcpy(nonce, job.key->salt, 4);
  std::memcpy(nonce + 4, job.packet + 8, 8);
  std::memcpy(associated, job.packet, 4);
  if (job.key->esn) store32(associated + 4, job.sequenceHigh);
  std::memcpy(associated + (job.key->esn ? 8 : 4), job.packet + 4, 4);
  return job.key->esn ? 12 : 8;
}

void IpsecMbWorker::runGcm(CryptoJob& job, bool seals) {
  const CipherSuite& suite = *job.key->suite;
  const auto* key = static_cast<const gcm_key_data*>(job.key->state);
  gcm_context_data context;
  uint8_t nonce[kNonceOctets];
  uint8_t associated[12];
  const size_t associatedOctets = aeadInputs(job, nonce, associated);
  uint8_t* payload = job.packet + suite.headerOctets();
  const size_t length = job.length - suite.headerOctets();
  uint8_t* icv = job.packet + job.length;
  uint8_t computed[kIcvMax];
  const auto call = (seals ? gcm_.seal : gcm_.open)[IpsecMbGcm::sizeOf(suite.cipherKey)];
  call(key, &context, payload, payload, length, nonce, associated, associatedOctets, seals ? icv : computed, suite.icv);
  job.ok = seals || sameOctets(icv, computed, suite.icv);
}

void IpsecMbWorker::run(std::span<CryptoJob> jobs, bool seals) {
  size_t submitted = 0;
  for (CryptoJob& job : jobs) {
    job.ok = false;
    if (job.key->suite->cipher == Cipher::aesGcm) {
      runGcm(job, seals);
      continue;
    }
    submit(job, seals, scratch_[submitted % kJobsMax]);
    if (++submitted % kJobsMax != 0) continue;
    // Every scratch is in use: all must be done before one is used again.
    while (IMB_JOB* done = IMB_FLUSH_JOB(manager_.get())) finish(done, seals);
  }
  if (submitted == 0) return;
  while (IMB_JOB* done = IMB_FLUSH_JOB(manager_.get())) finish(done, seals);
}

void IpsecMbWorker::submit(CryptoJob& job, bool seals, Scratch& scratch) {
  scratch.job = &job;
  IMB_JOB* out = IMB_GET_NEXT_JOB(manager_.get());
  const CipherSuite& suite = *job.key->suite;
  out->src = job.packet;
  out->dst = job.packet + suite.headerOctets();
  out->cipher_start_src_offset_in_bytes = suite.headerOctets();
  out->msg_len_to_cipher_in_bytes = job.length - suite.headerOctets();
  out->cipher_direction = seals ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
  out->chain_order = seals ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
  out->auth_tag_output_len_in_bytes = suite.icv;
  out->user_data = &scratch;
  if (suite.aead()) {
    fillAead(*out, job, scratch);
  } else {
    fillParts(*out, job, seals, scratch);
  }
  out->auth_tag_output = scratch.computed;
  for (IMB_JOB* done = IMB_SUBMIT_JOB(manager_.get()); done != nullptr; done = IMB_GET_COMPLETED_JOB(manager_.get())) {
    finish(done, seals);
  }
}

void IpsecMbWorker::fillAead(IMB_JOB& out, CryptoJob& job, Scratch& scratch) {
  auto* state = static_cast<State*>(job.key->state);
  out.u.CHACHA20_POLY1305.aad_len_in_bytes = aeadInputs(job, scratch.nonce, scratch.associated);
  out.u.CHACHA20_POLY1305.aad = scratch.associated;
  out.cipher_mode = IMB_CIPHER_CHACHA20_POLY1305;
  out.hash_alg = IMB_AUTH_CHACHA20_POLY1305;
  out.enc_keys = state->encrypt;
  out.dec_keys = state->encrypt;
  out.key_len_in_bytes = 32;
  out.iv = scratch.nonce;
  out.iv_len_in_bytes = kNonceOctets;
  out.hash_start_src_offset_in_bytes = job.key->suite->headerOctets();
  out.msg_len_to_hash_in_bytes = job.length - job.key->suite->headerOctets();
}

void IpsecMbWorker::fillParts(IMB_JOB& out, CryptoJob& job, bool seals, Scratch& scratch) {
  const CipherSuite& suite = *job.key->suite;
  auto* state = static_cast<State*>(job.key->state);
  out.cipher_mode = suite.cipher == Cipher::null ? IMB_CIPHER_NULL : IMB_CIPHER_CBC;
  out.hash_alg = hashOf(suite.integrity);
  out.enc_keys = state->encrypt;
  out.dec_keys = state->decrypt;
  out.key_len_in_bytes = suite.cipherKey;
  out.iv = job.packet + 8;
  out.iv_len_in_bytes = suite.iv;
  out.hash_start_src_offset_in_bytes = 0;
  out.msg_len_to_hash_in_bytes = job.length;
  out.u.HMAC._hashed_auth_key_xor_ipad = state->inner;
  out.u.HMAC._hashed_auth_key_xor_opad = state->outer;
  uint8_t* icv = job.packet + job.length;
  if (!seals) std::memcpy(scratch.received, icv, suite.icv);
  if (!job.key->esn) return;
  // The high half is authenticated where the ICV stands, but not sent (RFC 4303 section 2.2.1).
  store32(icv, job.sequenceHigh);
  out.msg_len_to_hash_in_bytes += 4;
}

void IpsecMbWorker::finish(IMB_JOB* done, bool seals) {
  auto& scratch = *static_cast<Scratch*>(done->user_data);
  CryptoJob& job = *scratch.job;
  const CipherSuite& suite = *job.key->suite;
  if (done->status != IMB_STATUS_COMPLETED) return;
  uint8_t* icv = job.packet + job.length;
  if (seals) std::memcpy(icv, scratch.computed, suite.icv);
  job.ok = seals || sameOctets(suite.aead() ? icv : scratch.received, scratch.computed, suite.icv);
}

class IpsecMb : public CryptoProvider {
 public:
  explicit IpsecMb(Manager manager) : manager_(std::move(manager)) {}

  const char* name() const override { return "ipsec-mb"; }

  std::string version() const override {
    const char* arch = manager_->used_arch >= IMB_ARCH_AVX512 ? "AVX-512"
                       : bestGcm(*manager_).besides           ? "AVX2 and VAES"
                                                              : "AVX2";
    return std::string("libIPSec_MB ") + imb_get_version_str() + ", " + arch;
  }

  size_t stateOctets(const CipherSuite& suite) const override {
    return suite.cipher == Cipher::aesGcm ? sizeof(gcm_key_data) : sizeof(State);
  }

  bool prepare(const KeyMaterial& material, void* state) override {
    const CipherSuite& suite = *material.suite;
    if (suite.cipher == Cipher::aesGcm) {
      prepareGcm(material, static_cast<gcm_key_data*>(state));
      return true;
    }
    auto* made = static_cast<State*>(state);
    if (suite.cipher == Cipher::chacha20Poly1305) std::memcpy(made->encrypt, material.cipherKey.data(), 32);
    if (suite.cipher == Cipher::aesCbc) prepareCbc(material.cipherKey, *made);
    if (suite.integrity != Integrity::none) {
      pad(suite.integrity, material.integrityKey, 0x36, made->inner);
      pad(suite.integrity, material.integrityKey, 0x5c, made->outer);
    }
    return true;
  }

  void forget(const CipherSuite&, void*) override {}

  std::unique_ptr<CryptoWorker> makeWorker() override {
    Manager manager = makeManager();
    return manager == nullptr ? nullptr : std::make_unique<IpsecMbWorker>(std::move(manager));
  }

 private:
  /// By the suite, not by how many octets were given: KEYMAT has the salt behind the key.
  void prepareGcm(const KeyMaterial& material, gcm_key_data* state) {
    bestGcm(*manager_).prepare[IpsecMbGcm::sizeOf(material.suite->cipherKey)](material.cipherKey.data(), state);
  }

  void prepareCbc(std::span<const uint8_t> key, State& state) {
    if (key.size() == 16) IMB_AES_KEYEXP_128(manager_.get(), key.data(), state.encrypt, state.decrypt);
    if (key.size() == 24) IMB_AES_KEYEXP_192(manager_.get(), key.data(), state.encrypt, state.decrypt);
    if (key.size() == 32) IMB_AES_KEYEXP_256(manager_.get(), key.data(), state.encrypt, state.decrypt);
  }

  /// The hash's state after one block of key and pad. No key here is longer than a block.
  void pad(Integrity integrity, std::span<const uint8_t> key, uint8_t with, uint8_t* state) {
    alignas(16) uint8_t block[128];
    std::memset(block, with, sizeof block);
    for (size_t at = 0; at < key.size(); at++) block[at] ^= key[at];
    if (integrity == Integrity::sha1) IMB_SHA1_ONE_BLOCK(manager_.get(), block, state);
    if (integrity == Integrity::sha256) IMB_SHA256_ONE_BLOCK(manager_.get(), block, state);
    if (integrity == Integrity::sha384) IMB_SHA384_ONE_BLOCK(manager_.get(), block, state);
    if (integrity == Integrity::sha512) IMB_SHA512_ONE_BLOCK(manager_.get(), block, state);
    explicit_bzero(block, sizeof block);
  }

  Manager manager_;
};

}  // namespace

std::unique_ptr<CryptoProvider> makeIpsecMb() {
  Manager manager = makeManager();
  return manager == nullptr ? nullptr : std::make_unique<IpsecMb>(std::move(manager));
}

}  // namespace fastpath

#else

namespace fastpath {

std::unique_ptr<CryptoProvider> makeIpsecMb() { return nullptr; }

}  // namespace fastpath

#endif
