// A refusal of the system: which call, and errno. The caller gives it words.
#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>

namespace fastpath {

struct SystemFailure : std::runtime_error {
  SystemFailure(const char* call, int number) : std::runtime_error(call), call(call), number(number) {}

  const char* call;
  int number;
};

}  // namespace fastpath
