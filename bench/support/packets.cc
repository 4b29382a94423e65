// Numbered UDP packets at a fixed rate, and a sink that knows which of them came, twice or late.
//
//   packets send SOURCE DESTINATION[/N] PORT OCTETS RATE COUNT   OCTETS: of the IPv4 packet; RATE: packets a second;
//                                                                /N: to N addresses in turn, from DESTINATION on
//   packets receive ADDRESS PORT                                 says "ready"; ends when its standard input does
//
// Each ends with one line of JSON. Sixteen packets a system call on both sides, so that neither is what is measured:
// a sender that cannot keep its rate says so by the seconds it took.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr int burst = 16;
constexpr size_t header_octets = 28;
constexpr size_t largest = 1472;
constexpr int receive_buffer = 32 << 20;

[[noreturn]] void fail(const char* doing) {
  std::perror(doing);
  std::exit(1);
}

uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

void sleep_until(uint64_t ns) {
  timespec time{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR) {
  }
}

sockaddr_in address_of(const char* address, const char* port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
  if (inet_pton(AF_INET, address, &out.sin_addr) != 1) {
    std::fprintf(stderr, "%s is no IPv4 address\n", address);
    std::exit(2);
  }
  return out;
}

int socket_at(const sockaddr_in& address) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
  return fd;
}

struct Burst {
  std::array<std::array<char, largest>, burst> octets{};
  std::array<iovec, burst> parts{};
  std::array<mmsghdr, burst> messages{};

  explicit Burst(size_t length) {
    for (size_t at = 0; at < burst; at++) {
      parts[at] = {octets[at].data(), length};
      messages[at].msg_hdr.msg_iov = &parts[at];
      messages[at].msg_hdr.msg_iovlen = 1;
    }
  }
};

/// `ADDRESS/N` is N addresses, one above the other.
std::vector<sockaddr_in> destinations_of(const std::string& text, const char* port) {
  const size_t slash = text.find('/');
  const sockaddr_in first = address_of(text.substr(0, slash).c_str(), port);
  const size_t count = slash == std::string::npos ? 1 : std::strtoul(text.c_str() + slash + 1, nullptr, 10);
  std::vector<sockaddr_in> out(count == 0 ? 1 : count, first);
  for (size_t at = 0; at < out.size(); at++) {
    out[at].sin_addr.s_addr = htonl(ntohl(first.sin_addr.s_addr) + static_cast<uint32_t>(at));
  }
  return out;
}

int send_all(char** arguments) {
  const sockaddr_in source = address_of(arguments[0], "0");
  std::vector<sockaddr_in> destinations = destinations_of(arguments[1], arguments[2]);
  const size_t octets = std::strtoul(arguments[3], nullptr, 10);
  const uint64_t rate = std::strtoull(arguments[4], nullptr, 10);
  const uint64_t count = std::strtoull(arguments[5], nullptr, 10);
  if (octets < header_octets + sizeof(uint64_t) || octets > header_octets + largest || rate == 0) {
    std::fprintf(stderr, "a packet has 36 to %zu octets, and a rate is not 0\n", header_octets + largest);
    return 2;
  }
  const int fd = socket_at(source);
  Burst batch(octets - header_octets);
  const uint64_t began = now_ns();
  uint64_t refused = 0;
  for (uint64_t next = 0; next < count; next += burst) {
    // The schedule is absolute: a late burst is followed by earlier ones, so that the rate holds over the whole.
    const uint64_t due = began + next * 1'000'000'000 / rate;
    if (now_ns() + 60'000 < due) sleep_until(due);
    while (now_ns() < due) {
    }
    for (size_t at = 0; at < burst; at++) {
      const uint64_t number = next + at;
      std::memcpy(batch.octets[at].data(), &number, sizeof number);
      batch.messages[at].msg_hdr.msg_name = &destinations[number % destinations.size()];
      batch.messages[at].msg_hdr.msg_namelen = sizeof(sockaddr_in);
    }
    const int sent = sendmmsg(fd, batch.messages.data(), burst, 0);
    if (sent < burst) refused += burst - static_cast<uint64_t>(sent < 0 ? 0 : sent);
  }
  const double seconds = static_cast<double>(now_ns() - began) / 1e9;
  std::printf("{\"sent\":%" PRIu64 ",\"refused\":%" PRIu64 ",\"seconds\":%.6f}\n", (count + burst - 1) / burst * burst,
              refused, seconds);
  return 0;
}

struct Sink {
  std::vector<bool> seen;
  uint64_t received = 0;
  uint64_t duplicated = 0;
  uint64_t late = 0;
  uint64_t highest = 0;

  void take(const char* octets, size_t length) {
    uint64_t number = 0;
    if (length < sizeof number) return;
    std::memcpy(&number, octets, sizeof number);
    if (number >= (uint64_t{1} << 30)) return;
    if (number >= seen.size()) seen.resize(number + 1'000'000);
    if (seen[number]) {
      duplicated++;
      return;
    }
    seen[number] = true;
    if (received > 0 && number < highest) late++;
    if (number > highest) highest = number;
    received++;
  }
};

int receive_all(char** arguments) {
  const int fd = socket_at(address_of(arguments[0], arguments[1]));
  // SO_RCVBUFFORCE, CAP_NET_ADMIN: the sink must not be what loses packets.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer) != 0) fail("SO_RCVBUFFORCE");
  std::puts("ready");
  std::fflush(stdout);
  Burst batch(largest);
  Sink sink;
  std::array<pollfd, 2> wanted{pollfd{fd, POLLIN, 0}, pollfd{STDIN_FILENO, POLLIN, 0}};
  for (;;) {
    if (poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR) fail("poll");
    int got = 0;
    while ((got = recvmmsg(fd, batch.messages.data(), burst, MSG_DONTWAIT, nullptr)) > 0) {
      for (int at = 0; at < got; at++) {
        const auto index = static_cast<size_t>(at);
        sink.take(batch.octets[index].data(), batch.messages[index].msg_len);
      }
    }
    if ((wanted[1].revents & (POLLIN | POLLHUP)) != 0) break;
  }
  std::printf("{\"received\":%" PRIu64 ",\"duplicated\":%" PRIu64 ",\"late\":%" PRIu64 "}\n", sink.received,
              sink.duplicated, sink.late);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 8 && std::string(arguments[1]) == "send") return send_all(arguments + 2);
  if (count == 4 && std::string(arguments[1]) == "receive") return receive_all(arguments + 2);
  std::fprintf(stderr, "usage: packets send SOURCE DESTINATION[/N] PORT OCTETS RATE COUNT\n");
  std::fprintf(stderr, "       packets receive ADDRESS PORT\n");
  return 2;
}
