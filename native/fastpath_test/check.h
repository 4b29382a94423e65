// A small frame for tests: named functions that expect things; the last line says "N passed, N failed".
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace check {

/// Registers itself.
struct Test {
  Test(const char* name, void (*run)());
};

void expect(bool holds, const char* what, const char* file, int line);

/// Repeatable: each test starts from the same seed.
std::mt19937_64& random();
inline uint64_t below(uint64_t bound) { return random()() % bound; }

}  // namespace check

#define TEST(name) \
  static void name(); \
  static const check::Test registered_##name(#name, name); \
  static void name()

#define EXPECT(condition) check::expect((condition), #condition, __FILE__, __LINE__)
