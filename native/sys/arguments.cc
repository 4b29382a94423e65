#include "arguments.h"

#include <climits>
#include <cmath>

namespace sys {

void Arguments::wrongType(const char* name, const std::string& expected) const {
  throw Napi::TypeError::New(env(), std::string(function_) + ": " + name + " must be " + expected);
}

void Arguments::outOfRange(const char* name, const std::string& expected) const {
  throw Napi::RangeError::New(env(), std::string(function_) + ": " + name + " must be " + expected);
}

int64_t Arguments::integer(size_t index, const char* name, int64_t min, int64_t max) const {
  if (!info_[index].IsNumber()) wrongType(name, "an integer");
  const double value = info_[index].As<Napi::Number>().DoubleValue();
  if (std::isnan(value) || std::trunc(value) != value) wrongType(name, "an integer");
  if (value < static_cast<double>(min) || value > static_cast<double>(max)) {
    outOfRange(name, "from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return static_cast<int64_t>(value);
}

int Arguments::descriptor(size_t index, const char* name) const {
  return static_cast<int>(integer(index, name, 0, INT_MAX));
}

int Arguments::interfaceIndex(size_t index, const char* name, int min) const {
  return static_cast<int>(integer(index, name, min, INT_MAX));
}

bool Arguments::boolean(size_t index, const char* name) const {
  if (!info_[index].IsBoolean()) wrongType(name, "a boolean");
  return info_[index].As<Napi::Boolean>().Value();
}

std::string Arguments::text(size_t index, const char* name, size_t maxOctets) const {
  if (!info_[index].IsString()) wrongType(name, "a string");
  std::string value = info_[index].As<Napi::String>().Utf8Value();
  if (value.empty() || value.size() > maxOctets) outOfRange(name, "1 to " + std::to_string(maxOctets) + " octets long");
  if (value.find('\0') != std::string::npos) outOfRange(name, "free of NUL");
  return value;
}

std::optional<int64_t> Arguments::nanoseconds(size_t index, const char* name) const {
  if (isNull(index)) return std::nullopt;
  if (!info_[index].IsBigInt()) wrongType(name, "a bigint or null");
  bool lossless = false;
  const int64_t value = info_[index].As<Napi::BigInt>().Int64Value(&lossless);
  if (!lossless || value < 0) outOfRange(name, "from 0 to 9223372036854775807");
  return value;
}

View<uint8_t> Arguments::view(size_t index, const char* name, napi_typedarray_type type, const char* expected) const {
  if (!info_[index].IsTypedArray()) wrongType(name, expected);
  napi_typedarray_type found;
  size_t length = 0;
  void* data = nullptr;
  napi_value buffer = nullptr;
  if (napi_get_typedarray_info(env(), info_[index], &found, &length, &data, &buffer, nullptr) != napi_ok ||
      found != type) {
    wrongType(name, expected);
  }
  bool detached = false;
  if (napi_is_detached_arraybuffer(env(), buffer, &detached) != napi_ok || detached)
    wrongType(name, "a buffer that is not detached");
  // An empty view may have no address, and system calls are happier with one.
  static uint8_t nothing[8];
  return {data == nullptr ? nothing : static_cast<uint8_t*>(data), data == nullptr ? 0 : length};
}

Octets Arguments::octets(size_t index, const char* name, size_t minLength) const {
  const Octets found = view(index, name, napi_uint8_array, "a Uint8Array");
  if (found.length < minLength) outOfRange(name, "at least " + std::to_string(minLength) + " octets long");
  return found;
}

View<int32_t> Arguments::integers(size_t index, const char* name) const {
  const View<uint8_t> found = view(index, name, napi_int32_array, "an Int32Array");
  return {reinterpret_cast<int32_t*>(found.data), found.length};
}

Napi::Function Arguments::function(size_t index, const char* name) const {
  if (!info_[index].IsFunction()) wrongType(name, "a function");
  return info_[index].As<Napi::Function>();
}

}  // namespace sys
