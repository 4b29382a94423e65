// How it works.
//
// GHASH multiplies in GF(2^128) with the bits of each octet the wrong way round. A block whose octets are reversed is
// the polynomial with all of its bits reversed, and the product of two reversed polynomials is their reversed product,
// one place too far to the right; so H is kept times x. Products of several blocks with descending powers of H are
// added up before they are reduced once. The reduction is Montgomery's, twice by 64 bits: G = x^128 + x^127 + x^126 +
// x^121 + 1 times the lowest 64 bits clears them.
#include "gcm_vaes.h"

#include "octets.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#include <cstring>

#define FASTPATH_VAES __attribute__((target("avx2,aes,pclmul,vaes,vpclmulqdq")))
#define FASTPATH_VAES_INLINE FASTPATH_VAES __attribute__((always_inline)) inline

namespace fastpath {
namespace {

constexpr size_t kBlock = 16;
constexpr size_t kPair = 2 * kBlock;
constexpr size_t kTurn = 4 * kPair;
/// Where H and H^8 stand among the powers.
constexpr size_t kFirst = GcmVaesKey::kPowers - 1;
constexpr size_t kEighth = kFirst - 7;

/// A product before it is reduced: the low, the middle and the high half, 64 bits apart.
struct Product {
  __m256i low;
  __m256i middle;
  __m256i high;
};

struct Halves {
  __m128i low;
  __m128i middle;
  __m128i high;
};

FASTPATH_VAES_INLINE __m128i load(const uint8_t* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }
FASTPATH_VAES_INLINE __m256i load2(const uint8_t* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}
FASTPATH_VAES_INLINE void store(uint8_t* at, __m128i value) { _mm_storeu_si128(reinterpret_cast<__m128i*>(at), value); }
FASTPATH_VAES_INLINE void store2(uint8_t* at, __m256i value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), value);
}
FASTPATH_VAES_INLINE __m256i both(__m128i value) { return _mm256_broadcastsi128_si256(value); }
FASTPATH_VAES_INLINE __m128i reversed(__m128i value) {
  return _mm_shuffle_epi8(value, _mm_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
}
FASTPATH_VAES_INLINE __m256i reversed2(__m256i value) {
  return _mm256_shuffle_epi8(value, both(_mm_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)));
}

FASTPATH_VAES_INLINE __m256i halvesAdded(__m256i value) {
  return _mm256_xor_si256(value, _mm256_shuffle_epi32(value, 0x4e));
}

FASTPATH_VAES_INLINE void multiplyAdd(Product& sum, __m256i blocks, __m256i powers) {
  sum.low = _mm256_xor_si256(sum.low, _mm256_clmulepi64_epi128(blocks, powers, 0x00));
  const __m256i crossed = _mm256_clmulepi64_epi128(halvesAdded(blocks), halvesAdded(powers), 0x00);
  sum.middle = _mm256_xor_si256(sum.middle, crossed);
  sum.high = _mm256_xor_si256(sum.high, _mm256_clmulepi64_epi128(blocks, powers, 0x11));
}

FASTPATH_VAES_INLINE __m128i reduced(Halves product) {
  const __m128i polynomial = _mm_set_epi64x(0, static_cast<long long>(0xc200000000000000ULL));
  const __m128i first = _mm_clmulepi64_si128(product.low, polynomial, 0x00);
  const __m128i middle =
      _mm_xor_si128(product.middle, _mm_xor_si128(first, _mm_shuffle_epi32(product.low, 0x4e)));
  const __m128i second = _mm_clmulepi64_si128(middle, polynomial, 0x00);
  return _mm_xor_si128(product.high, _mm_xor_si128(second, _mm_shuffle_epi32(middle, 0x4e)));
}

FASTPATH_VAES_INLINE __m128i folded(__m256i value) {
  return _mm_xor_si128(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
}

FASTPATH_VAES_INLINE __m128i reduced(const Product& sum) {
  const __m128i low = folded(sum.low);
  const __m128i high = folded(sum.high);
  return reduced(Halves{low, _mm_xor_si128(folded(sum.middle), _mm_xor_si128(low, high)), high});
}

FASTPATH_VAES_INLINE __m128i multiplied(__m128i a, __m128i b) {
  const __m128i middle = _mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x01), _mm_clmulepi64_si128(a, b, 0x10));
  return reduced(Halves{_mm_clmulepi64_si128(a, b, 0x00), middle, _mm_clmulepi64_si128(a, b, 0x11)});
}

