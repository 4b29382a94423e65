#include "hello-thread.h"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sys {
namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr size_t kLineOctets = 64;
constexpr uint8_t kActive = 2;
constexpr uint8_t kDraining = 3;
constexpr int kNice = -15;

int64_t monotonicNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * kNanosecondsPerSecond + now.tv_nsec;
}

/// The next time after `dueNs`: what was missed is not made up for, because a burst of hellos says nothing new.
int64_t following(int64_t dueNs, int64_t intervalNs, int64_t now) {
  return dueNs + intervalNs > now ? dueNs + intervalNs : now + intervalNs;
}

class Locked {
 public:
  explicit Locked(pthread_mutex_t& mutex) : mutex_(mutex) { pthread_mutex_lock(&mutex_); }
  ~Locked() { pthread_mutex_unlock(&mutex_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  pthread_mutex_t& mutex_;
};

}  // namespace

HelloThread::HelloThread(const uint8_t* lines, size_t lineCount, int priority) : lines_(lines), lineCount_(lineCount) {
  // Who waits for the lock lends its priority to who holds it: a real-time thread must not wait for an ordinary one
  // that waits for the processor.
  pthread_mutexattr_t mutexAttributes;
  pthread_mutexattr_init(&mutexAttributes);
  pthread_mutexattr_setprotocol(&mutexAttributes, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&mutex_, &mutexAttributes);
  pthread_mutexattr_destroy(&mutexAttributes);
  pthread_condattr_t changedAttributes;
  pthread_condattr_init(&changedAttributes);
  pthread_condattr_setclock(&changedAttributes, CLOCK_MONOTONIC);
  pthread_cond_init(&changed_, &changedAttributes);
  pthread_condattr_destroy(&changedAttributes);

  // Signals are for Node's main thread.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  realtime_ = priority > 0;
  if (realtime_) failure_ = start(priority);
  if (!started_) {
    realtime_ = false;
    failure_ = start(0);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

HelloThread::~HelloThread() {
  if (started_) {
    {
      const Locked locked(mutex_);
      stop_ = true;
      pthread_cond_signal(&changed_);
    }
    pthread_join(thread_, nullptr);
  }
  pthread_cond_destroy(&changed_);
  pthread_mutex_destroy(&mutex_);
}

/// RLIMIT_RTPRIO or CAP_SYS_NICE for a priority above 0.
int HelloThread::start(int priority) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (priority > 0) {
    sched_param parameters{};
    parameters.sched_priority = priority;
    pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
    pthread_attr_setschedparam(&attributes, &parameters);
  }
  const int result = pthread_create(&thread_, &attributes, entry, this);
  pthread_attr_destroy(&attributes);
  started_ = result == 0;
  return result;
}

void* HelloThread::entry(void* self) {
  auto* thread = static_cast<HelloThread*>(self);
  pthread_setname_np(pthread_self(), "understudy-hi");
  // As good as nothing where it is not permitted, and never worse.
  if (!thread->realtime_) setpriority(PRIO_PROCESS, 0, kNice);
  thread->run();
  return nullptr;
}

void HelloThread::run() {
  const Locked locked(mutex_);
  while (!stop_) {
    const int64_t next = sendDue(monotonicNow());
    if (next == INT64_MAX) {
      pthread_cond_wait(&changed_, &mutex_);
    } else {
      const timespec deadline{static_cast<time_t>(next / kNanosecondsPerSecond),
                              static_cast<long>(next % kNanosecondsPerSecond)};
      pthread_cond_timedwait(&changed_, &mutex_, &deadline);
    }
  }
}

/// When the next is due; INT64_MAX for never.
int64_t HelloThread::sendDue(int64_t now) {
  int64_t next = INT64_MAX;
  for (auto& [slot, repeated] : repeated_) {
    if (repeated.dueNs <= now) fire(repeated, now);
    next = std::min(next, repeated.dueNs);
  }
  for (auto at = rings_.begin(); at != rings_.end();) {
    if (at->second.dueNs <= now) fire(at->second, now);
    if (at->second.next == at->second.datagrams.size()) {
      at = rings_.erase(at);
    } else {
      next = std::min(next, at->second.dueNs);
      ++at;
    }
  }
  return next;
}

void HelloThread::fire(Repeated& repeated, int64_t now) {
  late(repeated.dueNs, now);
  repeated.dueNs = following(repeated.dueNs, repeated.intervalNs, now);
  if (permits(repeated.lease)) {
    count(send(repeated.fd, repeated.frame.data(), repeated.frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  } else {
    counters_.heldBack++;
  }
}

void HelloThread::fire(Ring& ring, int64_t now) {
  late(ring.dueNs, now);
  ring.dueNs = following(ring.dueNs, ring.intervalNs, now);
  const std::vector<uint8_t>& datagram = ring.datagrams[ring.next++];
  for (const Target& target : ring.targets) {
    if (!permits(ring.lease)) {
      counters_.heldBack++;
      continue;
    }
    count(sendto(target.fd, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&target.address), sizeof target.address));
  }
}

bool HelloThread::permits(int lease) const {
  if (lease == kNoLease) return true;
  const uint8_t* line = lines_ + static_cast<size_t>(lease) * kLineOctets;
  const uint64_t word = __atomic_load_n(reinterpret_cast<const uint64_t*>(line), __ATOMIC_ACQUIRE);
  const uint64_t until = __atomic_load_n(reinterpret_cast<const uint64_t*>(line + 8), __ATOMIC_ACQUIRE);
  const auto role = static_cast<uint8_t>(word & 0xff);
  return (role == kActive || role == kDraining) && static_cast<uint64_t>(monotonicNow()) < until;
}

void HelloThread::repeat(int slot, int fd, std::vector<uint8_t> frame, int lease, int64_t firstNs,
                         int64_t intervalNs) {
  const Locked locked(mutex_);
  repeated_[slot] = {fd, std::move(frame), lease, firstNs, intervalNs};
  pthread_cond_signal(&changed_);
}

void HelloThread::ring(int ring, std::vector<std::vector<uint8_t>> datagrams, std::vector<Target> targets,
                       int lease, int64_t firstNs, int64_t intervalNs) {
  const Locked locked(mutex_);
  rings_.erase(ring);
  if (datagrams.empty()) return;
  rings_[ring] = {std::move(datagrams), std::move(targets), lease, firstNs, intervalNs, 0};
  pthread_cond_signal(&changed_);
}

void HelloThread::stopRepeating(int slot) {
  const Locked locked(mutex_);
  repeated_.erase(slot);
}

void HelloThread::stopRing(int ring) {
  const Locked locked(mutex_);
  rings_.erase(ring);
}

HelloCounters HelloThread::counters() {
  const Locked locked(mutex_);
  return counters_;
}

void HelloThread::count(ssize_t result) {
  // An interface that is down or a full queue loses the frame, as wires do; the next one is on its way.
  if (result < 0) {
    counters_.failed++;
  } else {
    counters_.sent++;
  }
}

void HelloThread::late(int64_t dueNs, int64_t now) { counters_.latestNs = std::max(counters_.latestNs, now - dueNs); }

}  // namespace sys
