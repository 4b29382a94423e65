#include "views.h"

#include <cmath>

#include "../fastpath/records.h"
#include "../fastpath/system_failure.h"
#include "../sys/failure.h"

namespace fastpath_node {
namespace {

template <typename Word>
std::span<Word> viewOf(const Napi::Value& value, const char* name, napi_typedarray_type wanted, const char* called) {
  if (value.IsTypedArray()) {
    napi_typedarray_type type;
    size_t length = 0;
    void* data = nullptr;
    napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr);
    if (type == wanted) return {static_cast<Word*>(data), length};
  }
  throw Napi::TypeError::New(value.Env(), std::string(name) + " must be a " + called);
}

}  // namespace

std::span<uint8_t> octetsOf(const Napi::Value& value, const char* name) {
  return viewOf<uint8_t>(value, name, napi_uint8_array, "Uint8Array");
}

std::span<uint32_t> wordsOf(const Napi::Value& value, const char* name) {
  return viewOf<uint32_t>(value, name, napi_uint32_array, "Uint32Array");
}

std::span<uint64_t> longWordsOf(const Napi::Value& value, const char* name) {
  return viewOf<uint64_t>(value, name, napi_biguint64_array, "BigUint64Array");
}

int64_t integerOf(const Napi::Value& value, const char* name, int64_t least, int64_t most) {
  if (!value.IsNumber()) throw Napi::TypeError::New(value.Env(), std::string(name) + " must be a number");
  const double number = value.As<Napi::Number>().DoubleValue();
  if (std::trunc(number) == number && number >= static_cast<double>(least) && number <= static_cast<double>(most)) {
    return static_cast<int64_t>(number);
  }
  throw Napi::RangeError::New(value.Env(), std::string(name) + " must be an integer from " + std::to_string(least) +
                                               " to " + std::to_string(most));
}

Napi::Value guarded(Napi::Env env, const std::function<Napi::Value()>& call) {
  try {
    return call();
  } catch (const Napi::Error&) {
    throw;
  } catch (const fastpath::RecordError& error) {
    throw Napi::RangeError::New(env, error.what());
  } catch (const fastpath::SystemFailure& failure) {
    throw sys::systemFailure(env, failure.call, failure.number);
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, std::string("the fast path: ") + error.what());
  }
}

}  // namespace fastpath_node
