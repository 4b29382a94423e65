// The fast provider: libIPSec_MB, where its header was there at build time and the processor has AVX2.
#pragma once

#include <memory>

#include "crypto.h"

namespace fastpath {

/// Null where this build or this processor has not what it takes.
std::unique_ptr<CryptoProvider> makeIpsecMb();

}  // namespace fastpath
