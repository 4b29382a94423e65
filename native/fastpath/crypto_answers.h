// Known answers of every suite, with and without extended sequence numbers: what a provider must compute before it is
// trusted.
//
// Keys count up from 0 (cipher) and 0x20 (integrity), IVs from 0x80, the 48 octets of payload from 0x40; the header is
// 0001020304050607 and the high half of the number 9. The answers (first four octets of ciphertext, first eight of the
// ICV) were computed by Node's OpenSSL through node:crypto, not by this code.
#pragma once

#include <array>
#include <cstdint>

#include "cipher_suite.h"

namespace fastpath {

struct KnownAnswer {
  Cipher cipher;
  Integrity integrity;
  uint8_t keyOctets;
  uint8_t integrityKeyOctets;
  bool esn;
  uint32_t ciphertext;
  uint64_t icv;
};

constexpr auto kKnownAnswers = std::to_array<KnownAnswer>({
    {Cipher::aesGcm, Integrity::none, 20, 0, false, 0xf5adf0ab, 0x83dbe1e753c34cc0},
    {Cipher::aesGcm, Integrity::none, 28, 0, false, 0x8af5cf72, 0x2a2d77a98382ead8},
    {Cipher::aesGcm, Integrity::none, 36, 0, false, 0xa27b4616, 0x5da5a46ec9efa01a},
    {Cipher::chacha20Poly1305, Integrity::none, 36, 0, false, 0x4a4d0bd6, 0x1156399a08972f59},
    {Cipher::null, Integrity::sha1, 0, 20, false, 0x40414243, 0xcf455fbcb536bc90},
    {Cipher::aesCbc, Integrity::sha1, 16, 20, false, 0x041100d0, 0xdcf55eb01cfbad34},
    {Cipher::aesCbc, Integrity::sha1, 24, 20, false, 0x5e4bd7b7, 0xc84bc7386c83742c},
    {Cipher::aesCbc, Integrity::sha1, 32, 20, false, 0xba799661, 0xf2bf088d25c7bba8},
    {Cipher::null, Integrity::sha256, 0, 32, false, 0x40414243, 0x162e1faf07a32edf},
    {Cipher::aesCbc, Integrity::sha256, 16, 32, false, 0x041100d0, 0xc81a738292a1bb7d},
    {Cipher::aesCbc, Integrity::sha256, 24, 32, false, 0x5e4bd7b7, 0x476a2b183b8815b3},
    {Cipher::aesCbc, Integrity::sha256, 32, 32, false, 0xba799661, 0xea19c3cc933ed344},
    {Cipher::null, Integrity::sha384, 0, 48, false, 0x40414243, 0x0d9c877f0789bd42},
    {Cipher::aesCbc, Integrity::sha384, 16, 48, false, 0x041100d0, 0x72e7a0f85c79b209},
    {Cipher::aesCbc, Integrity::sha384, 24, 48, false, 0x5e4bd7b7, 0x7c5cc3a66f8af76c},
    {Cipher::aesCbc, Integrity::sha384, 32, 48, false, 0xba799661, 0xc217e2d0c1e8e910},
    {Cipher::null, Integrity::sha512, 0, 64, false, 0x40414243, 0x6bc28d568953a8ff},
    {Cipher::aesCbc, Integrity::sha512, 16, 64, false, 0x041100d0, 0x443e932ceddfa565},
    {Cipher::aesCbc, Integrity::sha512, 24, 64, false, 0x5e4bd7b7, 0x87b5ffeb071ab98a},
    {Cipher::aesCbc, Integrity::sha512, 32, 64, false, 0xba799661, 0x3638a49e69f294a8},
    {Cipher::aesGcm, Integrity::none, 20, 0, true, 0xf5adf0ab, 0x98f0222422daea4c},
    {Cipher::aesGcm, Integrity::none, 28, 0, true, 0x8af5cf72, 0x10c6d247af7d2640},
    {Cipher::aesGcm, Integrity::none, 36, 0, true, 0xa27b4616, 0x73224b124b8016cf},
    {Cipher::chacha20Poly1305, Integrity::none, 36, 0, true, 0x4a4d0bd6, 0x5f1fdedac5ef1eac},
    {Cipher::null, Integrity::sha1, 0, 20, true, 0x40414243, 0x1cf5df356f5d5493},
    {Cipher::aesCbc, Integrity::sha1, 16, 20, true, 0x041100d0, 0xaf183ed7c98eef86},
    {Cipher::aesCbc, Integrity::sha1, 24, 20, true, 0x5e4bd7b7, 0xd3f1997048f7845d},
    {Cipher::aesCbc, Integrity::sha1, 32, 20, true, 0xba799661, 0x62998490f3e12562},
    {Cipher::null, Integrity::sha256, 0, 32, true, 0x40414243, 0xcec0e131e40fe846},
    {Cipher::aesCbc, Integrity::sha256, 16, 32, true, 0x041100d0, 0xbc46b8371fbfbfc1},
    {Cipher::aesCbc, Integrity::sha256, 24, 32, true, 0x5e4bd7b7, 0x744b5c7de1a25e3a},
    {Cipher::aesCbc, Integrity::sha256, 32, 32, true, 0xba799661, 0xec7da57ba50b0f1c},
    {Cipher::null, Integrity::sha384, 0, 48, true, 0x40414243, 0x502a142e103fdee6},
    {Cipher::aesCbc, Integrity::sha384, 16, 48, true, 0x041100d0, 0xbfdece852bbb740f},
    {Cipher::aesCbc, Integrity::sha384, 24, 48, true, 0x5e4bd7b7, 0x99448f9ad34cc75b},
    {Cipher::aesCbc, Integrity::sha384, 32, 48, true, 0xba799661, 0x18cbd85ccc620a1a},
    {Cipher::null, Integrity::sha512, 0, 64, true, 0x40414243, 0x164e6b6740562cbf},
    {Cipher::aesCbc, Integrity::sha512, 16, 64, true, 0x041100d0, 0x30621e764e4ef9d3},
    {Cipher::aesCbc, Integrity::sha512, 24, 64, true, 0x5e4bd7b7, 0xd02fb8de386c41fc},
    {Cipher::aesCbc, Integrity::sha512, 32, 64, true, 0xba799661, 0x327aef582711c747},
});

}  // namespace fastpath
