// The blocking wait of a thread that must not depend on an event loop. It blocks the calling thread, so it is not for
// the main thread.

#include <poll.h>
#include <time.h>

#include <array>

#include "arguments.h"
#include "failure.h"
#include "parts.h"

namespace sys {
namespace {

constexpr size_t kMaxDescriptors = 64;
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

/// What is left until an absolute monotonic time; zero when it has passed.
timespec remaining(int64_t deadline) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t left = deadline - (static_cast<int64_t>(now.tv_sec) * kNanosecondsPerSecond + now.tv_nsec);
  if (left <= 0) return {0, 0};
  return {static_cast<time_t>(left / kNanosecondsPerSecond), static_cast<long>(left % kNanosecondsPerSecond)};
}

/// wait(fds, deadlineNs | null): the descriptors that can be read or have failed; none when the deadline has passed.
Napi::Value wait(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "wait");
  const View<int32_t> fds = arguments.integers(0, "fds");
  const std::optional<int64_t> deadline = arguments.nanoseconds(1, "deadlineNs");
  if (fds.length > kMaxDescriptors) arguments.outOfRange("fds", "at most " + std::to_string(kMaxDescriptors) + " long");
  // Copied, because another thread may write to a shared array while this one sleeps.
  std::array<pollfd, kMaxDescriptors> set{};
  for (size_t i = 0; i < fds.length; i++) {
    if (fds.data[i] < 0) arguments.outOfRange("fds", "free of negative descriptors");
    set[i] = {fds.data[i], POLLIN, 0};
  }
  const size_t count = fds.length;

  int ready = -1;
  do {
    timespec left{};
    if (deadline) left = remaining(*deadline);
    ready = ppoll(set.data(), count, deadline ? &left : nullptr, nullptr);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) throw systemFailure(info.Env(), "ppoll", errno);

  Napi::Array found = Napi::Array::New(info.Env());
  uint32_t next = 0;
  for (size_t i = 0; i < count; i++) {
    if (set[i].revents & POLLNVAL) throw systemFailure(info.Env(), "ppoll", EBADF);
    if (set[i].revents != 0) found.Set(next++, Napi::Number::New(info.Env(), set[i].fd));
  }
  return found;
}

}  // namespace

void exportWait(Napi::Env env, Napi::Object exports) { add<wait>(env, exports, "wait"); }

}  // namespace sys
