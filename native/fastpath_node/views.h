// Arguments of the binding: typed arrays as spans, and the library's failures as JavaScript's.
#pragma once

#include <napi.h>

#include <functional>
#include <span>
#include <string>

namespace fastpath_node {

/// Throws a TypeError that names function and argument.
std::span<uint8_t> octetsOf(const Napi::Value& value, const char* name);
std::span<uint32_t> wordsOf(const Napi::Value& value, const char* name);
std::span<uint64_t> longWordsOf(const Napi::Value& value, const char* name);
/// An integer in this range, else a TypeError or RangeError.
int64_t integerOf(const Napi::Value& value, const char* name, int64_t least, int64_t most);

/// Runs `call`; what the library throws comes out as an Error of JavaScript: a RangeError for a record that cannot be,
/// an Error with `code`, `errno` and `syscall` for a refusal of the system.
Napi::Value guarded(Napi::Env env, const std::function<Napi::Value()>& call);

}  // namespace fastpath_node
