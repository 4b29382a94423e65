// The table of OpenSSL's functions for programs without Node: from the libcrypto that they are linked with.
#pragma once

#include "../fastpath/openssl_functions.h"

namespace fastpath {

const OpensslFunctions& linkedOpenssl();

}  // namespace fastpath
