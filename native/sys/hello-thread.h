// The hello thread: sends prepared frames and datagrams at their times, whatever the JavaScript threads are doing.
//
// It decides one thing: what is sent as active goes out only while the role word says so and its lease has not run
// out, looked at before each frame. Everything else (what to say, when to stop) is told by one other thread.
#pragma once

#include <netinet/in.h>
#include <pthread.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace sys {

/// The line of role words under whose lease something is sent; `kNoLease` where none is needed.
constexpr int kNoLease = -1;

struct Target {
  int fd;
  sockaddr_in address;
};

struct HelloCounters {
  uint64_t sent = 0;
  uint64_t heldBack = 0;
  uint64_t failed = 0;
  int64_t latestNs = 0;
};

class HelloThread {
 public:
  /// `lines` must outlive the object. A priority of 0, or one that is not permitted, runs it as other threads.
  HelloThread(const uint8_t* lines, size_t lineCount, int priority);
  ~HelloThread();
  HelloThread(const HelloThread&) = delete;
  HelloThread& operator=(const HelloThread&) = delete;

  /// 0, or the errno of the system's refusal to start a thread.
  int failure() const { return failure_; }
  bool realtime() const { return realtime_; }
  bool hasLine(int line) const { return line >= 0 && static_cast<size_t>(line) < lineCount_; }

  /// Replaces what the slot sends. `fd` is a bound packet socket.
  void repeat(int slot, int fd, std::vector<uint8_t> frame, int lease, int64_t firstNs, int64_t intervalNs);
  /// Replaces what is left of the ring: each datagram once, in order, to all targets.
  void ring(int ring, std::vector<std::vector<uint8_t>> datagrams, std::vector<Target> targets, int lease,
            int64_t firstNs, int64_t intervalNs);
  /// After these return nothing of it is being sent: its descriptors may be closed.
  void stopRepeating(int slot);
  void stopRing(int ring);

  /// The line's role is active or draining, and its lease is in the future.
  bool permits(int lease) const;
  HelloCounters counters();

 private:
  struct Repeated {
    int fd;
    std::vector<uint8_t> frame;
    int lease;
    int64_t dueNs;
    int64_t intervalNs;
  };
  struct Ring {
    std::vector<std::vector<uint8_t>> datagrams;
    std::vector<Target> targets;
    int lease;
    int64_t dueNs;
    int64_t intervalNs;
    size_t next;
  };

  static void* entry(void* self);
  int start(int priority);
  void run();
  int64_t sendDue(int64_t now);
  void fire(Repeated& repeated, int64_t now);
  void fire(Ring& ring, int64_t now);
  void count(ssize_t result);
  void late(int64_t dueNs, int64_t now);

  const uint8_t* lines_;
  size_t lineCount_;
  pthread_t thread_{};
  pthread_mutex_t mutex_{};
  pthread_cond_t changed_{};
  bool started_ = false;
  bool realtime_ = false;
  bool stop_ = false;
  int failure_ = 0;
  std::map<int, Repeated> repeated_;
  std::map<int, Ring> rings_;
  HelloCounters counters_;
};

}  // namespace sys
