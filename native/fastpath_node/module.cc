// The fast path as an addon of Node: arguments are checked, records and shared memory handed through, refusals put into
// words. The typed description of what is exported stands in src/linux/fastpath-addon.ts.

#include <napi.h>

#include "binding.h"

static Napi::Array names(Napi::Env env, std::span<const char* const> texts) {
  Napi::Array array = Napi::Array::New(env, texts.size());
  for (uint32_t at = 0; at < texts.size(); at++) array.Set(at, Napi::String::New(env, texts[at]));
  return array;
}

static Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("FastPath", fastpath_node::Binding::define(env));
  exports.Set("dropReasons", names(env, fastpath::kDropReasonNames));
  exports.Set("gauges", names(env, fastpath::kGaugeNames));
  exports.Set("cryptoProviders", fastpath_node::cryptoProviders(env));
  return exports;
}

NODE_API_MODULE(fastpath, initialise)
