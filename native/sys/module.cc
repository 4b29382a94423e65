// The system calls that Node lacks, for Linux. Nothing here decides anything: arguments are checked, the call is
// made, and its outcome
// or its refusal goes back. The typed description of what is exported stands in src/linux/addon.ts.

#include <napi.h>

#include "parts.h"

static Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  sys::exportClock(env, exports);
  sys::exportDescriptor(env, exports);
  sys::exportError(env, exports);
  sys::exportHello(env, exports);
  sys::exportInet(env, exports);
  sys::exportInetMessage(env, exports);
  sys::exportInterface(env, exports);
  sys::exportNetlink(env, exports);
  sys::exportOption(env, exports);
  sys::exportPacket(env, exports);
  sys::exportProcess(env, exports);
  sys::exportTun(env, exports);
  sys::exportUnixDatagram(env, exports);
  sys::exportWait(env, exports);
  sys::exportWatch(env, exports);
  return exports;
}

NODE_API_MODULE(sys, initialise)
