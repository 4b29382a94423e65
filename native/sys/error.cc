// Errors that are numbers: the one that waits on a socket, and the names of those that netlink reports.

#include <sys/socket.h>

#include <climits>
#include <cstring>

#include "arguments.h"
#include "failure.h"
#include "parts.h"

namespace sys {
namespace {

/// socketError(fd): takes the pending error's number; 0 for none.
Napi::Value socketError(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "socketError");
  int number = 0;
  socklen_t length = sizeof number;
  if (getsockopt(arguments.descriptor(0), SOL_SOCKET, SO_ERROR, &number, &length) < 0) {
    throw systemFailure(info.Env(), "getsockopt", errno);
  }
  return Napi::Number::New(info.Env(), number);
}

/// errorName(errno): "EPERM" and the like; as Linux has them, where libuv's names differ.
Napi::Value errorName(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "errorName");
  const int number = static_cast<int>(arguments.integer(0, "errno", 0, INT_MAX));
  const char* name = strerrorname_np(number);
  return Napi::String::New(info.Env(), name == nullptr ? "E" + std::to_string(number) : name);
}

}  // namespace

void exportError(Napi::Env env, Napi::Object exports) {
  add<socketError>(env, exports, "socketError");
  add<errorName>(env, exports, "errorName");
}

}  // namespace sys