/// Times x, modulo G.
FASTPATH_VAES_INLINE __m128i timesX(__m128i value) {
  const __m128i carries = _mm_srli_epi64(value, 63);
  const __m128i shifted = _mm_or_si128(_mm_slli_epi64(value, 1), _mm_slli_si128(carries, 8));
  const __m128i over = _mm_sub_epi64(_mm_setzero_si128(), _mm_unpackhi_epi64(carries, carries));
  const __m128i polynomial = _mm_set_epi64x(static_cast<long long>(0xc200000000000000ULL), 1);
  return _mm_xor_si128(shifted, _mm_and_si128(over, polynomial));
}

template <uint32_t rounds>
FASTPATH_VAES_INLINE __m128i encrypted(const GcmVaesKey& key, __m128i block) {
  block = _mm_xor_si128(block, load(key.schedule[0]));
#pragma GCC unroll 14
  for (uint32_t round = 1; round < rounds; round++) block = _mm_aesenc_si128(block, load(key.schedule[round]));
  return _mm_aesenclast_si128(block, load(key.schedule[rounds]));
}

/// The key stream of eight blocks. `counter` holds the next two, their octets reversed.
template <uint32_t rounds>
FASTPATH_VAES_INLINE void stream(const GcmVaesKey& key, __m256i& counter, __m256i (&blocks)[4]) {
  const __m256i two = _mm256_setr_epi32(2, 0, 0, 0, 2, 0, 0, 0);
  const __m256i first = both(load(key.schedule[0]));
#pragma GCC unroll 4
  for (__m256i& block : blocks) {
    block = _mm256_xor_si256(reversed2(counter), first);
    counter = _mm256_add_epi32(counter, two);
  }
#pragma GCC unroll 14
  for (uint32_t round = 1; round < rounds; round++) {
    const __m256i with = both(load(key.schedule[round]));
#pragma GCC unroll 4
    for (__m256i& block : blocks) block = _mm256_aesenc_epi128(block, with);
  }
  const __m256i last = both(load(key.schedule[rounds]));
#pragma GCC unroll 4
  for (__m256i& block : blocks) block = _mm256_aesenclast_epi128(block, last);
}

template <bool seals>
FASTPATH_VAES_INLINE void hashPair(Product& sum, __m128i hash, __m256i before, __m256i after, const uint8_t* powers) {
  const __m256i ciphertext = reversed2(seals ? after : before);
  multiplyAdd(sum, _mm256_xor_si256(ciphertext, _mm256_zextsi128_si256(hash)), load2(powers));
}

/// Fewer than eight blocks, whose last need not be whole, and the block of lengths.
template <uint32_t rounds, bool seals>
FASTPATH_VAES_INLINE __m128i rest(const GcmVaesKey& key, __m256i counter, __m128i hash, __m128i lengths, uint8_t* data,
                                  size_t length) {
  Product sum{};
  multiplyAdd(sum, _mm256_zextsi128_si256(lengths), _mm256_zextsi128_si256(load(key.powers[kFirst])));
  if (length == 0) {
    multiplyAdd(sum, _mm256_zextsi128_si256(hash), _mm256_zextsi128_si256(load(key.powers[kFirst])));
    return reduced(sum);
  }
  __m256i blocks[4];
  stream<rounds>(key, counter, blocks);
  const uint8_t* powers = key.powers[kFirst - (length + kBlock - 1) / kBlock];
  const __m256i places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
#pragma GCC unroll 4
  for (size_t pair = 0; pair < 4; pair++) {
    if (pair * kPair >= length) break;
    auto* at = reinterpret_cast<int*>(data + pair * kPair);
    const int words = static_cast<int>((length - pair * kPair) / 4);
    const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(words), places);
    const __m256i before = _mm256_maskload_epi32(at, mask);
    const __m256i after = _mm256_and_si256(_mm256_xor_si256(before, blocks[pair]), mask);
    _mm256_maskstore_epi32(at, mask, after);
    hashPair<seals>(sum, pair == 0 ? hash : _mm_setzero_si128(), before, after, powers + pair * kPair);
  }
  return reduced(sum);
}

