// A refusal of the system as a JavaScript Error with `code`, `errno` and `syscall`; what it means is decided elsewhere.
#pragma once

#include <napi.h>

#include <cerrno>

namespace sys {

Napi::Error systemFailure(Napi::Env env, const char* call, int number);

/// The outcome of a call on a non-blocking descriptor: its result, or -1 when it would have blocked. Throws every other
/// failure.
Napi::Value transferred(Napi::Env env, const char* call, ssize_t result);

/// Repeats a call that a signal interrupted.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace sys
