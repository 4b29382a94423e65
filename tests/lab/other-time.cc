// Preloaded, it tells a program another time of day: OTHER_TIME names a file of eight octets, how many seconds to add,
// which may be written at any time. All else is the C library's. (libfaketime does that too, and more: since 0.9.10 it
// also has a hand in timers and waits of the monotonic clock, in ways that depend on the C library's version.)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

const volatile int64_t* mapped() {
  const char* name = getenv("OTHER_TIME");
  const int file = name == nullptr ? -1 : open(name, O_RDONLY | O_CLOEXEC);
  void* at = file < 0 ? MAP_FAILED : mmap(nullptr, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  // A test that steps no clock tests nothing.
  if (at == MAP_FAILED) abort();
  close(file);
  return static_cast<const volatile int64_t*>(at);
}

int64_t seconds() {
  static const volatile int64_t* const added = mapped();
  return *added;
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long result = syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += seconds();
  return static_cast<int>(result);
}

extern "C" int gettimeofday(timeval* time, void*) noexcept {
  timespec now{};
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return result;
}

extern "C" time_t time(time_t* time) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (time != nullptr) *time = now.tv_sec;
  return now.tv_sec;
}
