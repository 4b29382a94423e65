// Names and indexes of network interfaces.

#include <net/if.h>

#include "arguments.h"
#include "failure.h"
#include "parts.h"

namespace sys {
namespace {

/// interfaceIndex(name): its index, or 0 when there is no such interface.
Napi::Value interfaceIndex(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "interfaceIndex");
  const std::string name = arguments.text(0, "name", IFNAMSIZ - 1);
  const unsigned int index = if_nametoindex(name.c_str());
  if (index == 0 && errno != ENODEV && errno != ENXIO) throw systemFailure(info.Env(), "if_nametoindex", errno);
  return Napi::Number::New(info.Env(), index);
}

/// interfaceName(index): its name, or "" when there is no such interface.
Napi::Value interfaceName(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "interfaceName");
  char name[IFNAMSIZ] = {};
  if (if_indextoname(static_cast<unsigned int>(arguments.interfaceIndex(0, "index", 1)), name) == nullptr) {
    if (errno != ENODEV && errno != ENXIO) throw systemFailure(info.Env(), "if_indextoname", errno);
    return Napi::String::New(info.Env(), "");
  }
  return Napi::String::New(info.Env(), name);
}

}  // namespace

void exportInterface(Napi::Env env, Napi::Object exports) {
  add<interfaceIndex>(env, exports, "interfaceIndex");
  add<interfaceName>(env, exports, "interfaceName");
}

}  // namespace sys
