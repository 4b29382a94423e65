#include "cipher_sockets.h"

#include <linux/errqueue.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cipher_buffers.h"
#include "octets.h"
#include "system_failure.h"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace fastpath {
namespace {

constexpr int kBufferWanted = 8 << 20;
constexpr uint32_t kPathMtuLeast4 = 576;
constexpr uint32_t kPathMtuLeast6 = 1280;

void set(int fd, int level, int name, int value, const char* called) {
  if (setsockopt(fd, level, name, &value, sizeof value) < 0) throw SystemFailure(called, errno);
}

void setBuffers(int fd) {
  // The forced form passes the host's limit with CAP_NET_ADMIN; without it the limit holds.
  for (const auto& [forced, plain] : {std::pair{SO_RCVBUFFORCE, SO_RCVBUF}, std::pair{SO_SNDBUFFORCE, SO_SNDBUF}}) {
    if (setsockopt(fd, SOL_SOCKET, forced, &kBufferWanted, sizeof kBufferWanted) == 0) continue;
    set(fd, SOL_SOCKET, plain, kBufferWanted, "SO_RCVBUF");
  }
}

void askForControl(int fd, int family) {
  if (family == 4) {
    set(fd, IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
    set(fd, IPPROTO_IP, IP_RECVTOS, 1, "IP_RECVTOS");
    set(fd, IPPROTO_IP, IP_RECVERR, 1, "IP_RECVERR");
    return;
  }
  set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
  set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1, "IPV6_RECVTCLASS");
  set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1, "IPV6_RECVERR");
}

}  // namespace

CipherSockets::CipherSockets(const Options& options, Tables& tables)
    : tables_(tables), receive_(std::make_unique<ReceiveBuffers>()), send_(std::make_unique<SendBuffers>()) {
  openSocket(sockets_[0], 4, true, options);
  openSocket(sockets_[1], 6, true, options);
  if (options.rawEsp) {
    openSocket(sockets_[2], 4, false, options);
    openSocket(sockets_[3], 6, false, options);
  }
  for (const Socket& socket : sockets_) {
    if (socket.fd) readable_[readableCount_++] = socket.fd.get();
  }
}

CipherSockets::~CipherSockets() = default;

void CipherSockets::openSocket(Socket& socket, int family, bool udp, const Options& options) {
  socket.family = family;
  socket.udp = udp;
  const int domain = family == 4 ? AF_INET : AF_INET6;
  const int type = (udp ? SOCK_DGRAM : SOCK_RAW) | SOCK_NONBLOCK | SOCK_CLOEXEC;
  socket.fd = Descriptor(::socket(domain, type, udp ? IPPROTO_UDP : IPPROTO_ESP));  // raw: CAP_NET_RAW
  if (!socket.fd) {
    if (family == 6 && errno == EAFNOSUPPORT) return;
    throw SystemFailure("socket", errno);
  }
  const int fd = socket.fd.get();
  if (options.mark != 0) set(fd, SOL_SOCKET, SO_MARK, static_cast<int>(options.mark), "SO_MARK");  // CAP_NET_ADMIN
  askForControl(fd, family);
  setBuffers(fd);
  // A takeover sends from the virtual address before the kernel has it. CAP_NET_ADMIN
  if (family == 4) set(fd, IPPROTO_IP, IP_TRANSPARENT, 1, "IP_TRANSPARENT");
  else set(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1, "IPV6_TRANSPARENT");
  setDf(socket, true);
  if (!udp) return;
  const int yes = 1;
  if (setsockopt(fd, IPPROTO_UDP, UDP_GRO, &yes, sizeof yes) < 0) segmentation_ = false;
  if (family == 6) set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
  SocketAddress any;
  const socklen_t length = writeAddress(any, family, {{}, options.port});
  if (bind(fd, &any.any, length) < 0) throw SystemFailure("bind", errno);
}

CipherSockets::Socket* CipherSockets::socketFor(const Outer& ends) {
  for (Socket& socket : sockets_) {
    if (socket.fd && socket.family == ends.family && socket.udp == ends.udp) return &socket;
  }
  return nullptr;
}

/// With DF the path's limit is ours to know (PROBE); without it the kernel fragments.
void CipherSockets::setDf(Socket& socket, bool df) {
  if (socket.df == (df ? 1 : 0)) return;
  if (socket.family == 4) {
    set(socket.fd.get(), IPPROTO_IP, IP_MTU_DISCOVER, df ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT, "IP_MTU_DISCOVER");
  } else {
    set(socket.fd.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, df ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_DONT,
        "IPV6_MTU_DISCOVER");
  }
  socket.df = df ? 1 : 0;
}

void CipherSockets::readErrors() {
  for (Socket& socket : sockets_) {
    if (socket.fd) readErrorsOf(socket);
  }
}

/// The MTU that the host itself named, or 0.
uint32_t CipherSockets::readErrorsOf(Socket& socket) {
  uint32_t local = 0;
  for (size_t each = 0; each < kBatch; each++) {
    uint8_t octets[64];
    SocketAddress name;
    ControlBuffer control;
    iovec piece{octets, sizeof octets};
    msghdr message{&name, sizeof name, &piece, 1, control.octets, sizeof control.octets, 0};
    const ssize_t got = recvmsg(socket.fd.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (got < 0) break;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
      const bool four = header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVERR;
      const bool six = header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_RECVERR;
      if (!four && !six) continue;
      sock_extended_err error;
      std::memcpy(&error, CMSG_DATA(header), sizeof error);
      if (error.ee_errno != EMSGSIZE) continue;
      if (error.ee_origin == SO_EE_ORIGIN_LOCAL) local = error.ee_info;
      // What ICMP quotes must be a packet of ours: to that peer, with the SPI that we send there.
      const bool icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
      if (!icmp || got < 4) continue;
      if (Sa* sa = tables_.sas.outboundTo(readAddress(name).address, load32(octets))) learnPathMtu(*sa, error.ee_info);
    }
  }
  return local;
}

void CipherSockets::learnPathMtu(Sa& sa, uint32_t mtu) {
  const Outer& ends = *sa.outer.load(std::memory_order_acquire);
  const uint32_t learned = std::max(mtu, ends.family == 4 ? kPathMtuLeast4 : kPathMtuLeast6);
  if (learned >= sa.pathMtu.load(std::memory_order_relaxed)) return;
  sa.pathMtu.store(learned, std::memory_order_relaxed);
  tables_.events.push({EventKind::pathMtu, 0, sa.place, sa.spi, 0, learned, {}});
}

/// Every SA that had a packet in it learns, or each would lose a message of its own.
void CipherSockets::learnPathMtu(const OuterMessage& message, uint32_t mtu) {
  if (mtu == 0) return;
  for (uint32_t at = 0; at < message.packets(); at++) {
    Sa* sa = tables_.sas.place(message.places[at]);
    if (sa != nullptr && !sa->inbound) learnPathMtu(*sa, mtu);
  }
}

}  // namespace fastpath
