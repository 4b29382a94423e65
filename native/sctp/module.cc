// SCTP (RFC 9260) by usrsctp, seen from JavaScript: one stack a process with threads of its own, and endpoints on it.
// Nothing here decides anything. The typed description of what is exported stands in src/linux/sctp-addon.ts.

#include <napi.h>

#include "parts.h"

static Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  sctp::exportStack(env, exports);
  sctp::exportSource(env, exports);
  sctp::exportEndpoint(env, exports);
  return exports;
}

NODE_API_MODULE(sctp, initialise)
