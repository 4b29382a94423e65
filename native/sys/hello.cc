// The hello thread as an object for JavaScript: arguments checked, octets copied, nothing decided.

#include <napi.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

#include "arguments.h"
#include "failure.h"
#include "hello-thread.h"
#include "parts.h"

namespace sys {
namespace {

constexpr size_t kLineOctets = 64;
constexpr int kMaxSlots = 4096;
constexpr size_t kMaxDatagrams = 256;
constexpr size_t kMaxTargets = 64;
constexpr size_t kTargetOctets = 6;
constexpr int kHeldBack = -2;

class Hello : public Napi::ObjectWrap<Hello> {
 public:
  explicit Hello(const Napi::CallbackInfo& info);

  Napi::Value repeat(const Napi::CallbackInfo& info);
  Napi::Value stop(const Napi::CallbackInfo& info);
  Napi::Value ring(const Napi::CallbackInfo& info);
  Napi::Value stopRing(const Napi::CallbackInfo& info);
  Napi::Value send(const Napi::CallbackInfo& info);
  Napi::Value counters(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

 private:
  HelloThread& thread(Napi::Env env) const;
  int lease(const Arguments& arguments, size_t index) const;

  // The lines' memory stays as long as the thread may read it: members end in the reverse of this order.
  Napi::ObjectReference lines_;
  std::unique_ptr<HelloThread> thread_;
};

/// new Hello(lines, priority)
Hello::Hello(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Hello>(info) {
  const Arguments arguments(info, "Hello");
  const Octets lines = arguments.octets(0, "lines", kLineOctets);
  if (lines.length % kLineOctets != 0) arguments.outOfRange("lines", "lines of 64 octets");
  if (reinterpret_cast<uintptr_t>(lines.data) % sizeof(uint64_t) != 0) arguments.outOfRange("lines", "aligned");
  const int priority = static_cast<int>(arguments.integer(1, "priority", 0, 99));
  lines_ = Napi::Persistent(info[0].As<Napi::Object>());
  thread_ = std::make_unique<HelloThread>(lines.data, lines.length / kLineOctets, priority);
  if (thread_->failure() != 0) throw systemFailure(info.Env(), "pthread_create", thread_->failure());
  info.This().As<Napi::Object>().Set("realtime", Napi::Boolean::New(info.Env(), thread_->realtime()));
}

HelloThread& Hello::thread(Napi::Env env) const {
  if (thread_ == nullptr) throw systemFailure(env, "hello", EBADF);
  return *thread_;
}

int Hello::lease(const Arguments& arguments, size_t index) const {
  const int line = static_cast<int>(arguments.integer(index, "lease", kNoLease, INT32_MAX));
  if (line != kNoLease && !thread(arguments.env()).hasLine(line)) arguments.outOfRange("lease", "one of the lines");
  return line;
}

/// repeat(slot, fd, frame, lease, firstNs, intervalNs)
Napi::Value Hello::repeat(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "repeat");
  const int slot = static_cast<int>(arguments.integer(0, "slot", 0, kMaxSlots - 1));
  const int fd = arguments.descriptor(1);
  const Octets frame = arguments.octets(2, "frame", 1);
  const int under = lease(arguments, 3);
  const std::optional<int64_t> first = arguments.nanoseconds(4, "firstNs");
  const std::optional<int64_t> interval = arguments.nanoseconds(5, "intervalNs");
  if (!first) arguments.wrongType("firstNs", "a bigint");
  if (!interval || *interval == 0) arguments.outOfRange("intervalNs", "above 0");
  thread(info.Env()).repeat(slot, fd, {frame.data, frame.data + frame.length}, under, *first, *interval);
  return info.Env().Undefined();
}

Napi::Value Hello::stop(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "stop");
  thread(info.Env()).stopRepeating(static_cast<int>(arguments.integer(0, "slot", 0, kMaxSlots - 1)));
  return info.Env().Undefined();
}

std::vector<std::vector<uint8_t>> split(const Arguments& arguments, const Octets& octets,
                                        const View<int32_t>& lengths) {
  if (lengths.length > kMaxDatagrams) arguments.outOfRange("lengths", "at most 256 long");
  std::vector<std::vector<uint8_t>> datagrams;
  size_t at = 0;
  for (size_t i = 0; i < lengths.length; i++) {
    const int32_t length = lengths.data[i];
    if (length < 0 || static_cast<size_t>(length) > octets.length - at)
      arguments.outOfRange("lengths", "of the octets");
    datagrams.emplace_back(octets.data + at, octets.data + at + length);
    at += static_cast<size_t>(length);
  }
  return datagrams;
}

/// Each target: 4 octets of an IPv4 address and 2 of a port, in network order, with its socket at the same place.
std::vector<Target> targetsOf(const Arguments& arguments, const View<int32_t>& fds, const Octets& addresses) {
  if (fds.length > kMaxTargets) arguments.outOfRange("fds", "at most 64 long");
  if (addresses.length != fds.length * kTargetOctets) arguments.outOfRange("targets", "6 octets for each socket");
  std::vector<Target> targets;
  for (size_t i = 0; i < fds.length; i++) {
    if (fds.data[i] < 0) arguments.outOfRange("fds", "free of negative descriptors");
    Target target{fds.data[i], {}};
    target.address.sin_family = AF_INET;
    std::memcpy(&target.address.sin_addr, addresses.data + i * kTargetOctets, 4);
    std::memcpy(&target.address.sin_port, addresses.data + i * kTargetOctets + 4, 2);
    targets.push_back(target);
  }
  return targets;
}

/// ring(ring, octets, lengths, fds, targets, lease, firstNs, intervalNs)
Napi::Value Hello::ring(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "ring");
  const int number = static_cast<int>(arguments.integer(0, "ring", 0, kMaxSlots - 1));
  auto datagrams = split(arguments, arguments.octets(1, "octets"), arguments.integers(2, "lengths"));
  auto targets = targetsOf(arguments, arguments.integers(3, "fds"), arguments.octets(4, "targets"));
  const int under = lease(arguments, 5);
  const std::optional<int64_t> first = arguments.nanoseconds(6, "firstNs");
  const std::optional<int64_t> interval = arguments.nanoseconds(7, "intervalNs");
  if (!first) arguments.wrongType("firstNs", "a bigint");
  if (!interval || *interval == 0) arguments.outOfRange("intervalNs", "above 0");
  thread(info.Env()).ring(number, std::move(datagrams), std::move(targets), under, *first, *interval);
  return info.Env().Undefined();
}

Napi::Value Hello::stopRing(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "stopRing");
  thread(info.Env()).stopRing(static_cast<int>(arguments.integer(0, "ring", 0, kMaxSlots - 1)));
  return info.Env().Undefined();
}

