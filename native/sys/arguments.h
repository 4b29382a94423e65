// Checks the arguments of a call before anything is done with them.
//
// Whatever JavaScript hands in, a call either has what it needs or throws a TypeError or RangeError that names the
// function, the
// argument and the expectation. Views into buffers hold only until the call returns.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace sys {

template <typename T>
struct View {
  T* data;
  size_t length;
};

using Octets = View<uint8_t>;

class Arguments {
 public:
  Arguments(const Napi::CallbackInfo& info, const char* function) : info_(info), function_(function) {}

  Napi::Env env() const { return info_.Env(); }

  int64_t integer(size_t index, const char* name, int64_t min, int64_t max) const;
  int descriptor(size_t index, const char* name = "fd") const;
  /// 0 means "any interface" where a call allows it.
  int interfaceIndex(size_t index, const char* name, int min) const;
  bool boolean(size_t index, const char* name) const;
  /// UTF-8 without NUL, at most `maxOctets` long and not empty.
  std::string text(size_t index, const char* name, size_t maxOctets) const;
  /// A bigint of nanoseconds, or null.
  std::optional<int64_t> nanoseconds(size_t index, const char* name) const;
  Octets octets(size_t index, const char* name, size_t minLength = 0) const;
  View<int32_t> integers(size_t index, const char* name) const;
  Napi::Function function(size_t index, const char* name) const;
  bool isNull(size_t index) const { return info_[index].IsNull(); }

  [[noreturn]] void wrongType(const char* name, const std::string& expected) const;
  [[noreturn]] void outOfRange(const char* name, const std::string& expected) const;

 private:
  View<uint8_t> view(size_t index, const char* name, napi_typedarray_type type, const char* expected) const;

  const Napi::CallbackInfo& info_;
  const char* function_;
};

}  // namespace sys
