// The cipher side: ESP in UDP on one port (RFC 3948), and plain ESP through raw sockets, both families.
//
// Runs of equal packets go out in one call (UDP_SEGMENT) and come in in one (UDP_GRO). The sockets are shared by the
// threads of both directions: one sends, one receives. What is not ESP on the UDP port goes up to JavaScript.
#pragma once

#include <array>
#include <memory>
#include <span>

#include "data_path.h"
#include "descriptor.h"
#include "inbound.h"

struct mmsghdr;
struct msghdr;

namespace fastpath {

class CipherSockets : public OuterDoor {
 public:
  struct Options {
    uint16_t port;
    uint32_t mark;
    bool rawEsp;
  };

  /// Throws SystemFailure. CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_NET_ADMIN for the mark.
  CipherSockets(const Options& options, Tables& tables);
  ~CipherSockets() override;

  /// Descriptors to wait for.
  std::span<const int> readable() const { return {readable_.data(), readableCount_}; }
  bool udpSegmentation() const { return segmentation_; }

  void send(std::span<const OuterMessage> messages, PathCounters& counters) override;
  /// What JavaScript sends: false when it would have blocked. Throws SystemFailure.
  bool sendDatagram(std::span<const uint8_t> octets, int family, const IpAddress& local, const Endpoint& remote);

  /// One batch of every socket into `inbound`, flushed. False when nothing was there.
  bool receive(Inbound& inbound);
  /// Reads what ICMP said about packets of ours.
  void readErrors();

 private:
  struct Socket {
    Descriptor fd;
    int family = 4;
    bool udp = false;
    /// -1 until it is set the first time.
    int df = -1;
    /// A pending ICMP error was read and the message behind it is being tried again.
    bool pendingCleared = false;
  };

  static constexpr size_t kSockets = 4;
  static constexpr size_t kBatch = 32;
  static constexpr size_t kBufferOctets = 65536;

  struct ReceiveBuffers;
  struct SendBuffers;

  void openSocket(Socket& socket, int family, bool udp, const Options& options);
  Socket* socketFor(const Outer& ends);
  void setDf(Socket& socket, bool df);
  void sendRun(Socket& socket, std::span<const OuterMessage> messages, PathCounters& counters);
  void sendApart(Socket& socket, const OuterMessage& message, PathCounters& counters);
  bool sendTooBig(Socket& socket, const OuterMessage& message, PathCounters& counters);
  bool sendFailed(Socket& socket, const OuterMessage& message, int number, PathCounters& counters);
  bool receiveFrom(Socket& socket, Inbound& inbound);
  void take(Socket& socket, msghdr& message, std::span<uint8_t> octets, Inbound& inbound, uint64_t nowNs);
  void takeUdp(std::span<uint8_t> octets, OuterPacket packet, Inbound& inbound, uint64_t nowNs);
  uint32_t readErrorsOf(Socket& socket);
  void learnPathMtu(Sa& sa, uint32_t mtu);
  void learnPathMtu(const OuterMessage& message, uint32_t mtu);

  Tables& tables_;
  std::array<Socket, kSockets> sockets_;
  std::array<int, kSockets> readable_{};
  size_t readableCount_ = 0;
  bool segmentation_ = true;
  std::unique_ptr<ReceiveBuffers> receive_;
  std::unique_ptr<SendBuffers> send_;
};

}  // namespace fastpath
