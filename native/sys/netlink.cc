// Netlink sockets. What goes through them is written and read in TypeScript.

#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arguments.h"
#include "failure.h"
#include "parts.h"

namespace sys {
namespace {

/// netlinkOpen(protocol): fd. No capability: the kernel checks CAP_NET_ADMIN for each request that changes something.
Napi::Value netlinkOpen(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "netlinkOpen");
  const int protocol = static_cast<int>(arguments.integer(0, "protocol", 0, 31));
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd < 0) throw systemFailure(info.Env(), "socket", errno);
  sockaddr_nl local{};
  local.nl_family = AF_NETLINK;
  if (bind(fd, reinterpret_cast<sockaddr*>(&local), sizeof local) < 0) {
    const int number = errno;
    close(fd);
    throw systemFailure(info.Env(), "bind", number);
  }
  return Napi::Number::New(info.Env(), fd);
}

/// netlinkJoin(fd, group): hears a multicast group. CAP_NET_ADMIN for the few groups that are not public; none that we
/// use.
Napi::Value netlinkJoin(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "netlinkJoin");
  const int fd = arguments.descriptor(0);
  const int group = static_cast<int>(arguments.integer(1, "group", 1, 1023));
  if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) {
    throw systemFailure(info.Env(), "setsockopt", errno);
  }
  return info.Env().Undefined();
}

/// netlinkSend(fd, octets): octets sent to the kernel, or -1 when there is no room yet.
Napi::Value netlinkSend(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "netlinkSend");
  const int fd = arguments.descriptor(0);
  const Octets octets = arguments.octets(1, "octets");
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  return transferred(info.Env(), "sendto", uninterrupted([&] {
                       return sendto(fd, octets.data, octets.length, 0, reinterpret_cast<sockaddr*>(&kernel),
                                     sizeof kernel);
                     }));
}

/// netlinkReceive(fd, buffer): octets of one datagram of the kernel's, 0 for one that was not the kernel's and is
/// dropped, or -1 when there is none. A datagram longer than the buffer is refused with EMSGSIZE.
Napi::Value netlinkReceive(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "netlinkReceive");
  const int fd = arguments.descriptor(0);
  const Octets buffer = arguments.octets(1, "buffer", 16);
  sockaddr_nl sender{};
  iovec part{buffer.data, buffer.length};
  msghdr message{};
  message.msg_name = &sender;
  message.msg_namelen = sizeof sender;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const ssize_t result = uninterrupted([&] { return recvmsg(fd, &message, 0); });
  if (result >= 0 && (message.msg_flags & MSG_TRUNC)) throw systemFailure(info.Env(), "recvmsg", EMSGSIZE);
  // Any process may send a datagram here; only port 0 is the kernel.
  if (result >= 0 && sender.nl_pid != 0) return Napi::Number::New(info.Env(), 0);
  return transferred(info.Env(), "recvmsg", result);
}

}  // namespace

void exportNetlink(Napi::Env env, Napi::Object exports) {
  add<netlinkOpen>(env, exports, "netlinkOpen");
  add<netlinkJoin>(env, exports, "netlinkJoin");
  add<netlinkSend>(env, exports, "netlinkSend");
  add<netlinkReceive>(env, exports, "netlinkReceive");
}

}  // namespace sys
