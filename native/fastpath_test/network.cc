#include "network.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>

#include "../fastpath/checksum.h"
#include "../fastpath/system_failure.h"

namespace fastpath {
namespace {

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
}

void layWire() {
  run("ip link set lo up");
  run("ip link add us-near type veth peer name us-far");
  run("ip address add 10.9.0.1/24 dev us-near");
  run("ip link set us-near mtu " + std::to_string(kWireMtu) + " up");
  run("ip link set us-far up");
  run("ip neighbor add 10.9.0.2 lladdr 02:00:00:00:00:02 dev us-near");
}

void sendTo(uint32_t address, int type, int protocol, uint16_t port, const std::vector<uint8_t>& octets) {
  const Descriptor fd(socket(AF_INET, type, protocol));
  if (!fd) throw SystemFailure("socket", errno);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(address);
  const auto* name = reinterpret_cast<const sockaddr*>(&to);
  if (sendto(fd.get(), octets.data(), octets.size(), 0, name, sizeof to) < 0) throw SystemFailure("sendto", errno);
}

/// The kernel lets go of what is sent until a moment after the carrier came.
void waitForWire() {
  FarEnd far;
  for (int attempt = 0; attempt < 500; attempt++) {
    sendTo(kBehind, SOCK_DGRAM, 0, 9, {0});
    if (!far.hear(1, 10).empty()) return;
  }
  throw std::runtime_error("nothing goes over the wire");
}

}  // namespace

void inNetwork(const std::function<void()>& body) {
  std::exception_ptr thrown;
  std::thread thread([&] {
    try {
      if (unshare(CLONE_NEWNET) < 0) throw SystemFailure("unshare: a network of its own needs root", errno);
      layWire();
      waitForWire();
      body();
    } catch (...) {
      thrown = std::current_exception();
    }
  });
  thread.join();
  if (thrown) std::rethrow_exception(thrown);
}

FarEnd::FarEnd() : fd_(socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {  // CAP_NET_RAW
  sockaddr_ll at{};
  at.sll_family = AF_PACKET;
  at.sll_protocol = htons(ETH_P_IP);
  at.sll_ifindex = static_cast<int>(if_nametoindex("us-far"));
  if (!fd_ || bind(fd_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) < 0) {
    throw SystemFailure("a packet socket", errno);
  }
}

std::vector<std::vector<uint8_t>> FarEnd::hear(size_t count, int patienceMs) {
  std::vector<std::vector<uint8_t>> heard;
  pollfd waited{fd_.get(), POLLIN, 0};
  while (heard.size() < count && poll(&waited, 1, patienceMs) > 0) {
    std::vector<uint8_t> octets(65536);
    const ssize_t got = recv(fd_.get(), octets.data(), octets.size(), 0);
    if (got < 0) throw SystemFailure("recv", errno);
    octets.resize(static_cast<size_t>(got));
    heard.push_back(octets);
  }
  return heard;
}

void sendTooBig(uint16_t mtu, const std::vector<uint8_t>& quoted) {
  std::vector<uint8_t> icmp{3, 4, 0, 0, 0, 0, static_cast<uint8_t>(mtu >> 8), static_cast<uint8_t>(mtu)};
  icmp.insert(icmp.end(), quoted.begin(), quoted.begin() + 36);
  const auto sum = static_cast<uint16_t>(~foldSum(sumOctets(icmp.data(), icmp.size())));
  std::memcpy(icmp.data() + 2, &sum, sizeof sum);
  sendTo(kNear, SOCK_RAW, IPPROTO_ICMP, 0, icmp);  // CAP_NET_RAW
}

void sendDatagramHere(uint16_t port, const std::vector<uint8_t>& octets) {
  sendTo(kNear, SOCK_DGRAM, 0, port, octets);
}

}  // namespace fastpath
