// Unix datagram sockets, which service managers and system loggers listen on.

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "arguments.h"
#include "failure.h"
#include "parts.h"

namespace sys {
namespace {

struct UnixAddress {
  sockaddr_un value;
  socklen_t length;
};

/// A path, or with a leading `@` a name in the abstract namespace.
UnixAddress unixAddress(const Arguments& arguments, size_t index) {
  UnixAddress address{};
  const std::string path = arguments.text(index, "path", sizeof address.value.sun_path - 1);
  address.value.sun_family = AF_UNIX;
  std::memcpy(address.value.sun_path, path.data(), path.size());
  const bool abstract = path[0] == '@';
  if (abstract) address.value.sun_path[0] = '\0';
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return address;
}

Napi::Value unixDatagramOpen(const Napi::CallbackInfo& info) {
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw systemFailure(info.Env(), "socket", errno);
  return Napi::Number::New(info.Env(), fd);
}

Napi::Value unixBind(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "unixBind");
  const int fd = arguments.descriptor(0);
  const UnixAddress local = unixAddress(arguments, 1);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&local.value), local.length) < 0)
    throw systemFailure(info.Env(), "bind", errno);
  return info.Env().Undefined();
}

/// unixSend(fd, path, octets): octets sent, or -1 when the receiver's queue is full.
Napi::Value unixSend(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "unixSend");
  const int fd = arguments.descriptor(0);
  const UnixAddress to = unixAddress(arguments, 1);
  const Octets octets = arguments.octets(2, "octets");
  return transferred(info.Env(), "sendto", uninterrupted([&] {
                       return sendto(fd, octets.data, octets.length, MSG_NOSIGNAL,
                                     reinterpret_cast<const sockaddr*>(&to.value), to.length);
                     }));
}

}  // namespace

void exportUnixDatagram(Napi::Env env, Napi::Object exports) {
  add<unixDatagramOpen>(env, exports, "unixDatagramOpen");
  add<unixBind>(env, exports, "unixBind");
  add<unixSend>(env, exports, "unixSend");
}

}  // namespace sys
