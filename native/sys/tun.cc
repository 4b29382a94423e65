// TUN devices: IP packets that the kernel routes to this process and takes from it.

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstring>

#include "arguments.h"
#include "failure.h"
#include "parts.h"

namespace sys {
namespace {

/// tunOpen(name, vnetHeader, multiQueue): fd of a new device, or of one more queue of it. `name` may hold `%d`.
/// CAP_NET_ADMIN, and a /dev/net/tun that this user may open.
Napi::Value tunOpen(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "tunOpen");
  const std::string name = arguments.text(0, "name", IFNAMSIZ - 1);
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());
  int flags = IFF_TUN | IFF_NO_PI;
  if (arguments.boolean(1, "vnetHeader")) flags |= IFF_VNET_HDR;
  if (arguments.boolean(2, "multiQueue")) flags |= IFF_MULTI_QUEUE;
  request.ifr_flags = static_cast<short>(flags);
  const int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) throw systemFailure(info.Env(), "open", errno);
  if (ioctl(fd, TUNSETIFF, &request) < 0) {  // CAP_NET_ADMIN
    const int number = errno;
    close(fd);
    throw systemFailure(info.Env(), "TUNSETIFF", number);
  }
  return Napi::Number::New(info.Env(), fd);
}

/// tunName(fd): the name that the kernel gave it.
Napi::Value tunName(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "tunName");
  ifreq request{};
  if (ioctl(arguments.descriptor(0), TUNGETIFF, &request) < 0) throw systemFailure(info.Env(), "TUNGETIFF", errno);
  return Napi::String::New(info.Env(), request.ifr_name, strnlen(request.ifr_name, IFNAMSIZ));
}

/// tunOffload(fd, checksum, tso4, tso6, uso): what the kernel may leave undone. It needs the virtio-net header. The
/// kernel knows UDP segmentation since 6.2 and answers EINVAL before.
Napi::Value tunOffload(const Napi::CallbackInfo& info) {
  constexpr unsigned int kUso4 = 0x20, kUso6 = 0x40;  // TUN_F_USO4 and TUN_F_USO6, absent from older headers
  const Arguments arguments(info, "tunOffload");
  const int fd = arguments.descriptor(0);
  unsigned long features = 0;
  if (arguments.boolean(1, "checksum")) features |= TUN_F_CSUM;
  if (arguments.boolean(2, "tso4")) features |= TUN_F_TSO4;
  if (arguments.boolean(3, "tso6")) features |= TUN_F_TSO6;
  if (arguments.boolean(4, "uso")) features |= kUso4 | kUso6;
  if (ioctl(fd, TUNSETOFFLOAD, features) < 0) throw systemFailure(info.Env(), "TUNSETOFFLOAD", errno);
  return info.Env().Undefined();
}

/// tunPersist(fd, persist): whether the device outlives its last descriptor.
Napi::Value tunPersist(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "tunPersist");
  const int fd = arguments.descriptor(0);
  const unsigned long persist = arguments.boolean(1, "persist") ? 1 : 0;
  if (ioctl(fd, TUNSETPERSIST, persist) < 0) throw systemFailure(info.Env(), "TUNSETPERSIST", errno);
  return info.Env().Undefined();
}

}  // namespace

void exportTun(Napi::Env env, Napi::Object exports) {
  add<tunOpen>(env, exports, "tunOpen");
  add<tunName>(env, exports, "tunName");
  add<tunOffload>(env, exports, "tunOffload");
  add<tunPersist>(env, exports, "tunPersist");
}

}  // namespace sys
