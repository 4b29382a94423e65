// Reading, writing and closing a descriptor; event counters, the doorbell that one thread rings for another; where
// shared memory lies.

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "arguments.h"
#include "failure.h"
#include "parts.h"

namespace sys {
namespace {

/// read(fd, buffer): octets read, or -1 when there is nothing yet.
Napi::Value readDescriptor(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "read");
  const int fd = arguments.descriptor(0);
  const Octets buffer = arguments.octets(1, "buffer", 1);
  return transferred(info.Env(), "read", uninterrupted([&] { return read(fd, buffer.data, buffer.length); }));
}

/// write(fd, octets): octets written, or -1 when there is no room yet.
Napi::Value writeDescriptor(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "write");
  const int fd = arguments.descriptor(0);
  const Octets octets = arguments.octets(1, "octets");
  return transferred(info.Env(), "write", uninterrupted([&] { return write(fd, octets.data, octets.length); }));
}

Napi::Value closeDescriptor(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "close");
  // Not repeated on EINTR: on Linux the descriptor is gone even then, and its number may already be somebody else's.
  if (close(arguments.descriptor(0)) < 0 && errno != EINTR) throw systemFailure(info.Env(), "close", errno);
  return info.Env().Undefined();
}

/// setNonBlocking(fd): for a descriptor that was inherited; it is not handed on to further processes.
Napi::Value setNonBlocking(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "setNonBlocking");
  const int fd = arguments.descriptor(0);
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
    throw systemFailure(info.Env(), "fcntl", errno);
  return info.Env().Undefined();
}

Napi::Value eventfdOpen(const Napi::CallbackInfo& info) {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw systemFailure(info.Env(), "eventfd", errno);
  return Napi::Number::New(info.Env(), fd);
}

Napi::Value eventfdSignal(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "eventfdSignal");
  const int fd = arguments.descriptor(0);
  const uint64_t one = 1;
  // A counter that is full is one that has rung.
  const ssize_t result = uninterrupted([&] { return write(fd, &one, sizeof one); });
  if (result < 0 && errno != EAGAIN) throw systemFailure(info.Env(), "write", errno);
  return info.Env().Undefined();
}

/// eventfdDrain(fd): whether it was rung since it was last asked.
Napi::Value eventfdDrain(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "eventfdDrain");
  const int fd = arguments.descriptor(0);
  uint64_t rung = 0;
  const ssize_t result = uninterrupted([&] { return read(fd, &rung, sizeof rung); });
  if (result < 0 && errno != EAGAIN) throw systemFailure(info.Env(), "read", errno);
  return Napi::Boolean::New(info.Env(), rung > 0);
}

/// addressModulo(octets, boundary): where the octets lie in memory, modulo a power of two.
Napi::Value addressModulo(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "addressModulo");
  const auto address = reinterpret_cast<uintptr_t>(arguments.octets(0, "octets").data);
  return Napi::Number::New(info.Env(),
                           static_cast<double>(address % arguments.integer(1, "boundary", 1, 4096)));
}

}  // namespace

void exportDescriptor(Napi::Env env, Napi::Object exports) {
  add<readDescriptor>(env, exports, "read");
  add<writeDescriptor>(env, exports, "write");
  add<closeDescriptor>(env, exports, "close");
  add<setNonBlocking>(env, exports, "setNonBlocking");
  add<eventfdOpen>(env, exports, "eventfdOpen");
  add<eventfdSignal>(env, exports, "eventfdSignal");
  add<eventfdDrain>(env, exports, "eventfdDrain");
  add<addressModulo>(env, exports, "addressModulo");
}

}  // namespace sys
