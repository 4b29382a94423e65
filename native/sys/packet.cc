// AF_PACKET: whole frames ("raw"), or payloads with the link address beside them ("datagram"). CAP_NET_RAW to open.

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sys/socket.h>

#include <cstring>

#include "arguments.h"
#include "failure.h"
#include "parts.h"

namespace sys {
namespace {

constexpr size_t kMaxFilterInstructions = 4096;
constexpr size_t kMacLength = 6;

/// What `packetReceive` says beside the octets: host order, read by src/linux/packet-socket.ts.
struct PacketMeta {
  uint32_t interface;
  uint16_t protocol;
  uint8_t type;  // PACKET_HOST, PACKET_BROADCAST, ...
  uint8_t macLength;
  uint8_t mac[8];
};

sockaddr_ll linkAddress(int interface, int protocol) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = interface;
  address.sll_protocol = htons(static_cast<uint16_t>(protocol));
  return address;
}

/// packetOpen(raw): fd. It hears nothing until it is bound, so that a filter can be attached before the first frame.
Napi::Value packetOpen(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "packetOpen");
  const int type = arguments.boolean(0, "raw") ? SOCK_RAW : SOCK_DGRAM;
  const int fd = socket(AF_PACKET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);  // CAP_NET_RAW
  if (fd < 0) throw systemFailure(info.Env(), "socket", errno);
  return Napi::Number::New(info.Env(), fd);
}

/// packetBind(fd, interface, protocol): hears one EtherType (3 for all, 0 for none) on one interface (0 for all).
Napi::Value packetBind(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "packetBind");
  const int fd = arguments.descriptor(0);
  const int interface = arguments.interfaceIndex(1, "interface", 0);
  const sockaddr_ll local = linkAddress(interface, static_cast<int>(arguments.integer(2, "protocol", 0, 65535)));
  if (bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local) < 0)
    throw systemFailure(info.Env(), "bind", errno);
  return info.Env().Undefined();
}

/// packetMembership(fd, interface, mac, join): lets the interface receive a multicast (or other unicast) MAC address.
Napi::Value packetMembership(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "packetMembership");
  const int fd = arguments.descriptor(0);
  packet_mreq request{};
  request.mr_ifindex = arguments.interfaceIndex(1, "interface", 1);
  const Octets mac = arguments.octets(2, "mac", kMacLength);
  if (mac.length != kMacLength) arguments.outOfRange("mac", "6 octets long");
  request.mr_type = (mac.data[0] & 1) ? PACKET_MR_MULTICAST : PACKET_MR_UNICAST;
  request.mr_alen = kMacLength;
  std::memcpy(request.mr_address, mac.data, kMacLength);
  const int option = arguments.boolean(3, "join") ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP;
  if (setsockopt(fd, SOL_PACKET, option, &request, sizeof request) < 0)
    throw systemFailure(info.Env(), "setsockopt", errno);
  return info.Env().Undefined();
}

/// attachFilter(fd, program): a classic BPF program, 8 octets an instruction in host order; the kernel verifies it.
Napi::Value attachFilter(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "attachFilter");
  const int fd = arguments.descriptor(0);
  const Octets program = arguments.octets(1, "program", sizeof(sock_filter));
  if (program.length % sizeof(sock_filter) != 0 || program.length / sizeof(sock_filter) > kMaxFilterInstructions) {
    arguments.outOfRange("program", "1 to 4096 instructions of 8 octets");
  }
  sock_fprog filter{};
  filter.len = static_cast<unsigned short>(program.length / sizeof(sock_filter));
  filter.filter = reinterpret_cast<sock_filter*>(program.data);
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0)
    throw systemFailure(info.Env(), "setsockopt", errno);
  return info.Env().Undefined();
}

/// packetSend(fd, interface, protocol, mac | null, octets): octets sent, or -1 when there is no room yet. A raw socket
/// takes the destination from the frame itself.
Napi::Value packetSend(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "packetSend");
  const int fd = arguments.descriptor(0);
  const int interface = arguments.interfaceIndex(1, "interface", 1);
  sockaddr_ll to = linkAddress(interface, static_cast<int>(arguments.integer(2, "protocol", 0, 65535)));
  if (!arguments.isNull(3)) {
    const Octets mac = arguments.octets(3, "mac", kMacLength);
    if (mac.length != kMacLength) arguments.outOfRange("mac", "6 octets long");
    to.sll_halen = kMacLength;
    std::memcpy(to.sll_addr, mac.data, kMacLength);
  }
  const Octets octets = arguments.octets(4, "octets");
  return transferred(info.Env(), "sendto", uninterrupted([&] {
                       return sendto(fd, octets.data, octets.length, 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
                     }));
}

/// packetReceive(fd, buffer, meta): the frame's true length, which may exceed the buffer's, or -1 when there is none.
Napi::Value packetReceive(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "packetReceive");
  const int fd = arguments.descriptor(0);
  const Octets buffer = arguments.octets(1, "buffer", 1);
  const Octets out = arguments.octets(2, "meta", sizeof(PacketMeta));
  sockaddr_ll from{};
  socklen_t length = sizeof from;
  const ssize_t result = uninterrupted(
      [&] { return recvfrom(fd, buffer.data, buffer.length, MSG_TRUNC, reinterpret_cast<sockaddr*>(&from), &length); });
  if (result >= 0) {
    PacketMeta meta{};
    meta.interface = static_cast<uint32_t>(from.sll_ifindex);
    meta.protocol = ntohs(from.sll_protocol);
    meta.type = from.sll_pkttype;
    meta.macLength = from.sll_halen < sizeof meta.mac ? from.sll_halen : sizeof meta.mac;
    std::memcpy(meta.mac, from.sll_addr, sizeof meta.mac);
    std::memcpy(out.data, &meta, sizeof meta);
  }
  return transferred(info.Env(), "recvfrom", result);
}

}  // namespace

void exportPacket(Napi::Env env, Napi::Object exports) {
  add<packetOpen>(env, exports, "packetOpen");
  add<packetBind>(env, exports, "packetBind");
  add<packetMembership>(env, exports, "packetMembership");
  add<attachFilter>(env, exports, "attachFilter");
  add<packetSend>(env, exports, "packetSend");
  add<packetReceive>(env, exports, "packetReceive");
}

}  // namespace sys
