// The monotonic clock, and timers on it as descriptors that `wait` can wait for.

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"
#include "failure.h"
#include "parts.h"

namespace sys {
namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

timespec asTimespec(int64_t nanoseconds) {
  return {static_cast<time_t>(nanoseconds / kNanosecondsPerSecond),
          static_cast<long>(nanoseconds % kNanosecondsPerSecond)};
}

timespec monotonic() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now;
}

Napi::Value monotonicNs(const Napi::CallbackInfo& info) {
  const timespec now = monotonic();
  return Napi::BigInt::New(info.Env(), static_cast<int64_t>(now.tv_sec) * kNanosecondsPerSecond + now.tv_nsec);
}

Napi::Value monotonicMs(const Napi::CallbackInfo& info) {
  const timespec now = monotonic();
  return Napi::Number::New(info.Env(), static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6);
}

/// timerfdOpen(): fd
Napi::Value timerfdOpen(const Napi::CallbackInfo& info) {
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) throw systemFailure(info.Env(), "timerfd_create", errno);
  return Napi::Number::New(info.Env(), fd);
}

/// timerfdSet(fd, deadlineNs | null, intervalNs | null): arms for an absolute time, or disarms.
Napi::Value timerfdSet(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "timerfdSet");
  const int fd = arguments.descriptor(0);
  const std::optional<int64_t> deadline = arguments.nanoseconds(1, "deadlineNs");
  const std::optional<int64_t> interval = arguments.nanoseconds(2, "intervalNs");
  itimerspec when{};
  if (deadline) {
    // Zero would disarm the timer instead of firing at once.
    when.it_value = asTimespec(*deadline == 0 ? 1 : *deadline);
    when.it_interval = asTimespec(interval.value_or(0));
  }
  if (timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, nullptr) < 0)
    throw systemFailure(info.Env(), "timerfd_settime", errno);
  return info.Env().Undefined();
}

/// timerfdDrain(fd): how often it fired since it was last asked.
Napi::Value timerfdDrain(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "timerfdDrain");
  const int fd = arguments.descriptor(0);
  uint64_t fired = 0;
  const ssize_t result = uninterrupted([&] { return read(fd, &fired, sizeof fired); });
  if (result < 0 && errno != EAGAIN) throw systemFailure(info.Env(), "read", errno);
  return Napi::Number::New(info.Env(), static_cast<double>(fired));
}

}  // namespace

void exportClock(Napi::Env env, Napi::Object exports) {
  add<monotonicNs>(env, exports, "monotonicNs");
  add<monotonicMs>(env, exports, "monotonicMs");
  add<timerfdOpen>(env, exports, "timerfdOpen");
  add<timerfdSet>(env, exports, "timerfdSet");
  add<timerfdDrain>(env, exports, "timerfdDrain");
}

}  // namespace sys
