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
    bool moved = false;
    if (parts_.outbound != nullptr && outboundRound(monotonicNs())) moved = true;
    if (parts_.inbound != nullptr && parts_.sockets.receive(*parts_.inbound)) moved = true;
    if (!moved) wait();
  }
  parts_.tables.retirement.resting(parts_.thread);
}

bool Worker::outboundRound(uint64_t nowNs) {
  Outbound& outbound = *parts_.outbound;
  outbound.counters().gauges.add(Gauge::rounds);
  const Drained inside = drain(parts_.tun, tunGone_, [&](const VnetHeader& header, std::span<uint8_t> octets) {
    outbound.take(header, octets, nowNs);
  });
  bool moved = inside.reads > 0;
  if (parts_.guard != nullptr) {
    const Drained outside = drain(*parts_.guard, guardGone_, [&](const VnetHeader& header, std::span<uint8_t> octets) {
      outbound.takeArrival(header, octets);
    });
    moved |= outside.reads > 0;
  }
  outbound.retryHeld(nowNs);
  outbound.flush();
  if (inside.empty) emptied_.fetch_add(1, std::memory_order_release);
  return moved;
}

/// What waits in a device, up to a bound.
template <typename Take>
Worker::Drained Worker::drain(TunDevice& tun, bool& gone, Take take) {
  size_t octets = 0;
  Drained drained{0, false};
  for (; drained.reads < kReadsARound && octets < kOctetsARound; drained.reads++) {
    VnetHeader header;
    const ssize_t length = tun.read(header, {buffer_.get(), kReadOctets});
    if (length < 0) {
      if (errno == EBADFD) gone = true;
      drained.empty = true;
      break;
    }
    octets += static_cast<size_t>(length);
    take(header, std::span<uint8_t>{buffer_.get(), static_cast<size_t>(length)});
  }
  return drained;
}

void Worker::wait() {
  std::array<pollfd, 7> waited{};
  size_t count = 0;
  waited[count++] = {bell_.get(), POLLIN, 0};
  if (parts_.outbound != nullptr && !tunGone_) waited[count++] = {parts_.tun.fd(), POLLIN, 0};
  if (parts_.outbound != nullptr && parts_.guard != nullptr && !guardGone_) {
    waited[count++] = {parts_.guard->fd(), POLLIN, 0};
  }
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
