// AES-GCM by our own code in front of another provider, which keeps every other cipher.
#pragma once

#include "crypto.h"

namespace fastpath {

/// `other` itself where it is as fast, or where this processor has not what it takes.
std::unique_ptr<CryptoProvider> withGcmVaes(std::unique_ptr<CryptoProvider> other);

}  // namespace fastpath
