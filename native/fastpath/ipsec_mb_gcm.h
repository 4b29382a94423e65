// Which of libIPSec_MB's AES-GCM is called: what its manager offers, or what the library has besides.
//
// From 2.0 on the library has AES-GCM in VAES for processors without AVX-512, which takes half the time. Its manager
// offers it only where there is GFNI too, though it has no instruction of that: AMD's third EPYC has the one and not
// the other. The functions are exported, with the prototypes of the documented ones, and none of its headers declares
// them. So they are used only where the library at hand has all of them, where the processor has what they need, and
// where they answer as the manager's own.
#pragma once

#include <intel-ipsec-mb.h>

#include <array>
#include <cstddef>

namespace fastpath {

struct IpsecMbGcm {
  /// Of keys of 128, 192 and 256 bits.
  static constexpr size_t kSizes = 3;
  static constexpr size_t sizeOf(size_t keyOctets) { return (keyOctets - 16) / 8; }

  std::array<aes_gcm_pre_t, kSizes> prepare;
  std::array<aes_gcm_enc_dec_t, kSizes> seal;
  std::array<aes_gcm_enc_dec_t, kSizes> open;
  /// It is not the manager's own.
  bool besides = false;
};

/// Keys that one has prepared are no keys of another.
IpsecMbGcm gcmOfManager(const IMB_MGR& manager);
/// The same for every manager of a process.
const IpsecMbGcm& bestGcm(const IMB_MGR& manager);
/// Whether both seal packets of every length to the same octets and open them again, with the same ICV.
bool answerAlike(const IpsecMbGcm& one, const IpsecMbGcm& other);

}  // namespace fastpath
