#include "failure.h"

#include <cstring>
#include <string>

namespace sys {

Napi::Error systemFailure(Napi::Env env, const char* call, int number) {
  const char* name = strerrorname_np(number);
  const char* description = strerrordesc_np(number);
  const std::string code = name == nullptr ? "E" + std::to_string(number) : name;
  Napi::Error error =
      Napi::Error::New(env, code + ": " + (description == nullptr ? "Unknown error" : description) + ", " + call);
  error.Value().Set("code", Napi::String::New(env, code));
  error.Value().Set("errno", Napi::Number::New(env, number));
  error.Value().Set("syscall", Napi::String::New(env, call));
  return error;
}

Napi::Value transferred(Napi::Env env, const char* call, ssize_t result) {
  if (result >= 0) return Napi::Number::New(env, static_cast<double>(result));
  if (errno == EAGAIN || errno == EWOULDBLOCK) return Napi::Number::New(env, -1);
  throw systemFailure(env, call, errno);
}

}  // namespace sys
