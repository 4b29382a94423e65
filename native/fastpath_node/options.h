// What JavaScript hands to the constructor, as the library wants it.
#pragma once

#include <napi.h>

#include "../fastpath/fast_path.h"
#include "../fastpath/openssl_functions.h"

namespace fastpath_node {

/// Throws a TypeError or RangeError that names the option; std::runtime_error where the cryptography is missing.
fastpath::FastPathOptions readOptions(const Napi::Object& given);

/// The OpenSSL of the running process; null where it has none that fits.
const fastpath::OpensslFunctions* processOpenssl();

}  // namespace fastpath_node