/// send(fd, frame, lease): octets sent, -1 when there is no room, -2 when the lease forbids it. By the calling
/// thread; here because the lease is looked at last.
Napi::Value Hello::send(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "send");
  const int fd = arguments.descriptor(0);
  const Octets frame = arguments.octets(1, "frame", 1);
  const int under = lease(arguments, 2);
  if (!thread(info.Env()).permits(under)) return Napi::Number::New(info.Env(), kHeldBack);
  return transferred(info.Env(), "send",
                     uninterrupted([&] { return ::send(fd, frame.data, frame.length, MSG_DONTWAIT | MSG_NOSIGNAL); }));
}

/// counters(): { sent, heldBack, failed, latestMs } of the thread's own sending.
Napi::Value Hello::counters(const Napi::CallbackInfo& info) {
  const HelloCounters now = thread(info.Env()).counters();
  Napi::Object out = Napi::Object::New(info.Env());
  out.Set("sent", Napi::Number::New(info.Env(), static_cast<double>(now.sent)));
  out.Set("heldBack", Napi::Number::New(info.Env(), static_cast<double>(now.heldBack)));
  out.Set("failed", Napi::Number::New(info.Env(), static_cast<double>(now.failed)));
  out.Set("latestMs", Napi::Number::New(info.Env(), static_cast<double>(now.latestNs) / 1e6));
  return out;
}

/// Returns when the thread has ended.
Napi::Value Hello::close(const Napi::CallbackInfo& info) {
  thread_.reset();
  lines_.Reset();
  return info.Env().Undefined();
}

}  // namespace

void exportHello(Napi::Env env, Napi::Object exports) {
  exports.Set("Hello", Hello::DefineClass(env, "Hello",
                                          {
                                              Hello::InstanceMethod<&Hello::repeat>("repeat"),
                                              Hello::InstanceMethod<&Hello::stop>("stop"),
                                              Hello::InstanceMethod<&Hello::ring>("ring"),
                                              Hello::InstanceMethod<&Hello::stopRing>("stopRing"),
                                              Hello::InstanceMethod<&Hello::send>("send"),
                                              Hello::InstanceMethod<&Hello::counters>("counters"),
                                              Hello::InstanceMethod<&Hello::close>("close"),
                                          }));
}

}  // namespace sys
