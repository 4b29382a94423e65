// Which provider is used: the fast one where it is there, else OpenSSL; and never one that does not compute what the
// RFCs say.
#pragma once

#include <memory>
#include <string_view>

#include "crypto.h"
#include "openssl_functions.h"

namespace fastpath {

/// `wanted` is "auto", "ipsec-mb" or "openssl"; `functions` may be null where there is no OpenSSL. Throws
/// std::runtime_error that says what is missing or what failed its test.
std::unique_ptr<CryptoProvider> chooseCrypto(std::string_view wanted, const OpensslFunctions* functions);

/// Seals and opens a known packet with every suite; an empty answer is success, else it names the suite that is wrong.
std::string selfTest(CryptoProvider& provider);

}  // namespace fastpath
