#include "openssl_linked.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace fastpath {

const OpensslFunctions& linkedOpenssl() {
  static const OpensslFunctions functions = [] {
    OpensslFunctions table{};
#define FASTPATH_LINK(result, name, arguments) table.name = reinterpret_cast<result(*) arguments>(::name);
    FASTPATH_OPENSSL_FUNCTIONS(FASTPATH_LINK)
#undef FASTPATH_LINK
    return table;
  }();
  return functions;
}

}  // namespace fastpath
