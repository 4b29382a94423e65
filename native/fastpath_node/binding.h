// The class that JavaScript sees: one fast path, and the shared memory that must live as long as it does.
#pragma once

#include <napi.h>

#include <memory>

#include "../fastpath/fast_path.h"

namespace fastpath_node {

class Binding : public Napi::ObjectWrap<Binding> {
 public:
  static Napi::Function define(Napi::Env env);

  explicit Binding(const Napi::CallbackInfo& info);

 private:
  Napi::Value installSas(const Napi::CallbackInfo& info);
  Napi::Value removeSas(const Napi::CallbackInfo& info);
  Napi::Value updateSas(const Napi::CallbackInfo& info);
  Napi::Value steer(const Napi::CallbackInfo& info);
  Napi::Value changePolicies(const Napi::CallbackInfo& info);
  Napi::Value readCounters(const Napi::CallbackInfo& info);
  Napi::Value readDrops(const Napi::CallbackInfo& info);
  Napi::Value readGauges(const Napi::CallbackInfo& info);
  Napi::Value readEvents(const Napi::CallbackInfo& info);
  Napi::Value readDatagrams(const Napi::CallbackInfo& info);
  Napi::Value sendDatagram(const Napi::CallbackInfo& info);
  Napi::Value conclude(const Napi::CallbackInfo& info);
  Napi::Value expect(const Napi::CallbackInfo& info);
  Napi::Value readNumbers(const Napi::CallbackInfo& info);
  Napi::Value trace(const Napi::CallbackInfo& info);
  Napi::Value settle(const Napi::CallbackInfo& info);
  Napi::Value facts(const Napi::CallbackInfo& info);
  Napi::Value encrypt(const Napi::CallbackInfo& info);
  Napi::Value receive(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value doorbell(const Napi::CallbackInfo& info);

  /// Throws an Error where it is closed.
  fastpath::FastPath& open(const Napi::CallbackInfo& info) const;
  /// Threads write into these.
  Napi::ObjectReference roles_;
  Napi::ObjectReference edges_;
  Napi::ObjectReference dirty_;
  std::unique_ptr<fastpath::FastPath> path_;
};

/// The names of what this build and this processor have, best first.
Napi::Array cryptoProviders(Napi::Env env);

}  // namespace fastpath_node
