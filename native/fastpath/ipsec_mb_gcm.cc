#if __has_include(<intel-ipsec-mb.h>)

#include "ipsec_mb_gcm.h"

#include <cstdint>
#include <cstring>

// Null where the library at hand lacks them.
#define FASTPATH_BESIDES(bits)                                                                                     \
  extern "C" [[gnu::weak]] void aes_gcm_pre_##bits##_vaes_avx2(const void*, gcm_key_data*);                         \
  extern "C" [[gnu::weak]] void aes_gcm_enc_##bits##_vaes_avx2(const gcm_key_data*, gcm_context_data*, uint8_t*,     \
                                                               const uint8_t*, uint64_t, const uint8_t*,            \
                                                               const uint8_t*, uint64_t, uint8_t*, uint64_t);       \
  extern "C" [[gnu::weak]] void aes_gcm_dec_##bits##_vaes_avx2(const gcm_key_data*, gcm_context_data*, uint8_t*,     \
                                                               const uint8_t*, uint64_t, const uint8_t*,            \
                                                               const uint8_t*, uint64_t, uint8_t*, uint64_t);
FASTPATH_BESIDES(128)
FASTPATH_BESIDES(192)
FASTPATH_BESIDES(256)
#undef FASTPATH_BESIDES

namespace fastpath {
namespace {

/// Past the longest ESP packet of a path of 1,500: past every loop of either, and every rest of one.
constexpr size_t kComparedMax = 1600;
constexpr size_t kNonceOctets = 12;
constexpr size_t kAssociatedOctets = 8;
constexpr size_t kIcvOctets = 16;
/// The manager asks for GFNI too.
constexpr uint64_t kNeeded = IMB_FEATURE_AVX2 | IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ;

IpsecMbGcm gcmBesides() {
  return {{aes_gcm_pre_128_vaes_avx2, aes_gcm_pre_192_vaes_avx2, aes_gcm_pre_256_vaes_avx2},
          {aes_gcm_enc_128_vaes_avx2, aes_gcm_enc_192_vaes_avx2, aes_gcm_enc_256_vaes_avx2},
          {aes_gcm_dec_128_vaes_avx2, aes_gcm_dec_192_vaes_avx2, aes_gcm_dec_256_vaes_avx2},
          true};
}

bool complete(const IpsecMbGcm& gcm) {
  for (size_t size = 0; size < IpsecMbGcm::kSizes; size++) {
    if (gcm.prepare[size] == nullptr || gcm.seal[size] == nullptr || gcm.open[size] == nullptr) return false;
  }
  return true;
}

struct Packet {
  uint8_t octets[kComparedMax];
  uint8_t icv[kIcvOctets];

  bool operator==(const Packet&) const = default;
};

/// One key of one size, expanded for one of the two.
class Side {
 public:
  Side(const IpsecMbGcm& gcm, size_t size, const uint8_t* key) : seal_(gcm.seal[size]), open_(gcm.open[size]) {
    gcm.prepare[size](key, &key_);
  }

  void seal(Packet& packet, size_t length, const uint8_t* nonce) { run(seal_, packet, length, nonce); }
  void open(Packet& packet, size_t length, const uint8_t* nonce) { run(open_, packet, length, nonce); }

 private:
  void run(aes_gcm_enc_dec_t call, Packet& packet, size_t length, const uint8_t* nonce) {
    gcm_context_data context;
    uint8_t associated[kAssociatedOctets];
    std::memset(associated, static_cast<int>(length % 251), sizeof associated);
    call(&key_, &context, packet.octets, packet.octets, length, nonce, associated, sizeof associated, packet.icv,
         sizeof packet.icv);
  }

  gcm_key_data key_{};
  aes_gcm_enc_dec_t seal_;
  aes_gcm_enc_dec_t open_;
};

bool answerAlike(const IpsecMbGcm& one, const IpsecMbGcm& other, size_t size) {
  uint8_t key[32];
  for (size_t at = 0; at < sizeof key; at++) key[at] = static_cast<uint8_t>(at * 37 + size);
  Side first(one, size, key);
  Side second(other, size, key);
  for (size_t length = 1; length <= kComparedMax; length++) {
    uint8_t nonce[kNonceOctets];
    std::memset(nonce, static_cast<int>(length % 255), sizeof nonce);
    Packet plain{};
    for (size_t at = 0; at < length; at++) plain.octets[at] = static_cast<uint8_t>(at * 101 + length);
    Packet expected = plain;
    Packet sealed = plain;
    first.seal(expected, length, nonce);
    second.seal(sealed, length, nonce);
    if (sealed != expected) return false;
    second.open(sealed, length, nonce);
    std::memcpy(plain.icv, expected.icv, sizeof plain.icv);
    if (sealed != plain) return false;
  }
  return true;
}

}  // namespace

IpsecMbGcm gcmOfManager(const IMB_MGR& manager) {
  return {{manager.gcm128_pre, manager.gcm192_pre, manager.gcm256_pre},
          {manager.gcm128_enc, manager.gcm192_enc, manager.gcm256_enc},
          {manager.gcm128_dec, manager.gcm192_dec, manager.gcm256_dec},
          false};
}

const IpsecMbGcm& bestGcm(const IMB_MGR& manager) {
  static const IpsecMbGcm best = [&] {
    const IpsecMbGcm offered = gcmOfManager(manager);
    const IpsecMbGcm besides = gcmBesides();
    // What it has for AVX-512 is faster still.
    const bool gains = manager.used_arch < IMB_ARCH_AVX512 && (manager.features & kNeeded) == kNeeded;
    return gains && complete(besides) && answerAlike(offered, besides) ? besides : offered;
  }();
  return best;
}

bool answerAlike(const IpsecMbGcm& one, const IpsecMbGcm& other) {
  for (size_t size = 0; size < IpsecMbGcm::kSizes; size++) {
    if (!answerAlike(one, other, size)) return false;
  }
  return true;
}

}  // namespace fastpath

#endif
