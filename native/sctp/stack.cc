// The stack itself: its start, its end, its doorbell, and what its sockets let in.
//
// usrsctp opens its sockets by itself and does not show them. They are found among the descriptors of this process by
// what they are, which nothing else here is: raw sockets of protocol 132, and the UDP socket of the port that it was
// given.

#include <dirent.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <usrsctp.h>

#include <cstdlib>
#include <functional>
#include <vector>

#include "../sys/arguments.h"
#include "../sys/failure.h"
#include "parts.h"

namespace sctp {
namespace {

constexpr int kSilent = 2;  // of the sysctl "blackhole": what belongs to no association is not even answered

bool running = false;
uint16_t udpPort = 0;

int optionOf(int fd, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  return getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

uint16_t portOf(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  // The port stands at the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

enum class Kind { kNone, kRaw, kUdp };

Kind kindOf(int fd) {
  const int type = optionOf(fd, SO_TYPE);
  if (type == SOCK_RAW && optionOf(fd, SO_PROTOCOL) == IPPROTO_SCTP) return Kind::kRaw;
  if (type == SOCK_DGRAM && udpPort != 0 && optionOf(fd, SO_PROTOCOL) == IPPROTO_UDP && portOf(fd) == udpPort)
    return Kind::kUdp;
  return Kind::kNone;
}

void eachSocket(const std::function<void(int fd, Kind kind)>& use) {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return;
  while (const dirent* entry = readdir(folder)) {
    const int fd = std::atoi(entry->d_name);
    if (const Kind kind = kindOf(fd); kind != Kind::kNone) use(fd, kind);
  }
  closedir(folder);
}

/// start(udpPort): 0 for none. The addresses that this host has now are those that endpoints can be bound to.
Napi::Value start(const Napi::CallbackInfo& info) {
  const sys::Arguments arguments(info, "start");
  const auto port = static_cast<uint16_t>(arguments.integer(0, "udpPort", 0, 65535));
  if (running) throw Napi::Error::New(info.Env(), "start: SCTP is running");
  udpPort = port;
  // CAP_NET_RAW; where it is missing usrsctp goes on without sockets, and `guard` finds none.
  usrsctp_init(port, nullptr, nullptr);
  usrsctp_sysctl_set_sctp_blackhole(kSilent);
  usrsctp_sysctl_set_sctp_auto_asconf(0);
  // The first timeout on a path sends everything new by another one (RFC 7829), long before the path is given up.
  usrsctp_sysctl_set_sctp_path_pf_threshold(0);
  usrsctp_sysctl_set_sctp_no_csum_on_loopback(0);
  running = true;
  return info.Env().Undefined();
}

/// guard(mark, rawProgram, udpProgram): the mark on every socket, and the kernel drops what the program does not let
/// pass, before usrsctp sees it; of IPv6 everything. How many sockets of IPv4 there are: raw, UDP.
Napi::Value guard(const Napi::CallbackInfo& info) {
  const sys::Arguments arguments(info, "guard");
  const int mark = static_cast<int>(arguments.integer(0, "mark", 0, INT32_MAX));
  const sys::Octets raw = arguments.octets(1, "rawProgram", sizeof(sock_filter));
  const sys::Octets udp = arguments.octets(2, "udpProgram", sizeof(sock_filter));
  sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
  uint32_t found[2] = {0, 0};
  int failure = 0;
  eachSocket([&](int fd, Kind kind) {
    const sys::Octets& wanted = kind == Kind::kRaw ? raw : udp;
    sock_fprog program{static_cast<unsigned short>(wanted.length / sizeof(sock_filter)),
                       reinterpret_cast<sock_filter*>(wanted.data)};
    if (optionOf(fd, SO_DOMAIN) == AF_INET) found[kind == Kind::kUdp]++;
    else program = {1, nothing};
    // CAP_NET_ADMIN
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) != 0)
      failure = errno;
  });
  if (failure != 0) throw sys::systemFailure(info.Env(), "setsockopt", failure);
  Napi::Array counts = Napi::Array::New(info.Env(), 2);
  counts.Set(0u, Napi::Number::New(info.Env(), found[0]));
  counts.Set(1u, Napi::Number::New(info.Env(), found[1]));
  return counts;
}

/// stop(): false while endpoints are still closing.
Napi::Value stop(const Napi::CallbackInfo& info) {
  if (running && usrsctp_finish() == 0) running = false;
  return Napi::Boolean::New(info.Env(), !running);
}

}  // namespace

int bell() {
  static const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return fd;
}

void exportStack(Napi::Env env, Napi::Object exports) {
  exports.Set("start", Napi::Function::New<start>(env, "start"));
  exports.Set("guard", Napi::Function::New<guard>(env, "guard"));
  exports.Set("stop", Napi::Function::New<stop>(env, "stop"));
  exports.Set("bell", Napi::Number::New(env, bell()));
}

}  // namespace sctp
