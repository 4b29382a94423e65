#include "worker.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "system_failure.h"

namespace fastpath {
namespace {

/// The largest superpacket, and room for what a malformed one pretends.
constexpr size_t kReadOctets = 65536 + 256;

}  // namespace

Worker::Worker(const Parts& parts)
    : parts_(parts),
      bell_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      buffer_(std::make_unique_for_overwrite<uint8_t[]>(kReadOctets)) {
  if (!bell_) throw SystemFailure("eventfd", errno);
  // Signals are for the threads that know what they mean.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), parts.outbound == nullptr  ? "esp-inbound"
                                              : parts.inbound == nullptr ? "esp-outbound"
                                                                         : "esp");
}

Worker::~Worker() {
  ending_.store(true);
  kick();
  thread_.join();
}

void Worker::kick() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(bell_.get(), &one, sizeof one);
}

void Worker::run() {
  while (!ending_.load(std::memory_order_relaxed)) {
    parts_.tables.retirement.quiescent(parts_.thread);
    const uint64_t nowNs = monotonicNs();
    bool moved = false;
    if (parts_.outbound != nullptr && outboundRound(nowNs)) moved = true;
    if (parts_.inbound != nullptr && parts_.sockets.receive(*parts_.inbound, nowNs)) moved = true;
    if (!moved) wait();
  }
  parts_.tables.retirement.resting(parts_.thread);
}

bool Worker::outboundRound(uint64_t nowNs) {
  Outbound& outbound = *parts_.outbound;
  outbound.counters().gauges.add(Gauge::rounds);
  size_t octets = 0;
  int reads = 0;
  for (; reads < kReadsARound && octets < kOctetsARound; reads++) {
    VnetHeader header;
    const ssize_t length = parts_.tun.read(header, {buffer_.get(), kReadOctets});
    if (length < 0) {
      if (errno == EBADFD) tunGone_ = true;
      outbound.retryHeld(nowNs);
      outbound.flush();
      emptied_.fetch_add(1, std::memory_order_release);
      return reads > 0;
    }
    octets += static_cast<size_t>(length);
    outbound.take(header, {buffer_.get(), static_cast<size_t>(length)}, nowNs);
  }
  outbound.retryHeld(nowNs);
  outbound.flush();
  return reads > 0;
}

void Worker::wait() {
  std::array<pollfd, 6> waited{};
  size_t count = 0;
  waited[count++] = {bell_.get(), POLLIN, 0};
  if (parts_.outbound != nullptr && !tunGone_) waited[count++] = {parts_.tun.fd(), POLLIN, 0};
  const size_t firstSocket = count;
  if (parts_.inbound != nullptr) {
    for (const int fd : parts_.sockets.readable()) waited[count++] = {fd, POLLIN, 0};
  }
  parts_.tables.retirement.resting(parts_.thread);
  const bool awaits = parts_.outbound != nullptr && parts_.outbound->awaits();
  poll(waited.data(), count, awaits ? kAwaitMs : kIdleMs);
  parts_.tables.retirement.quiescent(parts_.thread);
  if (waited[0].revents != 0) {
    uint64_t rung = 0;
    [[maybe_unused]] const ssize_t taken = read(bell_.get(), &rung, sizeof rung);
  }
  for (size_t at = firstSocket; at < count; at++) {
    if ((waited[at].revents & POLLERR) != 0) return parts_.sockets.readErrors();
  }
}

}  // namespace fastpath
