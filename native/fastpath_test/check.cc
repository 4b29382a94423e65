#include "check.h"

#include <cstdio>
#include <exception>

namespace check {
namespace {

struct Named {
  const char* name;
  void (*run)();
};

std::vector<Named>& tests() {
  static std::vector<Named> all;
  return all;
}

bool failed = false;
size_t expectations = 0;

}  // namespace

Test::Test(const char* name, void (*run)()) { tests().push_back({name, run}); }

void expect(bool holds, const char* what, const char* file, int line) {
  expectations++;
  if (holds) return;
  // A loop that goes wrong goes wrong a thousand times; the first one tells.
  if (!failed) std::printf("    %s:%d: %s\n", file, line, what);
  failed = true;
}

std::mt19937_64& random() {
  static std::mt19937_64 engine;
  return engine;
}

}  // namespace check

int main() {
  size_t passed = 0;
  size_t bad = 0;
  for (const auto& [name, run] : check::tests()) {
    check::random().seed(71);
    check::failed = false;
    check::expectations = 0;
    try {
      run();
    } catch (const std::exception& error) {
      std::printf("    threw: %s\n", error.what());
      check::failed = true;
    }
    // A test that expected nothing tests nothing.
    if (check::expectations == 0) check::failed = true;
    std::printf("%s  %s\n", check::failed ? "FAILED" : "ok    ", name);
    (check::failed ? bad : passed)++;
  }
  std::printf("%zu passed, %zu failed\n", passed, bad);
  return bad == 0 ? 0 : 1;
}
