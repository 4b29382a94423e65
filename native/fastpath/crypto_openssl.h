// The provider that is always there: OpenSSL's EVP interface, one context a key.
#pragma once

#include <memory>

#include "crypto.h"
#include "openssl_functions.h"

namespace fastpath {

std::unique_ptr<CryptoProvider> makeOpenssl(const OpensslFunctions& functions);

}  // namespace fastpath
