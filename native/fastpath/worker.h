// A thread that moves packets: one direction, or both in turns where there are few processors (FASTPATH 5.1).
//
// A round takes what is there, up to a bound, and sends it in as few calls as possible; only a round that found nothing
// waits. Between rounds the thread holds no SA and no policy.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "cipher_sockets.h"
#include "inbound.h"
#include "outbound.h"
#include "tun_device.h"

namespace fastpath {

class Worker {
 public:
  struct Parts {
    size_t thread;
    Tables& tables;
    TunDevice& tun;
    /// What arrived from outside in clear; null where nothing is guarded.
    TunDevice* guard;
    CipherSockets& sockets;
    /// Null where another thread has this direction.
    Outbound* outbound;
    Inbound* inbound;
  };

  /// Throws SystemFailure.
  explicit Worker(const Parts& parts);
  /// Ends the thread.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Makes it begin a round, if it waits.
  void kick();
  /// How often it found nothing more to read from inside.
  uint64_t emptied() const { return emptied_.load(std::memory_order_acquire); }

 private:
  static constexpr int kReadsARound = 64;
  static constexpr size_t kOctetsARound = 256 * 1024;
  static constexpr int kIdleMs = 1000;
  static constexpr int kAwaitMs = 1;

  struct Drained {
    int reads;
    /// It ended because there was nothing more.
    bool empty;
  };

  void run();
  bool outboundRound(uint64_t nowNs);
  template <typename Take>
  Drained drain(TunDevice& tun, bool& gone, Take take);
  void wait();

  Parts parts_;
  Descriptor bell_;
  std::unique_ptr<uint8_t[]> buffer_;
  std::atomic<bool> ending_{false};
  std::atomic<uint64_t> emptied_{0};
  bool tunGone_ = false;
  bool guardGone_ = false;
  std::thread thread_;
};

}  // namespace fastpath