template <uint32_t rounds, bool seals>
FASTPATH_VAES void crypt(const GcmVaesKey& key, const GcmVaesInputs& inputs, uint8_t* data, size_t length,
                         uint8_t* tag) {
  alignas(16) uint8_t first[kBlock] = {};
  std::memcpy(first, inputs.nonce, 12);
  first[15] = 1;
  const __m128i mask = encrypted<rounds>(key, load(first));
  __m256i counter = _mm256_add_epi32(both(reversed(load(first))), _mm256_setr_epi32(1, 0, 0, 0, 2, 0, 0, 0));

  alignas(16) uint8_t associated[kBlock] = {};
  std::memcpy(associated, inputs.associated, inputs.associatedOctets);
  __m128i hash = multiplied(reversed(load(associated)), load(key.powers[kFirst]));
  const __m128i lengths = _mm_set_epi64x(static_cast<long long>(inputs.associatedOctets * 8),
                                         static_cast<long long>(uint64_t{length} * 8));

  const uint8_t* powers = key.powers[kEighth];
  for (; length >= kTurn; data += kTurn, length -= kTurn) {
    __m256i blocks[4];
    stream<rounds>(key, counter, blocks);
    Product sum{};
#pragma GCC unroll 4
    for (size_t pair = 0; pair < 4; pair++) {
      uint8_t* at = data + pair * kPair;
      const __m256i before = load2(at);
      const __m256i after = _mm256_xor_si256(before, blocks[pair]);
      store2(at, after);
      hashPair<seals>(sum, pair == 0 ? hash : _mm_setzero_si128(), before, after, powers + pair * kPair);
    }
    hash = reduced(sum);
  }
  hash = rest<rounds, seals>(key, counter, hash, lengths, data, length);
  store(tag, _mm_xor_si128(reversed(hash), mask));
}

template <bool seals>
void crypt(const GcmVaesKey& key, const GcmVaesInputs& inputs, uint8_t* data, size_t length, uint8_t* tag) {
  switch (key.rounds) {
    case 10:
      return crypt<10, seals>(key, inputs, data, length, tag);
    case 12:
      return crypt<12, seals>(key, inputs, data, length, tag);
    default:
      return crypt<14, seals>(key, inputs, data, length, tag);
  }
}

/// FIPS 197 section 5.2, by words in the order of their octets.
FASTPATH_VAES void expand(const uint8_t* key, size_t keyWords, GcmVaesKey& into) {
  const size_t words = (into.rounds + 1) * 4;
  uint32_t schedule[60];
  std::memcpy(schedule, key, keyWords * 4);
  uint32_t constant = 1;
  for (size_t at = keyWords; at < words; at++) {
    uint32_t word = schedule[at - 1];
    const bool begins = at % keyWords == 0;
    if (begins || (keyWords == 8 && at % 8 == 4)) {
      // The instruction gives the substituted word, and that word turned by an octet.
      const __m128i made = _mm_aeskeygenassist_si128(_mm_set1_epi32(static_cast<int>(word)), 0);
      word = static_cast<uint32_t>(begins ? _mm_extract_epi32(made, 1) : _mm_extract_epi32(made, 0));
    }
    if (begins) {
      word ^= constant;
      constant = constant << 1 ^ (constant >> 7) * 0x11b;
    }
    schedule[at] = schedule[at - keyWords] ^ word;
  }
  std::memcpy(into.schedule, schedule, words * 4);
  explicit_bzero(schedule, sizeof schedule);
}

}  // namespace

bool gcmVaesPresent() {
  constexpr unsigned kVaes = 1U << 9;
  constexpr unsigned kVpclmulqdq = 1U << 10;
  unsigned a = 0, b = 0, c = 0, d = 0;
  // The first asks too whether the system keeps the wide registers.
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("pclmul")) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (c & kVaes) != 0 && (c & kVpclmulqdq) != 0;
}

FASTPATH_VAES void gcmVaesPrepare(const uint8_t* key, size_t keyOctets, GcmVaesKey& into) {
  into.rounds = static_cast<uint32_t>(keyOctets / 4 + 6);
  expand(key, keyOctets / 4, into);
  const __m128i zero = _mm_setzero_si128();
  const __m128i hash = into.rounds == 10   ? encrypted<10>(into, zero)
                       : into.rounds == 12 ? encrypted<12>(into, zero)
                                           : encrypted<14>(into, zero);
  const __m128i first = timesX(reversed(hash));
  __m128i power = first;
  for (size_t at = kFirst;; at--) {
    store(into.powers[at], power);
    if (at == 0) return;
    power = multiplied(power, first);
  }
}

void gcmVaesSeal(const GcmVaesKey& key, const GcmVaesInputs& inputs, uint8_t* data, size_t length, uint8_t* tag) {
  crypt<true>(key, inputs, data, length, tag);
}

void gcmVaesOpen(const GcmVaesKey& key, const GcmVaesInputs& inputs, uint8_t* data, size_t length, uint8_t* tag) {
  crypt<false>(key, inputs, data, length, tag);
}

}  // namespace fastpath

#else

namespace fastpath {

bool gcmVaesPresent() { return false; }
void gcmVaesPrepare(const uint8_t*, size_t, GcmVaesKey&) {}
void gcmVaesSeal(const GcmVaesKey&, const GcmVaesInputs&, uint8_t*, size_t, uint8_t*) {}
void gcmVaesOpen(const GcmVaesKey&, const GcmVaesInputs&, uint8_t*, size_t, uint8_t*) {}

}  // namespace fastpath

#endif
