// The functions of OpenSSL that the fast path uses, as a table of pointers.
//
// The addon must not be linked with libcrypto: it would be mixed with the copy inside Node. So it looks the functions
// up in the running process; programs that have no Node in them (tests, fuzzers) fill the same table from the libcrypto
// that they are linked with. Only opaque types and functions that OpenSSL 1.1.1 to 3 share are used.
#pragma once

#include <cstddef>
#include <string>

extern "C" {
struct evp_cipher_st;
struct evp_cipher_ctx_st;
struct evp_md_st;
struct evp_md_ctx_st;
struct engine_st;
}

namespace fastpath {

using OpensslCipher = evp_cipher_st;
using OpensslCipherContext = evp_cipher_ctx_st;
using OpensslDigest = evp_md_st;
using OpensslDigestContext = evp_md_ctx_st;

#define FASTPATH_OPENSSL_FUNCTIONS(function)                                                                       \
  function(unsigned long, OpenSSL_version_num, (void))                                                             \
  function(const char*, OpenSSL_version, (int))                                                                    \
  function(const OpensslCipher*, EVP_aes_128_gcm, (void))                                                          \
  function(const OpensslCipher*, EVP_aes_192_gcm, (void))                                                          \
  function(const OpensslCipher*, EVP_aes_256_gcm, (void))                                                          \
  function(const OpensslCipher*, EVP_aes_128_cbc, (void))                                                          \
  function(const OpensslCipher*, EVP_aes_192_cbc, (void))                                                          \
  function(const OpensslCipher*, EVP_aes_256_cbc, (void))                                                          \
  function(const OpensslCipher*, EVP_chacha20_poly1305, (void))                                                    \
  function(const OpensslDigest*, EVP_sha1, (void))                                                                 \
  function(const OpensslDigest*, EVP_sha256, (void))                                                               \
  function(const OpensslDigest*, EVP_sha384, (void))                                                               \
  function(const OpensslDigest*, EVP_sha512, (void))                                                               \
  function(OpensslCipherContext*, EVP_CIPHER_CTX_new, (void))                                                      \
  function(void, EVP_CIPHER_CTX_free, (OpensslCipherContext*))                                                     \
  function(int, EVP_CIPHER_CTX_set_padding, (OpensslCipherContext*, int))                                          \
  function(int, EVP_CIPHER_CTX_ctrl, (OpensslCipherContext*, int, int, void*))                                     \
  function(int, EVP_CipherInit_ex,                                                                                 \
           (OpensslCipherContext*, const OpensslCipher*, engine_st*, const unsigned char*, const unsigned char*, int)) \
  function(int, EVP_CipherUpdate, (OpensslCipherContext*, unsigned char*, int*, const unsigned char*, int))        \
  function(int, EVP_CipherFinal_ex, (OpensslCipherContext*, unsigned char*, int*))                                 \
  function(OpensslDigestContext*, EVP_MD_CTX_new, (void))                                                          \
  function(void, EVP_MD_CTX_free, (OpensslDigestContext*))                                                         \
  function(int, EVP_MD_CTX_copy_ex, (OpensslDigestContext*, const OpensslDigestContext*))                          \
  function(int, EVP_DigestInit_ex, (OpensslDigestContext*, const OpensslDigest*, engine_st*))                      \
  function(int, EVP_DigestUpdate, (OpensslDigestContext*, const void*, size_t))                                    \
  function(int, EVP_DigestFinal_ex, (OpensslDigestContext*, unsigned char*, unsigned int*))

struct OpensslFunctions {
#define FASTPATH_MEMBER(result, name, arguments) result(*name) arguments;
  FASTPATH_OPENSSL_FUNCTIONS(FASTPATH_MEMBER)
#undef FASTPATH_MEMBER
};

/// From the running process. An empty answer is success; else it names what is missing.
std::string findOpenssl(OpensslFunctions& functions);

}  // namespace fastpath
