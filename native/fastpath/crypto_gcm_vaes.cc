#include "crypto_gcm_vaes.h"

#include <cstring>
#include <new>

#include "gcm_vaes.h"
#include "octets.h"

namespace fastpath {
namespace {

bool ours(const CipherSuite& suite) { return suite.cipher == Cipher::aesGcm && suite.icv == kGcmTagOctets; }

/// How many packets ahead a key is asked of memory: with thousands of SAs it lies in no cache.
constexpr size_t kAhead = 2;

void fetchKey(const CryptoJob& job) {
  const auto* key = static_cast<const uint8_t*>(job.key->state);
  for (size_t at = 0; at < sizeof(GcmVaesKey); at += 64) __builtin_prefetch(key + at);
}

class GcmVaesWorker : public CryptoWorker {
 public:
  explicit GcmVaesWorker(std::unique_ptr<CryptoWorker> other) : other_(std::move(other)) {}

  void seal(std::span<CryptoJob> jobs) override { run(jobs, true); }
  void open(std::span<CryptoJob> jobs) override { run(jobs, false); }

 private:
  void run(std::span<CryptoJob> jobs, bool seals);
  static void gcm(CryptoJob& job, bool seals);

  std::unique_ptr<CryptoWorker> other_;
};

/// Runs of jobs that are not ours go on together, for a library that works on many at once.
void GcmVaesWorker::run(std::span<CryptoJob> jobs, bool seals) {
  for (size_t at = 0; at < jobs.size();) {
    size_t end = at;
    while (end < jobs.size() && !ours(*jobs[end].key->suite)) end++;
    if (end > at) {
      const auto others = jobs.subspan(at, end - at);
      seals ? other_->seal(others) : other_->open(others);
    }
    for (at = end; at < jobs.size() && ours(*jobs[at].key->suite); at++) {
      const size_t ahead = at + kAhead;
      if (ahead < jobs.size() && jobs[ahead].key != jobs[at].key) fetchKey(jobs[ahead]);
      gcm(jobs[at], seals);
    }
  }
}

/// Nonce and associated data of RFC 4106 sections 4 and 5.
void GcmVaesWorker::gcm(CryptoJob& job, bool seals) {
  const SaKey& key = *job.key;
  const size_t header = key.suite->headerOctets();
  uint8_t nonce[12];
  std::memcpy(nonce, key.salt, 4);
  std::memcpy(nonce + 4, job.packet + 8, 8);
  uint8_t associated[12];
  std::memcpy(associated, job.packet, 4);
  if (key.esn) store32(associated + 4, job.sequenceHigh);
  std::memcpy(associated + (key.esn ? 8 : 4), job.packet + 4, 4);
  const GcmVaesInputs inputs{nonce, associated, size_t{key.esn ? 12u : 8u}};
  const auto& expanded = *static_cast<const GcmVaesKey*>(key.state);
  uint8_t* icv = job.packet + job.length;
  job.ok = true;
  if (seals) return gcmVaesSeal(expanded, inputs, job.packet + header, job.length - header, icv);
  uint8_t computed[kGcmTagOctets];
  gcmVaesOpen(expanded, inputs, job.packet + header, job.length - header, computed);
  uint8_t difference = 0;
  for (size_t at = 0; at < kGcmTagOctets; at++) difference |= icv[at] ^ computed[at];
  job.ok = difference == 0;
}

class GcmVaesProvider : public CryptoProvider {
 public:
  explicit GcmVaesProvider(std::unique_ptr<CryptoProvider> other) : other_(std::move(other)) {}

  const char* name() const override { return other_->name(); }
  std::string version() const override { return other_->version() + "; AES-GCM: VAES"; }

  size_t stateOctets(const CipherSuite& suite) const override {
    return ours(suite) ? sizeof(GcmVaesKey) : other_->stateOctets(suite);
  }

  bool prepare(const KeyMaterial& material, void* state) override {
    if (!ours(*material.suite)) return other_->prepare(material, state);
    // By the suite, not by how many octets were given: KEYMAT has the salt behind the key.
    gcmVaesPrepare(material.cipherKey.data(), material.suite->cipherKey, *new (state) GcmVaesKey);
    return true;
  }

  void forget(const CipherSuite& suite, void* state) override {
    if (!ours(suite)) other_->forget(suite, state);
  }

  std::unique_ptr<CryptoWorker> makeWorker() override {
    std::unique_ptr<CryptoWorker> worker = other_->makeWorker();
    return worker == nullptr ? nullptr : std::make_unique<GcmVaesWorker>(std::move(worker));
  }

 private:
  std::unique_ptr<CryptoProvider> other_;
};

}  // namespace

std::unique_ptr<CryptoProvider> withGcmVaes(std::unique_ptr<CryptoProvider> other) {
  if (other == nullptr || other->wideGcm() || !gcmVaesPresent()) return other;
  return std::make_unique<GcmVaesProvider>(std::move(other));
}

}  // namespace fastpath
