#include "openssl_functions.h"

#include <dlfcn.h>

namespace fastpath {

std::string findOpenssl(OpensslFunctions& functions) {
  std::string missing;
#define FASTPATH_FIND(result, name, arguments)                                       \
  functions.name = reinterpret_cast<result(*) arguments>(dlsym(RTLD_DEFAULT, #name)); \
  if (functions.name == nullptr) missing += missing.empty() ? #name : ", " #name;
  FASTPATH_OPENSSL_FUNCTIONS(FASTPATH_FIND)
#undef FASTPATH_FIND
  if (!missing.empty()) return "this process has no OpenSSL with " + missing;
  // Before 1.1.1 there are no such contexts; what the functions mean after 3 is not known.
  const unsigned long version = functions.OpenSSL_version_num();
  if (version < 0x10101000UL || version >= 0x40000000UL) {
    return std::string("OpenSSL is neither 1.1.1 nor 3: ") + functions.OpenSSL_version(0);
  }
  return {};
}

}  // namespace fastpath
